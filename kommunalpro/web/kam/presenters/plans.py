"""Plans and activities as clinical administrators read them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from babel.dates import format_datetime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.care import criteria
from kommunalpro.care.bundles import url_id
from kommunalpro.care.materials import documentation
from kommunalpro.care.planning import sharing_of, titles_of
from kommunalpro.care.regime import asks_often_enough
from kommunalpro.care.sub_plans import all_steps, definition_url, is_plan
from kommunalpro.care.waiting import asks, steps_of
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import in_zone, parse_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.descent import base_of
from kommunalpro.fut.modifier_roles import may_edit
from kommunalpro.fut.occurrences import planned
from kommunalpro.fut.profiles.sub_plans import MOST_SUB_PLANS
from kommunalpro.fut.triggers import Condition, Trigger, trigger_of
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.presenters.criteria import limits_lines, reuse_words
from kommunalpro.web.kam.presenters.timing import timing_words
from kommunalpro.web.shared.measured import names
from kommunalpro.web.shared.plan_words import trigger_words

_HAS_PAGE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What an id from here is like: another's leads to no page."""


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """One plan or activity in a list. `summary` says what is in it, `owner` whose it is: empty, one's own.

    `stopped`: that, and why, it cannot be sent though it is in use; empty: it can.
    """

    id: str
    title: str
    version: str
    status: labels.Status
    summary: str
    owner: str = ""
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a plan. The outermost have a `number` among these, from 0; those within them have none.

    `activity` and `plan` are the id of what it runs, if it has a page here, `version` that of the plan. `timing` and
    `waits` say when it takes place and what it waits for; empty: what is within it says so, it waits for nothing.
    `begins_by_itself`: as many answers are asked for as it waits for.
    """

    title: str
    number: int | None
    timing: str
    waits: str
    begins_by_itself: bool
    activity: str | None
    plan: str | None
    version: str
    questionnaire: str | None
    within: tuple["Action", ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a plan or an activity; `is_here`: the one that the page shows."""

    id: str
    version: str
    status: labels.Status
    is_here: bool


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """What an activity is: its kind, what it asks and when, what may be used again, its limits, who gets answers.

    `unused`: how its questionnaire stands, where that is not in use; None: it is, or none is asked.
    """

    kind: str
    questionnaire: str | None
    questionnaire_id: str | None
    unused: labels.Status | None
    timing: str
    reuse: str
    limits: tuple[str, ...]
    sharing: str


def plan_rows(
    plans: Iterable[Json], owners: Mapping[str, str], stopped: Mapping[str, str] = MappingProxyType({})
) -> tuple[DefinitionRow, ...]:
    """Give the plans by title. By id: `owners`, whose they are where they are another's; `stopped`, why not sent."""
    return _sorted(replace(_row(each, _content(each), owners), stopped=stopped.get(each["id"], "")) for each in plans)


def activity_rows(
    activities: Iterable[Json], questionnaires: Mapping[str, Json], owners: Mapping[str, str]
) -> tuple[DefinitionRow, ...]:
    """Give the activities by title. `questionnaires` are by version-less URL; `owners` as in `plan_rows`."""
    return _sorted(_row(each, questionnaire_title(each, questionnaires) or kind(each), owners) for each in activities)


def using(definition: Json, plans: Iterable[Json]) -> list[Json]:
    """Give the plans that have an activity, or a plan, as a step."""
    own = f"/{definition['resourceType']}/{definition['id']}"
    return [plan for plan in plans if any(url.endswith(own) for url in definition_urls(plan))]


def _sorted(rows: Iterable[DefinitionRow]) -> tuple[DefinitionRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.title.casefold(), row.version)))


def _row(definition: Json, summary: str, owners: Mapping[str, str]) -> DefinitionRow:
    status, id = labels.publication_status(definition), definition["id"]
    version = str(definition.get("version", ""))
    return DefinitionRow(id, labels.title(definition), version, status, summary, owners.get(id, ""))


def _content(plan: Json) -> str:
    """Say how much is in a plan: activities, plans, goals, material."""
    urls = definition_urls(plan)
    plans = sum(is_plan(url) for url in urls)
    goals, materials = len(plan.get("goal", ())), len(documentation(plan))
    counted = (
        (len(urls) - plans, ngettext("%(count)d aktivitet", "%(count)d aktiviteter", len(urls) - plans)),
        (plans, ngettext("%(count)d plan", "%(count)d planer", plans)),
        (goals, ngettext("%(count)d mål", "%(count)d mål", goals)),
        (materials, ngettext("%(count)d materiale", "%(count)d materialer", materials)),
    )
    return ", ".join(words % {"count": count} for count, words in counted if count)


