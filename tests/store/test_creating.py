"""What is made by itself is written in one statement with its AuditEvent, as the last thing that is done."""

from contextlib import suppress
from dataclasses import replace

import psycopg
import pytest
from psycopg.errors import UniqueViolation

from kommunalpro.fhir.bundle import transaction
from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhirserver import writer
from kommunalpro.fhirserver.deadlines import Deadline, put
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.idempotency import once
from kommunalpro.fut.contexts import SYSTEM
from tests.databases import ENGINES
from tests.people import ASTA, BO
from tests.resources import organization, questionnaire_response
from tests.store.cast import counts, query, staff
from tests.store.others import at_the_same_time


class PowerCut(Exception):
    """What ends a unit of work from outside."""


def writer_of_answers(person):
    principal = staff(person, patient="nancy", episode_of_care="nancys")
    return replace(principal, privileges=principal.privileges | {"QuestionnaireResponse.create"})


def creating(clinic, by=SYSTEM):
    return clinic.as_(by, only_creates=True)


def organizations():
    return {id for (id,) in query("SELECT id FROM fhir_resource WHERE type = 'Organization' AND NOT deleted")}


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
    assert [event["outcome"] for event in clinic.audit()] == ["4"]


def test_of_many_at_once_each_is_there_and_what_one_may_not_write_keeps_no_other_from_it(clinic):
    taken = make(clinic)["id"]

    answers = at_the_same_time(
        *[lambda number: [make(clinic, taken if number == 2 else None)["id"] for _ in range(5)]] * 6
    )
    assert [number for number, each in enumerate(answers) if isinstance(each, DATABASE_ERRORS)] == [2]
    ids = [id for each in answers if isinstance(each, list) for id in each]
    marks = ", ".join(["%s"] * len(ids))
    assert query(f"SELECT count(*) FROM fhir_resource WHERE id IN ({marks})", tuple(ids)) == [(25,)]  # noqa: S608


WANTS_MORE = {
    "changes it": lambda session, made: session.update({**made, "name": "Et andet sted"}, if_match=None),
    "deletes something": lambda session, made: session.delete("Patient", "nancy"),
    "reads it": lambda session, made: session.read("Organization", made["id"]),
    "looks for such": lambda session, made: session.search("Organization", [("_id", made["id"])]),
    "looks for what refers to it": lambda session, made: session.system_read_referred(
        [f"Organization/{made['id']}"], by=[("CareTeam", "managingOrganization")]
    ),
    "looks with other eyes": lambda session, made: replace(session, principal=writer_of_answers(ASTA)).unseen(
        [("Patient", "nancy")]
    ),
    "runs a transaction": lambda session, made: session.transaction(transaction([])),
    "waits for its turn": lambda session, made: session.take_turns("what is to be done"),
    "sets a deadline": lambda session, made: put(Deadline("a kind", "Organization", made["id"], 0)),
}


@pytest.mark.parametrize("wanted", WANTS_MORE)
def test_what_wants_more_than_to_create_is_begun_anew_and_done_once(clinic, wanted):
    clinic.forget_audit()
    tries, before = [], organizations()

    def work(session):
        tries.append(session.only_creates)
        made = session.create(organization())
        WANTS_MORE[wanted](session, made)
        return made["id"]

    id = clinic.run(work)
    assert tries == [True, False]
    assert organizations() == {*before, id}
    assert len(clinic.audit()) == 1


def test_what_it_reads_besides_is_read_as_it_goes(clinic):
    tries = []

    def work(session):
        tries.append(session.only_creates)
        made, system = session.create(organization()), session.elevated()
        assert system.read("Patient", "nancy")["id"] == "nancy"
        assert system.system_stamps_referring("Organization/kommune", by=("CareTeam", "managingOrganization"))
        return session.create(organization())["id"] != made["id"]

    assert clinic.run(work)
    assert tries == [True]


def test_what_fails_on_the_way_takes_back_what_it_has_made_and_nothing_else(clinic):
    def work(session):
        made = [session.create(organization())["id"]]
        with suppress(PowerCut), session.savepoint():
            session.create(organization())
            raise PowerCut
        return [*made, session.create(organization())["id"]]

    before = organizations()
    kept = clinic.run(work)
    assert organizations() == {*before, *kept}


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
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_submission_is_taken_in_once_when_its_connection_breaks(clinic, monkeypatch, when):
    def work(session):
        return once(session, "urn:uuid:1", {"a": 1}, lambda: {"id": session.create(organization())["id"]})

    before = counts()
    break_off_once(monkeypatch, when=when)
    assert clinic.run(work) == clinic.run(work)
    added = {table: count - before[table] for table, count in counts().items()}
    assert (added["fhir_submission"], added["fhir_version"]) == (1, 1)


@on_postgresql
def test_what_another_has_stored_under_its_id_is_not_taken_for_it_when_the_connection_breaks(clinic, monkeypatch):
    taken = make(clinic)["id"]
    break_off_once(monkeypatch, when="before")
    with pytest.raises(UniqueViolation):
        make(clinic, taken)
