"""Settling what an organisation and its register disagree on: it keeps what somebody here wrote, or follows again.

What keeps its own is not synchronized, and what the register says stands beside it. What follows again is marked as the
register's, so that the next import brings what the register says and keeps nothing beside it. A CVR number is not
among what can be kept: numbers are the register's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fut.organizations.disagreement import MANUAL, Disagreement, disagreements
from kommunalpro.fut.organizations.owned import digest, pick, recorded, texts
from kommunalpro.fut.organizations.registers import DOES_NOT, FOLLOWS, SOR, STS_ORG, Register, synchronized

_ELEMENTS = {"name": "name", "parent": "partOf", "active": "active", "type": "type", "address": "address"}
_EXTENSIONS = {"region": ehealth.ORGANIZATION_REGION_CODE, "municipality": ehealth.ORGANIZATION_MUNICIPALITY_CODE}
_REGISTERS = {each.source: each for each in (SOR, STS_ORG)}


def may_keep(organization: Json) -> bool:
    """Tell whether there is something that somebody here wrote, and that the register has replaced."""
    return register_of(organization) is not None and bool(_written(organization))


def may_follow(organization: Json) -> bool:
    """Tell whether an organisation can have what its register says: all of it again, or without ours beside it."""
    register = register_of(organization)
    if register is None:
        return False
    found = {each.source for each in disagreements(organization)}
    return MANUAL in found or (register.source in found and keeps_its_own(organization))


def keeps_its_own(organization: Json) -> bool:
    """Tell whether somebody here has taken it out of synchronization, and not the register that has closed it."""
    register, status = register_of(organization), _code(organization, ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS)
    return register is not None and status != FOLLOWS and recorded(organization) != digest(pick(organization, register))


def register_of(organization: Json) -> Register | None:
    """Give the register that an organisation is from; None: it was made by hand."""
    return _REGISTERS.get(_code(organization, ehealth.ORGANIZATION_SOURCE))


def keeping(organization: Json, earlier: Iterable[Json]) -> dict[str, Any]:
    """Give an organisation with what somebody here had written; from now on it keeps that.

    `earlier` are its versions, newest first, until one has all of it. What none of them has stays as it is.
    """
    register = register_of(organization)
    if register is None:
        return dict(organization)
    found = _found(_written(organization), earlier, register)
    says, kept = texts(pick(organization, register)), [each.field for each in found]
    beside = [each for each in disagreements(organization) if each.field not in kept]
    beside += [Disagreement(each, register.source, says[each]) for each in kept]
    restored = _restored(organization, found)
    others = [each for each in restored["extension"] if each["url"] != ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS]
    return _with({**restored, "extension": [synchronized(DOES_NOT), *others]}, beside)


def following(organization: Json) -> dict[str, Any]:
    """Give an organisation as its register's: without ours beside it, or to be brought again by the next import."""
    register = register_of(organization)
    beside = [each for each in disagreements(organization) if each.source != MANUAL]
    if register is None or not keeps_its_own(organization):
        return _with(organization, beside)
    status = ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS
    others = [each for each in organization["extension"] if each["url"] not in (status, ehealth.ORGANIZATION_IMPORTED)]
    changed = _with({**organization, "extension": [synchronized(FOLLOWS), *others]}, beside)
    sign = {"url": ehealth.ORGANIZATION_IMPORTED, "valueString": digest(pick(changed, register))}
    return {**changed, "extension": [*changed["extension"], sign]}


def _written(organization: Json) -> tuple[Disagreement, ...]:
    places = _ELEMENTS.keys() | _EXTENSIONS.keys()
    return tuple(each for each in disagreements(organization) if each.source == MANUAL and each.field in places)


def _found(written: Iterable[Disagreement], earlier: Iterable[Json], register: Register) -> Mapping[Disagreement, Json]:
    """Give, of each thing that somebody wrote, the newest version in which it stands."""
    missing, found = set(written), dict[Disagreement, Json]()
    for version in earlier:
        stood = texts(pick(version, register))
        found |= {each: version for each in missing if stood[each.field] == each.value}
        missing -= found.keys()
        if not missing:
            break
    return found


def _restored(organization: Json, found: Mapping[Disagreement, Json]) -> dict[str, Any]:
    changed = dict(organization)
    for each, version in found.items():
        if name := _ELEMENTS.get(each.field):
            changed = {one: value for one, value in changed.items() if one != name}
            changed |= {name: version[name]} if name in version else {}
        else:
            url = _EXTENSIONS[each.field]
            rest = [one for one in changed["extension"] if one["url"] != url]
            changed["extension"] = [*rest, *extensions(version, url)]
    return changed


def _with(organization: Json, beside: Iterable[Disagreement]) -> dict[str, Any]:
    rest = [each for each in organization.get("extension", ()) if each["url"] != ehealth.ORGANIZATION_DISAGREEMENT]
    return {**organization, "extension": [*rest, *(each.to_fhir() for each in beside)]}


def _code(organization: Json, url: str) -> str:
    value = extension_value(organization, url) or {}
    return next((str(coding.get("code", "")) for coding in value.get("coding", ())), "")
