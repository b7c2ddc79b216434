"""A FHIR request and a FHIR response, cut from and to WSGI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, TooLarge

MOST_PARAMETERS = 200
LONGEST_PATH = 2_000

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FhirRequest:
    """What was asked. Header names are lower case; `path` is below the base and decoded; `body` is not parsed."""

    method: str
    path: str
    query: Pairs = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Give a header; None when it was not sent."""
        return self.headers.get(name)

    def parameter(self, name: str) -> str | None:
        """Give the last value of a query parameter; None when it was not sent."""
        return next((value for given, value in reversed(self.query) if given == name), None)


@dataclass(frozen=True, slots=True)
class FhirResponse:
    """What is answered. `body` None means none, bytes are JSON; `file` is sent instead, and closed by who sends it."""

    status: int
    body: Json | bytes | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    file: BinaryIO | None = field(default=None, repr=False)


def read_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """Give the request's headers, names in lower case."""
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    for key, name in (("CONTENT_TYPE", "content-type"), ("CONTENT_LENGTH", "content-length")):
        if environ.get(key):
            headers[name] = environ[key]
    return headers


def read_path(environ: Mapping[str, Any]) -> str:
    """Give the path below the base; "" is the base itself.

    Raises:
        BadRequest: it is not UTF-8, or too long to be a path of ours.
    """
    raw = environ.get("PATH_INFO", "")
    try:
        path = raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise BadRequest("Adressen kan ikke læses.", diagnostics="The path is not UTF-8") from None
    if len(path) > LONGEST_PATH:
        raise BadRequest("Adressen er for lang.", diagnostics="The path is too long")
    return str(path).strip("/")


def read_pairs(text: str) -> Pairs:
    """Read a query string or a posted form, empty values kept.

    Raises:
        BadRequest: it is not UTF-8, holds a NUL, or has more parameters than a search can have.
    """
    try:
        pairs = tuple(
            parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS, separator="&")
        )
    except ValueError:
        raise BadRequest(
            "Parametrene kan ikke læses.", diagnostics="The parameters are malformed or too many"
        ) from None
    if any("\x00" in part for pair in pairs for part in pair):
        raise BadRequest("Parametrene kan ikke læses.", diagnostics="A parameter holds a NUL character")
    return pairs


def read_body(environ: Mapping[str, Any], limit: int) -> bytes:
    """Read the whole body, which who calls has gathered (`config/porch.py`): whole, or one byte more than the limit.

    Raises:
        TooLarge: it is more than `limit` bytes.
        BadRequest: Content-Length is not a number.
    """
    announced = environ.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal():
        raise BadRequest("Forespørgslen kan ikke læses.", diagnostics="Content-Length is not a number")
    if int(announced) > limit:
        raise TooLarge("Det sendte er for stort.", diagnostics=f"A request may hold at most {limit} bytes")
    body: bytes = environ["wsgi.input"].read(int(announced))
    return body
