"""Finding or creating a citizen, and planning the course of care (*forløb*) in which questionnaires are sent.

Source: the calls of FUT's published clinician client (`fut.md` 7.3) and the shapes of `fut.md` 1B and 4.6.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from kommunalpro.care.bundles import all_pages, url_id
from kommunalpro.care.turns import in_turn
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.identifier import Cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound, Unprocessable
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.profiles.consents import starts_care
from kommunalpro.fut.treatment_area import condition_name

LEGAL_BASES = {
    "sundhedsloven": ehealth.POLICY_SUNDHEDSLOVEN,
    "serviceloven": ehealth.POLICY_SERVICELOVEN,
    "aeldreloven": ehealth.POLICY_AELDRELOVEN,
}
"""What a course of care may rest on (`fut.md` 4.6): our short word → FUT's policy."""


OVER = ("finished", "cancelled", "entered-in-error")
"""How an EpisodeOfCare stands that has ended."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person as found by CPR: the Patient's absolute URL and the name. Holds no CPR number."""

    patient: str
    name: str


@dataclass(frozen=True, slots=True)
class Episode:
    """A course of care of one citizen. `url` absolute; it is about `condition`, in words, and `codes`."""

    url: str
    patient: str
    status: str
    condition: str
    started: str
    codes: frozenset[str] = frozenset()

    @property
    def is_planned(self) -> bool:
        """Tell whether it is still to begin."""
        return self.status in ("planned", "waitlist")

    @property
    def is_paused(self) -> bool:
        """Tell whether it has begun, and nothing is asked in it until it goes on."""
        return self.status == "onhold"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing can be sent in it any more."""
        return self.status in OVER


def read_cpr(text: str) -> Cpr | None:
    """Read a CPR number as typed (`251248-9996`, `251248 9996`, `2512489996`); None when it cannot be one."""
    try:
        return Cpr.parse(text.replace(" ", ""))
    except ValueError:
        return None


def find_citizen(gateway: Gateway, cpr: str, *, by: Principal, now: datetime) -> Citizen | None:
    """Find the citizen with this CPR number, as typed; None: the infrastructure knows nobody by it yet.

    Raises:
        BadRequest: not a CPR number.
    """
    try:
        return find_or_create_citizen(gateway, cpr, by=by, now=now)
    except NotFound:
        return None


def find_or_create_citizen(
    gateway: Gateway,
    cpr: str,
    *,
    given: str = "",
    family: str = "",
    by: Principal,
    now: datetime,
) -> Citizen:
    """Find the citizen with this CPR number, or create the Patient under the name given.

    The number travels in the body of an operation: in no URL, log or exception. The national infrastructure takes the
    name from the CPR register; the embedded one, which has no register, takes the name given here.

    Raises:
        BadRequest: not a CPR number.
        NotFound: nobody is known by this number, and no name was given.
    """
    number = read_cpr(cpr)
    if number is None:
        raise BadRequest("Skriv CPR-nummeret med ti cifre.", diagnostics="Not a CPR number.")
    parameter: list[Json] = [{"name": "crn", "valueIdentifier": number.to_fhir()}]
    if given and family:
        name = {"use": "official", "given": given.split(), "family": family}
        patient = {"resourceType": "Patient", "name": [name], "gender": number.sex}
        parameter.append({"name": "patient", "resource": patient})
    nobody = by.within(patient=None, episode_of_care=None)
    result = gateway.operation("$createPatient", parameters(*parameter), target="Patient", by=nobody, now=now)
    found = _only(result, "Patient")
    return Citizen(patient=own_url(gateway.base_url, found), name=full_name(found))


def episodes_of(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> tuple[Episode, ...]:
    """Give the courses of care that the acting user's team has with a citizen, open ones first."""
    bundle = gateway.search(
        "EpisodeOfCare",
        [
            ("patient", patient),
            ("team", by.context.care_team or ""),
            ("_include", "EpisodeOfCare:condition"),
            ("_count", "50"),
        ],
        by=by.within(patient=patient, episode_of_care=None),
        now=now,
    )
    diagnosed = resources(bundle, "Condition")
    conditions = {own_url(gateway.base_url, each): each.get("code", {}) for each in diagnosed}
    found = [_episode(gateway.base_url, each, conditions) for each in resources(bundle, "EpisodeOfCare")]
    return tuple(sorted(found, key=lambda episode: (episode.is_over, episode.started)))


