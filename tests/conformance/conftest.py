"""A running server, on SQLite and on PostgreSQL, knocked on from outside."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.contexts import SYSTEM
from tests.conformance.faulty import find_postgres
from tests.databases import ENGINES, empty_database
from tests.issuer import ForeignIssuer
from tests.live import Answer, LiveServer
from tests.resources import practitioner

collect_ignore = [] if find_postgres() else ["test_faults_of_postgres.py"]


@pytest.fixture(scope="session")
def issuer() -> Iterator[ForeignIssuer]:
    """A foreign identity provider that the installations trust."""
    with ForeignIssuer.started() as issuer:
        yield issuer


@pytest.fixture(scope="session", params=ENGINES)
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, issuer: ForeignIssuer
) -> Iterator[LiveServer]:
    """One installation on each engine; tests make their own resources in it."""
    directory = tmp_path_factory.mktemp("live")
    says = {"TOKEN_ISSUERS": issuer.url, "ISSUER_PAUSE_SECONDS": "1", "NATIONAL_OWNERS": "cvr:12345678"}
    with (
        empty_database(request.param, directory) as url,
        LiveServer.started(directory, database_url=url, **says) as live,
    ):
        yield live


@dataclass(frozen=True)
class Client:
    """Somebody who talks to `/fhir` with a token."""

    live: LiveServer
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request to a path below `/fhir`; `If_Match="3"` gives the header If-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.live.request(method, f"/fhir{path}", body, token=self.token, headers=named)


@pytest.fixture(scope="session")
def system(live: LiveServer) -> Client:
    """The system itself: no context, every privilege."""
    return Client(live, live.token(SYSTEM))


@pytest.fixture(scope="session")
def as_somebody(live: LiveServer) -> Any:
    """Make a client for any principal."""

    def client(principal: Principal, **changes: Any) -> Client:
        return Client(live, live.token(principal, **changes))

    return client


@pytest.fixture
def stored(system: Client) -> Any:
    """A Practitioner that is stored; gives its answer."""
    answer = system("POST", "/Practitioner", practitioner())
    assert answer.status == 201, answer.body
    return answer.json


@pytest.fixture(scope="session")
def logged(system: Client) -> Any:
    """Let a client send one request, under a trace id of its own; gives its answer, and the events logged of it."""

    def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> tuple[Answer, list[Json]]:
        # Without digits: a few in a thousand would look like a CPR number, and the server would make another.
        trace = "".join(secrets.choice("abcdef") for _ in range(32))
        answer = client(method, path, body, X_B3_TraceId=trace, **headers)
        found = system("GET", f"/AuditEvent?entity:identifier={trace}&_count=1000")
        assert found.status == 200, found.body
        return answer, [each for each in resources(found.json, "AuditEvent") if _trace_of(each) == trace]

    return send


def _trace_of(event: Json) -> str:
    [trace] = [each for each in event["entity"] if each["role"]["code"] == "21"]
    return str(trace["what"]["identifier"]["value"])
