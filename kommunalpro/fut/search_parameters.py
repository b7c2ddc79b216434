"""FUT's own search parameters: those its CapabilityStatements declare and R4 does not.

The guide publishes a SearchParameter for some of Communication's only, so the other paths are read from the profiles
(`fut.md` §1, §6). A line marked GUESS has a path, or a parameter, that no published text confirms. What is no path is
in `document_query.py`.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhirserver.protocols import Component, ParameterType, SearchParameter
from kommunalpro.fut import document_query


def _ext(name: str, *parts: str, then: str = "value[x]") -> str:
    """Give the path into an extension of FUT's, named without its common beginning, and into parts of it."""
    urls = (name if name.startswith("http") else f"{ehealth.SD}{name}", *parts)
    return ".".join([*(f"extension('{url}')" for url in urls), then])


_Row = tuple[str, ParameterType, tuple[str, ...], tuple[str, ...]]


def _row(name: str, kind: ParameterType, *paths: str, to: str = "") -> _Row:
    return name, kind, paths, tuple(to.split())


_EPISODE = _row("episodeOfCare", "reference", _ext(ehealth.WORKFLOW_EPISODE_OF_CARE), to="EpisodeOfCare")
_TIMING = (
    _row("resolvedTimingStart", "date", _ext(ehealth.RESOLVED_TIMING, "start")),
    _row("resolvedTimingEnd", "date", _ext(ehealth.RESOLVED_TIMING, "end")),
    _row("resolvedTimingType", "token", _ext(ehealth.RESOLVED_TIMING, "type")),
    _row("resolvedTimingServiceRequestVersionId", "token", _ext(ehealth.RESOLVED_TIMING, "serviceRequestVersionId")),
)
_QUALITY = tuple(_row(name, "token", _ext("ehealth-quality", name)) for name in ("qualityType", "qualityCode"))
_PARTICIPANTS = (
    _row("participant-actor", "reference", _ext("ehealth-participant", "actor"), to="CareTeam Practitioner"),
    _row("participant-function", "token", _ext("ehealth-participant", "function")),
)
_VERSIONED = (
    _row("base", "token", _ext("ehealth-base")),
    _row("baseEnvironment", "token", _ext("ehealth-base-environment")),
    _row("ehealthPredecessor", "token", _ext("ehealth-predecessor")),
    _row("employeeTitle", "string", _ext("ehealth-employee-title")),
)
_AUDIENCE = (
    _row("intendedAudience", "reference", _ext("ehealth-intendedAudience"), to="Organization"),
    _row("recommendation", "token", _ext("ehealth-recommendation")),
)
_ROLES = "CareTeam Organization"


def _modifier(by_reference: str, by_role: str) -> tuple[_Row, ...]:
    return (
        _row(by_reference, "reference", _ext(ehealth.MODIFIER_ROLE, "reference"), to=_ROLES),
        _row(by_role, "token", _ext(ehealth.MODIFIER_ROLE, "role")),
    )


def _use_context(kind: str, value: str) -> tuple[_Row, ...]:
    at = _ext("ehealth-useContext", then="value[UsageContext]")
    return _row(kind, "token", f"{at}.code"), _row(value, "token", f"{at}.value[CodeableConcept]")


