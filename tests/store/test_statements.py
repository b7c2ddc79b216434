"""How statements are put to PostgreSQL: what comes often is planned once, a search for the very values it asks for.

SQLite plans in microseconds, and is asked the same.
"""

import os
import socket
from contextlib import suppress

import psycopg
import pytest
from django.db import connection

from kommunalpro.fhir.bundle import transaction
from kommunalpro.fhir.outcome import Unprocessable
from kommunalpro.fhirserver import database, storing
from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, kind_of
from kommunalpro.fut.contexts import SYSTEM
from tests.databases import ENGINES
from tests.people import ASTA
from tests.resources import goal, questionnaire_response, related_person
from tests.store.cast import query, staff
from tests.store.entries import post

OFTEN = 7


def prepared():
    """Give the statements that this connection has prepared."""
    return [sql for (sql,) in query("SELECT statement FROM pg_prepared_statements")] if is_postgresql() else []


def test_what_is_read_and_written_again_and_again_is_prepared(clinic):
    for _ in range(OFTEN):
        made = clinic.create(questionnaire_response("nancy", "nancys"))
        assert clinic.read("QuestionnaireResponse", made["id"]) == made
    beginnings = [" ".join(sql.split()[:2]) for sql in prepared()]
    assert not is_postgresql() or {"WITH new", "SELECT r.json,"} <= set(beginnings)


def test_a_search_is_not_for_many_rows_have_one_value_and_few_another(clinic):
    for _ in range(OFTEN):
        assert clinic.search("EpisodeOfCare", ("patient", "Patient/nancy"))["total"]
    assert not [sql for sql in prepared() if "fhir_index i" in sql]


@pytest.mark.parametrize(("type", "id"), [("CareTeam", "syd"), ("Patient", "nancy")], ids=["everybody's", "some's"])
def test_a_version_is_looked_up_together_with_whether_it_may_be_seen(clinic, monkeypatch, type, id):
    asked, ask = [], database._rows
    monkeypatch.setattr(database, "_rows", lambda sql, values, **how: asked.append(values) or ask(sql, values, **how))
    with clinic.as_(staff(ASTA), has_token=True) as session:
        session.vread(type, id, "1")
    assert len([values for values in asked if id in values]) == 1


@pytest.fixture
def asked(monkeypatch):
    """What the database is asked, as it is asked it."""
    asked, ask = [], database._rows
    monkeypatch.setattr(database, "_rows", lambda sql, values, **how: asked.append(sql) or ask(sql, values, **how))
    return asked


def test_whatever_is_named_together_is_looked_at_together_and_the_filter_stands_there_once_for_each_type(clinic, asked):
    clinic.create(goal("nancy"), id="maal")
    named = [("Condition", "nancys-kol"), ("Goal", "maal"), ("Condition", "tjoerns-kol"), ("Goal", "skov")]
    with clinic.as_(staff(ASTA, patient="nancy", episode_of_care="nancys")) as session:
        asked.clear()
        assert session.unseen([*named, *named]) == [*named[2:], *named[2:]]
    [sql] = asked
    assert sql.count("r.type =") == 2


def test_thousands_may_be_named_together(clinic, asked):
    nowhere = [("Condition", str(number)) for number in range(2500)]
    with clinic.as_(staff(ASTA, patient="nancy", episode_of_care="nancys")) as session:
        asked.clear()
        assert session.unseen([*nowhere, ("Condition", "nancys-kol")]) == nowhere
    assert len(asked) == 3


def named(many):
    """A relative of Nancy's with so many names."""
    return related_person("nancy", name=[{"family": f"Eg{number}"} for number in range(many)])


def test_whoever_writes_may_leave_so_much_to_be_found_by_and_no_more(clinic, monkeypatch):
    monkeypatch.setattr(storing, "MOST_ROWS", 40)
    fits, too_many = named(10), named(20)
    with clinic.as_(SYSTEM, has_token=True) as session:
        session.create(fits)
    for entries in ([too_many], [fits, fits]):
        with clinic.as_(SYSTEM, has_token=True) as session, pytest.raises(Unprocessable) as refused:
            session.transaction(transaction([post(each) for each in entries]))
        [issue] = refused.value.issues
        assert (issue.code, issue.expression) == ("too-costly", f"Bundle.entry[{len(entries) - 1}]")
    with pytest.raises(Unprocessable):
        clinic.create(too_many)
    clinic.transact(post(fits), post(fits))
    assert clinic.search("RelatedPerson", ("name", "Eg9"))["total"] == 3


def too_much():
    """Ask for more than a statement may hold."""
    database.rows(f"SELECT 1 WHERE 1 IN ({database.placeholders(70_000)})", range(70_000))


def after_the_connection_is_ended():
    """Ask by a connection that the server has ended."""
    with suppress(psycopg.Error):
        database.rows("SELECT pg_terminate_backend(pg_backend_pid())")
    database.rows("SELECT 1")


def after_the_line_is_cut():
    """Ask by a connection whose other end is gone without a word."""
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    database.rows("SELECT 1")


on_postgresql = pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)
lost_or_not = pytest.mark.parametrize(
    ("ask", "kind"), [(too_much, None), (after_the_connection_is_ended, "lost"), (after_the_line_is_cut, "lost")]
)


def asking_in(store, ask, how):
    """Ask in a unit of work that has asked something already."""
    with store.as_(**how) as session:
        session.search("Organization", ())
        ask()


def asking_in_part(store, ask):
    """Ask in a part of a unit of work that can be taken back by itself."""
    with store.as_() as session, session.savepoint():
        session.search("Organization", ())
        ask()


@on_postgresql
@lost_or_not
@pytest.mark.parametrize("how", [{}, {"only_reads": True}, {"only_creates": True}], ids=["writes", "reads", "creates"])
def test_what_no_statement_may_hold_is_a_mistake_of_ours_and_no_lost_connection(store, ask, kind, how):
    """Whoever looks when all is over is told so, too: where a transaction was open, Django has a new connection."""
    with pytest.raises(DATABASE_ERRORS) as wrong:
        asking_in(store, ask, how)
    assert kind_of(wrong.value) == kind


@on_postgresql
@lost_or_not
def test_the_two_are_told_apart_in_part_of_a_unit_of_work_as_well(store, ask, kind):
    with pytest.raises(DATABASE_ERRORS) as wrong:
        asking_in_part(store, ask)
    assert kind_of(wrong.value) == kind
