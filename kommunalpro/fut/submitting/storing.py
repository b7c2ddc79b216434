"""A submission as it is stored: what the server adds to each resource, and the Provenance that keeps them together.

Source: `fut.md` 1B (provenance) and 4.3.
"""

from collections.abc import Sequence
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.owners import NAMES_EPISODE
from kommunalpro.fut.submitting.checks import request_of
from kommunalpro.fut.submitting.entries import Entry, resolved
from kommunalpro.fut.submitting.observations import with_ranges
from kommunalpro.fut.submitting.reuse import with_original_time

_Made = tuple[str, dict[str, Any]]


def ready(session: Session, sent: Sequence[Entry], submission: str) -> list[_Made]:
    """Give each entry with the id it gets, as it is stored. `submission`: the id of the Provenance of them all."""
    is_mixed = any(each.type != "QuestionnaireResponse" for each in sent)
    mark = [{"url": ehealth.SUBMISSION, "valueId": submission}] if is_mixed else []
    made = []
    for id, resource in resolved(sent, session.server.base_url):
        if resource["resourceType"] == "Provenance":
            made.append((id, _of_the_course(with_original_time(session, resource), sent)))
            continue
        if resource["resourceType"] == "Observation" and (request := request_of(session, resource)):
            resource = with_ranges(resource, request)
        # A mark that was sent along would have it counted as if it had come with something else.
        own = [each for each in resource["extension"] if each["url"] != ehealth.SUBMISSION]
        made.append((id, _identified({**resource, "extension": [*own, *mark]})))
    return made


def coherent(session: Session, made: Sequence[_Made]) -> dict[str, Any]:
    """Say that these measurements, each by the id it gets, belong together."""
    base = session.server.base_url
    measurements = [(id, each) for id, each in made if each["resourceType"] != "Provenance"]
    first = measurements[0][1]
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"{base}/{each['resourceType']}/{id}/_history/1"} for id, each in measurements],
        "recorded": to_instant(session.now),
        "policy": [ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT],
        "agent": [{"who": _who(first)}],
        "entity": [
            {"role": "source", "what": extension_value(first, ehealth.WORKFLOW_EPISODE_OF_CARE)},
            *({"role": "source", "what": reference} for _, each in measurements for reference in each["basedOn"]),
        ],
    }


def _who(measurement: Json) -> Json:
    """Give who has answered, measured or taken the picture; where nobody is named, the citizen."""
    who: Json = (
        measurement.get("source")
        or next(iter(measurement.get("performer", ())), None)
        or measurement.get("operator")
        or measurement["subject"]
    )
    return who


def _identified(measurement: Json) -> dict[str, Any]:
    """Add the measurement identifier that the server gives [EX]; of a response there is one, of the others a list."""
    identifier = {"system": ehealth.EHEALTH_IDENTIFIER, "value": f"urn:uuid:{new_id()}"}
    is_response = measurement["resourceType"] == "QuestionnaireResponse"
    return {**measurement, "identifier": measurement.get("identifier", identifier if is_response else [identifier])}


def _of_the_course(provenance: dict[str, Any], sent: Sequence[Entry]) -> dict[str, Any]:
    """Let a Provenance name the course of care: it says of what its copy is one, and nothing else of whose it is.

    Without, it would be the citizen's row alone, and whoever looks at the copy would not see that it is one. What it
    says itself of a course of care is not taken: it would be a row of whatever course that is.
    """
    measurement = next(each.resource for each in sent if each.is_measurement)
    course = extension(measurement, ehealth.WORKFLOW_EPISODE_OF_CARE)
    others = [each for each in provenance.get("extension", ()) if each["url"] not in NAMES_EPISODE]
    return {**provenance, "extension": [*([course] if course else ()), *others]}
