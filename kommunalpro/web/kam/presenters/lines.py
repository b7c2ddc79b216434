"""What stands in a plan or an activity, line by line: what it is about, what is there, and what that is in words.

Everything stands in one line, for what has no words of its own is told by its element. Left out is what the server
writes, and what elements are called within the resource.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kommunalpro.care.bundles import versionless
from kommunalpro.care.materials import documentation
from kommunalpro.care.planning import sharing_of, titles_of
from kommunalpro.care.sub_plans import definition_url, is_plan
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fut.modifier_roles import co_authors_of, owners_of
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.content import goal_rows, material_rows
from kommunalpro.web.kam.presenters.criteria import limits_lines, reuse_words
from kommunalpro.web.kam.presenters.elements import part, rest, said, titled
from kommunalpro.web.kam.presenters.timing import timing_words

_OF_THE_SERVER = frozenset(
    {"resourceType", "id", "meta", "version", "date", "status", "url", "identifier", "approvalDate", "lastReviewDate"}
    | {ehealth.BASE, ehealth.BASE_ENVIRONMENT, ehealth.PREDECESSOR}
)
_TITLES = ("title", ehealth.EMPLOYEE_TITLE, "description")
_TIMES = ("timingTiming", "timingDuration", "timingRange", "timingPeriod", "timingDateTime", "timingAge")


@dataclass(frozen=True, slots=True)
class Referred:
    """What definitions refer to, by version-less URL; `every`: all of it."""

    activities: Mapping[str, Json]
    questionnaires: Mapping[str, Json]
    plans: Mapping[str, Json]
    documents: Mapping[str, Json]
    organizations: Mapping[str, Json]
    every: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in a resource (`raw`), and that in words. It is told only where both versions have the line `of`.

    `address`, version-less: of what it leads to, `other`: that it is another, though its words are the same; `below`:
    the activity there, whose own differences are told too.
    """

    raw: Any
    words: str
    address: str = ""
    other: str = ""
    of: str = ""
    below: Json | None = None


def plan_lines(plan: Json, referred: Referred) -> dict[str, Line]:
    """Give all that stands in a plan; of what its steps run, by which address."""
    told = {*_TITLES, ehealth.MODIFIER_ROLE, "action", "goal"}
    materials = documentation(plan)
    others = [each for each in plan.get("relatedArtifact", ()) if each not in materials]
    places = dict(_places(plan))
    placed, steps = (
        _placed(plan, places),
        plans.actions(plan, referred.activities, referred.questionnaires, referred.plans),
    )
    return (
        _titles(plan)
        | _steps(placed.get("action", ()), steps, referred)
        | _goals(placed)
        | _materials(plan, referred.documents)
        | _roles(plan, referred)
        | _others({**plan, "relatedArtifact": others}, told, referred)
    )


def _titles(definition: Json) -> dict[str, Line]:
    """Say a definition in lines, each by what it is about."""
    titles = titles_of(definition)
    words = {
        _("Titel for borgeren"): titles.citizen,
        _("Titel for medarbejdere"): titles.staff,
        _("Beskrivelse"): titles.description,
    }
    pairs = zip(words.items(), _TITLES, strict=True)
    return {what: Line(part(definition, key), title) for (what, title), key in pairs}


def activity_lines(activity: Json, referred: Referred) -> dict[str, Line]:
    """Give all that stands in an activity."""
    sharing, url = sharing_of(activity), plans.questionnaire_url(activity) or ""
    artifacts = activity.get("relatedArtifact", ())
    asked = next((each for each in artifacts if url and versionless(each.get("resource", "")) == url), None)
    policies, approvals = labels.sharing_policies(), labels.sharing_approvals()
    policy, approval = policies.get(sharing.policy, sharing.policy), approvals.get(sharing.approval, sharing.approval)
    words: dict[str, tuple[str, tuple[str, ...]]] = {
        _("Slags"): (plans.kind(activity), ("code",)),
        _("Hvornår"): (timing_words(activity) or _("Bestemmes, når planen sendes"), _TIMES),
        _("Genbrug"): (reuse_words(activity), (ehealth.REUSE_CRITERIA,)),
        _("Grænser"): ("; ".join(limits_lines(activity)), (ehealth.REFERENCE_RANGE,)),
        _("Deling"): (policy, (ehealth.SHARING_POLICY,)),
        _("Når svar kan deles"): (approval, (ehealth.SHARING_APPROVAL_POLICY,)),
    }
    told = {*_TITLES, ehealth.MODIFIER_ROLE, *(key for _words, keys in words.values() for key in keys)}
    same = _("et andet spørgeskema med samme titel og version")
    return (
        _titles(activity)
        | {
            _("Spørgeskema"): Line(
                asked, titled(asked["resource"], referred.questionnaires) if asked else "", url, same
            )
        }
        | {what: Line(part(activity, *keys), each) for what, (each, keys) in words.items()}
        | _roles(activity, referred)
        | _others({**activity, "relatedArtifact": [each for each in artifacts if each is not asked]}, told, referred)
    )


