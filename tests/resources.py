"""The smallest resources that FUT's profiles take, by keys: `patient="nancy"` is Patient/nancy.

References are relative; the server makes them absolute.
"""

from base64 import b64encode
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import dumps
from tests.people import Citizen, Staff

COPD = {"system": ehealth.SKS_DIAGNOSES, "code": "DJ44", "display": "KOL"}
START = "2026-11-01T08:00:00+01:00"
_SIGNER = "http://terminology.hl7.org/CodeSystem/contractsignertypecodes"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
"""A PNG of one black dot."""


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


def care_plan(patient: str, episode: str, *teams: str, condition: str | None = None, **changes: Any) -> dict[str, Any]:
    """A plan for what the citizen has; `condition`: where the cast is not there, whose diagnoses are `nancys-kol`."""
    return {
        "resourceType": "CarePlan",
        "extension": [_episode(episode)],
        "instantiatesCanonical": ["https://fhir.example/fhir/PlanDefinition/1/_history/1"],
        "status": "draft",
        "intent": "option",
        "subject": to(f"Patient/{patient}"),
        "period": {"start": START},
        **_teams("careTeam", teams),
        "addresses": [to(f"Condition/{condition or f'{patient}s-kol'}")],
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
            "actor": [{"role": _concept(_SIGNER, "PRIMAUTH"), "reference": to(f"Patient/{patient}")}],
            "data": [{"meaning": "authoredby", "reference": to(f"EpisodeOfCare/{episode}")}],
        },
        **changes,
    }


def triage_consent(patient: str, episode: str, **changes: Any) -> dict[str, Any]:
    """Let a citizen see the lights."""
    return consent(patient, episode, "behavior-by-policy") | {
        "extension": [{"url": ehealth.CONSENT_AFFILIATION, "valueReference": to(f"EpisodeOfCare/{episode}")}],
        "scope": _concept(ehealth.CS + "ehealth-consent-scope", "behavior"),
        "policy": [{"uri": ehealth.POLICY_DISPLAY_TRIAGE_RESULT}],
        "provision": {
            "period": {"start": START},
            "class": [{"system": "http://hl7.org/fhir/resource-types", "code": "ClinicalImpression"}],
            "code": [_concept(ehealth.CLINICALIMPRESSION_CODES, "TriagingResult")],
        },
        **changes,
    }


def access_consent(patient: str, practitioner: str = "asta", **changes: Any) -> dict[str, Any]:
    """Let a professional log a citizen in who has no MitID."""
    hl7 = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": _concept(f"{hl7}/consentscope", "patient-privacy"),
        "category": [_concept(f"{hl7}/v3-ActCode", "INFA")],
        "patient": to(f"Patient/{patient}"),
        "performer": [to(f"Practitioner/{practitioner}")],
        "policyRule": _concept(f"{hl7}/consentpolicycodes", "cric"),
        "provision": {"type": "permit", "period": {"start": START}},
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


def service_request(patient: str, episode: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "extension": [
            _episode(episode),
            _coded(ehealth.SHARING_POLICY, ehealth.MEASUREMENT_SHARING_POLICIES, "noSharing"),
            {"url": ehealth.INCLUDE_AS_EXTRA, "valueBoolean": False},
        ],
        "instantiatesCanonical": ["https://fhir.example/fhir/ActivityDefinition/1/_history/1"],
        "status": "draft",
        "intent": "order",
        "subject": to(f"Patient/{patient}"),
        **changes,
    }


def _measured(episode: str) -> list[dict[str, Any]]:
    """Of which course of care a measurement is, and for which time it was asked for."""
    kind = {"url": "type", "valueCodeableConcept": _concept(ehealth.RESOLVED_TIMING_TYPE, "Unresolved")}
    version = {"url": "serviceRequestVersionId", "valueId": "1"}
    return [_episode(episode), {"url": ehealth.RESOLVED_TIMING, "extension": [version, kind]}]


