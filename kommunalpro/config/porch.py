"""Before the door: takes requests in, lets as many in at a time as there is room for, and sends the answers.

Nobody who is slow holds up the others. What a client sends is gathered on one event loop, within a time and a size;
only what has arrived whole gets one of the threads, each of which has its database connection. When too many wait, the
next is told so at once. What asks how the server is has threads of its own. Answers are sent by granian, so that who
reads slowly holds a connection, not a thread; headers that do not come, and connections without a request, it ends.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from wsgiref.util import FileWrapper

from kommunalpro.config.refusal import Answer, refusal
from kommunalpro.fhir.outcome import BadRequest, FhirError, TooSlow, Unavailable
from kommunalpro.fhirserver.http.message import read_headers
from kommunalpro.fhirserver.http.trace import read_trace_id, tracing

log = logging.getLogger(__name__)

ASIDE = frozenset({"/healthz", "/readyz", "/metrics"})
"""What is answered however many wait."""
MOST_DISCARDED = 100_000_000
"""Of a request that is too large, this much is received and thrown away: who cannot send to the end reads no answer."""
TRACE_ID = "HTTP_X_B3_TRACEID"
_JOINED_BY = {"cookie": "; "}

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass
class Porch:
    """The RSGI callable around a WSGI application.

    `threads` work at a time and `waiting` requests may wait for one; each may take `seconds` to send at most `limit`
    bytes. `behind_proxy`: the last address of X-Forwarded-For is the client's. `rejected` is told why, each time.
    """

    application: Application
    threads: int
    waiting: int
    seconds: float
    limit: int
    behind_proxy: bool
    rejected: Callable[[str], None]
    _under_way: int = field(default=0, init=False)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start with the worker process."""
        self._pool = ThreadPoolExecutor(self.threads, "request")
        self._aside = ThreadPoolExecutor(2, "aside")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        environ = read_environ(scope, behind_proxy=self.behind_proxy)
        try:
            await self._receive(environ, protocol)
            answer = await self._answer(environ)
        except FhirError as wrong:
            with tracing(environ[TRACE_ID]):
                log.warning("Not let in: %s", wrong)
            self.rejected(wrong.code)
            answer = refusal(wrong, environ["PATH_INFO"], environ[TRACE_ID])
        _send(answer, protocol)

    async def _receive(self, environ: Environ, protocol: Any) -> None:
        """Gather the body: all of it, or one byte too many where it is too large.

        Raises:
            TooSlow: it did not come in time.
            BadRequest: it is not whole.
        """
        kept, received = bytearray(), 0
        try:
            async with asyncio.timeout(self.seconds):
                async for part in protocol:
                    received += len(part)
                    kept += part[: max(0, self.limit + 1 - len(kept))]
                    if received > MOST_DISCARDED:
                        break
        except TimeoutError:
            if received <= self.limit:
                raise TooSlow(
                    "Forespørgslen kom ikke i tide.", diagnostics=f"The body took more than {self.seconds:.0f} seconds"
                ) from None
        announced = environ.get("CONTENT_LENGTH")
        if announced is None or not announced.isdecimal():
            environ["CONTENT_LENGTH"] = str(len(kept)) if received else ""
        elif received <= self.limit and received < int(announced):
            raise BadRequest("Forespørgslen kom ikke helt frem.", diagnostics="The body is shorter than announced")
        environ["wsgi.input"] = BytesIO(bytes(kept))

    async def _answer(self, environ: Environ) -> Answer:
        """Have it answered by a thread.

        Raises:
            Unavailable: too many wait for one.
        """
        loop = asyncio.get_running_loop()
        if environ["PATH_INFO"] in ASIDE:
            return await loop.run_in_executor(self._aside, run, self.application, environ)
        if self._under_way >= self.threads + self.waiting:
            raise Unavailable("Der er travlt lige nu. Prøv igen om lidt.", diagnostics="Too many requests are waiting")
        self._under_way += 1
        try:
            return await loop.run_in_executor(self._pool, run, self.application, environ)
        finally:
            self._under_way -= 1


def read_environ(scope: Any, *, behind_proxy: bool) -> Environ:
    """Make WSGI's environ, without a body yet. Whoever comes next finds the trace id in X-B3-TraceId."""
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        # As proxies do: a name with an underscore would pass for the one with a hyphen, which a proxy vouches for.
        if "_" not in name:
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            environ[key] = f"{environ[key]}{_JOINED_BY.get(name, ', ')}{value}" if key in environ else value
    if behind_proxy and (forwarded := environ.get("HTTP_X_FORWARDED_FOR")):
        environ["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip()
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ[TRACE_ID] = read_trace_id(read_headers(environ))
    return environ


def run(application: Application, environ: Environ) -> Answer:
    """Let the application answer, whole; a file of its own is only named."""
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        begun[:] = [int(status[:3]), headers]

    with tracing(environ[TRACE_ID]):
        try:
            parts = application(environ, start_response)
            try:
                body = str(parts.filelike.name) if isinstance(parts, FileWrapper) else b"".join(parts)
            finally:
                close = getattr(parts, "close", None)
                if close:
                    close()
        except Exception:  # the last exit: nothing ends a connection without an answer
            log.exception("An answer could not be made")
            wrong = FhirError(f"Der skete en fejl. Fejl-id {environ[TRACE_ID]}")
            return refusal(wrong, environ["PATH_INFO"], environ[TRACE_ID])
    return Answer(begun[0], begun[1], body)


def _send(answer: Answer, protocol: Any) -> None:
    if isinstance(answer.body, str):
        protocol.response_file(answer.status, answer.headers, answer.body)
    else:
        protocol.response_bytes(answer.status, answer.headers, answer.body)
