"""Who changes what has modifier roles, and whom it may name: definitions, rule libraries and information material.

Owner and co-author edit; who edits, the owner alone decides. Each organisation has one role, and those of this server
are here: by a role that nobody can take the owner would be locked out. That is ours, as the guide is silent; it lets
several own something together. What is named already may stay, and a system is not asked.

Source: `fut.md` §0.11 and 1C (library).
"""

from collections import Counter
from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.modifier_roles import OWNER_MANDATORY, has_other_roles, is_owner, may_edit, named_in, owner_of


def role_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what is wrong with the roles of what must have an owner, and with who changes it."""
    type = resource["resourceType"]
    if owner_of(resource) is None:
        yield issue(OWNER_MANDATORY[type], type, f"{type}.extension")
    if session.principal.user_type != "SYSTEM":
        not_theirs = [*_editor_problems(resource, previous, session.principal.context.organization)]
        yield from not_theirs or _named_problems(resource, previous, session)


def library_problems(library: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what is wrong with the role of a rule library: its profile has one, and so it has no co-author."""
    yield from role_problems(library, previous, session)
    if len(named_in(library)) > max(1, len(named_in(previous)) if previous else 0):
        text = "Oplysningen må kun stå der én gang."
        yield issue("GENERAL_VALIDATION_ERROR", "modifierRole only once", "Library.extension", text)


def _editor_problems(resource: Json, previous: Json | None, organization: str | None) -> Iterator[Issue]:
    type = resource["resourceType"]
    if not may_edit(previous or resource, organization):
        yield issue("KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT", type, f"{type}.extension")
    elif previous and has_other_roles(resource, previous) and not is_owner(previous, organization):
        yield issue("KPRO_MODIFIER_ROLE_OF_OWNER", type, f"{type}.extension")


def _named_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each organisation that is named anew, and has a role already or is not here."""
    place, named = f"{resource['resourceType']}.extension", Counter(named_in(resource))
    known = Counter(named_in(previous) if previous else ())
    asked = {url for url in named if url not in known and _may_be_missing(url, session)}
    there = session.system_read_those_here(asked)
    for url, times in named.items():
        if times > max(1, known[url]):
            text = "En organisation kan kun have én rolle."
            yield issue("GENERAL_VALIDATION_ERROR", "an organization has one modifierRole", place, text)
        elif url in asked and url not in there:
            text = "Den organisation, der henvises til, findes ikke her."
            yield issue("GENERAL_RESOURCE_NOT_FOUND", url, place, text)


def _may_be_missing(url: str, session: Session) -> bool:
    """Tell whether an organisation is one of this server's, and not the writer's own."""
    reference, own = Reference.parse(url), session.principal.context.organization
    return reference is not None and reference.base in (None, session.server.base_url) and url != own
