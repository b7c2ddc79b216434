"""Plans and activities as clinical administrators make them: a draft, changed one decision at a time.

Each function gives the changed resource and stores nothing; `save` stores it, if nobody has changed it meanwhile. Steps
are the outermost actions of a plan, numbered from 0; what stands within a step is kept as it is. What else a draft
says, and what this cannot say, is kept too.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from kommunalpro.care.publishing import SELF_TREATMENT, activity_of
from kommunalpro.care.regime import Regime, timing_of
from kommunalpro.care.waiting import named
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.activity_codes import is_done
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.modifier_roles import edited_by, may_edit, owned_by
from kommunalpro.fut.treatment_area import TAG, for_programme

CloneOperation = Literal["minor-version", "major-version", "copy"]
Status = Literal["active", "retired"]
_TIMES = frozenset({"timingTiming", "timingDuration", "timingRange", "timingPeriod", "timingDateTime", "timingAge"})


@dataclass(frozen=True, slots=True)
class Titles:
    """What the citizen reads, what staff call it (empty: the same), and what it is for (empty: nothing is said)."""

    citizen: str
    staff: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Sharing:
    """FUT's codes: where answers may go, and whether a professional approves it each time (`manual`, `automatic`)."""

    policy: str = "noSharing"
    approval: str = "manual"


def new_plan(titles: Titles, activity: Json, url: str, organization: str) -> dict[str, Any]:
    """Give the draft of a plan of one step, owned by an organisation."""
    kept = {name: activity[name] for name in ("topic", "useContext", "language") if name in activity}
    return with_step({**_draft("PlanDefinition", titles, organization), **kept}, activity, url)


def new_activity(titles: Titles, questionnaire: Json, url: str, organization: str) -> dict[str, Any]:
    """Give the draft of an activity that asks a questionnaire, owned by an organisation."""
    made = activity_of(questionnaire, url)
    roles = [each for each in made["extension"] if each["url"] not in (ehealth.MODIFIER_ROLE, ehealth.EMPLOYEE_TITLE)]
    named = {"extension": [owned_by(organization), *roles], "version": "1.0", "name": titles.citizen, "status": "draft"}
    return titled({**made, **named}, titles)


def new_measuring(titles: Titles, coding: Json, organization: str) -> dict[str, Any]:
    """Give the draft of an activity that measures, owned by an organisation and shared with nobody.

    `coding` is what it measures, by FUT's code for an Observation or a picture; our pages offer no picture.
    """
    made = {
        **_draft("ActivityDefinition", titles, organization),
        "language": "da",
        "useContext": [for_programme(TAG)],
        "topic": [SELF_TREATMENT],
        "kind": "ServiceRequest",
        "code": {"coding": [coding]},
    }
    return shared(made, Sharing())


def _draft(type: str, titles: Titles, organization: str) -> dict[str, Any]:
    made = {
        "resourceType": type,
        "meta": {"profile": [ehealth.profile(type)]},
        "extension": [owned_by(organization)],
        "version": "1.0",
        "name": titles.citizen,
        "status": "draft",
    }
    return titled(made, titles)


def titled(definition: Json, titles: Titles) -> dict[str, Any]:
    """Give a definition other titles and another description; a translation goes with the title it is of."""
    gone = {"description"} if definition.get("title") == titles.citizen else {"description", "_title"}
    kept = {name: each for name, each in definition.items() if name not in gone}
    said = {"title": titles.citizen, **({"description": titles.description} if titles.description else {})}
    staff = [{"url": ehealth.EMPLOYEE_TITLE, "valueString": titles.staff}] if titles.staff else []
    return with_extensions({**kept, **said}, ehealth.EMPLOYEE_TITLE, *staff)


def titles_of(definition: Json) -> Titles:
    """Read the titles of a definition."""
    employee = extension_value(definition, ehealth.EMPLOYEE_TITLE)
    return Titles(str(definition.get("title", "")), str(employee or ""), str(definition.get("description", "")))


def with_step(plan: Json, definition: Json, url: str) -> dict[str, Any]:
    """Give a plan one more step, the last: an activity, by which others can wait for it, or another plan."""
    titles = titles_of(definition)
    step = {"title": titles.citizen or str(definition.get("name", "")), "definitionCanonical": url}
    return named({**plan, "action": [*plan.get("action", ()), step]})


def without_step(plan: Json, number: int) -> dict[str, Any]:
    """Take a step out of a plan."""
    return {**plan, "action": [each for at, each in enumerate(plan["action"]) if at != number]}


