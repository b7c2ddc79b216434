"""The way in where the pages work on the national infrastructure: people prove who they are to its provider."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kommunalpro.identity.elsewhere.programs import Begun, Program
from kommunalpro.identity.elsewhere.tokens import SigningIn, begin
from kommunalpro.identity.sessions import begin_sign_in, end_sign_in, log_in
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.doors import RETURN, returning

_KINDS: Mapping[str, Literal["PRACTITIONER", "PATIENT"]] = {"medarbejder": "PRACTITIONER", "borger": "PATIENT"}


@require_safe
def send(request: HttpRequest, who: str) -> HttpResponse:
    """Send somebody to the provider of their kind."""
    program, begun = _program(request, who), Begun.anew()
    begin_sign_in(request.session, begun, returning(request))
    return redirect(program.address(begun, _back(request, who)))


@require_safe
def back(request: HttpRequest, who: str) -> HttpResponse:
    """Take in whom the provider sends back, if it is whom we have sent; who has changed their mind is not signed in."""
    program, sent = _program(request, who), end_sign_in(request.session)
    if sent is None or not sent[0].is_of(request.GET.get("state", "")):
        text = _("Vi kan ikke se, at du er på vej ind. Begynd forfra, og log ind i samme vindue.")
        return errors.page(request, 400, (text,))
    if "code" not in request.GET:
        return redirect("shared:login")
    now: datetime = request.now  # type: ignore[attr-defined]  # set by config's middleware
    given = program.by_code(request.GET["code"], sent[0], _back(request, who), now)
    url = _user_url(_signing_in(request), given.claims, program)
    if url is None:
        text = _("Vi kan ikke se, hvem du er. Prøv igen, eller kontakt din kommune.")
        return errors.page(request, 403, (text,))
    name, kind = str(given.claims.get("name", "")), program.user_type
    log_in(request.session, url, kind, name, begin(url, kind, given, now))
    return redirect(reverse("shared:front") + (f"?{urlencode({RETURN: sent[1]})}" if sent[1] else ""))


def _user_url(signing_in: SigningIn, claims: Mapping[str, Any], program: Program) -> str | None:
    """Give the URL that we call who has signed in by; None: the provider does not say who."""
    user = claims.get("user_id")
    if not isinstance(user, str) or not user or claims.get("user_type", program.user_type) != program.user_type:
        return None
    return signing_in.called_here(user, program.user_type)


def _signing_in(request: HttpRequest) -> SigningIn:
    """Give how people sign in.

    Raises:
        Http404: they do not do so elsewhere.
    """
    found: SigningIn | None = request.signing_in  # type: ignore[attr-defined]  # set by config's middleware
    if found is None:
        raise Http404
    return found


def _program(request: HttpRequest, who: str) -> Program:
    found = _signing_in(request)
    if who not in _KINDS:
        raise Http404
    return found.programs[_KINDS[who]]


def _back(request: HttpRequest, who: str) -> str:
    return request.build_absolute_uri(reverse("shared:signed-in", args=[who]))
