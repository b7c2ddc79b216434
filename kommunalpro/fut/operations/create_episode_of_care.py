"""`$create-episode-of-care`: a new course of care with its diagnosis and legal basis.

Supported: `episodeOfCareAndProvenances` (transaction Bundle of exactly one planned EpisodeOfCare, the Conditions of its
diagnoses, at least one Provenance: legal bases of the EpisodeOfCare, nothing else) → transaction-response, with the
Provenance of its origin that the server makes (`origin.py`); all checks at once. A Condition that does not say of which
course of care it is becomes this EpisodeOfCare's, which bears the tags of the token that it says, or the token's first.
What is ours: at least one team is on it, or nobody would see it; nor does `$update-care-teams` take off the last.
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
from kommunalpro.fhir.structure import gone_through
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, refuse
from kommunalpro.fut.operations.arguments import creating_problems, element, entries
from kommunalpro.fut.origin import origin_of
from kommunalpro.fut.owners import system_tags, unexpected_tags, with_episode
from kommunalpro.fut.profiles.mentions import OF_CITIZENS, mention_problems
from kommunalpro.fut.profiles.responsible import responsible_problems
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.treatment_area import is_treated

_LEGAL_BASES = frozenset({ehealth.POLICY_SUNDHEDSLOVEN, ehealth.POLICY_SERVICELOVEN, ehealth.POLICY_AELDRELOVEN})
_TYPES = frozenset({"EpisodeOfCare", "Condition", "Provenance"})


def create_episode_of_care(session: Session, parameters: Json, target: str | None) -> Json:
    """Check the bundle, give what is in it the course of care and its system tags, and store it in one transaction."""
    bundle = element(parameters, "episodeOfCareAndProvenances") or {}
    found = entries(bundle)
    opened = _opened(found)
    episode = opened["resource"]
    tags = system_tags(episode) or tuple(sorted(session.principal.system_tags)[:1])
    refuse(
        (
            *creating_problems(bundle),
            *_type_problems(found),
            *_episode_problems(episode),
            *responsible_problems(episode, None, session),
            *_provenance_problems(found),
            *_tag_problems(found, tags, session.principal.system_tags),
            *_patient_problems(episode, found, session),
            *_diagnosis_problems(opened, found),
            *_treatment_area_problems(found, tags),
            *_mention_problems(found, session),
        )
    )
    care = str(opened.get("fullUrl"))
    origin = {"resource": origin_of(care, episode, session)}
    completed = [_to_create(_completed(each["resource"], care, tags), each) for each in (*found, origin)]
    return session.elevated().transaction({**bundle, "type": "transaction", "entry": completed})


def _opened(found: list[Json]) -> Json:
    """Give the entry of the course of care. Where there is none, or several, nothing else can be asked of them.

    Raises:
        RuleBroken: there is not exactly one.
    """
    opened = [each for each in found if _type(each) == "EpisodeOfCare"]
    if len(opened) != 1:
        wrong = issue("EPISODEOFCARE_CREATE_WRONG_EOC_COUNT", str(len(opened)), "Bundle.entry")
        raise RuleBroken(issues=[wrong, *_type_problems(found)])
    return opened[0]


def _type_problems(found: list[Json]) -> Iterator[Issue]:
    for type in sorted({_type(each) for each in found} - _TYPES):
        yield issue("EPISODEOFCARE_CREATE_UNSUPPORTED_RESOURCE_TYPE", type, "Bundle.entry")


def _episode_problems(episode: Json) -> Iterator[Issue]:
    if episode.get("statusHistory"):
        yield issue("EPISODEOFCARE_CREATE_STATUS_HISTORY_NOT_EMPTY", "", "EpisodeOfCare.statusHistory")
    if any(extensions(episode, ehealth.TEAM_HISTORY)):
        yield issue("EPISODEOFCARE_CREATE_TEAM_HISTORY_NOT_EMPTY", "", "EpisodeOfCare.extension")
    if episode.get("status") != "planned":
        yield issue("EPISODEOFCARE_CREATE_EPISODE_OF_CARE_IN_NON_PLANNED_STATUS", "", "EpisodeOfCare.status")
    if not episode.get("team"):
        yield issue("KPRO_EPISODEOFCARE_CREATE_TEAM", "", "EpisodeOfCare.team")


def _provenance_problems(found: list[Json]) -> Iterator[Issue]:
    """Each says on which law the course of care rests, and nothing else, least of all of what others have."""
    provenances = _of_type(found, "Provenance")
    policies = {uri for each in provenances for uri in each.get("policy", ())}
    if not policies & _LEGAL_BASES:
        yield issue("EPISODEOFCARE_CREATE_NO_REQUIRED_PROVENANCE_POLICIES", "", "Provenance.policy")
    if policies - _LEGAL_BASES:
        yield issue("KPRO_EPISODEOFCARE_CREATE_LEGAL_BASIS", "", "Provenance.policy")
    names = {str(each.get("fullUrl")): _type(each) for each in found}
    for each in provenances:
        targets = [str(target.get("reference")) for target in each.get("target", ())]
        types = {names.get(name) if name.startswith("urn:") else None for name in targets}
        if None in types or "EpisodeOfCare" not in types:
            yield issue("EPISODEOFCARE_CREATE_INCORRECT_PROVENANCE_TARGET", "", "Provenance.target")


def _tag_problems(found: list[Json], tags: tuple[str, ...], given: frozenset[str]) -> Iterator[Issue]:
    """The course of care bears tags of the token, and what comes with it no others."""
    if not given:
        yield issue("MISSING_COEXISTENCE_TAGS")
    for each in found:
        allowed = given if _type(each) == "EpisodeOfCare" else tags
        if unexpected := unexpected_tags(each["resource"], allowed):
            yield issue("SYSTEM_TAG_UNEXPECTED_TAG", unexpected, f"{_type(each)}.meta.tag")


def _patient_problems(episode: Json, found: list[Json], session: Session) -> Iterator[Issue]:
    reference = episode.get("patient", {}).get("reference", "")
    if any(each.get("subject", {}).get("reference") != reference for each in _of_type(found, "Condition")):
        yield issue("EPISODEOFCARE_CREATE_INCORRECT_CONDITION_SUBJECT", "", "Condition.subject")
    chosen = session.principal.context.patient
    if session.principal.user_type != "SYSTEM" and (chosen is None or _key(chosen) != _key(reference)):
        yield issue("EPISODEOFCARE_CREATE_PATIENT_DOESNT_MATCH_CONTEXT", "", "EpisodeOfCare.patient")
        return
    patient = read_if_there(session, reference)
    if patient is None:
        yield issue("KPRO_PATIENT_UNKNOWN", "", "EpisodeOfCare.patient")
    elif patient.get("deceasedBoolean") or patient.get("deceasedDateTime"):
        yield issue("EPISODEOFCARE_CREATE_PATIENT_MUST_NOT_BE_DECEASED", "", "EpisodeOfCare.patient")


def _diagnosis_problems(opened: Json, found: list[Json]) -> Iterator[Issue]:
    """What is diagnosed comes along, and no other Condition does: one that is here is another course's, or citizen's.

    None of them is of another course of care, nor of one that is here already.
    """
    diagnoses = [each.get("condition", {}).get("reference") for each in opened["resource"].get("diagnosis", ())]
    brought = [each for each in found if _type(each) == "Condition"]
    urls = [each["fullUrl"] for each in brought if each.get("fullUrl")]
    for at, reference in enumerate(diagnoses):
        if reference not in urls:
            yield _diagnosis_problem("names no Condition of the Bundle", f"EpisodeOfCare.diagnosis[{at}].condition")
    for each in brought:
        if each.get("fullUrl") not in diagnoses:
            yield _diagnosis_problem("is named by no diagnosis", "Condition")
        named = [one.get("valueReference") for one in extensions(each["resource"], ehealth.WORKFLOW_EPISODE_OF_CARE)]
        if any((one or {}).get("reference") != opened.get("fullUrl") for one in named):
            yield _diagnosis_problem("is of another EpisodeOfCare", "Condition.extension")


def _diagnosis_problem(detail: str, path: str) -> Issue:
    return issue("KPRO_EPISODEOFCARE_CREATE_DIAGNOSIS", f"{path.partition('.')[0]} {detail}", path)


def _treatment_area_problems(found: list[Json], tags: tuple[str, ...]) -> Iterator[Issue]:
    tag = next(iter(tags), None)
    for condition in _of_type(found, "Condition"):
        if not is_treated(condition, tag):
            yield issue("KPRO_EPISODEOFCARE_TREATMENT_AREA", expression="Condition.code")


def _mention_problems(found: list[Json], session: Session) -> Iterator[Issue]:
    """None names another citizen; a Provenance tells of whoever did it."""
    for resource in (each["resource"] for each in found if _type(each) in OF_CITIZENS):
        yield from mention_problems(resource, None, session, gone_through(resource))


def _of_type(found: list[Json], type: str) -> list[Json]:
    return [each["resource"] for each in found if _type(each) == type]


def _type(entry: Json) -> str:
    return str(entry["resource"].get("resourceType"))


def _completed(resource: Json, care: str, tags: tuple[str, ...]) -> Json:
    """Give each its tags, and a Condition its course of care: by that alone its team, and a search, find it."""
    is_condition = resource["resourceType"] == "Condition"
    return _with_tags(with_episode(resource, care) if is_condition else resource, tags)


def _with_tags(resource: Json, tags: tuple[str, ...]) -> Json:
    meta = resource.get("meta", {})
    others = [each for each in meta.get("tag", ()) if each.get("system") != ehealth.EHEALTH_SYSTEM]
    own = [{"system": ehealth.EHEALTH_SYSTEM, "code": each} for each in tags]
    return {**resource, "meta": {**meta, "tag": [*others, *own]}}


def _to_create(resource: Json, entry: Json) -> dict[str, Any]:
    return {**entry, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}


def _key(text: str) -> str:
    reference = Reference.parse(text)
    return reference.key if reference else text
