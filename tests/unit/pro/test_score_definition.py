"""A score that cannot be right is refused when its View is read, with all that is wrong."""

import pytest

from kommunalpro.pro.view import ViewError, read_view
from tests.unit.definitions.folders import FOLDERS, read
from tests.unit.pro.scores import declared, view

RED, GREEN = {"light": "red"}, {"light": "green"}
WORDS = {"text": {"da": "ord"}}


def problems(*scores):
    with pytest.raises(ViewError) as refused:
        read_view(view(*scores))
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_views_that_ship_read_as_before(folder):
    found = read_view(read(folder, "view.json"))
    for score, written in zip(found.scores, read(folder, "view.json")["scores"], strict=True):
        assert (score.values, score.added, score.table, score.decimals) == ({}, (), None, None)
        assert (score.divisor, score.is_prorated, score.carries_rule) == (1, False, True)
        assert score.minimal_change is None
        assert [(str(band.low), str(band.high), band.light.code) for band in score.bands] == [
            (band["low"], band["high"], band["light"]) for band in written["bands"]
        ]
    assert found.instruments == ()


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"scale": {"low": "5", "high": "5"}}, "the scale has no width"),
        ({"reversed": ["c"]}, "an item is reversed that the score does not have"),
        ({"values": {"c": {"1": "1"}}}, "there are values for an item that the score does not have"),
        ({"missing": {"rule": "at-least", "answered": 3}}, "more answers are asked for than the score has items"),
        ({"divisor": "0"}, "the divisor is 0"),
        ({"factor": "0"}, "the factor is 0"),
        ({"minimalImportantChange": {"value": "0", "source": "s"}}, "the minimal important change lies outside"),
        ({"minimalImportantChange": {"value": "101", "source": "s"}}, "the minimal important change lies outside"),
        ({"method": "mean", "missing": {"rule": "half", "prorated": True}}, "a mean cannot be prorated"),
        (
            {"missing": {"rule": "half"}, "added": [{"add": "1", "operator": ">", "value": "0"}]},
            "what is added cannot be known while an answer is missing",
        ),
        (
            {"missing": {"rule": "half"}, "bands": [{"low": "0", "high": "100", **RED}]},
            "a sum over fewer items than all has lights only when it is prorated",
        ),
        ({"method": "mean", "table": {"0": "1", "1": "2"}}, "a table is for whole sums"),
        ({"missing": {"rule": "half", "prorated": True}, "table": {"0": "1", "1": "2"}}, "a table is for whole sums"),
        ({"table": {"0": "1", "1": "2", "3": "4"}}, "the table has nothing between 1 and 3"),
        ({"bands": [{"low": "0", "high": "99", **RED}]}, "the bands do not cover the scale"),
        ({"bands": [{"low": "0", "high": "-1", **RED}, {"low": "0", "high": "100", **RED}]}, "is upside down"),
        ({"bands": [{"low": "0", "high": "50", **GREEN}, {"low": "50", "high": "100", **RED}]}, "overlap at 50"),
        ({"bands": [{"low": "0", "high": "50", **GREEN}, {"low": "52", "high": "100", **RED}]}, "a gap between 50 and"),
        (
            {"bands": [{"low": "0", "high": "50", **RED}, {"low": "51", "high": "100", **GREEN}]},
            "with high-is-worse, a better score would give a worse light",
        ),
        (
            {"bands": [{"low": "0", "high": "50", **WORDS}, {"low": "51", "high": "100", **RED}]},
            "some bands have a light and some have none",
        ),
    ],
)
def test_what_cannot_be_is_refused(wrong, problem):
    [found] = [each for each in problems(declared("a", "b", **wrong)) if problem in each]
    assert found.startswith("scores.score: ")


def test_all_problems_come_at_once():
    found = problems(declared("a", id="one", divisor="0"), declared("b", id="two", reversed=["x"], divisor="0"))
    assert [each.partition(":")[0] for each in found] == ["scores.one", "scores.two", "scores.two"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "median"},
        {"missing": {"rule": "at-least"}},
        {"missing": {"rule": "most"}},
        {"decimals": -1},
        {"table": {"1.5": "1", "2": "2"}},
        {"table": {"1": "1"}},
        {"values": {"a": {}}},
        {"values": {"a": {"x": "much"}}},
        {"added": [{"add": "1", "operator": "!=", "value": "0"}]},
        {"bands": [{"low": "0", "high": "100"}]},
        {"bands": [{"low": "0", "high": "100", "light": "blue"}]},
        {"weight": "2"},
        {"source": ""},
        {"minimalImportantChange": {"value": "5"}},
        {"minimalImportantChange": {"value": "5", "source": ""}},
    ],
)
def test_the_schema_refuses_another_form(wrong):
    assert problems(declared("a", **wrong))


@pytest.mark.parametrize("method", [{}, {"method": "mean"}])
def test_what_can_be_is_read(method):
    bands = [{"low": "0", "high": "50", **WORDS, "source": "Test"}, {"low": "51", "high": "100", **WORDS}]
    [score] = read_view(view(declared("a", "b", bands=bands, added=[], decimals=1, **method))).scores
    assert [band.source for band in score.bands] == ["Test", ""]
    assert (score.decimals, score.at_least, score.carries_rule) == (1, 2, False)


def test_a_view_names_the_instruments_of_its_questionnaire():
    assert read_view(view(declared("a"), instruments=["who-5|1.0"])).instruments == ("who-5|1.0",)
    with pytest.raises(ViewError, match=r"instruments\.0"):
        read_view(view(declared("a"), instruments=["WHO-5"]))


def test_the_least_important_change_is_read_with_its_source():
    [score] = read_view(view({**declared("a"), "minimalImportantChange": {"value": "7.5", "source": "Studiet"}})).scores
    assert score.minimal_change is not None
    assert (str(score.minimal_change.value), score.minimal_change.source) == ("7.5", "Studiet")
