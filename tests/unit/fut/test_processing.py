"""What a Task says of an assessment: how soon, and whether the light is the whole of it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kommunalpro.fut.processing import category_of, finding_of, priority_of
from kommunalpro.pro.acute import AcuteHit
from kommunalpro.pro.failure import Failure
from kommunalpro.pro.light import Light
from kommunalpro.pro.scoring import Score
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Assessment, Finding, Source
from tests.spec.forms import form
from tests.spec.views import assessed

NOTHING = Assessment(Light.NOT_ASSESSED, (), {}, (), (), Source("https://example.org/fhir/Questionnaire/1|1"))
FAILED = (Failure("score", "score", Text("Scoren kunne ikke beregnes.")),)
ACUTE = (AcuteHit("a", "p9", Text("Ring 112.")),)


@pytest.mark.parametrize(
    ("light", "failures", "acute", "priority"),
    [
        (Light.GREEN, (), (), "routine"),
        (Light.NOT_ASSESSED, (), (), "routine"),
        (Light.NOT_ASSESSED, FAILED, (), "urgent"),  # a person must read the answers
        (Light.YELLOW, FAILED, (), "urgent"),
        (Light.RED, FAILED, (), "asap"),  # what failed never makes it wait
        (Light.NOT_ASSESSED, FAILED, ACUTE, "stat"),
    ],
)
def test_what_failed_in_part_never_waits_as_routine(light, failures, acute, priority):
    assert priority_of(replace(NOTHING, light=light, failures=failures, acute=acute)) == priority


def test_a_light_that_is_not_the_whole_is_a_failure_in_automatic_processing():
    assert category_of(replace(NOTHING, failures=FAILED)) == "MeasurementForAssessmentFailureInAutoProcessing"
    assert category_of(NOTHING) == "MeasurementForAssessmentNotTriaged"


def found(code, light=Light.NOT_ASSESSED):
    return Finding("pain", "pain", code, light, None, None, Text(""))


def scored(value):
    return {"sum": Score("sum", Text("Sum"), value, Light.NOT_ASSESSED)}


UNMET, ABSENT, GREEN = (
    found("no-effective-answer-significance"),
    found("data-absent"),
    found("green-question-answer", Light.GREEN),
)


@pytest.mark.parametrize(
    ("findings", "scores", "failures", "code"),
    [
        ((), {}, (), "no-answer-significance-defined"),
        ((UNMET,), {}, (), "no-effective-answer-significance"),
        ((GREEN, UNMET), {}, (), "no-effective-answer-significance"),
        ((ABSENT,), {}, (), "data-absent"),
        ((UNMET, ABSENT), {}, (), "data-absent"),
        ((UNMET,), scored(None), (), "data-absent"),  # too few answers for the score
        ((UNMET,), scored(Decimal(7)), (), "no-effective-answer-significance"),  # a score that no band has
        ((UNMET,), {}, FAILED, "data-absent"),
    ],
)
def test_what_is_not_assessed_says_whether_something_is_absent_or_no_rule_was_met(findings, scores, failures, code):
    assert finding_of(replace(NOTHING, findings=findings, scores=scores, failures=failures)) == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [("5", "no-effective-answer-significance"), ("–", "data-absent"), ("3", "green"), ("8", "red")],
)
def test_an_answer_between_the_rules_is_not_absent_and_not_green(answer, code):
    asked = form("a: integer; red >= 7; green <= 3")
    assert finding_of(assessed(asked, None, f"a: {answer}")) == code
