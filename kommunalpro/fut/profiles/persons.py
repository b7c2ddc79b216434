"""Rules of what belongs to a person: EpisodeOfCare, Task, Patient, and system tags.

Source: `fut.md` 1A, 1B, 4.6 and 5.2.
"""

from collections.abc import Callable, Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extensions
from kommunalpro.fhir.human_name import official_names
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.protocols import Owner
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.owners import (
    NAMES_EPISODE,
    are_of_one_course,
    episode_of,
    episode_reference,
    owner,
    patient_of,
    patient_reference,
    patients_acting,
    says_whom,
    system_tag,
    system_tags,
    unexpected_tags,
)
from kommunalpro.fut.profiles.consents import starts_care
from kommunalpro.fut.reach import SHARED
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.schedules import schedule_problems
from kommunalpro.fut.status_history import begins_care
from kommunalpro.fut.treatment_area import is_treated

_NOT_OF_EPISODE = {"Task": "TASK_FOR_NOT_SET"}
_CLOSED_CATEGORY = {
    "Task": "TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT",
    "Communication": "KPRO_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT",
}
_OF_NOBODY = SHARED | {"Patient", "Provenance", "AuditEvent"}
_COMBINED_NONE = {
    "Task": "TASK_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED",
    "Communication": "KPRO_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED",
}
_OF_REGISTER: dict[str, tuple[Callable[[Json], list[Json]], str]] = {
    "identifier": (
        lambda patient: [each for each in patient.get("identifier", ()) if each.get("system") == ehealth.CPR],
        "PATIENT_CPR_CHANGE_IS_NOT_ALLOWED",
    ),
    "name": (official_names, "PATIENT_OFFICIAL_NAME_CHANGE_NOT_ALLOWED"),
    "address": (
        lambda patient: [each for each in patient.get("address", ()) if each.get("use", "home") == "home"],
        "PATIENT_HOME_ADDRESS_CHANGE_IS_NOT_ALLOWED",
    ),
}
"""Element of a Patient → what of it comes from the register, and the code that refuses to change that."""


