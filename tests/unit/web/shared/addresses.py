"""Every page's address, and some pages that go wrong."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from kommunalpro.config.urls import handler400, handler403, handler404, handler500, urlpatterns
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import FhirError, Issue, PreconditionFailed, RuleBroken, Unauthenticated
from kommunalpro.fut.gateway import Unanswered
from kommunalpro.fut.gateway.failures import failure
from kommunalpro.identity.fetching import HttpAnswer

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

CODED = {"coding": [{"system": "http://fut", "code": "TASK_FOR_NOT_SET"}]}
WRONG: dict[str, Exception] = {
    "to": RuleBroken(issues=(Issue("Datoen mangler."), Issue("Navnet er for langt."))),
    "aendret": PreconditionFailed("En kollega har taget opgaven.", diagnostics="version 2, not 1"),
    "ord": PreconditionFailed(
        "En kollega har ændret opgaven, siden du åbnede siden. Se opgaven igen.", diagnostics="Stale task version."
    ),
    "uvist": Unanswered("Vi fik ikke svar. Det er måske gjort alligevel.", diagnostics="nothing came"),
    "adgang": failure(HttpAnswer(403, {}, b"")),
    "laest": failure(HttpAnswer(422, {}, b""), is_read=True),
    "kode": failure(HttpAnswer(422, {}, dumps({"issue": [{"details": CODED, "diagnostics": "HAPI-0389"}]}))),
    "ude": Unauthenticated("Log ind."),
    "ukendt": FhirError("Serveren svarede ikke."),
    "styrt": ZeroDivisionError("a secret of the inside"),
}


def _fail(request: HttpRequest, how: str) -> HttpResponse:
    raise WRONG[how]


def _show(request: HttpRequest, patient: str) -> HttpResponse:
    return HttpResponse("saved")


urlpatterns = [
    *urlpatterns,
    # What the doors leave open is called `shared`.
    path("galt/", include(([path("<str:how>/", _fail)], "shared"), namespace="wrong")),
    path("om-borger/", include(([path("<uuid:patient>/", _show)], "staff"), namespace="about")),
]
