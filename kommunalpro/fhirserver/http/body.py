"""Reading what was sent: JSON, with the limits that keep the rest of the server safe from it."""

import re
from typing import Any

from kommunalpro.fhir.json import DEEPEST, loads
from kommunalpro.fhir.outcome import BadRequest, UnsupportedMedia
from kommunalpro.fhirserver.http.headers import JSON_PATCH, JSON_TYPES, check_content_type
from kommunalpro.fhirserver.http.message import FhirRequest
from kommunalpro.fhirserver.http.twice import given_twice

# PostgreSQL cannot store NUL in a text; R4 forbids it in strings.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Signs escaped one after another: both halves of a surrogate, one alone, and any other sign.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
# A text, and the colon that makes it a name.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"[ \t\r\n]*+(:)?')


def read_json(request: FhirRequest, allowed: frozenset[str] = JSON_TYPES) -> Any:
    """Parse the body.

    Raises:
        UnsupportedMedia: another format.
        BadRequest: not JSON, nested too deeply, with two elements of one name, or characters that no text may have.
    """
    check_content_type(request, allowed)
    return parse(request.body)


def parse(raw: bytes) -> Any:
    """Parse JSON with the limits of every body.

    Raises:
        UnsupportedMedia: it is XML.
        BadRequest: not JSON, nested too deeply, with two elements of one name, or characters that no text may have.
    """
    if raw.lstrip()[:1] == b"<":
        raise UnsupportedMedia("Vi taler kun JSON.", diagnostics="FHIR XML is refused; send JSON")
    try:
        value = loads(raw)
    except ValueError as wrong:
        raise _malformed(_not_utf_8(raw) or _half_a_pair(raw) or str(wrong)) from None
    if b"\\u0000" in raw and _NUL.search(raw):
        raise _malformed("A text holds a NUL character")
    if _count_names(value) != _count_written_names(raw):
        raise given_twice(raw, value)
    return value


def read_resource(request: FhirRequest, type: str | None = None) -> dict[str, Any]:
    """Parse the body as one resource, of `type` if it is given.

    Raises:
        BadRequest: it is not a resource, or one of another type than the address names.
    """
    value = read_json(request)
    given = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(given, str):
        raise BadRequest("Det sendte er ikke en FHIR-ressource.", diagnostics="The body must be one FHIR resource")
    if type is not None and given != type:
        raise BadRequest(
            "Ressourcens type passer ikke til adressen.",
            diagnostics=f"The address names {type}, the body another type",
            expression="resourceType",
        )
    return value


def read_patch(request: FhirRequest) -> list[dict[str, Any]]:
    """Parse the body as a JSON Patch: a list of operations.

    Raises:
        BadRequest: it is not one.
    """
    value = read_json(request, frozenset({JSON_PATCH}))
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadRequest("Ændringen kan ikke læses.", diagnostics="A JSON Patch is a list of operations (RFC 6902)")
    return value


def _count_names(value: Any) -> int:
    """Count the elements of all objects, however deep, as far as it may go.

    Raises:
        BadRequest: it goes deeper.
    """
    level, count = [value], 0
    for _ in range(DEEPEST):
        below = []
        for node in level:
            if type(node) is dict:
                count += len(node)
                below += [child for child in node.values() if type(child) in (dict, list)]
            elif type(node) is list:
                below += [child for child in node if type(child) in (dict, list)]
        if not below:
            return count
        level = below
    raise _malformed(f"Nested more than {DEEPEST} levels deep")


def _count_written_names(raw: bytes) -> int:
    """Count the names in a text that is JSON. A parser keeps the last of two alike; another may have read the first."""
    # Compact JSON, as programs write it, is counted at once: each name ends so, and nothing else but `\\":` in a text.
    if b'\\":' not in raw and not any(gap in raw for gap in (b" :", b"\n:", b"\t:", b"\r:")):
        return raw.count(b'":')
    return sum(1 for match in _TEXT.finditer(raw) if match[1])


def _not_utf_8(raw: bytes) -> str:
    """Say where a body ceases to be UTF-8: the parser counts from the beginning of a text in it. Empty: it is."""
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return f"Not UTF-8: byte 0x{raw[wrong.start]:02x} at offset {wrong.start}, counted from 0"
    return ""


def _half_a_pair(raw: bytes) -> str:
    """Say that a sign is half of one, which the parser at the end of a text takes for the end of everything."""
    is_half = any(each[1] for each in _ESCAPES.finditer(raw))
    return "A text holds one half of a surrogate pair, which is no character" if is_half else ""


def _malformed(diagnostics: str) -> BadRequest:
    return BadRequest("Det sendte kan ikke læses som JSON.", diagnostics=diagnostics, code="structure")