@dataclass(frozen=True, slots=True)
class _Known:
    activities: Mapping[str, Json]
    questionnaires: Mapping[str, Json]
    plans: Mapping[str, Json]
    steps: Mapping[str, Json]

    def within(self, plan: Json) -> "_Known":
        """Know the steps of this plan by their ids."""
        return replace(self, steps={each["id"]: each for each in steps_of(plan) if "id" in each})


def actions(
    plan: Json,
    activities: Mapping[str, Json],
    questionnaires: Mapping[str, Json],
    plans: Mapping[str, Json] = MappingProxyType({}),
) -> tuple[Action, ...]:
    """Give the outermost steps of a plan with those within them, of the plans in it too.

    The mappings are by version-less URL.
    """
    inner = _actions(plan, _Known(activities, questionnaires, plans, {}).within(plan), 0)
    return tuple(replace(each, number=number) for number, each in enumerate(inner))


def _actions(parent: Json, known: _Known, depth: int) -> tuple[Action, ...]:
    return tuple(_action(each, known, depth) for each in parent.get("action", ()))


def _action(action: Json, known: _Known, depth: int) -> Action:
    url = definition_url(action)
    definition = known.plans.get(url) or known.activities.get(url) or {}
    trigger, names = trigger_of(action), {id: each.get("title", "") for id, each in known.steps.items()}
    timing = timing_words(action) or timing_words(definition) or _("Bestemmes, når planen sendes")
    within = _actions(action, known, depth)
    if is_plan(url) and depth < MOST_SUB_PLANS:
        within += _actions(definition, known.within(definition), depth + 1)
    return Action(
        title=str(action.get("title") or (labels.title(definition) if definition else _("Uden titel"))),
        number=None,
        timing=timing if asks(action) else "",
        waits=trigger_words(trigger, names) if trigger else "",
        begins_by_itself=trigger is None or _is_met_some_time(trigger, known),
        activity=_page_of(url, definition) if asks(action) else None,
        plan=_page_of(url, definition) if is_plan(url) else None,
        version=str(definition.get("version", "")) if is_plan(url) else "",
        questionnaire=questionnaire_title(definition, known.questionnaires),
        within=within,
    )


def _is_met_some_time(trigger: Trigger, known: _Known) -> bool:
    """Tell whether as many answers are asked for; what is not in the plan is told elsewhere (`missing`)."""
    met = [_is_asked(each, known) for each in trigger.conditions]
    return all(met) if trigger.needs_all else any(met)


def _is_asked(condition: Condition, known: _Known) -> bool:
    step = known.steps.get(condition.action, {})
    definition = step if planned(step) else known.activities.get(definition_url(step), {})
    return asks_often_enough(definition, condition.count)


def _page_of(url: str, definition: Json) -> str | None:
    id = url_id(url)
    return id if definition or _HAS_PAGE.fullmatch(id) else None


