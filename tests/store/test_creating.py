"""What is made by itself is written in one statement with its AuditEvent, as the last thing that is done."""

from dataclasses import replace

import psycopg
import pytest
from psycopg.errors import UniqueViolation

from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhirserver import writer
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fut.contexts import SYSTEM
from tests.databases import ENGINES
from tests.people import ASTA, BO
from tests.resources import organization, questionnaire_response
from tests.store.cast import NOW, counts, query, staff
from tests.store.others import at_the_same_time


class PowerCut(Exception):
    """What ends a unit of work from outside."""


def writer_of_answers(person):
    principal = staff(person, patient="nancy", episode_of_care="nancys")
    return replace(principal, privileges=principal.privileges | {"QuestionnaireResponse.create"})


def creating(clinic, by=SYSTEM):
    return clinic.server.session(by, now=NOW, only_creates=True)


def make(clinic, id=None):
    with creating(clinic) as session:
        return session.create(organization(), id=id)


def test_it_is_there_with_its_index_rows_and_its_event_when_its_answer_leaves(clinic):
    clinic.forget_audit()
    before = counts()
    with creating(clinic, writer_of_answers(ASTA)) as session:
        made = session.create(questionnaire_response("nancy", "nancys"))
    assert clinic.read("QuestionnaireResponse", made["id"]) == made
    assert clinic.vread("QuestionnaireResponse", made["id"], "1") == made
    [event] = clinic.audit()[:1]
    assert event["action"] == "C"
    assert counts()["fhir_index"] > before["fhir_index"]


def test_nothing_is_there_before_it_ends_and_nothing_when_it_fails(clinic):
    before = counts()

    def fail():
        with creating(clinic) as session:
            session.create(organization())
            assert counts() == before
            raise PowerCut

    with pytest.raises(PowerCut):
        fail()
    assert counts() == before


def test_who_may_not_write_it_is_refused_and_noted(clinic):
    clinic.forget_audit()
    with pytest.raises(Forbidden), creating(clinic, writer_of_answers(BO)) as session:
        session.create(questionnaire_response("nancy", "nancys"))
    assert [event["outcome"] for event in clinic.audit()] == ["8"]


def test_of_many_at_once_each_is_there_and_what_one_may_not_write_keeps_no_other_from_it(clinic):
    taken = make(clinic)["id"]

    answers = at_the_same_time(
        *[lambda number: [make(clinic, taken if number == 2 else None)["id"] for _ in range(5)]] * 6
    )
    assert [number for number, each in enumerate(answers) if isinstance(each, DATABASE_ERRORS)] == [2]
    ids = [id for each in answers if isinstance(each, list) for id in each]
    marks = ", ".join(["%s"] * len(ids))
    assert query(f"SELECT count(*) FROM fhir_resource WHERE id IN ({marks})", tuple(ids)) == [(25,)]  # noqa: S608


def test_it_is_the_last_thing_that_is_done_and_changes_nothing(clinic):
    with creating(clinic) as session:
        made = session.read("Organization", make(clinic)["id"])
        with pytest.raises(RuntimeError):
            session.update(made, if_match=None)
        session.create(organization())
        with pytest.raises(RuntimeError):
            session.read("Organization", made["id"])


on_postgresql = pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)


def break_off_once(monkeypatch, *, when):
    """Have the connection break once, before or after a statement is carried out."""
    change = writer.change
    is_broken = []

    def broken(sql, parameters):
        if when == "after":
            change(sql, parameters)
        is_broken.append(True)
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(writer, "change", lambda *asked: change(*asked) if is_broken else broken(*asked))


@on_postgresql
@pytest.mark.parametrize("when", ["before", "after"])
def test_it_is_there_once_whether_its_connection_broke_before_it_was_stored_or_before_that_was_said(
    clinic, monkeypatch, when
):
    clinic.forget_audit()
    before = counts()
    break_off_once(monkeypatch, when=when)
    made = make(clinic)
    assert counts()["fhir_version"] == before["fhir_version"] + 1
    assert len(clinic.audit()) == 1
    assert clinic.read("Organization", made["id"]) == made


@on_postgresql
def test_what_another_has_stored_under_its_id_is_not_taken_for_it_when_the_connection_breaks(clinic, monkeypatch):
    taken = make(clinic)["id"]
    break_off_once(monkeypatch, when="before")
    with pytest.raises(UniqueViolation):
        make(clinic, taken)
