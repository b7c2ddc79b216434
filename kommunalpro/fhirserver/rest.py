"""The FHIR door: one WSGI callable, outside session, CSRF and template middleware.

Everything but `GET metadata` needs a bearer token before anything else is looked at. There is one exit: a
`FhirError` becomes its OperationOutcome and status; anything else a 500 that says nothing but its error id.
"""

import logging
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from wsgiref.util import FileWrapper

import msgspec

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import FhirError, Issue, Unauthenticated, operation_outcome
from kommunalpro.fhirserver.capability import capability_statement
from kommunalpro.fhirserver.http.handlers import Call
from kommunalpro.fhirserver.http.headers import JSON, check_format
from kommunalpro.fhirserver.http.message import (
    FhirRequest,
    FhirResponse,
    read_body,
    read_headers,
    read_pairs,
    read_path,
)
from kommunalpro.fhirserver.http.routes import Match, MethodNotAllowed, find_route
from kommunalpro.fhirserver.protocols import Authenticator
from kommunalpro.fhirserver.server import Server
from kommunalpro.fhirserver.session import Session

log = logging.getLogger(__name__)

_TRACE_ID = re.compile(r"[0-9a-f]{16}(?:[0-9a-f]{16})?")
# Answers hold personal data: no cache keeps them, no browser guesses what they are.
_ALWAYS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))

# Of a file, this much is in memory at a time.
_CHUNK = 1 << 18

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class FhirDoor:
    """The WSGI callable. `PATH_INFO` is below the base (`/Patient/7`).

    `limit` is the largest body in bytes. `work` is entered around each request: config keeps database connections
    in order with it.
    """

    server: Server
    authenticator: Authenticator
    clock: Callable[[], datetime]
    limit: int = 2_000_000
    work: Callable[[], AbstractContextManager[None]] = nullcontext

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        headers = read_headers(environ)
        trace_id = _trace_id(headers)
        response = self._answer(environ, headers, trace_id)
        if response.file:
            sent = [*response.headers, *_ALWAYS, ("X-Request-Id", trace_id)]
            sent.append(("Content-Length", str(os.fstat(response.file.fileno()).st_size)))
            start_response("200 OK", sent)
            return FileWrapper(response.file, _CHUNK)
        body = b"" if response.body is None else _write(response.body, environ.get("QUERY_STRING", ""))
        status = HTTPStatus(response.status)
        sent = [*response.headers, *_ALWAYS, ("X-Request-Id", trace_id), ("Content-Length", str(len(body)))]
        if body and not any(name == "Content-Type" for name, _ in response.headers):
            sent.append(("Content-Type", f"{JSON}; charset=utf-8"))
        if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            sent = [each for each in sent if each[0] != "Content-Length"]
        start_response(f"{status.value} {status.phrase}", sent)
        return [body] if body else []

    def _answer(self, environ: Mapping[str, Any], headers: Mapping[str, str], trace_id: str) -> FhirResponse:
        """The one exit."""
        try:
            with self.work():
                response = self._respond(environ, headers, trace_id)
        except FhirError as wrong:
            response = FhirResponse(wrong.status, wrong.to_fhir(), _error_headers(wrong, headers))
        except Exception:  # the exit: what nobody foresaw is logged, and answered without its text
            log.exception("A request failed unexpectedly", extra={"trace_id": trace_id})
            issue = Issue(f"Der skete en fejl. Fejl-id {trace_id}", severity="fatal", code="exception")
            response = FhirResponse(500, operation_outcome([issue]))
        log.info("%s %d", environ["REQUEST_METHOD"], response.status, extra={"trace_id": trace_id})
        return response

    def _respond(self, environ: Mapping[str, Any], headers: Mapping[str, str], trace_id: str) -> FhirResponse:
        method, now = environ["REQUEST_METHOD"], self.clock()
        if method == "GET" and environ["PATH_INFO"].strip("/") == "metadata":
            check_format(_request(environ, headers))
            return FhirResponse(200, capability_statement(self.server, now))
        principal = self.authenticator.authenticate(headers, now)
        request = _request(environ, headers)
        check_format(request)
        match = find_route(method, request.path, self.server.rules, self.server.operations)
        request = replace(request, body=read_body(environ, self.limit))
        with self.server.session(principal, now=now, trace_id=trace_id) as session:
            return match.route.handler(_call(request, session, match))


def _request(environ: Mapping[str, Any], headers: Mapping[str, str]) -> FhirRequest:
    query = read_pairs(environ.get("QUERY_STRING", ""))
    return FhirRequest(environ["REQUEST_METHOD"], read_path(environ), query, headers)


def _call(request: FhirRequest, session: Session, match: Match) -> Call:
    return Call(request, session, match.type, match.id, match.version, match.operation)


def _trace_id(headers: Mapping[str, str]) -> str:
    given = headers.get("x-b3-traceid", "").lower()
    return given if _TRACE_ID.fullmatch(given) else secrets.token_hex(16)


def _error_headers(wrong: FhirError, headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if isinstance(wrong, Unauthenticated):
        reason = ', error="invalid_token"' if "authorization" in headers else ""
        return (("WWW-Authenticate", f'Bearer realm="Kommunal PRO"{reason}'),)
    if isinstance(wrong, MethodNotAllowed):
        return (("Allow", ", ".join(wrong.allowed)),)
    return ()


def _write(body: Mapping[str, Any], query: str) -> bytes:
    written = dumps(body)
    return msgspec.json.format(written, indent=2) if "_pretty=true" in query.split("&") else written
