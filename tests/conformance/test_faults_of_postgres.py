"""A PostgreSQL that is gone, full, locked or slow: a clear answer, and the server works again by itself."""

import re
from contextlib import ExitStack, closing, suppress

import psycopg
import pytest

from kommunalpro.fut.contexts import SYSTEM
from tests.conformance.faulty import THREADS, is_unavailable, on_postgres, on_writing, until
from tests.conformance.held import held_up, nobody_can_write
from tests.resources import organization

BREAK_ALL_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with on_postgres(tmp_path_factory.mktemp("faults")) as place:
        yield place


@pytest.fixture
def live(place):
    return place[0]


@pytest.fixture
def cluster(place):
    return place[1]


@pytest.fixture
def create(live):
    token = live.token(SYSTEM)
    return lambda: live.request("POST", "/fhir/Organization", organization(), token=token)


def run(cluster, sql):
    with closing(psycopg.connect(cluster.url, autocommit=True)) as database:
        return database.execute(sql).fetchall()


def test_who_waits_too_long_for_others_is_told_so(live, create):
    with nobody_can_write(live):
        assert is_unavailable(create(), "lock-error")
    assert create().status == 201


def test_a_statement_that_takes_too_long_is_ended(live, create):
    with on_writing(live, "is_slow", "PERFORM pg_sleep(30)"):
        assert is_unavailable(create(), "timeout")
    assert create().status == 201


def test_a_disk_that_takes_nothing_more_is_said(live, create):
    with on_writing(live, "disk_is_full", "RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'"):
        assert is_unavailable(create(), "no-store", 507)
    assert create().status == 201


def waiting(cluster, *, besides=()):
    """Wait until somebody waits for a lock; gives the process."""
    return all_waiting(cluster, 1, besides)[0]


def all_waiting(cluster, many, besides=()):
    """Wait until so many wait for a lock; gives their processes."""
    asked = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with closing(psycopg.connect(cluster.url, autocommit=True)) as database:

        def found():
            pids = [pid for (pid,) in database.execute(asked).fetchall() if pid not in besides]
            return pids if len(pids) >= many else None

        return until(found)


@pytest.fixture
def connected(live, cluster):
    """Every thread of the server has a connection that works: what is broken off next is the first that is lost.

    Who has one that broke while it was idle, as other tests here leave it, loses that one first.
    """
    with held_up(live, live.token(SYSTEM), THREADS) as answers:
        all_waiting(cluster, THREADS)
    assert [answer.result().status for answer in answers] == [201] * THREADS


def break_off(cluster, pid):
    """End a connection from the server's side."""
    run(cluster, f"SELECT pg_terminate_backend({pid}, 5000)")
    return pid


def test_a_connection_lost_before_anything_was_stored_is_tried_again_and_nobody_notices(live, cluster, connected):
    with held_up(live, live.token(SYSTEM), 1) as [answer]:
        broken = break_off(cluster, waiting(cluster))
        waiting(cluster, besides={broken})
    assert answer.result().status == 201


def test_a_connection_that_is_lost_again_is_said(live, cluster, connected):
    with held_up(live, live.token(SYSTEM), 1) as [answer]:
        broken = break_off(cluster, waiting(cluster))
        break_off(cluster, waiting(cluster, besides={broken}))
        assert is_unavailable(answer.result(), "transient")


def test_connections_that_were_lost_meanwhile_are_made_anew(cluster, create):
    assert create().status == 201
    run(cluster, BREAK_ALL_OFF)
    assert create().status == 201


def test_who_only_reads_after_connections_were_lost_notices_nothing(live, cluster, create):
    token, place = live.token(SYSTEM), f"/fhir/Organization/{create().json['id']}"
    for _ in range(3):
        run(cluster, BREAK_ALL_OFF)
        assert [live.request("GET", place, token=token).status for _ in range(8)] == [200] * 8


def test_a_table_that_is_changed_meanwhile_is_noticed_by_nobody(live, cluster, create):
    """What is prepared for a column of one type gives none of another; the connection works for all else."""
    token, place = live.token(SYSTEM), f"/fhir/Organization/{create().json['id']}"
    for type in ("bigint", "integer"):
        assert [live.request("GET", place, token=token).status for _ in range(20)] == [200] * 20
        with closing(psycopg.connect(cluster.url, autocommit=True)) as database:
            database.execute(f"ALTER TABLE fhir_resource ALTER COLUMN version TYPE {type}")
        assert [live.request("GET", place, token=token).status for _ in range(8)] == [200] * 8


def test_when_there_are_no_connections_left_it_is_said(live, cluster, create):
    with ExitStack() as taken:
        first = taken.enter_context(closing(psycopg.connect(cluster.url, autocommit=True)))
        first.execute(BREAK_ALL_OFF)
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(closing(psycopg.connect(cluster.url)))
        assert is_unavailable(create(), "transient")
        assert live.request("GET", "/readyz").status == 503
    until(lambda: create().status == 201)


def test_without_postgresql_everything_is_503_until_it_is_back(live, cluster, create):
    cluster.stop()
    assert is_unavailable(create(), "transient")
    assert is_unavailable(live.request("GET", "/fhir/Organization", token=live.token(SYSTEM)), "transient")
    counted = faults(live)
    page = live.request("GET", "/log-ind/", headers={"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"})
    assert (page.status, page.headers.get("retry-after")) == (503, "2")
    assert "Prøv igen" in page.body.decode()
    assert faults(live) == counted + 1
    assert live.request("GET", "/readyz").body == b"not ready: the database does not answer\n"
    assert live.request("GET", "/healthz").status == 200
    assert live.request("GET", "/fhir/metadata").status == 200
    cluster.start()
    assert live.request("GET", "/readyz").status == 200
    assert create().status == 201


def faults(live):
    """Give how often the database did not answer, for pages and for `/fhir`, as the metrics count it."""
    metrics = live.request("GET", "/metrics").body.decode()
    return float(re.search(r'kommunalpro_database_faults_total{kind="lost"} (\S+)', metrics)[1])
