"""A read through the door, and the bare WSGI callable that it is compared with."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.conf import settings

from bench._floor import Insert, Rows, renamed
from bench._responses import nurse
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.rest import FhirDoor
from kommunalpro.identity.keys import make_keys, read_signing_key
from kommunalpro.identity.tokens import BearerAuthenticator, OwnKeys, issue_token
from tests.store.cast import BASE, NOW, Store

Work = Callable[[], object]
_FOR = {"issuer": f"{BASE}/auth", "audience": "account"}


def reader(store: Store, id: str) -> Work:
    """Give a GET of a response through the door: with a token, from the request to bytes."""
    make_keys(settings.KEYS_DIRECTORY)
    key = read_signing_key(settings.KEYS_DIRECTORY)
    door = FhirDoor(store.server, BearerAuthenticator(OwnKeys(key), **_FOR), clock=lambda: NOW)
    token = issue_token(nurse(), key=key, now=NOW, lifetime=timedelta(hours=1), **_FOR)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/QuestionnaireResponse/{id}",
        "QUERY_STRING": "",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "HTTP_ACCEPT": "application/fhir+json",
        "wsgi.input": BytesIO(),
    }

    def read() -> bytes:
        body = b"".join(door(environ, _expect_ok))
        assert body, "a response is answered"
        return body

    return read


def bare_reader(audit: tuple[Rows, ...], insert: Insert, id: str) -> Work:
    """Give the least: select the row, write the same AuditEvent under a new id, answer."""
    copy, asked = renamed(audit), ("QuestionnaireResponse", id)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        ((text,),) = rows("SELECT json FROM fhir_resource WHERE type = %s AND id = %s", asked)
        insert(copy)
        body = text.encode()
        start_response("200 OK", [("Content-Type", "application/fhir+json"), ("Content-Length", str(len(body)))])
        return [body]

    return lambda: b"".join(application({}, _expect_ok))


def _expect_ok(status: str, headers: list[tuple[str, str]]) -> None:
    assert status == "200 OK", status
