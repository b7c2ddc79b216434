"""An answer that was marked as an error can still be read and its task closed, and counts in nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.due import due_for
from kommunalpro.care.follow_up import complete_task
from kommunalpro.care.history import Invalidation, counting, responses_of
from kommunalpro.care.over_time import trends
from kommunalpro.care.team_due import team_due
from kommunalpro.care.worklist import worklist
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.pro.triage import Light
from tests.people import TJOERN
from tests.unit.care.test_worklist import Counting
from tests.unit.care.validity import EVENING, invalidate, take_back
from tests.unit.care.world import BAD_PAIN, MONDAY


@pytest.fixture
def wrong(nancy):
    """Nancy's answer, marked as an error by Asta; gives its URL."""
    nancy.gets()
    response = nancy.answers(BAD_PAIN)
    invalidate(nancy, response)
    return response


def interpreted(nancy, response, *, by="asta"):
    who = nancy.seen_by(nancy.world.staff[by].principal)
    return read_interpreted(nancy.world.gateway, response, by=who, now=EVENING)


def past(nancy):
    return responses_of(nancy.world.gateway, nancy.patient, by=nancy.seen_by(nancy.world.asta), now=EVENING)


def test_it_is_opened_from_the_worklist_and_says_who_marked_it_and_when(world, nancy, wrong):
    (item,) = worklist(world.gateway, by=world.asta, now=EVENING).items
    found = interpreted(nancy, item.response)
    assert found.response.invalidated == Invalidation(world.asta.user, EVENING)
    assert found.names[world.asta.user] == "Asta Holm"


def test_its_answers_and_the_light_of_record_can_still_be_read_and_nothing_is_advised(nancy, wrong):
    found = interpreted(nancy, wrong)
    assert (found.assessment.light, found.is_record) == (Light.RED, True)
    assert found.answers
    assert (found.advice, found.past, found.now_would) == ((), (), None)


def test_it_stands_on_the_worklist_as_an_error_until_its_task_is_closed(world, nancy, wrong):
    (item,) = worklist(world.gateway, by=world.asta, now=EVENING).items
    assert item.is_invalidated
    task, by = interpreted(nancy, wrong).task, nancy.seen_by(world.asta)
    complete_task(world.gateway, task.url, version=task.version, note="Forkert borger.", by=by, now=EVENING)
    assert worklist(world.gateway, by=world.asta, now=EVENING).items == ()
    closed = interpreted(nancy, wrong)
    assert closed.task is None
    assert [judgement.note for judgement in closed.response.judgements] == ["Forkert borger."]


def test_it_is_in_no_trend_and_the_newest_light_is_that_of_an_answer_that_counts(world, nancy):
    nancy.gets()
    right = nancy.answers({})
    nancy.gets()
    wrong = nancy.answers(BAD_PAIN, now=MONDAY + timedelta(hours=2))
    invalidate(nancy, wrong)
    by = nancy.seen_by(world.asta)
    (found,) = trends(world.gateway, nancy.patient, by=by, now=EVENING)
    assert [each.url for each in found.past] == [right]
    assert [each.url for each in interpreted(nancy, right).past] == [right]
    assert [each.url for each in past(nancy)] == [right, wrong]
    assert [each.url for each in counting(past(nancy))] == [right]


def test_where_all_answers_were_errors_there_is_nothing_over_time(world, nancy, wrong):
    assert trends(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=EVENING) == ()


def test_taken_back_it_counts_as_before(world, nancy, wrong):
    take_back(nancy, wrong)
    assert not worklist(world.gateway, by=world.asta, now=EVENING).items[0].is_invalidated
    found = interpreted(nancy, wrong)
    assert found.response.invalidated is None
    assert [each.url for each in found.past] == [wrong]


def test_the_last_who_marked_it_is_named(world, nancy, wrong):
    take_back(nancy, wrong)
    later = EVENING + timedelta(minutes=5)
    invalidate(nancy, wrong, now=later)
    assert interpreted(nancy, wrong).response.invalidated == Invalidation(world.asta.user, later)


def test_a_citizen_who_marked_it_is_named_as_who_did_it(nancy):
    nancy.gets()
    response = nancy.answers(BAD_PAIN)
    may = nancy.self.privileges | {"ClinicalImpression$set-measurement-validity"}
    invalidate(nancy, response, by=replace(nancy.self, privileges=may))
    assert interpreted(nancy, response).response.invalidated == Invalidation(nancy.patient, EVENING)


def test_where_nobody_has_said_who_it_is_marked_all_the_same(nancy):
    nancy.gets()
    response = nancy.answers(BAD_PAIN)
    change = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    nancy.world.gateway.patch(response, change, if_match="1", by=SYSTEM, now=EVENING)
    assert interpreted(nancy, response).response.invalidated == Invalidation()


def test_other_teams_see_it_as_little_as_before(nancy, wrong):
    for outsider in ("bo", "kim"):
        with pytest.raises(NotFound):
            interpreted(nancy, wrong, by=outsider)


def test_a_longer_list_of_errors_takes_no_more_searches(world, nancy, wrong):
    one = Counting(world.gateway)
    worklist(one, by=world.asta, now=EVENING)
    tjoern = world.enrol(TJOERN)
    tjoern.gets()
    invalidate(tjoern, tjoern.answers(BAD_PAIN))
    two = Counting(world.gateway)
    assert [item.is_invalidated for item in worklist(two, by=world.asta, now=EVENING).items] == [True, True]
    assert two.calls == one.calls


@pytest.mark.parametrize(
    ("decision", "is_asked_again"), [("invalidated-fulfills", False), ("invalidated-is-not-fulfillment", True)]
)
def test_the_citizen_is_asked_again_only_where_the_request_is_not_fulfilled(world, nancy, decision, is_asked_again):
    nancy.gets()
    response = nancy.answers({})

    def is_asked():
        own = [each for each in due_for(world.gateway, nancy.patient, by=nancy.self, now=EVENING) if not each.submitted]
        team = [each for each in team_due(world.gateway, by=world.asta, now=EVENING) if each.patient == nancy.patient]
        return bool(own), bool(team)

    assert is_asked() == (False, False)
    invalidate(nancy, response, decision=decision)
    assert is_asked() == (is_asked_again, is_asked_again)
    take_back(nancy, response)
    assert is_asked() == (False, False)
