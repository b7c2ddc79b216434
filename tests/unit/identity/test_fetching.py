"""JSON from an identity provider: whole, in time, and from nobody else."""

import time

import pytest

from kommunalpro.identity.fetching import LARGEST, NoAnswer, fetch_json
from kommunalpro.identity.issuers import IssuerKeys
from tests.issuer import DISCOVERY, ForeignIssuer
from tests.live import free_port


@pytest.fixture(scope="module")
def started():
    with ForeignIssuer.started() as issuer:
        yield issuer


@pytest.fixture
def issuer(started):
    started.asked.clear()
    return started


def fetch(url, seconds=5.0):
    return fetch_json(url, deadline=time.monotonic() + seconds)


def test_the_keys_of_an_issuer_are_found_over_http(issuer):
    keys = IssuerKeys(issuer.url)
    assert keys.find("first")[0] == "RS256"
    assert issuer.asked == [DISCOVERY, "/keys"]


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, b"{}"),
        (204, {}, b""),
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b"\xff"),
        (200, {}, b"9" * (LARGEST + 1)),
        (200, {"Content-Length": "100"}, b'{"issuer"'),
        (302, {"Location": "/keys"}, b""),
    ],
    ids=["busy", "empty", "page", "list", "noise", "too large", "cut off", "redirected"],
)
def test_what_is_not_a_whole_object_from_that_very_address_is_no_answer(issuer, answer):
    issuer.pages["/odd"] = lambda: answer
    with pytest.raises(NoAnswer):
        fetch(f"{issuer.url}/odd", 0.3)
    assert issuer.asked == ["/odd"]


def test_who_is_slow_is_not_waited_for(issuer):
    issuer.pages["/slow"] = lambda: time.sleep(0.3) or (200, {}, b"{}")
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        fetch(f"{issuer.url}/slow", 0.05)
    assert time.monotonic() - began < 0.25


def test_where_nobody_is_there_is_no_answer():
    with pytest.raises(NoAnswer, match="URLError"):
        fetch(f"http://127.0.0.1:{free_port()}/")


def test_a_proxy_is_not_asked_for_this_machine(issuer, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert fetch(f"{issuer.url}/keys")
