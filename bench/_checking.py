"""What privileges and context cost a request: as it is, next to a server that lets everybody do and see everything.

Both answer the same requests through the door, with a token, from bytes to bytes, on the same database, by turns: what
the difference is of the whole is what it takes to look at the privilege, to hold the token's context against what is
here, and to put the filter of access into every statement.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from statistics import median
from time import perf_counter
from urllib.parse import quote, urlsplit
from uuid import uuid4

from django.conf import settings

from bench._submissions import Submitter
from kommunalpro.config import wiring
from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhirserver.access import Access, Everything, Filter, Request
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.rest import FhirDoor
from kommunalpro.fhirserver.session import Session
from kommunalpro.identity.keys import read_signing_key
from kommunalpro.identity.tokens import BearerAuthenticator, OwnKeys, issue_token
from tests.unit.care.world import MONDAY, Enrolled

BLOCKS, ROUNDS = 6, 40
_FOR = {"issuer": settings.TOKEN_ISSUER, "audience": settings.TOKEN_AUDIENCE}


class Open:
    """No check at all (implements `fhirserver.access.Access`)."""

    def authorise(self, request: Request, principal: Principal) -> None:
        """Let it be done."""

    def visible(
        self,
        type: str,
        principal: Principal,
        now: datetime,
        *,
        is_held: bool = False,
        to_write: bool = False,
        search: Request | None = None,
    ) -> Filter:
        """Let it be seen."""
        return Everything()

    def check_context(self, session: Session) -> None:
        """Let it be chosen."""

    def authorise_write(self, resource: Json, previous: Json | None, principal: Principal) -> None:
        """Let it be written."""


@dataclass(frozen=True)
class Call:
    """A request as it comes; `body` gives another each time."""

    name: str
    words: str
    method: str
    path: str
    by: Principal
    body: Callable[[], bytes] = bytes


def checks_shares(nancy: Enrolled, submitter: Submitter) -> dict[str, float]:
    """Print what part of a request its checks are; gives it for each kind of request, by its short name."""
    logging.getLogger("kommunalpro.fhirserver.rest").setLevel(logging.WARNING)  # a line for each request
    seconds = count(60)
    key = read_signing_key(settings.KEYS_DIRECTORY)

    def door(access: Access) -> FhirDoor:
        server = replace(wiring.server(), access=access)
        authenticator = BearerAuthenticator(OwnKeys(key), issuer=_FOR["issuer"], audience=_FOR["audience"])
        return FhirDoor(server, authenticator, clock=lambda: MONDAY + timedelta(hours=1, seconds=next(seconds)))

    ours, opened, shares = door(wiring.server().access), door(Open()), {}
    for call in _calls(nancy, submitter):
        token = issue_token(call.by, key=key, now=MONDAY, lifetime=timedelta(days=30), **_FOR)
        blocks = [_block(ours, opened, call, token) for _ in range(BLOCKS + 1)][1:]
        checked, free = (median(time for block in blocks for time in block[which]) for which in (0, 1))
        spread = sorted(1 - median(block[1]) / median(block[0]) for block in blocks)
        shares[call.name] = 1 - free / checked
        print(
            f"{call.words}: {checked:.2f} ms, unchecked {free:.2f} ms, checks {shares[call.name]:.1%}"
            f" (blocks of {ROUNDS}: {spread[0]:.1%} to {spread[-1]:.1%})"
        )
    return shares


def _calls(nancy: Enrolled, submitter: Submitter) -> Iterator[Call]:
    """Give what is asked most: a nurse looks, a nurse searches, a citizen hands in."""
    asta = nancy.world.asta
    by = asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    base = urlsplit(nancy.world.gateway.base_url).path
    yield Call("read", "a nurse reads a course of care", "GET", urlsplit(nancy.episode).path.removeprefix(base), by)
    search = f"/CarePlan?episodeOfCare={quote(nancy.episode)}&care-team={quote(str(asta.context.care_team))}"
    yield Call("search", "a nurse searches for its plans", "GET", f"{search}&_include=CarePlan:activity-reference", by)
    yield Call(
        "submit",
        "a citizen hands in answers",
        "POST",
        "/$submit-measurement",
        submitter.principal,
        _measurement(submitter),
    )


def _measurement(submitter: Submitter) -> Callable[[], bytes]:
    """Give the same answers as new, each time."""
    (parameter,) = submitter.measurement["parameter"]
    (entry,) = parameter["resource"]["entry"]

    def new() -> bytes:
        bundle = {**parameter["resource"], "entry": [{**entry, "fullUrl": f"urn:uuid:{uuid4()}"}]}
        return dumps({**submitter.measurement, "parameter": [{**parameter, "resource": bundle}]})

    return new


def _block(ours: FhirDoor, opened: FhirDoor, call: Call, token: str) -> tuple[list[float], list[float]]:
    """Let the two take turns, and which of them goes first as well."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        turns = list(zip(times, (ours, opened), strict=True))
        for taken, door in turns if number % 2 else reversed(turns):
            taken.append(_time(door, call, token))
    return times


def _time(door: FhirDoor, call: Call, token: str) -> float:
    body = call.body()
    path, _, query = call.path.partition("?")
    environ = {
        "REQUEST_METHOD": call.method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/fhir+json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "HTTP_ACCEPT": "application/fhir+json",
        "wsgi.input": BytesIO(body),
    }
    start = perf_counter()
    answer = b"".join(door(environ, _expect_ok))
    taken = (perf_counter() - start) * 1000
    assert answer, "it is answered"
    return taken


def _expect_ok(status: str, headers: list[tuple[str, str]]) -> None:
    assert status == "200 OK", status
