"""Answering as another application does: measurement Bundles of plain FHIR, right and wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from kommunalpro.care.due import Due, due_for
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, transaction
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.gateway import Principal
from kommunalpro.pro.answers import write_items
from kommunalpro.pro.form import compile_form
from tests.unit.care.world import MONDAY, Enrolled, assess_what_waits
from tests.unit.definitions.folders import read

FOLDER = "hverdagen-med-kronisk-sygdom"
LATER = MONDAY + timedelta(hours=1)
BAD, GOOD = "smerter-og-daarlig-soevn", "god-hverdag"
"""Two of the golden cases: what a person worked out by hand is a red light, and a green one."""


def answers(case: str) -> dict[str, Any]:
    """Give the answers of a golden case, by question."""
    return {path: list(given) for path, given in read(FOLDER, f"golden/{case}.json")["answers"].items()}


def expected(case: str) -> Any:
    """Give what a person worked out from them."""
    return read(FOLDER, f"golden/{case}.json")["expected"]


@dataclass(frozen=True)
class Asked:
    """What a citizen is asked, and by whom it is answered."""

    nancy: Enrolled
    due: Due

    @property
    def by(self) -> Principal:
        """The citizen, in the course of care that it belongs to."""
        return self.nancy.self.within(episode_of_care=self.nancy.episode)

    def response(self, given: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Make a QuestionnaireResponse from answers by question; `item=` and the rest replace what stands there."""
        items = write_items(
            compile_form(read(FOLDER, "questionnaire.json")), {path: tuple(a) for path, a in given.items()}
        )
        return {
            "resourceType": "QuestionnaireResponse",
            "extension": [
                {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": self.nancy.episode}},
                self.timing(),
            ],
            "basedOn": [{"reference": self.due.service_request}],
            "questionnaire": self.due.questionnaire,
            "status": "completed",
            "subject": {"reference": self.nancy.patient},
            "authored": to_datetime(LATER),
            "source": {"reference": self.nancy.patient},
            "item": items,
            **changes,
        }

    def timing(self, type: str = "Resolved", version: str | None = None, **changes: Any) -> dict[str, Any]:
        """Make the resolved timing; `start=None` leaves one out."""
        slot = {"start": self.due.slot_start, "end": self.due.slot_end} | changes
        coding = {"system": ehealth.RESOLVED_TIMING_TYPE, "code": type}
        parts: list[dict[str, Any]] = [
            {"url": "serviceRequestVersionId", "valueId": version or self.due.service_request_version},
            *({"url": name, "valueDateTime": to_datetime(at)} for name, at in slot.items() if at),
            {"url": "type", "valueCodeableConcept": {"coding": [coding]}},
        ]
        return {"url": ehealth.RESOLVED_TIMING, "extension": parts}

    def submit(self, bundle: Any, *, by: Principal | None = None, now: datetime = LATER) -> Any:
        """Send a Bundle, as the citizen unless somebody else is named."""
        gateway = self.nancy.world.gateway
        asked = parameters({"name": "measurement", "resource": bundle})
        answer = gateway.operation("$submit-measurement", asked, by=by or self.by, now=now)
        assess_what_waits(now)
        return answer


def asked_of(nancy: Enrolled) -> Asked:
    """Find what a citizen is asked."""
    [due] = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    return Asked(nancy, due)


def bundle_of(*responses: Any, uuid: str | None = None) -> dict[str, Any]:
    """Make the measurement Bundle of some responses; `uuid` is the first one's identity."""
    names = [f"urn:uuid:{uuid or uuid4()}", *(f"urn:uuid:{uuid4()}" for _ in responses[1:])]
    return transaction(create_entry(each, name) for each, name in zip(responses, names, strict=True))