def plan_episode(
    gateway: Gateway,
    patient: str,
    *,
    condition: Json,
    legal_basis: str,
    by: Principal,
    now: datetime,
) -> str:
    """Plan a course of care with its legal basis, to begin when the citizen agrees; gives its absolute URL.

    `condition` is a coding of `VS/conditions` (the team's own reason codes are such); `legal_basis` a word of
    `LEGAL_BASES`. The organisation and the team are those of the acting user.
    """
    about = by.within(patient=patient, episode_of_care=None)
    bundle = _episode_bundle(patient, condition, LEGAL_BASES[legal_basis], by, now)
    asked = parameters({"name": "episodeOfCareAndProvenances", "resource": bundle})
    result = gateway.operation("$create-episode-of-care", asked, by=about, now=now)
    return _located(result, "EpisodeOfCare", gateway.base_url)


def activate_episode(gateway: Gateway, patient: str, episode: str, *, by: Principal, now: datetime) -> None:
    """Activate a course of care that is planned or paused; the consent that this takes is written where none is.

    Raises:
        Unanswered: nobody knows whether this press did it, or another that may be at it still.
    """
    within = by.within(patient=patient, episode_of_care=episode)
    with in_turn(f"begin-episode|{url_id(episode)}", now):
        if not has_agreed(gateway, patient, episode, by=by, now=now):
            gateway.create(_consent(patient, episode, by, now), by=within, now=now)
        current = gateway.read(episode, by=within, now=now)
        if current["status"] != "active":
            change = [{"op": "replace", "path": "/status", "value": "active"}]
            gateway.patch(episode, change, if_match=current["meta"]["versionId"], by=within, now=now)


def has_agreed(gateway: Gateway, patient: str, episode: str, *, by: Principal, now: datetime) -> bool:
    """Tell whether there is a consent in force by which a course of care can begin, or go on."""
    category = f"{ehealth.CONSENT_CATEGORY}|PITEOC"
    wanted = [("data", episode), ("patient", patient), ("category", category), ("status", "active")]
    within = by.within(patient=patient, episode_of_care=episode)
    pages = all_pages(gateway, "Consent", wanted, by=within, now=now)
    return any(starts_care(each, now) for page in pages for each in resources(page, "Consent"))


def paused_plans(gateway: Gateway, patient: str, episode: str, *, by: Principal, now: datetime) -> tuple[str, ...]:
    """Give the titles of the team's plans in a course of care that are paused themselves, and stay so when it goes on.

    What is paused with the course of care alone has kept its own status, and asks again when that does.
    """
    query = [("episodeOfCare", episode), ("care-team", by.context.care_team or "")]
    query += [("status", "on-hold"), ("_sort", "_lastUpdated"), ("_count", "100")]
    pages = all_pages(gateway, "CarePlan", query, by=by.within(patient=patient, episode_of_care=episode), now=now)
    return tuple(str(each.get("title", "")) for page in pages for each in resources(page, "CarePlan"))


