"""What the ehealth profiles require and allow beyond R4: what must be there, what must not, what only once.

Source: `fut.md` 1A and 1B, which quote the profiles of the implementation guide 8.0.0.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue, missing
from kommunalpro.fut.moments import is_moment
from kommunalpro.fut.profiles import bindings, canonicals, extension_shapes, references, use_contexts

_EPISODE = ehealth.WORKFLOW_EPISODE_OF_CARE

ELEMENTS: dict[str, tuple[str, ...]] = {
    "Questionnaire": ("version", "status"),
    "QuestionnaireResponse": ("basedOn", "questionnaire", "subject", "authored", "source"),
    "ActivityDefinition": ("version", "topic", "code"),
    "PlanDefinition": ("version",),
    "CarePlan": ("instantiatesCanonical", "period", "addresses"),
    "ServiceRequest": ("instantiatesCanonical",),
    "EpisodeOfCare": ("diagnosis", "managingOrganization", "period"),
    "Condition": ("code",),
    "Task": ("priority",),
    "ClinicalImpression": ("code",),
    "Patient": ("identifier", "gender"),
    "Practitioner": ("name",),
    "PractitionerRole": ("practitioner", "organization", "code"),
    "CareTeam": ("status", "name", "reasonCode"),
    "Organization": ("identifier", "name"),
    "Consent": ("patient",),
    "Observation": ("basedOn", "subject", "performer"),
    "Media": ("basedOn", "subject"),
    # Ours of a message: by whom it is about alone somebody finds it; its profile lets it be about nobody.
    "Communication": ("subject",),
    "CommunicationRequest": ("subject",),
    "RelatedPerson": ("name",),
    "Library": ("version", "parameter"),
}
"""Type → elements that must be there."""

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "Questionnaire": (ehealth.MODIFIER_ROLE, ehealth.QUESTIONNAIRE_TYPE),
    "QuestionnaireResponse": (_EPISODE, ehealth.RESOLVED_TIMING),
    "ActivityDefinition": (ehealth.MODIFIER_ROLE, ehealth.SHARING_POLICY),
    "PlanDefinition": (ehealth.MODIFIER_ROLE,),
    "CarePlan": (_EPISODE,),
    "ServiceRequest": (_EPISODE, ehealth.SHARING_POLICY, ehealth.INCLUDE_AS_EXTRA),
    "EpisodeOfCare": (ehealth.CAREMANAGER_ORGANIZATION,),
    # Ours: by the course of care alone its team finds a Condition; the profile lets it say none.
    "Condition": (_EPISODE,),
    "Task": (
        ehealth.TASK_EPISODE_OF_CARE,
        ehealth.TASK_CATEGORY,
        ehealth.TASK_RESPONSIBLE,
        ehealth.RESTRICTION_CATEGORY,
    ),
    "ClinicalImpression": (_EPISODE,),
    "Observation": (_EPISODE, ehealth.RESOLVED_TIMING),
    "Media": (_EPISODE, ehealth.RESOLVED_TIMING, ehealth.MEDIA_USAGE_MODE),
    "Organization": (ehealth.ORGANIZATION_SOURCE, ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS),
    "Basic": (ehealth.STATUS, ehealth.CONTENT, ehealth.MODIFIER_ROLE),
    "Library": (ehealth.MODIFIER_ROLE,),
}
"""Type → extensions that must be there at least once."""

FORBIDDEN: dict[str, tuple[str, ...]] = {
    "CarePlan": ("basedOn", "replaces"),
    "ServiceRequest": ("basedOn", "replaces"),
    "EpisodeOfCare": ("careManager", "account"),
    "CareTeam": ("subject", "reasonReference"),
    # Ours: whoever may read Binary reads them all, so none is taken that asks for more.
    "Binary": ("securityContext",),
}
"""Type → elements that the profile has as 0..0, or that we do not keep what they promise."""

MOMENTS: dict[str, tuple[str, ...]] = {
    "QuestionnaireResponse": ("authored",),
    "ClinicalImpression": ("date",),
    "Task": ("authoredOn", "lastModified"),
}
"""Type → times that are compared with others, so that a day or a year does not do: ours, R4 lets them be vague."""

ONCE: dict[str, tuple[str, ...]] = {
    "QuestionnaireResponse": ("basedOn", "partOf"),
    "ActivityDefinition": ("topic",),
    "CarePlan": ("instantiatesCanonical", "addresses", "partOf"),
    "ServiceRequest": ("instantiatesCanonical",),
    "Observation": ("basedOn", "performer"),
    "Media": ("basedOn",),
    "Practitioner": ("name",),
    "CommunicationRequest": ("basedOn",),
}
"""Type → elements that may come only once, though R4 lets them come often."""

ONCE_EXTENSIONS = frozenset(
    {
        _EPISODE,
        ehealth.BASE,
        ehealth.BASE_ENVIRONMENT,
        ehealth.PREDECESSOR,
        ehealth.EMPLOYEE_TITLE,
        ehealth.USAGE,
        ehealth.REVISION,
        ehealth.QUESTIONNAIRE_RECOMMENDATION,
        ehealth.RECOMMENDATION,
        ehealth.RESOLVED_TIMING,
        ehealth.EFFECTIVE_PERIOD,
        ehealth.MEDIA_USAGE_MODE,
        ehealth.SHARING_POLICY,
        ehealth.SHARING_APPROVAL_POLICY,
        ehealth.REUSE_CRITERIA,
        ehealth.INCLUDE_AS_EXTRA,
        ehealth.TRIGGER_ENABLEMENT_CODE,
        ehealth.CAREMANAGER_ORGANIZATION,
        ehealth.TASK_EPISODE_OF_CARE,
        ehealth.TASK_CATEGORY,
        ehealth.REFERENCE_CAREPLAN,
        ehealth.CLINICALIMPRESSION_CAREPLAN,
        ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION,
        ehealth.CLINICALIMPRESSION_ASSESSOR_OTHER,
        ehealth.ORGANIZATION_SOURCE,
        ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS,
        ehealth.NAME_AND_ADDRESS_PROTECTION,
        ehealth.STATUS,
        ehealth.CONTENT,
        ehealth.VIEW_TYPE,
        ehealth.ADMINISTRATIVE_STATUS,
        *(f"{ehealth.SD}ehealth-{name}" for name in ("thread-id", "group-id", "title", "priority", "on-behalf-of")),
    }
)
"""Extensions that stand on a resource only once, whatever its type."""


def problems(resource: Json) -> Iterator[Issue]:
    """Give every requirement and binding that a resource does not keep."""
    type = resource["resourceType"]
    for element in ELEMENTS.get(type, ()):
        if element not in resource:
            yield missing(element, f"{type}.{element}")
    for url in EXTENSIONS.get(type, ()):
        if not any(extensions(resource, url)):
            yield missing(f"extension {url}", f"{type}.extension")
    for element in FORBIDDEN.get(type, ()):
        if element in resource:
            text = "Oplysningen må ikke stå der."
            yield issue("GENERAL_VALIDATION_ERROR", f"{element} is not allowed", f"{type}.{element}", text=text)
    for element in MOMENTS.get(type, ()):
        if element in resource and not is_moment(resource[element]):
            detail = "needs at least minutes and a time zone"
            yield issue("GENERAL_TIMING_VALIDATION_ERROR", detail, f"{type}.{element}")
    yield from _repeated(resource, type)
    yield from extension_shapes.problems(resource)
    yield from canonicals.problems(resource)
    yield from references.problems(resource)
    yield from use_contexts.problems(resource)
    yield from bindings.problems(resource)


def is_code(system: str, code: str) -> bool:
    """Tell whether a FUT code system that we hold has this code."""
    return code in _codes().get(system, ())


@cache
def _codes() -> dict[str, frozenset[str]]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("codes.json").read_bytes())
    return {system: frozenset(codes) for system, codes in table.items()}


def _repeated(resource: Json, type: str) -> Iterator[Issue]:
    for element in ONCE.get(type, ()):
        if isinstance(resource.get(element), list) and len(resource[element]) > 1:
            yield _twice(element, f"{type}.{element}")
    seen = set()
    for url in [each.get("url") for each in resource.get("extension", ())]:
        if url in seen and url in ONCE_EXTENSIONS:
            yield _twice(f"extension {url}", f"{type}.extension")
        seen.add(url)


def _twice(what: str, path: str) -> Issue:
    text = "Oplysningen må kun stå der én gang."
    return issue("GENERAL_VALIDATION_ERROR", f"{what} only once", path, text=text)
