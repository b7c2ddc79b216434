"""What follows an answer never refuses it: each step stands by itself, also where its question cannot be answered."""

from datetime import timedelta

import pytest

from kommunalpro.config import wiring
from kommunalpro.fhirserver import database
from kommunalpro.fut import afterwards, pipeline
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import GOOD, LATER, answers, bundle_of
from tests.gateway.deadlines import AFTER, all_of, round_at, tasks

FAILURE = "MeasurementForAssessmentFailureInAutoProcessing"
LATE = AFTER + timedelta(hours=1)


def statement_fails(*_):
    """What a lock that is waited for too long, or a server that is stopped, does to a transaction."""
    database.rows("SELECT no_such_column FROM fhir_resource")


def sends_in(asked, now=LATER):
    asked.submit(bundle_of(asked.response(answers(GOOD))), now=now)
    return len(all_of(asked.nancy.world, "QuestionnaireResponse"))


def test_what_is_said_of_an_answer_beside_its_value_keeps_nobody_from_assessing_it(world, asked):
    """Another application says how it was answered; in the extension of a finding is a value alone (R4, ext-1)."""
    beside = {"id": "a1", "extension": [{"url": "https://app.example/answered-by", "valueString": "tale"}]}
    given = {path: [one | beside for one in many] for path, many in answers(GOOD).items()}
    asked.submit(bundle_of(asked.response(given)))
    assert len(tasks(world, "MeasurementForAssessment")) == 1
    assert tasks(world, FAILURE) == []


@pytest.mark.parametrize("step", ["is_waited_for", "as_answered", "is_expected"])
def test_an_answer_is_stored_and_assessed_also_where_a_statement_fails(world, asked, monkeypatch, step):
    monkeypatch.setattr(afterwards, step, statement_fails)
    assert sends_in(asked) == 1
    assert len(tasks(world, FAILURE)) == 1
    assert len(tasks(world, "MeasurementForAssessment")) == 1


@pytest.mark.parametrize("step", ["is_waited_for", "as_answered"])
def test_a_question_that_cannot_be_answered_holds_no_other_step_up(world, asked, monkeypatch, step):
    round_at(AFTER)
    monkeypatch.setattr(afterwards, step, statement_fails)
    assert sends_in(asked, now=LATE) == 1
    assert [task["status"] for task in tasks(world)] == ["completed"], "what was missing has come"
    assert len(tasks(world, FAILURE)) == 1


def test_an_answer_is_stored_also_where_nothing_can_be_told_of_what_failed(world, asked, monkeypatch):
    monkeypatch.setattr(afterwards, "as_answered", statement_fails)
    monkeypatch.setattr(afterwards, "report_failure", statement_fails)
    assert sends_in(asked) == 1


def test_where_nothing_follows_it_costs_a_savepoint_and_no_more(asked, monkeypatch):
    said = []
    whole = database._rows
    monkeypatch.setattr(database, "_rows", lambda *given, **how: said.append(given[0]) or whole(*given, **how))
    costs = []
    follow = afterwards.follow

    def measured(*given):
        said.clear()
        follow(*given)
        costs.append(len(said))

    monkeypatch.setattr(pipeline, "follow", measured)
    sends_in(asked)
    assert costs == [0], "nothing is read"


@pytest.mark.embedded("it is about the worker of a strict server")
def test_an_assessment_that_the_worker_cannot_make_is_told_once_and_made_when_it_can(world, asked, monkeypatch):
    sends_in(asked)
    [stored] = all_of(world, "QuestionnaireResponse")
    with wiring.server().session(SYSTEM, now=LATER) as session:
        pipeline.later(session, [stored])
    with monkeypatch.context() as broken:
        broken.setattr(pipeline, "care_plan_of", fails)
        for hours in range(3):
            round_at(LATER + timedelta(hours=hours))
        assert len(tasks(world, FAILURE)) == 1
    round_at(LATER + timedelta(hours=4))
    assert len(tasks(world, "MeasurementForAssessment")) == 2, "at once, and by the worker"


def fails(*_):
    raise ZeroDivisionError
