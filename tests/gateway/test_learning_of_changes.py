"""How a worker learns what was changed: so much in a round, nothing passed over, and nothing kept of what is gone."""

from datetime import timedelta

import pytest

from kommunalpro.config import wiring
from kommunalpro.fhirserver import deadlines
from kommunalpro.fhirserver.database import change, rows
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.deadlines import rounds
from tests.gateway.deadlines import AFTER, round_at, tasks
from tests.unit.care.world import MONDAY

LOOKS = MONDAY + timedelta(hours=1)
FAR = AFTER + timedelta(days=1)


def learnt():
    return {each.id for each in deadlines.take("missing", FAR, 100)}


@pytest.fixture
def requests(nancy):
    """Five requests, each of its own moment, oldest first."""
    for minutes in range(5):
        nancy.gets(now=MONDAY + timedelta(minutes=minutes))
    return [id for (id,) in rows("SELECT id FROM fhir_resource WHERE type = 'ServiceRequest' ORDER BY last_updated")]


@pytest.fixture
def one_page(monkeypatch):
    """A round reads two changes."""
    monkeypatch.setattr(rounds, "_PAGE", 2)
    monkeypatch.setattr(rounds, "_PAGES", 1)


def stays_open(monkeypatch):
    """Let a transaction stay open that began before everything else, as a long import or a dump does."""
    monkeypatch.setattr(deadlines, "complete_to", lambda now: 0)


def test_while_a_transaction_stays_open_each_round_goes_on_where_the_last_came_to(requests, one_page, monkeypatch):
    stays_open(monkeypatch)
    counted = []
    for _ in range(5):
        round_at(LOOKS)
        counted.append(len(learnt()))
    assert counted[0] == 2
    assert counted[-1] == 5


def test_what_is_committed_behind_a_reading_is_learnt_by_the_next(requests, one_page, monkeypatch):
    with monkeypatch.context() as while_open:
        stays_open(while_open)
        change("UPDATE fhir_resource SET type = 'Hidden' WHERE id = %s", (requests[0],))
        round_at(LOOKS)
        assert learnt() == set(requests[1:3])
        change("UPDATE fhir_resource SET type = 'ServiceRequest' WHERE id = %s", (requests[0],))
    for _ in range(8):
        round_at(LOOKS)
    assert learnt() == set(requests)


def test_when_all_is_read_nothing_is_kept_of_the_reading_and_the_horizon_stands_at_the_end(requests, one_page):
    for _ in range(8):
        round_at(LOOKS)
    assert rows("SELECT id FROM fhir_deadline WHERE kind = 'reading' AND type = 'ServiceRequest'") == []
    [(seen,)] = rows("SELECT seen FROM fhir_deadline WHERE kind = 'followed' AND type = 'ServiceRequest'")
    assert seen == deadlines.complete_to(LOOKS)


def test_what_is_deleted_is_looked_at_no_more(world, requests):
    round_at(LOOKS)
    with wiring.server().session(SYSTEM, now=LOOKS) as session:
        session.elevated().delete("ServiceRequest", requests[0])
    round_at(LOOKS)
    assert rows("SELECT kind FROM fhir_deadline WHERE type = 'ServiceRequest' AND id = %s", (requests[0],)) == []
    round_at(AFTER)
    assert len(tasks(world)) == 4, "and the others are missed"
