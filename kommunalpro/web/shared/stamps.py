"""Two tabs, two citizens: a form says whom it is about, and is refused at anybody else's address.

`shared/stamp.html` writes the stamp; a page about a citizen has `patient` in its address.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.web.shared import errors

PATIENT, NAME = "stamped", "stamped_name"


class Stamps:
    """Middleware: compares the stamp of a posted form with the citizen that the address names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, values: dict[str, Any]) -> HttpResponse | None:
        """Refuse a form that carries no stamp, or somebody else's."""
        if request.method != "POST" or "patient" not in values:
            return None
        return _about_another(request, values["patient"])


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
