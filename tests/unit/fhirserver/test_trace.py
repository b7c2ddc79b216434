"""By which trace id a request is logged: the caller's, unless it is none or holds what looks like a CPR number."""

import pytest

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhirserver.http import trace
from kommunalpro.fhirserver.http.trace import read_trace_id
from tests.people import NANCY

TRACE = "463ac35c9f6413ad48485a3953bb6124"
NUMBERED = f"463ac35c9f{NANCY.cpr}a953bb6124ff"
NAMES = {"X-B3-TraceId": "x-b3-traceid", "traceparent": "traceparent"}


def sent(name, id):
    return {NAMES[name]: f"00-{id}-00f067aa0ba902b7-01" if name == "traceparent" else id}


@pytest.mark.parametrize("name", NAMES)
def test_a_callers_trace_id_is_the_requests(name):
    assert read_trace_id(sent(name, TRACE)) == TRACE


@pytest.mark.parametrize("name", NAMES)
def test_one_that_holds_a_cpr_number_is_taken_as_none(name):
    assert len(NUMBERED) == len(TRACE)
    made = read_trace_id(sent(name, NUMBERED))
    assert NANCY.cpr not in made
    assert trace._B3.fullmatch(made)


@pytest.mark.parametrize(
    "filled", ["000000{}", "{}000000", "123{}456", "0000000000000000000000{}", "7{}020261127201000999992"]
)
def test_one_that_is_a_number_filled_up_with_digits_is_taken_as_none(filled):
    given = filled.format(NANCY.cpr)
    assert trace._B3.fullmatch(given)
    assert NANCY.cpr not in read_trace_id(sent("X-B3-TraceId", given))


@pytest.mark.parametrize("given", ["0000000000000001", "9999999999999999", f"463ac35c9f7{NANCY.cpr}953bb6124ff"])
def test_one_that_holds_ten_digits_of_nobodys_or_in_a_longer_row_is_the_requests(given):
    """One that is drawn by lot holds such rows too."""
    assert read_trace_id(sent("X-B3-TraceId", given)) == given


def test_of_two_the_one_that_is_a_trace_id_is_taken():
    assert read_trace_id(sent("X-B3-TraceId", NUMBERED) | sent("traceparent", TRACE)) == TRACE


def test_one_that_we_make_holds_no_cpr_number_even_by_chance(monkeypatch):
    made = [NUMBERED, TRACE]
    monkeypatch.setattr(trace.secrets, "token_hex", lambda size: made.pop(0))
    assert read_trace_id({}) == TRACE == mask_cpr(TRACE)
