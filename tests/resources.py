"""The smallest resources that FUT's profiles take, by keys: `patient="nancy"` is Patient/nancy.

References are relative; the server makes them absolute.
"""

from typing import Any

from kommunalpro.fhir import ehealth
from tests.people import Citizen, Staff

COPD = {"system": ehealth.SKS_DIAGNOSES, "code": "DJ44", "display": "KOL"}
START = "2026-11-01T08:00:00+01:00"


def organization(name: str = "Birkelund Kommune") -> dict[str, Any]:
    unsynchronized = "NotSynchronized"
    return {
        "resourceType": "Organization",
        "extension": [
            _coded(ehealth.ORGANIZATION_SOURCE, ehealth.ORGANIZATION_SOURCE_CODES, "manual"),
            _coded(
                ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS,
                ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS_CODES,
                unsynchronized,
            ),
        ],
        "identifier": [{"system": ehealth.CVR, "value": "12345678"}],
        "active": True,
        "name": name,
    }


def practitioner(family: str = "Holm", given: str = "Asta") -> dict[str, Any]:
    return {"resourceType": "Practitioner", "active": True, "name": [{"family": family, "given": [given]}]}


def care_team(name: str, *members: Staff, organization: str = "kommune") -> dict[str, Any]:
    participants = [
        {
            "role": [_concept(ehealth.CARETEAM_PARTICIPANT_ROLE, role) for role in each.roles],
            "member": to(f"Practitioner/{each.key}"),
        }
        for each in members
    ]
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "name": name,
        **({"participant": participants} if participants else {}),  # FHIR has no empty lists
        "reasonCode": [{"coding": [COPD]}],
        "managingOrganization": [to(f"Organization/{organization}")],
    }


def patient(citizen: Citizen) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"use": "official", "system": ehealth.CPR, "value": citizen.cpr}],
        "active": True,
        "name": [{"use": "official", "family": citizen.family, "given": citizen.given.split()}],
        "gender": "unknown",
    }


def episode_of_care(
    patient: str, *teams: str, organization: str = "kommune", condition: str = "kol", **changes: Any
) -> dict[str, Any]:
    managing = to(f"Organization/{organization}")
    return {
        "resourceType": "EpisodeOfCare",
        "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": managing}],
        "status": "planned",
        "diagnosis": [{"condition": to(f"Condition/{condition}")}],
        "patient": to(f"Patient/{patient}"),
        "managingOrganization": managing,
        "period": {"start": START},
        **_teams("team", teams),
        **changes,
    }


def condition(patient: str, episode: str, code: str = "DJ44") -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "extension": [_episode(episode)],
        "clinicalStatus": _concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "code": _concept(ehealth.SKS_DIAGNOSES, code),
        "subject": to(f"Patient/{patient}"),
    }


def care_plan(patient: str, episode: str, *teams: str, condition: str = "kol", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "CarePlan",
        "extension": [_episode(episode)],
        "instantiatesCanonical": ["https://fhir.example/fhir/PlanDefinition/1/_history/1"],
        "status": "draft",
        "intent": "option",
        "subject": to(f"Patient/{patient}"),
        "period": {"start": START},
        **_teams("careTeam", teams),
        "addresses": [to(f"Condition/{condition}")],
        **changes,
    }


def task(
    patient: str,
    episode: str,
    *,
    team: str = "nord",
    restriction: str = "measurement-monitoring",
    extensions: tuple[dict[str, Any], ...] = (),
    **changes: Any,
) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "extension": [
            {"url": ehealth.TASK_EPISODE_OF_CARE, "valueReference": to(f"EpisodeOfCare/{episode}")},
            _coded(ehealth.TASK_CATEGORY, ehealth.TASK_CATEGORY_CODES, "MeasurementForAssessment"),
            _coded(ehealth.RESTRICTION_CATEGORY, ehealth.RESTRICTION_CATEGORY_CODES, restriction),
            {"url": ehealth.TASK_RESPONSIBLE, "valueReference": to(f"CareTeam/{team}")},
            *extensions,
        ],
        "status": "requested",
        "intent": "plan",
        "priority": "routine",
        "for": to(f"Patient/{patient}"),
        "authoredOn": START,
        **changes,
    }


def consent(patient: str, episode: str, category: str = "PITEOC", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": _concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [_concept(ehealth.CONSENT_CATEGORY, category)],
        "patient": to(f"Patient/{patient}"),
        "policyRule": _concept(ehealth.UUID, "urn:uuid:9f0c5f4e-6f0f-4d8e-9a55-0c1b6f3b7a11"),
        "provision": {
            "period": {"start": START},
            "data": [{"meaning": "authoredby", "reference": to(f"EpisodeOfCare/{episode}")}],
        },
        **changes,
    }


def clinical_impression(patient: str, episode: str, *, finding: str = "red", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "ClinicalImpression",
        "extension": [_episode(episode)],
        "status": "completed",
        "code": _concept(ehealth.CLINICALIMPRESSION_CODES, "TriagingResult"),
        "subject": to(f"Patient/{patient}"),
        "date": START,
        "finding": [{"itemCodeableConcept": _concept(ehealth.CLINICALIMPRESSION_FINDING_CODES, finding)}],
        **changes,
    }


def to(reference: str) -> dict[str, str]:
    return {"reference": reference}


def _teams(element: str, keys: tuple[str, ...]) -> dict[str, Any]:
    return {element: [to(f"CareTeam/{key}") for key in keys]} if keys else {}


def _episode(key: str) -> dict[str, Any]:
    return {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": to(f"EpisodeOfCare/{key}")}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _coded(url: str, system: str, code: str) -> dict[str, Any]:
    return {"url": url, "valueCodeableConcept": _concept(system, code)}
