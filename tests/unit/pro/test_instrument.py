"""An instrument that cannot be right is refused, with all that is wrong."""

import pytest

from kommunalpro.pro.instrument import InstrumentError, read_instrument, shell
from kommunalpro.pro.score_definition import read_score
from tests.unit.pro.instruments import SOURCE, instrument, written
from tests.unit.pro.scores import declared

SCALE = {"low": "0", "high": "4"}
LOW = {"low": "0", "high": "1", "text": {"da": "lav"}, "source": SOURCE}
HIGH = {"low": "2", "high": "4", "text": {"da": "høj"}, "source": SOURCE}
ACUTE = {"id": "akut", "item": "1", "operator": ">", "value": 0, "source": SOURCE}


def problems(**wrong):
    with pytest.raises(InstrumentError) as refused:
        read_instrument(written(**wrong))
    return list(map(str, refused.value.args))


def scored(**more):
    return {"scores": [declared("1", "2", **{"id": "proeve", "scale": SCALE, **more})]}


def test_an_instrument_is_read_whole():
    found = instrument(**scored(bands=[LOW, HIGH]), acute=[ACUTE])
    assert (found.name, found.is_offered, found.why) == ("proeve-2|1.0", True, None)
    assert found.licence.url is None
    assert (found.item("3").is_optional, found.item(1).codes) == (True, (("urn:kendt", "p1"),))
    assert found.scores == (read_score(found.content["scores"][0]),)


def test_the_shell_asks_for_bare_numbers():
    items = shell(instrument()).items
    assert [(item.link_id, item.type, item.text.da, item.min_value, item.max_value) for item in items] == [
        ("1", "integer", "Spørgsmål 1", 0, 2),
        ("2", "integer", "Spørgsmål 2", 0, 2),
        ("3", "integer", "Spørgsmål 3", 0, 10),
    ]


def test_one_that_offers_nothing_says_why():
    nothing = {"offered": False, "scores": [], "golden": []}
    assert not instrument(**nothing, why={"da": "Usikker", "en": "Uncertain"}).is_offered
    assert problems(**nothing)
    assert problems(offered=False, why={"da": "Usikker"})
    assert problems(scores=[], golden=[])


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"items": [{"position": 2, "low": 0, "high": 2}, {"position": 1, "low": 0, "high": 2}]}, "from 1 upwards"),
        ({"items": [{"position": 1, "low": 2, "high": 2}, {"position": 2, "low": 0, "high": 2}]}, "no width"),
        (scored(items=["1", "4"]), "scores.proeve: there is no item 4"),
        (scored(items=["1", "3"]), "scores.proeve: there is no item 3 that is always there"),
        ({"acute": [{**ACUTE, "item": "7"}]}, "acute.akut: there is no item 7"),
        ({"acute": [{**ACUTE, "value": 2}]}, "acute.akut: no answer can meet it"),
        ({"acute": [ACUTE, ACUTE]}, "acute: 'akut' stands there twice"),
        (scored(reversed=["3"]), "an item is reversed that the score does not have"),
        (scored(scale={"low": "0", "high": "3"}), "can be from 0 to 4, which goes beyond its scale"),
        (scored(values={"1": {"0": "0", "1": "1"}}), "has no number for 2"),
        (scored(bands=[{**LOW, "light": "green"}, {**HIGH, "light": "red"}]), "an instrument has no lights"),
        (scored(bands=[LOW, {**HIGH, "low": "3"}]), "there is a gap between 1 and 3"),
        (scored(bands=[LOW, {key: HIGH[key] for key in ("low", "high", "text")}]), "a band has no source"),
        (scored(bands=[LOW, {**HIGH, "text": LOW["text"]}]), "two bands in a row say the same at 2"),
        ({"golden": [{"answers": [1, 2, None], "scores": {}, "source": SOURCE}]}, "golden.0: it does not name every"),
        ({"golden": [{"answers": [1], "scores": {"proeve": "1"}, "source": SOURCE}]}, "an answer, or null, for every"),
        (
            {"golden": [{"answers": [1, 3, None], "scores": {"proeve": "4"}, "source": SOURCE}]},
            "golden.0: 3 is no answer to item 2",
        ),
    ],
)
def test_what_cannot_be_is_refused(wrong, problem):
    assert any(problem in each for each in problems(**wrong))


def test_what_is_wrong_is_said_in_both_languages_with_its_place():
    with pytest.raises(InstrumentError) as refused:
        read_instrument(written(**scored(bands=[LOW, {**HIGH, "text": LOW["text"]}]), acute=[{**ACUTE, "value": 2}]))
    assert [each.say("da") for each in refused.value.faults] == [
        "acute.akut: Intet svar kan opfylde reglen.",
        "scores.proeve: To intervaller i træk siger det samme ved 2.",
    ]
    assert str(refused.value) == (
        "acute.akut: no answer can meet it; scores.proeve: two bands in a row say the same at 2"
    )


def test_a_score_that_does_not_fit_an_item_is_told_of_with_the_item():
    assert problems(**scored(values={"1": {"0": "0", "1": "1"}})) == [
        "scores.proeve.items.1: the score proeve has no number for 2; write null in values to count it as unanswered"
    ]


def test_two_scores_have_two_names():
    twice = written()["scores"] * 2
    assert problems(scores=twice) == ["scores: 'proeve' stands there twice"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"doi": "doi.org/10.1000/test"},
        {"licence": {"state": "paid", "text": {"da": "x"}}},
        {"licence": {"state": "free", "text": {"da": "x"}, "url": "http://example.org"}},
        {"items": [{"position": 1, "low": 0, "high": 2, "text": "Hvordan har du det?"}]},
        {"acute": [{**ACUTE, "text": {"da": "Ring 112"}}]},
        {"notOffered": [{"what": {"da": "En score"}}]},
        {"schemaVersion": 2},
    ],
)
def test_the_schema_refuses_another_form(wrong):
    """Above all text of an item, and words for a citizen that no editor here has written."""
    assert problems(**wrong)
