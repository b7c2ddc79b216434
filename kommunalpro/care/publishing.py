"""Publishing a questionnaire: it becomes active, with a plan of one activity, so that staff can send it.

KAM makes richer plans; this is the one that every published questionnaire has (ARCHITECTURE §4.1).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.care.bundles import all_pages
from kommunalpro.care.turns import in_turn
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import complex_extension, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.modifier_roles import may_edit, owned_by

# The code of what a citizen answers, in FUT's activitydefinition-code.
_MASTER_QUESTIONNAIRE = "273586006"
SELF_TREATMENT = {"coding": [{"system": f"{ehealth.CS}topic-type", "code": "self-treatment"}]}
"""The topic of what a citizen does, in FUT's words."""

_MAKES_PLANS = frozenset({"ActivityDefinition.create", "PlanDefinition.create"})


@dataclass(frozen=True, slots=True)
class Published:
    """A published questionnaire with its plan, by absolute URL."""

    questionnaire: str
    activity: str
    plan: str


def publish_questionnaire(gateway: Gateway, draft: Json, *, by: Principal, now: datetime) -> Published:
    """Publish a stored draft, and then its plan: on FUT they lie in two services, which no transaction holds together.

    Where the plan is not made, clinical administrators are told that there is none, and make it (`make_plan`).

    Raises:
        RuleBroken: it cannot be answered as it stands; all that is wrong, and nothing is published.
    """
    active = {**draft, "status": "active"}
    gateway.update(active, if_match=draft["meta"]["versionId"], by=by, now=now)
    return make_plan(gateway, active, by=by, now=now)


def take_into_use(
    gateway: Gateway, draft: Json, version: str, *, without_lights: bool, by: Principal, now: datetime
) -> Published | None:
    """Publish the `version` of a draft that its editor has read, with its plan; None: they may not make one.

    `without_lights`: they sign that it gives none, which a version must have signed whose predecessor gave lights.

    Raises:
        PreconditionFailed: somebody has changed it since.
        RuleBroken: all that is wrong; nothing is published.
    """
    signature = complex_extension(
        ehealth.WITHOUT_LIGHTS,
        {"url": "who", "valueReference": {"reference": by.user}},
        {"url": "when", "valueDateTime": to_datetime(now)},
    )
    signed = {**draft, "extension": [*draft["extension"], signature]} if without_lights else draft
    read = {**signed, "meta": {**draft["meta"], "versionId": version}}
    if by.privileges >= _MAKES_PLANS:
        return publish_questionnaire(gateway, read, by=by, now=now)
    gateway.update({**read, "status": "active"}, if_match=version, by=by, now=now)
    return None


def make_plan(gateway: Gateway, questionnaire: Json, *, by: Principal, now: datetime) -> Published:
    """Make the plan of one activity for a questionnaire that is published, unless there is one already.

    Both belong to whom the questionnaire belongs to; where that is another organisation, to one's own. An activity that
    was made before, and whose plan was not, gets that plan.

    Raises:
        Unanswered: nobody knows whether this press made them, or another that may be at it still.
    """
    url, organization = own_url(gateway.base_url, questionnaire), by.context.organization
    if organization and not may_edit(questionnaire, organization):
        others = [each for each in questionnaire["extension"] if each["url"] != ehealth.MODIFIER_ROLE]
        questionnaire = {**questionnaire, "extension": [owned_by(organization), *others]}
    wanted = activity_of(questionnaire, url)
    with in_turn(f"make-plan|{questionnaire['id']}", now):
        activity, plan = _made(gateway, url, wanted, by=by, now=now)
        activity = activity or own_url(gateway.base_url, gateway.create(wanted, by=by, now=now))
        plan = plan or own_url(gateway.base_url, gateway.create(_plan(questionnaire, activity), by=by, now=now))
    return Published(url, activity, plan)


def _made(
    gateway: Gateway, questionnaire: str, wanted: Json, *, by: Principal, now: datetime
) -> tuple[str | None, str | None]:
    """Find a plan in use that begins with asking a questionnaire, or the activity that waits for its plan.

    Who presses twice wants one of each.
    """
    asked = [("depends-on", questionnaire), ("status", "active"), ("_count", "100")]
    pages = all_pages(gateway, "ActivityDefinition", asked, by=by, now=now)
    waiting = None
    for each in (each for page in pages for each in resources(page, "ActivityDefinition")):
        activity = own_url(gateway.base_url, each)
        using = [("definition", activity), ("_count", "100")]
        plans = [*resources(gateway.search("PlanDefinition", using, by=by, now=now), "PlanDefinition")]
        for plan in plans:
            if plan["status"] == "active":
                return activity, own_url(gateway.base_url, plan)
        if not plans and _is_same(each, wanted):
            waiting = activity
    return waiting, None


def _is_same(activity: Json, wanted: Json) -> bool:
    """Tell whether an activity says what was to be made, and nothing more of when."""
    said = {name: each for name, each in wanted.items() if name not in ("meta", "extension")}
    is_said = all(activity.get(name) == each for name, each in said.items())
    is_timed = any(name.startswith("timing") for name in activity)
    return is_said and not is_timed and all(each in activity["extension"] for each in wanted["extension"])


def activity_of(questionnaire: Json, url: str) -> dict[str, Any]:
    """Give the activity that asks a questionnaire: shared with nobody, at no time of its own."""
    sharing = {"coding": [{"system": ehealth.MEASUREMENT_SHARING_POLICIES, "code": "noSharing"}]}
    approval = {"coding": [{"system": ehealth.MEASUREMENT_SHARING_APPROVAL_POLICIES, "code": "manual"}]}
    code = {"system": ehealth.ACTIVITYDEFINITION_CODE, "code": _MASTER_QUESTIONNAIRE}
    definition = _definition(questionnaire, "ActivityDefinition")
    definition["extension"] += [
        {"url": ehealth.SHARING_POLICY, "valueCodeableConcept": sharing},
        {"url": ehealth.SHARING_APPROVAL_POLICY, "valueCodeableConcept": approval},
    ]
    return {
        **definition,
        "relatedArtifact": [{"type": "depends-on", "resource": url}],
        "kind": "ServiceRequest",
        "code": {"coding": [code]},
    }


def _plan(questionnaire: Json, activity: str) -> dict[str, Any]:
    action = {"id": "svar", "title": questionnaire["title"], "definitionCanonical": activity}
    return {**_definition(questionnaire, "PlanDefinition"), "action": [action]}


def _definition(questionnaire: Json, type: str) -> dict[str, Any]:
    """Give what a questionnaire's activity and plan take over from it: owners, titles, version, context."""
    kept = ("language", "version", "name", "title", "_title", "date", "publisher", "useContext", "jurisdiction")
    urls = (ehealth.MODIFIER_ROLE, ehealth.EMPLOYEE_TITLE)
    return {
        "resourceType": type,
        "meta": {"profile": [ehealth.profile(type)]},
        "extension": [each for url in urls for each in extensions(questionnaire, url)],
        **{name: questionnaire[name] for name in kept if name in questionnaire},
        "status": "active",
        "topic": [SELF_TREATMENT],
    }
