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
