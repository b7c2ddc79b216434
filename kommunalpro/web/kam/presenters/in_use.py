"""What is in use and what is not: which plans cannot be sent, or could not be any more, and what is superseded."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from kommunalpro.care.sub_plans import all_steps, definition_url
from kommunalpro.fhir.json import Json
from kommunalpro.fut.descent import base_of
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.presenters.plans import questionnaire_url, version_number

NONE: Mapping[str, Json] = MappingProxyType({})


def not_in_use(plan: Json, known: Mapping[str, Json], questionnaires: Mapping[str, Json] = NONE) -> Iterator[Json]:
    """Give the activities, plans and questionnaires that a plan runs or asks, and that are not in use.

    Those of the plans in it are among them: a plan in use needs them, and a draft is not taken into use without. Not
    the plan itself, where one in it leads back: it is not what stands in its way. What a step runs that is not here is
    given as the step. The mappings are by version-less URL.
    """
    for step in all_steps(plan, known):
        if url := definition_url(step):
            definition = known.get(url, step)
            asked = questionnaires.get(questionnaire_url(definition) or "", {"status": "active"})
            unused = (each for each in (definition, asked) if each.get("status") != "active")
            yield from (each for each in unused if _name(each) != _name(plan))


def asks_what_is_gone(plan: Json, known: Mapping[str, Json], questionnaires: Mapping[str, Json]) -> Iterator[Json]:
    """Give the activities that a plan runs and whose questionnaire is not among those there are."""
    return (each for url, each in _asking(plan, known) if questionnaires and url not in questionnaires)


def asking(plan: Json, known: Mapping[str, Json], questionnaire: Json) -> Iterator[Json]:
    """Give the activities that a plan runs and that ask a questionnaire."""
    return (each for url, each in _asking(plan, known) if url.endswith(f"/Questionnaire/{questionnaire['id']}"))


def _asking(plan: Json, known: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for step in all_steps(plan, known):
        activity = known.get(definition_url(step), NONE)
        if activity.get("resourceType") == "ActivityDefinition" and (url := questionnaire_url(activity)):
            yield url, activity


def called(definition: Json) -> str:
    """Say what a definition is called; of a step that runs what is not here, else where that should be."""
    if "resourceType" in definition:
        return labels.title(definition)
    return str(definition.get("title") or definition_url(definition))


def _name(definition: Json) -> tuple[str | None, str | None]:
    return definition.get("resourceType"), definition.get("id")


def cannot_be_sent(plan: Json, known: Mapping[str, Json], questionnaires: Mapping[str, Json]) -> str:
    """Say of a plan in use that it cannot be sent, and why; empty: it can, or is not in use."""
    if plan.get("status") != "active":
        return ""
    names = dict.fromkeys(f"”{called(each)}”" for each in not_in_use(plan, known, questionnaires))
    return _("Kan ikke sendes: %(names)s er ikke i brug.") % {"names": ", ".join(names)} if names else ""


def not_superseded(questionnaires: Mapping[str, Json]) -> dict[str, Json]:
    """Leave out the versions in use of which a later one is in use, too: nothing new is to ask them."""
    latest: dict[str | None, tuple[int, ...]] = {}
    for each in questionnaires.values():
        if each.get("status") == "active":
            latest[base_of(each)] = max(latest.get(base_of(each), ()), version_number(each))
    return {url: each for url, each in questionnaires.items() if not _is_superseded(each, latest)}


def _is_superseded(definition: Json, latest: Mapping[str | None, tuple[int, ...]]) -> bool:
    base = base_of(definition)
    is_used = definition.get("status") == "active" and base is not None
    return is_used and version_number(definition) < latest[base]


def stopped_by(definition: Json, plans: Mapping[str, Json]) -> list[Json]:
    """Give the plans that run an activity or a plan, themselves or through the plans in them, by version-less URL."""
    own = f"/{definition['resourceType']}/{definition['id']}"
    runs = ((plan, map(definition_url, all_steps(plan, plans))) for plan in plans.values())
    return [plan for plan, urls in runs if any(url.endswith(own) for url in urls)]
