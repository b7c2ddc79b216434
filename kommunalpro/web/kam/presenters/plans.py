"""Plans and activities as clinical administrators read them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

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
    """One step of a plan; `level` 0 is outermost, and has a `number` among these, from 0; the others have none.

    `activity` and `plan` are the id of what it runs, if any.
    """

    title: str
    level: int
    number: int | None
    timing: str
    activity: str | None
    plan: str | None
    questionnaire: str | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a plan or an activity; `is_here`: the one that the page shows."""

    id: str
    version: str
    status: labels.Status
    is_here: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a plan from being used, and the id of the activity where it can be mended, if it is one."""

    words: str
    activity: str | None = None


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
    steps = sum("definitionCanonical" in action for action, _level in _walk(plan.get("action", ())))
    return _("1 aktivitet") if steps == 1 else _("%(count)s aktiviteter") % {"count": steps}


def actions(plan: Json, activities: Mapping[str, Json], questionnaires: Mapping[str, Json]) -> tuple[Action, ...]:
    """Give the steps of a plan, outer before inner. The mappings are by version-less URL."""
    outermost = count()
    return tuple(
        _action(each, level, None if level else next(outermost), activities, questionnaires)
        for each, level in _walk(plan.get("action", ()))
    )


def _action(
    action: Json, level: int, number: int | None, activities: Mapping[str, Json], questionnaires: Mapping[str, Json]
) -> Action:
    url = str(action.get("definitionCanonical", "")).partition("/_history/")[0]
    reference = Reference.parse(url)
    activity = activities.get(url, {})
    type = reference.type if reference else None
    return Action(
        title=str(action.get("title") or (labels.title(activity) if activity else _("Uden titel"))),
        level=level,
        number=number,
        timing=timing_words(action) or timing_words(activity) or _("Bestemmes, når planen sendes"),
        activity=reference.id if reference and type == "ActivityDefinition" else None,
        plan=reference.id if reference and type == "PlanDefinition" else None,
        questionnaire=questionnaire_title(activity, questionnaires),
    )


def missing(plan: Json, known: Mapping[str, Json]) -> tuple[Missing, ...]:
    """Say what keeps a plan from being used: no steps, or one that runs what is not in use.

    `known`: activities and plans by version-less URL.
    """
    urls = definition_urls(plan)
    if not urls:
        return (Missing(_("Planen har ingen aktiviteter.")),)
    found = [known[url] for url in dict.fromkeys(urls) if url in known and known[url].get("status") != "active"]
    return tuple(
        Missing(
            _("”%(title)s” er ikke i brug.") % {"title": labels.title(each)},
            each["id"] if each["resourceType"] == "ActivityDefinition" else None,
        )
        for each in found
    )


def choices(known: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Give (id, title with version) of what can be chosen among, by title."""
    return sorted(((each["id"], _choice(each)) for each in known.values()), key=lambda each: each[1].casefold())


def _choice(definition: Json) -> str:
    words = {"title": labels.title(definition), "version": definition.get("version", "")}
    said = "%(title)s (%(version)s)" if definition.get("status") != "draft" else _("%(title)s (%(version)s, kladde)")
    return said % words


def unsent(
    questionnaires: Mapping[str, Json], activities: Mapping[str, Json], plans: Mapping[str, Json]
) -> list[tuple[str, str]]:
    """Give (id, title) of the questionnaires that no plan sends. All mappings are by version-less URL."""
    used = {url for plan in plans.values() if plan.get("status") != "retired" for url in definition_urls(plan)}
    asked = {questionnaire_url(activities[url]) for url in used if url in activities}
    return choices({url: each for url, each in questionnaires.items() if url not in asked})


def version_rows(definition: Json, every: Iterable[Json]) -> tuple[VersionRow, ...]:
    """Give the versions that have a definition's base, the newest first."""
    own = base(definition)
    same = [each for each in every if own and base(each) == own] or [definition]
    same.sort(key=lambda each: tuple(int(part) for part in re.findall(r"\d+", str(each.get("version")))), reverse=True)
    return tuple(
        VersionRow(
            each["id"], str(each.get("version", "")), labels.publication_status(each), each["id"] == definition["id"]
        )
        for each in same
    )


def base(definition: Json) -> str | None:
    """Give what all versions of a definition have in common; None: nothing says."""
    return (extension_value(definition, ehealth.BASE) or {}).get("value")


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
    return labels.sharing_policies().get(code, _("Ikke angivet"))


def _walk(steps: Iterable[Json], level: int = 0) -> Iterator[tuple[Json, int]]:
    for action in steps:
        yield action, level
        yield from _walk(action.get("action", ()), level + 1)
