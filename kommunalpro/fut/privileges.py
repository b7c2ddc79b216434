"""Roles → privileges, the same for tokens and for pages.

A privilege is FUT's word in the token (`CarePlan.read`, `$submit-measurement`); a role is a code of
`CS/careteam-participant-role`, or `citizen`. The table is data and says where it comes from.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.access import Interaction, Request
from kommunalpro.fut.access_consents import ACCESS_CONSENT, CONSENT
from kommunalpro.fut.services import SERVICES

_VERBS: dict[str, tuple[str, ...]] = {
    "read": ("read",),
    "vread": ("read",),
    "history": ("read",),
    "search": ("search", "read"),
    "create": ("create", "write"),
    "update": ("update", "write"),
    "patch": ("patch", "update", "write"),
    "delete": ("delete", "write"),
}
# ServiceRequest and Goal are governed by CarePlan's privileges, and ServiceRequest in older tokens by those of its name
# in STU3 (fut.md 5.1); the others by the names of what they are.
_GOVERNED_BY = {
    "ServiceRequest": ("CarePlan", "ProcedureRequest"),
    "Goal": ("CarePlan",),
    "Basic": ("View", "ActionGuidance"),
    "Consent": (CONSENT, ACCESS_CONSENT),
}
# Of these the guide names no privilege to search: reading them is searching them too.
_SEARCHED_BY_READERS = frozenset({"View", "ActionGuidance", ACCESS_CONSENT})
# $get-patient-procedures needs CarePlan.search (fut.md 4.2); both searches of measurements share one privilege.
_OPERATIONS = {
    "$get-patient-procedures": "CarePlan.search",
    "$search-measurements-bundle-limit": "$search-measurements",
    "$create-episode-of-care": "EpisodeOfCare$create-episode-of-care",
    "$apply": "PlanDefinition$apply",
    # One privilege for asking for an export and for fetching it (fut.md 5.1).
    "$export": "$bulk-export",
    "Patient$export": "$bulk-export",
    "$export-poll-status": "$bulk-export",
    "$export-file": "$bulk-export",
}
# What takes no privilege of its own, but those of what it tells or makes.
_LIKE: dict[str, tuple[Interaction, ...]] = {
    "$meta": ("read",),
    "$validate": ("create", "update", "patch", "read"),
    "$create-clone": ("create",),
    "$is-context-allowed": ("read",),
    "$evaluate": ("read",),
    "$expand": ("read",),
    "$validate-code": ("read",),
    "$lookup": ("read",),
}

# FUT's operation on its organization service: what comes of a register, which whoever runs the server reads in.
_OF_NO_ROLE = frozenset({"$import-organizations"})


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = loads(resources.files("kommunalpro.fut.data").joinpath("privileges.json").read_bytes())
    return table


def privileges_of(roles: Iterable[str]) -> frozenset[str]:
    """Give the privileges of somebody with these roles; an unknown role gives none of its own."""
    table = _table()
    found = set(table["everyone"])
    for role in roles:
        found.update(table["roles"].get(role, ()))
    return frozenset(found)


@cache
def every_privilege() -> frozenset[str]:
    """Give all there are: those of every role, and what the installation itself does and no role may."""
    names = {"FHIR", *(name for type in SERVICES for name in _GOVERNED_BY.get(type, (type,)))}
    verbs = ("read", "search", "write")
    return privileges_of(_table()["roles"]) | _OF_NO_ROLE | {f"{name}.{verb}" for name in names for verb in verbs}


def accepted(request: Request) -> frozenset[str]:
    """Give the privileges of which one is enough for this request."""
    if request.interaction == "transaction":
        return frozenset({"FHIR.transaction"})
    if request.name in _LIKE:
        asked = (accepted(replace(request, interaction=each, name=None)) for each in _LIKE[request.name])
        return frozenset().union(*asked)
    if request.interaction == "operation" and request.name:
        name = f"{request.type or ''}{request.name}"
        return frozenset({_OPERATIONS.get(name, name)})
    # A history of everything is of no type: a privilege that no role gives.
    names = _GOVERNED_BY.get(request.type or "", (request.type or "FHIR",))
    return frozenset(one for name in names for one in privileges_to(request.interaction, name))


@lru_cache(maxsize=4096)
def privileges_to(interaction: Interaction, name: str) -> frozenset[str]:
    """Give the privileges of which one is enough for an interaction with what is governed by a name (`Consent`)."""
    verbs = _VERBS[interaction]
    verbs = verbs if interaction != "search" or name in _SEARCHED_BY_READERS else verbs[:1]
    return frozenset(f"{name}.{verb}" for verb in verbs)


@lru_cache(maxsize=4096)
def shows(type: str, privileges: frozenset[str], to_write: bool) -> bool:
    """Tell whether one of these privileges is to read or search a type; `to_write`: or to do anything with it."""
    return any(opens(name, privileges, to_write) for name in _GOVERNED_BY.get(type, (type,)))


def opens(
    name: str, privileges: frozenset[str], to_write: bool, doing: tuple[Interaction, ...] = ("read", "search")
) -> bool:
    """Tell whether one of these privileges is to do one of that with what is governed by a name, or anything at all."""
    if to_write:
        return any(each.startswith(f"{name}.") for each in privileges)
    return any(privileges_to(each, name) & privileges for each in doing)
