"""Reading a query: parameters and their modifiers, each as a condition; everything unknown is refused by name.

Offered: all declared parameters with `:missing` and `:not`, `:exact` and `:contains` for strings, prefixes for dates;
`_id`, `_lastUpdated`, `_sort` (`_lastUpdated` and any one declared parameter), `_count`, `_total`, `_summary=count`,
`_include`, `_revinclude`, `_page`. Comma means or, repetition means and; one level of chaining (`condition.code`),
through what the caller may see.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kommunalpro.fhir.identifier import mask_cpr
from kommunalpro.fhir.outcome import BadRequest, UnknownParameter
from kommunalpro.fhirserver.access import Filter
from kommunalpro.fhirserver.clockwork import microseconds_of
from kommunalpro.fhirserver.database import placeholders
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Sql, filter_sql, joined
from kommunalpro.fhirserver.search.values import LONGEST, interval, reference_key

Parameters = Mapping[str, Mapping[str, SearchParameter]]
Visible = Callable[[str], Filter]
"""Which rows of a type the caller may know of."""

LARGEST_PAGE = 1000
USUAL_PAGE = 20
_PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"})
_COUNT = re.compile(r"[0-9]{1,9}")
_COMMA = re.compile(r"(?<!\\),")
_ESCAPED = re.compile(r"\\([,|$\\])")


@dataclass(frozen=True, slots=True)
class Query:
    """A query of one type, read. `sort` is (parameter, descending).

    `includes` are (type, parameter, target type or empty for any).
    """

    type: str
    conditions: tuple[Sql, ...] = field(repr=False)
    includes: tuple[tuple[str, str, str], ...] = ()
    revincludes: tuple[tuple[str, str], ...] = ()
    sort: tuple[str, bool] = ("_lastUpdated", True)
    count: int = USUAL_PAGE
    only_count: bool = False
    page: str | None = None


class QueryReader:
    """Reads the queries of one server."""

    def __init__(self, parameters: Parameters, base_url: str) -> None:
        self._parameters = parameters
        self._base_url = base_url

    def read(self, type: str, pairs: Sequence[tuple[str, str]], visible: Visible) -> Query:
        """Read a query of somebody who may see what `visible` gives.

        Raises:
            UnknownParameter: a parameter, modifier or include that is not offered, by its name.
            BadRequest: a value that cannot be read.
        """
        result: dict[str, Any] = {}
        conditions: list[Sql] = []
        includes: list[tuple[str, str, str]] = []
        revincludes: list[tuple[str, str]] = []
        for name, value in pairs:
            match name:
                case "_count":
                    result["count"] = _page_size(value)
                case "_summary" if value in ("count", "false"):
                    result["only_count"] = value == "count"
                case "_total" if value in ("accurate", "estimate", "none"):
                    pass
                case "_sort":
                    result["sort"] = self._sort(type, value)
                case "_page":
                    result["page"] = value
                case "_include":
                    includes.append(self._include(type, value))
                case "_revinclude":
                    revincludes.append(self._revinclude(type, value))
                case _:
                    conditions.append(self._condition(type, name, value, visible))
        query = Query(type, tuple(conditions), tuple(includes), tuple(revincludes))
        return replace(query, **result)

    def _sort(self, type: str, value: str) -> tuple[str, bool]:
        name = value.removeprefix("-")
        if name != "_lastUpdated" and (name not in self._parameters[type] or "," in value):
            raise unknown(type, "_sort", value)
        return name, value.startswith("-")

    def _include(self, type: str, value: str) -> tuple[str, str, str]:
        of, name, target = (*value.split(":"), "", "")[:3]
        if of != type or not self._is_reference(of, name) or value.count(":") > 2:
            raise unknown(type, "_include", value)
        return of, name, target

    def _revinclude(self, type: str, value: str) -> tuple[str, str]:
        of, name, target = (*value.split(":"), "", "")[:3]
        if not self._is_reference(of, name) or target not in ("", type) or value.count(":") > 2:
            raise unknown(type, "_revinclude", value)
        return of, name

    def _is_reference(self, type: str, name: str) -> bool:
        parameter = self._parameters.get(type, {}).get(name)
        return parameter is not None and parameter.kind == "reference"

    def _condition(self, type: str, name: str, value: str, visible: Visible) -> Sql:
        if "." in name:
            return self._chain(type, name, value, visible)
        plain, _, modifier = name.partition(":")
        if plain == "_id" and not modifier:
            ids = [reference_key(each, self._base_url).rsplit("/", 1)[-1] for each in _values(value)]
            return f"r.id IN ({', '.join(['%s'] * len(ids))})", tuple(ids)
        if plain == "_lastUpdated" and not modifier:
            return joined(" OR ", "FALSE", [_last_updated(each) for each in _values(value)])
        parameter = self._parameters[type].get(plain)
        if parameter is None:
            raise unknown(type, plain)
        return self._match(parameter, modifier, value)

    def _match(self, parameter: SearchParameter, modifier: str, value: str) -> Sql:
        name = parameter.name
        if modifier == "missing" and value in ("true", "false"):
            sql, parameters = _some(name, "TRUE", ())
            return (f"NOT {sql}" if value == "true" else sql), parameters
        if modifier == "not" and parameter.kind == "token":
            sql, parameters = self._any(parameter, "", value)
            return f"NOT ({sql})", parameters
        if modifier in ("", *(("exact", "contains") if parameter.kind == "string" else ())):
            return self._any(parameter, modifier, value)
        raise unknown(parameter.type, f"{name}:{modifier}")

    def _any(self, parameter: SearchParameter, modifier: str, value: str) -> Sql:
        values = _values(value)
        if not all(values):
            raise BadRequest("En søgeværdi er tom.", diagnostics=f"Empty value for {parameter.name}")
        match parameter.kind:
            case "date":
                return joined(" OR ", "FALSE", [_date(parameter.name, each) for each in values])
            case "string":
                return joined(" OR ", "FALSE", [_string(parameter.name, modifier, each) for each in values])
            case "reference":
                return _some_of(parameter, [self._reference(parameter, each) for each in values])
            case "token" | "uri":
                system_only = [each for each in values if each.endswith("|")]
                plain = [each for each in values if not each.endswith("|")]
                found = [_some_of(parameter, plain)] if plain else []
                found += [_begins(parameter.name, each) for each in system_only]
                return joined(" OR ", "FALSE", found)
        raise unknown(parameter.type, parameter.name)

    def _reference(self, parameter: SearchParameter, value: str) -> str:
        key = reference_key(value, self._base_url)
        if "/" in key or ":" in key:
            return key
        return f"{parameter.targets[0] if parameter.targets else _USUAL_TARGETS.get(parameter.name, '')}/{key}"

    def _chain(self, type: str, name: str, value: str, visible: Visible) -> Sql:
        """What is linked must be visible too: else a search would tell what a read hides."""
        first, _, rest = name.partition(".")
        first, _, target = first.partition(":")
        target = target or _CHAINED.get(first, "")
        if not self._is_reference(type, first) or target not in self._parameters or "." in rest:
            raise unknown(type, name)
        inner, parameters = self._condition(target, rest, value, visible)
        seen, limits = filter_sql(visible(target), "c")
        sql = (
            "EXISTS (SELECT 1 FROM fhir_index l JOIN fhir_resource c ON c.type = %s AND c.id = substr(l.value, %s)"
            " WHERE l.type = r.type AND l.id = r.id AND l.parameter = %s AND l.value = c.type || '/' || c.id"
            f" AND NOT c.deleted AND ({inner.replace('r.', 'c.')}) AND ({seen}))"
        )
        return sql, (target, len(target) + 2, first, *parameters, *limits)


# Tokens and addresses that few rows share, or none.
_RARE = frozenset({"identifier", "base", "url"})
# Which type a bare id means, and which type a chain goes to when it does not say.
_USUAL_TARGETS = {
    "patient": "Patient",
    "subject": "Patient",
    "episodeOfCare": "EpisodeOfCare",
    "team": "CareTeam",
    "care-team": "CareTeam",
    "based-on": "ServiceRequest",
}
_CHAINED = {**_USUAL_TARGETS, "condition": "Condition"}


def unknown(type: str, name: str, value: str = "") -> UnknownParameter:
    """Make the refusal of something that is not offered; names it."""
    shown = mask_cpr(f"{name}={value}" if value else name)
    return UnknownParameter(
        f"Søgeparameteren {shown} kendes ikke for {type}.",
        diagnostics=f"Unknown or unsupported search parameter for {type}: {shown}",
    )


def _values(value: str) -> list[str]:
    """Take apart what a comma parts (or); an escaped comma, bar or dollar stands for itself."""
    return [_ESCAPED.sub(r"\1", each) for each in _COMMA.split(value)]


def _page_size(value: str) -> int:
    if not _COUNT.fullmatch(value):
        raise BadRequest("_count skal være et tal.", diagnostics="_count must be a number")
    return min(int(value), LARGEST_PAGE)


def _some(name: str, condition: str, parameters: tuple[object, ...]) -> Sql:
    of_row = "i.type = r.type AND i.id = r.id AND i.parameter = %s"
    sql = f"EXISTS (SELECT 1 FROM fhir_index i WHERE {of_row} AND ({condition}))"
    return sql, (name, *parameters)


def _some_of(parameter: SearchParameter, values: list[str]) -> Sql:
    """The row has one of these values.

    What few rows share is a list to begin with, which must not depend on the row, or it is made anew for every row of
    the type; of what many share (a status), each row that is left is asked. Figures: docs/reference/performance.md.
    """
    condition, kept = f"i.value IN ({placeholders(len(values))})", tuple(each[:LONGEST] for each in values)
    if parameter.kind != "reference" and parameter.name not in _RARE:
        return _some(parameter.name, condition, kept)
    sql = f"r.id IN (SELECT i.id FROM fhir_index i WHERE i.type = %s AND i.parameter = %s AND {condition})"
    return sql, (parameter.type, parameter.name, *kept)


def _begins(name: str, beginning: str) -> Sql:
    return _some(name, "i.value >= %s AND i.value < %s", (beginning, beginning + "\U0010ffff"))


def _string(name: str, modifier: str, value: str) -> Sql:
    if modifier == "exact":
        return _some(f"{name}:exact", "i.value = %s", (value[:LONGEST],))
    folded = value.casefold()[:LONGEST]
    if modifier == "contains":
        escaped = folded.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        return _some(name, "i.value LIKE %s ESCAPE '!'", (f"%{escaped}%",))
    return _begins(name, folded)


def _date(name: str, value: str) -> Sql:
    prefix, start, end = _read_date(value)
    conditions: dict[str, tuple[str, tuple[object, ...]]] = {
        "eq": ("i.value >= %s AND i.high <= %s", (start, end)),
        "ne": ("NOT (i.value >= %s AND i.high <= %s)", (start, end)),
        "gt": ("i.high > %s", (end,)),
        "lt": ("i.value < %s", (start,)),
        "ge": ("i.high > %s OR (i.value >= %s AND i.high <= %s)", (end, start, end)),
        "le": ("i.value < %s OR (i.value >= %s AND i.high <= %s)", (start, start, end)),
        "sa": ("i.value >= %s", (end,)),
        "eb": ("i.high <= %s", (start,)),
    }
    return _some(name, *conditions[prefix])


def _last_updated(value: str) -> Sql:
    prefix, start, end = _read_date(value)
    first, last = microseconds_of(start), microseconds_of(end)
    conditions: dict[str, Sql] = {
        "eq": ("r.last_updated >= %s AND r.last_updated < %s", (first, last)),
        "ne": ("NOT (r.last_updated >= %s AND r.last_updated < %s)", (first, last)),
        "gt": ("r.last_updated >= %s", (last,)),
        "lt": ("r.last_updated < %s", (first,)),
        "ge": ("r.last_updated >= %s", (first,)),
        "le": ("r.last_updated < %s", (last,)),
        "sa": ("r.last_updated >= %s", (last,)),
        "eb": ("r.last_updated < %s", (first,)),
    }
    return conditions[prefix]


def _read_date(value: str) -> tuple[str, str, str]:
    prefix, text = (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)
    try:
        return prefix, *interval(text)
    except ValueError:
        raise BadRequest("Datoen i søgningen kan ikke læses.", diagnostics="Not a date in a search value") from None
