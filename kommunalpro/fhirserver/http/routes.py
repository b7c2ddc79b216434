"""The router is a table: method, address, interaction, function. The CapabilityStatement is made from it too."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kommunalpro.fhir.outcome import FhirError, NotFound, NotImplementedHere
from kommunalpro.fhirserver.access import Interaction, Request
from kommunalpro.fhirserver.http import exporting, handlers
from kommunalpro.fhirserver.http.handlers import Handler
from kommunalpro.fhirserver.http.refusals import not_offered
from kommunalpro.fhirserver.protocols import OperationDefinition, Rules

_PARTS = {
    "{type}": "(?P<type>[A-Z][A-Za-z]{1,63})",
    "{id}": r"(?P<id>[A-Za-z0-9\-.]{1,64})",
    "{version}": r"(?P<version>[A-Za-z0-9\-.]{1,64})",
    "{operation}": r"(?P<operation>\$[A-Za-z\-]{1,64})",
}


@dataclass(frozen=True)
class Route:
    """One row: what a method on an address does. `interaction` None: whatever the type offers.

    `definition` is the OperationDefinition of an operation that the server does itself; empty of everything else.
    `begins_work`: a GET that leaves something to be done, so that HEAD is not the same without the answer.
    `by_condition`: the address's query says which resource is meant; without one, it means none.
    """

    method: str
    pattern: str
    handler: Handler
    interaction: Interaction | None = None
    definition: str = ""
    begins_work: bool = False
    by_condition: bool = False

    @property
    def methods(self) -> frozenset[str]:
        """Give the methods that it answers: what GET answers, HEAD answers."""
        return frozenset({self.method, "HEAD"} if self.method == "GET" and not self.begins_work else {self.method})

    @cached_property
    def address(self) -> re.Pattern[str]:
        """Give the pattern as a regular expression."""
        return re.compile("/".join(_PARTS.get(part, re.escape(part)) for part in self.pattern.split("/")))


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and what the address names."""

    route: Route
    type: str = ""
    id: str = ""
    version: str = ""
    operation: str = ""

    @property
    def asked(self) -> Request | None:
        """Give what the address asks for; None: nothing that is offered."""
        if self.route.interaction is None:
            return None
        name = self.operation or self.route.pattern.rpartition("/")[2]
        is_operation = self.route.interaction == "operation"
        return Request(self.route.interaction, self.type or None, self.id or None, name=name if is_operation else None)


_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_STATUS = "http://ehealth.sundhed.dk/fhir/OperationDefinition/-s-export-poll-status"
_R4 = "http://hl7.org/fhir/OperationDefinition/Resource"

ROUTES = (
    Route("POST", "", handlers.transaction, "transaction"),
    Route("GET", "", handlers.not_yet),
    Route("GET", "_history", handlers.history, "history"),
    Route("POST", "_search", handlers.not_yet),
    Route("GET", "$export", exporting.export_system, "operation", f"{_BULK}/export", begins_work=True),
    Route("POST", "$export", exporting.export_system, "operation", f"{_BULK}/export"),
    Route(
        "GET", "Patient/$export", exporting.export_patients, "operation", f"{_BULK}/patient-export", begins_work=True
    ),
    Route("POST", "Patient/$export", exporting.export_patients, "operation", f"{_BULK}/patient-export"),
    Route("GET", "$export-poll-status", exporting.export_status, "operation", _STATUS),
    Route("DELETE", "$export-poll-status", exporting.give_up, "operation", _STATUS),
    Route("GET", "$export-file", exporting.download, "operation"),
    Route("GET", "$meta", handlers.meta, "operation", f"{_R4}-meta"),
    Route("POST", "$meta", handlers.meta, "operation", f"{_R4}-meta"),
    Route("GET", "{operation}", handlers.operate, "operation"),
    Route("POST", "{operation}", handlers.operate, "operation"),
    Route("GET", "{type}", handlers.search, "search"),
    Route("POST", "{type}/_search", handlers.search, "search"),
    Route("POST", "{type}", handlers.create, "create"),
    Route("PUT", "{type}", handlers.update_where, "update", by_condition=True),
    Route("PATCH", "{type}", handlers.patch_where, "patch", by_condition=True),
    Route("GET", "{type}/_history", handlers.history, "history"),
    Route("GET", "{type}/$meta", handlers.meta, "operation", f"{_R4}-meta"),
    Route("POST", "{type}/$meta", handlers.meta, "operation", f"{_R4}-meta"),
    Route("POST", "{type}/$validate", handlers.validate, "operation", f"{_R4}-validate"),
    Route("GET", "{type}/{operation}", handlers.operate, "operation"),
    Route("POST", "{type}/{operation}", handlers.operate, "operation"),
    Route("GET", "{type}/{id}", handlers.read, "read"),
    Route("PUT", "{type}/{id}", handlers.update, "update"),
    Route("PATCH", "{type}/{id}", handlers.patch, "patch"),
    Route("DELETE", "{type}/{id}", handlers.delete, "delete"),
    Route("GET", "{type}/{id}/_history", handlers.history, "history"),
    Route("GET", "{type}/{id}/_history/{version}", handlers.vread, "vread"),
    Route("GET", "{type}/{id}/$meta", handlers.meta, "operation", f"{_R4}-meta"),
    Route("POST", "{type}/{id}/$meta", handlers.meta, "operation", f"{_R4}-meta"),
    Route("POST", "{type}/{id}/$validate", handlers.validate, "operation", f"{_R4}-validate"),
    Route("GET", "{type}/{id}/{operation}", handlers.operate, "operation"),
    Route("POST", "{type}/{id}/{operation}", handlers.operate, "operation"),
)