def observation(patient: str, episode: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "extension": _measured(episode),
        "basedOn": [to("ServiceRequest/1")],
        "status": "final",
        "code": _concept("urn:oid:1.2.208.176.2.1", "NPU03011"),
        "subject": to(f"Patient/{patient}"),
        "effectiveDateTime": START,
        "performer": [to(f"Patient/{patient}")],
        "valueQuantity": {"value": 97, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
        **changes,
    }


def media(patient: str, episode: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Media",
        "extension": [*_measured(episode), {"url": ehealth.MEDIA_USAGE_MODE, "valueCode": "raw"}],
        "basedOn": [to("ServiceRequest/1")],
        "status": "completed",
        "subject": to(f"Patient/{patient}"),
        "createdDateTime": START,
        "content": {"contentType": "image/png", "data": PICTURE},
        **changes,
    }


def communication(patient: str, episode: str, restriction: str = "none", **changes: Any) -> dict[str, Any]:
    """A note about a measurement."""
    category = _concept(ehealth.RESTRICTION_CATEGORY_CODES, restriction)
    return {
        "resourceType": "Communication",
        "extension": [_episode(episode), {"url": ehealth.RESTRICTION_CATEGORY, "valueCodeableConcept": category}],
        "status": "in-progress",
        "category": [_concept("http://ehealth.sundhed.dk/cs/communication-category", "annotation")],
        "subject": to(f"Patient/{patient}"),
        "payload": [{"contentString": "Ring til Nancy i morgen."}],
        **changes,
    }


def message(patient: str, episode: str | None = None, **changes: Any) -> dict[str, Any]:
    """A message to a citizen from the team nord, in a course of care or in none."""
    unread = {"system": ehealth.ADMINISTRATIVE_STATUS_CODES, "code": "activate"}
    return {
        "resourceType": "Communication",
        "extension": [
            {"url": ehealth.ADMINISTRATIVE_STATUS, "valueCoding": unread},
            {"url": ehealth.SENDER_CARE_TEAM, "valueReference": to("CareTeam/nord")},
            *([_episode(episode)] if episode else ()),
        ],
        "status": "in-progress",
        "category": [_concept(ehealth.MESSAGE_CATEGORY, "message")],
        "subject": to(f"Patient/{patient}"),
        "recipient": [to(f"Patient/{patient}")],
        "payload": [{"contentString": "Vi ringer til dig i morgen."}],
        **changes,
    }


def communication_request(patient: str, episode: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "CommunicationRequest",
        "extension": [_episode(episode)],
        "status": "active",
        "doNotPerform": True,
        "subject": to(f"Patient/{patient}"),
        **changes,
    }


def goal(patient: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "At gå en tur hver dag"},
        "subject": to(f"Patient/{patient}"),
        **changes,
    }


def related_person(patient: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "RelatedPerson",
        "patient": to(f"Patient/{patient}"),
        "name": [{"family": "Berggren", "given": ["Max"]}],
        **changes,
    }


def document_reference(patient: str | None = None, episode: str | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        **({"subject": to(f"Patient/{patient}")} if patient else {}),
        **({"context": {"encounter": [to(f"EpisodeOfCare/{episode}")]}} if episode else {}),
        "content": [{"attachment": {"contentType": "text/plain", "url": "https://material.example/sov-godt"}}],
        **changes,
    }


def library(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Library",
        "extension": [owned_by("kommune")],
        "version": "1",
        "status": "draft",
        "type": _concept("http://terminology.hl7.org/CodeSystem/library-type", "logic-library"),
        "parameter": [{"name": "responses", "use": "in", "type": "QuestionnaireResponse"}],
        **changes,
    }


def value_set(url: str, *codes: str, system: str = "http://example.org/cs/symptoms") -> dict[str, Any]:
    include = {"system": system, "concept": [{"code": code} for code in codes]}
    return {"resourceType": "ValueSet", "url": url, "status": "active", "compose": {"include": [include]}}


def questionnaire_response(patient: str, episode: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "extension": _measured(episode),
        "basedOn": [to("ServiceRequest/1")],
        "questionnaire": "https://fhir.example/fhir/Questionnaire/1",
        "status": "completed",
        "subject": to(f"Patient/{patient}"),
        "authored": START,
        "source": to(f"Patient/{patient}"),
        **changes,
    }


