"""The CapabilityStatement, made from what the router does and the rules allow, so that it cannot lie."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.access import Interaction
from kommunalpro.fhirserver.http.headers import JSON, JSON_PATCH
from kommunalpro.fhirserver.http.routes import ROUTES, Match, is_offered
from kommunalpro.fhirserver.protocols import OperationDefinition, SearchParameter
from kommunalpro.fhirserver.server import Server

_CODES: Mapping[Interaction, tuple[str, ...]] = {
    "read": ("read",),
    "vread": ("vread",),
    "history": ("history-instance", "history-type"),
    "update": ("update",),
    "patch": ("patch",),
    "delete": ("delete",),
    "create": ("create",),
    "search": ("search-type",),
}
"""Our word for an interaction with a type → R4's, in the order they are written."""
_ADDRESSES = {(route.method, route.pattern) for route in ROUTES}
_ALWAYS = (
    {"name": "_has", "type": "string"},
    {"name": "_id", "type": "token"},
    {"name": "_lastUpdated", "type": "date"},
)
"""Parameters that every type has without declaring them."""


def capability_statement(server: Server, now: datetime) -> dict[str, Any]:
    """Give what this server does, as R4's `GET metadata` wants it."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": now.date().isoformat(),
        "kind": "instance",
        "software": {"name": "Kommunal PRO", "version": version("kommunalpro")},
        "implementation": {"description": "Kommunal PRO", "url": server.base_url},
        "fhirVersion": "4.0.1",
        "format": [JSON, "json"],
        "patchFormat": [JSON_PATCH],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": False,
                    "description": "Every address but metadata needs a bearer token (JWT) with the claims of FUT.",
                },
                "resource": [_resource(type, server, server.parameters[type]) for type in sorted(server.rules.types)],
                "interaction": [{"code": code} for code in _of_the_system(server)],
                "operation": [*map(_operation, _operations(server, "system")), *_own("")],
            }
        ],
    }


def _of_the_system(server: Server) -> Iterator[str]:
    of_the_system = {route.interaction: Match(route) for route in ROUTES if route.pattern in ("", "_history")}
    if is_offered(of_the_system["transaction"], server.rules, server.operations):
        yield "transaction"
        if server.offers.batch:
            yield "batch"
    if is_offered(of_the_system["history"], server.rules, server.operations):
        yield "history-system"


def _resource(type: str, server: Server, parameters: Mapping[str, SearchParameter]) -> dict[str, Any]:
    offered = server.rules.interactions(type) & {route.interaction for route in ROUTES}
    written: dict[str, Any] = {
        "type": type,
        "interaction": [
            {"code": code} for interaction, codes in _CODES.items() if interaction in offered for code in codes
        ],
        "versioning": "versioned",
        "readHistory": "vread" in offered,
        "updateCreate": False,
        **({"conditionalRead": "full-support"} if "read" in offered else {}),
        "conditionalCreate": "create" in offered,
        "conditionalUpdate": "update" in offered and ("PUT", "{type}") in _ADDRESSES,
        "conditionalDelete": "not-supported",
    }
    if "search" in offered:
        written |= _of_searches(type, server, parameters)
    # Once, though it be offered on the type and on each of them: they have one definition.
    defined = {each.name: each for each in _operations(server, "type", "instance", type=type)}
    if operations := [*map(_operation, defined.values()), *_own(type)]:
        written["operation"] = operations
    return written


def _of_searches(type: str, server: Server, parameters: Mapping[str, SearchParameter]) -> Iterator[tuple[str, Any]]:
    searchable = server.searchable
    referred = ["*", *(f"{type}:{name}" for name in sorted(parameters) if parameters[name].kind == "reference")]
    if links := [each for each in referred if searchable.brings(type, each, is_reverse=False)]:
        yield "searchInclude", links
    if links := [each for each in sorted(_referring(type, server)) if searchable.brings(type, each, is_reverse=True)]:
        yield "searchRevInclude", links
    named = [*_ALWAYS, *(_parameter(parameters[name]) for name in sorted(parameters))]
    yield "searchParam", [each for each in named if searchable.has(type, each["name"])]


def _referring(type: str, server: Server) -> Iterator[str]:
    """Give the parameters of other types by which they may refer to this one."""
    for of, parameters in server.parameters.items():
        for each in parameters.values():
            if each.kind == "reference" and type in (each.targets or (type,)):
                yield f"{of}:{each.name}"


def _parameter(parameter: SearchParameter) -> dict[str, str]:
    kind = "string" if parameter.kind == "phonetic" else parameter.kind
    documentation = {"documentation": parameter.documentation} if parameter.documentation else {}
    return {"name": parameter.name, "type": kind, **documentation}


def _operations(server: Server, *levels: str, type: str | None = None) -> Iterator[OperationDefinition]:
    for name in sorted(server.operations):
        for each in server.operations[name]:
            if each.definition and each.level in levels and each.type == type:
                yield each


def _own(type: str) -> list[Json]:
    """Give the operations that the server does itself, at system level or, `type` not empty, on a type."""
    found = [(*route.pattern.rpartition("/"), route.definition) for route in ROUTES if route.definition]
    places = {type, "{type}", "{type}/{id}"} if type else {""}
    named = {name.removeprefix("$"): definition for where, _, name, definition in found if where in places}
    return [{"name": name, "definition": definition} for name, definition in named.items()]


def _operation(operation: OperationDefinition) -> Json:
    return {"name": operation.name.removeprefix("$"), "definition": operation.definition}