def episode_problems(episode: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """An episode starts or goes on only while the citizen consents to it (PITEOC), whichever status it starts by.

    What is diagnosed is its citizen's and what the solution is for; `$create-episode-of-care` sees to that at first.
    """
    yield from schedule_problems(episode)
    if previous:
        yield from _new_diagnosis_problems(episode, previous, session)
    if not (_becomes_active(episode, previous) or begins_care(episode, previous)):
        return
    url = f"{session.server.base_url}/EpisodeOfCare/{episode['id']}"
    found = session.elevated().search_all("Consent", [("data", url), ("status", "active"), ("category", "PITEOC")])
    if not any(starts_care(each, session.now) for each in found):
        yield issue("EPISODEOFCARE_PATCH_NO_CONSENT", "", "EpisodeOfCare.status")


def _becomes_active(episode: Json, previous: Json | None) -> bool:
    return episode["status"] == "active" and (previous or {}).get("status") != "active"


def _new_diagnosis_problems(episode: Json, previous: Json, session: Session) -> Iterator[Issue]:
    """A diagnosis that is added is a Condition of this course of care, and within the treatment area of its system tag.

    Whether there is one of another's is not told: it may be one of which nobody here may know.
    """
    known = {each["condition"].get("reference") for each in previous.get("diagnosis", ())}
    for at, diagnosis in enumerate(episode.get("diagnosis", ())):
        reference, path = diagnosis["condition"].get("reference", ""), f"EpisodeOfCare.diagnosis[{at}].condition"
        if reference in known:
            continue
        found = read_if_there(session, reference)
        if found is None or not are_of_one_course(found, episode):
            yield issue("KPRO_PATIENT_NOT_OF_EPISODEOFCARE", "no such Condition of this EpisodeOfCare", path)
        elif not is_treated(found, system_tag(episode)):
            yield issue("KPRO_EPISODEOFCARE_TREATMENT_AREA", "", path)


def _is_same(one: Json, other: Json) -> bool:
    return patient_of(one) == patient_of(other)


def category_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Nobody makes what they could not see, but an operation for them; and `none` stands alone as a category.

    A citizen sees the Tasks that are theirs in any category, and so changes what was in one already.
    """
    type, categories = resource["resourceType"], _categories(resource)
    if categories & {"none", "None"} and len(categories) > 1:
        yield issue(_COMBINED_NONE[type], ", ".join(sorted(categories)), f"{type}.extension")
    privileges = session.principal.privileges
    new = categories - _categories(previous or {})
    missing = [each for each in sorted(new) if f"RestrictionCategory${each.lower()}" not in _lower(privileges)]
    if missing and not session.is_elevated:
        yield issue(_CLOSED_CATEGORY[type], ", ".join(missing), f"{type}.extension")


def _categories(resource: Json) -> set[str]:
    return {
        coding.get("code", "")
        for each in extensions(resource, ehealth.RESTRICTION_CATEGORY)
        for coding in each.get("valueCodeableConcept", {}).get("coding", ())
    }


def _lower(privileges: frozenset[str]) -> frozenset[str]:
    prefix = "RestrictionCategory$"
    return frozenset(prefix + each.removeprefix(prefix).lower() for each in privileges if each.startswith(prefix))


def patient_problems(patient: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Official name, CPR number and home address come from the CPR register, not from a patch.

    What the citizen is called besides, or where else they can be found, anybody may change who may change the citizen;
    an address that does not say what it is counts as the home.
    So does name and address protection, of which the guide does not say it: ours, for it shields whoever has it.
    """
    if previous is None or session.principal.user_type == "SYSTEM":
        return
    for element, (registered, code) in _OF_REGISTER.items():
        if registered(patient) != registered(previous):
            yield issue(code, "", f"Patient.{element}")
    protected = extension(previous, ehealth.NAME_AND_ADDRESS_PROTECTION)
    if protected is not None and protected != extension(patient, ehealth.NAME_AND_ADDRESS_PROTECTION):
        yield issue("KPRO_PATIENT_PROTECTION", "", "Patient.extension")


def belonging_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """What belongs to an episode is about its patient, and carries its system tags and no other (fut.md 5.2 rule 8).

    What does not say at all whom it is about is told so by its profile, and by nothing here.
    """
    type, patient = resource["resourceType"], patient_reference(resource)
    is_here = patient is not None and patient.base == session.server.base_url
    if previous and session.principal.user_type != "SYSTEM" and _is_moved(owner(previous), owner(resource)):
        yield issue("KPRO_OWNER_IMMUTABLE", "", type)
    # Of a DocumentReference `materials.py` says when it is about nobody.
    if not is_here and says_whom(resource) and (patient or type not in _OF_NOBODY | {"DocumentReference"}):
        # Nobody would ever see it again, its author included.
        yield issue("KPRO_PATIENT_UNKNOWN", "", type)
    if episode_reference(resource) is None:
        if any(extension(resource, url) for url in NAMES_EPISODE):
            yield _no_episode("the extension refers to none", f"{type}.extension")
        yield from _tag_problems(resource, previous, session)
        return
    episode = episode_of(resource, session)
    if episode is None:
        yield _no_episode("EpisodeOfCare", type)
        return
    if unexpected := unexpected_tags(resource, system_tags(episode)):
        yield issue("SYSTEM_TAG_UNEXPECTED_TAG", unexpected, f"{type}.meta.tag")
    if type == "Provenance":
        # It would be the row of the citizen who is said to have acted; a professional names nobody but themself.
        if {*patients_acting(resource)} - {patient_of(episode)}:
            yield issue("KPRO_PATIENT_NOT_OF_EPISODEOFCARE", "", "Provenance.agent.who")
    elif (is_here or type in _OF_NOBODY) and not _is_same(resource, episode):
        yield issue(_NOT_OF_EPISODE.get(type, "KPRO_PATIENT_NOT_OF_EPISODEOFCARE"), "", type)


def _tag_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Whatever no course of care gives a system tag bears those of its writer's token, or that it bore before."""
    allowed = {*system_tags(previous or {}), *session.principal.system_tags}
    if not session.is_elevated and (unexpected := unexpected_tags(resource, allowed)):
        yield issue("SYSTEM_TAG_UNEXPECTED_TAG", unexpected, f"{resource['resourceType']}.meta.tag")


def _no_episode(detail: str, path: str) -> Issue:
    return issue("GENERAL_RESOURCE_NOT_FOUND", detail, path, text="Det forløb, der henvises til, findes ikke her.")


def _is_moved(before: Owner, after: Owner) -> bool:
    """Tell whether something is taken from whom it belonged to: what others have seen of it is then somebody else's."""
    return before.patient not in (None, after.patient) or before.episode not in (None, after.episode)
