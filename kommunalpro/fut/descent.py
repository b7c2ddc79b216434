"""A draft that comes from another definition: its next version, or a copy that begins a base of its own.

Both name what they were made from as `ehealth-predecessor`. The server gives them their identity when they are stored.
Source: `fut.md` 0.5, 4.5.
"""

from collections.abc import Collection, Iterable
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.business_versions import FIRST
from kommunalpro.fut.modifier_roles import owned_by

_OF_ONE_VERSION = frozenset({"id", "approvalDate", "lastReviewDate", "date"})
_OF_ITS_PUBLISHER = frozenset({"url", "publisher", "contact"})
_EXTENSIONS_OF_ONE_VERSION = frozenset({ehealth.PREDECESSOR, ehealth.WITHOUT_LIGHTS})
_EXTENSIONS_OF_ITS_BASE = frozenset({ehealth.BASE, ehealth.BASE_ENVIRONMENT})


def version_of(original: Json, version: str) -> dict[str, Any]:
    """Give the next version: it keeps its base, its roles and all identifiers but that of the version."""
    others = [each for each in original.get("identifier", ()) if each.get("system") != ehealth.UUID]
    return _draft(original, version, others, _OF_ONE_VERSION, _EXTENSIONS_OF_ONE_VERSION)


def copy_of(original: Json, organization: str | None) -> dict[str, Any]:
    """Give a copy, 1.0 of a base of its own, owned by an organisation; None: its owners stay."""
    left_out = _EXTENSIONS_OF_ONE_VERSION | _EXTENSIONS_OF_ITS_BASE
    copy = _draft(original, FIRST, (), _OF_ONE_VERSION | _OF_ITS_PUBLISHER, left_out)
    return owned(copy, organization) if organization else copy


def owned(definition: Json, organization: str) -> dict[str, Any]:
    """Give a definition that is owned by an organisation, and by nobody else."""
    others = [each for each in definition.get("extension", ()) if each["url"] != ehealth.MODIFIER_ROLE]
    return {**definition, "extension": [*others, owned_by(organization)]}


def uuid_of(definition: Json) -> str | None:
    """Give the identifier of a version, which no other has; None means that it has none."""
    identifiers = definition.get("identifier", ())
    return next((each.get("value") for each in identifiers if each.get("system") == ehealth.UUID), None)


def version_before(definition: Json, every: Iterable[Json]) -> Json | None:
    """Give which of these a definition was made from; None: it was made from none of them.

    A draft that was given up, and never in use, is nothing that anybody knows: it is passed over, to what was before.
    """
    known = {uuid: each for each in every if (uuid := uuid_of(each))}
    before, seen = definition, {definition["id"]}
    while found := known.get((identifier_in(before, ehealth.PREDECESSOR) or {}).get("value", "")):
        if found["id"] in seen:
            return None  # a predecessor may be said later, and so may a circle
        if found.get("status") != "retired" or "approvalDate" in found:
            return found
        before = found
        seen.add(found["id"])
    return None


def base_of(definition: Json) -> str | None:
    """Give what all versions of a definition have in common; None: it says none that can be read."""
    return (identifier_in(definition, ehealth.BASE) or {}).get("value")


def identifier_in(definition: Json, url: str) -> Json | None:
    """Give the Identifier that an extension of a definition holds; None: there is none, or it holds something else."""
    found: Json | None = (extension(definition, url) or {}).get("valueIdentifier")
    return found


def versions_here(session: Session, type: str, base: str) -> list[dict[str, Any]]:
    """Give the definitions of a base, whoever may see them, the newest first."""
    query = [("base", escaped(base)), ("_sort", "-_lastUpdated"), ("_count", "1000")]
    return [entry["resource"] for entry in session.elevated().search(type, query).get("entry", ())]


def _draft(
    original: Json,
    version: str,
    identifiers: Collection[Json],
    left_out: frozenset[str],
    extensions_left_out: frozenset[str],
) -> dict[str, Any]:
    uuid = uuid_of(original)
    predecessor = {"url": ehealth.PREDECESSOR, "valueIdentifier": {"system": ehealth.UUID, "value": uuid}}
    kept = [each for each in original.get("extension", ()) if each["url"] not in extensions_left_out]
    draft = {
        **{name: each for name, each in original.items() if name not in left_out},
        "extension": [*kept, *([predecessor] if uuid else [])],
        "identifier": list(identifiers),
        "version": version,
        "status": "draft",
    }
    return {name: each for name, each in draft.items() if each}
