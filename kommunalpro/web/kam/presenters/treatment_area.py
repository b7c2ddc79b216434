"""What Kommunal PRO may be used for: the conditions, with who works with them, and the programmes of definitions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kommunalpro.fhir.json import Json
from kommunalpro.fut.treatment_area import (
    coded,
    condition_name,
    conditions_of_fsiii,
    diagnoses,
    programme_of,
    programmes,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the treatment area, by code and system in words, and the teams that work with it, by name."""

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
    """Give the diseases in FUT's order, and after them the conditions of FSIII in its own."""
    found = sorted(teams, key=lambda team: str(team.get("name", "")).casefold())
    return tuple(
        Condition(
            coded(each),
            condition_name({"coding": [each]}),
            tuple(team for team in found if coded(each) in map(coded, _codings(team))),
        )
        for each in (*diagnoses(), *conditions_of_fsiii())
    )


def programme_rows(questionnaires: Iterable[Json], plans: Iterable[Json]) -> tuple[Programme, ...]:
    """Give FUT's programmes, with what is in use of each."""
    asked, sent = (Counter(map(programme_of, each)) for each in (questionnaires, plans))
    return tuple(
        Programme(each["code"], each["display"], asked[each["code"]], sent[each["code"]]) for each in programmes()
    )


def _codings(team: Json) -> Iterator[Json]:
    return (coding for reason in team.get("reasonCode", ()) for coding in reason.get("coding", ()))
