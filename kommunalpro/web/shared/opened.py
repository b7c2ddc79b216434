"""Every form says who opened it, and in which team: from anybody else, or in another team, it is refused.

Two people at one computer, or two tabs. What somebody wrote is shown again to whoever may read it: another citizen at
the same computer, as ever, and of staff those of the same team, whose role lets them in there.
"""

from django.http import HttpRequest, HttpResponse
from django.template.backends.utils import csrf_input
from django.utils.functional import lazy
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kommunalpro.care.bundles import url_id
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.visitor import OPENED_BY, Visitor, visitor_on

OPENED_AS, OPENED_IN = "opened_as", "opened_in"


def _form_input(request: HttpRequest) -> SafeString:
    proof, visitor = csrf_input(request), visitor_on(request)
    if visitor is None:
        return proof
    team = visitor.team.name if visitor.team else ""
    fields = ((OPENED_BY, visitor.key), (OPENED_AS, visitor.name), (OPENED_IN, team))
    return proof + format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


form_input = lazy(_form_input, SafeString, str)
"""Gives what every form of a page carries: the proof that it is ours, and who opened it."""


def opened_by_another(request: HttpRequest, visitor: Visitor, *, is_let_in: bool) -> HttpResponse | None:
    """Refuse a form that somebody else has opened, or the same person in another team; None: it is theirs.

    `is_let_in`: they may enter the part of the site that it was sent to.
    """
    opened_by = request.POST.get(OPENED_BY, "")
    if opened_by == visitor.key:
        return None
    who, _bar, team = opened_by.partition("|")
    if not opened_by:
        too_old = (_("Siden er for gammel."),)
        advice = _("Åbn siden igen fra forsiden, og gør det om. Det, du har gemt før, er der stadig.")
        lost = errors.written(request)
        return errors.page(request, 400, too_old, lost=lost, heading=errors.NOT_DONE, advice=advice)
    if who == visitor.key.partition("|")[0]:
        return _in_another_team(request, visitor, team)
    other = request.POST.get(OPENED_AS, "") or _("en anden")
    said = _("Siden blev åbnet af %(other)s, men nu er %(name)s logget ind. Det er ikke gemt eller sendt.")
    return errors.page(
        request,
        409,
        (said % {"other": other, "name": visitor.name},),
        lost=errors.written(request) if is_let_in and _is_theirs(visitor, team) else (),
        lost_by=other,
        heading=_("Nu er en anden logget ind"),
        advice=_("Er du ikke %(name)s, så log af. Er du, så begynd igen fra forsiden.") % {"name": visitor.name},
    )


def _is_theirs(visitor: Visitor, team: str) -> bool:
    """Tell whether something was written in a team that somebody is in; `team` empty: it was written by a citizen."""
    return team in _teams(visitor) if team else visitor.is_citizen


def _teams(visitor: Visitor) -> set[str]:
    return {url_id(each.care_team) for each in visitor.teams}


def _in_another_team(request: HttpRequest, visitor: Visitor, team: str) -> HttpResponse | None:
    """Refuse what was begun in another team; None: they have chosen none since, which they are told elsewhere."""
    if visitor.team is None:
        return None
    lost = errors.written(request)
    if team not in _teams(visitor):
        left, what_to_do = errors.HAS_LEFT
        return errors.page(request, 403, (left,), lost=lost, heading=errors.NOT_DONE, advice=what_to_do)
    said = _("Siden blev åbnet i %(then)s, men nu arbejder du i %(now)s. Det er ikke gemt eller sendt.") % {
        "then": request.POST.get(OPENED_IN, "") or _("et andet team"),
        "now": visitor.team.name,
    }
    advice = _("Skift tilbage til teamet, og gør det om der.")
    return errors.page(request, 409, (said,), lost=lost, heading=_("Du har skiftet team"), advice=advice)
