"""Rules of ActivityDefinition, PlanDefinition, CarePlan and ServiceRequest.

Source: `fut.md` 1A and 4.1.
"""

from collections.abc import Iterable, Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, missing
from kommunalpro.fut.occurrences import occurrence_problems, planned_problems, regime_problems
from kommunalpro.fut.profiles.conditions import condition_problems
from kommunalpro.fut.profiles.item_extensions import mode_problems
from kommunalpro.fut.profiles.materials import documentation_problems
from kommunalpro.fut.profiles.sub_plans import actions, sub_plan_problems
from kommunalpro.fut.profiles.triggers import trigger_problems
from kommunalpro.fut.schedules import schedule_of, schedule_problems

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
    if _becomes_active(activity, previous):
        yield from _several_problems(activity)
        yield from planned_problems(activity, "ActivityDefinition.timing")
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


def _several_problems(activity: Json) -> Iterator[Issue]:
    """One activity asks one questionnaire: of others nobody would ever be asked, and each of them could be answered."""
    resources = dict.fromkeys(each.get("resource", "") for each in activity.get("relatedArtifact", ()))
    references = [each for each in map(Reference.parse, resources) if each and each.type == "Questionnaire"]
    if len(references) > 1:
        text = "En aktivitet spørger om ét spørgeskema. Lav en aktivitet til hvert."
        yield issue("GENERAL_VALIDATION_ERROR", "one Questionnaire", "ActivityDefinition.relatedArtifact", text=text)


def plan_problems(plan: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Every action has sub-actions or a definition; no plan contains itself; all that an active plan uses is active.

    When it becomes active, so are the questionnaires and all that the plans in it use; what becomes of those later does
    not hinder a change, but `$apply`.
    """
    if not plan.get("action"):
        yield issue(_EMPTY, "at least one action", "PlanDefinition.action")
    found = list(actions(plan.get("action", ()), "PlanDefinition"))
    becomes_active = _becomes_active(plan, previous)
    yield from trigger_problems(found)
    yield from sub_plan_problems(plan, found, session)
    yield from documentation_problems(plan, session)
    if plan.get("status") != "retired":
        yield from _action_problems(found)
        yield from _goal_problems(plan)
    for path, action in found:
        yield from regime_problems(action.get("timingTiming", {}), f"{path}.timing")
        if becomes_active:
            yield from _timing_problems(action, f"{path}.timing")
        url = action.get("definitionCanonical")
        if url is None and not action.get("action"):
            yield missing("a definition or sub-actions", path)
        if url is None:
            continue
        if not _is_definition(url):
            yield issue("GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR", url, f"{path}.definition")
        elif plan.get("status") == "active" and not becomes_active:
            yield from _must_be_active(_USES_DRAFT, url, f"{path}.definition", session)
    if becomes_active:
        yield from unusable(plan, session)


def _timing_problems(action: Json, path: str) -> Iterator[Issue]:
    """A step that is to be published says when it asks; one that is a plan, or holds other steps, asks nothing."""
    asked = Reference.parse(action.get("definitionCanonical", ""))
    if asked and asked.type == "ActivityDefinition":
        yield from planned_problems(action, path)
    elif any(name.startswith("timing") for name in action):
        text = "Et trin, der er en plan eller samler andre trin, har ingen egen tid."
        yield issue("GENERAL_TIMING_VALIDATION_ERROR", "of a step that asks something alone", path, text=text)


def _becomes_active(definition: Json, previous: Json | None) -> bool:
    return definition.get("status") == "active" and (previous or {}).get("status") != "active"


def unusable(plan: Json, session: Session) -> Iterator[Issue]:
    """Tell, once, of each thing that a plan runs or asks and that is not in use, the plans in it too.

    What is in a plan in it is told at the action of the outermost.
    """
    yield from _unusable(actions(plan.get("action", ()), "PlanDefinition"), set(), session)


def _unusable(found: Iterable[tuple[str, Json]], known: set[str], session: Session) -> Iterator[Issue]:
    """`known`: what has been looked at, by its URL; it grows, so that a ring of plans ends."""
    new: dict[str, str] = {}
    for path, action in found:
        url = action.get("definitionCanonical", "")
        if _is_definition(url) and url not in known:
            new.setdefault(url, path)
    known.update(new)
    run = session.system_read_those_here([*new])
    asked = {url: questionnaire_of(each) for url, each in run.items()}
    session.system_read_those_here([each for each in asked.values() if each])
    for url, path in new.items():
        yield from _must_be_active(_USES_DRAFT, url, f"{path}.definition", session)
        if (questionnaire := asked.get(url)) and questionnaire not in known:
            known.add(questionnaire)
            yield from _must_be_active(_ASKS_DRAFT, questionnaire, f"{path}.definition", session)
        below = actions(run.get(url, {}).get("action", ()), "")
        yield from _unusable([(path, each) for _, each in below], known, session)


def _is_definition(url: str) -> bool:
    reference = Reference.parse(url)
    return reference is not None and reference.base is not None and reference.type in _DEFINITIONS


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
    """Tell, by a code, of what a definition uses that is not here or not active: now, or in the version it names."""
    reference = Reference.parse(url)
    for each in dict.fromkeys((url, reference.url if reference else url)):
        try:
            definition = session.system_read(each)
        except FhirError:
            yield issue(name, "it does not exist", path)
            return
        if definition.get("status") != "active":
            yield issue(name, f"{definition['resourceType']}/{definition['id']} is {definition.get('status')}", path)
            return


def service_request_problems(request: Json, previous: Json | None = None) -> Iterator[Issue]:
    """An active, paused or completed request has a valid occurrence, and so has one that is scheduled to be.

    One that was taken by the checks of its time stays, so that the request can be ended.
    """
    yield from schedule_problems(request)
    yield from regime_problems(request.get("occurrenceTiming", {}), "ServiceRequest.occurrence")
    if _occurs(request) and not _occurs_as_before(request, previous):
        yield from occurrence_problems(request)


def _occurs(request: Json) -> bool:
    return request["status"] in _OCCURS or any(each.status in _OCCURS for each in schedule_of(request))


def _occurs_as_before(request: Json, previous: Json | None) -> bool:
    return previous is not None and _occurs(previous) and _occurrence(request) == _occurrence(previous)


def _occurrence(request: Json) -> Json:
    return {name: each for name, each in request.items() if name.startswith("occurrence")}


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
