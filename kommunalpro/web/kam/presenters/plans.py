"""Plans and activities as clinical administrators read them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.presenters.timing import timing_words


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """One plan or activity in a list. `summary` says what is in it."""

    id: str
    title: str
    version: str
    status: labels.Status
    summary: str


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a plan; `level` 0 is outermost. `activity` and `plan` are the id of what it runs, if any."""

    title: str
    level: int
    timing: str
    activity: str | None
    plan: str | None
    questionnaire: str | None


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """What an activity is: its kind, what it asks, when, and how its answers may be shared."""

    kind: str
    questionnaire: str | None
    questionnaire_id: str | None
    timing: str
    sharing: str


def plan_rows(plans: Iterable[Json]) -> tuple[DefinitionRow, ...]:
    """Give the plans by title."""
    return _sorted(_row(plan, _step_count(plan)) for plan in plans)


def activity_rows(activities: Iterable[Json], questionnaires: Mapping[str, Json]) -> tuple[DefinitionRow, ...]:
    """Give the activities by title. `questionnaires` are by version-less URL."""
    return _sorted(_row(each, questionnaire_title(each, questionnaires) or kind(each)) for each in activities)


def _sorted(rows: Iterable[DefinitionRow]) -> tuple[DefinitionRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.title.casefold(), row.version)))


def _row(definition: Json, summary: str) -> DefinitionRow:
    status = labels.publication_status(definition)
    return DefinitionRow(
        definition["id"], labels.title(definition), str(definition.get("version", "")), status, summary
    )


def _step_count(plan: Json) -> str:
    count = sum("definitionCanonical" in action for action, _level in _walk(plan.get("action", ())))
    return _("1 aktivitet") if count == 1 else _("%(count)s aktiviteter") % {"count": count}


def actions(plan: Json, activities: Mapping[str, Json], questionnaires: Mapping[str, Json]) -> tuple[Action, ...]:
    """Give the steps of a plan, outer before inner. The mappings are by version-less URL."""
    return tuple(_action(each, level, activities, questionnaires) for each, level in _walk(plan.get("action", ())))


def _action(action: Json, level: int, activities: Mapping[str, Json], questionnaires: Mapping[str, Json]) -> Action:
    url = str(action.get("definitionCanonical", "")).partition("/_history/")[0]
    reference = Reference.parse(url)
    activity = activities.get(url, {})
    type = reference.type if reference else None
    return Action(
        title=str(action.get("title") or (labels.title(activity) if activity else _("Uden titel"))),
        level=level,
        timing=timing_words(action) or timing_words(activity) or _("Bestemmes, når planen sendes"),
        activity=reference.id if reference and type == "ActivityDefinition" else None,
        plan=reference.id if reference and type == "PlanDefinition" else None,
        questionnaire=questionnaire_title(activity, questionnaires),
    )


def missing(plan: Json, activities: Mapping[str, Json]) -> tuple[str, ...]:
    """Say what keeps a plan from being used: no steps, or a step whose activity is not in use."""
    steps = [action for action, _level in _walk(plan.get("action", ())) if "definitionCanonical" in action]
    if not steps:
        return (_("Planen har ingen aktiviteter."),)
    found = [(step, activities.get(step["definitionCanonical"].partition("/_history/")[0])) for step in steps]
    return tuple(
        _("Aktiviteten ”%(title)s” er ikke i brug.") % {"title": step.get("title") or labels.title(activity)}
        for step, activity in found
        if activity is not None and activity.get("status") != "active"
    )


def definition_urls(plan: Json) -> tuple[str, ...]:
    """Give the version-less URLs of the activities and plans that a plan runs."""
    found = (action.get("definitionCanonical") for action, _level in _walk(plan.get("action", ())))
    return tuple(url.partition("/_history/")[0] for url in found if url)


def activity_facts(activity: Json, questionnaires: Mapping[str, Json]) -> ActivityFacts:
    """Give what an activity is. `questionnaires` are by version-less URL."""
    url = questionnaire_url(activity)
    reference = Reference.parse(url) if url else None
    return ActivityFacts(
        kind=kind(activity),
        questionnaire=questionnaire_title(activity, questionnaires),
        questionnaire_id=reference.id if reference else None,
        timing=timing_words(activity) or _("Bestemmes, når planen sendes"),
        sharing=_sharing(activity),
    )


def kind(activity: Json) -> str:
    """Say what kind of activity it is; FUT's codes for questionnaires are one kind to the reader."""
    codes = {coding.get("code") for coding in activity.get("code", {}).get("coding", ())}
    if codes & {"273586006", "445988008"}:
        return _("Spørgeskema")
    return labels.concept(activity.get("code", {})) or _("Ukendt")


def questionnaire_url(activity: Json) -> str | None:
    """Give the version-less URL of the questionnaire that an activity asks; None means none."""
    for artifact in activity.get("relatedArtifact", ()):
        reference = Reference.parse(artifact.get("resource", ""))
        if reference and reference.type == "Questionnaire":
            return reference.url
    return None


def questionnaire_title(activity: Json, questionnaires: Mapping[str, Json]) -> str | None:
    """Give what the questionnaire of an activity is called; None means none, or one that cannot be read."""
    found = questionnaires.get(questionnaire_url(activity) or "")
    return labels.title(found) if found else None


def _sharing(activity: Json) -> str:
    value = extension_value(activity, ehealth.SHARING_POLICY)
    code = labels.concept({"coding": [{"code": each.get("code")} for each in (value or {}).get("coding", ())]})
    names = {
        "noSharing": _("Svar deles ikke uden for platformen"),
        "sharingAllowedDestinationNationalHealthData": _("Svar kan deles nationalt som sundhedsdata"),
        "sharingAllowedDestinationNationalServiceActData": _("Svar kan deles nationalt som data efter serviceloven"),
        "sharingAllowedDestinationMunicipalData": _("Svar kan deles med kommunen"),
    }
    return names.get(code, _("Ikke angivet"))


def _walk(steps: Iterable[Json], level: int = 0) -> Iterator[tuple[Json, int]]:
    for action in steps:
        yield action, level
        yield from _walk(action.get("action", ()), level + 1)
