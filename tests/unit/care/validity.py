"""Marking a response as an error, and taking that back, as another application of the team does."""

from datetime import datetime, timedelta
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Principal
from tests.unit.care.world import MONDAY, Enrolled

EVENING = MONDAY + timedelta(hours=8)


def invalidate(
    nancy: Enrolled,
    response: str,
    *,
    decision: str = "invalidated-fulfills",
    by: Principal | None = None,
    now: datetime = EVENING,
) -> Json:
    """Mark a response as an error; Asta does it."""
    return _say(nancy, response, "measurement-invalidated", decision, by or nancy.world.asta, now)


def take_back(nancy: Enrolled, response: str, *, now: datetime = EVENING) -> Json:
    """Let it count again."""
    return _say(nancy, response, "measurement-invalidation-retracted", None, nancy.world.asta, now)


def impression(
    nancy: Enrolled, measurement: str, finding: str, decision: str | None, version: str, **changes: Any
) -> dict[str, Any]:
    """Say something of a version of a measurement, as FUT describes it."""
    decided = _coded(ehealth.CLINICALIMPRESSION_DECISION_CODES, decision or "")
    return {
        "resourceType": "ClinicalImpression",
        "extension": [
            {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": nancy.episode}},
            *([{"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": decided}] if decision else []),
        ],
        "status": "completed",
        "code": _coded(ehealth.CLINICALIMPRESSION_CODES, "MeasurementValidityUpdate"),
        "subject": {"reference": nancy.patient},
        "investigation": [items(f"{measurement}/_history/{version}", measurement)],
        "finding": [{"itemCodeableConcept": _coded(ehealth.CLINICALIMPRESSION_FINDING_CODES, finding)}],
        **changes,
    }


def items(*references: str) -> dict[str, Any]:
    """Name what is under investigation."""
    code = _coded(ehealth.CLINICALIMPRESSION_INVESTIGATION_ITEM_CODES, "item-for-investigation")
    return {"code": code, "item": [{"reference": each} for each in references]}


def _say(nancy: Enrolled, response: str, finding: str, decision: str | None, by: Principal, now: datetime) -> Json:
    gateway = nancy.world.gateway
    version = gateway.read(response, by=SYSTEM, now=now)["meta"]["versionId"]
    said = impression(nancy, response, finding, decision, version)
    asked = parameters({"name": "clinicalImpression", "resource": said})
    within = by.within(patient=nancy.patient, episode_of_care=nancy.episode)
    return gateway.operation("$set-measurement-validity", asked, target="ClinicalImpression", by=within, now=now)


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