def moved(plan: Json, number: int, by: Literal[-1, 1]) -> dict[str, Any]:
    """Let a step change places with the one before or after it; the first and the last stay where they are."""
    steps = list(plan["action"])
    other = number + by
    if 0 <= other < len(steps):
        steps[number], steps[other] = steps[other], steps[number]
    return {**plan, "action": steps}


def with_changed_step(plan: Json, number: int, step: Json) -> dict[str, Any]:
    """Put another step in a step's place."""
    return {**plan, "action": [step if at == number else each for at, each in enumerate(plan["action"])]}


def timed(element: Json, regime: Regime | None) -> dict[str, Any]:
    """Give an activity or a step a regime; None: when it takes place is decided later."""
    kept = {name: value for name, value in element.items() if name not in _TIMES}
    return {**kept, "timingTiming": timing_of(regime)} if regime else kept


def asking(activity: Json, url: str) -> dict[str, Any]:
    """Let an activity ask another questionnaire."""
    kept = [each for each in activity.get("relatedArtifact", ()) if "/Questionnaire/" not in each.get("resource", "")]
    return {**activity, "relatedArtifact": [{"type": "depends-on", "resource": url}, *kept]}


def shared(activity: Json, sharing: Sharing) -> dict[str, Any]:
    """Say where the answers to an activity may go, and who approves it, unless they can go nowhere (a picture)."""
    policy = coded(ehealth.SHARING_POLICY, ehealth.MEASUREMENT_SHARING_POLICIES, sharing.policy)
    approval = coded(ehealth.SHARING_APPROVAL_POLICY, ehealth.MEASUREMENT_SHARING_APPROVAL_POLICIES, sharing.approval)
    changed = with_extensions(activity, ehealth.SHARING_POLICY, policy)
    approvals = [] if is_done("not-perform-sharing", activity) else [approval]
    return with_extensions(changed, ehealth.SHARING_APPROVAL_POLICY, *approvals)


def sharing_of(activity: Json) -> Sharing:
    """Read where the answers to an activity may go."""
    found = (_code(activity, url) for url in (ehealth.SHARING_POLICY, ehealth.SHARING_APPROVAL_POLICY))
    return Sharing(*(code or default for code, default in zip(found, ("noSharing", "manual"), strict=True)))


def edited_with(definition: Json, organization: str) -> dict[str, Any]:
    """Let another organisation edit a definition with its owner; one that may already stays once."""
    if may_edit(definition, organization):
        return dict(definition)
    return {**definition, "extension": [*definition.get("extension", ()), edited_by(organization)]}


def edited_without(definition: Json, organization: str) -> dict[str, Any]:
    """Let an organisation edit a definition no more; its owner stays."""
    gone = edited_by(organization)
    return {**definition, "extension": [each for each in definition.get("extension", ()) if each != gone]}


def save(gateway: Gateway, draft: Json, version: str, *, by: Principal, now: datetime) -> dict[str, Any]:
    """Store a changed draft, if it is still the `version` (`meta.versionId`) that was changed; gives it as stored.

    Raises:
        PreconditionFailed: somebody else has changed it.
        RuleBroken: all that is wrong with it.
    """
    return gateway.update(draft, if_match=version, by=by, now=now)


def create(gateway: Gateway, draft: Json, *, by: Principal, now: datetime) -> str:
    """Store a new draft; gives its URL."""
    return own_url(gateway.base_url, gateway.create(draft, by=by, now=now))


def set_status(
    gateway: Gateway,
    definition: Json,
    status: Status,
    version: str,
    *,
    by: Principal,
    now: datetime,
) -> None:
    """Take a definition into use, or out of it.

    Raises:
        RuleBroken: all that keeps it from being used.
    """
    gateway.update({**definition, "status": status}, if_match=version, by=by, now=now)


def clone(gateway: Gateway, url: str, operation: CloneOperation, *, by: Principal, now: datetime) -> str:
    """Make a draft from a definition: its next version, or a copy with a life of its own; gives its URL."""
    coding = {"system": ehealth.CLONE_OPERATION, "code": operation}
    asked = parameters({"name": "clone-operation", "valueCoding": coding})
    made = gateway.operation("$create-clone", asked, target=url, by=by, now=now)
    return own_url(gateway.base_url, made["entry"][0]["resource"])


def _code(activity: Json, url: str) -> str | None:
    value = extension_value(activity, url) or {}
    return next((each.get("code") for each in value.get("coding", ())), None)


def coded(url: str, system: str, code: str) -> dict[str, Any]:
    return {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}


def with_extensions(definition: Json, url: str, *these: Json) -> dict[str, Any]:
    """Give a definition these extensions with a URL, instead of those it has."""
    kept = [each for each in definition.get("extension", ()) if each.get("url") != url]
    return {**definition, "extension": [*kept, *these]}
