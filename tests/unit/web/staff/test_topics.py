"""A topic is shown by what gave it its light, and the worst comes first, also over time."""

from datetime import timedelta

import pytest

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.over_time import trends
from kommunalpro.web.staff.presenters.over_time import topic_trends
from kommunalpro.web.staff.presenters.response import response_page
from kommunalpro.web.staff.presenters.summary import summary_text
from kommunalpro.web.staff.presenters.topics import topic_rows
from tests.unit.care.world import MONDAY, chosen

LATER = MONDAY + timedelta(hours=2)
IN_THE_WAY = {
    "smerte-styrke": [{"valueInteger": 3}],
    "smerte-hverdag": [{"valueInteger": 8}],
    "tobak-ryger": chosen("dagligt"),
    "tobak-antal": [{"valueInteger": 4}],
}
"""Little pain, but much in the way; few cigarettes, but every day."""


@pytest.fixture
def interpreted(world, nancy):
    response = nancy.answers(IN_THE_WAY)
    return read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=LATER)


def test_a_topic_shows_the_answer_that_gave_it_its_light_and_not_its_first(interpreted):
    rows = {row.id: row for row in topic_rows(interpreted)}
    assert (rows["smerte"].light, rows["smerte"].value) == ("red", "8 af 10")
    assert rows["smerte"].measure == "Smerter i hverdagen (0–10)"


def test_a_choice_that_gave_the_light_is_shown_in_its_own_words(interpreted):
    rows = {row.id: row for row in topic_rows(interpreted)}
    assert (rows["tobak-alkohol"].value, rows["tobak-alkohol"].measure) == ("Ja, hver dag", "Tobak og nikotin")
    assert rows["tobak-alkohol"].spark is None


def test_the_worst_stand_first_and_the_calm_are_counted(interpreted):
    page = response_page(interpreted, "Diabetes", user="")
    lights = [row.light for row in page.loud]
    assert lights == sorted(lights, key=["red", "yellow", "not-assessed"].index)
    assert {row.light for row in page.calm} == {"green"}
    assert str(len(page.calm)) in page.calm_words


def test_advice_for_what_is_calm_stands_apart(interpreted):
    page = response_page(interpreted, "Diabetes", user="")
    assert page.advice
    assert not {row.title for row in page.advice} & {row.title for row in page.calm_advice}
    assert all("grøn" not in row.because for row in page.advice)


def test_the_summary_names_what_was_measured(interpreted):
    text = summary_text(response_page(interpreted, "Diabetes", user=""))
    assert "Smerte: kræver opmærksomhed, Smerter i hverdagen (0–10): 8 af 10" in text


def test_over_time_the_topic_that_was_last_the_worst_stands_first(world, nancy):
    nancy.answers(IN_THE_WAY)
    [questionnaire] = trends(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=LATER)
    topics = topic_trends(questionnaire)
    lights = [topic.light for topic in topics]
    assert lights == sorted(lights, key=["red", "yellow", "not-assessed", "green"].index)
    pain = next(topic for topic in topics if topic.title == "Smerte")
    assert [trend.title for trend in pain.trends] == ["Smerte", "Smertestyrke (0–10)", "Smerter i hverdagen (0–10)"]


def test_a_light_over_time_says_since_when_it_has_been_so(world, nancy):
    nancy.answers(IN_THE_WAY)
    [questionnaire] = trends(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=LATER)
    pain = next(topic for topic in topic_trends(questionnaire) if topic.title == "Smerte")
    assert pain.trends[0].summary == "Rød siden 23. november."


def test_another_choice_than_last_is_said_in_words_and_a_number_by_how_much(world, nancy):
    earlier = nancy.answers({"tobak-ryger": chosen("aldrig"), "smerte-styrke": [{"valueInteger": 2}]})
    nancy.gets(now=LATER)
    later = nancy.answers(IN_THE_WAY, now=LATER + timedelta(hours=1))
    by, now = nancy.seen_by(world.asta), LATER + timedelta(hours=3)
    first, second = (
        {row.id: row.change for row in topic_rows(read_interpreted(world.gateway, each, by=by, now=now))}
        for each in (earlier, later)
    )
    assert second["tobak-alkohol"].startswith("før (23. november): ")
    assert not any(first.values())


def test_a_choice_over_time_is_listed_in_its_own_words(world, nancy):
    nancy.answers(IN_THE_WAY)
    [questionnaire] = trends(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=LATER)
    rows = {trend.title: trend.rows for topic in topic_trends(questionnaire) for trend in topic.trends}
    assert [row.value for row in rows["Tobak og nikotin"]] == ["Ja, hver dag"]
    assert all(row.form == "" for every in rows.values() for row in every)


def test_a_light_over_time_says_which_it_was_before(world, nancy):
    nancy.answers(IN_THE_WAY)
    nancy.gets(now=LATER)
    nancy.answers({}, now=LATER + timedelta(days=1))
    [questionnaire] = trends(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=LATER + timedelta(days=2))
    smoking = next(topic for topic in topic_trends(questionnaire) if topic.title == "Tobak og alkohol")
    said = {trend.title: trend.summary for trend in smoking.trends}
    assert said["Tobak og nikotin"] == "Grøn siden 24. november, før rød."
