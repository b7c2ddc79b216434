"""One entry of a transaction or a batch, read: what is to be done with what, and on which condition.

Source: R4 http.html#transaction. A JSON Patch comes in a Binary, as R4 has it.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhirserver import conditional
from kommunalpro.fhirserver.etags import read_if_match, read_if_none_match
from kommunalpro.fhirserver.offers import Offers
from kommunalpro.fhirserver.preconditions import Preconditions

METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET")
"""In R4's order, in which PUT and PATCH stand together."""
JSON_PATCH = "application/json-patch+json"

_WRITES = ("POST", "PUT", "PATCH")
_SEARCH = "GET of what is searched for"
_CONDITIONS = {
    "POST": ("ifNoneExist",),
    **dict.fromkeys(("PUT", "PATCH", "DELETE"), ("ifMatch", "ifNoneMatch")),
    "GET": ("ifNoneMatch", "ifModifiedSince"),
    _SEARCH: (),
}
"""What each method may hang on."""
_ADDRESSES = {
    "POST": "Type",
    **dict.fromkeys(("PUT", "PATCH"), "Type/id or Type?condition"),
    "DELETE": "Type/id",
    "GET": "Type/id, Type/id/_history/version or Type?search",
}
"""Where each method may be used."""
_ALL_CONDITIONS = ("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist")
_URL = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{1,63})(?:/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/(?P<version>[0-9]{1,9}))?)?"
    r"(?:\?(?P<query>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `id` and `version` are empty when the address names none.

    `condition` is the query of an address, or what a POST must not find; None: there is none. `on` is what a write
    hangs on; of a GET, its `if_none_match` are the tags of versions that the reader has, and `if_modified_since` when
    it last read (None: nothing was said).
    """

    number: int
    method: str
    type: str
    id: str
    version: str
    condition: str | None = field(repr=False)
    resource: Json = field(repr=False)
    full_url: str
    on: Preconditions
    if_modified_since: datetime | None

    @property
    def operations(self) -> list[dict[str, Any]]:
        """The JSON Patch of a PATCH."""
        return patch_operations(self.resource)


def read_entry(number: int, raw: Json, offers: Offers) -> Entry:
    """Read an entry.

    Raises:
        BadRequest: it cannot be run, or asks for what is not offered here.
    """
    request = raw.get("request", {})
    url = _URL.fullmatch(request.get("url", ""))
    issues = list(_issues(f"Bundle.entry[{number}]", raw, request, url, offers))
    if issues or url is None:
        raise BadRequest(issues=issues)
    return Entry(
        number=number,
        method=request["method"],
        type=url["type"],
        id=url["id"] or "",
        version=url["version"] or "",
        condition=request.get("ifNoneExist") if request["method"] == "POST" else url["query"],
        resource=raw.get("resource", {}),
        full_url=raw.get("fullUrl", ""),
        on=Preconditions(read_if_match(request.get("ifMatch")), request.get("ifNoneMatch")),
        if_modified_since=parse_datetime(since) if (since := request.get("ifModifiedSince")) else None,
    )


def patch_operations(binary: Json) -> list[dict[str, Any]]:
    """Give the JSON Patch in a Binary.

    Raises:
        BadRequest: it holds none.
    """
    try:
        operations = loads(b64decode(binary.get("data", ""), validate=True))
    except (ValueError, TypeError, RecursionError):
        operations = None
    is_patch = isinstance(operations, list) and all(isinstance(each, dict) for each in operations)
    if binary.get("contentType") != JSON_PATCH or not is_patch:
        raise BadRequest("Ændringen kan ikke læses.", diagnostics=f"PATCH takes a Binary of {JSON_PATCH}")
    return list(operations)


def _issues(place: str, raw: Json, request: Json, url: re.Match[str] | None, offers: Offers) -> Iterator[Issue]:
    method, place = request.get("method"), f"{place}.request"
    if method not in METHODS or (method in _WRITES and "resource" not in raw):
        detail = f"method must be one of {', '.join(METHODS)}; {', '.join(_WRITES)} with a resource"
        yield Issue("Delen kan ikke udføres her.", diagnostics=detail, expression=place)
        return
    query = url["query"] if url else None
    condition = request.get("ifNoneExist") if method == "POST" else query if method in ("PUT", "PATCH") else None
    if url is None or not _has_place(method, url):
        detail = f"{_wrong_place(method, request.get('url', ''), url)}: {method} takes {_ADDRESSES[method]}"
        yield Issue("Adressen passer ikke til det, der skal gøres.", diagnostics=detail, expression=f"{place}.url")
    elif condition is not None:
        yield from _wrong_condition(place, condition, offers)
    is_search = method == "GET" and url is not None and not url["id"]
    yield from _wrong_preconditions(place, _SEARCH if is_search else method, request)
    if method == "PATCH":
        try:
            patch_operations(raw["resource"])
        except BadRequest as wrong:
            yield Issue(wrong.issues[0].text, wrong.issues[0].diagnostics, place.replace(".request", ".resource"))


def _has_place(method: str, url: re.Match[str]) -> bool:
    """Tell whether an address is one that a method may be used on."""
    has_id, has_version, has_query = bool(url["id"]), bool(url["version"]), url["query"] is not None
    match method:
        case "POST":
            return not has_id and not has_query
        case "PUT" | "PATCH":
            return has_id != has_query and not has_version
        case "DELETE":
            return has_id and not has_query and not has_version
        case _:
            return not (has_id and has_query)


def _wrong_place(method: str, address: str, url: re.Match[str] | None) -> str:
    """Say why a method is not used on an address."""
    if url is None:
        is_history = address.partition("?")[0].endswith("/_history")
        return "No histories in a Bundle" if is_history else "An address that cannot be read"
    if method == "DELETE" and url["query"]:
        return "No conditionals to delete by"
    if method == "GET":
        return "No parameters where one resource is read"
    return "An address that it is not for"


def _wrong_preconditions(place: str, method: str, request: Json) -> Iterator[Issue]:
    """What a method does not hang on would be left unheard, and what it was to spare written over."""
    heard = _CONDITIONS[method]
    for name in _ALL_CONDITIONS:
        if name in request and name not in heard:
            detail = f"{name} is not for {method}, which takes {' and '.join(heard) or 'none'}"
            yield Issue("Betingelsen passer ikke til det, der skal gøres.", detail, f"{place}.{name}")
    for name, read in (("ifMatch", read_if_match), ("ifNoneMatch", read_if_none_match)):
        try:
            read(request.get(name) if name in heard else None)
        except BadRequest as wrong:
            yield Issue(wrong.issues[0].text, wrong.issues[0].diagnostics, f"{place}.{name}")


def _wrong_condition(place: str, condition: str, offers: Offers) -> Iterator[Issue]:
    if not offers.conditionals:
        text = "Betingede dele tages ikke imod i en transaktion."
        yield Issue(text, diagnostics="No conditionals in transactions here", expression=place)
        return
    try:
        conditional.read_condition(condition)
    except BadRequest as wrong:
        yield Issue(wrong.issues[0].text, diagnostics=wrong.issues[0].diagnostics, expression=place)
