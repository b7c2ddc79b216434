"""The headers of R4's HTTP: format, Prefer, preconditions, ETag, Last-Modified. Source: R4 http.html."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, NotAcceptable, Unauthenticated, UnsupportedMedia
from kommunalpro.fhirserver.etags import read_if_match, read_if_none_match
from kommunalpro.fhirserver.http.message import FhirRequest
from kommunalpro.fhirserver.preconditions import Preconditions, is_had, written_in

JSON = "application/fhir+json"
JSON_PATCH = "application/json-patch+json"
NDJSON = "application/fhir+ndjson"
FORM = "application/x-www-form-urlencoded"
JSON_TYPES = frozenset({JSON, "application/json"})
_ACCEPTED = JSON_TYPES | {"*/*", "application/*"}
_FORMATS = JSON_TYPES | {"json"}
_VERSIONS = frozenset({"4.0", "4.0.1"})
"""What the parameter `fhirVersion` of a format may be (R4, http.html#version-parameter); 4.0 is how R4 is named."""
_LINES = frozenset({NDJSON, "application/ndjson"})
"""What a file of an export may be asked for as, too."""
_CONDITIONS = frozenset({"if-match", "if-none-match", "if-unmodified-since"})
_UNCONDITIONAL = Preconditions()
_NOT_IN_A_DESCRIPTION = re.compile(r'[^ -~]|["\\]')

Return = Literal["minimal", "representation", "OperationOutcome"]


def check_format(request: FhirRequest) -> None:
    """Refuse a request for another format than JSON, or another FHIR than R4; `_format` goes before Accept.

    Raises:
        NotAcceptable: FHIR XML, or any other format or version.
    """
    asked = request.parameter("_format")
    if asked:
        # A plus sign in a query is a space when nobody encoded it.
        media, *details = (part.strip().replace(" ", "+") for part in asked.split(";"))
        if media not in _FORMATS:
            raise _only_json(f"_format={asked}")
        if not _is_r4(details):
            raise _only_r4(NotAcceptable)
        return
    accept = request.header("accept")
    if not accept:
        return
    offered = _ACCEPTED | _LINES if request.path == "$export-file" else _ACCEPTED
    wanted = [each for each in accept.split(",") if _is_wanted(each, offered)]
    if not wanted:
        raise _only_json(f"Accept: {accept}")
    if not any(_is_r4(each.split(";")[1:]) for each in wanted):
        raise _only_r4(NotAcceptable)


def check_content_type(request: FhirRequest, allowed: frozenset[str]) -> None:
    """Refuse a body in another format than `allowed`. A body without a Content-Type is taken at its word.

    Raises:
        UnsupportedMedia: FHIR XML, or any other format or version of FHIR; or it is compressed.
    """
    encoding = request.header("content-encoding")
    if encoding and request.body and encoding.strip().lower() != "identity":
        raise UnsupportedMedia(
            "Send det ukomprimeret.", diagnostics="Requests are taken without Content-Encoding; responses may have gzip"
        )
    given = request.header("content-type")
    if not given or not request.body:
        return
    media, *details = (part.strip().lower() for part in given.split(";"))
    charset = next(
        (each.removeprefix("charset=").strip('"') for each in details if each.startswith("charset=")), "utf-8"
    )
    if media not in allowed or charset not in ("utf-8", "utf8"):
        raise UnsupportedMedia(
            "Formatet understøttes ikke.",
            diagnostics=f"Send {' or '.join(sorted(allowed))} in UTF-8; not {mask_cpr(media)[:80]}",
        )
    if not _is_r4(details):
        raise _only_r4(UnsupportedMedia)


def read_prefer(request: FhirRequest) -> Return:
    """Read `Prefer: return=…`; without it the resource itself is answered."""
    for part in re.split(r"[,;]", request.header("prefer") or ""):
        name, _, value = part.strip().partition("=")
        if name == "return" and value in ("minimal", "OperationOutcome"):
            return "minimal" if value == "minimal" else "OperationOutcome"
    return "representation"


def is_not_modified(request: FhirRequest, resource: Json) -> bool:
    """Say whether If-None-Match already names this version, or without it, If-Modified-Since a time not before it."""
    since = _http_date(request.header("if-modified-since"))
    return is_had(resource, request.header("if-none-match"), since, written_in(resource))


def read_preconditions(request: FhirRequest) -> Preconditions:
    """Give what a write hangs on.

    Raises:
        BadRequest: If-Match does not name one version, or If-None-Match is no tags.
    """
    if _CONDITIONS.isdisjoint(request.headers):
        return _UNCONDITIONAL
    return Preconditions(
        if_match=read_if_match(request.header("if-match")),
        if_none_match=read_if_none_match(request.header("if-none-match")),
        if_unmodified_since=_http_date(request.header("if-unmodified-since")),
    )


def version_headers(resource: Json) -> tuple[tuple[str, str], ...]:
    """Give ETag and Last-Modified of a resource."""
    meta = resource.get("meta", {})
    headers = []
    if "versionId" in meta:
        headers.append(("ETag", f'W/"{meta["versionId"]}"'))
    if "lastUpdated" in meta:
        headers.append(("Last-Modified", format_datetime(written_in(resource).astimezone(UTC), usegmt=True)))
    return tuple(headers)


def _http_date(text: str | None) -> datetime | None:
    """Read a date of HTTP; None for what is none, which counts as not sent (RFC 9110, 13.1.3)."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None


def challenge(wrong: Unauthenticated, *, has_token: bool) -> str:
    """Give WWW-Authenticate: what is wrong with a token that came, and of none that came nothing (RFC 6750 §3)."""
    realm = 'Bearer realm="Kommunal PRO"'
    if not has_token:
        return realm
    said = _NOT_IN_A_DESCRIPTION.sub("", wrong.issues[0].diagnostics or "")
    return f'{realm}, error="invalid_token", error_description="{said}"'


def _is_wanted(entry: str, offered: frozenset[str]) -> bool:
    media, *details = (part.strip().lower() for part in entry.split(";"))
    return media in offered and not any(re.fullmatch(r"q=0(\.0*)?", detail) for detail in details)


def _is_r4(details: Iterable[str]) -> bool:
    """Tell whether the parameters of a format leave us R4: they say so, or nothing of it."""
    named = (each.strip().partition("=") for each in details)
    return all(value.strip(' "') in _VERSIONS for name, _, value in named if name.strip().lower() == "fhirversion")


def _only_json(asked: str) -> NotAcceptable:
    said = f"This server speaks {JSON} only; asked for was {mask_cpr(asked)[:200]}"
    return NotAcceptable("Vi taler kun JSON.", diagnostics=said)


def _only_r4(error: type[FhirError]) -> FhirError:
    return error(
        "Vi taler kun FHIR R4.", diagnostics="This server speaks FHIR R4 only: fhirVersion may be 4.0 or 4.0.1"
    )
