"""The shell instruments: what their sources say comes out; what no source confirms, and all text, is left out."""

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from kommunalpro.fhir import ehealth, json
from kommunalpro.pro.binding import ByGroup, bind
from kommunalpro.pro.form import Form, compile_form
from kommunalpro.pro.instrument import Instrument, read_instrument, shell
from kommunalpro.pro.score_definition import ScoreDefinition
from kommunalpro.pro.scoring import score_value
from tests.unit.definitions.folders import ROOT

FILES = {path.stem: path for path in sorted((ROOT / "instruments").glob("*.json"))}
OFFERED = {
    "who-5": {"who-5"},
    "phq-9": {"phq-9"},
    "gad-7": {"gad-7"},
    "hads": {"hads-a", "hads-d"},
    "heartqol": {"heartqol-global"},
    "paid-5": {"paid-5"},
    "eq-5d-5l": {"eq-5d-5l"},
    "eq-5d-3l": {"eq-5d-3l"},
    "oxford-hip": {"oxford-hip"},
    "oxford-knee": {"oxford-knee"},
    "eortc-qlq-c15-pal": set(),
    "mdi": set(),
    "promis-10": set(),
}
every_instrument = pytest.mark.parametrize("name", FILES)


@cache
def read(name: str) -> Instrument:
    return read_instrument(json.loads(FILES[name].read_bytes()))


CASES = [(name, number) for name in FILES for number in range(len(read(name).golden))]
every_case = pytest.mark.parametrize(("name", "number"), CASES, ids=[f"{name}-{number}" for name, number in CASES])


def test_these_are_the_instruments_and_the_scores_they_offer() -> None:
    assert {name: {score.id for score in read(name).scores} for name in FILES} == OFFERED
    assert all(read(name).identifier == name for name in FILES)


# Golden cases, on the bare shell and on questionnaires that an import might bring.


def coded(instrument: Instrument, *, has_ordinals: bool) -> Form:
    """A questionnaire of choices: codes that say nothing, the highest number first."""
    return compile_form(
        {"resourceType": "Questionnaire", "title": "Import", "item": [_group(instrument, has_ordinals)]}
    )


def _group(instrument: Instrument, has_ordinals: bool) -> dict[str, Any]:
    items = [
        {"linkId": f"q{item.position}", "type": "choice", "answerOption": _options(item, has_ordinals)}
        for item in instrument.items
    ]
    return {"linkId": "group", "type": "group", "item": items}


def _options(item: Any, has_ordinals: bool) -> list[dict[str, Any]]:
    numbers = range(item.high, item.low - 1, -1)
    return [
        {
            "valueCoding": {"system": "urn:test", "code": code(item.position, number)},
            **({"extension": [{"url": ehealth.ORDINAL_VALUE, "valueDecimal": number}]} if has_ordinals else {}),
        }
        for number in numbers
    ]


def code(position: int, number: int) -> str:
    return f"A{(number * 7 + position) % 101}"


def scores_of(form: Form, scores: tuple[ScoreDefinition, ...], answers: Any) -> dict[str, Decimal | None]:
    return {score.id: score_value(score, form, answers) for score in scores}


@every_case
def test_the_shell_scores_as_its_source_says(name: str, number: int) -> None:
    instrument, golden = read(name), read(name).golden[number]
    answers = {
        str(position): ({"valueInteger": answer},)
        for position, answer in enumerate(golden.answers, start=1)
        if answer is not None
    }
    assert scores_of(shell(instrument), instrument.scores, answers) == golden.scores


@every_case
@pytest.mark.parametrize("has_ordinals", [True, False])
def test_an_imported_questionnaire_scores_the_same(name: str, number: int, has_ordinals: bool) -> None:
    instrument, golden = read(name), read(name).golden[number]
    form = coded(instrument, has_ordinals=has_ordinals)
    bound = bind(instrument, form, by=ByGroup("group"), order=None if has_ordinals else "highest-first")
    answers = {
        f"q{position}": ({"valueCoding": {"system": "urn:test", "code": code(position, answer)}},)
        for position, answer in enumerate(golden.answers, start=1)
        if answer is not None
    }
    assert scores_of(form, bound.scores, answers) == golden.scores


