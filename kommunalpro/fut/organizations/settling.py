"""Settling what an organisation and its register disagree on: it keeps what somebody here wrote, or follows again.

What keeps its own is not synchronized, and what the register says stands beside it. What follows again has that at
once, and is marked as the register's, so that the next import brings what is not at hand and keeps nothing beside it.
A CVR number is not among what can be kept: numbers are the register's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fut.organizations.disagreement import MANUAL, Disagreement, disagreements, still
from kommunalpro.fut.organizations.owned import digest, pick, recorded, texts
from kommunalpro.fut.organizations.registers import DOES_NOT, FOLLOWS, SOR, STS_ORG, Register, synchronized

_ELEMENTS = {"name": "name", "parent": "partOf", "active": "active", "type": "type", "address": "address"}
_EXTENSIONS = {"region": ehealth.ORGANIZATION_REGION_CODE, "municipality": ehealth.ORGANIZATION_MUNICIPALITY_CODE}
_PLACES = _ELEMENTS.keys() | _EXTENSIONS.keys()
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


def awaits_import(organization: Json) -> bool:
    """Tell whether an organisation follows a register that says something else: the next import brings it."""
    register = register_of(organization)
    says = register is not None and any(each.source == register.source for each in disagreements(organization))
    return says and not keeps_its_own(organization)


def upon_following(organization: Json) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give of which fields the register's word comes at once, and of which it may take until the next import.

    Of an address and a type the words stand here, and not the whole; an earlier version may have that.
    """
    register = register_of(organization)
    says = [each for each in disagreements(organization) if register is not None and each.source == register.source]
    at_once = tuple(each.field for each in says if each.field in _PLACES and _said(each) is not None)
    return at_once, tuple(each.field for each in says if each.field not in at_once)


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


def following(organization: Json, earlier: Iterable[Json]) -> dict[str, Any]:
    """Give an organisation as its register's: without ours beside it, and with what the register says of it.

    `earlier` as for `keeping`. What the register says and none of them has (an address, a type that is new) stays
    beside it until the next import.
    """
    register = register_of(organization)
    beside = [each for each in disagreements(organization) if each.source != MANUAL]
    if register is None or not keeps_its_own(organization):
        return _with(organization, beside)
    says = [each for each in beside if each.source == register.source and each.field in _PLACES]
    whole = {each: said for each in says if (said := _said(each)) is not None}
    found = {**whole, **_found((each for each in says if each not in whole), earlier, register)}
    followed = _restored(organization, found)
    rest = still((each for each in beside if each not in found), texts(pick(followed, register)))
    status = ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS
    others = [each for each in followed["extension"] if each["url"] not in (status, ehealth.ORGANIZATION_IMPORTED)]
    changed = _with({**followed, "extension": [synchronized(FOLLOWS), *others]}, rest)
    sign = {"url": ehealth.ORGANIZATION_IMPORTED, "valueString": digest(pick(changed, register))}
    return {**changed, "extension": [*changed["extension"], sign]}


def _written(organization: Json) -> tuple[Disagreement, ...]:
    return tuple(each for each in disagreements(organization) if each.source == MANUAL and each.field in _PLACES)


def _said(each: Disagreement) -> Json | None:
    """Give an organisation that has just what is said of a field; None: an address and a type are more than words."""
    if not each.value:
        return {}
    if each.field in _EXTENSIONS:
        return {"extension": [{"url": _EXTENSIONS[each.field], "valueString": each.value}]}
    values = {"name": each.value, "parent": {"reference": each.value}, "active": each.value == "true"}
    return {_ELEMENTS[each.field]: values[each.field]} if each.field in values else None


def _found(written: Iterable[Disagreement], earlier: Iterable[Json], register: Register) -> Mapping[Disagreement, Json]:
    """Give, of each thing that is said of it, the newest version in which it stands."""
    missing, found = list(written), dict[Disagreement, Json]()
    for version in earlier if missing else ():
        stood = texts(pick(version, register))
        found |= {each: version for each in missing if stood[each.field] == each.value}
        missing = [each for each in missing if each not in found]
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
