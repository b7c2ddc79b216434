"""What a version of a plan or an activity changes from the one it was made from, line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kommunalpro.care.planning import sharing_of, titles_of
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.web.kam.presenters import labels, plans
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
    definition: Json, every: Iterable[Json], activities: Mapping[str, Json], questionnaires: Mapping[str, Json]
) -> Differences | None:
    """Compare a definition with the version it was made from; None: it was made from none, as a copy was not."""
    predecessor = (extension_value(definition, ehealth.PREDECESSOR) or {}).get("value")
    same = (each for each in every if plans.base(each) == plans.base(definition))
    before = next((each for each in same if predecessor and predecessor in _names(each)), None)
    if before is None:
        return None
    lines = _lines(before, activities, questionnaires), _lines(definition, activities, questionnaires)
    whats = dict.fromkeys((*lines[0], *lines[1]))
    pairs = ((what, lines[0].get(what, ""), lines[1].get(what, "")) for what in whats)
    changes = tuple(Change(*pair) for pair in pairs if pair[1] != pair[2])
    return Differences(str(before.get("version", "")), before["id"], changes)


def _names(definition: Json) -> set[str]:
    return {each["value"] for each in definition.get("identifier", ()) if each.get("system") == ehealth.UUID}


def _lines(definition: Json, activities: Mapping[str, Json], questionnaires: Mapping[str, Json]) -> dict[str, str]:
    """Say what a definition is in lines, each by what it is about."""
    titles = titles_of(definition)
    lines = {
        _("Titel for borgeren"): titles.citizen,
        _("Titel for medarbejdere"): titles.staff,
        _("Beskrivelse"): titles.description,
    }
    if definition["resourceType"] == "PlanDefinition":
        steps = plans.actions(definition, activities, questionnaires)
        return lines | {_("Trin %(number)s") % {"number": at}: _step(step) for at, step in enumerate(steps, 1)}
    sharing = sharing_of(definition)
    return lines | {
        _("Spørgeskema"): _asked(definition, questionnaires),
        _("Hvornår"): timing_words(definition) or _("Bestemmes, når planen sendes"),
        _("Deling"): labels.sharing_policies().get(sharing.policy, sharing.policy),
        _("Når svar kan deles"): labels.sharing_approvals().get(sharing.approval, sharing.approval),
    }


def _step(step: plans.Action) -> str:
    return f"{step.title}: {step.timing}"


def _asked(activity: Json, questionnaires: Mapping[str, Json]) -> str:
    found = questionnaires.get(plans.questionnaire_url(activity) or "")
    return f"{labels.title(found)} {found.get('version', '')}" if found else ""
