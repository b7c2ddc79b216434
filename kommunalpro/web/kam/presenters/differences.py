"""What a version of a plan or an activity changes from the one it was made from, line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext as _

from kommunalpro.care.planning import sharing_of, titles_of
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.descent import base_of
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.content import goal_rows, material_rows
from kommunalpro.web.kam.presenters.criteria import limits_lines, reuse_words
from kommunalpro.web.kam.presenters.timing import timing_words


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was one way and is another; empty: it was not there, or is no more."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What has changed since a version, which is called so and has this id."""

    version: str
    id: str
    changes: tuple[Change, ...]


def differences(
    definition: Json,
    every: Iterable[Json],
    activities: Mapping[str, Json],
    questionnaires: Mapping[str, Json],
    *,
    plans_in: Mapping[str, Json] = MappingProxyType({}),
    documents: Mapping[str, Json] = MappingProxyType({}),
) -> Differences | None:
    """Compare a definition with the version it was made from; None: it was made from none, as a copy was not.

    `plans_in` are the plans that it may run, `documents` the material that both name, by version-less URL.
    """
    before = predecessor_of(definition, every)
    if before is None:
        return None
    if definition["resourceType"] == "PlanDefinition":
        lines = [
            _titles(each)
            | _steps(plans.actions(each, activities, questionnaires, plans_in))
            | _goals(each)
            | _materials(each, documents)
            for each in (before, definition)
        ]
    else:
        lines = [_titles(each) | _activity(each, questionnaires) for each in (before, definition)]
    whats = dict.fromkeys((*lines[0], *lines[1]))
    pairs = ((what, lines[0].get(what, ""), lines[1].get(what, "")) for what in whats)
    changes = tuple(Change(*pair) for pair in pairs if pair[1] != pair[2])
    return Differences(str(before.get("version", "")), before["id"], changes)


def predecessor_of(definition: Json, every: Iterable[Json]) -> Json | None:
    """Find the version that a definition was made from; None: it was made from none of its base."""
    predecessor = (extension_value(definition, ehealth.PREDECESSOR) or {}).get("value")
    same = (each for each in every if base_of(each) == base_of(definition))
    return next((each for each in same if predecessor and predecessor in _names(each)), None)


def _names(definition: Json) -> set[str]:
    return {each["value"] for each in definition.get("identifier", ()) if each.get("system") == ehealth.UUID}


def _titles(definition: Json) -> dict[str, str]:
    """Say a definition in lines, each by what it is about."""
    titles = titles_of(definition)
    return {
        _("Titel for borgeren"): titles.citizen,
        _("Titel for medarbejdere"): titles.staff,
        _("Beskrivelse"): titles.description,
    }


def _activity(activity: Json, questionnaires: Mapping[str, Json]) -> dict[str, str]:
    sharing = sharing_of(activity)
    return {
        _("Spørgeskema"): _asked(activity, questionnaires),
        _("Hvornår"): timing_words(activity) or _("Bestemmes, når planen sendes"),
        _("Genbrug"): reuse_words(activity),
        _("Grænser"): "; ".join(limits_lines(activity)),
        _("Deling"): labels.sharing_policies().get(sharing.policy, sharing.policy),
        _("Når svar kan deles"): labels.sharing_approvals().get(sharing.approval, sharing.approval),
    }


def _steps(steps: Iterable[plans.Action], above: str = "") -> dict[str, str]:
    """Say the steps one by one: `Trin 2`, and within it `Trin 2.1`; a plan in the plan is said by its version."""
    lines: dict[str, str] = {}
    for at, step in enumerate(steps, 1):
        lines[_("Trin %(number)s") % {"number": f"{above}{at}"}] = _step(step)
        if step.plan is None:
            lines |= _steps(step.within, f"{above}{at}.")
    return lines


def _step(step: plans.Action) -> str:
    version = _("Version %(version)s") % {"version": step.version} if step.version else ""
    said = "; ".join(each for each in (version, step.timing, step.waits) if each)
    return f"{step.title}: {said}" if said else step.title


def _goals(plan: Json) -> dict[str, str]:
    rows = enumerate(goal_rows(plan), 1)
    return {_("Mål %(number)s") % {"number": at}: _joined(each.words, each.target) for at, each in rows}


def _materials(plan: Json, documents: Mapping[str, Json]) -> dict[str, str]:
    rows = enumerate(material_rows(plan, documents), 1)
    return {
        _("Materiale %(number)s") % {"number": at}: _joined(each.title, each.link or each.place) for at, each in rows
    }


def _joined(words: str, more: str) -> str:
    return f"{words} ({more})" if more else words


def _asked(activity: Json, questionnaires: Mapping[str, Json]) -> str:
    found = questionnaires.get(plans.questionnaire_url(activity) or "")
    return f"{labels.title(found)} {found.get('version', '')}" if found else ""
