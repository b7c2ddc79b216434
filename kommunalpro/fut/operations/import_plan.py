"""`PlanDefinition/$import`: what is in a package of `$export`, as drafts of one's own; all of it or nothing.

Supported: `planDefinitionPackage`, a Binary with a zip in base64. The plans, activities and questionnaires are made as
drafts, and so are DocumentReferences, Views and ActionGuidance; they refer to each other as they did. Libraries and
Organizations are found (SOR, STS, CVR number; canonical URL and version) and never made. A definition keeps its base
where that is new here or the organisation's own, with its number, or the next one where that is taken; else it is a
copy with a base of its own, owned by who brings it in. What is here already with the same content is used: the same
package once more makes nothing. The answer is a Bundle of what was made, plans first. All that keeps a package out is
told at once (422). `preview`, which is ours, makes nothing and answers Parameters with what would be `made`, what is
`here` and `matched`, and a `problem` (OperationOutcome) where there are any.
Not supported: QFDD documents become DocumentReferences here, and are not taken apart; two versions of one base in a
package, since a base has one draft at a time (422); a Library or an Organization that is not here (422).
Also takes: the create privilege of each type that is made, and read and search of those that are looked for.

Source: `fut.md` 0.5, 0.10, 4.5; OperationDefinition PlanDefinition-t-import.
"""

from typing import Any

from kommunalpro.fhir.bundle import collection
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, FhirError, operation_outcome
from kommunalpro.fhir.parameters import parameters as make_parameters
from kommunalpro.fhir.parameters import value
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.operations.arguments import element
from kommunalpro.fut.packages.archive import unpack
from kommunalpro.fut.packages.arrival import Arrival

_PLANS_FIRST = ("PlanDefinition", "ActivityDefinition", "Questionnaire", "Basic", "DocumentReference")


class _OnlyLooked(Exception):
    """Ends a savepoint: nothing of what was made is to be kept."""


def import_plan(session: Session, parameters: Json, target: str | None) -> Json:
    """Make what is new in a package, as the user."""
    arrival = Arrival(session, unpack(_data(parameters)))
    if value(parameters, "preview") is True:
        return _looked_at(session, arrival)
    arrival.bring_in()
    arrival.refuse()
    base = session.server.base_url
    entries = [{"fullUrl": own_url(base, each), "resource": each} for each in _plans_first(arrival.made)]
    return {**collection(()), **({"entry": entries} if entries else {})}


def _data(parameters: Json) -> str:
    binary = element(parameters, "planDefinitionPackage") or {}
    data = binary.get("data")
    if not isinstance(data, str):
        raise BadRequest("Vælg en pakke.", diagnostics="planDefinitionPackage must be a Binary with data")
    return data


def _looked_at(session: Session, arrival: Arrival) -> dict[str, Any]:
    """Give what would come of a package, by having it come and taking it back: so nothing is told that would not be."""
    try:
        with session.savepoint():
            arrival.bring_in()
            raise _OnlyLooked
    except _OnlyLooked:
        pass
    found = (("made", _plans_first(arrival.made)), ("here", _plans_first(arrival.here)), ("matched", arrival.matched))
    told = [{"name": name, "resource": each} for name, resources in found for each in resources]
    try:
        arrival.refuse()
    except FhirError as wrong:
        told.append({"name": "problem", "resource": operation_outcome(wrong.issues, wrong.code)})
    return make_parameters(*told)


def _plans_first(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what others are part of before its parts: they were brought in the other way round."""
    last_first = list(reversed(resources))
    return sorted(last_first, key=lambda each: _PLANS_FIRST.index(each["resourceType"]))
