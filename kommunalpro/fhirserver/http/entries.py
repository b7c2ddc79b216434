"""What a client may not do directly, it may not do inside a transaction Bundle either."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Issue, UnsupportedMedia
from kommunalpro.fhir.structure import validate
from kommunalpro.fhirserver.access import Interaction
from kommunalpro.fhirserver.http.body import parse
from kommunalpro.fhirserver.protocols import Rules

_INTERACTIONS: dict[str, Interaction] = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_TEXTS = ("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist")


def refuse_entries(bundle: Json, rules: Rules) -> None:
    """Refuse a Bundle with malformed entries, or entries that their type does not offer; all of them at once.

    Raises:
        BadRequest: with an issue for each such entry.
    """
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise BadRequest(
            "Bundtet kan ikke læses.", diagnostics="Bundle.entry must be a list", expression="Bundle.entry"
        )
    issues = _of_bundle(bundle)
    for number, entry in enumerate(entries):
        issues += _issues(number, entry, rules.types, rules.in_transaction)
    if issues:
        raise BadRequest(issues=issues)


def refuse_bundle(bundle: Json) -> None:
    """Refuse a batch that is malformed itself; its entries have each their own refusal.

    Raises:
        BadRequest: with all that is wrong with it.
    """
    if issues := _of_bundle(bundle):
        raise BadRequest(issues=issues)


def refuse_entry(number: int, entry: Any, rules: Rules) -> None:
    """Refuse an entry of a batch that is malformed, or does what its type does not offer directly.

    Raises:
        BadRequest: with all that is wrong with it.
    """
    issues = list(_issues(number, entry, rules.types, rules.interactions))
    if issues:
        raise BadRequest(issues=issues)


def _issues(
    number: int, entry: Any, types: frozenset[str], offered: Callable[[str], frozenset[Interaction]]
) -> Iterator[Issue]:
    place = f"Bundle.entry[{number}]"
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict) or not all(isinstance(request.get(name), str) for name in ("method", "url")):
        yield _issue("Delen kan ikke læses.", "An entry needs request.method and request.url", f"{place}.request")
        return
    type = request["url"].partition("?")[0].split("/")[0]
    if not type.isalpha():
        yield _issue(
            "Adressen kan ikke læses.", "request.url is relative to the base: Patient/7", f"{place}.request.url"
        )
        return
    method = request["method"]
    resource = entry.get("resource", {} if method in ("POST", "PUT", "PATCH") else {"resourceType": type})
    if not isinstance(resource, dict) or resource.get("resourceType") != ("Binary" if method == "PATCH" else type):
        wanted = "PATCH takes a JSON Patch in a Binary" if method == "PATCH" else "request.url must name its type"
        yield _issue("Typen passer ikke til adressen.", wanted, f"{place}.resource")
        return
    texts = [entry.get("fullUrl", ""), *(request.get(name, "") for name in _TEXTS)]
    if not all(isinstance(value, str) for value in texts):
        yield _issue("Delen kan ikke læses.", f"fullUrl, {', '.join(_TEXTS)} must be strings", place)
        return
    interaction = _INTERACTIONS.get(method) or (_reading(request["url"]) if method == "GET" else None)
    if type not in types or interaction not in offered(type):
        detail = f"{mask_cpr(method)[:10]} {type[:64]} is not offered here"
        yield _issue("Det kan ikke gøres her.", detail, f"{place}.request", "not-supported")
    if method == "PATCH":
        yield from _wrong_patch(resource, place)
    yield from _wrong_envelope(entry, place)


def _of_bundle(bundle: Json) -> list[Issue]:
    return [*validate({name: value for name, value in bundle.items() if name != "entry"})]


def _wrong_envelope(entry: Json, place: str) -> Iterator[Issue]:
    """What is written around a resource is R4 too, else a misspelt condition is none. Resources are checked apart."""
    alone = {name: value for name, value in entry.items() if name != "resource"}
    for each in validate({"resourceType": "Bundle", "type": "transaction", "entry": [alone]}):
        path = (each.expression or "").removeprefix("Bundle").removeprefix(".entry[0]")
        yield Issue(each.text, each.diagnostics, f"{place}{path}", each.code)


def _reading(url: str) -> Interaction:
    path = url.partition("?")[0]
    return "vread" if "/_history/" in path else "read" if "/" in path else "search"


def _wrong_patch(binary: Json, place: str) -> Iterator[Issue]:
    """What comes in another coat is held to what every body is held to."""
    try:
        parse(b64decode(str(binary.get("data", "")), validate=True))
    except (BadRequest, UnsupportedMedia, ValueError):
        yield _issue("Ændringen kan ikke læses.", "A JSON Patch in a Binary must be JSON", f"{place}.resource.data")


def _issue(text: str, diagnostics: str, expression: str, code: str | None = None) -> Issue:
    return Issue(text, diagnostics=diagnostics, expression=expression, code=code)
