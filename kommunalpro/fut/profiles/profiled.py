"""Which type each of FUT's profiles is of: mostly the one that it is named by.

Source: `fut.md` 1; what the guide's services declare as `supportedProfile`.
"""

from collections.abc import Mapping

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.structure import known_resource_types

_NAMED_OTHERWISE = {
    "access-consent": "Consent",
    "access-provenance": "Provenance",
    "actionguidance": "Basic",
    "definedquestion": "StructureDefinition",
    "group-appointment": "Appointment",
    "group-videoappointment": "Appointment",
    "material-communication": "Communication",
    "message": "Communication",
    "questionnaire-advanced": "Questionnaire",
    "skrsPatient": "Patient",
    "transformation-documentreference": "DocumentReference",
    "videoappointment": "Appointment",
    "view": "Basic",
}

PROFILED: Mapping[str, str] = {
    **{ehealth.profile(type): type for type in known_resource_types()},
    **{f"{ehealth.SD}ehealth-{name}": type for name, type in _NAMED_OTHERWISE.items()},
}
"""URL of a profile → type. Also of types that are not served here."""

_VERSIONS = ("", "8.0.0")
"""What may stand after the bar: the guide that we keep to; what another says of it is not known here."""


def type_of(profile: str) -> str | None:
    """Give the type that a profile of FUT's is of, with or without its version; None: it is not known here."""
    url, _, version = profile.partition("|")
    return PROFILED.get(url) if version in _VERSIONS else None
