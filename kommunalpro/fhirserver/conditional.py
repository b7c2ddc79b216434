"""Conditions: a search, as who asks, that says which resource is meant. Source: R4 http.html (ccreate, cond-update).

It finds what a search finds: what is hidden from the caller is not there. Whoever is to make what it does not find
waits for others who look for the same, so that two at once make one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, FhirError, Issue, NotFound, PreconditionFailed
from kommunalpro.fhirserver.access import Interaction, Request
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.preconditions import Preconditions
from kommunalpro.fhirserver.search.query import Query
from kommunalpro.fhirserver.search.run import Search

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

_MOST_PARAMETERS = 50
_REFERENCE = re.compile(r"([A-Z][A-Za-z]{1,63})\?(.+)", re.DOTALL)
"""A reference by what is searched for: `Patient?identifier=…`."""


def find(session: "Session", type: str, condition: str) -> dict[str, Any] | None:
    """Give the one resource that a condition finds; None when it finds none.

    Raises:
        PreconditionFailed: it finds several.
        BadRequest: it is no search, or one that says how the answer is wanted rather than which resource.
        Forbidden: this user may not search for this.
    """
    session.check_type(type)
    pairs = read_condition(condition)
    session.authorise(Request("search", type, parameters=tuple(pairs)))
    query = session.queries.read(type, pairs, session.visible)
    if not query.conditions or query != Query(type, query.conditions):
        raise BadRequest(
            "Betingelsen kan ikke bruges.",
            diagnostics="A condition says which resource: by a parameter, and without _sort, _count and their like",
        )
    query.count, query.total = 2, "none"
    server = session.server
    found = Search(query, session.visible, server.parameters, server.base_url, to_microseconds(session.now)).run()
    matches = [session.touched(each) for each in found.matches]
    if len(matches) > 1:
        raise PreconditionFailed("Der findes flere, der passer.", diagnostics=f"The condition finds several {type}")
    return matches[0] if matches else None


def take_turns(session: "Session", conditions: Sequence[tuple[str, str]]) -> None:
    """Wait until nobody else makes what these conditions, each a type and a query, may not find.

    In one order for all, so that no two wait for each other.
    """
    for name in sorted({f"{type}?{urlencode(sorted(read_condition(condition)))}" for type, condition in conditions}):
        session.take_turns(name)


def update(session: "Session", resource: Json, condition: str, on: Preconditions) -> dict[str, Any]:
    """Replace the one resource that a condition finds; create it when there is none.

    Raises:
        PreconditionFailed: it finds several; or not what it must be `on`.
        BadRequest: the resource's id is another's than the one found.
        NotFound: it finds none, and this type is not created so.
    """
    type = str(resource["resourceType"])
    session.check_type(type)
    session.authorise(Request("update", type))
    take_turns(session, ((type, condition),))
    found = find(session, type, condition)
    check_target(resource, found, session.server.rules.interactions(type), on)
    if found is None:
        return session.create(resource)
    return session.update({**resource, "id": found["id"]}, if_match=on.version_of(found))


def patch(
    session: "Session", type: str, condition: str, operations: Sequence[Json], on: Preconditions
) -> dict[str, Any]:
    """Apply a JSON Patch to the one resource that a condition finds.

    Raises:
        NotFound: it finds none.
        PreconditionFailed: it finds several; or not what it must be `on`; or it was changed since it was found.
    """
    session.check_type(type)
    session.authorise(Request("patch", type))
    found = find(session, type, condition)
    if found is None:
        raise found_none(type)
    version = on.version_of(found) or str(found["meta"]["versionId"])
    return session.patch(type, found["id"], operations, if_match=version)


def check_target(resource: Json, found: Json | None, offered: frozenset[Interaction], on: Preconditions) -> None:
    """Check that a conditional update may do what it comes to.

    Raises:
        PreconditionFailed: there is none, and it is meant for a version of one.
        BadRequest: the resource's id is not that of the one found, or there is none and it has one.
        NotFound: there is none, and this type is not created so.
    """
    given = resource.get("id")
    if found is None and "create" not in offered:
        raise found_none(str(resource["resourceType"]))
    if given is not None and given != (found["id"] if found else None):
        raise BadRequest(
            "Ressourcens id passer ikke til det, betingelsen finder.",
            diagnostics="The id must be that of what the condition finds; when it finds none, the server gives the id",
            expression=f"{resource['resourceType']}.id",
        )
    if found is None:
        on.refuse_nothing(str(resource["resourceType"]))


def found_none(type: str) -> NotFound:
    """Make the refusal of a condition that finds none, or what may not be known of."""
    return NotFound("Der er ingen, der passer.", diagnostics=f"The condition finds no {type}, or none that is visible")


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Give each conditional reference, a type and a condition, wherever it stands."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        if wanted := _wanted(value):
            yield wanted
        for each in value.values():
            yield from references(each)


def with_references(session: "Session", resource: Json) -> dict[str, Any]:
    """Give a resource with each conditional reference in it replaced by the address of what it finds.

    Raises:
        FhirError: the first refusal's kind (PreconditionFailed: it finds none, or several), with the places of all.
    """
    refusals: list[FhirError] = []
    answers = {wanted: _address(session, *wanted) for wanted in dict.fromkeys(references(resource))}
    changed = _replaced(resource, str(resource.get("resourceType", "")), answers, refusals)
    if refusals:
        raise type(refusals[0])(issues=[issue for each in refusals for issue in each.issues])
    return dict(changed)


def _wanted(value: Json) -> tuple[str, str] | None:
    reference = value.get("reference")
    match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    return (match[1], match[2]) if match else None


def _replaced(
    value: Any, path: str, answers: Mapping[tuple[str, str], str | FhirError], refusals: list[FhirError]
) -> Any:
    if isinstance(value, list):
        return [_replaced(each, f"{path}[{number}]", answers, refusals) for number, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    changed = {name: _replaced(each, f"{path}.{name}", answers, refusals) for name, each in value.items()}
    if wanted := _wanted(value):
        answer = answers[wanted]
        if isinstance(answer, FhirError):
            place = f"{path}.reference"
            issues = [Issue(each.text, each.diagnostics, place, each.code or answer.code) for each in answer.issues]
            refusals.append(type(answer)(issues=issues))
        else:
            changed["reference"] = answer
    return changed


def _address(session: "Session", type: str, condition: str) -> str | FhirError:
    """Give the address of what a conditional reference finds, or why it means nothing."""
    if not session.server.offers.conditionals:
        return BadRequest("Betingede henvisninger tages ikke imod.", diagnostics="No conditional references here")
    try:
        found = find(session, type, condition)
    except FhirError as wrong:
        return wrong
    if found is None:
        return PreconditionFailed(
            "Der er ingen, der passer.", diagnostics=f"The condition finds no {type}, or none that is visible"
        )
    return f"{session.server.base_url}/{type}/{found['id']}"


def read_condition(condition: str) -> list[tuple[str, str]]:
    """Read a condition as the parameters of a search.

    Raises:
        BadRequest: it is none, or cannot be read.
    """
    try:
        pairs = parse_qsl(condition, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        pairs = []
    if pairs and "?" in pairs[0][0]:
        said = "A condition is what stands after the ? of a search: name=value&name=value"
        raise BadRequest("Betingelsen kan ikke læses.", diagnostics=said)
    if not pairs or any("\x00" in part for pair in pairs for part in pair):
        raise BadRequest("Betingelsen kan ikke læses.", diagnostics="A condition is a search: name=value&name=value")
    return pairs
