"""A form says who opened it, in which team, and whom it is about; it is refused from anybody else, and at any other's.

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
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kommunalpro.care.bundles import url_id
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.doors import OPEN_TO_ALL
from kommunalpro.web.shared.visitor import Visitor, visitor_on

PATIENT, NAME = "stamped", "stamped_name"
OPENED_BY, OPENED_AS = "opened_by", "opened_as"


class Stamps:
    """Middleware: compares the stamps of a posted form with who is logged in, and whom the address names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, values: dict[str, Any]) -> HttpResponse | None:
        """Refuse a form that carries no stamp, or somebody else's."""
        visitor, area = visitor_on(request), request.resolver_match.app_name if request.resolver_match else ""
        if request.method != "POST" or visitor is None or area in OPEN_TO_ALL:
            return None
        refusal = _opened_by_another(request, visitor)
        return refusal or (_about_another(request, values["patient"]) if "patient" in values else None)


def _form_input(request: HttpRequest) -> SafeString:
    proof, visitor = csrf_input(request), visitor_on(request)
    if visitor is None:
        return proof
    one = '{}<input type="hidden" name="{}" value="{}"><input type="hidden" name="{}" value="{}">'
    return format_html(one, proof, OPENED_BY, _key(visitor), OPENED_AS, _words(visitor))


form_input = lazy(_form_input, SafeString, str)
"""Gives what every form of a page carries: the proof that it is ours, and who opened it."""


def _key(visitor: Visitor) -> str:
    return "|".join((url_id(visitor.principal.user), url_id(visitor.team.care_team) if visitor.team else ""))


def _words(visitor: Visitor) -> str:
    return f"{visitor.name} ({visitor.team.name})" if visitor.team else visitor.name


def _opened_by_another(request: HttpRequest, visitor: Visitor) -> HttpResponse | None:
    opened_by, now = request.POST.get(OPENED_BY, ""), _key(visitor)
    if opened_by == now:
        return None
    lost = errors.written(request)
    if not opened_by:
        return errors.page(request, 400, (_("Formularen siger ikke, hvem der åbnede den. Åbn siden igen."),), lost=lost)
    said = _("Siden blev åbnet af %(other)s, men nu er %(name)s logget ind. Intet er gemt eller sendt.") % {
        "other": request.POST.get(OPENED_AS, "") or _("en anden"),
        "name": _words(visitor),
    }
    heading = _("Nu er en anden logget ind")
    advice = _("Er du ikke %(name)s, så log af. Er du, så begynd igen fra forsiden.") % {"name": visitor.name}
    if opened_by.partition("|")[0] == now.partition("|")[0]:
        heading = _("Du har skiftet team")
        advice = _("Skift tilbage til teamet, åbn siden igen, og gør det om.")
    return errors.page(request, 409, (said,), lost=lost, heading=heading, advice=advice)


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