@every_instrument
def test_golden_cases_reach_both_ends_of_each_scale_every_band_and_a_missing_answer(name: str) -> None:
    for score in read(name).scores:
        values = {golden.scores[score.id] for golden in read(name).golden}
        assert {score.scale.low, score.scale.high, None} <= values
        known = [value for value in values if value is not None]
        assert all(any(band.low <= value <= band.high for value in known) for band in score.bands)


@every_instrument
def test_every_golden_case_names_its_source(name: str) -> None:
    for golden in read(name).golden:
        assert read(name).doi in golden.source or None in golden.scores.values()


FIVE_LEVELS = (
    (0, 41, 54, 157, 220),
    (0, 35, 50, 144, 209),
    (0, 33, 40, 139, 174),
    (0, 48, 94, 381, 537),
    (0, 72, 191, 430, 618),
)
"""Thousandths. Jensen et al. 2021, doi:10.1007/s40258-021-00639-3; MO, SC, UA, PD, AD."""
THREE_LEVELS = ((0, 53, 411), (0, 63, 192), (0, 48, 144), (0, 62, 396), (0, 68, 367))
"""Thousandths. Wittrup-Jensen et al. 2009, doi:10.1177/1403494809105287; constant 114."""


def utilities(name: str) -> Iterator[tuple[tuple[int, ...], Decimal]]:
    instrument = read(name)
    form, [score] = shell(instrument), instrument.scores
    for state in itertools.product(range(1, instrument.items[0].high + 1), repeat=5):
        answers = {str(n): ({"valueInteger": level},) for n, level in enumerate(state, start=1)}
        value = score_value(score, form, answers)
        assert value is not None
        yield state, value


@pytest.mark.parametrize(("name", "table", "constant"), [("eq-5d-5l", FIVE_LEVELS, 0), ("eq-5d-3l", THREE_LEVELS, 114)])
def test_every_state_of_eq_5d_is_worth_what_the_published_table_says(
    name: str, table: tuple[tuple[int, ...], ...], constant: int
) -> None:
    found = dict(utilities(name))
    assert len(found) == len(table[0]) ** 5
    for state, value in found.items():
        thousandths = sum(column[level - 1] for column, level in zip(table, state, strict=True))
        thousandths += constant if max(state) > 1 else 0
        assert value == Decimal(1000 - thousandths) / 1000


@pytest.mark.parametrize("name", ["eq-5d-5l", "eq-5d-3l"])
def test_only_the_first_level_takes_nothing_so_that_above_nothing_means_above_the_first(name: str) -> None:
    [score] = read(name).scores
    for values in score.values.values():
        assert values["1"] == 0
        assert all(value is not None and value > 0 for level, value in values.items() if level != "1")


# What no source confirms is not offered.


def left_out(name: str) -> str:
    return " · ".join(f"{each.what.da}: {each.why.da}" for each in read(name).not_offered)


@every_instrument
def test_no_score_is_given_while_an_answer_is_missing(name: str) -> None:
    """No rule for missing answers is confirmed in a source, and each file with scores says so."""
    assert all(score.at_least == len(score.items) and not score.is_prorated for score in read(name).scores)
    assert not read(name).scores or "når svar mangler" in left_out(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("who-5", "28"),
        ("heartqol", "Delskalaerne fysisk"),
        ("heartqol", "halvdelsregel"),
        ("eortc-qlq-c15-pal", "Grænser for klinisk betydning"),
        ("eortc-qlq-c15-pal", "omregningstabeller"),
        ("mdi", "Grænserne 20, 25 og 30"),
        ("promis-10", "T-score"),
        ("oxford-hip", "fraråder"),
        ("oxford-knee", "fraråder"),
        ("hads", "samlet score"),
        ("eq-5d-5l", "EQ VAS"),
    ],
)
def test_what_is_left_out_is_said_with_its_reason(name: str, words: str) -> None:
    assert words in left_out(name)


@every_instrument
def test_what_is_not_offered_says_why(name: str) -> None:
    instrument = read(name)
    assert instrument.is_offered is (instrument.why is None)
    assert all(each.why.da and each.why.en and each.what.en for each in instrument.not_offered)


