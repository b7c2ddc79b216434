"""FUT's URLs and codes as bare constants, named as in the implementation guide 8.0.0."""

SD = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"
CS = "http://ehealth.sundhed.dk/cs/"
VS = "http://ehealth.sundhed.dk/vs/"
HL = "http://hl7.org/fhir/StructureDefinition/"


def profile(resource_type: str) -> str:
    """Give the canonical URL of FUT's profile of a resource type (`ehealth-questionnaire`)."""
    return f"{SD}ehealth-{_PROFILE_NAMES.get(resource_type, resource_type.lower())}"


_PROFILE_NAMES = {"CommunicationRequest": "communication-request"}


# --- Extensions on every kind of resource
WORKFLOW_EPISODE_OF_CARE = HL + "workflow-episodeOfCare"
BASE = SD + "ehealth-base"
BASE_ENVIRONMENT = SD + "ehealth-base-environment"
PREDECESSOR = SD + "ehealth-predecessor"
MODIFIER_ROLE = SD + "ehealth-modifier-role"
EMPLOYEE_TITLE = SD + "ehealth-employee-title"
USAGE = SD + "ehealth-usage"
RESTRICTION_CATEGORY = SD + "ehealth-restriction-category"

# --- Questionnaire
QUESTIONNAIRE_TYPE = SD + "ehealth-questionnaire-type"
QUESTIONNAIRE_RECOMMENDATION = SD + "ehealth-questionnaire-recommendation"
QUESTIONNAIRE_FEEDBACK = SD + "ehealth-questionnaire-feedback"
QUESTIONNAIRE_IMAGE = SD + "ehealth-questionnaire-image"
QUESTIONNAIRE_SHORT_TEXT = SD + "ehealth-questionnaire-shortText"
QUESTIONNAIRE_HELP_TEXT = SD + "ehealth-questionnaire-helpText"
ITEM_IS_COPYRIGHT = SD + "ehealth-questionnaire-item-is-copyright"
EXTERNAL_IDENTIFIER = SD + "ehealth-external-identifier"
ANSWER_SIGNIFICANCE = SD + "ehealth-questionnaire-answerSignificance"
ANSWER_CONDITION = SD + "ehealth-answer-Condition"
SLIDER_STEP_VALUE_DECIMAL = SD + "ehealth-questionnaire-sliderStepValueDecimal"
ENABLE_BEHAVIOR_CONDITION_ID = SD + "ehealth-enableBehavior-conditionId"
OVERVIEW_USAGE_MODE = SD + "ehealth-overviewUsageMode"

MIN_OCCURS = HL + "questionnaire-minOccurs"
MAX_OCCURS = HL + "questionnaire-maxOccurs"
MIN_VALUE = HL + "minValue"
MAX_VALUE = HL + "maxValue"
MAX_DECIMAL_PLACES = HL + "maxDecimalPlaces"
REGEX = HL + "regex"
SLIDER_STEP_VALUE = HL + "questionnaire-sliderStepValue"
ITEM_CONTROL = HL + "questionnaire-itemControl"
HIDDEN = HL + "questionnaire-hidden"
OPTION_EXCLUSIVE = HL + "questionnaire-optionExclusive"
UNIT = HL + "questionnaire-unit"
UNIT_OPTION = HL + "questionnaire-unitOption"
ORDINAL_VALUE = HL + "ordinalValue"
ITEM_WEIGHT = HL + "itemWeight"
RENDERING_XHTML = HL + "rendering-xhtml"
TRANSLATION = HL + "translation"
VARIABLE = HL + "variable"
USAGE_MODE = HL + "questionnaire-usageMode"
CALCULATED_EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
ENABLE_WHEN_EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
INITIAL_EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression"

# --- Measurements
RESOLVED_TIMING = SD + "ehealth-resolved-timing"
EFFECTIVE_PERIOD = SD + "ehealth-effectivePeriod"
QUALITY = SD + "ehealth-quality"

# --- Plans and activities
SHARING_POLICY = SD + "ehealth-sharingPolicy"
SHARING_APPROVAL_POLICY = SD + "ehealth-sharingApprovalPolicy"
REUSE_CRITERIA = SD + "ehealth-reuseCriteria"
REFERENCE_RANGE = SD + "ehealth-referenceRange"
INTENDED_AUDIENCE = SD + "ehealth-intendedAudience"
RECOMMENDATION = SD + "ehealth-recommendation"
INCLUDE_AS_EXTRA = SD + "ehealth-include-as-extra"
ACTION_TRIGGER = SD + "ehealth-actionTrigger"
TRIGGER_CONDITION = SD + "ehealth-triggerCondition"
TRIGGER_ENABLEMENT_CODE = SD + "ehealth-trigger-enablement-code"
CAREPLAN_STATUS_HISTORY = SD + "ehealth-careplan-statusHistory"
SERVICEREQUEST_STATUS_HISTORY = SD + "ehealth-servicerequest-statusHistory"
TEAM_HISTORY = SD + "ehealth-teamHistory"
PARTICIPANT = SD + "ehealth-participant"
CAREMANAGER_ORGANIZATION = SD + "ehealth-episodeofcare-caremanagerOrganization"

# --- Task
TASK_EPISODE_OF_CARE = SD + "ehealth-task-episodeOfCare"
TASK_CATEGORY = SD + "ehealth-task-category"
TASK_RESPONSIBLE = SD + "ehealth-task-responsible"
REFERENCE_CAREPLAN = SD + "ehealth-reference-careplan"

