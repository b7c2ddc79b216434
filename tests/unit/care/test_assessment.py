"""The interpreted answer: the light of record, the citizen's wishes, guidance, and the answers as given."""

from datetime import date, timedelta

import pytest

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.over_time import trends, trends_of
from kommunalpro.care.sending import EveryWeeks
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.pro.triage import Light
from tests.people import TJOERN
from tests.unit.care.world import BAD_PAIN, MONDAY, chosen

EVENING = MONDAY + timedelta(hours=8)


def _read(world, nancy, response, now=EVENING):
    return read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=now)


@pytest.fixture
def response(nancy):
    nancy.gets()
    return nancy.answers(BAD_PAIN)


def test_the_light_is_the_one_that_was_recorded_when_the_answer_came(world, nancy, response):
    interpreted = _read(world, nancy, response)
    assert interpreted.is_record
    assert interpreted.assessment.light is Light.RED
    assert interpreted.now_would is None


def test_what_was_asked_is_read_once_however_often_it_was_answered(world, nancy, response):
    for hours in (1, 2):
        nancy.gets(now=MONDAY + timedelta(hours=hours))
        nancy.answers({}, now=MONDAY + timedelta(hours=hours, minutes=5))
    read = []

    class Told:
        """A gateway that tells what is read."""

        def __getattr__(self, name):
            return getattr(world.gateway, name)

        def read(self, reference, **named):
            read.append(reference)
            return world.gateway.read(reference, **named)

    interpreted = read_interpreted(Told(), response, by=nancy.seen_by(world.asta), now=EVENING)
    assert len(interpreted.past) == 3
    assert [each for each in read if "/Questionnaire/" in each] == [world.published.questionnaire]


def test_each_topic_says_why_in_words(world, nancy, response):
    pain = next(topic for topic in _read(world, nancy, response).assessment.topics if topic.id == "smerte")
    assert pain.light is Light.RED
    assert pain.reasons


def test_the_answers_stand_in_the_citizens_order_and_words(world, nancy, response):
    topics = {topic.title.da: topic for topic in _read(world, nancy, response).answers}
    assert list(topics)[:3] == ["Trivsel", "Smerte", "Søvn"]
    words = {question.link_id: question.words for question in topics["Smerte"].questions}
    assert words["smerte-styrke"] == ("8",)
    assert words["smerte-hverdag"] == ()


def test_guidance_is_national_and_local_together(world, nancy, response):
    interpreted = _read(world, nancy, response)
    assert interpreted.guidance.national is not None
    assert interpreted.guidance.local is not None
    assert {advice.kind for advice in interpreted.advice} == {"advice", "offer"}


def test_an_answer_to_what_was_not_asked_gives_no_advice(world, nancy):
    """Our own pages send none, but another application's response may hold one."""
    nancy.gets()
    given = {
        "tobak-ryger": chosen("dagligt"),
        "alkohol-drikker": chosen("ja"),
        "alkohol-genstande": [{"valueInteger": 30}],
    }
    response = nancy.answers(given)
    assert "alkohol-hoej" in {advice.id for advice in _read(world, nancy, response).advice}
    stored = world.gateway.read(response, by=SYSTEM, now=EVENING)
    text = dumps(stored).decode().replace('"code":"ja"', '"code":"nej"')
    world.gateway.update(loads(text.encode()), if_match=stored["meta"]["versionId"], by=SYSTEM, now=EVENING)
    assert "alkohol-hoej" not in {advice.id for advice in _read(world, nancy, response).advice}


def test_another_citizens_answer_is_not_found_under_this_citizen(world, nancy, response):
    tjoern = world.enrol(TJOERN)
    with pytest.raises(NotFound):
        read_interpreted(world.gateway, response, by=tjoern.seen_by(world.asta), now=EVENING)


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_other_teams_do_not_find_it(world, nancy, response, outsider):
    with pytest.raises(NotFound):
        read_interpreted(world.gateway, response, by=nancy.seen_by(world.staff[outsider].principal), now=EVENING)


def test_pain_over_time_is_a_line_with_a_change_since_last(world, nancy):
    nancy.gets(EveryWeeks(2, date(2026, 11, 23), date(2027, 1, 30), days=7))
    later = MONDAY + timedelta(days=14)
    nancy.answers({"smerte-styrke": [{"valueInteger": 5}]})
    nancy.answers({"smerte-styrke": [{"valueInteger": 8}]}, now=later)
    (found,) = trends(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=later + timedelta(days=1))
    assert found.view is not None
    series = {each.id: each for each in trends_of(found.past, found.view.view)}
    pain = series["smerte-styrke"]
    assert [int(point.value) for point in pain.points if point.value is not None] == [5, 8]
    assert pain.since_last is not None
    assert (pain.since_last.amount, pain.course) == (3, "worse")
    assert [point.light for point in series["smerte"].points] == [Light.YELLOW, Light.RED]


def test_a_score_that_could_not_be_computed_is_a_gap(world, nancy, response):
    (found,) = trends(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=EVENING)
    assert found.view is not None
    sleep = next(each for each in trends_of(found.past, found.view.view) if each.id == "soevn-sum")
    assert [point.value for point in sleep.points] == [None]
