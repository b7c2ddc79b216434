"""Rules of ActivityDefinition, PlanDefinition, CarePlan and ServiceRequest.

Source: `fut.md` 1A and 4.1.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, missing
from kommunalpro.fut.occurrences import occurrence_problems, regime_problems
from kommunalpro.fut.profiles.conditions import condition_problems
from kommunalpro.fut.profiles.item_extensions import mode_problems
from kommunalpro.fut.profiles.materials import documentation_problems
from kommunalpro.fut.profiles.sub_plans import actions, sub_plan, sub_plan_problems
from kommunalpro.fut.profiles.triggers import trigger_problems
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.schedules import schedule_problems

QUESTIONNAIRE_CODES = frozenset({"273586006", "445988008", "SQ", "QR"})
"""Activity codes whose measurement is a QuestionnaireResponse.

Source: ConceptMap activitydefinition-code-to-measurement-resource-type.
"""

_OCCURS = ("active", "on-hold", "completed")
_DEFINITIONS = ("ActivityDefinition", "PlanDefinition")
_EMPTY = "PLANDEFINITION_VALIDATE_MANDATORY_ACTIVITYDEFINITION_OR_SUBPLAN_REFERENCE"
_USES_DRAFT = "PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE"
_ASKS_DRAFT = "KPRO_QUESTIONNAIRE_NOT_ACTIVE"


def questionnaire_of(activity: Json) -> str | None:
    """Give the URL of the Questionnaire that an ActivityDefinition asks; None means it asks none."""
    for artifact in activity.get("relatedArtifact", ()):
        reference = Reference.parse(artifact.get("resource", ""))
        if reference and reference.type == "Questionnaire":
            return str(artifact["resource"])
    return None


def activity_problems(activity: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """A questionnaire activity names its Questionnaire, and an active one an active Questionnaire.

    By an absolute URL, as every canonical of FUT's is. What is published may stay as it is, so that it can be retired.
    """
    yield from regime_problems(activity.get("timingTiming", {}), "ActivityDefinition.timing")
    codes = {coding.get("code") for coding in activity.get("code", {}).get("coding", ())}
    if not codes & QUESTIONNAIRE_CODES:
        return
    url = questionnaire_of(activity)
    if url is None:
        yield issue("ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE", "", "ActivityDefinition.relatedArtifact")
    elif not url.startswith("http") and (previous is None or previous.get("status") == "draft"):
        detail = f"{url} must be an absolute URL"
        yield issue("GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR", detail, "ActivityDefinition.relatedArtifact")
    elif activity.get("status") == "active":
        yield from _must_be_active(_ASKS_DRAFT, url, "ActivityDefinition.relatedArtifact", session)


def plan_problems(plan: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Every action has sub-actions or a definition; no plan contains itself; all that an active plan uses is active.

    When it becomes active, so is all that the plans in it use; what becomes of that later does not hinder a change.
    """
    if not plan.get("action"):
        yield issue(_EMPTY, "at least one action", "PlanDefinition.action")
    found = list(actions(plan.get("action", ()), "PlanDefinition"))
    yield from trigger_problems(found)
    yield from sub_plan_problems(plan, found, session)
    yield from documentation_problems(plan, session)
    if plan.get("status") != "retired":
        yield from _action_problems(found)
        yield from _goal_problems(plan)
    for path, action in found:
        yield from regime_problems(action.get("timingTiming", {}), f"{path}.timing")
        url = action.get("definitionCanonical")
        if url is None and not action.get("action"):
            yield missing("a definition or sub-actions", path)
        if url is None:
            continue
        reference = Reference.parse(url)
        if reference is None or reference.base is None or reference.type not in _DEFINITIONS:
            yield issue("GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR", url, f"{path}.definition")
        elif plan.get("status") == "active":
            yield from _must_be_active(_USES_DRAFT, url, f"{path}.definition", session)
    if plan.get("status") == "active" and (previous or {}).get("status") != "active":
        yield from _unusable_below(
            found, {"", *(action.get("definitionCanonical", "") for _, action in found)}, session
        )


def _unusable_below(found: list[tuple[str, Json]], known: set[str], session: Session) -> Iterator[Issue]:
    """Tell of each thing that a plan in a plan uses and that is not active, at the action of the outermost, and once.

    `known`: what has been looked at, by its URL; it grows, so that a ring of plans ends.
    """
    for path, action in found:
        inner = read_if_there(session, action["definitionCanonical"]) if sub_plan(action) else None
        for _, each in actions((inner or {}).get("action", ()), ""):
            url = each.get("definitionCanonical", "")
            if url not in known:
                known.add(url)
                yield from _must_be_active(_USES_DRAFT, url, f"{path}.definition", session)
                yield from _unusable_below([(path, each)], known, session)


def _action_problems(found: list[tuple[str, Json]]) -> Iterator[Issue]:
    """What an action is related to is an action of the plan, and how it is shown is one of FUT's ways."""
    ids = {action["id"] for _, action in found if "id" in action}
    for path, action in found:
        yield from mode_problems(action, path)
        for number, related in enumerate(action.get("relatedAction", ())):
            if related.get("actionId") not in ids:
                place = f"{path}.relatedAction[{number}]"
                yield issue("PLANDEFINITION_MISSING_RELATED_ACTION", str(related.get("actionId")), place)


def _goal_problems(plan: Json) -> Iterator[Issue]:
    for number, goal in enumerate(plan.get("goal", ())):
        for at, concept in enumerate(goal.get("addresses", ())):
            yield from condition_problems(concept.get("coding", ()), f"PlanDefinition.goal[{number}].addresses[{at}]")


def _must_be_active(name: str, url: str, path: str, session: Session) -> Iterator[Issue]:
    """Tell, by a code, of what a definition uses that is not here or not active."""
    try:
        definition = session.system_read(url)
    except FhirError:
        yield issue(name, "it does not exist", path)
        return
    if definition.get("status") != "active":
        yield issue(name, f"{definition['resourceType']}/{definition['id']} is {definition.get('status')}", path)


def service_request_problems(request: Json) -> Iterator[Issue]:
    """An active, paused or completed request has a valid occurrence, and so has one that is scheduled to be."""
    yield from schedule_problems(request)
    yield from regime_problems(request.get("occurrenceTiming", {}), "ServiceRequest.occurrence")
    if request["status"] in _OCCURS:
        yield from occurrence_problems(request)


def care_plan_problems(care_plan: Json) -> Iterator[Issue]:
    """Each activity is a ServiceRequest by reference."""
    yield from schedule_problems(care_plan)
    for number, activity in enumerate(care_plan.get("activity", ())):
        reference = activity.get("reference", {}).get("reference", "")
        parsed = Reference.parse(reference)
        if "detail" in activity or parsed is None or parsed.type != "ServiceRequest":
            yield issue("GENERAL_VALIDATION_ERROR", "a ServiceRequest", f"CarePlan.activity[{number}].reference")


SHARED_WITH_REQUEST = (
    ehealth.SHARING_POLICY,
    ehealth.SHARING_APPROVAL_POLICY,
    ehealth.REUSE_CRITERIA,
    ehealth.REFERENCE_RANGE,
)
"""Extensions that $apply copies from the ActivityDefinition to the ServiceRequest."""
