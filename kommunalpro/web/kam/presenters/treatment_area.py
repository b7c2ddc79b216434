"""What Kommunal PRO may be used for: the conditions, with who works with them, and the programmes of definitions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kommunalpro.fhir.json import Json
from kommunalpro.fut.treatment_area import coded, condition_name, diagnoses, is_condition, programme_of, programmes


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
    """Give the conditions in FUT's order, and after them those of FSIII that teams work with, which nobody lists."""
    found = sorted(teams, key=lambda team: str(team.get("name", "")).casefold())
    worked_with = {coded(each): each for team in found for each in _codings(team) if is_condition(each)}
    listed = {coded(each): each for each in diagnoses()}
    of_fsiii = {code: worked_with[code] for code in sorted(worked_with.keys() - listed.keys())}
    return tuple(
        Condition(
            code,
            condition_name({"coding": [each]}),
            tuple(team for team in found if code in map(coded, _codings(team))),
        )
        for code, each in {**listed, **of_fsiii}.items()
    )


def programme_rows(questionnaires: Iterable[Json], plans: Iterable[Json]) -> tuple[Programme, ...]:
    """Give FUT's programmes, with what is in use of each."""
    asked, sent = (Counter(map(programme_of, each)) for each in (questionnaires, plans))
    return tuple(
        Programme(each["code"], each["display"], asked[each["code"]], sent[each["code"]]) for each in programmes()
    )


def _codings(team: Json) -> Iterator[Json]:
    return (coding for reason in team.get("reasonCode", ()) for coding in reason.get("coding", ()))
