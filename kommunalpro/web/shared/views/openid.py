"""The two pages of the demo's OpenID provider: choose who to be at another program, and be signed out there."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kommunalpro.identity.demo import Person, demo_persons
from kommunalpro.identity.provider import chosen
from kommunalpro.identity.provider.clients import Client
from kommunalpro.identity.provider.endpoints import Given, oauth
from kommunalpro.identity.provider.oauth import Asked
from kommunalpro.web.shared import errors

log = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest, provider: Given) -> HttpResponse:
    """Choose who to be at the program that has sent somebody here, and send them back with a code."""
    # Whom one is on our own pages has nothing to do with it.
    request.visitor = None  # type: ignore[attr-defined]  # set by the doors
    asked = Asked(request, request.GET)
    try:
        grant = oauth(provider).get_consent_grant(asked, end_user=_chosen_before(request, asked, provider))
    except (OAuth2Error, ValueError) as wrong:
        return _refusal(request, asked, provider, wrong)
    if request.method == "POST":
        return _choose(request, asked, provider, grant)
    if asked.payload.data.get("prompt") == "none":
        return _send_back(request, asked, provider, grant, asked.user)
    return _page(request, asked.client, grant.redirect_uri)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest, provider: Given) -> HttpResponse:
    """Sign somebody out at a program, and send them back to it where it has said so beforehand."""
    request.visitor = None  # type: ignore[attr-defined]  # as above
    asked = Asked(request, request.POST if request.method == "POST" else request.GET)
    try:
        wanted = oauth(provider).validate_endpoint_request("end_session", asked)
    except (OAuth2Error, ValueError):
        return errors.page(request, 400, (_("Programmet har ikke sagt, hvem der skal logges af."),))
    chosen.forget(request.session)
    answer: HttpResponse | None = oauth(provider).create_endpoint_response("end_session", wanted)
    return answer or render(request, "shared/openid_left.html")


def _choose(request: HttpRequest, asked: Asked, provider: Given, grant: Any) -> HttpResponse:
    if "cancel" in request.POST:
        return _send_back(request, asked, provider, grant, None)
    person = _persons(asked.client).get(request.POST.get("person", ""))
    if person is None:
        return errors.page(request, 400, (_("Den person findes ikke i demoen. Vælg en fra listen."),))
    chosen.remember(request.session, person.key, provider().clock())
    return _send_back(request, asked, provider, grant, person)


def _send_back(request: HttpRequest, asked: Asked, provider: Given, grant: Any, person: Person | None) -> HttpResponse:
    """Send somebody back to their program: as a person, or as nobody."""
    remembered = chosen.remembered(request.session)
    asked.chosen_at = remembered[1] if remembered else None
    answer: HttpResponse = oauth(provider).create_authorization_response(asked, grant_user=person, grant=grant)
    return answer


def _page(request: HttpRequest, client: Client, redirect_uri: str) -> HttpResponse:
    back = urlsplit(redirect_uri)
    page = {"client": client, "persons": tuple(_persons(client).values()), "here": request.get_full_path()}
    shown = render(request, "shared/openid_login.html", page)
    # A browser follows a form to another place only where the page has named it.
    csp_update({"form-action": [f"{back.scheme}://{back.netloc}"]})(lambda _: shown)(request)
    return shown


def _persons(client: Client | None) -> Mapping[str, Person]:
    """Give whom one can be at a program."""
    return {each.key: each for each in demo_persons() if client and each.user_type == client.user_type}


def _chosen_before(request: HttpRequest, asked: Asked, provider: Given) -> Person | None:
    """Give who was chosen last in this browser, if they are for this program and that is not too long ago for it."""
    remembered, longest = chosen.remembered(request.session), asked.payload.data.get("max_age", "")
    if remembered is None:
        return None
    person, at = remembered
    if longest.isascii() and longest.isdecimal() and provider().clock() > at + timedelta(seconds=int(longest[:9])):
        return None
    return _persons(provider().clients.get(asked.payload.client_id or "")).get(person)


def _refusal(request: HttpRequest, asked: Asked, provider: Given, wrong: Exception) -> HttpResponse:
    """Tell the program, if it is known and somebody may be sent back there; else who is in front of the page."""
    log.warning("A program was turned away: %s", wrong)
    if isinstance(wrong, OAuth2Error) and wrong.redirect_uri:
        answer: HttpResponse = oauth(provider).handle_error_response(asked, wrong)
        return answer
    text = _("Programmet, der har sendt dig hertil, er ikke kendt her, eller dets adresse er en anden end den aftalte.")
    advice = _("Tal med den, der har sat programmet op.")
    return errors.page(request, 400, (text,), advice=advice)
