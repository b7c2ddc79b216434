"""What a Task says of an assessment: how soon, and whether the light is the whole of it."""

from dataclasses import replace

import pytest

from kommunalpro.fut.processing import category_of, priority_of
from kommunalpro.pro.acute import AcuteHit
from kommunalpro.pro.failure import Failure
from kommunalpro.pro.light import Light
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Assessment, Source

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
