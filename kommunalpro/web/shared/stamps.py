"""A form says who opened it, in which team, and whom it is about; from anybody else, or about another, it is refused.

Two people at one computer, or two tabs: whoever presses the button is not who wrote, acts in another team than the page
says, or writes about another citizen. Every form says who opened it (`csrf_input`, by `jinja.site`); whom it is about
says `shared/stamp.html`, where the page's address has `patient`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.backends.utils import csrf_input
from django.utils.functional import lazy
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kommunalpro.care.bundles import url_id
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.doors import OPEN_TO_ALL
from kommunalpro.web.shared.visitor import OPENED_BY, Visitor, visitor_on

PATIENT, NAME = "stamped", "stamped_name"
OPENED_AS, OPENED_IN = "opened_as", "opened_in"


class Stamps:
    """Middleware: compares the stamps of a posted form with who is logged in, and whom the address names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, values: dict[str, Any]) -> HttpResponse | None:
        """Refuse a form without a stamp, or with another's; the ways in and out, and to another team, take any."""
        visitor, area = visitor_on(request), request.resolver_match.app_name if request.resolver_match else ""
        if request.method != "POST" or visitor is None or area in OPEN_TO_ALL:
            return None
        refusal = _opened_by_another(request, visitor)
        return refusal or (_about_another(request, values["patient"]) if "patient" in values else None)


def _form_input(request: HttpRequest) -> SafeString:
    proof, visitor = csrf_input(request), visitor_on(request)
    if visitor is None:
        return proof
    team = visitor.team.name if visitor.team else ""
    fields = ((OPENED_BY, visitor.key), (OPENED_AS, visitor.name), (OPENED_IN, team))
    return proof + format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


form_input = lazy(_form_input, SafeString, str)
"""Gives what every form of a page carries: the proof that it is ours, and who opened it."""


def _opened_by_another(request: HttpRequest, visitor: Visitor) -> HttpResponse | None:
    opened_by = request.POST.get(OPENED_BY, "")
    if opened_by == visitor.key:
        return None
    lost = errors.written(request)
    if not opened_by:
        advice = _("Åbn siden igen fra forsiden, og gør det om. Det, du har gemt før, er der stadig.")
        return errors.page(
            request, 400, (_("Siden er for gammel."),), lost=lost, heading=errors.NOT_DONE, advice=advice
        )
    who, _bar, team = opened_by.partition("|")
    if who == visitor.key.partition("|")[0]:
        return _in_another_team(request, visitor, team, lost)
    other = request.POST.get(OPENED_AS, "") or _("en anden")
    said = _("Siden blev åbnet af %(other)s, men nu er %(name)s logget ind. Det er ikke gemt eller sendt.")
    return errors.page(
        request,
        409,
        (said % {"other": other, "name": visitor.name},),
        lost=lost,
        lost_by=other,
        heading=_("Nu er en anden logget ind"),
        advice=_("Er du ikke %(name)s, så log af. Er du, så begynd igen fra forsiden.") % {"name": visitor.name},
    )


def _in_another_team(request: HttpRequest, visitor: Visitor, team: str, lost: tuple[str, ...]) -> HttpResponse:
    if team not in (url_id(each.care_team) for each in visitor.teams):
        left, what_to_do = errors.HAS_LEFT
        return errors.page(request, 403, (left,), lost=lost, heading=errors.NOT_DONE, advice=what_to_do)
    said = _("Siden blev åbnet i %(then)s, men nu arbejder du i %(now)s. Det er ikke gemt eller sendt.") % {
        "then": request.POST.get(OPENED_IN, "") or _("et andet team"),
        "now": visitor.team.name if visitor.team else _("intet team"),
    }
    advice = _("Skift tilbage til teamet, og gør det om der.")
    return errors.page(request, 409, (said,), lost=lost, heading=_("Du har skiftet team"), advice=advice)


def _about_another(request: HttpRequest, patient: UUID) -> HttpResponse | None:
    stamped = request.POST.get(PATIENT, "")
    if stamped == str(patient):
        return None
    lost = errors.written(request)
    if not stamped:
        return errors.page(request, 400, (_("Formularen siger ikke, hvem den handler om."),), lost=lost)
    said = _("Formularen handler om %(one)s, men siden handler om %(other)s. Intet er gemt.") % {
        "one": request.POST.get(NAME) or _("en anden borger"),
        "other": _name(request, patient) or _("en anden borger"),
    }
    heading, advice = _("Det er ikke den samme borger"), _("Luk den ene fane, og begynd igen på den rigtige.")
    return errors.page(request, 409, (said,), lost=lost, heading=heading, advice=advice)


def _name(request: HttpRequest, patient: UUID) -> str:
    """Give the name of the citizen that the address names; empty when the user may not see them."""
    gateway: Gateway = request.gateway  # type: ignore[attr-defined]  # set by config's middleware
    now: datetime = request.now  # type: ignore[attr-defined]  # set by config's middleware
    by: Principal = request.principal  # type: ignore[attr-defined]  # set by the doors
    url = f"{gateway.base_url}/Patient/{patient}"
    try:
        return full_name(gateway.read(url, by=by.within(patient=url), now=now))
    except FhirError:
        return ""
