"""R4's own search parameters for the types we serve; a dialect adds its own or replaces these.

Source: http://hl7.org/fhir/R4/searchparameter-registry.html; which of them: FUT's CapabilityStatements (`fut.md` §6).
"""

from collections.abc import Iterable, Mapping

from kommunalpro.fhirserver.protocols import ParameterType, SearchParameter

_TABLE: dict[str, dict[str, tuple[ParameterType, str]]] = {
    "Organization": {
        "active": ("token", "active"),
        "identifier": ("token", "identifier"),
        "name": ("string", "name"),
        "partof": ("reference", "partOf"),
        "type": ("token", "type"),
    },
    "CareTeam": {
        "identifier": ("token", "identifier"),
        "participant": ("reference", "participant.member"),
        "status": ("token", "status"),
        "category": ("token", "category"),
        "date": ("date", "period"),
    },
    "Practitioner": {
        "active": ("token", "active"),
        "identifier": ("token", "identifier"),
        "name": ("string", "name"),
        "family": ("string", "name.family"),
        "given": ("string", "name.given"),
    },
    "PractitionerRole": {
        "identifier": ("token", "identifier"),
        "practitioner": ("reference", "practitioner"),
        "organization": ("reference", "organization"),
        "role": ("token", "code"),
        "active": ("token", "active"),
    },
    "Patient": {
        "active": ("token", "active"),
        "birthdate": ("date", "birthDate"),
        "family": ("string", "name.family"),
        "gender": ("token", "gender"),
        "given": ("string", "name.given"),
        "identifier": ("token", "identifier"),
        "name": ("string", "name"),
    },
    "EpisodeOfCare": {
        "condition": ("reference", "diagnosis.condition"),
        "date": ("date", "period"),
        "identifier": ("token", "identifier"),
        "organization": ("reference", "managingOrganization"),
        "patient": ("reference", "patient"),
        "status": ("token", "status"),
    },
    "Condition": {"code": ("token", "code"), "patient": ("reference", "subject"), "subject": ("reference", "subject")},
    "Consent": {
        "actor": ("reference", "provision.actor.reference"),
        "category": ("token", "category"),
        "data": ("reference", "provision.data.reference"),
        "identifier": ("token", "identifier"),
        "patient": ("reference", "patient"),
        "period": ("date", "provision.period"),
        "status": ("token", "status"),
    },
    "CarePlan": {
        "category": ("token", "category"),
        "condition": ("reference", "addresses"),
        "date": ("date", "period"),
        "identifier": ("token", "identifier"),
        "part-of": ("reference", "partOf"),
        "patient": ("reference", "subject"),
        "subject": ("reference", "subject"),
        "status": ("token", "status"),
    },
    "ServiceRequest": {},
    "QuestionnaireResponse": {
        "authored": ("date", "authored"),
        "based-on": ("reference", "basedOn"),
        "identifier": ("token", "identifier"),
        "patient": ("reference", "subject"),
        "status": ("token", "status"),
        "subject": ("reference", "subject"),
    },
    "Provenance": {
        "agent": ("reference", "agent.who"),
        "entity": ("reference", "entity.what"),
        "recorded": ("date", "recorded"),
        "target": ("reference", "target"),
    },
    "ClinicalImpression": {
        "assessor": ("reference", "assessor"),
        "date": ("date", "date"),
        "finding-code": ("token", "finding.itemCodeableConcept"),
        "identifier": ("token", "identifier"),
        "patient": ("reference", "subject"),
        "previous": ("reference", "previous"),
        "status": ("token", "status"),
        "subject": ("reference", "subject"),
    },
    "Task": {
        "authored-on": ("date", "authoredOn"),
        "based-on": ("reference", "basedOn"),
        "business-status": ("token", "businessStatus"),
        "code": ("token", "code"),
        "focus": ("reference", "focus"),
        "identifier": ("token", "identifier"),
        "intent": ("token", "intent"),
        "modified": ("date", "lastModified"),
        "owner": ("reference", "owner"),
        "part-of": ("reference", "partOf"),
        "patient": ("reference", "for"),
        "priority": ("token", "priority"),
        "requester": ("reference", "requester"),
        "status": ("token", "status"),
        "subject": ("reference", "for"),
    },
    "Basic": {"code": ("token", "code"), "identifier": ("token", "identifier")},
    "Binary": {},
    "AuditEvent": {
        "action": ("token", "action"),
        "date": ("date", "recorded"),
        "outcome": ("token", "outcome"),
        "patient": ("reference", "entity.what"),
        "type": ("token", "type"),
    },
}
_DEFINITION: dict[str, tuple[ParameterType, str]] = {
    "context-type": ("token", "useContext.code"),
    "context": ("token", "useContext.value"),
    "date": ("date", "date"),
    "description": ("string", "description"),
    "effective": ("date", "effectivePeriod"),
    "identifier": ("token", "identifier"),
    "jurisdiction": ("token", "jurisdiction"),
    "name": ("string", "name"),
    "publisher": ("string", "publisher"),
    "status": ("token", "status"),
    "title": ("string", "title"),
    "url": ("uri", "url"),
    "version": ("token", "version"),
}
_COMMON: dict[str, tuple[ParameterType, str]] = {
    "_tag": ("token", "meta.tag"),
    "_profile": ("uri", "meta.profile"),
}

R4_PARAMETERS: tuple[SearchParameter, ...] = tuple(
    SearchParameter(type, name, kind, (path,))
    for type, table in {
        **_TABLE,
        "Questionnaire": {**_DEFINITION, "code": ("token", "item.code")},
        "PlanDefinition": {**_DEFINITION, "topic": ("token", "topic")},
        "ActivityDefinition": {**_DEFINITION, "topic": ("token", "topic")},
    }.items()
    for name, (kind, path) in {**_COMMON, **table}.items()
)


def by_type(types: frozenset[str], extra: Iterable[SearchParameter]) -> Mapping[str, Mapping[str, SearchParameter]]:
    """Give the parameters of each served type by name; `extra` wins over R4's."""
    found: dict[str, dict[str, SearchParameter]] = {type: {} for type in types}
    for parameter in (*R4_PARAMETERS, *extra):
        if parameter.type in found:
            found[parameter.type][parameter.name] = parameter
    return found
