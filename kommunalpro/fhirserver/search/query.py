"""Reading a query: what must match, and how the answer is wanted; everything unknown is refused by name.

What must match: `matching.py`. How it is wanted: `_sort` (any declared parameter, `_lastUpdated`, `_id`; several,
parted by commas), `_count`, `_total`, `_summary`, `_elements`, `_include`, `_revinclude` (both also `:iterate`), and
`_page`, which stands in the `next` links that this server makes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain, islice
from typing import Literal

from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.structure.tables import elements, known_resource_types
from kommunalpro.fhirserver.database import Sql
from kommunalpro.fhirserver.protocols import Rules, SearchParameter
from kommunalpro.fhirserver.search.filters import Visible, filter_sql, joined
from kommunalpro.fhirserver.search.matching import ROW, Condition, Lead, Matcher
from kommunalpro.fhirserver.search.refusing import (
    Parameters,
    all_of,
    must_be,
    unknown,
    unknown_elements,
    unknown_include,
    unknown_sort,
)
from kommunalpro.fhirserver.search.searchable import Searchable
from kommunalpro.fhirserver.search.subset import SUMMARIES, Subset, Summary
from kommunalpro.fhirserver.search.value_sets import codes_of

LARGEST_PAGE = 1000
USUAL_PAGE = 20
MOST_CONDITIONS = 50
MOST_REFUSALS = 50
"""Of one query; the rest is told when these are mended."""
MOST_BOUND = 10_200
"""Values in one statement, in which each stands up to three times: SQLite takes 32,766, PostgreSQL 65,535."""
_ONE, _LISTS = frozenset({"_count", "_summary", "_total", "_page"}), frozenset({"_sort", "_elements"})

Total = Literal["none", "estimate", "accurate"]


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order. `name` is a declared parameter, `_lastUpdated` or `_id`."""

    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Include:
    """What comes along with what is found: by `parameter` of `type`; both `*` for whatever they refer to.

    `target` empty means any type. `is_reverse`: what refers to it, instead of what it refers to. `iterates`: also
    along with what came along.
    """

    type: str
    parameter: str
    target: str
    is_reverse: bool
    iterates: bool


@dataclass(slots=True)
class Query:
    """A query of one type, read. `total` None: to be told where it costs nothing."""

    type: str
    conditions: list[Condition] = field(default_factory=list, repr=False)
    includes: list[Include] = field(default_factory=list)
    sort: tuple[Sort, ...] = (Sort("_lastUpdated", descending=True),)
    count: int = USUAL_PAGE
    total: Total | None = None
    subset: Subset | None = None
    only_count: bool = False
    page: str | None = None

    def where(self, visible: Visible) -> Sql:
        """Give what a row `r` of `fhir_resource` must meet, what the caller may see included."""
        return joined(" AND ", "TRUE", [self.may_be(visible), *(each.sql for each in self.conditions)])

    def may_be(self, visible: Visible, row: str = "r") -> Sql:
        """Give what a row of `fhir_resource` must be whatever is asked for: there, and the caller's to see."""
        own: Sql = (f"{row}.type = %s AND NOT {row}.deleted", (self.type,))
        return joined(" AND ", "TRUE", [own, filter_sql(visible(self.type), row)])

    def by_row(self, visible: Visible) -> Sql:
        """Give what `where` says of a row called `ROW`, one of few that are looked at."""
        return joined(" AND ", "TRUE", [self.may_be(visible, ROW), *(each.by_row for each in self.conditions)])

    def beside(self, *leads: Lead) -> Sql:
        """Give what an index row of a lead, called `ROW`, must meet beside these leads."""
        others = (each for each in self.conditions if not any(each.lead is lead for lead in leads))
        return joined(" AND ", "TRUE", [each.by_row for each in others])