_TABLE: dict[str, tuple[_Row, ...]] = {
    "CarePlan": (
        _EPISODE,
        *_PARTICIPANTS,
        _row("status-history-status", "token", _ext("ehealth-careplan-statusHistory", "status")),
        _row("status-history-start-time", "date", _ext("ehealth-careplan-statusHistory", "period") + ".start"),
        _row("status-history-end-time", "date", _ext("ehealth-careplan-statusHistory", "period") + ".end"),
        _row("status-scheduled-status", "token", _ext("ehealth-careplan-statusschedule", "status")),
        _row("status-scheduled-time", "date", _ext("ehealth-careplan-statusschedule", "scheduledTime")),
        _row("team-scheduled-time", "date", _ext("ehealth-teamschedule", "scheduledTime")),
    ),
    "EpisodeOfCare": (
        *_PARTICIPANTS,
        _row("team", "reference", "team", to="CareTeam"),
        _row("status-scheduled-time", "date", _ext("ehealth-episodeofcare-statusschedule", "scheduledTime")),
        _row("team-scheduled-time", "date", _ext("ehealth-teamschedule", "scheduledTime")),
    ),
    "Condition": (_EPISODE,),  # GUESS: the guide declares no search on Condition
    "Consent": (
        _row("affiliation", "reference", _ext(ehealth.CONSENT_AFFILIATION), to="EpisodeOfCare CarePlan"),
        _row("policy", "uri", "policy.uri"),
    ),
    "CommunicationRequest": (_EPISODE, _row("reasonCode", "token", "reasonCode")),
    "Communication": (
        _EPISODE,
        *_PARTICIPANTS,
        _row("administrativeStatus", "token", _ext("ehealth-administrative-status")),
        _row("communicationCategory", "token", "category"),
        _row("careTeamRecipient", "reference", _ext("ehealth-communication-recipientCareTeam"), to="CareTeam"),
        _row("careTeamSender", "reference", _ext("ehealth-communication-senderCareTeam"), to="CareTeam"),
        _row("recipientCareTeam", "reference", _ext("ehealth-communication-recipientCareTeam"), to="CareTeam"),
        _row("senderCareTeam", "reference", _ext("ehealth-communication-senderCareTeam"), to="CareTeam"),
        _row("communicationGroupId", "string", _ext("ehealth-group-id")),
        _row("threadId", "string", _ext("ehealth-thread-id")),
        _row("on-behalf-of", "reference", _ext("ehealth-on-behalf-of")),
        _row("period", "date", _ext("ehealth-period")),
        _row("periodStart", "date", _ext("ehealth-period") + ".start"),  # GUESS
        _row("periodEnd", "date", _ext("ehealth-period") + ".end"),  # GUESS
        _row("restrictionCategory", "token", _ext(ehealth.RESTRICTION_CATEGORY)),
        _row(
            "communicationParticipant",
            "reference",
            *("recipient", "sender"),
            _ext("ehealth-communication-senderCareTeam"),
            _ext("ehealth-communication-recipientCareTeam"),
        ),
        _row(
            "communicationRelatesTo",
            "reference",
            *("recipient", "sender"),
            _ext("ehealth-communication-senderCareTeam"),
            _ext("ehealth-communication-recipientCareTeam"),
            _ext(ehealth.WORKFLOW_EPISODE_OF_CARE),
        ),
    ),
    "DocumentReference": (
        *_modifier("modifier_role_reference", "modifier_role_role"),
        *_use_context("use-context-context-type", "use-context-context"),
        _row("intendedOrganization", "reference", _ext("ehealth-intendedAudience"), to="Organization"),  # GUESS
        _row("documentSharingState", "token", _ext("ehealth-document-sharing-state")),
        _row("masterIdentifier", "token", "masterIdentifier"),
        _row("class", "token", "category"),  # GUESS: R3's name of what R4 calls category
        _row("indexed", "date", "date"),  # GUESS: R3's name of what R4 calls date
        _row("related-ref", "reference", "context.related"),
        _row("related-id", "token", "context.related.identifier"),
        _row("securitylabel", "token", "securityLabel"),
    ),
    "Goal": (_row("addresses", "reference", "addresses"),),
    "Media": (
        _EPISODE,
        *_TIMING,
        *_QUALITY,
        _row("relatedTo", "reference", "partOf"),  # GUESS
        _row("series", "string", _ext("ehealth-group-id")),  # GUESS
        _row("usageMode", "token", _ext("ehealth-media-usage-mode")),
    ),
    "Observation": (_EPISODE, *_TIMING, *_QUALITY),
    "QuestionnaireResponse": (
        _EPISODE,
        *_TIMING,
        *_QUALITY,
        _row("effectivePeriodStart", "date", _ext(ehealth.EFFECTIVE_PERIOD) + ".start"),
        _row("effectivePeriodEnd", "date", _ext(ehealth.EFFECTIVE_PERIOD) + ".end"),
    ),
    "Provenance": (
        # GUESS: what the entities are of, told apart by their type
        _row("entity-episodeOfCare", "reference", "entity.what.where(resolve() is EpisodeOfCare)", to="EpisodeOfCare"),
        _row(
            "entity-serviceRequest", "reference", "entity.what.where(resolve() is ServiceRequest)", to="ServiceRequest"
        ),
    ),
    "Task": (
        *_TIMING,
        _row("episodeOfCare", "reference", _ext(ehealth.TASK_EPISODE_OF_CARE), to="EpisodeOfCare"),
        _row("category", "token", _ext(ehealth.TASK_CATEGORY)),
        _row("responsible", "reference", _ext(ehealth.TASK_RESPONSIBLE), to="CareTeam Patient Practitioner"),
        _row("restriction-category", "token", _ext(ehealth.RESTRICTION_CATEGORY)),
        _row("carePlan", "reference", _ext(ehealth.REFERENCE_CAREPLAN), to="CarePlan"),
    ),
    "ClinicalImpression": (
        _EPISODE,
        _row("carePlan", "reference", _ext(ehealth.CLINICALIMPRESSION_CAREPLAN), to="CarePlan"),
        _row("code", "token", "code"),  # GUESS: not declared by FUT, needed by access
        _row("decision", "token", _ext(ehealth.CLINICALIMPRESSION_DECISION)),
        _row("action", "reference", "action"),  # GUESS: R3's element; R4's ClinicalImpression has none
    ),
    "CareTeam": (
        *_use_context("context-type", "context"),
        _row("managingOrganization", "reference", "managingOrganization", to="Organization"),
        _row("reasonCode", "token", "reasonCode"),
    ),
    "Organization": (
        _row("source", "token", _ext(ehealth.ORGANIZATION_SOURCE)),
        _row("cvrNumber", "string", _ext(ehealth.ORGANIZATION_CVR_NUMBER)),
        _row("municipalityCode", "string", _ext(ehealth.ORGANIZATION_MUNICIPALITY_CODE)),
        _row("regionCode", "string", _ext(ehealth.ORGANIZATION_REGION_CODE)),
        _row("providerIdentifier", "string", _ext("ehealth-organization-providerIdentifier")),
        _row("specialty", "token", _ext("ehealth-organization-specialty", "specialty")),
        _row("contactName", "string", "contact.name"),
        # Ours: what a unit of one register is in the other is found from both ends.
        _row("relatedTo", "reference", _ext(ehealth.ORGANIZATION_RELATED_TO, "target"), to="Organization"),
    ),
    "Basic": (
        *_AUDIENCE,
        *_modifier("reference", "role"),
        *_use_context("context-type", "context"),
        _row("status", "token", _ext(ehealth.STATUS)),
        _row("viewType", "token", _ext(ehealth.VIEW_TYPE)),
        _row("viewForType", "token", _ext(ehealth.VIEW_FOR, "forType")),
        _row("viewForReference", "reference", _ext(ehealth.VIEW_FOR, "forReference"), to="Questionnaire"),
        _row("actionGuidanceType", "token", _ext(ehealth.ACTIONGUIDANCE_TYPE)),
        _row("actionGuidanceForType", "token", _ext(ehealth.ACTIONGUIDANCE_FOR, "forType")),
        _row(
            "actionGuidanceForReference",
            "reference",
            _ext(ehealth.ACTIONGUIDANCE_FOR, "forReference"),
            to="Questionnaire",
        ),
    ),
    "Questionnaire": (
        *_VERSIONED,
        *_modifier("reference", "role"),
        _row("type", "token", _ext(ehealth.QUESTIONNAIRE_TYPE)),
    ),
    "ActivityDefinition": (
        *_VERSIONED,
        *_AUDIENCE,
        *_modifier("modifier_role_reference", "modifier_role_role"),
    ),
    "PlanDefinition": (
        *_VERSIONED,
        *_AUDIENCE,
        *_modifier("modifier_role_reference", "modifier_role_role"),
        _row("documentation", "reference", "relatedArtifact.where(type='documentation').resource"),
    ),
    "Library": _modifier("modifier_role_reference", "modifier_role_role"),  # GUESS
}

_FUNCTION = (
    Component("token", ("extension('function').value[x]",)),
    Component("reference", ("extension('actor').value[x]",)),
)
_CONTEXT = Component("token", ("code",)), Component("token", ("value[CodeableConcept]",))


def _parameters() -> Iterator[SearchParameter]:
    for type, rows in _TABLE.items():
        yield from (SearchParameter(type, *row) for row in rows)
    for type in ("CarePlan", "EpisodeOfCare", "Communication"):
        at = f"extension('{ehealth.SD}ehealth-participant')"
        yield SearchParameter(type, "participant-function-actor", "composite", (at,), components=_FUNCTION)
    for type, name in (
        ("Basic", "context-type-value"),
        ("CareTeam", "context-type-value"),
        ("DocumentReference", "use-context-context-type-value"),
    ):
        at = _ext("ehealth-useContext", then="value[UsageContext]")
        yield SearchParameter(type, name, "composite", (at,), components=_CONTEXT)
    yield from document_query.PARAMETERS


SEARCH_PARAMETERS: tuple[SearchParameter, ...] = tuple(_parameters())
