"""What a citizen's active plans say beside what is due: the goals, what there is to read, and what waits.

Material is read from the plan's definition, as it stands there; goals from the citizen's own Goals, which may have
been changed for them since the plan was sent.
"""

from dataclasses import dataclass
from datetime import datetime

from kommunalpro.care.bundles import batch, versionless
from kommunalpro.care.citizens import OVER
from kommunalpro.care.followed import Followed, plans_followed
from kommunalpro.care.materials import Material, materials_of, read_documents
from kommunalpro.care.waiting import steps_of
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.triggers import Trigger, trigger_of, waits

_GOALS_THAT_COUNT = ("proposed", "planned", "accepted", "active", "on-hold", "completed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An activity that waits, by its title; `names` are the titles of what it waits for, by the id of their action."""

    title: str
    trigger: Trigger
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class CurrentPlan:
    """An active plan of a citizen. `goals` are Goal resources."""

    title: str
    goals: tuple[Json, ...]
    materials: tuple[Material, ...]
    waiting: tuple[Waiting, ...]


def current_plans(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> tuple[CurrentPlan, ...]:
    """Give the active plans of a citizen that say anything of this, in the order in which they were made.

    Those of a course of care that has ended are not: nothing of them goes on, though nobody has ended them.
    `by` stands in that citizen's context: the citizen, or a professional, who gets those of their team.
    """
    only = [("status", "active"), ("_sort", "_lastUpdated")]
    found = plans_followed(gateway, patient, only, with_goals=True, by=by, now=now)
    plans = [each for each in found if each.course.get("status") not in OVER]
    nobody = by.within(patient=None, episode_of_care=None)
    urls = {versionless(url) for each in plans for url in each.plan.get("instantiatesCanonical", ())}
    definitions = batch(gateway, "PlanDefinition", urls, by=nobody, now=now)
    documents = read_documents(gateway, definitions.values(), by=nobody, now=now)
    made = (_current(each, _definition(each.plan, definitions), documents) for each in plans)
    return tuple(each for each in made if each.goals or each.materials or each.waiting)


def _definition(plan: Json, definitions: dict[str, Json]) -> Json:
    urls = map(versionless, plan.get("instantiatesCanonical", ()))
    return next((definitions[url] for url in urls if url in definitions), {})


def _current(followed: Followed, definition: Json, documents: dict[str, Json]) -> CurrentPlan:
    names = {each["id"]: str(each.get("title", "")) for each in steps_of(definition) if "id" in each}
    return CurrentPlan(
        title=str(followed.plan.get("title", "")),
        goals=tuple(each for each in followed.goals.values() if each["lifecycleStatus"] in _GOALS_THAT_COUNT),
        materials=tuple(each for each in materials_of(definition, documents) if each.has_address),
        waiting=tuple(
            Waiting(names.get(extension_value(each, ehealth.SERVICEREQUEST_ACTION), ""), trigger, names)
            for each in followed.requests.values()
            if each["status"] == "on-hold" and waits(each) and (trigger := trigger_of(each))
        ),
    )
