"""What the elements of the ehealth profiles may refer to, where R4 lets them refer to more.

What is named otherwise than by a reference (an identifier, a name) is left to R4, save where a rule of its own asks for
more. A reference within a transaction has been made one to a resource here before it is looked at.

Source: `fut.md` 1A and 1B; the profiles of the guide (`only Reference(...)`).
"""

from collections.abc import Iterator, Mapping

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles.bindings import values_at

_PEOPLE = ("Patient", "Practitioner", "RelatedPerson")

TARGETS: dict[str, dict[str, tuple[str, ...]]] = {
    "QuestionnaireResponse": {
        "basedOn": ("ServiceRequest",),
        "subject": ("Patient",),
        "source": _PEOPLE,
        "author": ("Device", *_PEOPLE),
    },
    "Observation": {"basedOn": ("ServiceRequest",), "subject": ("Patient",)},
    "Media": {"basedOn": ("ServiceRequest",), "subject": ("Patient",)},
    "CarePlan": {
        "subject": ("Patient",),
        "partOf": ("CarePlan",),
        "addresses": ("Condition",),
        "careTeam": ("CareTeam",),
    },
    "ServiceRequest": {"subject": ("Patient",)},
    "EpisodeOfCare": {
        "patient": ("Patient",),
        "diagnosis.condition": ("Condition",),
        "managingOrganization": ("Organization",),
        "team": ("CareTeam",),
    },
    "Task": {
        "for": ("Patient",),
        "partOf": ("Task",),
        "requester": ("Device", "Organization", *_PEOPLE),
        "owner": ("Organization", *_PEOPLE),
    },
    "ClinicalImpression": {
        "subject": ("Patient",),
        "assessor": ("Practitioner",),
        "previous": ("ClinicalImpression",),
    },
    "CommunicationRequest": {"subject": ("Patient",), "recipient": ("Patient", "CareTeam")},
    "CareTeam": {"managingOrganization": ("Organization",)},
    "Organization": {"partOf": ("Organization",)},
    "PractitionerRole": {"practitioner": ("Practitioner",), "organization": ("Organization",)},
    "RelatedPerson": {"patient": ("Patient",)},
    "Provenance": {"agent.who": ("Device", "Organization", *_PEOPLE)},
}
"""Type → element (a path) → the types that it may refer to."""

_TEXT = "Henvisningen peger på en forkert slags indhold."


def problems(resource: Json) -> Iterator[Issue]:
    """Give every reference to something of another type than the profile says."""
    yield from target_problems(resource, TARGETS.get(resource["resourceType"], {}))


def target_problems(resource: Json, allowed: Mapping[str, tuple[str, ...]]) -> Iterator[Issue]:
    """Give every reference that is to none of the types that its element (a path) may refer to."""
    type = resource["resourceType"]
    for path, targets in allowed.items():
        for value in values_at(resource, path.split(".")):
            reference = Reference.parse(value.get("reference", "")) if isinstance(value, dict) else None
            if reference and reference.type not in targets:
                detail = f"{reference.type}, not {' or '.join(targets)}"
                yield issue("GENERAL_VALIDATION_ERROR", detail, f"{type}.{path}", text=_TEXT)
