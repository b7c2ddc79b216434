"""What an operation was given, held against what it declares: one place for every operation and whichever door.

A parameter that is not read would be a wish that is not met and not refused: a span that is not kept, a team that is
not looked at. So what an operation does not take is refused, all of it at once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Issue, NotImplementedHere
from kommunalpro.fhir.parameters import parameters as make_parameters
from kommunalpro.fhirserver.protocols import OperationDefinition, Parameter

_PRIMITIVES: Mapping[str, type] = {
    "boolean": bool,
    "integer": int,
    **dict.fromkeys(("string", "uri", "canonical", "code", "dateTime"), str),
}
"""FHIR's type → what its value is in JSON: a code that is sent as a string says the same."""
_WORDS = {"true": True, "false": False}
_MOST_NAMED = 100
"""Problems that are told at once; who sends more has made one mistake, many times."""


def take(definition: OperationDefinition, parameters: Json, *, by_query: bool) -> Json:
    """Give Parameters with nothing in them but what the operation takes; `by_query`: all of it came as text.

    Raises:
        BadRequest: something is not taken at all, too often, or as something else; names all of it.
        NotImplementedHere: something is known and not done here; names it.
    """
    sent = parameters["resourceType"]
    if sent != "Parameters":
        parameters = _wrapped(definition, parameters)
    if definition.parameters is None:
        return parameters
    declared = {each.name: each for each in definition.parameters}
    given = list(parameters.get("parameter", ()))
    if by_query:
        given = [_read(each, declared.get(each["name"])) for each in given]
    problems = [*_strangers(definition, given, declared), *_misfits(given, declared, sent)]
    if problems:
        raise BadRequest(issues=problems[:_MOST_NAMED])
    undone = dict.fromkeys(each["name"] for each in given if not declared[each["name"]].is_done)
    if undone:
        raise NotImplementedHere(
            issues=[
                Issue("Den oplysning understøttes ikke endnu.", f"Parameter {name}: not done here") for name in undone
            ]
        )
    return {**parameters, "parameter": given} if given else parameters


def _wrapped(definition: OperationDefinition, resource: Json) -> Json:
    """Give the one resource that was sent bare, as the parameter that it is."""
    if definition.body is None:
        detail = f"{definition.name} takes Parameters, not {resource['resourceType']}"
        raise BadRequest("Det sendte er ikke det, der bedes om.", diagnostics=detail)
    return make_parameters({"name": definition.body, "resource": resource})


def _strangers(
    definition: OperationDefinition, given: list[Json], declared: Mapping[str, Parameter]
) -> Iterator[Issue]:
    """Tell what is not taken, and what is given oftener than it is taken."""
    taken = ", ".join(name for name, each in declared.items() if each.is_done) or "none"
    for name, count in Counter(each["name"] for each in given).items():
        if name not in declared:
            shown = mask_cpr(name)[:60]
            detail = f"{definition.name} does not take {shown!r}; it takes: {taken}"
            yield Issue(f"Ukendt parameter: {shown}", detail, "Parameters.parameter", code="not-supported")
        elif (most := declared[name].most) is not None and count > most:
            detail = f"Parameter {name} is given {count} times, at most {most}"
            yield Issue(f"Oplysningen {name} er givet for mange gange.", detail, "Parameters.parameter")


def _misfits(given: list[Json], declared: Mapping[str, Parameter], sent: str) -> Iterator[Issue]:
    """Tell what is something else than is asked for, where it stands in what was sent: Parameters, or it alone."""
    for number, each in enumerate(given):
        type = declared[each["name"]].type if each["name"] in declared else ""
        if type and not _is(each, type):
            detail = f"Parameter {each['name']} must be of type {type}"
            place = f"Parameters.parameter[{number}]" if sent == "Parameters" else sent
            yield Issue(f"Oplysningen {each['name']} kan ikke læses.", detail, place)


def _is(given: Json, type: str) -> bool:
    values = [value for name, value in given.items() if name.startswith("value")]
    kind = _PRIMITIVES.get(type)
    # A boolean is an int to Python, and to nobody else.
    if kind:
        return bool(values) and values[0].__class__ is kind
    return f"value{type}" in given or given.get("resource", {}).get("resourceType") == type


def _read(given: Json, declared: Parameter | None) -> Json:
    """Give a parameter of a query, which is always text, as what it says; what says nothing stays text."""
    text = given.get("valueString", "")
    value: Any = text
    if declared and declared.type == "boolean":
        value = _WORDS.get(text, text)
    elif declared and declared.type == "integer" and text.isascii() and text.isdigit() and len(text) < 10:
        value = int(text)
    kind = "String" if value is text else "Boolean" if isinstance(value, bool) else "Integer"
    return {"name": given["name"], f"value{kind}": value}
