from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
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
from kommunalpro.web.kam.forms.merged import changed_meanwhile, merged
from kommunalpro.web.kam.forms.team import MemberForm, NewTeamForm, RolesForm, TeamForm, alike
from kommunalpro.web.kam.presenters import labels, teams
from kommunalpro.web.kam.views.drafts import opened
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
    shown = _changeable(request, opened(request, "CareTeam", team))
    form = _team_form(request, shown, request.POST or None)
    if form.is_valid():
        with told_in(form):
            if saved := _saved(request, care.described(shown, form.cleaned_data["name"], form.chosen())):
                return redirect("kam:team", team=saved["id"])
            now = _changeable(request, one(request, "CareTeam", team))
            given = changed_meanwhile(form, _begun(now)) or teams.changes(now, running(request, [now]))
            return _form(request, "kam/team_edit.html", now, _team_form(request, now, merged(form, _begun(now))), given)
    return _form(request, "kam/team_edit.html", shown, form)


def _begun(team: Json) -> dict[str, object]:
    return {"name": team.get("name"), "conditions": teams.chosen_conditions(team)}


def _team_form(request: HttpRequest, team: Json, data: QueryDict | None) -> TeamForm:
    return TeamForm(
        data,
        initial=_begun(team),
        known=teams.condition_choices(team),
        taken=_taken(request) if request.method == "POST" else (),
        organization=url_id(care.managing(team) or ""),
    )


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, team: UUID) -> HttpResponse:
    """Find somebody by name, and make them a member: whoever else has changed the team meanwhile is in nobody's way."""
    stored = _changeable(request, one(request, "CareTeam", team))
    gateway, now = gateway_of(request), now_of(request)
    name = (request.POST.get("navn") or request.GET.get("navn") or "").strip()
    found = care.find_people(gateway, name, by=reader(request), now=now) if name else None
    people = teams.person_choices(found) if found else []
    form = MemberForm(request.POST or None, people=people)
    if form.is_valid():
        person = f"{gateway.base_url}/Practitioner/{form.cleaned_data['person']}"
        roles = [*care.roles_of(stored, person, now), *form.cleaned_data["roles"]]
        changed, version = care.with_roles(stored, person, roles, now), stored["meta"]["versionId"]
        with told_in(form):
            planning.save(gateway, changed, version, by=reader(request), now=now)
            return redirect("kam:team", team=team)
    more = {"searched": name, "people": people, "has_more": bool(found and found.has_more)}
    return _form(request, "kam/team_member_add.html", stored, form, more=more)


@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, team: UUID, person: UUID) -> HttpResponse:
    """Say what a member may do, or let them leave: what that means is told before."""
    shown, now = _changeable(request, opened(request, "CareTeam", team)), now_of(request)
    url = f"{gateway_of(request).base_url}/Practitioner/{person}"
    if not (held := care.roles_of(shown, url, now)):
        raise Http404
    leaves, roles = request.POST.get("do") == "leave", {"roles": list(held)}
    form = RolesForm(roles if leaves else request.POST or None, initial=roles)
    if leaves or form.is_valid():
        wanted = [] if leaves else form.cleaned_data["roles"]
        changed = care.with_roles(shown, url, wanted, now) if wanted else care.without_member(shown, url, now)
        with told_in(form):
            if saved := _saved(request, changed):
                return redirect("kam:team", team=saved["id"])
            return _changed_by_another(request, one(request, "CareTeam", team), url, form)
    return _member(request, shown, url, form)


def _changed_by_another(request: HttpRequest, team: Json, person: str, form: RolesForm) -> HttpResponse:
    """Show a member as they are now, with the roles that were given or taken here on top; or that they have left."""
    held = care.roles_of(_changeable(request, team), person, now_of(request))
    if not held:
        name = teams.name_of(person, people_in(request, team))
        return page(request, team, refused=(_("%(name)s er ikke med i teamet mere.") % {"name": name},))
    roles = {"roles": list(held)}
    is_moved = changed_meanwhile(form, roles)
    given = teams.roles_now(held) if is_moved else teams.changes(team, running(request, [team]))
    again = RolesForm(merged(form, roles) if "do" not in request.POST else roles, initial=roles)
    return _member(request, team, person, again, given)


def _member(
    request: HttpRequest, team: Json, person: str, form: RolesForm, given: tuple[tuple[str, str], ...] = ()
) -> HttpResponse:
    gateway, now = gateway_of(request), now_of(request)
    own, is_last = own_url(gateway.base_url, team), care.is_last(team, person, now)
    more = {
        "person": url_id(person),
        "person_name": teams.name_of(person, people_in(request, team)),
        "is_self": person == reader(request).user,
        "is_last": is_last,
        "taken": care.taken_by(gateway, own, person, now=now),
        "hanging": care.hanging(gateway, own, now=now) if is_last else None,
    }
    return _form(request, "kam/team_member.html", team, form, given, more)


@require_http_methods(["GET"])
def close(request: HttpRequest, team: UUID) -> HttpResponse:
    """Tell what it means to close a team, with names and numbers, before it is done."""
    stored = _changeable(request, one(request, "CareTeam", team))
    gateway, now = gateway_of(request), now_of(request)
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
    stored, wanted = _changeable(request, one(request, "CareTeam", team)), request.POST.get("do")
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
    given: tuple[tuple[str, str], ...] = (),
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


def _changeable(request: HttpRequest, team: Json) -> Json:
    """Give a team that the reader may change.

    Raises:
        Forbidden: another organisation runs it, or the reader changes no teams.
    """
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
