from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kommunalpro.identity.demo import demo_persons, find_demo_person
from kommunalpro.identity.sessions import log_in, log_out
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.doors import LAPSED, RETURN, returning, way_on
from kommunalpro.web.shared.visitor import TeamsOf, visitor_of

LEFT = "logget-af"
"""In the address after somebody has logged out."""


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Log in: in the demo by choosing who to be, on the national infrastructure by its provider.

    In production by MitID, which is not there yet.
    """
    is_national = request.signing_in is not None  # type: ignore[attr-defined]  # set by config's middleware
    if is_national or not settings.DEMO:
        on = f"?{urlencode({RETURN: returning(request)})}" if returning(request) else ""
        page = {"is_national": is_national, "on": on, **_before(request)}
        return render(request, "shared/login_elsewhere.html", page)
    if request.method == "POST":
        return _log_in(request)
    persons = demo_persons()
    page = {
        "citizens": [each for each in persons if each.user_type == "PATIENT"],
        "staff": [each for each in persons if each.user_type == "PRACTITIONER"],
        "return_name": RETURN,
        "returning": returning(request),
        **_before(request),
    }
    return render(request, "shared/login.html", page)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Log out; the session is forgotten, and the tokens that it had."""
    log_out(request.session)
    return redirect(reverse("shared:login") + f"?{LEFT}")


def _before(request: HttpRequest) -> dict[str, bool]:
    """Tell what brought somebody here."""
    return {"has_left": LEFT in request.GET, "has_lapsed": LAPSED in request.GET}


def _log_in(request: HttpRequest) -> HttpResponse:
    person = find_demo_person(request.POST.get("person", ""))
    if person is None:
        return errors.page(request, 400, (_("Den person findes ikke i demoen. Vælg en fra listen."),))
    log_in(request.session, person.user_url, person.user_type, person.name)
    teams_of: TeamsOf = request.teams_of  # type: ignore[attr-defined]  # set by config's middleware
    return redirect(way_on(request, visitor_of(request.session, teams_of)))
