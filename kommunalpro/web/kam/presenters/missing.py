"""What keeps a plan from being used, all of it at once, each with where it is mended."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from kommunalpro.care.materials import materials_of
from kommunalpro.care.sub_plans import definition_url, depth, leads_to, sub_plan_urls
from kommunalpro.care.waiting import asks, steps_of
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.profiles.sub_plans import MOST_SUB_PLANS, actions
from kommunalpro.fut.triggers import trigger_of
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.presenters.in_use import NONE, asking, asks_what_is_gone, called, not_in_use

_EMPTY = "PLANDEFINITION_VALIDATE_MANDATORY_ACTIVITYDEFINITION_OR_SUBPLAN_REFERENCE"
_NOT_ACTIVE = "PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE"
_ASKS_UNUSED = "KPRO_QUESTIONNAIRE_NOT_ACTIVE"


@dataclass(frozen=True, slots=True)
class Missing:
    """What is wrong, and where it is mended: what has this id, a step of this number, the material.

    `code`: by which the server refuses it, in fewer words, at these FHIRPaths (`places`); empty: wherever it does so.
    `where` empty: on no page of its own.
    """

    code: str
    words: str
    where: Literal["activity", "plan", "questionnaire", "step", "materials", ""] = ""
    id: str | int = ""
    places: tuple[str, ...] = ()


def missing(
    plan: Json,
    known: Mapping[str, Json],
    documents: Mapping[str, Json],
    url: str = "",
    *,
    others: Mapping[str, str],
    questionnaires: Mapping[str, Json] = NONE,
) -> tuple[Missing, ...]:
    """Say what keeps a plan from being used, and what to do where the reader cannot mend it.

    `known` are activities and plans, `documents` its material, each by version-less URL; `url` is the plan's own.
    `others`: whose the definitions are, by id, that the reader may not change. `questionnaires`: by version-less URL,
    those that must be in use as well.
    """
    steps = _steps(plan, known, questionnaires, others)
    found = (*steps, *_nesting(plan, known, url), *_waiting(plan), *_materials(plan, documents))
    return tuple(dict.fromkeys(found))


def explains(lacking: Iterable[Missing], refusal: Issue) -> bool:
    """Tell whether what the server refuses is among what is lacking, which is said in more words."""
    code = refusal.coding[1] if refusal.coding else ""
    return any(each.code == code and (not each.places or refusal.expression in each.places) for each in lacking)


def _steps(
    plan: Json, known: Mapping[str, Json], questionnaires: Mapping[str, Json], others: Mapping[str, str]
) -> Iterator[Missing]:
    if not any(definition_url(each) for each in steps_of(plan)):
        yield Missing(_EMPTY, _("Planen har ingen aktiviteter."))
    for each in not_in_use(plan, known, questionnaires):
        words = _unusable(each, others.get(each.get("id", "")))
        match each.get("resourceType"):
            case "ActivityDefinition":
                yield Missing(_NOT_ACTIVE, words, "activity", each["id"])
            case "PlanDefinition":
                yield Missing(_NOT_ACTIVE, words, "plan", each["id"])
            case "Questionnaire" if _helps_to_open(each, others.get(each["id"])):
                yield Missing(_ASKS_UNUSED, words, "questionnaire", each["id"])
            case "Questionnaire":
                for activity in asking(plan, known, each):
                    yield Missing(_ASKS_UNUSED, _asks_unused(activity, each), "activity", activity["id"])
            case _:
                yield Missing(_NOT_ACTIVE, words)
    for each in asks_what_is_gone(plan, known, questionnaires):
        said = _("”%(title)s” spørger om et spørgeskema, der ikke findes mere. Sæt et andet i stedet.")
        yield Missing(_ASKS_UNUSED, said % {"title": labels.title(each)}, "activity", each["id"])


def _unusable(definition: Json, owner: str | None) -> str:
    """Say that a definition is not in use, and what to do where opening it does not help."""
    said = _("”%(title)s” er ikke i brug.")
    if "resourceType" not in definition:
        said = _("”%(title)s” findes ikke mere.")
    elif definition["resourceType"] == "Questionnaire":
        said = _("Spørgeskemaet ”%(title)s” er ikke i brug. Tag det i brug.")
    elif definition.get("status") == "retired":
        said = _("”%(title)s” er taget ud af brug. Sæt en anden i stedet.")
    elif owner:
        said = _("”%(title)s” er ikke i brug. Bed %(owner)s tage den i brug, eller sæt en anden i stedet.")
    return said % {"title": called(definition), "owner": owner}


def _asks_unused(activity: Json, questionnaire: Json) -> str:
    """Say which activity asks a questionnaire that the reader cannot take into use."""
    said = _("”%(title)s” bruger spørgeskemaet ”%(asked)s”, der ikke er i brug. Vælg en anden aktivitet i planen.")
    return said % {"title": labels.title(activity), "asked": called(questionnaire)}


def _helps_to_open(questionnaire: Json, owner: str | None) -> bool:
    """Tell whether the reader can take a questionnaire into use; `owner` None: it is their own."""
    return questionnaire.get("status") == "draft" and owner is None


def _nesting(plan: Json, known: Mapping[str, Json], url: str) -> Iterator[Missing]:
    circles = [each for each in sub_plan_urls(plan) if each in known and leads_to(each, url, known)]
    for each in circles:
        said = _("”%(title)s” indeholder denne plan, så planen ville begynde forfra uden ende.")
        words = said % {"title": labels.title(known[each])}
        steps = actions(plan.get("action", ()), "PlanDefinition")
        places = tuple(f"{path}.definition" for path, step in steps if definition_url(step) == each)
        yield Missing("KPRO_SUB_PLAN", words, "plan", known[each]["id"], places)
    if not circles and depth(plan, known) > MOST_SUB_PLANS:
        yield Missing("KPRO_SUB_PLAN", _("Der ligger mere end fem planer inden i hinanden."))


def _waiting(plan: Json) -> Iterator[Missing]:
    """Give the steps that wait for what is not in the plan; one within a step is mended where that stands."""
    ids = {each.get("id") for each in steps_of(plan) if asks(each)}
    for number, outermost in enumerate(plan.get("action", ())):
        first = f"PlanDefinition.action[{number}]"
        for path, step in ((first, outermost), *actions(outermost.get("action", ()), first)):
            trigger = trigger_of(step)
            if trigger and any(each.action not in ids for each in trigger.conditions):
                said = _("”%(title)s” venter på noget, der ikke er i planen.") % {"title": step.get("title", "")}
                yield Missing("KPRO_ACTION_TRIGGER", said, "step", number, (f"{path}.extension",))


def _materials(plan: Json, documents: Mapping[str, Json]) -> Iterator[Missing]:
    for each in materials_of(plan, documents):
        if not each.has_address:
            said = _("Materialet ”%(title)s” har ingen adresse.") % {"title": each.title}
            yield Missing("KPRO_MATERIAL_ADDRESS", said, "materials")