class QueryReader:
    """Reads the queries of one server."""

    def __init__(self, parameters: Parameters, base_url: str, searchable: Searchable, rules: Rules) -> None:
        """Take the parameters that there are, which of them may be asked by, and the dialect's rules of them."""
        self._parameters = parameters
        self._base_url = base_url
        self._searchable = searchable
        self._rules = rules

    def read(
        self, type: str, pairs: Sequence[tuple[str, str]], visible: Visible, *, passes_empty: bool = False
    ) -> Query:
        """Read a query of somebody who may see what `visible` gives.

        `passes_empty`: a parameter without a value is passed over (R4 search.html#errors). Not where a query says what
        is to be written: there it would say less than was meant.

        Raises:
            UnknownParameter: a parameter, modifier or include that is not offered, by its name.
            BadRequest: a value that cannot be read, what contradicts itself, or more than is taken. Whichever comes
                first, the issues of the others are with it.
        """
        query = Query(type)
        # Each condition is made twice, and its codes are the same.
        codes_in = cache(partial(codes_of, rules=self._rules, visible=visible))
        matcher = Matcher(self._parameters, self._base_url, visible, self._searchable, codes_in)
        found = chain(
            _contradictions(pairs),
            self._taken(query, matcher, pairs, passes_empty=passes_empty),
            self._wrong_together(type, pairs),
            self._wrong_elements(query),
            _beyond_limits(query),
        )
        if refused := list(islice(found, MOST_REFUSALS)):
            raise all_of(refused)
        return query

    def _taken(
        self, query: Query, matcher: Matcher, pairs: Sequence[tuple[str, str]], *, passes_empty: bool
    ) -> Iterator[BadRequest]:
        """Read the parameters into the query; gives what is refused of them."""
        for name, value in _joined_lists(pairs):
            try:
                self._take(query, matcher, name, value, is_passed=passes_empty and not value and name != "_page")
            except BadRequest as wrong:
                yield wrong

    def _wrong_together(self, type: str, pairs: Sequence[tuple[str, str]]) -> Iterator[BadRequest]:
        """Refuse what the parameters say together, each of which may be said alone."""
        if issues := tuple(self._rules.search_problems(type, pairs)):
            yield BadRequest(issues=issues)

    def _take(self, query: Query, matcher: Matcher, name: str, value: str, *, is_passed: bool) -> None:
        """Read one parameter into the query; `is_passed`: only whether there is such a one."""
        plain, _, modifier = name.partition(":")
        wanted = _WANTED.get(plain)
        if wanted and modifier and wanted is not QueryReader._include:
            raise unknown(query.type, name)
        if wanted and not is_passed:
            wanted(self, query, name, value)
        elif not wanted and is_passed:
            matcher.check_name(query.type, name)
        elif not wanted:
            condition = matcher.condition(query.type, name, value)
            # What a search says of itself asks for nothing: alone, it is no condition of a write.
            parameter = self._parameters[query.type].get(plain)
            if parameter is None or not parameter.is_said:
                query.conditions.append(condition)

    def _count(self, query: Query, name: str, value: str) -> None:
        if not (value.isascii() and value.isdigit()):
            raise must_be(name, "a number")
        digits = value.lstrip("0") or "0"
        query.count = LARGEST_PAGE if len(digits) > len(str(LARGEST_PAGE)) else min(int(digits), LARGEST_PAGE)

    def _summary(self, query: Query, name: str, value: str) -> None:
        if value == "count":
            query.only_count = True
        elif value in SUMMARIES:
            query.subset = Subset(summary=_word(value, SUMMARIES))
        elif value != "false":
            raise must_be(name, f"one of {', '.join(sorted({*SUMMARIES, 'count', 'false'}))}")

    def _elements(self, query: Query, name: str, value: str) -> None:
        names = frozenset(each.strip().removeprefix(f"{query.type}.") for each in value.split(","))
        if not all(re.fullmatch(r"[A-Za-z]{1,64}", each) for each in names):
            raise must_be(name, "names of elements of the top level, parted by commas")
        query.subset = Subset(elements=names)

    def _wrong_elements(self, query: Query) -> Iterator[BadRequest]:
        """Refuse elements that neither what is searched for has, nor what may come along."""
        wanted = query.subset.elements if query.subset else frozenset()
        types = {query.type, *(type for each in query.includes for type in self._along(each))} if wanted else set()
        offered = {name for type in types for each in elements(type) for name in (each.path_name, *each.json_names())}
        if wrong := wanted - offered - {"resourceType"}:
            yield unknown_elements(types, wrong, offered)

    def _along(self, include: Include) -> Iterable[str]:
        """Give the types of what may come along."""
        if include.is_reverse:
            return {include.type} & self._parameters.keys()
        parameter = self._parameters.get(include.type, {}).get(include.parameter)
        targets = (include.target,) if include.target else parameter.targets if parameter else ()
        return set(targets or self._parameters) & self._parameters.keys()

    def _total(self, query: Query, name: str, value: str) -> None:
        match value:
            case "none" | "estimate" | "accurate":
                query.total = value
            case _:
                raise must_be(name, "one of accurate, estimate, none")

    def _sort(self, query: Query, name: str, value: str) -> None:
        keys = [Sort(each.removeprefix("-"), each.startswith("-")) for each in value.split(",")]
        known = self._parameters[query.type].values()
        names = ("_lastUpdated", "_id", *(each.name for each in known if _is_sorted_by(each)))
        offered = {each for each in names if self._searchable.has(query.type, each)}
        wrong = [key.name for key in keys if key.name not in offered]
        if wrong:
            raise unknown_sort(query.type, wrong, offered)
        query.sort = tuple(keys)

    def _page(self, query: Query, name: str, value: str) -> None:
        query.page = value

    def _include(self, query: Query, name: str, value: str) -> None:
        plain, _, modifier = name.partition(":")
        reverse = plain == "_revinclude"
        of, parameter, target = (*value.split(":"), "*", "")[:3] if value == "*" else (*value.split(":"), "", "")[:3]
        include = Include(of, parameter, target, reverse, modifier in ("iterate", "recurse"))
        # Also one that is refused: of the elements that it was to bring along none is told to be wrong.
        query.includes.append(include)
        is_form = value.count(":") <= 2 and modifier in ("", "iterate", "recurse")
        is_offered = self._searchable.brings(query.type, value, is_reverse=reverse, iterates=include.iterates)
        if not (is_form and is_offered and self._may_include(query, include)):
            raise unknown_include(self._parameters, self._searchable, query.type, name, value, include)

    def _may_include(self, query: Query, include: Include) -> bool:
        """Whatever a row refers to is asked for by `*`; the other way about it would be everything there is."""
        if include.parameter == "*":
            return not include.is_reverse and include.type in ("*", query.type)
        parameter = self._parameters.get(include.type, {}).get(include.parameter)
        if parameter is None or parameter.kind != "reference":
            return False
        if include.target and include.target not in known_resource_types():
            return False
        reached = include.target or query.type if include.is_reverse else include.type
        return include.iterates or reached == query.type