_BY_DEPTH = {
    depth: tuple(each for each in ROUTES if each.pattern.count("/") == depth)
    for depth in {each.pattern.count("/") for each in ROUTES}
}
"""No part of an address holds a slash: what has as many parts may be meant."""


def find_route(
    method: str,
    path: str,
    rules: Rules,
    operations: Mapping[str, tuple[OperationDefinition, ...]],
    *,
    has_condition: bool = False,
) -> Match:
    """Find what a request asks for; `has_condition`: its query says more than how the answer is written.

    Raises:
        NotFound: no such address, or no such resource type here.
        MethodNotAllowed: the address is there, but its type does not offer this.
        NotImplementedHere: an operation that this server does not have.
    """
    matches = list(_matches(path))
    if not matches:
        raise NotFound("Adressen findes ikke.", diagnostics="No such address")
    type = matches[0].type
    if type and type not in rules.types:
        raise NotFound("Typen findes ikke her.", diagnostics=f"{type} is not served here", code="not-supported")
    meant = (match for match in matches if has_condition or not match.route.by_condition)
    offered = [match for match in meant if is_offered(match, rules, operations)]
    for match in offered:
        if method in match.route.methods:
            return match
    raise _refusal(method, matches, offered, operations)


def _matches(path: str) -> Iterator[Match]:
    for route in _BY_DEPTH.get(path.count("/"), ()):
        found = route.address.fullmatch(path)
        if found:
            yield Match(route, **found.groupdict())


def is_offered(match: Match, rules: Rules, operations: Mapping[str, tuple[OperationDefinition, ...]]) -> bool:
    """Say whether what an address names has this route."""
    route = match.route
    if match.operation:
        return any(_fits(each, match) for each in operations.get(match.operation, ()))
    if route.interaction == "transaction":
        return any(rules.in_transaction(type) for type in rules.types)
    if route.interaction == "history" and not match.type:
        return any("history" in rules.interactions(type) for type in rules.types)
    if route.interaction is None or route.definition or not match.type:
        return True
    return route.interaction in rules.interactions(match.type)


def _fits(definition: OperationDefinition, match: Match) -> bool:
    level = "instance" if match.id else "type" if match.type else "system"
    right_type = level == "system" or definition.type == match.type
    return definition.level == level and right_type and (match.route.method == "POST" or definition.on_get is not None)


def _refusal(
    method: str,
    matches: list[Match],
    offered: list[Match],
    operations: Mapping[str, tuple[OperationDefinition, ...]],
) -> FhirError:
    name = matches[0].operation
    if name and name not in operations:
        return NotImplementedHere(
            "Den operation findes ikke her.", diagnostics=f"The operation {name} is not offered by this server"
        )
    return not_offered(method, tuple(sorted({each for match in offered for each in match.route.methods})))
