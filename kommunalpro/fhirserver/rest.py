"""The FHIR door: one WSGI callable, outside session, CSRF and template middleware.

Everything but `GET metadata` needs a bearer token before anything else is looked at. There is one exit: a
`FhirError` becomes its OperationOutcome and status; a database that cannot a 503 or 507; anything else a 500 that says
nothing but its error id. What GET answers, HEAD answers without its body; but it begins no export.
"""

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any
from wsgiref.util import FileWrapper

import msgspec
from django.db import transaction

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import FhirError, Issue, Unauthenticated, operation_outcome
from kommunalpro.fhirserver import openapi
from kommunalpro.fhirserver.access import READS
from kommunalpro.fhirserver.capability import capability_statement
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, Kind, fault_of, kind_of, state_of
from kommunalpro.fhirserver.http.compressing import compressed
from kommunalpro.fhirserver.http.handlers import PRESENTATION, Call
from kommunalpro.fhirserver.http.headers import JSON, challenge, check_format
from kommunalpro.fhirserver.http.limiting import RateLimit
from kommunalpro.fhirserver.http.message import (
    FhirRequest,
    FhirResponse,
    read_body,
    read_headers,
    read_pairs,
    read_path,
)
from kommunalpro.fhirserver.http.refusals import MethodNotAllowed, not_offered
from kommunalpro.fhirserver.http.routes import Match, find_route
from kommunalpro.fhirserver.http.trace import read_trace_id, tracing
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.protocols import Authenticator
from kommunalpro.fhirserver.server import Server, run
from kommunalpro.fhirserver.session import Session

log = logging.getLogger(__name__)

# Answers hold personal data: no cache keeps them, no browser guesses what they are.
_ALWAYS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))

# Of a file, this much is in memory at a time.
_CHUNK = 1 << 18

