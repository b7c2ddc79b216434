"""What a search says where it did not go by the version that is referred to.

A chain, `_has` and `_revinclude` go by what a resource is now, for nothing else is searched. Where something found
refers to another version, or is referred to in another one, the answer says so (R4 search.html#versions): unless it is
referred to so very often, and by what the caller may not see (`_LOOKED_AT`).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue, operation_outcome
from kommunalpro.fhirserver.database import Sql, in_parts, placeholders, rows
from kommunalpro.fhirserver.pinning import own_references
from kommunalpro.fhirserver.search.filters import filter_sql, joined
from kommunalpro.fhirserver.search.query import Query
from kommunalpro.fhirserver.search.run import Page

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

_HISTORY, _BUSINESS = "/_history/", "|"
_AFTER = "\U0010ffff"
"""Sorts after whatever follows a beginning."""
_LOOKED_AT = 1000
"""So much that names other versions of what was found (`_AT_ONCE` at a time) is looked through, in no order, for
something that may be seen. It may all be others', and what is beyond it is not told of."""
_AT_ONCE = 100
"""Resources in one statement: each adds four conditions, and SQLite takes a thousand of them, one in another."""


def said_of_versions(
    session: "Session", query: Query, pairs: Iterable[tuple[str, str]], page: Page
) -> dict[str, Any] | None:
    """Give the OperationOutcome that names each parameter which did not go by a version; None: none is known."""
    names = dict.fromkeys(name for name, value in pairs if _went_by_others(session, query, name, value, page))
    return operation_outcome(map(_warning, names)) if names else None


def _went_by_others(session: "Session", query: Query, name: str, value: str, page: Page) -> bool:
    """Tell whether one parameter led, forwards or back, to what is named in another version than there is now."""
    if name.startswith("_has:"):
        _, source, link, _ = name.split(":", 3)
        return _are_named_so(session, source, link, page.matches)
    if name.partition(":")[0] == "_revinclude":
        source, link = f"{value}:".split(":")[:2]
        return _name_others(session, source, link, page.included)
    asked = session.server.parameters[query.type].get(name)
    first, dot, _ = (asked.means if asked and asked.means else name).partition(".")
    return bool(dot) and _name_others(session, query.type, first.partition(":")[0], page.matches)


def _name_others(session: "Session", type: str, parameter: str, sources: Iterable[Json]) -> bool:
    """Tell whether one of these names, by this parameter, another version than there is now."""
    named: dict[str, dict[str, set[str]]] = {}
    for source in sources:
        for reference in own_references(session, source, parameter) if source["resourceType"] == type else ():
            versions = named.setdefault(reference.type, {}).setdefault(reference.id, set())
            versions |= {f"{_HISTORY}{reference.version}"} if reference.version else set()
            versions |= {f"{_BUSINESS}{reference.business}"} if reference.business else set()
    return any(
        not of_type[id] <= there
        for target, of_type in named.items()
        for id, there in _current(session, target, [id for id, versions in of_type.items() if versions]).items()
    )


def _are_named_so(session: "Session", source: str, parameter: str, targets: Sequence[Json]) -> bool:
    """Tell whether what may be seen of a type names one of these, by this parameter, in another version than this."""
    seen, limits = filter_sql(session.visible(source), "c")
    for start in range(0, len(targets), _AT_ONCE):
        some = targets[start : start + _AT_ONCE]
        ranges = [each for target in some for each in _other_versions(target)]
        others, bounds = joined(" OR ", "FALSE", ranges)
        sql = (
            "SELECT 1 FROM (SELECT l.type, l.id FROM fhir_index l WHERE l.type = %s AND l.parameter = %s"
            f" AND ({others}) LIMIT {_LOOKED_AT}) l JOIN fhir_resource c ON c.type = l.type AND c.id = l.id"
            f" WHERE NOT c.deleted AND ({seen}) LIMIT 1"
        )
        if rows(sql, (source, parameter, *bounds, *limits)):
            return True
    return False


def _other_versions(target: Json) -> Iterator[Sql]:
    """Give the ranges of how the other versions of a resource are named: before and after this one in the index.

    What names this one may be very many.
    """
    key = f"{target['resourceType']}/{target['id']}"
    for mark, own in ((_HISTORY, target["meta"]["versionId"]), (_BUSINESS, target.get("version", ""))):
        yield "l.value > %s AND l.value < %s", (f"{key}{mark}", f"{key}{mark}{own}")
        yield "l.value > %s AND l.value < %s", (f"{key}{mark}{own}", f"{key}{mark}{_AFTER}")


def _current(session: "Session", type: str, ids: Sequence[str]) -> dict[str, set[str]]:
    """Give for each that may be seen how it is named in its version of now: `/_history/n`, and `|` with its own."""
    seen, limits = filter_sql(session.visible(type))
    there: dict[str, set[str]] = {}
    for some in in_parts(ids):
        found = rows(
            "SELECT r.id, r.version, i.value FROM fhir_resource r LEFT JOIN fhir_index i ON i.type = r.type"
            " AND i.id = r.id AND i.parameter = 'version' AND i.value LIKE %s"
            f" WHERE r.type = %s AND r.id IN ({placeholders(len(some))}) AND NOT r.deleted AND ({seen})",
            (f"{_BUSINESS}%", type, *some, *limits),
        )
        for id, version, business in found:
            there.setdefault(id, {f"{_HISTORY}{version}"}).update({business} - {None})
    return there


def _warning(name: str) -> Issue:
    return Issue(
        "Der er fundet noget, der henviser til en anden version end den nuværende. Der er søgt i den nuværende.",
        diagnostics=f"{name} was evaluated against current versions; some references are to other versions",
        expression=f"http.{name}",
        code="incomplete",
        severity="warning",
    )
