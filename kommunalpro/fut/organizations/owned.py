"""A register's own part of an Organization, taken out of it and put into it; the rest is left as it is.

FUT keeps contact points apart by their custodian. The same holds here for everything that is not the register's:
other identifiers, names by which it is also known, contacts, specialties.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json

if TYPE_CHECKING:
    from kommunalpro.fut.organizations.registers import Register

Owned = Mapping[str, Any]
"""Elements by name and extensions by URL; what is not there is not in the register."""

_OURS = frozenset({ehealth.ORGANIZATION_IMPORTED, ehealth.ORGANIZATION_DISAGREEMENT})


def pick(organization: Json, register: "Register") -> dict[str, Any]:
    """Give the register's part of an Organization."""
    picked = {name: organization[name] for name in register.elements if name in organization}
    if own := [each for each in organization.get("identifier", ()) if each.get("system") == register.system]:
        picked["identifier"] = own
    for each in organization.get("extension", ()):
        if each["url"] in register.extensions:
            picked[each["url"]] = each
    return picked


def put(organization: Json, owned: Owned, register: "Register", disagreements: list[dict[str, Any]]) -> dict[str, Any]:
    """Give an Organization with another part of the register's, and what disagrees with it."""
    imported = {"url": ehealth.ORGANIZATION_IMPORTED, "valueString": digest(owned)}
    extensions = [owned[url] for url in sorted(register.extensions) if url in owned]
    kept = [each for each in organization.get("extension", ()) if each["url"] not in register.extensions | _OURS]
    others = [each for each in organization.get("identifier", ()) if each.get("system") != register.system]
    rest = {name: value for name, value in organization.items() if name not in register.elements}
    return {
        **rest,
        "resourceType": "Organization",
        "extension": [*extensions, *kept, imported, *disagreements],
        "identifier": [*owned["identifier"], *others],
        **{name: owned[name] for name in sorted(register.elements) if name in owned},
    }


def digest(owned: Owned) -> str:
    """Give a short sign of a register's part, by which it is seen whether anybody has changed it since."""
    return sha256(msgspec.json.encode(owned, order="sorted")).hexdigest()[:32]


def recorded(organization: Json) -> str | None:
    """Give the sign of what the register last said; None: this was never imported."""
    found = extension_value(organization, ehealth.ORGANIZATION_IMPORTED)
    return str(found) if found else None


def texts(owned: Owned) -> dict[str, str]:
    """Give what people read of a register's part, by field: these can disagree."""
    addresses = (", ".join(filter(None, (*each.get("line", ()), _town(each)))) for each in owned.get("address", ()))
    types = (str(each.get("text") or each.get("coding", [{}])[0].get("code", "")) for each in owned.get("type", ()))
    return {
        "name": str(owned.get("name", "")),
        "parent": str(owned.get("partOf", {}).get("reference", "")),
        "active": "true" if owned.get("active") else "false",
        "type": ", ".join(types),
        "address": " / ".join(addresses),
        "cvr": _string(owned, ehealth.ORGANIZATION_CVR_NUMBER),
        "region": _string(owned, ehealth.ORGANIZATION_REGION_CODE),
        "municipality": _string(owned, ehealth.ORGANIZATION_MUNICIPALITY_CODE),
    }


def _town(address: Json) -> str:
    return f"{address.get('postalCode', '')} {address.get('city', '')}".strip()


def _string(owned: Owned, url: str) -> str:
    return str(owned.get(url, {}).get("valueString", ""))
