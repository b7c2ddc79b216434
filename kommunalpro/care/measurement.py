"""A draft as the infrastructure takes it: a QuestionnaireResponse in a transaction Bundle, and what comes back."""

from datetime import datetime
from typing import Any

from kommunalpro.care.models import Draft
from kommunalpro.fhir.bundle import create_entry, transaction
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.ehealth import (
    EFFECTIVE_PERIOD,
    RESOLVED_TIMING,
    RESOLVED_TIMING_TYPE,
    WORKFLOW_EPISODE_OF_CARE,
    profile,
)
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Unprocessable
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.pro.answers import Answers, write_items
from kommunalpro.pro.form import Form


def measurement_bundle(draft: Draft, form: Form, answers: Answers, *, source: str) -> dict[str, Any]:
    """Give the Parameters of `$submit-measurement` for a draft.

    The draft's UUID is the entry's fullUrl: the infrastructure knows a repetition by it.
    Source: `fut.md` 4.3.
    """
    response = questionnaire_response(draft, form, answers, source=source)
    bundle = transaction([create_entry(response, f"urn:uuid:{draft.pk}")])
    return parameters({"name": "measurement", "resource": bundle})


def questionnaire_response(draft: Draft, form: Form, answers: Answers, *, source: str) -> dict[str, Any]:
    """Give a draft as a completed QuestionnaireResponse.

    `authored` is when the answers were last changed. The episode is the first extension, as FUT's BI package reads it.
    Source: `fut.md` 1A, ehealth-questionnaireresponse.
    """
    changed = draft.changed_at or draft.opened_at
    response = {
        "resourceType": "QuestionnaireResponse",
        "meta": {"profile": [profile("QuestionnaireResponse")]},
        "extension": [
            {"url": WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": draft.episode_of_care}},
            _resolved_timing(draft),
            {"url": EFFECTIVE_PERIOD, "valuePeriod": _period(draft.first_answer_at or draft.opened_at, changed)},
        ],
        "basedOn": [{"reference": draft.service_request, **({"display": draft.title} if draft.title else {})}],
        "questionnaire": draft.questionnaire,
        "status": "completed",
        "subject": {"reference": draft.patient},
        "authored": to_datetime(changed),
        "source": {"reference": source},
        "item": list(write_items(form, answers)),
    }
    return {name: value for name, value in response.items() if value}


def response_url(result: Json, base_url: str) -> str:
    """Find the stored response's absolute, version-less URL in a transaction-response.

    Raises:
        Unprocessable: the infrastructure's answer names none.
    """
    for entry in result.get("entry", ()):
        reference = Reference.parse(entry.get("response", {}).get("location", ""))
        if reference is not None and reference.type == "QuestionnaireResponse":
            return reference.at(base_url)
    raise Unprocessable(
        "Svarene blev ikke gemt. Prøv igen.", diagnostics="$submit-measurement names no stored QuestionnaireResponse."
    )


def _resolved_timing(draft: Draft) -> dict[str, Any]:
    parts: list[Json] = [{"url": "serviceRequestVersionId", "valueId": draft.service_request_version}]
    if draft.timing_type == "Resolved":
        parts.append({"url": "start", "valueDateTime": draft.slot_start})
        parts.append({"url": "end", "valueDateTime": draft.slot_end})
    coding = {"system": RESOLVED_TIMING_TYPE, "code": draft.timing_type}
    parts.append({"url": "type", "valueCodeableConcept": {"coding": [coding]}})
    return complex_extension(RESOLVED_TIMING, *parts)


def _period(start: datetime, end: datetime) -> dict[str, str]:
    """Give a Period; one that has no length is given by its start alone (FUT: start before end)."""
    first, last = to_datetime(start), to_datetime(end)
    return {"start": first, "end": last} if last > first else {"start": first}
