"""The demo's answers: the same every time, never the same twice, and always such that they can be submitted."""

from datetime import UTC, datetime

import pytest

from kommunalpro.config.demo.answers import answers_at
from kommunalpro.config.demo.citizens import demo_citizens
from kommunalpro.config.demo.load import beginning, moments
from kommunalpro.config.publishing import DEFINITIONS
from kommunalpro.fhir.json import loads
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.response import check_answers
from kommunalpro.pro.triage import Light, assess
from kommunalpro.pro.view import read_view

FOLDER = DEFINITIONS / "hverdagen-med-kronisk-sygdom"
FORM = compile_form(loads((FOLDER / "questionnaire.json").read_bytes()))
VIEW = read_view(loads((FOLDER / "view.json").read_bytes()))
MOMENTS = (0.0, 0.17, 0.33, 0.5, 0.67, 0.83, 1.0)


def given(citizen, progress):
    answers = answers_at(citizen.level(progress), citizen.number, progress)
    return {path: tuple(values) for path, values in answers.items()}


def lights(citizen, progress):
    found = assess(FORM, VIEW, given(citizen, progress), questionnaire="Questionnaire/1", view_reference=None)
    return found.light, tuple(topic.light for topic in found.topics)


@pytest.mark.parametrize("citizen", tuple(demo_citizens()), ids=lambda each: str(each.number))
def test_whatever_a_citizen_answers_can_be_submitted(citizen):
    for progress in MOMENTS:
        assert check_answers(FORM, given(citizen, progress), strictness="submit") == ()


def test_in_the_end_there_are_citizens_of_every_colour():
    assert {lights(citizen, 1.0)[0] for citizen in demo_citizens()} == set(Light)


def test_hardly_two_citizens_look_the_same():
    looks = [lights(citizen, 1.0)[1] for citizen in demo_citizens()]
    assert len(set(looks)) > len(looks) / 2


def test_pain_moves_over_the_months_for_most_citizens():
    moving = [len({str(given(citizen, at)["smerte-styrke"]) for at in MOMENTS}) > 1 for citizen in demo_citizens()]
    assert sum(moving) > len(moving) / 2


@pytest.mark.parametrize("number", [0, 1])
def test_at_every_hour_of_the_day_those_one_logs_in_as_have_given_the_same_answers(number):
    def given_at(hour):
        now = datetime(2026, 11, 25, hour, 5, tzinfo=UTC)
        return tuple(moments(number, beginning(now), now))

    assert {given_at(hour) for hour in range(24)} == {given_at(23)}