@pytest.mark.parametrize("name", ["oxford-hip", "oxford-knee", "eq-5d-5l", "eq-5d-3l", "heartqol"])
def test_no_bands_where_the_source_has_or_wants_none(name: str) -> None:
    assert all(score.bands == () for score in read(name).scores)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("who-5", [(0, 35), (36, 50), (51, 100)]),
        ("phq-9", [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)]),
        ("gad-7", [(0, 4), (5, 9), (10, 14), (15, 21)]),
        ("hads", [(0, 7), (8, 10), (11, 21)]),
        ("paid-5", [(0, 7), (8, 20)]),
    ],
)
def test_bands_are_those_of_the_source_and_have_words_but_no_light(name: str, bounds: list[tuple[int, int]]) -> None:
    for score in read(name).scores:
        assert [(band.low, band.high) for band in score.bands] == bounds
        assert all(band.text and band.text.da and band.text.en and band.source for band in score.bands)
        assert not score.carries_rule


def test_thoughts_of_suicide_are_acute_whatever_the_sum_and_the_words_are_still_to_be_written() -> None:
    assert {name: len(read(name).acute) for name in FILES if read(name).acute} == {"phq-9": 1}
    [rule] = read("phq-9").acute
    assert (rule.item, rule.operator, rule.value) == ("9", ">", 0)
    assert not hasattr(rule, "text")


# Licences, and not a word of theirs.


def test_only_what_is_free_in_the_sources_is_called_free() -> None:
    states = {name: read(name).licence.state for name in FILES}
    assert {name for name, state in states.items() if state == "free"} == {"who-5", "phq-9", "gad-7"}
    assert {name for name, state in states.items() if state == "unclear"} == {"paid-5", "mdi", "promis-10"}


ABOUT = {"title", "citation", "text", "what", "why", "source", "da", "en", "url", "doi", "system", "code"}
CODES = {"identifier", "version", "state", "id", "method", "items", "reversed", "item", "operator", "direction", "rule"}
NUMBERS = {"low", "high", "add", "value", "factor", "offset", "divisor"}
SPEAKS_TO_SOMEBODY = re.compile(
    r"\?|\b(jeg|mig|du|dig|din|dit|dine|har du|sidste to uger|I have|I am|my|you|your|past (two|2) weeks)\b",
    re.IGNORECASE,
)


def strings(element: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every string of a file, with the names around it."""
    if isinstance(element, dict):
        for key, value in element.items():
            yield from strings(value, (*path, key))
    elif isinstance(element, list):
        for each in element:
            yield from strings(each, path)
    elif isinstance(element, str):
        yield path, element


@every_instrument
def test_no_text_stands_where_questions_and_answers_are(name: str) -> None:
    for path, text in strings(json.loads(FILES[name].read_bytes())):
        if path[0] == "items":
            assert path[1] in ("direction", "codes"), path
        elif path[-1] not in ABOUT | CODES:
            number = path[-1] in NUMBERS or "values" in path or "golden" in path
            assert number, path
            assert re.fullmatch(r"-?\d+(\.\d+)?", text), path


@every_instrument
def test_nothing_in_a_file_speaks_as_a_question_or_an_answer_does(name: str) -> None:
    assert [text for _, text in strings(json.loads(FILES[name].read_bytes())) if SPEAKS_TO_SOMEBODY.search(text)] == []


@every_instrument
def test_an_item_is_called_by_its_number_alone(name: str) -> None:
    instrument = read(name)
    labels = [(item.label.da, item.label.en) for item in instrument.items]
    assert labels == [(f"Spørgsmål {n}", f"Item {n}") for n in range(1, len(labels) + 1)]
    assert [item.text.da for item in shell(instrument).items] == [da for da, _ in labels]


@pytest.mark.parametrize("name", ["phq-9", "gad-7"])
def test_loinc_codes_have_their_check_digit(name: str) -> None:
    codes = [known for item in read(name).items for system, known in item.codes if system == "http://loinc.org"]
    assert len(set(codes)) == len(read(name).items)
    assert all(check_digit(known.partition("-")[0]) == int(known.partition("-")[2]) for known in codes)


def check_digit(number: str) -> int:
    """Modulus 10: every other digit from the right doubled, digits added up."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(number)))
    return -sum(each // 10 + each % 10 for each in doubled) % 10
