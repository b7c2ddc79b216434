from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kommunalpro.care import drafts
from kommunalpro.care.drafts import OpenDraft
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.pro.response import check_answers
from kommunalpro.web.citizen.context import citizen, draft_of, language, person
from kommunalpro.web.citizen.forms.moves import GO, Move, instances_of, is_instance, read_move
from kommunalpro.web.citizen.forms.names import ANSWER, anchor
from kommunalpro.web.citizen.forms.page import PostedPage, read_page
from kommunalpro.web.citizen.presenters.blocks import Told
from kommunalpro.web.citizen.presenters.route import Part, Stop, after, before, find_stop, route, where_left
from kommunalpro.web.citizen.presenters.topic import topic_page
from kommunalpro.web.citizen.views.acute import acute_texts
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.reading import gateway_of, is_saving, now_of

ONE_AT_A_TIME = "citizen.one_at_a_time"
"""In the session: the citizen takes one question a page."""

MISSING, NEW, ADDED, FROM_REVIEW = "mangler", "nye", "til", "ret"
"""In the address: show what is missing, which questions came by the last answer, instances added, and where from."""

_MISSING_CODES = frozenset({"required", "too-few"})


@require_safe
def resume(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Go on where one left off: at a topic, at the end, or at the receipt."""
    opened = draft_of(request, draft)
    if opened.submitted_at is not None:
        return redirect("citizen:receipt", draft=draft)
    left = where_left(route(opened))
    return redirect(_address(request, opened, *left)) if left else redirect("citizen:review", draft=draft)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, draft: UUID, number: int, part: int | None = None) -> HttpResponse:
    """One topic, or one question of it. Whatever button is pressed, what stands on the page is saved first."""
    opened = draft_of(request, draft)
    if opened.submitted_at is not None:
        return _sent_already(request, draft)
    if not 1 <= number <= len(opened.definition.form.items):
        raise NotFound(_("Emnet findes ikke i spørgeskemaet."), diagnostics="No such topic.")
    if request.method == "POST":
        return _answer(request, opened, number, part)
    stops = route(opened)
    stop = find_stop(stops, number)
    if stop is None:
        return redirect("citizen:resume", draft=draft)
    return _page(request, opened, stops, stop, _told(request, opened, stop, _part(request, stop, part)), part=part)


def _answer(request: HttpRequest, opened: OpenDraft, number: int, part: int | None) -> HttpResponse:
    form = opened.definition.form
    move = read_move(form, request.POST.get(GO, ""))
    fields = dict(request.POST.lists())
    if move.kind == "ryd":
        fields.pop(ANSWER + move.target, None)
    posted = read_page(opened.definition, fields)
    opened = _saved(request, opened, posted, move)
    stops = route(opened)
    stop = find_stop(stops, number)
    faults = _faults(opened, posted.shown, is_missing_told=False) | dict(posted.errors)
    is_wrong = bool(posted.errors) or (bool(faults) and move.kind in ("naeste", "bliv", "gennemse"))
    if stop is not None and (is_wrong or is_saving(request)):
        typed = {path: posted.typed[path] for path in posted.errors}
        told = Told(faults, typed, (), instances_of(posted.shown))
        return _page(request, opened, stops, stop, told, part=part, status=422 if is_wrong else 200)
    if is_saving(request):
        return errors.page(request, 409, [_("Emnet bliver ikke stillet mere. Genindlæs siden.")])
    return _onward(request, opened, stops, number, part, move, posted)


def _sent_already(request: HttpRequest, draft: UUID) -> HttpResponse:
    if is_saving(request):
        return errors.page(request, 409, [_("Svarene er allerede sendt, så de kan ikke ændres.")])
    return redirect(reverse("citizen:receipt", kwargs={"draft": draft}) + "?allerede")


def _saved(request: HttpRequest, opened: OpenDraft, posted: PostedPage, move: Move) -> OpenDraft:
    """Save what was changed, and give the draft as it is then."""
    gateway, by, now = gateway_of(request), citizen(request), now_of(request)
    changes = {path: given for path, given in posted.changes.items() if not _is_old_proposal(opened, posted, path)}
    if not changes and move.kind != "fjern":
        return opened
    if changes:
        drafts.save_answers(gateway, opened.id, changes, by=by, now=now)
    if move.kind == "fjern":
        drafts.remove_instance(gateway, opened.id, move.target, by=by, now=now)
    return drafts.read_draft(gateway, opened.id, by=by, now=now)


def _is_old_proposal(opened: OpenDraft, posted: PostedPage, path: str) -> bool:
    """Tell whether a page proposes what has been answered meanwhile: left as it was, it takes nothing away."""
    item = opened.definition.question_at(path)
    if item is None or path not in posted.proposed or path not in opened.touched:
        return False
    return posted.changes[path] == opened.proposal(item, path)


def _onward(
    request: HttpRequest,
    opened: OpenDraft,
    stops: tuple[Stop, ...],
    number: int,
    part: int | None,
    move: Move,
    posted: PostedPage,
) -> HttpResponse:
    """Go where the button leads; stay where the last answer brought more questions, so that none is passed unseen."""
    if move.kind in ("et-ad-gangen", "hele-emnet"):
        request.session[ONE_AT_A_TIME] = move.kind == "et-ad-gangen"
        return redirect("citizen:topic", draft=opened.id, number=number)
    stop = find_stop(stops, number)
    here = _part(request, stop, part) if stop else None
    if stop is not None and move.kind in ("naeste", "bliv", "ryd", "tilfoej", "fjern"):
        new = set(here.paths if here else stop.paths) - posted.shown
        if new or move.kind != "naeste":
            return redirect(_stay(request, opened, stop, here, move, posted, new))
    if move.kind == "senere":
        return redirect(reverse("citizen:overview") + "?gemt")
    others = [part for part in stop.parts if here and part.number > here.number] if stop else []
    if stop is not None and others and move.kind == "naeste" and _back(request) == "1":
        return redirect(f"{_address(request, opened, stop, others[0])}?{FROM_REVIEW}=1")
    if move.kind == "gennemse" or _back(request):
        address = reverse("citizen:review", kwargs={"draft": opened.id})
        return redirect(f"{address}?{MISSING}" if _back(request) == MISSING else address)
    if move.kind == "emne":
        chosen = find_stop(stops, int(move.target)) or stops[0]
        return redirect(_address(request, opened, chosen, None))
    return _step(request, opened, stops, number, here, is_forward=move.kind != "forrige")


def _step(
    request: HttpRequest,
    opened: OpenDraft,
    stops: tuple[Stop, ...],
    number: int,
    here: Part | None,
    *,
    is_forward: bool,
) -> HttpResponse:
    """Go one question or one topic on, or back."""
    stop = find_stop(stops, number)
    if stop is not None and here is not None:
        earlier = [each for each in stop.parts if each.number < here.number][-1:]
        later = [each for each in stop.parts if each.number > here.number][:1]
        for other in later if is_forward else earlier:
            return redirect(_address(request, opened, stop, other))
    target = after(stops, number) if is_forward else before(stops, number)
    if target is not None:
        return redirect(_address(request, opened, target, None if is_forward else target.parts[-1]))
    return redirect("citizen:review", draft=opened.id) if is_forward else redirect("citizen:overview")


def _stay(
    request: HttpRequest,
    opened: OpenDraft,
    stop: Stop,
    here: Part | None,
    move: Move,
    posted: PostedPage,
    new: set[str],
) -> str:
    """Give the address of the same page, told what came, and leading to where something was done."""
    form = opened.definition.form
    instances = set(instances_of(posted.shown)) - ({move.target} if move.kind == "fjern" else set())
    query: list[tuple[str, str]] = [(FROM_REVIEW, "1")] if _back(request) else []
    query += [(MISSING, "")] if _back(request) == MISSING else []
    if move.kind in ("naeste", "bliv"):
        query += [(NEW, anchor(form, path)) for path in sorted(new)]
    if move.kind == "tilfoej":
        instances.add(move.target)
    query += [(ADDED, each) for each in sorted(instances)]
    place = anchor(form, move.target) if move.kind in ("ryd", "tilfoej") else ""
    address = _address(request, opened, stop, here)
    return address + (f"?{urlencode(query)}" if query else "") + (f"#{place}" if place else "")


def _told(request: HttpRequest, opened: OpenDraft, stop: Stop, part: Part | None) -> Told:
    """Give what a page is told by its address; what the address makes up is left out."""
    form = opened.definition.form
    marked = set(request.GET.getlist(NEW))
    return Told(
        errors=_faults(opened, part.paths if part else stop.paths, is_missing_told=MISSING in request.GET),
        new=[path for path in stop.paths if anchor(form, path) in marked],
        instances=[each for each in request.GET.getlist(ADDED) if is_instance(form, each)],
    )


def _faults(opened: OpenDraft, paths: Sequence[str] | frozenset[str], *, is_missing_told: bool) -> dict[str, str]:
    """Say what is wrong with the answers on a page; what is missing only when the citizen came to mend it."""
    scopes = {path.rsplit("[", 1)[0] for path in instances_of(frozenset(paths))}
    found: dict[str, str] = {}
    for issue in check_answers(opened.definition.form, opened.answers, strictness="submit"):
        if (issue.path in paths or issue.path in scopes) and (is_missing_told or issue.code not in _MISSING_CODES):
            found.setdefault(issue.path, issue.text.say(language()))
    return found


def _page(
    request: HttpRequest,
    opened: OpenDraft,
    stops: tuple[Stop, ...],
    stop: Stop,
    told: Told,
    *,
    part: int | None,
    status: int = 200,
) -> HttpResponse:
    page = topic_page(
        opened,
        stops,
        stop,
        _part(request, stop, part),
        told,
        acute=acute_texts(request, opened),
        now=now_of(request),
        back=_back(request),
    )
    template = "citizen/_topic.html" if is_saving(request) else "citizen/topic.html"
    return render(request, template, {"page": page, "person": person(request)}, status=status)


def _back(request: HttpRequest) -> str:
    """Tell whether the page was opened from the review, and whether that had told what was missing."""
    if request.method == "POST":
        given = request.POST.get(FROM_REVIEW, "")
        return given if given in ("1", MISSING) else ""
    return (MISSING if MISSING in request.GET else "1") if FROM_REVIEW in request.GET else ""


def _part(request: HttpRequest, stop: Stop, number: int | None) -> Part | None:
    """Give the question that stands on the page; None: the whole topic does."""
    if not request.session.get(ONE_AT_A_TIME):
        return None
    return next((part for part in stop.parts if number is not None and part.number >= number), stop.parts[0])


def _address(request: HttpRequest, opened: OpenDraft, stop: Stop, part: Part | None) -> str:
    where: dict[str, UUID | int] = {"draft": opened.id, "number": stop.number}
    if not request.session.get(ONE_AT_A_TIME):
        return reverse("citizen:topic", kwargs=where)
    chosen = part or stop.parts[0]
    return reverse("citizen:part", kwargs={**where, "part": chosen.number})