def provenance(target: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Provenance",
        "target": [to(target)],
        "recorded": START,
        "policy": [ehealth.POLICY_SUNDHEDSLOVEN],
        "agent": [{"who": to("Practitioner/asta")}],
        **changes,
    }


def access_provenance(patient: str, role: str = "assisted-login", **changes: Any) -> dict[str, Any]:
    """Somebody has proved who a citizen is."""
    agent = {"role": [_concept(ehealth.ACCESS_PROVENANCE_AGENT_ROLE, role)], "who": to("Practitioner/asta")}
    return {
        "resourceType": "Provenance",
        "target": [to(f"Patient/{patient}")],
        "recorded": START,
        "activity": _concept(ehealth.ACCESS_PROVENANCE_ACTIVITY, "user-authentication"),
        "agent": [agent],
        **changes,
    }


def practitioner_role(practitioner: str = "asta", organization: str = "kommune") -> dict[str, Any]:
    return {
        "resourceType": "PractitionerRole",
        "practitioner": to(f"Practitioner/{practitioner}"),
        "organization": to(f"Organization/{organization}"),
        "code": [_concept(ehealth.CARETEAM_PARTICIPANT_ROLE, "clinicalViewer")],
    }


def questionnaire(owner: str = "kommune", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "extension": [owned_by(owner), _coded(ehealth.QUESTIONNAIRE_TYPE, ehealth.QUESTIONNAIRE_TYPES, "QQ")],
        "version": "1.0",
        "status": "draft",
        "item": [{"linkId": "soevn", "text": "Sover du godt?", "type": "boolean"}],
        **changes,
    }


def activity_definition(questionnaire: str, owner: str = "kommune", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "ActivityDefinition",
        "extension": [
            owned_by(owner),
            _coded(ehealth.SHARING_POLICY, ehealth.MEASUREMENT_SHARING_POLICIES, "noSharing"),
            _coded(ehealth.SHARING_APPROVAL_POLICY, ehealth.MEASUREMENT_SHARING_APPROVAL_POLICIES, "manual"),
        ],
        "version": "1.0",
        "status": "draft",
        "topic": [_concept(f"{ehealth.CS}topic-type", "self-treatment")],
        "relatedArtifact": [{"type": "depends-on", "resource": questionnaire}],
        "kind": "ServiceRequest",
        "code": _concept(ehealth.ACTIVITYDEFINITION_CODE, "273586006"),
        **changes,
    }


def plan_definition(activity: str, owner: str = "kommune", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "PlanDefinition",
        "extension": [owned_by(owner)],
        "version": "1.0",
        "status": "draft",
        "action": [{"definitionCanonical": activity}],
        **changes,
    }


def basic(content: dict[str, Any], kind: str = "view", owner: str = "kommune", status: str = "draft") -> dict[str, Any]:
    """A View or an ActionGuidance with its content."""
    name = "view" if kind == "view" else "guidance"
    types = {
        "view": (ehealth.VIEW_TYPE, ehealth.VIEW_TYPES, "interpretedview"),
        "guidance": (ehealth.ACTIONGUIDANCE_TYPE, ehealth.ACTION_GUIDANCE_TYPES, "actionguidance"),
    }
    type, system, code = types[name]
    binary = {
        "resourceType": "Binary",
        "id": "content",
        "contentType": f"application/vnd.kommunalpro.{name}+json",
        "data": b64encode(dumps(content)).decode(),
    }
    return {
        "resourceType": "Basic",
        "contained": [binary],
        "extension": [
            {
                "url": ehealth.STATUS,
                "valueCoding": {"system": "http://hl7.org/fhir/publication-status", "code": status},
            },
            {"url": ehealth.CONTENT, "valueReference": to("#content")},
            {"url": type, "valueCoding": {"system": system, "code": code}},
            owned_by(owner),
        ],
        "code": _concept(ehealth.BASIC_RESOURCE_TYPE, kind),
    }


def owned_by(organization: str, role: str = "owner") -> dict[str, Any]:
    return {
        "url": ehealth.MODIFIER_ROLE,
        "extension": [
            {"url": "reference", "valueReference": to(f"Organization/{organization}")},
            {"url": "role", "valueCodeableConcept": _concept(ehealth.MODIFIER_ROLE_CODES, role)},
        ],
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
