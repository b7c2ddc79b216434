"""Answers over time: what a point shows is what was found when the answer came, by what was in force then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from kommunalpro.care.definitions import compile_definition
from kommunalpro.care.history import PastResponse
from kommunalpro.care.over_time import trends_of
from kommunalpro.pro.light import Light
from kommunalpro.pro.record import read_record, write_record
from tests.spec.forms import answers, questionnaire
from tests.spec.views import QUESTIONNAIRE, assessed, view
from tests.unit.care.world import MONDAY

PAIN = "pain: integer; from 0 to 10; yellow >= 4; red >= 7; green < 4\nsleep: integer; from 0 to 10"
BY = "score both: mean of pain, sleep; high is worse; green 0 to 3; red 4 to 10"
MILDER = "score both: mean of pain, sleep; high is worse; green 0 to 8; red 9 to 10"


def past(given: str, *, by: str) -> PastResponse:
    """Make a response that was assessed by a View, as it is read again from the record."""
    definition = compile_definition(QUESTIONNAIRE, questionnaire(PAIN))
    return PastResponse(
        url="QuestionnaireResponse/1",
        exact="QuestionnaireResponse/1/_history/1",
        episode_of_care="EpisodeOfCare/1",
        authored=MONDAY,
        source="Patient/1",
        definition=definition,
        answers=answers(definition.form, given),
        lights=(),
        view=None,
        record=read_record(write_record(assessed(definition.form, by, given))),
        judgements=(),
    )


def light_of(id: str, given: str, *, by: str = BY, now: str = BY) -> Light:
    [series] = [each for each in trends_of([past(given, by=by)], view(now)) if each.id == id]
    [point] = series.points
    return point.light


def elsewhere() -> PastResponse:
    """A response to another questionnaire, a day before, which asked about the same pain."""
    asked = coded(questionnaire("p: integer; text Pain; from 0 to 10", title="Andet skema"))
    definition = compile_definition("https://example.org/fhir/Questionnaire/2/_history/1", asked)
    given = answers(definition.form, "p: 3")
    day = MONDAY - timedelta(days=1)
    return replace(past("", by=BY), url="QuestionnaireResponse/0", authored=day, definition=definition, answers=given)


def coded(asked: dict[str, Any]) -> dict[str, Any]:
    """Give the first question a code."""
    first, *others = asked["item"]
    return {**asked, "item": [{**first, "code": [{"system": "urn:codes", "code": "pain"}]}, *others]}


def test_what_was_asked_in_another_questionnaire_is_in_the_same_series():
    here = past("pain: 5", by=BY)
    here = replace(here, definition=compile_definition(QUESTIONNAIRE, coded(questionnaire(PAIN))))
    [series] = [each for each in trends_of([here], view(BY), [elsewhere()]) if each.id == "pain"]
    assert [(point.response, point.value) for point in series.points] == [
        ("QuestionnaireResponse/0", 3),
        ("QuestionnaireResponse/1", 5),
    ]
    assert [each.id for each in trends_of([here], None, [elsewhere()])] == ["pain", "sleep"]


def test_of_no_responses_there_are_no_series():
    assert trends_of([], view(BY), [elsewhere()]) == ()


def test_a_question_that_meets_two_rules_has_the_worse_of_their_lights():
    assert light_of("pain", "pain: 7, sleep: 0") is Light.RED


def test_a_score_between_two_bands_has_the_worse_light_as_in_the_record():
    assert light_of("both", "pain: 7, sleep: 0") is Light.RED


def test_a_later_view_leaves_the_light_that_a_score_was_given():
    assert light_of("both", "pain: 5, sleep: 5", by=BY, now=MILDER) is Light.RED


def test_what_could_not_be_computed_is_not_assessed():
    assert light_of("both", "pain: 5, sleep: –") is Light.NOT_ASSESSED


def test_two_relatives_are_two_whichever_version_of_them_is_named():
    """What one says is not compared with what another says."""
    sources = ("RelatedPerson/max", "RelatedPerson/sofie", "RelatedPerson/max/_history/2")
    given = [
        replace(
            past("pain: 5", by=BY), source=source, url=f"QuestionnaireResponse/{day}", authored=MONDAY + timedelta(day)
        )
        for day, source in enumerate(sources)
    ]
    pain = next(each for each in trends_of(given, None) if each.id == "pain")
    assert [point.gap for point in pain.points] == [None, "other-respondent", None]
