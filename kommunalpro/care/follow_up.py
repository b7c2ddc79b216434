"""What a professional does about a response: takes the task, overrides a light, closes the task with a note.

Every change names the version of the task it was decided on: when somebody else has been there meanwhile, it is refused
(`PreconditionFailed`) and nothing is written. A professional's assessment is a new ClinicalImpression
(MeasurementAssessment) that points back at the automatic one; the automatic one is never changed (`fut.md` 2.3).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.care.bundles import all_pages, url_id, versionless
from kommunalpro.care.impressions import finding_of
from kommunalpro.care.turns import in_turn
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Conflict, FhirError, PreconditionFailed, RuleBroken
from kommunalpro.fhir.reference import own_url, versioned_url
from kommunalpro.fut.gateway import Gateway, Principal, Unanswered
from kommunalpro.pro.triage import Light

_CLOSED = ("completed", "cancelled", "rejected", "failed", "entered-in-error")
NOTE_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Completed:
    """A closed task and the assessment that closed it, by absolute URL. `impression` None: no response behind it."""

    task: str
    impression: str | None


class NotClosed(Conflict):
    """The assessment is stored, and its task is not closed: `why`."""

    def __init__(self, why: FhirError) -> None:
        super().__init__(issues=why.issues)
        self.why = why


def take_task(gateway: Gateway, task: str, *, version: str, by: Principal, now: datetime) -> str:
    """Take a task oneself; gives its new version. `by` stands in the citizen's context.

    Raises:
        PreconditionFailed: somebody else has changed it.
        Conflict: it is closed.
    """
    current, within = _open_task(gateway, task, version, by=by, now=now)
    change: list[dict[str, Any]] = [
        {"op": "add", "path": "/owner", "value": {"reference": by.user}},
        {"op": "replace", "path": "/status", "value": "accepted"},
    ]
    return _patched(gateway, current, change, by=within, now=now)


def release_task(gateway: Gateway, task: str, *, version: str, by: Principal, now: datetime) -> str:
    """Give a task back to the team; gives its new version."""
    current, within = _open_task(gateway, task, version, by=by, now=now)
    change = [{"op": "replace", "path": "/status", "value": "requested"}]
    if "owner" in current:
        change.append({"op": "remove", "path": "/owner"})
    return _patched(gateway, current, change, by=within, now=now)


def complete_task(
    gateway: Gateway,
    task: str,
    *,
    version: str,
    note: str,
    light: Light | None = None,
    by: Principal,
    now: datetime,
) -> Completed:
    """Close a task with a note and an approved assessment.

    `light` None: the professional agrees with the light of record, or sets none where nothing was assessed; else the
    light they set instead, which takes a note.
    The task is looked at first and closed last: what fails on the way leaves it open, and who then says the same again
    is not taken to have said it twice, nor is who did not hear that it is closed.

    Raises:
        PreconditionFailed: somebody else has changed the task.
        Conflict: it is closed already.
        NotClosed: the assessment is stored, and then the task was not closed.
        Unanswered: nobody knows whether this press stored the one and closed the other, or another that is at it still.
        RuleBroken: another light without a note that says why, or a note that is too long.
    """
    _check_note(note, light)
    with in_turn(f"complete|{url_id(task)}", now):
        current, within = _read_task(gateway, task, by=by, now=now)
        previous = _previous(gateway, current, by=within, now=now)
        assessment = None if previous is None else _assessment(gateway.base_url, previous, note, light, by, now)
        made = None if assessment is None else _made(gateway, assessment, by=within, now=now)
        if made is not None and current["status"] == "completed":
            return Completed(task, made)
        _check_open(current, version)
        if assessment is not None and made is None:
            made = own_url(gateway.base_url, gateway.create(assessment, by=within, now=now))
        try:
            _close(gateway, current, by=within, now=now)
        except Unanswered:
            raise
        except FhirError as wrong:
            raise wrong if made is None else NotClosed(wrong) from None
    return Completed(task, made)


def close_task(gateway: Gateway, task: str, *, version: str, by: Principal, now: datetime) -> None:
    """Close a task that is about no assessment.

    Raises:
        PreconditionFailed: somebody else has changed it.
        Conflict: it is closed already.
    """
    current, within = _open_task(gateway, task, version, by=by, now=now)
    _close(gateway, current, by=within, now=now)


def _close(gateway: Gateway, task: Json, *, by: Principal, now: datetime) -> None:
    change: list[dict[str, Any]] = [{"op": "replace", "path": "/status", "value": "completed"}]
    if "owner" not in task:
        change.append({"op": "add", "path": "/owner", "value": {"reference": by.user}})
    _patched(gateway, task, change, by=by, now=now)


def _check_note(note: str, light: Light | None) -> None:
    if len(note) > NOTE_LENGTH:
        raise RuleBroken("Noten er for lang. Skriv højst 4000 tegn.", diagnostics="Note too long.", expression="note")
    if light is not None and not note.strip():
        raise RuleBroken("Skriv, hvorfor du ændrer lyset.", diagnostics="Override without a note.", expression="note")


def _open_task(
    gateway: Gateway, task: str, version: str, *, by: Principal, now: datetime
) -> tuple[dict[str, Any], Principal]:
    current, within = _read_task(gateway, task, by=by, now=now)
    _check_open(current, version)
    return current, within


def _read_task(gateway: Gateway, task: str, *, by: Principal, now: datetime) -> tuple[dict[str, Any], Principal]:
    current = gateway.read(task, by=by, now=now)
    episode = extension_value(current, ehealth.TASK_EPISODE_OF_CARE)["reference"]
    return current, by.within(patient=current["for"]["reference"], episode_of_care=episode)


def _check_open(task: Json, version: str) -> None:
    if task["meta"]["versionId"] != version:
        raise PreconditionFailed(
            "En kollega har ændret opgaven, siden du åbnede siden. Se opgaven igen.", diagnostics="Stale task version."
        )
    if task["status"] in _CLOSED:
        raise Conflict("Opgaven er allerede afsluttet.", diagnostics="The task is closed.")


def _patched(gateway: Gateway, task: Json, change: list[dict[str, Any]], *, by: Principal, now: datetime) -> str:
    url = own_url(gateway.base_url, task)
    stored = gateway.patch(url, change, if_match=task["meta"]["versionId"], by=by, now=now)
    version: str = stored["meta"]["versionId"]
    return version


def _previous(gateway: Gateway, task: Json, *, by: Principal, now: datetime) -> dict[str, Any] | None:
    focus = task.get("focus", {}).get("reference", "")
    if "/ClinicalImpression/" not in f"/{focus}":
        return None
    return gateway.read(versionless(focus), by=by, now=now)


def _made(gateway: Gateway, assessment: Json, *, by: Principal, now: datetime) -> str | None:
    """Find the same assessment of the same by the same person, from a time when the task was not closed after it."""
    query = [
        ("episodeOfCare", by.context.episode_of_care or ""),
        ("previous", versionless(assessment["previous"]["reference"])),
        ("assessor", by.user),
        ("status", "completed"),
    ]
    pages = all_pages(gateway, "ClinicalImpression", query, by=by, now=now)
    there = (each for page in pages for each in resources(page, "ClinicalImpression"))
    said = _said(assessment)
    return next((own_url(gateway.base_url, each) for each in there if _said(each) == said), None)


def _said(assessment: Json) -> tuple[str, str | None, list[str]]:
    notes = [str(each["text"]) for each in assessment.get("note", ())]
    return assessment["previous"]["reference"], finding_of(assessment), notes


def _assessment(
    base_url: str, previous: Json, note: str, light: Light | None, by: Principal, now: datetime
) -> dict[str, Any]:
    """Give the professional's assessment of what the automatic one looked at."""
    codes, findings = ehealth.CLINICALIMPRESSION_CODES, ehealth.CLINICALIMPRESSION_FINDING_CODES
    decision = {"coding": [{"system": ehealth.CLINICALIMPRESSION_DECISION_CODES, "code": "approved"}]}
    copied = (ehealth.WORKFLOW_EPISODE_OF_CARE, ehealth.CLINICALIMPRESSION_CAREPLAN)
    kept = [found for url in copied if (found := extension(previous, url))]
    impression: dict[str, Any] = {
        "resourceType": "ClinicalImpression",
        "meta": {"profile": [ehealth.profile("ClinicalImpression")]},
        "extension": [*kept, {"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": decision}],
        "status": "completed",
        "code": {"coding": [{"system": codes, "code": "MeasurementAssessment"}]},
        "subject": previous["subject"],
        "date": to_datetime(now),
        "assessor": {"reference": by.user},
        "previous": {"reference": versioned_url(base_url, previous)},
        "investigation": [_investigated(each) for each in previous.get("investigation", ())],
    }
    if light is not None and light is not Light.NOT_ASSESSED:
        impression["finding"] = [{"itemCodeableConcept": {"coding": [{"system": findings, "code": light.code}]}}]
    if note.strip():
        impression["note"] = [
            {"authorReference": {"reference": by.user}, "time": to_datetime(now), "text": note.strip()}
        ]
    return impression


def _investigated(investigation: Json) -> dict[str, Any]:
    return {key: value for key, value in investigation.items() if key in ("code", "item")}
