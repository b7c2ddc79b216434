"""The $operations of the national infrastructure; each function is the use case, whichever door it is called by."""

from collections.abc import Mapping

from kommunalpro.fhirserver.protocols import OperationDefinition
from kommunalpro.fut.operations.apply import apply, preview
from kommunalpro.fut.operations.create_clone import create_clone
from kommunalpro.fut.operations.create_episode_of_care import create_episode_of_care
from kommunalpro.fut.operations.create_patient import create_patient
from kommunalpro.fut.operations.evaluate import evaluate
from kommunalpro.fut.operations.get_patient_procedures import get_patient_procedures
from kommunalpro.fut.operations.is_context_allowed import is_context_allowed
from kommunalpro.fut.operations.search_measurements import search_measurements
from kommunalpro.fut.operations.search_measurements_bundle_limit import search_measurements_bundle_limit
from kommunalpro.fut.operations.set_measurement_validity import set_measurement_validity
from kommunalpro.fut.operations.submit_measurement import submit_measurement

# Canonical addresses of FUT's guide. Source: OperationDefinition-*.json of fut-ig.
_GUIDE = "http://ehealth.sundhed.dk/fhir/OperationDefinition"
_DEFINITIONS = (
    OperationDefinition(
        "$createPatient", "type", create_patient, type="Patient", definition=f"{_GUIDE}/ehealth-patient-create"
    ),
    OperationDefinition(
        "$create-episode-of-care",
        "system",
        create_episode_of_care,
        body="episodeOfCareAndProvenances",
        definition=f"{_GUIDE}/-s-create-episode-of-care",
    ),
    OperationDefinition(
        "$apply",
        "instance",
        apply,
        type="PlanDefinition",
        on_get=preview,
        definition=f"{_GUIDE}/PlanDefinition-i-apply",
    ),
    *(
        OperationDefinition("$create-clone", "instance", create_clone, type=type, definition=f"{_GUIDE}/{page}")
        for type, page in (
            ("Questionnaire", "Questionnaire-i-create-clone"),
            ("ActivityDefinition", "ActivityDefinitionPlanDefinition-i-create-clone"),
            ("PlanDefinition", "ActivityDefinitionPlanDefinition-i-create-clone"),
        )
    ),
    OperationDefinition(
        "$get-patient-procedures", "system", get_patient_procedures, definition=f"{_GUIDE}/-s-get-patient-procedures"
    ),
    OperationDefinition(
        "$is-context-allowed",
        "instance",
        is_context_allowed,
        type="EpisodeOfCare",
        definition=f"{_GUIDE}/EpisodeOfCare-i-is-context-allowed",
    ),
    # Without the address of their definition: the CapabilityStatement does not name what is only refused.
    OperationDefinition("$evaluate", "type", evaluate, type="Library"),
    OperationDefinition("$evaluate", "instance", evaluate, type="Library"),
    OperationDefinition(
        "$search-measurements", "system", search_measurements, definition=f"{_GUIDE}/-s-search-measurements"
    ),
    OperationDefinition(
        "$search-measurements-bundle-limit",
        "system",
        search_measurements_bundle_limit,
        definition=f"{_GUIDE}/-s-search-measurements-bundle-limit",
    ),
    OperationDefinition(
        "$set-measurement-validity",
        "type",
        set_measurement_validity,
        type="ClinicalImpression",
        body="clinicalImpression",
        definition=f"{_GUIDE}/ClinicalImpression-t-set-measurement-validity",
    ),
    OperationDefinition(
        "$submit-measurement",
        "system",
        submit_measurement,
        body="measurement",
        definition=f"{_GUIDE}/-s-submit-measurement",
    ),
)

OPERATIONS: Mapping[str, tuple[OperationDefinition, ...]] = {
    name: tuple(each for each in _DEFINITIONS if each.name == name)
    for name in {each.name: None for each in _DEFINITIONS}
}
"""Name (with `$`) → where it is offered, and its function."""