def choices(known: Mapping[str, Json], owners: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give (id, title with version) of what can be chosen among, by title. `owners` as in `plan_rows`.

    Those that would be called the same say when they were changed last.
    """
    said = [(each, _choice(each, owners.get(each["id"], ""))) for each in known.values()]
    same = Counter(words for _each, words in said)
    told = ((each["id"], f"{words} · {_changed(each)}" if same[words] > 1 else words) for each, words in said)
    return sorted(told, key=lambda each: each[1].casefold())


def _changed(definition: Json) -> str:
    language = get_language() or "da"
    pattern = "d. MMMM y 'kl.' HH.mm" if language == "da" else "d MMMM y HH.mm"
    at = in_zone(parse_datetime(definition["meta"]["lastUpdated"]))
    return _("ændret %(when)s") % {"when": format_datetime(at, pattern, locale=language)}


def _choice(definition: Json, owner: str) -> str:
    words = {"title": labels.title(definition), "version": definition.get("version", "")}
    said = "%(title)s (%(version)s)" if definition.get("status") != "draft" else _("%(title)s (%(version)s, kladde)")
    return f"{said % words} · {owner}" if owner else said % words


def unsent(
    questionnaires: Mapping[str, Json], activities: Mapping[str, Json], plans: Mapping[str, Json], mine: str | None
) -> list[tuple[str, str]]:
    """Give (id, title) of the questionnaires that no plan sends. All mappings are by version-less URL.

    A draft will, if the organisation of whoever looks (`mine`) may take it into use; another's may never be.
    """
    sending = (each for each in plans.values() if each.get("status") == "active" or _may_come(each, mine))
    used = {url for plan in sending for url in definition_urls(plan)}
    asked = {questionnaire_url(activities[url]) for url in used if url in activities}
    return choices({url: each for url, each in questionnaires.items() if url not in asked}, {})


def _may_come(plan: Json, mine: str | None) -> bool:
    return plan.get("status") == "draft" and may_edit(plan, mine)


def version_rows(definition: Json, every: Iterable[Json]) -> tuple[VersionRow, ...]:
    """Give the versions that have a definition's base, the newest first."""
    own = base_of(definition)
    same = [each for each in every if own and base_of(each) == own] or [definition]
    same.sort(key=version_number, reverse=True)
    return tuple(
        VersionRow(
            each["id"], str(each.get("version", "")), labels.publication_status(each), each["id"] == definition["id"]
        )
        for each in same
    )


def version_number(definition: Json) -> tuple[int, ...]:
    """Give the version of a definition as what it is ordered by: 1.10 comes after 1.9."""
    return tuple(int(part) for part in re.findall(r"\d+", str(definition.get("version"))))


def measures(plan: Json, known: Mapping[str, Json]) -> bool:
    """Tell whether a plan, or one in it, asks for a number or picture. `known`: activities and plans, by their URLs."""
    return any(criteria.measures(known.get(definition_url(each), {})) for each in all_steps(plan, known))


def definition_urls(plan: Json) -> tuple[str, ...]:
    """Give the version-less URLs of the activities and plans that a plan runs."""
    return tuple(url for url in map(definition_url, steps_of(plan)) if url)


def activity_facts(activity: Json, questionnaires: Mapping[str, Json]) -> ActivityFacts:
    """Give what an activity is. `questionnaires` are by version-less URL."""
    url = questionnaire_url(activity)
    reference, asked = Reference.parse(url) if url else None, questionnaires.get(url or "")
    return ActivityFacts(
        kind=kind(activity),
        questionnaire=questionnaire_title(activity, questionnaires),
        questionnaire_id=reference.id if reference else None,
        unused=labels.publication_status(asked) if asked and asked.get("status") != "active" else None,
        timing=timing_words(activity) or _("Bestemmes, når planen sendes"),
        reuse=reuse_words(activity),
        limits=limits_lines(activity),
        sharing=_sharing(activity),
    )


def activity_lines(activity: Json, questionnaires: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Say what stands in an activity now, for who has written something else meanwhile."""
    facts = activity_facts(activity, questionnaires)
    titles = titles_of(activity)
    lines = (
        (_("Titel for borgeren"), titles.citizen),
        (_("Titel for medarbejdere"), titles.staff),
        (_("Beskrivelse"), titles.description),
        (_("Spørger om"), facts.questionnaire or ""),
        (_("Hvornår"), facts.timing),
        (_("Genbrug"), facts.reuse),
        (_("Grænser"), "; ".join(facts.limits)),
        (_("Deling"), facts.sharing),
    )
    return tuple((label, words) for label, words in lines if words)


def kind(activity: Json) -> str:
    """Say what kind of activity it is; FUT's codes for questionnaires are one kind to the reader."""
    codes = {coding.get("code") for coding in activity.get("code", {}).get("coding", ())}
    if codes & {"273586006", "445988008"}:
        return _("Spørgeskema")
    known = (names()[code] for code in sorted(codes & names().keys()))
    return next(known, labels.concept(activity.get("code", {}))) or _("Ukendt")


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
    """Say where answers may go, and, where they may go anywhere, who decides it each time."""
    sharing = sharing_of(activity)
    if extension_value(activity, ehealth.SHARING_POLICY) is None:
        return _("Ikke angivet")
    policy = labels.sharing_policies().get(sharing.policy, _("Ikke angivet"))
    approval = labels.sharing_approvals().get(sharing.approval, "")
    return policy if sharing.policy == "noSharing" or not approval else f"{policy}. {approval}"
