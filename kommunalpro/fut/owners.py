"""Whose a resource is: the patient and the episode of care that its row belongs to."""

from collections.abc import Iterable, Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.protocols import Owner
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.reading import read_if_there

NAMES_EPISODE = (ehealth.WORKFLOW_EPISODE_OF_CARE, ehealth.TASK_EPISODE_OF_CARE)
"""Extensions that are there to name the episode of care, and for nothing else."""

_PATIENT_PATHS = ("subject", "patient", "for")


def owner(resource: Json) -> Owner:
    """Say whose a resource is; shared types and definitions are nobody's."""
    episode = resource.get("id") if resource["resourceType"] == "EpisodeOfCare" else _episode(resource)
    return Owner(patient_of(resource), episode, system_tag(resource))


def patient_of(resource: Json) -> str | None:
    """Give the id of the patient whom a resource is about; None means nobody."""
    return resource.get("id") if resource["resourceType"] == "Patient" else _patient(resource)


def are_of_one_course(one: Json, other: Json) -> bool:
    """Tell whether two resources are of the same patient and of the same episode of care."""
    its, theirs = owner(one), owner(other)
    return (its.patient, its.episode) == (theirs.patient, theirs.episode)


def system_tag(resource: Json) -> str | None:
    """Give the code of the first coexistence tag: which solution owns the data. None means it has none."""
    return next(iter(system_tags(resource)), None)


def system_tags(resource: Json) -> tuple[str, ...]:
    """Give the codes of all coexistence tags, as they stand; empty for one that names no solution."""
    tags = resource.get("meta", {}).get("tag", ())
    return tuple(tag.get("code", "") for tag in tags if tag.get("system") == ehealth.EHEALTH_SYSTEM)


def unexpected_tags(resource: Json, allowed: Iterable[str]) -> str:
    """Give the coexistence tags that a resource bears besides those allowed, in words; empty: there is none.

    By such a tag it would be counted as another solution's (fut.md 5.2 rule 8).
    """
    unexpected = sorted({*system_tags(resource)}.difference(allowed))
    return ", ".join(each or "a tag without a code" for each in unexpected)


def with_tags_of(resource: dict[str, Any], episode: Json) -> dict[str, Any]:
    """Give a resource that bears no coexistence tag those of its episode of care; one that does is as it was."""
    tags = [{"system": ehealth.EHEALTH_SYSTEM, "code": each} for each in system_tags(episode)]
    if not tags or system_tags(resource):
        return resource
    meta = resource.get("meta", {})
    return {**resource, "meta": {**meta, "tag": [*meta.get("tag", ()), *tags]}}


def with_episode(resource: Json, url: str) -> dict[str, Any]:
    """Give a resource that does not say of which episode of care it is the one of this URL; one that does is as it was.

    It says so by `workflow-episodeOfCare`.
    """
    if extension(resource, ehealth.WORKFLOW_EPISODE_OF_CARE):
        return dict(resource)
    named = {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": url}}
    return {**resource, "extension": [*resource.get("extension", ()), named]}


def episode_reference(resource: Json) -> str | None:
    """Give the URL of the episode of care that a resource names; None means it names none."""
    return next((value["reference"] for value in _candidates(resource) if _of_type(value, "EpisodeOfCare")), None)


def episode_of(resource: Json, session: Session) -> Json | None:
    """Give the stored episode of care that a resource names; None means that it names none, or one that is not here."""
    reference = episode_reference(resource)
    return read_if_there(session, reference) if reference else None


def _candidates(resource: Json) -> Iterator[Json]:
    """Give every reference by which a resource may name its episode of care, most telling first."""
    if resource["resourceType"] == "Provenance":
        # What it tells of, and no other that it says besides.
        yield from resource.get("target", ())
    for url in NAMES_EPISODE:
        yield (extension(resource, url) or {}).get("valueReference", {})
    # One that is to a plan as well names both.
    yield from (each.get("valueReference", {}) for each in extensions(resource, ehealth.CONSENT_AFFILIATION))
    if resource["resourceType"] == "Consent":
        yield from (data.get("reference", {}) for data in resource.get("provision", {}).get("data", ()))
    if resource["resourceType"] == "DocumentReference":
        yield from resource.get("context", {}).get("encounter", ())
    if resource["resourceType"] == "Provenance":
        yield from (entity.get("what", {}) for entity in resource.get("entity", ()))


def patients_acting(provenance: Json) -> Iterator[str | None]:
    """Give the id of each patient who has done what a Provenance tells of, as it names them."""
    agents = (agent.get("who", {}) for agent in provenance.get("agent", ()))
    return (_id(who["reference"]) for who in agents if _of_type(who, "Patient"))


def says_whom(resource: Json) -> bool:
    """Tell whether a resource says at all whom it is about, be it somebody who is here or not."""
    return any(path in resource for path in _PATIENT_PATHS)


def patient_reference(resource: Json) -> Reference | None:
    """Give the reference by which a resource says whom it is about; None means that it says nobody."""
    for path in _PATIENT_PATHS:
        value = resource.get(path)
        if isinstance(value, dict) and _of_type(value, "Patient"):
            return Reference.parse(value["reference"])
    return None


def _patient(resource: Json) -> str | None:
    if reference := patient_reference(resource):
        return reference.id
    if resource["resourceType"] == "AuditEvent":
        return _audited_patient(resource)
    if resource["resourceType"] == "Provenance":
        # Of a login it is the target; else whoever has done something, if that is a patient.
        if target := next((each for each in resource.get("target", ()) if _of_type(each, "Patient")), None):
            return _id(target["reference"])
        return next(patients_acting(resource), None)
    return None


def _audited_patient(event: Json) -> str | None:
    for entity in event.get("entity", ()):
        if entity.get("role", {}).get("code") == "1" and "what" in entity:
            return _id(entity["what"]["reference"])
    return None


def _episode(resource: Json) -> str | None:
    reference = episode_reference(resource)
    return _id(reference) if reference else None


def _of_type(value: Json, type: str) -> bool:
    reference = Reference.parse(value.get("reference", ""))
    return reference is not None and reference.type == type


def _id(text: str) -> str | None:
    reference = Reference.parse(text)
    return reference.id if reference else None