# --- ClinicalImpression
CLINICALIMPRESSION_CAREPLAN = SD + "ehealth-clinicalimpression-careplan"
CLINICALIMPRESSION_DECISION_CONTEXT = SD + "ehealth-clinicalimpression-decisionContext"
CLINICALIMPRESSION_ASSESSOR_ORGANIZATION = SD + "ehealth-clinicalimpression-assessor-organization"
CLINICALIMPRESSION_ASSESSOR_OTHER = SD + "ehealth-clinicalimpression-assessor-other"
CLINICALIMPRESSION_DECISION = SD + "ehealth-clinicalimpression-decision"
VIEW_INVESTIGATION_ITEM = SD + "ehealth-clinicalimpression-viewInvestigationItem"
FINDING_BASIS = SD + "ehealth-questionnaireresponse-finding-basis"

# --- View and ActionGuidance, which are Basic resources
STATUS = SD + "ehealth-status"
CONTENT = SD + "ehealth-content"
VIEW_TYPE = SD + "ehealth-view-type"
VIEW_FOR = SD + "ehealth-view-for"
ACTIONGUIDANCE_TYPE = SD + "ehealth-actionguidance-type"
ACTIONGUIDANCE_FOR = SD + "ehealth-actionguidance-for"
BASIC_TITLE = SD + "ehealth-basic-title"
VERSION = SD + "ehealth-version"

# --- Organization, consent
ORGANIZATION_SOURCE = SD + "ehealth-organization-source"
ORGANIZATION_SYNCHRONIZATION_STATUS = SD + "ehealth-organization-synchronizationStatus"
ORGANIZATION_CVR_NUMBER = SD + "ehealth-organization-cvrNumber"
ORGANIZATION_REGION_CODE = SD + "ehealth-organization-regionCode"
ORGANIZATION_MUNICIPALITY_CODE = SD + "ehealth-organization-municipalityCode"
CONSENT_AFFILIATION = SD + "ehealth-consent-affiliation"
RESPONSIBLE_ORGANIZATION = SD + "ehealth-responsibleOrganization"

# --- Ours, which FUT does not have
WITHOUT_LIGHTS = "http://kommunalpro.dk/fhir/StructureDefinition/questionnaire-without-lights"
NAMED_VALUE_SET = "http://kommunalpro.dk/fhir/StructureDefinition/questionnaire-named-value-set"

# --- Code systems
EHEALTH_SYSTEM = CS + "ehealth-system"
EHEALTH_PROGRAM = CS + "ehealth-program"
CLONE_OPERATION = CS + "ehealth-clone-operation"
MODIFIER_ROLE_CODES = CS + "modifier-role"
QUESTIONNAIRE_TYPES = CS + "questionnaire-types"
ITEM_SIGNIFICANCE = CS + "questionnaire-item-significance-indicator"
RESOLVED_TIMING_TYPE = CS + "resolved-timing-type"
TASK_CATEGORY_CODES = CS + "task-category"
RESTRICTION_CATEGORY_CODES = CS + "restriction-category"
CLINICALIMPRESSION_CODES = CS + "clinicalimpression-codes"
CLINICALIMPRESSION_FINDING_CODES = CS + "clinicalimpression-finding-codes"
CLINICALIMPRESSION_DECISION_CODES = CS + "clinicalimpression-decision-codes"
CLINICALIMPRESSION_INVESTIGATION_ITEM_CODES = CS + "clinicalimpression-investigation-item-codes"
ACTIVITYDEFINITION_CODE = CS + "activitydefinition-code"
MEASUREMENT_SHARING_POLICIES = CS + "measurement-sharing-policies"
MEASUREMENT_SHARING_APPROVAL_POLICIES = CS + "measurement-sharing-approval-policies"
TRIGGER_ENABLEMENT_CODES = CS + "trigger-enablement-code"
BASIC_RESOURCE_TYPE = CS + "basic-resource-type"
VIEW_TYPES = CS + "view-type"
ACTION_GUIDANCE_TYPES = CS + "action-guidance-types"
CONSENT_CATEGORY = CS + "consent-category"
ORGANIZATION_SOURCE_CODES = CS + "organization-source"
ORGANIZATION_SYNCHRONIZATION_STATUS_CODES = CS + "organization-synchronization-status"
CARETEAM_PARTICIPANT_ROLE = CS + "careteam-participant-role"

# --- Policies
POLICY_SUNDHEDSLOVEN = "http://ehealth.sundhed.dk/policy/dk/sundhedsloven"
POLICY_SERVICELOVEN = "http://ehealth.sundhed.dk/policy/dk/serviceloven"
POLICY_AELDRELOVEN = "http://ehealth.sundhed.dk/policy/dk/aeldreloven"
POLICY_COHERENT_SUBMITTED_MEASUREMENT = "http://ehealth.sundhed.dk/policy/ehealth/coherent-submitted-measurement"
POLICY_MEASUREMENT_REUSE = "http://ehealth.sundhed.dk/policy/ehealth/measurement-reuse"
POLICY_DISPLAY_TRIAGE_RESULT = "http://ehealth.sundhed.dk/policy/ehealth/display-triage-result"

# --- Identifier systems
CPR = "urn:oid:1.2.208.176.1.2"
SOR = "urn:oid:1.2.208.176.1.1"
CVR = "urn:oid:2.16.840.1.113883.2.24.1.1"
SKS_DIAGNOSES = "urn:oid:1.2.208.176.2.4"
UUID = "urn:ietf:rfc:3986"
EHEALTH_IDENTIFIER = "http://ehealth.sundhed.dk/id/ehealth-identifier"
EHEALTH_ENVIRONMENT = "http://ehealth.sundhed.dk/id/ehealth-environment"
