"""From a parameter of a query to the condition that a row must meet.

Modifiers: `:missing` of all; `:not`, `:in`, `:not-in` of tokens; `:exact`, `:contains` of strings; `:identifier` and
`:[type]` of references. Comma means or. A chain (`patient.family`, `subject:Patient.family`) and `_has` go one link
far, through what the caller may see: else a search would tell what a read hides.

A reference that is asked for in a version (`…/_history/n`) is one to that version, or to none: FUT's clients ask by
whatever address they hold. A canonical that is asked for with a business version (`…|1.0`) has that one.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kommunalpro.fhir.outcome import BadRequest, UnknownParameter
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.database import Sql, placeholders
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search import comparing
from kommunalpro.fhirserver.search.comparing import Comparison
from kommunalpro.fhirserver.search.filters import Visible, by_row, filter_sql, joined
from kommunalpro.fhirserver.search.links import Links
from kommunalpro.fhirserver.search.refusing import Parameters, must_be, unknown, unknown_modifier, unreadable
from kommunalpro.fhirserver.search.searchable import Searchable
from kommunalpro.fhirserver.search.values import IN_HISTORY, LONGEST, pinned_key, reference_key

MOST_VALUES = 200
"""Values that one parameter may have; more is no question but a list."""
_COMMA = re.compile(r"(?<!\\),")
_DOLLAR = re.compile(r"(?<!\\)\$")
_ESCAPED = re.compile(r"\\([,|$\\])")
_PLAIN = re.compile(r"[:.]")
_SPECIAL = re.compile(r"[,|$\\]")
_COMPARISONS: Mapping[str, Comparison] = {
    "string": comparing.string_begins,
    "phonetic": comparing.sounds_like,
    "date": comparing.date,
    "number": comparing.number,
    "quantity": comparing.quantity,
    "token": comparing.token,
    "uri": comparing.equals,
}
_BOUNDS: Mapping[Comparison, Callable[[str], Sql | None]] = {
    comparing.string_begins: comparing.string_begins,
    comparing.sounds_like: comparing.sounds_like,
    comparing.equals: comparing.equals,
    comparing.token: comparing.token,
    comparing.date: comparing.date_bound,
}
"""Comparisons that bound what an index has together, and the bound."""
ROW = "one"
"""The alias of a row of few, each of which is looked at by itself."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Index rows `i` of which a row must have one: where a search may begin, instead of going through all rows.

    `counted` is what is counted to know how many they are, by an index alone; it may be a few more.
    `is_single`: they share one value, so that a row has one of them at most and they stand by time.
    """

    sql: Sql = field(repr=False)
    counted: Sql = field(repr=False)
    is_single: bool = False

    @staticmethod
    def of(type: str, name: str, condition: Sql, *, bound: Sql | None = None, is_single: bool = False) -> "Lead":
        """Give the lead of a parameter whose index rows meet a condition; all of them are within the bound."""
        of_parameter: Sql = ("i.type = %s AND i.parameter = %s", (type, name))
        counted = joined(" AND ", "TRUE", [of_parameter, bound or condition])
        return Lead(joined(" AND ", "TRUE", [counted, condition]) if bound else counted, counted, is_single)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row must meet. `lead` says the same as `sql`, where it can be begun with.

    `by_row` says the same of a row called `ROW`, which may be another condition's lead: it is looked at row by row, and
    before the resource is fetched.
    """

    sql: Sql = field(repr=False)
    lead: Lead | None = field(default=None, repr=False)
    by_row: Sql = field(default=("TRUE", ()), repr=False)


