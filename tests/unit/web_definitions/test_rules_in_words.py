"""An editor reads rules and conditions in plain Danish, never as codes."""

import pytest

from kommunalpro.web.administration.presenters import guidance, interpretation, questionnaires
from kommunalpro.web.administration.presenters.rules import RuleLine
from kommunalpro.web.shared.joining import either
from tests.unit.definitions.folders import items, read

FOLDER = "hverdagen-med-kronisk-sygdom"


def question(link_id: str) -> questionnaires.Question:
    topics = questionnaires.topics(read(FOLDER, "questionnaire.json"))
    return next(each for topic in topics for each in topic.questions if each.link_id == link_id)


def by_link() -> dict:
    return {item["linkId"]: item for item in items(FOLDER)}


def test_a_question_says_its_limits_red_first() -> None:
    assert question("smerte-styrke").rules == (
        RuleLine("red", "7 eller mere"),
        RuleLine("yellow", "fra 4 til 6"),
        RuleLine("green", "3 eller mindre"),
    )


def test_choices_with_the_same_light_are_one_line() -> None:
    assert RuleLine("yellow", "”Ja, lidt” eller ”Ved ikke”") in question("kost-vaegttab").rules


def test_a_condition_is_read_back_as_a_sentence() -> None:
    assert question("alkohol-genstande").condition == "Vises, når ”Drikker alkohol” er ”Ja”."
    assert question("smerte-sted").condition == "Vises, når ”Smertestyrke (0–10)” er over 0."
    assert question("tobak-stop").condition == (
        "Vises, når ”Tobak og nikotin” er ”Ja, hver dag” eller ”Ja, af og til”."
    )
    assert question("smerte-styrke").condition is None


def test_a_question_says_how_it_is_answered() -> None:
    assert question("soevn-naetter").kind == "Tal fra 0 til 7 (nætter)"
    assert question("smerte-sted").kind == "Vælg gerne flere"


@pytest.mark.parametrize(
    ("words", "sentence"), [(["a"], "a"), (["a", "b"], "a eller b"), (["a", "b", "c"], "a, b eller c")]
)
def test_alternatives_are_joined_as_people_write(words: list[str], sentence: str) -> None:
    assert either(words) == sentence


def test_the_bands_of_a_score_fill_its_scale() -> None:
    sleep = interpretation.scores(read(FOLDER, "view.json"), by_link())[1]
    assert [(band.light, band.words) for band in sleep.bands] == [
        ("green", "0–6"),
        ("yellow", "7–12"),
        ("red", "13–20"),
    ]
    assert sum(band.width for band in sleep.bands) == 1000
    assert sleep.items == ("Søvn (0–10) (vendt)", "Træthed om dagen (0–10)")


def test_a_band_may_have_a_name_and_no_light() -> None:
    bands = [{"low": "0", "high": "4", "text": {"da": "Let"}}, {"low": "5", "high": "10", "text": {"da": "Svær"}}]
    written = read(FOLDER, "view.json")["scores"][1] | {"bands": bands, "missing": {"rule": "half"}}
    [score] = interpretation.scores({"scores": [written]}, by_link())
    assert [(band.light, band.words) for band in score.bands] == [
        ("not-assessed", "0–4 (Let)"),
        ("not-assessed", "5–10 (Svær)"),
    ]
    assert score.missing == "Mindst 1 svar, ellers ingen score"


def test_advice_that_asks_for_an_answer_says_which() -> None:
    titles = {topic["id"]: topic["title"]["da"] for topic in read(FOLDER, "view.json")["topics"]}
    found = guidance.advice(read(FOLDER, "guidance.json"), titles, by_link())
    assert [topic.title for topic in found] == list(titles.values())
    tobacco = next(topic for topic in found if topic.id == "tobak-alkohol")
    assert tobacco.entries[0].when == "”Ønsker hjælp til stop” er ”Ja, meget gerne”"