_SENT = frozenset({"create", "update", "patch", "transaction"})
"""Interactions that something is sent with."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class Observation:
    """What the metrics are told of one request: never who, nor about whom. `interaction` and `type` can be empty."""

    interaction: str
    type: str
    status: int
    seconds: float
    fault: Kind | None


@dataclass(slots=True)
class _Asked:
    """One request on its way through the door, and how far it has come."""

    environ: Mapping[str, Any]
    headers: Mapping[str, str]
    trace_id: str
    body: bytes | None = None
    interaction: str = ""
    type: str = ""
    fault: Kind | None = None
    is_ending: bool = False
    """All is done but to commit: from here on, nobody can tell whether a lost connection has stored it."""

    @property
    def is_head(self) -> bool:
        """Only the headers are sent, those of the whole answer."""
        return bool(self.environ["REQUEST_METHOD"] == "HEAD")


@dataclass(frozen=True, slots=True)
class FhirDoor:
    """The WSGI callable. `PATH_INFO` is below the base (`/Patient/7`).

    `part` is what is offered here, where that is less than the server has. `limit` is the largest body in bytes.
    `work` is entered around each request: config keeps database connections
    in order with it. `rate` is what each client may ask for; `observe` is told what was answered.
    """

    server: Server
    authenticator: Authenticator
    clock: Callable[[], datetime]
    limit: int = 2_000_000
    work: Callable[[], AbstractContextManager[None]] = nullcontext
    rate: RateLimit = field(default_factory=lambda: RateLimit(0))
    observe: Callable[[Observation], None] = lambda _: None
    part: Server | None = None

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        began, headers = perf_counter(), read_headers(environ)
        asked = _Asked(environ, headers, read_trace_id(headers))
        with tracing(asked.trace_id):
            response = self._answer(asked)
            log.info("%s %d", environ["REQUEST_METHOD"], response.status)
        taken = perf_counter() - began
        self.observe(Observation(asked.interaction, asked.type, response.status, taken, asked.fault))
        return _send(response, asked, start_response)

    def _answer(self, asked: _Asked) -> FhirResponse:
        """The one exit."""
        try:
            try:
                return self._work(asked)
            except DATABASE_ERRORS as wrong:
                # The connection broke before anything was committed: on a new one, it is as if it had not happened.
                if asked.is_ending or kind_of(wrong) != "lost":
                    raise
            return self._work(asked)
        except FhirError as wrong:
            return FhirResponse(wrong.status, wrong.to_fhir(), _error_headers(wrong, asked.headers))
        except DATABASE_ERRORS as wrong:
            return self._fault(asked, wrong)
        except Exception as wrong:  # noqa: BLE001  (the exit: what nobody foresaw is logged, and answered without its text)
            return _unexpected(asked, wrong)

    def _fault(self, asked: _Asked, wrong: Exception) -> FhirResponse:
        fault, asked.fault = fault_of(wrong), kind_of(wrong)
        # Not its text: a database's words can quote what was to be stored.
        log.error("The database could not: %s (%s %s)", asked.fault, type(wrong).__name__, state_of(wrong))
        if fault is None:
            return _failed(asked)
        return FhirResponse(fault.status, fault.to_fhir(), _error_headers(fault, asked.headers))

    def _work(self, asked: _Asked) -> FhirResponse:
        with self.work():
            return self._respond(asked)

    def _respond(self, asked: _Asked) -> FhirResponse:
        environ, headers = asked.environ, asked.headers
        method, now = _method(environ), self.clock()
        if method == "GET" and environ["PATH_INFO"].strip("/") == "metadata":
            asked.interaction = "capabilities"
            check_format(_request(environ, headers))
            return FhirResponse(200, capability_statement(self._offered, now))
        principal = self._authenticate(asked, now)
        request = _request(environ, headers)
        check_format(request)
        if request.path in ("metadata", openapi.PATH):
            if method != "GET":
                raise not_offered(method, ("GET", "HEAD"))
            asked.interaction = "capabilities"
            return FhirResponse(200, openapi.openapi(self._offered), (("Content-Type", "application/json"),))
        match = _match(environ["REQUEST_METHOD"], request, self._offered)
        asked.interaction, asked.type = match.route.interaction or "", match.type
        if asked.body is None:
            asked.body = read_body(environ, self.limit)
        request = replace(request, body=asked.body)
        # Made whatever there is already: nothing is to be done but to write it.
        creates = match.route.interaction == "create" and "if-none-exist" not in headers

        reads = match.route.interaction in READS

        def work(session: Session) -> FhirResponse:
            asked.is_ending = False
            if match.asked and (match.operation or match.asked.interaction in _SENT):
                # Whoever may not do it at all is not told what is wrong with what they sent.
                session.authorise(match.asked)
            response = match.route.handler(_call(request, session, match))
            # Where no transaction is open, to finish is to commit.
            asked.is_ending = not transaction.get_connection().in_atomic_block
            session.finish()
            asked.is_ending = True
            return response

        # The clock anew: a version bears the time at which its transaction began, not at which its body began to come.
        begin = partial(
            self.server.session,
            principal,
            now=self.clock(),
            trace_id=asked.trace_id,
            only_reads=reads,
            has_token=True,
            searchable=self._offered.searchable,
            expected=match.asked,
        )
        return run(work, begin, only_creates=creates or self.server.tries(match.operation), presumes=reads)

    @property
    def _offered(self) -> Server:
        return self.part or self.server

    def _authenticate(self, asked: _Asked, now: datetime) -> Principal:
        """Tell who it is. Each user has a rate, and so has each address that nobody is known at."""
        try:
            principal = self.authenticator.authenticate(asked.headers, now)
        except Unauthenticated:
            self.rate.take(f"address {asked.environ.get('REMOTE_ADDR', '')}")
            raise
        self.rate.take(principal.user)
        return principal


def _send(response: FhirResponse, asked: _Asked, start_response: StartResponse) -> Iterable[bytes]:
    sent = [*response.headers, *_ALWAYS, ("X-Request-Id", asked.trace_id)]
    if response.file:
        sent.append(("Content-Length", str(os.fstat(response.file.fileno()).st_size)))
        start_response("200 OK", sent)
        if asked.is_head:
            response.file.close()
            return []
        return FileWrapper(response.file, _CHUNK)
    body = b"" if response.body is None else _write(response.body, asked.environ.get("QUERY_STRING", ""))
    body, how = compressed(body, asked.headers.get("accept-encoding", ""))
    sent += how
    status = HTTPStatus(response.status)
    if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        sent.append(("Content-Length", str(len(body))))
    if body and not any(name == "Content-Type" for name, _ in response.headers):
        sent.append(("Content-Type", f"{JSON}; charset=utf-8"))
    start_response(f"{status.value} {status.phrase}", sent)
    return [body] if body and not asked.is_head else []


def _unexpected(asked: _Asked, wrong: Exception) -> FhirResponse:
    log.error("A request failed unexpectedly", exc_info=wrong)
    return _failed(asked)


def _failed(asked: _Asked) -> FhirResponse:
    issue = Issue(f"Der skete en fejl. Fejl-id {asked.trace_id}", severity="fatal", code="exception")
    return FhirResponse(500, operation_outcome([issue]))


def _request(environ: Mapping[str, Any], headers: Mapping[str, str]) -> FhirRequest:
    query = read_pairs(environ.get("QUERY_STRING", ""))
    return FhirRequest(_method(environ), read_path(environ), query, headers)


def _method(environ: Mapping[str, Any]) -> str:
    """Give what is to be done: for HEAD the same as for GET, access and audit with it (R4, http.html)."""
    method = str(environ["REQUEST_METHOD"])
    return "GET" if method == "HEAD" else method


def _match(method: str, request: FhirRequest, server: Server) -> Match:
    has_condition = any(name not in PRESENTATION for name, _ in request.query)
    return find_route(method, request.path, server.rules, server.operations, has_condition=has_condition)


def _call(request: FhirRequest, session: Session, match: Match) -> Call:
    return Call(request, session, match.type, match.id, match.version, match.operation)


def _error_headers(wrong: FhirError, headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if isinstance(wrong, Unauthenticated):
        return (("WWW-Authenticate", challenge(wrong, has_token="authorization" in headers)),)
    if isinstance(wrong, MethodNotAllowed):
        return (("Allow", ", ".join(wrong.allowed)),)
    if wrong.retry_after:
        return (("Retry-After", str(wrong.retry_after)),)
    return ()


def _write(body: Mapping[str, Any] | bytes, query: str) -> bytes:
    written = body if isinstance(body, bytes) else dumps(body)
    return msgspec.json.format(written, indent=2) if "_pretty=true" in query.split("&") else written