@dataclass(frozen=True, slots=True)
class Matcher:
    """Reads the parameters of one caller's query; `row` is the alias of the row that must match.

    `codes_in` gives `system|code` of each code of the ValueSet with a canonical URL.
    """

    parameters: Parameters
    base_url: str
    visible: Visible
    searchable: Searchable
    codes_in: Callable[[str], Sequence[str]]
    row: str = "r"

    def condition(self, type: str, name: str, value: str) -> Condition:
        """Read one parameter.

        Raises:
            UnknownParameter: a parameter or modifier that is not offered, by its name.
            BadRequest: a value that cannot be read.
        """
        try:
            condition = self._condition(type, name, value)
        except comparing.Unreadable as wrong:
            raise unreadable(name, str(wrong), value) from None
        return replace(condition, by_row=replace(self, row=ROW)._condition(type, name, value).sql)

    def check_name(self, type: str, name: str) -> None:
        """Refuse a parameter or modifier that is not offered, whatever its value.

        Raises:
            UnknownParameter: names it.
        """
        try:
            self._condition(type, name, "")
        except UnknownParameter:
            raise
        except (BadRequest, comparing.Unreadable):
            pass

    def _condition(self, type: str, name: str, value: str) -> Condition:
        asked = _PLAIN.split(name, maxsplit=1)[0]
        if not self.searchable.has(type, asked):
            raise unknown(type, asked, why=self.searchable.told(type))
        if name.startswith("_has:"):
            return Condition(self._has(type, name, value))
        if "." in name:
            return Condition(self._chain(type, name, value))
        plain, _, modifier = name.partition(":")
        if plain == "_id" and not modifier:
            # The address of another type's is none of this type's ids.
            ids = [reference_key(each, self.base_url).removeprefix(f"{type}/") for each in values_of(plain, value)]
            return Condition((f"{self.row}.id IN ({placeholders(len(ids))})", tuple(ids)))
        if plain == "_lastUpdated" and not modifier:
            parts = [comparing.last_updated(each, self.row) for each in values_of(plain, value)]
            return Condition(joined(" OR ", "FALSE", parts))
        parameter = self.parameters[type].get(plain)
        if parameter is None:
            raise unknown(type, name if plain in ("_id", "_lastUpdated") else plain)
        if not parameter.paths:
            return self._without_path(parameter, modifier, value)
        return self._match(parameter, modifier, value)

    def _without_path(self, parameter: SearchParameter, modifier: str, value: str) -> Condition:
        """Another name of a chain, or what a search says of itself: nothing is held against that."""
        if parameter.means:
            return self._condition(parameter.type, f"{parameter.means}:{modifier}".rstrip(":"), value)
        if modifier:
            raise unknown(parameter.type, f"{parameter.name}:{modifier}", why="it takes no modifier")
        return Condition(("TRUE", ()))

    def _match(self, parameter: SearchParameter, modifier: str, value: str) -> Condition:
        name, kind = parameter.name, parameter.kind
        if modifier == "missing":
            if value not in ("true", "false"):
                raise must_be(f"{name}:missing", "true or false")
            return Condition(self._missing(parameter) if value == "true" else self._present(parameter))
        if not modifier and kind == "composite":
            # What is parted by $ must be parted before an escaped one becomes a $ like any other.
            parts = [self._some(name, *self._composite(parameter, each)) for each in _parted(name, value)]
            return Condition(joined(" OR ", "FALSE", parts))
        if not modifier:
            return self._any(parameter, values_of(name, value))
        if kind == "token" and modifier in ("not", "in", "not-in"):
            codes = self.codes_in(value) if modifier.endswith("in") else values_of(name, value)
            found = self._any(parameter, codes)
            return Condition((f"NOT ({found.sql[0]})", found.sql[1])) if modifier.startswith("not") else found
        if kind == "string" and modifier in ("exact", "contains"):
            compare = comparing.equals if modifier == "exact" else comparing.string_contains
            return self._each(
                parameter, f"{name}:exact" if modifier == "exact" else name, compare, values_of(name, value)
            )
        if kind == "reference" and modifier == "identifier":
            return self._each(parameter, f"{name}:identifier", comparing.token, values_of(name, value))
        if kind == "reference" and modifier in (parameter.targets or self.parameters):
            return self._any(parameter, _addresses(name, modifier, values_of(name, value)))
        raise unknown_modifier(parameter, modifier)

    def _present(self, parameter: SearchParameter) -> Sql:
        """A value stands in the index; of a reference, also who or what is meant by an identifier alone."""
        names = [parameter.name, *([f"{parameter.name}:identifier"] if parameter.kind == "reference" else [])]
        return joined(" OR ", "FALSE", [self._some(each, "TRUE", ()) for each in names])

    def _missing(self, parameter: SearchParameter) -> Sql:
        sql, bound = self._present(parameter)
        return f"NOT ({sql})", bound

    def _any(self, parameter: SearchParameter, values: Sequence[str]) -> Condition:
        if not all(values):
            raise BadRequest("En søgeværdi er tom.", diagnostics=f"Empty value for {parameter.name}")
        if parameter.system:
            # A bare code is of the system it is bound to, and stands in the index without one.
            values = [each.removeprefix(parameter.system) if "|" in each else each for each in values]
        if parameter.kind == "reference":
            return self._referring(parameter, values)
        if parameter.kind == "uri" or (parameter.kind == "token" and not any(each.endswith("|") for each in values)):
            return self._one_of(parameter, values)
        return self._each(parameter, parameter.name, _COMPARISONS[parameter.kind], values)

    def _referring(self, parameter: SearchParameter, values: Sequence[str]) -> Condition:
        pinned = {each: key for each in values if (key := pinned_key(each, self.base_url))}
        plain = [key for each in values if each not in pinned for key in self._keys(parameter, each)]
        if not pinned:
            return self._one_of(parameter, plain)
        one_of = _values_in([*plain, *pinned.values(), *(reference_key(each, self.base_url) for each in pinned)])
        # What stands there without a version, where one is asked for, is only meant so where nothing follows it.
        meant = joined(" OR ", "TRUE", [("i.high <> %s", (IN_HISTORY,)), *([_values_in(plain)] if plain else [])])
        condition = joined(" AND ", "TRUE", [one_of, meant])
        lead = Lead.of(parameter.type, parameter.name, condition, bound=one_of)
        return Condition(self._some(parameter.name, *condition), lead)

    def _one_of(self, parameter: SearchParameter, values: Sequence[str]) -> Condition:
        one_of = _values_in(values)
        lead = Lead.of(parameter.type, parameter.name, one_of, is_single=len(values) == 1)
        return Condition(self._some(parameter.name, *one_of), lead)

    def _each(self, parameter: SearchParameter, name: str, compare: Comparison, values: Sequence[str]) -> Condition:
        conditions = [compare(each) for each in values]
        bound = _BOUNDS[compare](values[0]) if compare in _BOUNDS and len(values) == 1 else None
        lead = Lead.of(parameter.type, name, conditions[0], bound=bound) if bound else None
        return Condition(joined(" OR ", "FALSE", [self._some(name, *each) for each in conditions]), lead)

    def _some(self, name: str, condition: str, bound: tuple[object, ...]) -> Sql:
        of_row = f"i.type = {self.row}.type AND i.id = {self.row}.id AND i.parameter = %s"
        end = by_row() if self.row == ROW else ""
        return f"EXISTS (SELECT 1 FROM fhir_index i WHERE {of_row} AND ({condition}){end})", (name, *bound)

    def _composite(self, parameter: SearchParameter, value: str) -> Sql:
        """Both components of one element: `code$value`; of a reference in either order, for R4 has both."""
        parts = [_ESCAPED.sub(r"\1", each) for each in _DOLLAR.split(value)]
        if len(parts) != len(parameter.components) or not all(parts):
            raise BadRequest(
                "En sammensat søgeværdi har to dele.", diagnostics=f"{parameter.name} takes two values parted by $"
            )
        first, second = parts
        kind = parameter.components[1].kind
        if kind == "quantity":
            return comparing.amount_of(first, second)
        if kind != "reference":
            return comparing.pair(first, second)
        code, to = (second, first) if "/" in first.rpartition("|")[2] else (first, second)
        return joined(" OR ", "FALSE", [comparing.pair(code, each) for each in self._keys(parameter, to)])

    def _keys(self, parameter: SearchParameter, value: str) -> Iterator[str]:
        """A bare id may be of any type that the reference may be to."""
        key = reference_key(value, self.base_url)
        if "/" in key or ":" in key:
            yield key
            return
        yield from (f"{target}/{key}" for target in (parameter.targets or sorted(self.parameters)))

    def _chain(self, type: str, name: str, value: str) -> Sql:
        first, _, rest = name.partition(".")
        first, _, target = first.partition(":")
        link = self.reference(type, first)
        if link is None or "." in rest:
            raise unknown(type, name, why="a chain goes through one reference" if link else "")
        if not target and not link.targets:
            raise unknown(type, name, why=f"{first} may be to any type, so pick one: {first}:Patient.{rest}")
        if target and target not in (link.targets or self.parameters):
            raise unknown_modifier(link, target)
        targets = [each for each in ([target] if target else link.targets) if self._has_parameter(each, rest)]
        if not targets:
            raise unknown(type, name)
        links = Links(self.parameters, self.visible)
        ways = [links.forth(self.row, link, each, self._inside(each, rest, value)) for each in targets]
        return joined(" OR ", "FALSE", ways)

    def _has(self, type: str, name: str, value: str) -> Sql:
        """One of the named type refers to the row, and meets the condition: `_has:Observation:patient:code`."""
        _, source, link, rest = (*name.split(":", 3), "", "", "")[:4]
        reference = self.reference(source, link) if self.searchable.has(source, link) else None
        if reference is None or "." in rest or not self._has_parameter(source, rest):
            raise unknown(type, name, why="it takes the form _has:Type:reference:parameter")
        return Links(self.parameters, self.visible).back(self.row, type, reference, self._inside(source, rest, value))

    def _inside(self, type: str, name: str, value: str) -> Sql:
        """What the row `c` at the other end of a link must meet, and that the caller may see it."""
        inner = replace(self, row="c")._condition(type, name, value).sql
        return joined(" AND ", "TRUE", [("NOT c.deleted", ()), inner, filter_sql(self.visible(type), "c")])

    def _has_parameter(self, type: str, name: str) -> bool:
        plain = name.partition(":")[0]
        parameter = self.parameters.get(type, {}).get(plain)
        is_of_all = type in self.parameters and plain in ("_id", "_lastUpdated")
        return (is_of_all or (parameter is not None and bool(parameter.paths))) and self.searchable.has(type, plain)

    def reference(self, type: str, name: str) -> SearchParameter | None:
        """Give a reference parameter; None when there is none of this name."""
        parameter = self.parameters.get(type, {}).get(name)
        return parameter if parameter is not None and parameter.kind == "reference" else None


