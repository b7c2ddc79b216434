"""Slow clients, too many at once, one who asks for everything, and the end: what reaches the FHIR server, and when."""

import json
import os
import re
import signal
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.contexts import SYSTEM
from tests.conformance.faulty import until
from tests.conformance.held import held_up
from tests.live import LiveServer
from tests.resources import organization

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server with one thread, room for one who waits, and little patience."""
    directory = tmp_path_factory.mktemp("narrow")
    settings = {"REQUEST_SECONDS": "1", "WAITING": "1", "RATE_LIMIT": "5"}
    with LiveServer.started(directory, threads=1, **settings) as live:
        yield live


@pytest.fixture(scope="module")
def token(narrow):
    return narrow.token(SYSTEM)


def connect(live):
    return socket.create_connection(("127.0.0.1", live.port), timeout=20)


def head(method, path, token, length):
    lines = (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "Content-Type: application/fhir+json", f"Content-Length: {length}", "", ""]).encode()


def read_all(connection):
    received = b""
    while part := connection.recv(65_536):
        received += part
    return received


# --- Slow clients
@pytest.mark.parametrize("sent", [b"", b"GET /fhir/metadata HTTP/1.1\r\nHost: 127.0"])
def test_who_does_not_send_their_headers_is_let_go(narrow, sent):
    with connect(narrow) as connection:
        connection.sendall(sent)
        assert b"200" not in read_all(connection)


def test_who_does_not_send_their_body_is_told_408(narrow, token):
    with connect(narrow) as connection:
        connection.sendall(head("POST", "/fhir/Organization", token, 100) + b'{"resourceType":')
        received = read_all(connection)
    assert received.startswith(b"HTTP/1.1 408 ")
    outcome = json.loads(received.partition(b"\r\n\r\n")[2])
    assert (outcome["resourceType"], outcome["issue"][0]["code"]) == ("OperationOutcome", "timeout")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([f"X-{number}: a" for number in range(99)], b"200"),
        ([f"X-{number}: a" for number in range(100)], b"431"),
        (["X-Long: " + "a" * 60_000], b"200"),
        (["X-Long: " + "a" * 140_000], b"431"),
    ],
    ids=["100", "101", "60 kB", "140 kB"],
)
def test_so_many_headers_are_read_and_no_more(narrow, headers, status):
    """As docs/how-to/run-in-production.md says: it is the HTTP library that refuses."""
    with connect(narrow) as connection:
        connection.sendall("\r\n".join(["HEAD /fhir/metadata HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode())
        assert connection.recv(65_536).split()[1] == status


def test_half_a_body_is_not_taken_for_a_whole_one(narrow, token):
    whole = narrow.request("GET", "/fhir/Organization?_summary=count", token=token).json["total"]
    with connect(narrow) as connection:
        connection.sendall(head("POST", "/fhir/Organization", token, 10_000) + b'{"resourceType":"Organization"}')
        connection.shutdown(socket.SHUT_WR)
        assert b"201" not in read_all(connection)
    assert narrow.request("GET", "/fhir/Organization?_summary=count", token=token).json["total"] == whole


def test_many_slow_clients_hold_up_nobody(narrow, token):
    slow = [connect(narrow) for _ in range(40)]
    try:
        for each in slow:
            each.sendall(head("POST", "/fhir/Organization", token, 100))
        assert narrow.request("GET", "/fhir/metadata").status == 200
    finally:
        for each in slow:
            each.close()


def test_who_does_not_read_holds_up_nobody(narrow):
    slow = [connect(narrow) for _ in range(10)]
    try:
        for each in slow:
            each.sendall(b"GET /fhir/metadata HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = until(lambda: _answered(narrow, "/fhir/metadata"))
        assert answer.json["resourceType"] == "CapabilityStatement"
    finally:
        for each in slow:
            each.close()


def _answered(live, path):
    answer = live.request("GET", path)
    return answer if answer.status == 200 else None


# --- Too many
def test_when_too_many_wait_the_next_is_told_so_and_the_others_are_answered(narrow, token):
    with held_up(narrow, token, 4) as answers:
        until(lambda: sum(each.done() for each in answers) == 2)
        full = [each.result() for each in answers if each.done()]
        assert [each.status for each in full] == [503, 503]
        assert all(int(each.headers["retry-after"]) > 0 for each in full)
        assert {each.issue["code"] for each in full} == {"transient"}
        page = narrow.request("GET", "/")
        assert page.status == 503
        assert page.headers["content-type"] == "text/plain; charset=utf-8"
        assert "travlt" in page.body.decode()
        assert narrow.request("GET", "/healthz").status == 200
        assert narrow.request("GET", "/readyz").status == 200
    assert sorted(each.result().status for each in answers) == [201, 201, 503, 503]


def test_one_client_has_a_rate_and_the_others_theirs(narrow):
    eager, calm = (
        narrow.token(Principal(f"{narrow.base_url}/Practitioner/{name}", "PRACTITIONER", name))
        for name in ("eager", "calm")
    )
    answers = [narrow.request("GET", "/fhir/Organization", token=eager) for _ in range(80)]
    refused = next(each for each in answers if each.status == 429)
    assert refused.issue["code"] == "throttled"
    assert int(refused.headers["retry-after"]) >= 1
    assert narrow.request("GET", "/fhir/Organization", token=calm).status == 403
    until(lambda: narrow.request("GET", "/fhir/Organization", token=eager).status == 403)


def test_who_is_nobody_has_a_rate_too(narrow):
    answers = [narrow.request("GET", "/fhir/Organization", token="rubbish").status for _ in range(80)]
    assert set(answers) == {401, 429}


# --- Metrics and logs
def test_metrics_say_how_much_and_never_about_whom(narrow, token):
    until(lambda: narrow.request("GET", "/fhir/Patient/no-such-patient", token=token).status == 404)
    metrics = narrow.request("GET", "/metrics").body.decode()
    assert 'kommunalpro_fhir_request_seconds_count{interaction="read",status="404",type="Patient"}' in metrics
    assert "kommunalpro_in_flight 0.0" in metrics
    assert re.search(r"^kommunalpro_audit_unsealed [1-9]", metrics, re.MULTILINE)
    assert "no-such-patient" not in metrics


def test_metrics_are_for_the_addresses_that_may_read_them(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("q8Z-4nT_kWm1xV7rB2pL9dJ6sH3gF5aC0yU-eRtYiOpQwErTzU")
    live = LiveServer.prepared(tmp_path)
    del live.environment["KOMMUNALPRO_CLOCK_FILE"]
    production = {"DEMO": "False", "SECRET_KEY_FILE": str(secret), "ALLOWED_HOSTS": "127.0.0.1", "BEHIND_PROXY": "True"}
    live.environment |= {f"KOMMUNALPRO_{name}": value for name, value in production.items()}
    with live.serving():
        assert live.request("GET", "/metrics").status == 200
        for host in ("127.0.0.1", "foreign.example"):
            other = live.request("GET", "/metrics", headers={"X-Forwarded-For": "127.0.0.1, 10.1.2.3", "Host": host})
            assert (other.status, other.headers["content-type"], other.body) == (404, "text/plain", b"not found\n")


def test_every_line_of_a_request_carries_its_trace_id_and_no_cpr_number(narrow, token):
    answer = narrow.request("GET", "/fhir/Patient?identifier=251248-9996", token=token, headers=PARENT)
    assert answer.headers["x-request-id"] == TRACE
    narrow.request("GET", "/no/such/page/2512489996", headers=PARENT)
    lines = [json.loads(line) for line in (narrow.directory / "server.log").read_text().splitlines() if line[:1] == "{"]
    kinds = {line["type"] for line in lines if line["id"] == TRACE}
    assert {"kommunalpro.fhirserver.rest", "django.request"} <= kinds
    assert all(line["id"] for line in lines if line["type"] in ("kommunalpro.fhirserver.rest", "django.request"))
    assert not any("9996" in line["body"] for line in lines)


# --- The end
def test_a_process_that_dies_is_replaced_and_its_numbers_are_kept(tmp_path):
    with LiveServer.started(tmp_path) as live:
        [before] = _processes(live)
        assert live.request("GET", "/fhir/metadata").status == 200
        os.kill(before, signal.SIGKILL)
        until(lambda: [each for each in _processes(live) if each != before])
        until(lambda: _is_up(live))
        assert 'interaction="capabilities",status="200"' in live.request("GET", "/metrics").body.decode()
    announced, *lines = (tmp_path / "server.log").read_text().splitlines()
    assert announced.startswith("Kommunal PRO answers")
    said = {json.loads(line)["type"] for line in lines}
    assert "_granian" in said, "the HTTP server's own lines are JSON too"


def test_with_a_server_that_is_killed_its_processes_end_and_the_port_is_free(tmp_path):
    with LiveServer.started(tmp_path, workers=2) as live:
        os.kill(live.process.pid, signal.SIGKILL)
        live.process.wait(10)
        until(lambda: not _is_up(live))
        with live.serving():
            assert _is_up(live)


def _processes(live):
    pid = live.process.pid
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_up(live):
    try:
        return live.request("GET", "/healthz").status == 200
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_answered_before_the_server_stops(tmp_path, number):
    with LiveServer.started(tmp_path) as live:
        token = live.token(SYSTEM)
        with held_up(live, token, 2) as answers:
            time.sleep(0.3)
            assert not any(each.done() for each in answers)
            live.process.send_signal(number)
            until(lambda: _refuses(live))
        assert [each.result().status for each in answers] == [201, 201]
        assert live.process.wait(20) == 0


def test_the_server_says_that_it_will_stop_before_it_does(tmp_path):
    with LiveServer.started(tmp_path, DRAIN_SECONDS="2") as live:
        live.process.send_signal(signal.SIGTERM)
        until(lambda: live.request("GET", "/readyz").status == 503)
        assert live.request("POST", "/fhir/Organization", organization(), token=live.token(SYSTEM)).status == 201
        assert live.process.wait(20) == 0


def test_a_database_that_was_not_migrated_is_not_ready(tmp_path):
    with LiveServer.started(tmp_path) as live, closing(sqlite3.connect(tmp_path / "live.sqlite3")) as database:
        database.execute("UPDATE django_migrations SET name = 'x' || name WHERE app = 'fhirserver'")
        database.commit()
        answer = live.request("GET", "/readyz")
        assert (answer.status, answer.body) == (503, b"not ready: the database is not prepared\n")
        database.execute("UPDATE django_migrations SET name = substr(name, 2) WHERE app = 'fhirserver'")
        database.commit()
        assert live.request("GET", "/readyz").status == 200


def _refuses(live):
    try:
        connect(live).close()
    except ConnectionRefusedError:
        return True
    return False
