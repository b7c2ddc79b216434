"""The life of a definition: draft → active → retired, and who takes it from one step to the next.

Source: `fut.md` §0.10, §0.11.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import status_of
from kommunalpro.fut.errors import issue
from kommunalpro.fut.modifier_roles import is_owner
from kommunalpro.fut.profiles.identities import VERSIONED, changes_of_identity, identity_problems
from kommunalpro.fut.profiles.modifiers import role_problems

DEFINITIONS = VERSIONED | {"Basic"}

_TRANSITIONS = {("draft", "draft"), ("draft", "active"), ("draft", "retired"), ("active", "active")}
_TRANSITIONS |= {("active", "retired"), ("retired", "retired")}
_NO_STEP = {
    "Questionnaire": "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_STATUS",
    "ActivityDefinition": "ACTIVITYDEFINITION_UPDATE_TO_NOT_ALLOWED_STATE",
    "PlanDefinition": "PLANDEFINITION_UPDATE_TO_NOT_ALLOWED_STATE",
    "Basic": "ACTIONGUIDANCEVIEW_ILLEGAL_STATUS_CHANGE",
}
_PUBLISHED = {
    "Questionnaire": "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_IN_STATUS",
    "ActivityDefinition": "ACTIVITYDEFINITION_UPDATE_ALLOWED_FOR_STATUS",
    "PlanDefinition": "PLANDEFINITION_UPDATE_ALLOWED_FOR_STATUS",
    "Basic": "ACTIONGUIDANCEVIEW_ILLEGAL_CHANGE_OF_ELEMENTS",
}
_MUTABLE_ELEMENTS = frozenset({"useContext", "status", "meta", "text", "date"})
_MUTABLE_BASIC = frozenset(
    {
        ehealth.STATUS,
        ehealth.MODIFIER_ROLE,
        ehealth.INTENDED_AUDIENCE,
        ehealth.RECOMMENDATION,
        ehealth.QUESTIONNAIRE_RECOMMENDATION,
        ehealth.SD + "ehealth-useContext",
    }
)


def problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what is wrong with this step in a definition's life."""
    type = resource["resourceType"]
    yield from role_problems(resource, previous, session)
    if previous is not None:
        yield from _step_problems(resource, previous)
    if type in VERSIONED:
        yield from identity_problems(resource, previous, session)


def deletion_problems(questionnaire: Json, session: Session) -> Iterator[Issue]:
    """Give what keeps a questionnaire from being deleted: it is published, or another's.

    A co-author may change it and no more: what the owner keeps in it is not theirs to take away.
    """
    if questionnaire.get("status") != "draft":
        yield issue("QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS", str(questionnaire.get("status")))
    by = session.principal
    if by.user_type != "SYSTEM" and not is_owner(questionnaire, by.context.organization):
        yield issue("KPRO_DELETE_BY_OWNER", "Questionnaire", "Questionnaire.extension")


def _step_problems(resource: Json, previous: Json) -> Iterator[Issue]:
    type, before, after = resource["resourceType"], status_of(previous), status_of(resource)
    if (before, after) not in _TRANSITIONS:
        yield issue(_NO_STEP[type], f"{before} to {after}", f"{type}.status")
    elif before in ("active", "retired") and _frozen(resource) != _frozen(previous):
        yield issue(_PUBLISHED[type], type, type)
    elif type in VERSIONED:
        yield from changes_of_identity(resource, previous)


def _frozen(definition: Json) -> Json:
    """Give what may not change once it is published."""
    kept = {name: value for name, value in definition.items() if name not in _MUTABLE_ELEMENTS}
    if definition["resourceType"] == "Basic":
        kept["extension"] = [each for each in kept["extension"] if each["url"] not in _MUTABLE_BASIC]
    return kept
