"""FUT's own search parameters: those its CapabilityStatements declare and R4 does not.

The guide publishes no SearchParameter for them but a few, so the paths are read from the profiles (`fut.md` §1, §6).
A line marked GUESS has a path that no published text confirms.
"""

from kommunalpro.fhir import ehealth
from kommunalpro.fhirserver.protocols import ParameterType, SearchParameter


def _extension(url: str, *rest: str) -> str:
    return ".".join((f"extension('{url}')", *(rest or ("value",))))


_EPISODE = _extension(ehealth.WORKFLOW_EPISODE_OF_CARE)
_TIMING = f"extension('{ehealth.RESOLVED_TIMING}')"

_TABLE: tuple[tuple[str, str, ParameterType, str], ...] = (
    ("CarePlan", "episodeOfCare", "reference", _EPISODE),
    ("CarePlan", "care-team", "reference", "careTeam"),
    ("CarePlan", "instantiates-canonical", "reference", "instantiatesCanonical"),
    ("CarePlan", "activity-reference", "reference", "activity.reference"),
    ("EpisodeOfCare", "team", "reference", "team"),
    ("Condition", "episodeOfCare", "reference", _EPISODE),  # GUESS: the guide declares no search on Condition
    ("Consent", "affiliation", "reference", _extension(ehealth.CONSENT_AFFILIATION)),
    ("Consent", "policy", "uri", "policy.uri"),
    ("QuestionnaireResponse", "episodeOfCare", "reference", _EPISODE),
    ("QuestionnaireResponse", "questionnaire", "reference", "questionnaire"),
    ("QuestionnaireResponse", "effectivePeriodStart", "date", _extension(ehealth.EFFECTIVE_PERIOD, "value", "start")),
    ("QuestionnaireResponse", "effectivePeriodEnd", "date", _extension(ehealth.EFFECTIVE_PERIOD, "value", "end")),
    ("QuestionnaireResponse", "resolvedTimingStart", "date", f"{_TIMING}.extension('start').value"),
    ("QuestionnaireResponse", "resolvedTimingEnd", "date", f"{_TIMING}.extension('end').value"),
    ("QuestionnaireResponse", "resolvedTimingType", "token", f"{_TIMING}.extension('type').value"),
    (
        "QuestionnaireResponse",
        "resolvedTimingServiceRequestVersionId",
        "token",
        f"{_TIMING}.extension('serviceRequestVersionId').value",
    ),
    ("Task", "episodeOfCare", "reference", _extension(ehealth.TASK_EPISODE_OF_CARE)),
    ("Task", "category", "token", _extension(ehealth.TASK_CATEGORY)),
    ("Task", "responsible", "reference", _extension(ehealth.TASK_RESPONSIBLE)),
    ("Task", "restriction-category", "token", _extension(ehealth.RESTRICTION_CATEGORY)),
    ("Task", "carePlan", "reference", _extension(ehealth.REFERENCE_CAREPLAN)),
    ("Task", "resolvedTimingStart", "date", f"{_TIMING}.extension('start').value"),
    ("Task", "resolvedTimingEnd", "date", f"{_TIMING}.extension('end').value"),
    ("ClinicalImpression", "episodeOfCare", "reference", _EPISODE),
    ("ClinicalImpression", "carePlan", "reference", _extension(ehealth.CLINICALIMPRESSION_CAREPLAN)),
    ("ClinicalImpression", "code", "token", "code"),  # GUESS: not declared by FUT, needed by access
    ("ClinicalImpression", "decision", "token", _extension(ehealth.CLINICALIMPRESSION_DECISION)),
    ("ClinicalImpression", "investigation", "reference", "investigation.item"),
    ("CareTeam", "managingOrganization", "reference", "managingOrganization"),
    ("CareTeam", "reasonCode", "token", "reasonCode"),
    ("Organization", "source", "token", _extension(ehealth.ORGANIZATION_SOURCE)),
    ("Organization", "cvrNumber", "string", _extension(ehealth.ORGANIZATION_CVR_NUMBER)),
    ("Organization", "municipalityCode", "string", _extension(ehealth.ORGANIZATION_MUNICIPALITY_CODE)),
    ("Organization", "regionCode", "string", _extension(ehealth.ORGANIZATION_REGION_CODE)),
    ("Basic", "status", "token", _extension(ehealth.STATUS)),
    ("Basic", "viewType", "token", _extension(ehealth.VIEW_TYPE)),
    ("Basic", "viewForType", "token", f"extension('{ehealth.VIEW_FOR}').extension('forType').value"),
    ("Basic", "viewForReference", "reference", f"extension('{ehealth.VIEW_FOR}').extension('forReference').value"),
    ("Basic", "actionGuidanceType", "token", _extension(ehealth.ACTIONGUIDANCE_TYPE)),
    (
        "Basic",
        "actionGuidanceForReference",
        "reference",
        f"extension('{ehealth.ACTIONGUIDANCE_FOR}').extension('forReference').value",
    ),
)

_DEFINITIONS: tuple[tuple[str, ParameterType, str], ...] = (
    ("base", "token", _extension(ehealth.BASE)),
    ("baseEnvironment", "token", _extension(ehealth.BASE_ENVIRONMENT)),
    ("ehealthPredecessor", "token", _extension(ehealth.PREDECESSOR)),
    ("employeeTitle", "string", _extension(ehealth.EMPLOYEE_TITLE)),
)
_MODIFIER_ROLE_NAMES = {"Questionnaire": ("reference", "role"), "Basic": ("reference", "role")}


def _definition_parameters() -> tuple[SearchParameter, ...]:
    found: list[SearchParameter] = []
    for type in ("Questionnaire", "ActivityDefinition", "PlanDefinition"):
        found += [SearchParameter(type, name, kind, (path,)) for name, kind, path in _DEFINITIONS]
    for type in ("Questionnaire", "ActivityDefinition", "PlanDefinition", "Basic"):
        by_reference, by_role = _MODIFIER_ROLE_NAMES.get(type, ("modifier_role_reference", "modifier_role_role"))
        role = f"extension('{ehealth.MODIFIER_ROLE}')"
        found.append(SearchParameter(type, by_reference, "reference", (f"{role}.extension('reference').value",)))
        found.append(SearchParameter(type, by_role, "token", (f"{role}.extension('role').value",)))
    found.append(
        SearchParameter("Questionnaire", "type", "token", (_extension(ehealth.QUESTIONNAIRE_TYPE),)),
    )
    found.append(SearchParameter("PlanDefinition", "definition", "reference", ("action.definition",)))
    return tuple(found)


SEARCH_PARAMETERS: tuple[SearchParameter, ...] = (
    *(SearchParameter(type, name, kind, (path,)) for type, name, kind, path in _TABLE),
    *_definition_parameters(),
)