def _contradictions(pairs: Sequence[tuple[str, str]]) -> Iterator[BadRequest]:
    """Refuse twice what can be only one thing, of which one would be left unheard."""
    given = [name for name, value in pairs if value]
    yield from (must_be(name, "given once") for name in sorted(_ONE) if given.count(name) > 1)
    if "_elements" in given and any(name == "_summary" and value in SUMMARIES for name, value in pairs):
        yield must_be("_summary", "given without _elements: each says which part is wanted")


def _joined_lists(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give the parameters with each list that is given in several joined into one, where it stood first."""
    lists = {name: [value for other, value in pairs if other == name and value] for name in _LISTS}
    for name, value in pairs:
        if name not in _LISTS or not value:
            yield name, value
        elif values := lists.pop(name, []):
            yield name, ",".join(values)


def _beyond_limits(query: Query) -> Iterator[BadRequest]:
    bound = sum(len(each.sql[1]) for each in query.conditions)
    if len(query.conditions) > MOST_CONDITIONS or bound > MOST_BOUND:
        detail = f"A search takes at most {MOST_CONDITIONS} conditions, and {MOST_BOUND} values with all their meanings"
        yield BadRequest("Der er for mange betingelser.", diagnostics=detail, code="too-costly")


def _is_sorted_by(parameter: SearchParameter) -> bool:
    return bool(parameter.paths) and parameter.kind not in ("composite", "phonetic")


def _word(value: str, words: frozenset[Summary]) -> Summary:
    return next(each for each in words if each == value)


_WANTED: dict[str, Callable[[QueryReader, Query, str, str], None]] = {
    "_count": QueryReader._count,
    "_summary": QueryReader._summary,
    "_elements": QueryReader._elements,
    "_total": QueryReader._total,
    "_sort": QueryReader._sort,
    "_page": QueryReader._page,
    "_include": QueryReader._include,
    "_revinclude": QueryReader._include,
}
"""Parameters that say how the answer is wanted, and what reads each."""
