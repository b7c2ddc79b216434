"""What an export is to hold, as the one who asked for it wrote it: read, and refused by name where it cannot be done.

Source: HL7 Bulk Data Access; FUT's OperationDefinition `-s-export`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhirserver.clockwork import microseconds_of
from kommunalpro.fhirserver.search.filters import Visible
from kommunalpro.fhirserver.search.query import Query, QueryReader
from kommunalpro.fhirserver.search.values import interval

FORMATS = frozenset({"application/fhir+ndjson", "application/ndjson", "ndjson"})
OFFERED = ("_outputFormat", "_since", "_type", "_typeFilter")
_BETWEEN_FILTERS = re.compile(r",(?=[A-Z][A-Za-z]+\?)")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported. `types` empty: every type; `since` None: whenever it was changed.

    `filters` are (type, query) pairs: of a type that has some, what one of them finds.
    """

    patients_only: bool = False
    types: tuple[str, ...] = ()
    since: int | None = None
    filters: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def read_order(pairs: Sequence[tuple[str, str]], *, patients_only: bool, served: frozenset[str]) -> Order:
    """Read the parameters of a kick-off.

    Raises:
        BadRequest: names every parameter, format or type that is not offered here.
    """
    issues = [
        _issue(f"Ukendt parameter: {shown}", f"$export does not offer {shown}; offered: {', '.join(OFFERED)}")
        for shown in (mask_cpr(name)[:60] for name in sorted({name for name, _ in pairs} - set(OFFERED)))
    ]
    # A plus sign in a query is a space when nobody encoded it.
    formats = {value.strip().replace(" ", "+") for name, value in pairs if name == "_outputFormat"}
    issues += [
        _issue(
            "Formatet findes ikke her.",
            f"_outputFormat {mask_cpr(each)[:60]!r} is not offered; use application/fhir+ndjson",
        )
        for each in sorted(formats - FORMATS)
    ]
    types = [each.strip() for name, value in pairs if name == "_type" for each in value.split(",")]
    written = [each for name, value in pairs if name == "_typeFilter" for each in _BETWEEN_FILTERS.split(value)]
    filters = [_filter(each) for each in written]
    issues += [
        _issue("Typen findes ikke her.", f"{mask_cpr(each)[:64]!r} is not served here")
        for each in sorted({*types, *(type for type, _ in filters)} - served)
    ]
    since = [value for name, value in pairs if name == "_since"]
    if len(since) > 1:
        issues.append(_issue("_since er givet flere gange.", "_since may be given once"))
    if issues:
        raise BadRequest(issues=issues)
    return Order(patients_only, tuple(sorted(set(types))), _moment(since[0]) if since else None, tuple(filters))


def read_filters(order: Order, type: str, queries: QueryReader, visible: Visible) -> list[Query]:
    """Read the filters of a type as searches.

    Raises:
        BadRequest: a filter that is no search of this type, or that says how a page is to be made.
    """
    found = []
    for _, text in (each for each in order.filters if each[0] == type):
        query = queries.read(type, parse_qsl(text, keep_blank_values=True), visible)
        if query != Query(type, query.conditions):
            raise BadRequest(
                "Et filter i _typeFilter kan ikke bruges.",
                diagnostics="A _typeFilter says which resources; it may not sort, count, page, include or shorten them",
            )
        found.append(query)
    return found


def _filter(text: str) -> tuple[str, str]:
    type, mark, query = text.strip().partition("?")
    # It may be encoded once more than the address is, and no database takes a NUL.
    if not mark or not query or "%00" in query or "\x00" in query:
        raise BadRequest("_typeFilter kan ikke læses.", diagnostics="Write _typeFilter as Type?parameter=value")
    return type, query


def _moment(text: str) -> int:
    try:
        return microseconds_of(interval(text.strip().replace(" ", "+"))[0])
    except ValueError:
        raise BadRequest("_since kan ikke læses.", diagnostics="_since must be an instant") from None


def _issue(text: str, diagnostics: str) -> Issue:
    return Issue(text, diagnostics=diagnostics, code="not-supported")
