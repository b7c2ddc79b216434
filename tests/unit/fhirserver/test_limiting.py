"""One client's rate: what was saved up while quiet, then so many a second, and nothing of anybody else's."""

import pytest

from kommunalpro.fhir.outcome import Throttled
from kommunalpro.fhirserver.http import limiting
from kommunalpro.fhirserver.http.limiting import BURST, RateLimit


class Watch:
    """A watch that a test sets."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def watch():
    return Watch()


def taken(rate, client, times):
    """Count how many of so many tries succeed."""
    count = 0
    for _ in range(times):
        try:
            rate.take(client)
        except Throttled:
            continue
        count += 1
    return count


def test_who_has_been_quiet_may_ask_for_some_seconds_at_once(watch):
    rate = RateLimit(5, watch)
    assert taken(rate, "a", 200) == 5 * BURST
    assert taken(rate, "b", 200) == 5 * BURST


def test_then_it_is_the_rate(watch):
    rate = RateLimit(5, watch)
    taken(rate, "a", 200)
    watch.now += 2
    assert taken(rate, "a", 200) == 10
    watch.now += 1_000
    assert taken(rate, "a", 200) == 5 * BURST


def test_it_is_said_when_it_is_worth_another_try(watch):
    rate = RateLimit(1, watch)
    taken(rate, "a", 200)
    with pytest.raises(Throttled) as refused:
        rate.take("a")
    assert refused.value.retry_after == 1
    watch.now += refused.value.retry_after
    rate.take("a")


def test_asking_in_vain_costs_nothing(watch):
    rate = RateLimit(1, watch)
    taken(rate, "a", 2_000)
    watch.now += 1
    assert taken(rate, "a", 10) == 1


def test_no_rate_is_no_limit(watch):
    assert taken(RateLimit(0, watch), "a", 5_000) == 5_000


def test_what_is_remembered_has_an_end(watch, monkeypatch):
    monkeypatch.setattr(limiting, "MOST_CLIENTS", 2)
    rate = RateLimit(1, watch)
    for client in ("a", "b", "c"):
        assert taken(rate, client, 200) == BURST
    assert taken(rate, "c", 1) == 0
    assert taken(rate, "a", 200) == BURST
