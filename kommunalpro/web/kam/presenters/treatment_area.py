"""What Kommunal PRO may be used for: the conditions, with who works with them, and the programmes of definitions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kommunalpro.fhir.json import Json
from kommunalpro.fut.treatment_area import diagnoses, programme_of, programmes


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the treatment area, and the teams that work with it, by name."""

    code: str
    name: str
    teams: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme, and how many of what is in use are for it."""

    code: str
    name: str
    questionnaires: int
    plans: int


def conditions(teams: Iterable[Json]) -> tuple[Condition, ...]:
    """Give the conditions in FUT's order."""
    found = sorted(teams, key=lambda team: str(team.get("name", "")).casefold())
    return tuple(
        Condition(each["code"], each["display"], tuple(team for team in found if _works_with(team, each)))
        for each in diagnoses()
    )


def programme_rows(questionnaires: Iterable[Json], plans: Iterable[Json]) -> tuple[Programme, ...]:
    """Give FUT's programmes, with what is in use of each."""
    asked, sent = (Counter(map(programme_of, each)) for each in (questionnaires, plans))
    return tuple(
        Programme(each["code"], each["display"], asked[each["code"]], sent[each["code"]]) for each in programmes()
    )


def _works_with(team: Json, condition: Json) -> bool:
    codings = (coding for reason in team.get("reasonCode", ()) for coding in reason.get("coding", ()))
    return any((each.get("system"), each.get("code")) == (condition["system"], condition["code"]) for each in codings)
