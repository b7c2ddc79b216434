"""The remote gateway against the embedded server in strict mode, over HTTP, in one process.

The server answers in a thread of its own on the connection of whoever asks, and at their time: who asks waits, so the
two take turns, and what a test does is rolled back with it. Tokens are signed here, for whoever acts: to make and to
look through the world SYSTEM may, which nobody signs in as. `in_use` takes that away.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from threading import Thread
from typing import Any, ClassVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.db import connections
from django.test import override_settings

from kommunalpro.config import wiring
from kommunalpro.config.national import gateway_by
from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.rest import FhirDoor
from kommunalpro.fhirserver.server import Server
from kommunalpro.fut.gateway import Gateway
from kommunalpro.fut.gateway.remote import RemoteGateway
from kommunalpro.fut.service_door import ServiceDoor, service_doors
from kommunalpro.fut.service_urls import ServiceUrls
from kommunalpro.fut.services import SERVICE_NAMES
from kommunalpro.identity.keys import read_signing_key
from kommunalpro.identity.tokens import issue_token
from tests.unit.care.world import MONDAY

_CACHED = (wiring.server, wiring.gateway, wiring.authenticator)


@contextmanager
def national() -> Iterator[None]:
    """Let everybody work on the infrastructure over HTTP; this process is both ends."""
    asking = Asking()
    with _Server(("127.0.0.1", 0), _Quiet) as http:
        bases = {name: f"http://127.0.0.1:{http.server_port}/{name}/fhir" for name in SERVICE_NAMES}
        with override_settings(STRICT=True, SERVICES=bases), _wired(asking):
            door = FhirDoor(_Unasked.of(wiring.server(), asking), wiring.authenticator(), clock=lambda: asking.moment)
            http.set_app(_Application(asking, service_doors(door, ServiceUrls(settings.FHIR_BASE_URL, bases))))
            with _serving(http):
                yield


@contextmanager
def in_use(gateway: Gateway) -> Iterator[None]:
    """Let people alone ask, and in contexts that are theirs; on the embedded server nothing changes."""
    asking = gateway.services.tokens if isinstance(gateway, RemoteGateway) else Asking()
    assert isinstance(asking, Asking)
    asking.is_in_use = True
    try:
        yield
    finally:
        asking.is_in_use = False


@dataclass
class Asking:
    """Who asks now, as far as the server's end is told. Gives tokens (implements `fut.gateway.service.Tokens`)."""

    moment: datetime = MONDAY
    is_in_use: bool = False
    connection: Any = field(default=None, repr=False)

    def token(self, by: Principal, now: datetime, *, refused: str | None = None) -> str:
        if self.is_in_use and by.user_type == "SYSTEM":
            raise Forbidden("Det har du ikke adgang til at gøre.", diagnostics="Nobody signs in as SYSTEM")
        self.moment, self.connection = now, connections["default"]
        if not self.connection.allow_thread_sharing:
            self.connection.inc_thread_sharing()
        return _signed(by, now)


@cache
def _signed(by: Principal, now: datetime) -> str:
    key = _key(settings.KEYS_DIRECTORY)
    return issue_token(by, key=key, issuer=settings.TOKEN_ISSUER, audience=settings.TOKEN_AUDIENCE, now=now)


_key = cache(read_signing_key)


class _Unasked(Server):
    """Takes the context of a token as that of a page is taken: here who acts is in any, as on the embedded server.

    But for what is in use: there a token's context must be its user's (tests/conformance/test_token_contexts.py).
    """

    asking: ClassVar[Asking]

    @classmethod
    def of(cls, server: Server, asking: Asking) -> "_Unasked":
        cls.asking = asking
        return cls(**{each.name: getattr(server, each.name) for each in fields(server)})

    def session(self, *given: Any, has_token: bool = False, **named: Any) -> Any:
        return super().session(*given, has_token=has_token and self.asking.is_in_use, **named)


@dataclass(frozen=True)
class _Application:
    asking: Asking
    doors: Mapping[str, ServiceDoor]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        connections["default"] = self.asking.connection
        _, name, fhir, *path = environ["PATH_INFO"].split("/")
        assert fhir == "fhir"
        return self.doors[name](environ | {"PATH_INFO": f"/{'/'.join(path)}"}, start_response)


class _Server(WSGIServer):
    def server_bind(self) -> None:
        """As it is done there, but without asking what this machine is called."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """What is asked is no news."""


@contextmanager
def _wired(asking: Asking) -> Iterator[None]:
    _forget()
    former, wiring.gateway = wiring.gateway, lambda: gateway_by(asking)
    try:
        yield
    finally:
        wiring.gateway = former
        _forget()


def _forget() -> None:
    for each in _CACHED:
        each.cache_clear()


@contextmanager
def _serving(http: WSGIServer) -> Iterator[None]:
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        http.shutdown()
        thread.join()
