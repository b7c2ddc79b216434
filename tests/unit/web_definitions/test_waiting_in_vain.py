"""A step that waits for more answers than anybody asks for begins by itself on no day: the administrator is told."""

import pytest

from kommunalpro.care.regime import UCUM
from kommunalpro.care.waiting import waiting
from kommunalpro.web.kam.presenters import plans
from tests.unit.web_definitions.test_plans_and_teams import ACTIVITY, BASE, activity, plan
from tests.unit.web_definitions.test_whole_plans import FIRST, SECOND, waits_for


def asked(times):
    """An activity that is asked every week for so many weeks."""
    bounds = {"boundsDuration": {"value": times, "system": UCUM, "code": "wk"}} if times else {}
    return {**activity(), "timingTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", **bounds}}}


def whenever(times):
    """An activity that may be answered so many times within four weeks, when it suits."""
    bounds = {"value": 4, "system": UCUM, "code": "wk"}
    return {**activity(), "timingTiming": {"repeat": {"frequency": times, "boundsDuration": bounds}}}


@pytest.mark.parametrize(
    ("definition", "trigger", "begins"),
    [
        (asked(4), waits_for(("first", 4)), True),
        (asked(4), waits_for(("first", 5)), False),
        (asked(None), waits_for(("first", 500)), True),
        (activity(), waits_for(("first", 500)), True),
        (asked(4), waits_for(("first", 5), ("third", 1)), False),
        (asked(4), waits_for(("first", 5), ("third", 1), needs_all=False), True),
        (asked(4), waits_for(("gone", 5)), True),
        (asked(4), waits_for(("first", 4), ("first", 2)), True),
        (asked(15 * 52), waits_for(("first", 600)), True),
        (whenever(3), waits_for(("first", 1)), True),
    ],
    ids=[
        "enough",
        "too-few",
        "for-ever",
        "when-sent",
        "one-of-both",
        "one-is-enough",
        "told-elsewhere",
        "twice-the-same",
        "many-years",
        "whenever",
    ],
)
def test_a_step_that_waits_for_more_answers_than_are_asked_for_says_so(definition, trigger, begins):
    third = {"id": "third", "title": "Vægt", "definitionCanonical": f"{BASE}/ActivityDefinition/weight"}
    whole = plan(FIRST, third, waiting(SECOND, trigger))
    *others, last = plans.actions(whole, {ACTIVITY: definition}, {}, {})
    assert (last.begins_by_itself, [each.begins_by_itself for each in others]) == (begins, [True, True])


def test_the_times_of_a_step_go_before_those_of_its_activity():
    step = FIRST | {"timingTiming": asked(2)["timingTiming"]}
    whole = plan(step, waiting(SECOND, waits_for(("first", 4))))
    assert not plans.actions(whole, {ACTIVITY: asked(4)}, {}, {})[1].begins_by_itself


def test_in_a_plan_within_the_plan_it_is_its_own_steps_that_are_waited_for():
    inner = {**plan(FIRST, waiting(SECOND, waits_for(("first", 5)))), "id": "i", "version": "1.0"}
    url = f"{BASE}/PlanDefinition/i"
    (step,) = plans.actions(
        plan({"title": "Sov godt", "definitionCanonical": url}), {ACTIVITY: asked(4)}, {}, {url: inner}
    )
    assert [each.begins_by_itself for each in step.within] == [True, False]
