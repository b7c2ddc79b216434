"""Who may change an organisation, and what of it: its own people or those above it, and never its numbers.

They alone say who has a role in it, too: a role is what a token's context is held against (`token_context.py`).
Ours: the guide names no rule. By its numbers an organisation is known to the registers, and to whoever may own national
content; they come from a register, or from whoever runs the installation.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue, NotFound
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import forbidden, issue

_DEEPEST = 20
"""Organisations above one another."""


def stands_below(session: Session, url: str, top: str) -> bool:
    """Tell whether an organisation is another one, or stands below it, however far."""
    return top in with_those_above(session, url)


def with_those_above(session: Session, url: str) -> Iterator[str]:
    """Give the version-less URL of an organisation, and of those that it is a part of, the nearest first."""
    for _ in range(_DEEPEST):
        reference = Reference.parse(url)
        if reference is None:
            return
        yield reference.url
        try:
            url = session.system_read(url).get("partOf", {}).get("reference", "")
        except NotFound:
            return


def check_changed(previous: Json, session: Session) -> None:
    """Whoever changes an organisation works for it, or for one above it.

    Raises:
        Forbidden: it is another's.
    """
    own, by = session.principal.context.organization, session.principal
    url = own_url(session.server.base_url, previous)
    if by.user_type != "SYSTEM" and (own is None or not stands_below(session, url, own)):
        raise forbidden("KPRO_ORGANIZATION_NOT_MATCHING_TOKEN_CONTEXT")


def check_role(role: Json, previous: Json | None, session: Session) -> None:
    """Whoever gives somebody a role in an organisation, changes or takes it works for it, or for one above it.

    Raises:
        Forbidden: it is another's.
    """
    own = session.principal.context.organization
    if session.principal.user_type == "SYSTEM":
        return
    for each in (previous, role) if previous else (role,):
        url = each.get("organization", {}).get("reference", "")
        if own is None or not stands_below(session, url, own):
            raise forbidden("KPRO_PRACTITIONER_ROLE_NOT_MATCHING_TOKEN_CONTEXT")


def number_problems(organization: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Tell that somebody would give an organisation other numbers than it has."""
    if previous is None or session.principal.user_type == "SYSTEM":
        return
    if organization.get("identifier") != previous.get("identifier"):
        yield issue("KPRO_ORGANIZATION_NUMBERS", "", "Organization.identifier")
    if _cvr(organization) != _cvr(previous):
        yield issue("KPRO_ORGANIZATION_NUMBERS", "", "Organization.extension")


def _cvr(organization: Json) -> str | None:
    found: str | None = extension_value(organization, ehealth.ORGANIZATION_CVR_NUMBER)
    return found
