"""What a version of a plan or an activity changes from the one it was made from, line by line.

Two lines are compared by what stands in the resources, not by the words for it alone: where nothing is said to have
changed, nothing has.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kommunalpro.care.bundles import versionless
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fut.descent import base_of, version_before
from kommunalpro.fut.modifier_roles import co_authors_of, owners_of
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.elements import unlike
from kommunalpro.web.kam.presenters.lines import Line, Referred, activity_lines, joined, plan_lines

_NONE: Mapping[str, Json] = MappingProxyType({})


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


_NOTHING = Line(None, "")


def differences(
    definition: Json,
    every: Iterable[Json],
    activities: Mapping[str, Json],
    questionnaires: Mapping[str, Json],
    *,
    plans_in: Mapping[str, Json] = _NONE,
    documents: Mapping[str, Json] = _NONE,
    organizations: Mapping[str, Json] = _NONE,
) -> Differences | None:
    """Compare a definition with the version it was made from; None: it was made from none, as a copy was not.

    By version-less URL: `plans_in`, the plans that it may run, `documents`, the material that both name, and the
    `organizations` that may change them or that they are for.
    """
    before = _before(definition, every)
    if before is None:
        return None
    every_known = {**activities, **questionnaires, **plans_in, **organizations}
    referred = Referred(activities, questionnaires, plans_in, documents, organizations, every_known)
    lines = plan_lines if definition["resourceType"] == "PlanDefinition" else activity_lines
    changes = tuple(_changes(lines(before, referred), lines(definition, referred), referred))
    return Differences(str(before.get("version", "")), before["id"], changes)


def _before(definition: Json, every: Iterable[Json]) -> Json | None:
    """Find the version that a definition was made from; None: it was made from none of its base."""
    return version_before(definition, [each for each in every if base_of(each) == base_of(definition)])


def organizations_named(definition: Json, every: Iterable[Json], activities: Mapping[str, Json] = _NONE) -> set[str]:
    """Give the version-less URLs of whom a definition, the one it was made from and their activities name."""
    before = _before(definition, every)
    compared = [before, definition] if before else []
    urls = {url for each in compared for url in plans.definition_urls(each)}
    compared += [activities[url] for url in urls if url in activities]
    return {url for each in compared for url in (*owners_of(each), *co_authors_of(each), *_audiences(each))}


def _audiences(definition: Json) -> Iterator[str]:
    for each in extensions(definition, ehealth.INTENDED_AUDIENCE):
        if url := each.get("valueReference", {}).get("reference"):
            yield versionless(url)


def _changes(before: Mapping[str, Line], after: Mapping[str, Line], referred: Referred) -> Iterator[Change]:
    for what in dict.fromkeys((*before, *after)):
        one, other = before.get(what, _NOTHING), after.get(what, _NOTHING)
        of = one.of or other.of
        if (one.raw, one.words) != (other.raw, other.words) and (not of or (of in before and of in after)):
            yield Change(what, *_told(one, other))
            if one.below and other.below and _are_kin(one.below, other.below):
                below = activity_lines(one.below, referred), activity_lines(other.below, referred)
                for each in _changes(*below, referred):
                    yield Change(f"{of} · {labels.title(other.below)} · {each.what}", each.before, each.after)


def _told(one: Line, other: Line) -> tuple[str, str]:
    """Say what was and what is; where the words are the same, say what is not."""
    if one.words != other.words:
        return one.words, other.words
    if one.address != other.address and other.other:
        return one.words, joined(other.words, other.other)
    before, after = unlike(one.raw, other.raw)
    return _more(one.words, before), _more(other.words, after)


def _more(words: str, more: str) -> str:
    return joined(words, more) if words and more else words or more


def _are_kin(one: Json, other: Json) -> bool:
    """Tell whether two activities are versions of one, or are taken for one by their title: others are not compared."""
    return bool(base_of(one) and base_of(one) == base_of(other)) or labels.title(one) == labels.title(other)
