"""A database that takes nothing more, or that others hold: a clear answer, and the server works again by itself."""

import resource
from contextlib import contextmanager
from pathlib import Path

import pytest

from kommunalpro.fut.contexts import SYSTEM
from tests.conformance.faulty import is_unavailable, on_sqlite
from tests.conformance.held import nobody_can_write
from tests.resources import organization


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with on_sqlite(tmp_path_factory.mktemp("faults")) as live:
        yield live


@pytest.fixture
def create(live):
    token = live.token(SYSTEM)
    return lambda: live.request("POST", "/fhir/Organization", organization(), token=token)


def test_who_waits_too_long_for_others_is_told_so(live, create):
    with nobody_can_write(live):
        assert is_unavailable(create(), "lock-error")
    assert create().status == 201


def test_a_disk_that_takes_nothing_more_is_said_and_nothing_is_half_stored(live, create):
    for _ in range(20):
        assert create().status == 201
    count = live.request("GET", "/fhir/Organization?_summary=count", token=live.token(SYSTEM)).json["total"]
    with _full(live):
        assert is_unavailable(create(), "transient")
        assert live.request("GET", "/readyz").status == 503
        assert live.request("GET", "/fhir/metadata").status == 200
    assert live.request("GET", "/fhir/Organization?_summary=count", token=live.token(SYSTEM)).json["total"] == count
    assert live.request("GET", "/readyz").status == 200
    assert create().status == 201


@contextmanager
def _full(live):
    """Let no process of the server write further than the write-ahead log, its longest file, has come."""
    limit = (live.directory / "live.sqlite3-wal").stat().st_size
    workers = Path(f"/proc/{live.process.pid}/task/{live.process.pid}/children").read_text().split()
    _limit(workers, limit)
    try:
        yield
    finally:
        _limit(workers, resource.RLIM_INFINITY)


def _limit(workers, size):
    for pid in workers:
        resource.prlimit(int(pid), resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
