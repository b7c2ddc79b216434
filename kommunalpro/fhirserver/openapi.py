"""The addresses that are offered, as an OpenAPI document: made from the router and the rules, so that it cannot lie.

What a resource looks like is R4's and FUT's to say, so schemas stop at `resourceType`. Source: OpenAPI 3.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.history import PARAMETERS as HISTORY
from kommunalpro.fhirserver.http.handlers import PARTS, not_yet
from kommunalpro.fhirserver.http.headers import FORM, JSON, JSON_PATCH
from kommunalpro.fhirserver.http.routes import ROUTES, Match, Route, is_offered
from kommunalpro.fhirserver.protocols import OperationDefinition
from kommunalpro.fhirserver.server import Server

PATH = "openapi.json"
"""Where it is, below the base."""

_HOW = ("_count", "_sort", "_include", "_revinclude", "_summary", "_elements", "_total")
"""How the answer of a search may be wanted."""
_IN_PATH: Mapping[str, str] = {
    "id": r"^[A-Za-z0-9\-.]{1,64}$",
    "version": "^[0-9]{1,9}$",
}
_PRECONDITIONS = ("If-Match", "If-None-Match", "If-Unmodified-Since")
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "read": ("If-None-Match", "If-Modified-Since"),
    "vread": ("If-None-Match", "If-Modified-Since"),
    "create": ("If-None-Exist", "Prefer"),
    "update": (*_PRECONDITIONS, "Prefer"),
    "patch": (*_PRECONDITIONS, "Prefer"),
    "delete": _PRECONDITIONS,
    "transaction": ("Prefer",),
}
"""The headers that mean something to an interaction."""
_PATCH = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string"},
            "from": {"type": "string"},
            "value": {},
        },
    },
}


def openapi(server: Server) -> dict[str, Any]:
    """Give the document."""
    paths: dict[str, dict[str, Any]] = {}
    for address, method, operation in _operations(server):
        paths.setdefault(address, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kommunal PRO",
            "version": version("kommunalpro"),
            "description": "What is offered by GET is offered by HEAD too, but for the beginning of an export.",
        },
        "servers": [{"url": server.base_url}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {
                "Refused": {
                    "description": "Why not.",
                    "content": {JSON: {"schema": _resource("OperationOutcome")}},
                }
            },
        },
    }


def _operations(server: Server) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give (address, method, what it is) of everything that is offered."""
    metadata = _operation(server, Route("GET", "metadata", not_yet), "", "capabilities")
    yield "/metadata", "GET", metadata | {"security": []}
    # One without a definition is only refused, by its name: the CapabilityStatement leaves it out too.
    offered = {name: tuple(each for each in found if each.definition) for name, found in server.operations.items()}
    for route in ROUTES:
        if route.handler is not_yet:
            continue
        for type in sorted(server.rules.types) if "{type}" in route.pattern else [""]:
            for name in sorted(server.operations) if "{operation}" in route.pattern else [""]:
                id = "x" if "{id}" in route.pattern else ""
                if is_offered(Match(route, type, id, operation=name), server.rules, offered):
                    address = route.pattern.replace("{type}", type).replace("{operation}", name)
                    yield f"/{address}", route.method, _operation(server, route, type, name)


def _operation(server: Server, route: Route, type: str, name: str) -> dict[str, Any]:
    words = [part.strip("{}$_") for part in route.pattern.split("/") if part not in ("{type}", "{operation}")]
    what = route.interaction or "read"
    written: dict[str, Any] = {
        "operationId": "-".join(part for part in (route.method.lower(), what, type, name.strip("$"), *words) if part),
        "tags": [type or "system"],
        "parameters": list(_parameters(server, route, type, name)),
        "responses": {"2XX": {"description": "Done."}, "default": {"$ref": "#/components/responses/Refused"}},
    }
    if (body := _body(server, route, type, name)) is not None:
        media, schema = body
        written["requestBody"] = {"required": what != "operation", "content": {media: {"schema": schema}}}
    return written


def _parameters(server: Server, route: Route, type: str, operation: str) -> Iterator[Json]:
    for part, pattern in _IN_PATH.items():
        if f"{{{part}}}" in route.pattern:
            yield _text(part, "path", pattern=pattern) | {"required": True}
    for name in _in_query(server, route, type, operation):
        yield _text(name, "query")
    for name in _HEADERS.get(route.interaction or "", ()):
        yield _text(name, "header")


def _in_query(server: Server, route: Route, type: str, operation: str) -> Iterable[str]:
    """Give what an address takes in its query beside how the answer is written."""
    match route.interaction:
        case "search" if route.method == "GET":
            asked = ("_id", "_lastUpdated", *sorted(server.parameters[type]))
            return (*(each for each in asked if server.searchable.has(type, each)), *_HOW)
        case "read" | "vread":
            return sorted(PARTS)
        case "history":
            return HISTORY
        case "operation" if route.method == "GET":
            return _taken(server.operations.get(operation, ()), route, type)
        case _:
            return ()


def _taken(definitions: Iterable[OperationDefinition], route: Route, type: str) -> Iterator[str]:
    """Give what an operation takes by GET: what is no primitive can stand in no query (R4, operations.html)."""
    level = "instance" if "{id}" in route.pattern else "type" if type else "system"
    for definition in definitions:
        if definition.level == level and definition.type == (type or None):
            yield from (
                each.name for each in definition.parameters or () if each.is_done and not each.type[:1].isupper()
            )


def _text(name: str, where: str, **more: str) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": {"type": "string", **more}}


def _of_operation(definitions: Iterable[OperationDefinition]) -> Json:
    """Parameters, or the resource that its one parameter is, bare."""
    bare = [each.body for each in definitions if each.body]
    any_resource = {"type": "object", "required": ["resourceType"], "description": f"{'; '.join(bare)}, bare"}
    return {"anyOf": [_resource("Parameters"), any_resource]} if bare else _resource("Parameters")


def _body(server: Server, route: Route, type: str, name: str) -> tuple[str, Json] | None:
    match route.interaction:
        case "create" | "update":
            return JSON, _resource(type)
        case "patch":
            return JSON_PATCH, _PATCH
        case "transaction":
            return JSON, _resource("Bundle")
        case "search" if route.method == "POST":
            return FORM, {"type": "object", "additionalProperties": {"type": "string"}}
        case "operation" if route.method == "POST":
            return JSON, _of_operation(server.operations.get(name, ()))
        case _:
            return None


def _resource(type: str) -> Json:
    return {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"const": type}}}
