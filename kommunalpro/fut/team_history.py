"""Which care teams are on a course of care or a plan, and since when: `teamHistory`, which the server alone keeps.

It is written anew at each write, whoever changes the teams and by whatever door; what a client says of it is not kept.
A team whose coming is not in the history (it came before histories were kept) gets an entry without a start when it
goes: FHIR's way of saying that the start is not known.

Source: `fut.md` 1A (careplan, episodeofcare).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import complex_extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference

TEAM_ELEMENTS = {"CarePlan": "careTeam", "EpisodeOfCare": "team"}
"""Type → the element that names its care teams."""


def teams_on(resource: Json) -> list[str]:
    """Give the URLs of the teams that are on a CarePlan or EpisodeOfCare now, each once."""
    teams = resource.get(TEAM_ELEMENTS[resource["resourceType"]], ())
    return list(dict.fromkeys(url for each in teams if (url := _url(each))))


def with_teams(resource: Json, added: Collection[str], removed: Collection[str]) -> dict[str, Any]:
    """Give a CarePlan or EpisodeOfCare with teams put on and taken off; what is so already is left as it is."""
    here, element = teams_on(resource), TEAM_ELEMENTS[resource["resourceType"]]
    staying = [each for each in resource.get(element, ()) if _url(each) not in removed]
    coming = [{"reference": url} for url in dict.fromkeys(added) if url not in here]
    return {name: value for name, value in {**resource, element: [*staying, *coming]}.items() if value != []}


def with_team_history(resource: Json, previous: Json | None, now: datetime) -> dict[str, Any]:
    """Give a CarePlan or EpisodeOfCare with the history of `previous` (None: it is new), and what changes now."""
    before, after, at = teams_on(previous) if previous else [], teams_on(resource), to_datetime(now)
    others = [each for each in resource.get("extension", ()) if each["url"] != ehealth.TEAM_HISTORY]
    kept = list(extensions(previous or {}, ehealth.TEAM_HISTORY))
    history = _closed(kept, [url for url in before if url not in after], at)
    coming = (_entry(url, {"start": at}) for url in after if url not in before)
    changed = {**resource, "extension": [*others, *history, *coming]}
    return {name: value for name, value in changed.items() if value != []}


def _closed(history: list[Json], going: list[str], at: str) -> Iterator[Json]:
    """Give the history with an end for those who go."""
    opened = {_team(each) for each in history if _is_open(each)}
    for each in history:
        team = _team(each)
        yield _entry(team, {**_period(each), "end": at}) if team in going and _is_open(each) else each
    yield from (_entry(url, {"end": at}) for url in going if url not in opened)


def _entry(url: str, period: Json) -> dict[str, Any]:
    team = {"url": "careTeam", "valueReference": {"reference": url}}
    return complex_extension(ehealth.TEAM_HISTORY, team, {"url": "period", "valuePeriod": period})


def _is_open(entry: Json) -> bool:
    return "end" not in _period(entry)


def _period(entry: Json) -> Json:
    period: Json = extension_value(entry, "period") or {}
    return period


def _team(entry: Json) -> str:
    return _url(extension_value(entry, "careTeam") or {})


def _url(reference: Json) -> str:
    """Give the address of a team, whichever version is referred to; empty when it has none."""
    text = str(reference.get("reference", ""))
    parsed = Reference.parse(text)
    return parsed.url if parsed else text
