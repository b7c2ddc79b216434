"""The national infrastructure, wired: which gateway the pages of a browser use, and by whose tokens it asks.

Without KOMMUNALPRO_SERVICES all of it is the embedded server.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from kommunalpro.config import wiring
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.contexts import TeamChoice, care_teams_of, read_contexts
from kommunalpro.fut.gateway import Gateway
from kommunalpro.fut.gateway.remote import RemoteGateway
from kommunalpro.fut.gateway.service import Services, Tokens
from kommunalpro.fut.service_urls import ServiceUrls
from kommunalpro.identity.elsewhere.tokens import SignedIn, SigningIn
from kommunalpro.identity.sessions import read_user


def gateway_of(session: SessionBase) -> Gateway:
    """Give the door for who is at a browser: to the national infrastructure by their tokens, or to the embedded."""
    return gateway_by(signed_in(session)) if settings.SERVICES else wiring.gateway()


def gateway_by(tokens: Tokens) -> Gateway:
    """Give the door to the national infrastructure by some tokens."""
    return RemoteGateway(urls(), Services(tokens, settings.SERVICE_SECONDS))


def signed_in(session: SessionBase) -> SignedIn:
    """Give the tokens of who is at a browser."""
    user = read_user(session)
    sign_in = UUID(user.sign_in) if user and user.sign_in else None
    return SignedIn(settings.SIGN_IN, sign_in, urls().there)


def signing_in() -> SigningIn | None:
    """Give how people sign in at the national infrastructure; None: the pages work on the embedded server."""
    return SigningIn(settings.SIGN_IN, urls().here, settings.FHIR_BASE_URL) if settings.SERVICES else None


def teams_of(session: SessionBase, now: datetime) -> Callable[[str, str], tuple[TeamChoice, ...]]:
    """Give what tells a practitioner's teams by their URL and name: as the provider says, or by membership here."""

    def ask(user: str, name: str) -> tuple[TeamChoice, ...]:
        if not settings.SERVICES:
            return care_teams_of(wiring.gateway(), user, now=now)
        nowhere = Principal(user, "PRACTITIONER", name)
        return read_contexts(signed_in(session).contexts(nowhere, now), urls().here)

    return ask


def urls() -> ServiceUrls:
    """Give where the national infrastructure's services are."""
    return ServiceUrls(settings.FHIR_BASE_URL, settings.SERVICES)
