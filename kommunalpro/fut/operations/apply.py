"""`PlanDefinition/$apply`: from a published plan to a draft CarePlan with its ServiceRequests.

Supported: instance level, and system level with `planDefinition`; POST (stores and gives the CarePlan) and GET (stores
nothing and gives a transaction Bundle to edit and send); nested actions; sub-plans by `partOf`; timing of the action
over the activity's, a Timing, a Period or a dateTime; copied sharing policy, approval, reuse and reference ranges;
include-as-extra; actionTrigger (`fut/triggers.py`); goals (`fut/goals.py`). The acting team is put on the plans beside
the course of care's own: who came to the course by another plan would not find what they have just made. What is not in
use any more is not begun anew: as a plan that becomes active, one that is applied runs and asks only what is active
(ours; the guide says it of the plan itself).
Not supported: Library rules.
Also takes: `EpisodeOfCare.read`, with the course of care in the token: the plan is laid in what the user may see. A
plan is applied in its current version or not at all; a course of care is what it is now, in whichever version it is
named.

Source: `fut.md` 1A (careplan, servicerequest) and 4.5.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhir.reference import Reference, versioned_url
from kommunalpro.fhir.structure.uris import with_uris
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.seeing import not_found
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, refuse, rule_broken
from kommunalpro.fut.goals import goals_of
from kommunalpro.fut.occurrences import planned
from kommunalpro.fut.operations.arguments import references
from kommunalpro.fut.profiles.plans import SHARED_WITH_REQUEST, unusable
from kommunalpro.fut.profiles.sub_plans import MOST_SUB_PLANS, actions
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.triggers import of_action


def apply(session: Session, parameters: Json, target: str | None) -> Json:
    """Make the draft CarePlan of a plan for an episode, and store it with its ServiceRequests."""
    entries = _transient(session, parameters, target)["entry"]
    ids = {entry["fullUrl"]: new_id() for entry in entries}
    addresses = {
        entry["fullUrl"]: f"{session.server.base_url}/{entry['resource']['resourceType']}/{ids[entry['fullUrl']]}"
        for entry in entries
    }
    # Written together: thirty activities take 7 round trips to PostgreSQL so, and as a transaction 163.
    stored = session.elevated().create_all(
        [(ids[entry["fullUrl"]], with_uris(entry["resource"], _at(addresses))) for entry in entries]
    )
    return next(each for each in stored if each["resourceType"] == "CarePlan" and "partOf" not in each)


def _at(addresses: Mapping[str, str]) -> Callable[[str], str]:
    return lambda url: addresses.get(url, url)


def preview(session: Session, parameters: Json, target: str | None) -> Json:
    """Give the transaction Bundle that `$apply` would store; stores nothing."""
    return _transient(session, parameters, target)


def _transient(session: Session, parameters: Json, target: str | None) -> dict[str, Any]:
    episode, plan = _named(session, parameters, target)
    course = _read_episode(session, episode)
    url = plan.url if target else _current_plan(session, plan)
    definition = session.system_read(url)
    if definition.get("status") != "active":
        detail = str(definition.get("status"))
        raise rule_broken("CAREPLAN_APPLY_NOT_ACTIVE_PLANDEFINITION", detail, "PlanDefinition.status")
    refuse(unusable(definition, session))
    entries = list(_plan_entries(session, url, course, None, 0))
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _named(session: Session, parameters: Json, target: str | None) -> tuple[Reference, Reference]:
    """Give the course of care and the plan that are named; all that is not named is told at once."""
    chosen = Reference.parse(session.principal.context.episode_of_care or "")
    address = Reference.parse(f"{session.server.base_url}/{target}") if target else None
    episode = _if_of("EpisodeOfCare", next(references(parameters, "episodeOfCare"), chosen))
    plan = _if_of("PlanDefinition", address or next(references(parameters, "planDefinition"), None))
    if episode and plan:
        return episode, plan
    codes = (
        (episode, "CAREPLAN_APPLY_EPISODE_OF_CARE_REFERENCE_NOT_SPECIFIED"),
        (plan, "CAREPLAN_APPLY_PLAN_DEFINITION_REFERENCE_NOT_SPECIFIED"),
    )
    raise RuleBroken(issues=[issue(code, "", "Parameters.parameter") for named, code in codes if named is None])


def _if_of(type: str, reference: Reference | None) -> Reference | None:
    return reference if reference and reference.type == type else None


def _read_episode(session: Session, named: Reference) -> dict[str, Any]:
    """Read the episode as the user, so that who may not see it cannot apply a plan to it."""
    if named.base not in (None, session.server.base_url):
        raise not_found("EpisodeOfCare")
    return session.read("EpisodeOfCare", named.id)


def _current_plan(session: Session, named: Reference) -> str:
    """Give the address of a plan that is here; one in another version than it is now is none that can be applied."""
    url = f"{session.server.base_url}/{named.key}"
    plan = read_if_there(session, url) if named.base in (None, session.server.base_url) else None
    if (
        plan is None
        or named.version not in (None, plan["meta"]["versionId"])
        or named.business not in (None, plan.get("version"))
    ):
        raise rule_broken("CAREPLAN_APPLY_NO_PLANDEFINITION", "", "Parameters.parameter")
    return url


def _plan_entries(
    session: Session, plan_url: str, episode: Json, part_of: str | None, depth: int
) -> Iterator[dict[str, Any]]:
    plan = session.system_read(plan_url)
    if depth > MOST_SUB_PLANS:
        raise rule_broken("KPRO_SUB_PLAN", plan_url, "PlanDefinition.action")
    full_url = f"urn:uuid:{new_id()}"
    requests, sub_plans = [], []
    steps = [action for _, action in actions(plan.get("action", ()), "PlanDefinition")]
    session.system_read_all([each["definitionCanonical"] for each in steps if "definitionCanonical" in each])
    for action in steps:
        definition = Reference.parse(action.get("definitionCanonical", ""))
        if definition and definition.type == "PlanDefinition":
            sub_plans.append(str(definition))
        elif definition:
            requests.append(_entry(_service_request(session, action, str(definition), episode)))
    goals = [_entry(each) for each in goals_of(plan, episode["patient"])]
    yield _entry(_care_plan(session, plan, episode, goals, requests, part_of), full_url)
    yield from goals
    yield from requests
    for sub_plan in sub_plans:
        yield from _plan_entries(session, sub_plan, episode, full_url, depth + 1)


def _entry(resource: dict[str, Any], full_url: str | None = None) -> dict[str, Any]:
    return {
        "fullUrl": full_url or f"urn:uuid:{new_id()}",
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def _care_plan(
    session: Session,
    plan: Json,
    episode: Json,
    goals: list[dict[str, Any]],
    requests: list[dict[str, Any]],
    part_of: str | None,
) -> dict[str, Any]:
    care_plan: dict[str, Any] = {
        "resourceType": "CarePlan",
        "extension": [_episode_extension(session, episode)],
        "instantiatesCanonical": [versioned_url(session.server.base_url, plan)],
        "status": "draft",
        "intent": "option",
        "title": plan.get("title") or plan.get("name") or "Plan",
        "subject": episode["patient"],
        "period": {"start": to_datetime(session.now)},
        "careTeam": _care_teams(session, episode),
        "addresses": [diagnosis["condition"] for diagnosis in episode["diagnosis"]][:1],
        "goal": [{"reference": entry["fullUrl"]} for entry in goals],
        "activity": [{"reference": {"reference": entry["fullUrl"]}} for entry in requests],
    }
    if part_of:
        care_plan["partOf"] = [{"reference": part_of}]
    return {name: value for name, value in care_plan.items() if value}


def _care_teams(session: Session, episode: Json) -> list[dict[str, Any]]:
    teams = [dict(team) for team in episode.get("team", ())]
    acting = session.principal.context.care_team
    known = {team.get("reference") for team in teams}
    return [*teams, {"reference": acting}] if acting and acting not in known else teams


def _service_request(session: Session, action: Json, activity_url: str, episode: Json) -> dict[str, Any]:
    activity = session.system_read(activity_url)
    return {
        "resourceType": "ServiceRequest",
        "extension": [
            _episode_extension(session, episode),
            *(dict(each) for url in SHARED_WITH_REQUEST for each in extensions(activity, url)),
            _include_as_extra(action),
            *of_action(action),
        ],
        "instantiatesCanonical": [versioned_url(session.server.base_url, activity)],
        "status": "draft",
        "intent": "order",
        "code": _called(activity),
        "subject": episode["patient"],
        **planned(action, activity),
    }


def _called(activity: Json) -> dict[str, Any]:
    """Give an activity's code with what it is called for the citizen: by their code all questionnaires are one."""
    title = activity.get("title")
    return {**({"text": title} if title else {}), **activity["code"]}


def _episode_extension(session: Session, episode: Json) -> dict[str, Any]:
    url = f"{session.server.base_url}/EpisodeOfCare/{episode['id']}"
    return {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": url}}


def _include_as_extra(action: Json) -> dict[str, Any]:
    return {"url": ehealth.INCLUDE_AS_EXTRA, "valueBoolean": bool(extension_value(action, ehealth.INCLUDE_AS_EXTRA))}
