"""`$create-episode-of-care`: a new course of care with its diagnosis and legal basis.

Supported: `episodeOfCareAndProvenances` (transaction Bundle of exactly one planned EpisodeOfCare, the Conditions it
names, at least one Provenance: legal bases of the EpisodeOfCare, nothing else) → transaction-response, with the
Provenance of its origin that the server makes (`origin.py`); all checks at once.
Not supported: a Provenance with another policy, which the guide lets stand beside a legal basis (422, ours).
Participants and scheduled changes on creation are stored as they are, nothing acts on them yet.

The citizen must be the one in the token's context.

Source: `fut.md` 4.6.
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue, RuleBroken
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, refuse
from kommunalpro.fut.operations.arguments import element, entries
from kommunalpro.fut.origin import origin_of
from kommunalpro.fut.treatment_area import is_in_treatment_area

_LEGAL_BASES = frozenset({ehealth.POLICY_SUNDHEDSLOVEN, ehealth.POLICY_SERVICELOVEN, ehealth.POLICY_AELDRELOVEN})
_TYPES = frozenset({"EpisodeOfCare", "Condition", "Provenance"})


def create_episode_of_care(session: Session, parameters: Json, target: str | None) -> Json:
    """Check the bundle, give the episode its system tag, and store everything in one transaction."""
    bundle = element(parameters, "episodeOfCareAndProvenances") or {}
    found = entries(bundle)
    resources = [entry["resource"] for entry in found]
    episodes = [each for each in resources if each.get("resourceType") == "EpisodeOfCare"]
    if len(episodes) != 1 or any(each.get("resourceType") not in _TYPES for each in resources):
        raise RuleBroken(issues=[issue("KPRO_EPISODEOFCARE_CREATE_BUNDLE", expression="Bundle.entry")])
    tag = next(iter(sorted(session.principal.system_tags)), None)
    refuse(
        (
            *_episode_problems(episodes[0]),
            *_provenance_problems(found),
            *_problems(episodes[0], resources, tag, session),
        )
    )
    name = next(str(entry["fullUrl"]) for entry in found if entry["resource"] is episodes[0])
    origin = {"resource": origin_of(name, episodes[0], session)}
    tagged = {**bundle, "type": "transaction", "entry": [_tagged(entry, str(tag)) for entry in (*found, origin)]}
    return session.elevated().transaction(tagged)


def _episode_problems(episode: Json) -> Iterator[Issue]:
    histories = {
        "statusHistory": episode.get("statusHistory"),
        "teamHistory": any(extensions(episode, ehealth.TEAM_HISTORY)),
    }
    for name in (name for name, found in histories.items() if found):
        yield issue("KPRO_EPISODEOFCARE_CREATE_BUNDLE", f"{name} must be empty", f"EpisodeOfCare.{name}")
    if episode.get("status") != "planned":
        yield issue("KPRO_EPISODEOFCARE_CREATE_BUNDLE", "status must be planned", "EpisodeOfCare.status")


def _provenance_problems(found: list[Json]) -> Iterator[Issue]:
    """Each says on which law the course of care rests, and nothing else, least of all of what others have."""
    provenances = [each["resource"] for each in found if each["resource"]["resourceType"] == "Provenance"]
    policies = {uri for each in provenances for uri in each.get("policy", ())}
    if not policies or policies - _LEGAL_BASES:
        yield issue("KPRO_EPISODEOFCARE_CREATE_LEGAL_BASIS", "that, and nothing else", "Provenance.policy")
    names = {str(each.get("fullUrl")): each["resource"]["resourceType"] for each in found}
    for each in provenances:
        targets = [str(target.get("reference")) for target in each.get("target", ())]
        types = {names.get(name) if name.startswith("urn:") else None for name in targets}
        if None in types or "EpisodeOfCare" not in types:
            detail = "target must be the EpisodeOfCare, and nothing outside the Bundle"
            yield issue("KPRO_EPISODEOFCARE_CREATE_BUNDLE", detail, "Provenance.target")


def _problems(episode: Json, resources: list[Json], tag: str | None, session: Session) -> Iterator[Issue]:
    if tag is None:
        yield issue("MISSING_COEXISTENCE_TAGS")
    yield from _patient_problems(episode, resources, session)
    for condition in (each for each in resources if each["resourceType"] == "Condition"):
        codings = condition.get("code", {}).get("coding", ())
        if not any(is_in_treatment_area(tag, coding) for coding in codings):
            yield issue("KPRO_EPISODEOFCARE_CREATE_TREATMENT_AREA", expression="Condition.code")


def _patient_problems(episode: Json, resources: list[Json], session: Session) -> Iterator[Issue]:
    reference = episode.get("patient", {}).get("reference", "")
    if any(
        each.get("subject", {}).get("reference") != reference
        for each in resources
        if each["resourceType"] == "Condition"
    ):
        yield issue("KPRO_EPISODEOFCARE_CREATE_PATIENT", "Condition.subject", "Condition.subject")
    chosen = session.principal.context.patient
    if session.principal.user_type != "SYSTEM" and (chosen is None or _key(chosen) != _key(reference)):
        yield issue("KPRO_EPISODEOFCARE_CREATE_PATIENT", "token context", "EpisodeOfCare.patient")
        return
    patient = session.system_read(reference)
    if patient.get("deceasedBoolean") or patient.get("deceasedDateTime"):
        yield issue("KPRO_EPISODEOFCARE_CREATE_PATIENT", "deceased", "EpisodeOfCare.patient")


def _tagged(entry: Json, tag: str) -> dict[str, Any]:
    resource = entry["resource"]
    meta = resource.get("meta", {})
    others = [each for each in meta.get("tag", ()) if each.get("system") != ehealth.EHEALTH_SYSTEM]
    tagged = {**resource, "meta": {**meta, "tag": [*others, {"system": ehealth.EHEALTH_SYSTEM, "code": tag}]}}
    return {**entry, "resource": tagged, "request": {"method": "POST", "url": resource["resourceType"]}}


def _key(text: str) -> str:
    reference = Reference.parse(text)
    return reference.key if reference else text
