"""Asking another server: over TLS (or loopback, for tests), in a time and a size, and never redirected.

Proxies and certificates are the environment's (`https_proxy`, `SSL_CERT_FILE`), as for any program of the machine.
"""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from kommunalpro.fhir.json import loads

LARGEST = 1_000_000
_CHUNK = 1 << 16


class NoAnswer(Exception):
    """What was asked for did not come; the message says why, and holds nothing that was received."""


class _NotRedirected(HTTPRedirectHandler):
    """A redirect could lead from TLS to where anybody answers."""

    def redirect_request(self, *_: Any) -> None:
        return None


def is_safe(url: str) -> bool:
    """Tell whether nobody on the way can answer in another's name: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or is_on_this_machine(url))


def is_on_this_machine(url: str) -> bool:
    """Tell whether a URL is http on loopback."""
    parts = urlsplit(url)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server answered, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def fetch_json(url: str, *, deadline: float) -> Mapping[str, Any]:
    """Fetch a JSON object; `deadline` is on `time.monotonic`.

    Raises:
        NoAnswer: there is none, in time and of the right kind.
    """
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310  (who calls has asked is_safe)
    return read_object(exchange(request, deadline=deadline))


def read_object(answered: HttpAnswer) -> Mapping[str, Any]:
    """Read the JSON object that a server answered with.

    Raises:
        NoAnswer: it answered something else.
    """
    if answered.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise NoAnswer(f"HTTPError: {answered.status}")
    try:
        found = loads(answered.body)
    except ValueError:
        raise NoAnswer("what it says is no JSON") from None
    if not isinstance(found, dict):
        raise NoAnswer("what it says is no JSON object")
    return found


def exchange(request: Request, *, deadline: float, largest: int = LARGEST) -> HttpAnswer:
    """Send a request whose address is safe, and give what is answered; `deadline` is on `time.monotonic`.

    Raises:
        NoAnswer: nothing whole came in time. Whether the request arrived, nobody can tell.
    """
    try:
        try:
            answer = _opener(request.full_url).open(request, timeout=_left(deadline))
        except HTTPError as refused:
            answer = refused
        with answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return HttpAnswer(answer.status, headers, _read(answer, deadline, largest))
    except (URLError, OSError, http.client.HTTPException) as wrong:
        raise NoAnswer(f"{type(wrong).__name__}: {wrong}") from None


def _opener(url: str) -> OpenerDirector:
    handlers: list[Any] = [_NotRedirected()]
    if is_on_this_machine(url):
        handlers.append(ProxyHandler({}))
    return build_opener(*handlers)


def _read(answer: Any, deadline: float, largest: int) -> bytes:
    content = bytearray()
    while part := answer.read1(_CHUNK):
        content += part
        if len(content) > largest:
            raise NoAnswer("it says too much")
        _left(deadline)
    return bytes(content)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NoAnswer("it took too long")
    return left


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
