"""What a resource refers to that can stand in a package, whose it is, and what it is called."""

from collections.abc import Callable, Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhir.structure.uris import with_uris
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.modifier_roles import may_edit
from kommunalpro.fut.packages.archive import MADE, MATCHED
from kommunalpro.fut.profiles.materials import about_somebody

_NO_LINKS = frozenset({"url", "derivedFrom", "identifier"})
"""What it is called itself, and what it came from: neither goes along."""


def linked(resource: Json, change: Callable[[Reference], str]) -> dict[str, Any]:
    """Give a resource with `change` applied to each reference to what can stand in a package."""

    def changed(address: str) -> str:
        reference = Reference.parse(address)
        return change(reference) if reference and reference.type in MADE + MATCHED else address

    links = with_uris({name: each for name, each in resource.items() if name not in _NO_LINKS}, changed)
    return {name: links.get(name, each) for name, each in resource.items()}


def links(resource: Json) -> Iterator[Reference]:
    """Give each reference of a resource to what can stand in a package, once."""
    found: dict[Reference, None] = {}

    def note(reference: Reference) -> str:
        found[reference] = None
        return str(reference)

    linked(resource, note)
    yield from found


def edits(session: Session, definition: Json) -> bool:
    """Tell whether who acts may change a definition, by whose it is."""
    principal = session.principal
    return principal.user_type == "SYSTEM" or may_edit(definition, principal.context.organization)


def is_about_somebody(resource: Json) -> bool:
    """Tell whether a document is a citizen's own: a package holds none."""
    return resource["resourceType"] == "DocumentReference" and any(about_somebody(resource))


def title_of(resource: Json) -> str:
    """Give what people call a resource, with its version when it says one."""
    titled = extension_value(resource, ehealth.BASIC_TITLE) or resource.get("title") or resource.get("name")
    version = resource.get("version") or extension_value(resource, ehealth.VERSION)
    title = str(titled or resource.get("description") or f"{resource['resourceType']}/{resource['id']}")
    return f"{title} {version}" if version else title