def _episode_bundle(patient: str, condition: Json, policy: str, by: Principal, now: datetime) -> dict[str, Any]:
    condition_id, episode_id = f"urn:uuid:{uuid4()}", f"urn:uuid:{uuid4()}"
    organization = {"reference": by.context.organization}
    episode = {
        "resourceType": "EpisodeOfCare",
        "meta": {"profile": [ehealth.profile("EpisodeOfCare")]},
        "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": organization}],
        "status": "planned",
        "diagnosis": [{"condition": {"reference": condition_id}}],
        "patient": {"reference": patient},
        "managingOrganization": organization,
        "period": {"start": to_datetime(now)},
        "team": [{"reference": by.context.care_team}],
    }
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    verification = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    diagnosis = {
        "resourceType": "Condition",
        "meta": {"profile": [ehealth.profile("Condition")]},
        "extension": [{"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": episode_id}}],
        "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": verification, "code": "confirmed"}]},
        "code": {"coding": [condition]},
        "subject": {"reference": patient},
    }
    provenance = {
        "resourceType": "Provenance",
        "meta": {"profile": [ehealth.profile("Provenance")]},
        "target": [{"reference": episode_id}],
        "recorded": to_datetime(now),
        "policy": [policy],
        "agent": [{"who": {"reference": by.user}}],
    }
    legal_basis = create_entry(provenance, f"urn:uuid:{uuid4()}")
    return transaction([legal_basis, create_entry(episode, episode_id), create_entry(diagnosis, condition_id)])


def _consent(patient: str, episode: str, by: Principal, now: datetime) -> dict[str, Any]:
    """Give the consent to take part in the course of care, as FUT's reference client writes it (`fut.md` 1B)."""
    signer = {"system": "http://terminology.hl7.org/CodeSystem/contractsignertypecodes", "code": "PRIMAUTH"}
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    return {
        "resourceType": "Consent",
        "meta": {"profile": [ehealth.profile("Consent")]},
        "status": "active",
        "scope": {"coding": [scope]},
        "category": [{"coding": [{"system": ehealth.CONSENT_CATEGORY, "code": "PITEOC"}]}],
        "patient": {"reference": patient},
        "dateTime": to_datetime(now),
        "performer": [{"reference": patient}, {"reference": by.context.organization}],
        "policyRule": {"coding": [{"system": ehealth.UUID, "code": episode}]},
        "provision": {
            "period": {"start": to_datetime(now)},
            "actor": [{"role": {"coding": [signer]}, "reference": {"reference": patient}}],
            "data": [{"meaning": "authoredby", "reference": {"reference": episode}}],
        },
    }


def _only(result: Json, type: str) -> Json:
    """Find the one resource of a type in an operation's answer: itself, or in Parameters, or in a Bundle."""
    for resource in _within(result):
        if resource.get("resourceType") == type:
            return resource
    raise Unprocessable("Det lykkedes ikke. Prøv igen.", diagnostics=f"The operation's answer holds no {type}.")


def _within(result: Json) -> Iterator[Json]:
    yield result
    yield from (each["resource"] for each in result.get("parameter", ()) if "resource" in each)
    yield from (each["resource"] for each in result.get("entry", ()) if "resource" in each)


def _located(result: Json, type: str, base_url: str) -> str:
    """Find the absolute URL of what a transaction-response says it created."""
    for entry in result.get("entry", ()):
        if entry.get("resource", {}).get("resourceType") == type:
            return own_url(base_url, entry["resource"])
        reference = Reference.parse(entry.get("response", {}).get("location", ""))
        if reference is not None and reference.type == type:
            return reference.at(base_url)
    raise Unprocessable("Det lykkedes ikke. Prøv igen.", diagnostics=f"The operation's answer names no {type}.")


def code_of(coding: Json) -> str:
    """Give a coding's system and code as one text."""
    return f"{coding.get('system', '')}|{coding.get('code', '')}"


def _episode(base_url: str, episode: Json, conditions: Mapping[str, Json]) -> Episode:
    references = [each["condition"]["reference"] for each in episode.get("diagnosis", ())]
    about = [conditions[each] for each in references if each in conditions]
    return Episode(
        url=own_url(base_url, episode),
        patient=episode["patient"]["reference"],
        status=episode["status"],
        condition=condition_name(about[0]) if about else "",
        started=episode.get("period", {}).get("start", ""),
        codes=frozenset(code_of(coding) for code in about for coding in code.get("coding", ())),
    )
