"""What a client may not do directly, it may not do inside a transaction Bundle either."""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhirserver.access import Interaction
from kommunalpro.fhirserver.protocols import Rules

_INTERACTIONS: dict[str, Interaction] = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


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
    issues = [issue for number, entry in enumerate(entries) for issue in _issues(number, entry, rules)]
    if issues:
        raise BadRequest(issues=issues)


def _issues(number: int, entry: Any, rules: Rules) -> Iterator[Issue]:
    place = f"Bundle.entry[{number}]"
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict) or not all(isinstance(request.get(name), str) for name in ("method", "url")):
        yield _issue("Delen kan ikke læses.", "An entry needs request.method and request.url", f"{place}.request")
        return
    type = request["url"].partition("?")[0].split("/")[0]
    resource = entry.get("resource", {} if request["method"] in ("POST", "PUT") else {"resourceType": type})
    if not isinstance(resource, dict) or resource.get("resourceType") != type:
        yield _issue(
            "Typen passer ikke til adressen.", "request.url must name the resource's type", f"{place}.resource"
        )
        return
    if not all(isinstance(value, str) for value in (entry.get("fullUrl", ""), request.get("ifMatch", ""))):
        yield _issue("Delen kan ikke læses.", "fullUrl and request.ifMatch must be strings", place)
        return
    interaction = _INTERACTIONS.get(request["method"])
    if type not in rules.types or interaction not in rules.in_transaction(type):
        detail = f"{request['method'][:10]} {type[:64]} is not offered in a transaction"
        yield _issue("Det kan ikke gøres i en transaktion.", detail, f"{place}.request", "not-supported")


def _issue(text: str, diagnostics: str, expression: str, code: str | None = None) -> Issue:
    return Issue(text, diagnostics=diagnostics, expression=expression, code=code)