def _addresses(name: str, type: str, values: Sequence[str]) -> list[str]:
    """Give the addresses of what is named by id, or by address, as of one type.

    Raises:
        BadRequest: one of them is not of this type, or of nothing that can be told to be.
    """
    addresses = [f"{type}/{each}" if Reference.parse(f"{type}/{each}") else each for each in values]
    if not all((found := Reference.parse(each)) and found.type == type for each in addresses):
        raise must_be(f"{name}:{type}", f"an id, or the address of a {type}")
    return addresses


def _values_in(values: Sequence[str]) -> Sql:
    return f"i.value IN ({placeholders(len(values))})", tuple(each[:LONGEST] for each in values)


def values_of(name: str, value: str) -> list[str]:
    """Take apart what a comma parts (or) of a parameter; an escaped comma, bar or dollar stands for itself.

    Raises:
        BadRequest: they are more than one parameter may have.
    """
    return [_ESCAPED.sub(r"\1", each) for each in _parted(name, value)]


def escaped(text: str) -> str:
    """Write a text as one value of a parameter, which `values_of` reads as it was."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _parted(name: str, value: str) -> list[str]:
    values = _COMMA.split(value)
    if len(values) > MOST_VALUES:
        detail = f"{name} takes at most {MOST_VALUES} values"
        raise BadRequest("Der er for mange værdier.", diagnostics=detail, code="too-costly")
    return values
