"""A transaction Bundle: placeholders resolved, entries run in the order their content needs, all issues at once."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import BadRequest, FhirError, Issue
from kommunalpro.fhir.reference import Reference, own_url, versioned_url
from kommunalpro.fhir.structure import check
from kommunalpro.fhirserver.database import is_postgresql, rows
from kommunalpro.fhirserver.identifiers import new_id

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

MOST_ENTRIES = 100
"""FUT's limit (`fut.md` §6)."""

_METHODS = ("POST", "PUT", "DELETE")
# What others belong to is written first, so that a rule which asks for the owner finds it; the rest as it came.
_FIRST = (
    "Organization",
    "Practitioner",
    "Patient",
    "CareTeam",
    "EpisodeOfCare",
    "Condition",
    "ServiceRequest",
    "CarePlan",
)


def run_transaction(session: "Session", bundle: Json) -> dict[str, Any]:
    """Run the entries; gives a transaction-response with the stored resources, in the order they came.

    Raises:
        FhirError: the first entry's kind of refusal, with the issues of all entries.
    """
    entries = list(bundle.get("entry", ()))
    _check(bundle, entries)
    _hold({entry["request"]["url"] for entry in entries if entry["request"]["method"] != "POST"})
    ids = [new_id() if entry["request"]["method"] == "POST" else "" for entry in entries]
    places = {
        entry["fullUrl"]: f"{session.server.base_url}/{entry['resource']['resourceType']}/{id}"
        for entry, id in zip(entries, ids, strict=True)
        if id and entry.get("fullUrl", "").startswith("urn:uuid:")
    }
    results: dict[int, dict[str, Any]] = {}
    refusals: list[tuple[FhirError, list[Issue]]] = []
    failed: list[str] = []
    for number in _in_order(entries):
        entry = _resolved(entries[number], places)
        try:
            if _refers_to(entry, failed):
                # What it refers to is refused: only what is wrong with it in itself is told.
                check(entry["resource"])
                continue
            with session.savepoint():
                results[number] = _run(session, entry, ids[number])
        except FhirError as wrong:
            failed += [url for name, url in places.items() if name == entries[number].get("fullUrl")]
            refusals.append((wrong, [_placed(issue, wrong, number) for issue in wrong.issues]))
    if refusals:
        raise type(refusals[0][0])(issues=[issue for _, issues in refusals for issue in issues])
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [results[number] for number in range(len(entries))],
    }


def _hold(addresses: set[str]) -> None:
    """Keep others from what will be written, taken in one order by everybody: no two then wait for each other.

    SQLite has one writer at a time as it is.
    """
    if len(addresses) > 1 and is_postgresql():
        keys = [address.partition("/")[::2] for address in addresses]
        rows(
            "SELECT 1 FROM fhir_resource r JOIN unnest(%s::text[], %s::text[]) AS wanted (type, id)"
            " ON r.type = wanted.type AND r.id = wanted.id ORDER BY r.type, r.id FOR UPDATE OF r",
            [list(column) for column in zip(*keys, strict=True)],
        )


def _check(bundle: Json, entries: list[Any]) -> None:
    issues = []
    if bundle.get("type") != "transaction":
        issues.append(
            Issue(
                "Det er ikke en transaktion.", diagnostics="Bundle.type must be transaction", expression="Bundle.type"
            )
        )
    if len(entries) > MOST_ENTRIES:
        issues.append(
            Issue("Der er for mange dele.", diagnostics=f"At most {MOST_ENTRIES} entries", expression="Bundle.entry")
        )
    for number, entry in enumerate(entries):
        request = entry.get("request", {})
        if request.get("method") not in _METHODS or (request["method"] != "DELETE" and "resource" not in entry):
            text = "Delen kan ikke udføres i en transaktion."
            detail = f"method must be one of {', '.join(_METHODS)}, with a resource"
            issues.append(Issue(text, diagnostics=detail, expression=f"Bundle.entry[{number}].request"))
        elif "ifNoneExist" in request or "?" in request.get("url", ""):
            text = "Betingede dele tages ikke imod i en transaktion."
            detail = "No conditionals in transactions, as FUT does"
            issues.append(Issue(text, diagnostics=detail, expression=f"Bundle.entry[{number}].request"))
    issues += _repetitions(entries)
    if issues:
        raise BadRequest(issues=issues)


def _repetitions(entries: list[Any]) -> Iterator[Issue]:
    """Nothing is written twice, and a placeholder means one thing (R4, http.html and bdl-7)."""
    for number, entry in enumerate(entries):
        url, request = entry.get("fullUrl"), entry.get("request", {})
        before = entries[:number]
        if url and any(each.get("fullUrl") == url for each in before):
            detail = "fullUrl stands twice"
        elif request.get("method") != "POST" and any(_writes_to(each) == _writes_to(entry) for each in before):
            detail = "the same resource is written twice"
        else:
            continue
        yield Issue("Delen står der to gange.", diagnostics=detail, expression=f"Bundle.entry[{number}]")


def _writes_to(entry: Json) -> str | None:
    request = entry.get("request", {})
    return None if request.get("method") == "POST" else request.get("url")


def _in_order(entries: list[Any]) -> list[int]:
    def rank(number: int) -> tuple[int, int]:
        type = entries[number].get("resource", {}).get("resourceType", "")
        return (_FIRST.index(type) if type in _FIRST else len(_FIRST)), number

    return sorted(range(len(entries)), key=rank)


def _run(session: "Session", entry: Json, id: str) -> dict[str, Any]:
    request = entry["request"]
    match request["method"]:
        case "POST":
            return _answer(session, session.create(entry["resource"], id=id), "201")
        case "PUT":
            if_match = request.get("ifMatch", "").removeprefix("W/").strip('"') or None
            target = Reference.parse(request["url"])
            if target is None or target.id != entry["resource"].get("id"):
                raise BadRequest(
                    "Adressen passer ikke til indholdet.", diagnostics="request.url must be the resource's"
                )
            return _answer(session, session.update(entry["resource"], if_match=if_match), "200")
        case _:
            target = Reference.parse(request["url"])
            if target is None:
                raise BadRequest("Adressen kan ikke læses.", diagnostics="request.url must be Type/id")
            session.delete(target.type, target.id)
            return {"response": {"status": "204"}}


def _answer(session: "Session", stored: dict[str, Any], status: str) -> dict[str, Any]:
    base, meta = session.server.base_url, stored["meta"]
    response = {
        "status": status,
        "location": versioned_url(base, stored),
        "etag": f'W/"{meta["versionId"]}"',
        "lastModified": meta["lastUpdated"],
    }
    return {"fullUrl": own_url(base, stored), "resource": stored, "response": response}


def _resolved(value: Any, places: dict[str, str]) -> Any:
    """Put the new URL wherever a placeholder stands, extensions and contained resources included."""
    if isinstance(value, dict):
        return {name: _resolved(each, places) for name, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, places) for each in value]
    return places.get(value, value) if isinstance(value, str) else value


def _refers_to(entry: Json, urls: list[str]) -> bool:
    """Tell whether the content of an entry names one of these."""
    text = dumps(entry.get("resource")) if urls else b""
    return any(url.encode() in text for url in urls)


def _placed(issue: Issue, wrong: FhirError, number: int) -> Issue:
    path = f"Bundle.entry[{number}]"
    expression = f"{path}.resource.{issue.expression.partition('.')[2]}".rstrip(".") if issue.expression else path
    return Issue(issue.text, issue.diagnostics, expression, issue.code or wrong.code, issue.severity, issue.coding)
