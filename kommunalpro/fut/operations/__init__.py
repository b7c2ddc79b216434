"""The $operations of the national infrastructure; each function is the use case, whichever door it is called by."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kommunalpro.fhirserver.protocols import OperationDefinition, Parameter
from kommunalpro.fut.operations.apply import apply, preview
from kommunalpro.fut.operations.create_clone import create_clone
from kommunalpro.fut.operations.create_episode_of_care import create_episode_of_care
from kommunalpro.fut.operations.create_patient import create_patient
from kommunalpro.fut.operations.evaluate import evaluate
from kommunalpro.fut.operations.export_plan import export_plan
from kommunalpro.fut.operations.get_patient_procedures import get_patient_procedures
from kommunalpro.fut.operations.import_plan import import_plan
from kommunalpro.fut.operations.is_context_allowed import is_context_allowed
from kommunalpro.fut.operations.of_terminology import TERMINOLOGY
from kommunalpro.fut.operations.persist_login import persist_login
from kommunalpro.fut.operations.search_measurements import search_measurements
from kommunalpro.fut.operations.search_measurements_bundle_limit import search_measurements_bundle_limit
from kommunalpro.fut.operations.set_measurement_validity import set_measurement_validity
from kommunalpro.fut.operations.submit_measurement import submit_for_later, submit_measurement
from kommunalpro.fut.operations.suggest_care_teams import suggest_care_teams
from kommunalpro.fut.operations.update_care_teams import update_care_teams
from kommunalpro.fut.services import OPERATIONS_OF_SERVICES, rows_at

# Canonical addresses of FUT's guide. Source: OperationDefinition-*.json of fut-ig.
_GUIDE = "http://ehealth.sundhed.dk/fhir/OperationDefinition"
# What each takes is what stands in its OperationDefinition, less what has a comment. A Reference and a `_tag` may be
# written as text too: their types are read where they are used.
_CLONING = (Parameter("clone-operation", "Coding"),)
_DEEP_CLONING = (
    *_CLONING,
    Parameter("default-clone-behavior", "boolean"),
    Parameter("deep-clone-references", most=None),
)
_WHOSE = (
    Parameter("patient"),
    Parameter("episodeOfCare"),
    Parameter("based-on", most=None),
    Parameter("_tag", most=None),
)
_TEAMS = tuple(
    Parameter(name, most=None) for name in ("addCareTeams", "removeCareTeams", "addCareteams", "removeCareteams")
)
_DEFINITIONS = (
    OperationDefinition(
        "$createPatient",
        "type",
        create_patient,
        type="Patient",
        definition=f"{_GUIDE}/ehealth-patient-create",
        # `patient` is ours.
        parameters=(Parameter("crn", "Identifier"), Parameter("patient")),
    ),
    OperationDefinition(
        "$create-episode-of-care",
        "system",
        create_episode_of_care,
        body="episodeOfCareAndProvenances",
        definition=f"{_GUIDE}/-s-create-episode-of-care",
        parameters=(Parameter("episodeOfCareAndProvenances"),),
    ),
    OperationDefinition(
        "$apply",
        "instance",
        apply,
        type="PlanDefinition",
        on_get=preview,
        definition=f"{_GUIDE}/PlanDefinition-i-apply",
        parameters=(Parameter("episodeOfCare"),),
    ),
    OperationDefinition(
        "$apply",
        "system",
        apply,
        on_get=preview,
        definition=f"{_GUIDE}/-s-apply",
        parameters=(Parameter("episodeOfCare"), Parameter("planDefinition")),
    ),
    *(
        OperationDefinition(
            "$create-clone", "instance", create_clone, type=type, definition=f"{_GUIDE}/{page}", parameters=taken
        )
        for type, page, taken in (
            ("Questionnaire", "Questionnaire-i-create-clone", _CLONING),
            ("ActivityDefinition", "ActivityDefinitionPlanDefinition-i-create-clone", _DEEP_CLONING),
            ("PlanDefinition", "ActivityDefinitionPlanDefinition-i-create-clone", _DEEP_CLONING),
        )
    ),
    OperationDefinition(
        "$export",
        "instance",
        export_plan,
        type="PlanDefinition",
        on_get=export_plan,
        definition=f"{_GUIDE}/PlanDefinition-i-export",
        parameters=(Parameter("exclude", most=None),),
    ),
    OperationDefinition(
        "$get-patient-procedures",
        "system",
        get_patient_procedures,
        definition=f"{_GUIDE}/-s-get-patient-procedures",
        parameters=(
            Parameter("patient"),
            Parameter("start", "dateTime"),
            Parameter("end", "dateTime"),
            Parameter("episodeOfCare", most=None),
            Parameter("extra", "boolean"),
            Parameter("conditionCodings", "Coding", most=None),
            Parameter("_tag", most=None),
        ),
    ),
    OperationDefinition(
        "$import",
        "type",
        import_plan,
        type="PlanDefinition",
        body="planDefinitionPackage",
        definition=f"{_GUIDE}/PlanDefinition-t-import",
        # `preview` is ours.
        parameters=(Parameter("planDefinitionPackage", "Binary"), Parameter("preview", "boolean")),
    ),
    OperationDefinition(
        "$is-context-allowed",
        "instance",
        is_context_allowed,
        type="EpisodeOfCare",
        definition=f"{_GUIDE}/EpisodeOfCare-i-is-context-allowed",
        parameters=(Parameter("patient"), Parameter("careTeam")),
    ),
    OperationDefinition(
        "$persist-login",
        "system",
        persist_login,
        definition=f"{_GUIDE}/-s-persist-login",
        parameters=(
            Parameter("careTeam", "CareTeam", most=None),
            Parameter("practitionerRole", "PractitionerRole", most=None),
        ),
    ),
    # Without the address of their definition: the CapabilityStatement does not name what is only refused.
    OperationDefinition("$evaluate", "type", evaluate, type="Library", parameters=None),
    OperationDefinition("$evaluate", "instance", evaluate, type="Library", parameters=None),
    OperationDefinition(
        "$search-measurements",
        "system",
        search_measurements,
        definition=f"{_GUIDE}/-s-search-measurements",
        parameters=(Parameter("period", "Period"), *_WHOSE, Parameter("device", is_done=False)),
    ),
    OperationDefinition(
        "$search-measurements-bundle-limit",
        "system",
        search_measurements_bundle_limit,
        definition=f"{_GUIDE}/-s-search-measurements-bundle-limit",
        parameters=(
            Parameter("count", "integer"),
            Parameter("start", "dateTime"),
            Parameter("end", "dateTime"),
            *_WHOSE,
        ),
    ),
    OperationDefinition(
        "$set-measurement-validity",
        "type",
        set_measurement_validity,
        type="ClinicalImpression",
        body="clinicalImpression",
        definition=f"{_GUIDE}/ClinicalImpression-t-set-measurement-validity",
        parameters=(Parameter("clinicalImpression"),),
    ),
    OperationDefinition(
        "$submit-measurement",
        "system",
        submit_measurement,
        body="measurement",
        definition=f"{_GUIDE}/-s-submit-measurement",
        parameters=(Parameter("measurement"),),
        only_creates=True,
    ),
    OperationDefinition(
        "$suggest-care-teams",
        "instance",
        suggest_care_teams,
        type="CarePlan",
        definition=f"{_GUIDE}/CarePlan-i-suggest-care-teams",
        parameters=(Parameter("regionCode", "string"), Parameter("municipalityCode", "string")),
    ),
    *(
        OperationDefinition(
            "$update-care-teams",
            "instance",
            update_care_teams,
            type=type,
            definition=f"{_GUIDE}/CarePlanEpisodeOfCare-i-update-care-teams",
            parameters=_TEAMS,
        )
        for type in ("CarePlan", "EpisodeOfCare")
    ),
    *TERMINOLOGY,
)

OPERATIONS: Mapping[str, tuple[OperationDefinition, ...]] = {
    name: tuple(each for each in _DEFINITIONS if each.name == name)
    for name in {each.name: None for each in _DEFINITIONS}
}
"""Name (with `$`) → where it is offered, and its function."""

STRICT: Mapping[str, tuple[OperationDefinition, ...]] = {
    **OPERATIONS,
    "$submit-measurement": tuple(
        replace(each, run=submit_for_later, only_creates=False) for each in OPERATIONS["$submit-measurement"]
    ),
}
"""The same as FUT runs them: what a measurement means is worked out after it is answered for."""


def of_service(operations: Mapping[str, tuple[OperationDefinition, ...]], name: str) -> dict[str, Any]:
    """Give the operations that one of FUT's services offers: its own, and those of its types."""
    offered = {
        operation: tuple(
            each
            for each in many
            if (rows_at(each.type, name) if each.type else OPERATIONS_OF_SERVICES.get(operation) == name)
        )
        for operation, many in operations.items()
    }
    return {operation: many for operation, many in offered.items() if many}
