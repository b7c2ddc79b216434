from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kommunalpro.care import organizations as registers
from kommunalpro.care import planning
from kommunalpro.care import teams as care
from kommunalpro.care.bundles import url_id
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Forbidden, PreconditionFailed
from kommunalpro.fhir.reference import own_url
from kommunalpro.web.kam.forms.team import MemberForm, NewTeamForm, RolesForm, TeamForm, alike
from kommunalpro.web.kam.presenters import labels, teams
from kommunalpro.web.kam.views.refused import REFUSED, told_in
from kommunalpro.web.kam.views.teams import may_change, page, people_in, running
from kommunalpro.web.shared.life import refusals
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, one, reader

_STATUSES = ("active", "inactive")


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a team: what it is called, who runs it, what it works with."""
    by, known = reader(request), teams.condition_choices()
    if "CareTeam.create" not in by.privileges or by.context.organization is None:
        raise _not_theirs()
    taken = _taken(request) if request.method == "POST" else ()
    form = NewTeamForm(request.POST or None, known=known, organizations=_own_organizations(request), taken=taken)
    if form.is_valid():
        organization = f"{gateway_of(request).base_url}/Organization/{form.cleaned_data['organization']}"
        made = care.new_team(form.cleaned_data["name"], organization, form.chosen())
        with told_in(form):
            url = planning.create(gateway_of(request), made, by=by, now=now_of(request))
            return redirect("kam:team", team=url_id(url))
    return render(request, "kam/team_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, team: UUID) -> HttpResponse:
    """Say what a team is called, and what it works with."""
    stored = _changeable(request, team)
    begun = {"name": stored.get("name"), "conditions": teams.chosen_conditions(stored)}
    form = TeamForm(
        request.POST or None,
        initial=begun,
        known=teams.condition_choices(stored),
        taken=_taken(request) if request.method == "POST" else (),
        organization=url_id(care.managing(stored) or ""),
    )
    given: tuple[tuple[str, str], ...] = ()
    if form.is_valid():
        with told_in(form):
            if saved := _saved(request, care.described(stored, form.cleaned_data["name"], form.chosen())):
                return redirect("kam:team", team=saved["id"])
            given = teams.changes(stored, running(request, [stored]))
    return _form(request, "kam/team_edit.html", stored, form, given)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, team: UUID) -> HttpResponse:
    """Find somebody by name, and make them a member."""
    stored, gateway, now = _changeable(request, team), gateway_of(request), now_of(request)
    name = (request.POST.get("navn") or request.GET.get("navn") or "").strip()
    found = care.find_people(gateway, name, by=reader(request), now=now) if name else None
    people = teams.person_choices(found) if found else []
    form = MemberForm(request.POST or None, people=people)
    given: tuple[tuple[str, str], ...] = ()
    if form.is_valid():
        person = f"{gateway.base_url}/Practitioner/{form.cleaned_data['person']}"
        roles = [*care.roles_of(stored, person, now), *form.cleaned_data["roles"]]
        with told_in(form):
            if saved := _saved(request, care.with_roles(stored, person, roles, now)):
                return redirect("kam:team", team=saved["id"])
            given = teams.changes(stored, running(request, [stored]))
    more = {"searched": name, "people": people, "has_more": bool(found and found.has_more)}
    return _form(request, "kam/team_member_add.html", stored, form, given, more)


@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, team: UUID, person: UUID) -> HttpResponse:
    """Say what a member may do, or let them leave: what that means is told before."""
    stored, gateway, now = _changeable(request, team), gateway_of(request), now_of(request)
    url = f"{gateway.base_url}/Practitioner/{person}"
    held = care.roles_of(stored, url, now)
    if not held:
        raise Http404
    leaves = request.POST.get("do") == "leave"
    roles = {"roles": list(held)}
    form = RolesForm(roles if leaves else request.POST or None, initial=roles)
    given: tuple[tuple[str, str], ...] = ()
    if leaves or form.is_valid():
        changed = (
            care.without_member(stored, url, now)
            if leaves
            else care.with_roles(stored, url, form.cleaned_data["roles"], now)
        )
        with told_in(form):
            if saved := _saved(request, changed):
                return redirect("kam:team", team=saved["id"])
            given = teams.changes(stored, running(request, [stored]))
    is_last = care.is_last(stored, url, now)
    more = {
        "person": person,
        "person_name": teams.name_of(url, people_in(request, stored)),
        "is_self": url == reader(request).user,
        "is_last": is_last,
        "taken": care.taken_by(gateway, own_url(gateway.base_url, stored), url, now=now),
        "hanging": care.hanging(gateway, own_url(gateway.base_url, stored), now=now) if is_last else None,
    }
    return _form(request, "kam/team_member.html", stored, form, given, more)


@require_http_methods(["GET"])
def close(request: HttpRequest, team: UUID) -> HttpResponse:
    """Tell what it means to close a team, with names and numbers, before it is done."""
    stored, gateway, now = _changeable(request, team), gateway_of(request), now_of(request)
    shown = {
        "id": stored["id"],
        "meta_version": stored["meta"]["versionId"],
        "name": stored.get("name"),
        "members": teams.members(stored, people_in(request, stored), now),
        "hanging": care.hanging(gateway, own_url(gateway.base_url, stored), now=now),
    }
    return render(request, "kam/team_close.html", shown)


@require_POST
def status(request: HttpRequest, team: UUID) -> HttpResponse:
    """Take a team into use, or close it."""
    stored, wanted = _changeable(request, team), request.POST.get("do")
    if wanted not in _STATUSES:
        raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics="The form says nothing that can be done.")
    is_own = own_url(gateway_of(request).base_url, stored) == reader(request).context.care_team
    if wanted == "inactive" and is_own:
        return page(
            request, stored, refused=(_("Du arbejder selv i teamet nu. Skift til et andet team, og luk det derfra."),)
        )
    try:
        planning.save(
            gateway_of(request),
            {**stored, "status": wanted},
            request.POST.get("version", ""),
            by=reader(request),
            now=now_of(request),
        )
    except (PreconditionFailed, *REFUSED) as wrong:
        return page(request, stored, refused=refusals(wrong))
    return redirect("kam:team", team=team)


def _saved(request: HttpRequest, changed: Json) -> Json | None:
    """Store a changed team; None: somebody else has changed it since the page was opened."""
    version, by, now = request.POST.get("version", ""), reader(request), now_of(request)
    try:
        return planning.save(gateway_of(request), changed, version, by=by, now=now)
    except PreconditionFailed:
        return None


def _form(
    request: HttpRequest,
    template: str,
    team: Json,
    form: TeamForm | RolesForm,
    given: tuple[tuple[str, str], ...],
    more: dict[str, object] | None = None,
) -> HttpResponse:
    """Show a form about a team. `given`: what stands in the team now, where somebody else was first."""
    shown = {
        "id": team["id"],
        "meta_version": team["meta"]["versionId"],
        "name": team.get("name"),
        "form": form,
        "given": given,
        **(more or {}),
    }
    return render(request, template, shown, status=412 if given else 422 if form.errors else 200)


def _changeable(request: HttpRequest, id: UUID) -> Json:
    """Read a team that the reader may change.

    Raises:
        Forbidden: another organisation runs it, or the reader changes no teams.
    """
    team = one(request, "CareTeam", id)
    if not may_change(request, team, running(request, [team])):
        raise _not_theirs()
    return team


def _not_theirs() -> Forbidden:
    return Forbidden("Kun den, der administrerer team for organisationen, kan ændre det.")


def _own_organizations(request: HttpRequest) -> list[tuple[str, str]]:
    """Give the organisations that a team can be made for: the reader's own, and those right below it."""
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    own = str(by.context.organization)
    below = registers.below(gateway, own, by=by, now=now).organizations.values()
    named = [gateway.read(own, by=by, now=now), *sorted(below, key=lambda each: labels.title(each).casefold())]
    return [(each["id"], labels.title(each)) for each in named]


def _taken(request: HttpRequest) -> set[tuple[str, str]]:
    """Give which organisation has a team of which name; one that is closed is chosen by nobody."""
    every = everything(request, "CareTeam", ("status", "proposed,active,suspended")).values()
    return {(url_id(url), alike(str(team.get("name", "")))) for team in every if (url := care.managing(team))}
