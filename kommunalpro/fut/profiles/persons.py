"""Rules of what belongs to a person: EpisodeOfCare, Consent, Task, ClinicalImpression, Patient, and system tags.

Source: `fut.md` 1A, 1B, 4.6 and 5.2.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.owners import episode_reference, owner, system_tag

_STARTED = ("active", "onhold", "finished")
_UNPATCHABLE_PATIENT = ("identifier", "name", "address")


def episode_problems(episode: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """An episode starts only when the citizen has consented to it (PITEOC)."""
    if episode["status"] != "active" or (previous and previous["status"] in _STARTED):
        return
    url = f"{session.server.base_url}/EpisodeOfCare/{episode['id']}"
    found = session.elevated().search("Consent", [("data", url), ("status", "active"), ("category", "PITEOC")])
    if not found.get("entry"):
        yield issue("EPISODEOFCARE_PATCH_NO_CONSENT", "", "EpisodeOfCare.status")


def consent_problems(consent: Json, session: Session) -> Iterator[Issue]:
    """R4 ppc-1, and: a citizen does not decide alone that the light is shown to them."""
    if "policy" not in consent and "policyRule" not in consent:
        yield issue("GENERAL_PROFILE_VALIDATION_ERROR", "ppc-1: policy or policyRule", "Consent")
    if shows_triage(consent) and session.principal.user_type == "PATIENT":
        yield issue("KPRO_SECURITY_PRIVILEGE_MISSING", "display-triage-result consent", "Consent.policy")


def shows_triage(consent: Json) -> bool:
    """Tell whether a Consent lets the citizen see the lights."""
    return any(policy.get("uri") == ehealth.POLICY_DISPLAY_TRIAGE_RESULT for policy in consent.get("policy", ()))


def task_problems(task: Json, session: Session) -> Iterator[Issue]:
    """Task.for is the episode's patient, and `none` stands alone as restriction category."""
    categories = {
        coding["code"]
        for each in extensions(task, ehealth.RESTRICTION_CATEGORY)
        for coding in each.get("valueCodeableConcept", {}).get("coding", ())
    }
    if categories & {"none", "None"} and len(categories) > 1:
        yield issue("GENERAL_PROFILE_VALIDATION_ERROR", "none cannot be combined", "Task.extension")
    privileges = session.principal.privileges
    missing = [each for each in sorted(categories) if f"RestrictionCategory${each.lower()}" not in _lower(privileges)]
    if session.principal.user_type != "SYSTEM" and missing:
        yield issue("TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT", ", ".join(missing), "Task.extension")
    yield from _same_patient(task, extension_value(task, ehealth.TASK_EPISODE_OF_CARE), session, "Task.for")


def _lower(privileges: frozenset[str]) -> frozenset[str]:
    prefix = "RestrictionCategory$"
    return frozenset(prefix + each.removeprefix(prefix).lower() for each in privileges if each.startswith(prefix))


def impression_problems(impression: Json) -> Iterator[Issue]:
    """Each measurement under investigation is named twice: by version and without."""
    items = [item["reference"] for each in impression.get("investigation", ()) for item in each.get("item", ())]
    references = [reference for reference in map(Reference.parse, items) if reference]
    for key in {reference.key for reference in references}:
        versions = {reference.version is None for reference in references if reference.key == key}
        if versions != {True, False}:
            name = "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
            yield issue(name, key, "ClinicalImpression.investigation.item")


def patient_problems(patient: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Official name, CPR number and home address come from the CPR register, not from a patch."""
    if previous is None or session.principal.user_type == "SYSTEM":
        return
    for element in _UNPATCHABLE_PATIENT:
        if patient.get(element) != previous.get(element):
            yield issue("KPRO_IMMUTABLE", f"Patient.{element}", f"Patient.{element}")


def tag_problems(resource: Json, session: Session) -> Iterator[Issue]:
    """What belongs to an episode carries the episode's system tag and no other (fut.md 5.2 rule 8)."""
    reference = episode_reference(resource)
    if reference is None or Reference.parse(reference) is None:
        return
    tag = system_tag(session.system_read(reference))
    if system_tag(resource) not in (None, tag):
        yield issue("SYSTEM_TAG_UNEXPECTED_TAG", "", f"{resource['resourceType']}.meta.tag")


def _same_patient(resource: Json, episode: Json | None, session: Session, path: str) -> Iterator[Issue]:
    if episode is None:
        return
    expected = owner(session.system_read(episode["reference"])).patient
    if owner(resource).patient != expected:
        yield issue("TASK_FOR_NOT_SET", "", path)
