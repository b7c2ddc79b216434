"""What a reading goes by because it was so before is looked at when it ends, before anybody is told anything."""

from contextlib import nullcontext
from functools import partial

import pytest
from django.db import transaction

from kommunalpro.fhir.outcome import Forbidden, NotFound
from kommunalpro.fhirserver.access import AllOf, Exists
from kommunalpro.fhirserver.database import NoLongerSo
from kommunalpro.fhirserver.server import run
from tests.people import ASTA, BO
from tests.store.cast import query, staff

IS_SO = Exists("Patient", "nancy", "active", "true")
IS_NOT = Exists("Patient", "nancy", "active", "false")


@pytest.fixture
def reading(clinic):
    """Read something, going by a condition; gives what it gives, and how often it presumed or looked."""

    def go(condition, work):
        tries = []

        def presuming(session):
            tries.append(session.presume(condition))
            return work(session)

        begin = partial(clinic.as_, staff(ASTA, patient="nancy", episode_of_care="nancys"), only_reads=True)
        return tries, partial(run, presuming, begin, presumes=True)

    clinic.forget_audit()
    return go


def nancy(session):
    return session.read("Patient", "nancy")["id"]


def test_what_is_so_is_read_once_and_logged_once(clinic, reading):
    tries, read = reading(IS_SO, nancy)
    assert read() == "nancy"
    assert tries == [True]
    assert len(clinic.audit()) == 1


@pytest.mark.parametrize("condition", [IS_NOT, AllOf((IS_SO, IS_NOT))])
def test_what_is_not_is_begun_anew_and_the_first_time_leaves_nothing(clinic, reading, condition):
    tries, read = reading(condition, nancy)
    assert read() == "nancy"
    assert tries == [True, False]
    assert len(clinic.audit()) == 1


@pytest.mark.parametrize(("condition", "expected"), [(IS_SO, [True]), (IS_NOT, [True, False])])
def test_a_refusal_is_told_after_a_look(clinic, reading, condition, expected):
    tries, read = reading(condition, lambda session: session.read("Organization", "nobody"))
    with pytest.raises(NotFound):
        read()
    assert tries == expected
    assert [each["outcome"] for each in clinic.audit()] == ["4"]


def test_within_a_transaction_it_is_looked_at_too(clinic):
    def read():
        with transaction.atomic(), clinic.as_(only_reads=True, presumes=True) as session:
            session.presume(IS_NOT)
            nancy(session)

    with pytest.raises(NoLongerSo):
        read()


def test_a_context_in_a_database_that_was_indexed_before_is_looked_at_by_its_parts(clinic):
    """Until `kommunalpro reindex`: nobody is shut out, and nobody is let in."""
    query("DELETE FROM fhir_index WHERE parameter IN ('active-member', 'team-and-patient')")
    tried = []
    for person, may in ((ASTA, True), (ASTA, True), (BO, False)):
        by = staff(person, patient="nancy", episode_of_care="nancys")
        with (
            nullcontext() if may else pytest.raises(Forbidden),
            clinic.as_(by, only_reads=True, has_token=True) as session,
        ):
            tried.append(nancy(session))
    assert tried == ["nancy", "nancy"]


def test_one_condition_is_presumed_at_a_time(clinic):
    with clinic.as_(only_reads=True, presumes=True) as session:
        session.presume(IS_SO)
        with pytest.raises(RuntimeError):
            session.presume(IS_SO)


def test_nothing_is_presumed_by_what_writes(clinic):
    with clinic.as_(presumes=True) as session:
        assert not session.presume(IS_SO)
