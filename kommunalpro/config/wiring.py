"""Where rooms meet: what the embedded server runs with, and which gateway the pages use. Nothing else knows."""

from datetime import timedelta
from functools import cache

from django.conf import settings

from kommunalpro.config.clock import Clock, FileClock, SystemClock
from kommunalpro.config.connections import database_in_order
from kommunalpro.config.failure import CommandFailed
from kommunalpro.fhirserver import facts
from kommunalpro.fhirserver.export.place import Place
from kommunalpro.fhirserver.http.limiting import RateLimit
from kommunalpro.fhirserver.offers import Offers
from kommunalpro.fhirserver.protocols import Authenticator
from kommunalpro.fhirserver.rest import FhirDoor
from kommunalpro.fhirserver.server import Server
from kommunalpro.fut.access import EHealthAccess
from kommunalpro.fut.audit import EHealthAudit
from kommunalpro.fut.gateway import Gateway
from kommunalpro.fut.gateway.local import LocalGateway
from kommunalpro.fut.operations import OPERATIONS, STRICT
from kommunalpro.fut.rules import EHealthRules
from kommunalpro.fut.service_urls import ServiceUrls
from kommunalpro.fut.services import SERVICE_NAMES
from kommunalpro.identity.issuers import IssuerKeys
from kommunalpro.identity.keys import read_audit_key, read_signing_key
from kommunalpro.identity.tokens import BearerAuthenticator, OwnKeys


@cache
def clock() -> Clock:
    """Give the clock; only the demo and tests have one that can be set."""
    return FileClock(settings.CLOCK_FILE) if settings.CLOCK_FILE else SystemClock()


@cache
def server() -> Server:
    """Give the embedded FHIR server.

    Raises:
        KeyProblem: `migrate` has not made the keys yet.
    """
    return Server(
        base_url=settings.FHIR_BASE_URL,
        rules=EHealthRules(is_strict=settings.STRICT, national_owners=settings.NATIONAL_OWNERS),
        access=EHealthAccess(),
        audit_shape=EHealthAudit(),
        operations=STRICT if settings.STRICT else OPERATIONS,
        audit_key=read_audit_key(settings.KEYS_DIRECTORY),
        exports=exports(),
        offers=Offers(conditionals=not settings.STRICT, batch=settings.BUNDLES == "batch"),
    )


def exports() -> Place:
    """Give where the files of bulk exports lie."""
    return Place(settings.EXPORTS_DIRECTORY, timedelta(hours=settings.EXPORT_HOURS))


@cache
def gateway() -> Gateway:
    """Give the door through which pages and care reach the embedded server."""
    return LocalGateway(server())


def service_urls() -> ServiceUrls:
    """Give where a strict server has FUT's services: beside `/fhir`, each in a folder of its own."""
    root = settings.FHIR_BASE_URL.removesuffix("/fhir")
    return ServiceUrls(settings.FHIR_BASE_URL, {name: f"{root}/{name}/fhir" for name in SERVICE_NAMES})


@cache
def authenticator() -> Authenticator:
    """Give what tells who sends a bearer token.

    Raises:
        KeyProblem: `migrate` has not made the keys yet.
    """
    keys = OwnKeys(read_signing_key(settings.KEYS_DIRECTORY))
    others = {
        issuer: IssuerKeys(issuer, seconds=settings.ISSUER_SECONDS, pause=settings.ISSUER_PAUSE_SECONDS)
        for issuer in settings.TOKEN_ISSUERS
    }
    here = service_urls().here if settings.STRICT else str
    return BearerAuthenticator(keys, settings.TOKEN_ISSUER, settings.TOKEN_AUDIENCE, others, here)


@cache
def fhir_door() -> FhirDoor:
    """Give the WSGI callable behind `/fhir`."""
    return FhirDoor(
        server(),
        authenticator(),
        clock=lambda: clock().now(),
        limit=settings.REQUEST_LIMIT,
        work=database_in_order,
        rate=RateLimit(settings.RATE_LIMIT),
    )


def check_base_url() -> None:
    """Check that resources are named as the database was made to name them.

    Raises:
        WrongBaseUrl: the setting differs, or the database was never migrated.
    """
    facts.check_base_url(settings.FHIR_BASE_URL)


def check_exports() -> None:
    """Check that exports can be written where they are to lie: else it would be found by the first who asks for one.

    Raises:
        CommandFailed: they cannot.
    """
    try:
        exports().check()
    except OSError as wrong:
        place = settings.EXPORTS_DIRECTORY
        raise CommandFailed(f"KOMMUNALPRO_EXPORTS: {place} cannot be written to: {wrong.strerror}.") from None