def _roles(definition: Json, referred: Referred) -> dict[str, Line]:
    owners = (_("%(name)s (ejer)") % {"name": titled(url, referred.organizations)} for url in owners_of(definition))
    others = (titled(url, referred.organizations) for url in co_authors_of(definition))
    return {_("Hvem må rette"): Line(part(definition, ehealth.MODIFIER_ROLE), ", ".join((*owners, *others)))}


def _others(definition: Json, told: Iterable[str], referred: Referred) -> dict[str, Line]:
    found = rest(definition, {*told, *_OF_THE_SERVER})
    return {_andet(name): Line(raw, said([*raw.values()], referred.every)) for name, raw in found.items()}


def _andet(name: str) -> str:
    return _("Andet: %(element)s") % {"element": name}


def _steps(
    actions: Sequence[Json], steps: Sequence[plans.Action], referred: Referred, above: str = ""
) -> dict[str, Line]:
    """Say the steps one by one: `Trin 2`, and within it `Trin 2.1`; a plan in the plan is said by its version."""
    lines: dict[str, Line] = {}
    # What a plan in the plan holds comes after what the step holds itself.
    for at, (action, step) in enumerate(zip(actions, steps, strict=False), 1):
        lines |= _step_lines(_("Trin %(number)s") % {"number": f"{above}{at}"}, action, step, referred)
        lines |= _steps(action.get("action", ()), step.within, referred, f"{above}{at}.")
    return lines


def _step_lines(what: str, action: Json, step: plans.Action, referred: Referred) -> dict[str, Line]:
    url, keys = definition_url(action), ("title", *_TIMES, ehealth.ACTION_TRIGGER, "relatedAction")
    told = {*keys, "action", "definitionCanonical"}
    if is_plan(url):
        own = Line(part(action, *keys, "definitionCanonical"), _step(step), url, _("en anden plan"))
        lines = {what: own}
    else:
        canonical = part(action, "definitionCanonical")
        words, same = titled(url, referred.activities), _("en anden aktivitet med samme titel og version")
        activity = Line(canonical, words, url, same, what, referred.activities.get(url))
        lines = {what: Line(part(action, *keys), _step(step)), f"{what} · {_('Aktivitet')}": activity}
    for name, raw in rest(action, told).items():
        lines[f"{what} · {_andet(name)}"] = Line(raw, said([*raw.values()], referred.every), of=what)
    return lines


def _step(step: plans.Action) -> str:
    version = _("Version %(version)s") % {"version": step.version} if step.version else ""
    words = "; ".join(each for each in (version, step.timing, step.waits) if each)
    return f"{step.title}: {words}" if words else step.title


def _places(plan: Json) -> Iterator[tuple[str, str]]:
    """Give where what has an id stands in a plan, by that id: a change of ids alone changes nothing."""
    yield from (
        (each["id"], _("Mål %(number)s") % {"number": at})
        for at, each in enumerate(plan.get("goal", ()), 1)
        if "id" in each
    )
    yield from _step_places(plan, "")


def _step_places(parent: Json, above: str) -> Iterator[tuple[str, str]]:
    for at, each in enumerate(parent.get("action", ()), 1):
        if "id" in each:
            yield each["id"], _("Trin %(number)s") % {"number": f"{above}{at}"}
        yield from _step_places(each, f"{above}{at}.")


def _placed(element: Any, places: Mapping[str, str]) -> Any:
    """Give an element of a plan that names what it refers to by its place instead of its id."""
    if isinstance(element, Mapping):
        return {
            name: _place(each, places) if name in ("valueId", "actionId", "goalId") else _placed(each, places)
            for name, each in element.items()
            if name != "id"
        }
    return [_placed(each, places) for each in element] if isinstance(element, list) else element


def _place(named: Any, places: Mapping[str, str]) -> Any:
    return [places.get(each, each) for each in named] if isinstance(named, list) else places.get(named, named)


def _goals(plan: Json) -> dict[str, Line]:
    rows = enumerate(zip(plan.get("goal", ()), goal_rows(plan), strict=True), 1)
    return {
        _("Mål %(number)s") % {"number": at}: Line(goal, joined(each.words, each.target)) for at, (goal, each) in rows
    }


def _materials(plan: Json, documents: Mapping[str, Json]) -> dict[str, Line]:
    rows = enumerate(zip(documentation(plan), material_rows(plan, documents), strict=True), 1)
    same = _("et andet materiale med samme titel")
    return {
        _("Materiale %(number)s") % {"number": at}: Line(
            artifact, joined(each.title, each.link or each.place), versionless(artifact.get("resource", "")), same
        )
        for at, (artifact, each) in rows
    }


def joined(words: str, more: str) -> str:
    """Say more about something, where there is more."""
    return f"{words} ({more})" if more else words
