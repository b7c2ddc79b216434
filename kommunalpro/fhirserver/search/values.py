"""From an element to its index values, one function for each kind of search parameter.

A value is a text and, where it covers an interval, the text of its end:

- token: `system|code` and the bare code (`|code` when there is no system);
- reference: `Type/id` for our own (base left out), the whole URL for another; one to a version, or a canonical with
  one, with it and without it; under `name:identifier` the tokens of a logical reference;
- string: lower case without accents, and under `name:exact` as written; uri: as it is; date: start and end of the
  interval it covers;
- quantity: `system|code|number`, `|code|number` and `number`, for a search with system, unit, or neither; number: the
  last of these; where a number is a text that sorts (`numbers.py`);
- composite: the values of both components, parted by `$`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from unicodedata import combining, normalize

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.protocols import ParameterType
from kommunalpro.fhirserver.search.numbers import HIGHEST, LOWEST, OPEN, just_below, number_key

LONGEST = 300
"""Characters of a value that are indexed; longer ones are found by their beginning."""

EARLIEST, LATEST = "0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999"
_TEXT_PARTS = (
    *("text", "family", "given", "prefix", "suffix"),
    *("line", "city", "district", "state", "postalCode", "country"),
)

Value = tuple[str, str]
"""A text, and the end of the interval it begins; empty when it is no interval."""

IN_HISTORY, OF_BUSINESS = "/", "|"
"""Stand where an interval would end, beside what is referred to not as such but in a version, or a business version."""


def token_values(value: Any, base_url: str) -> Iterable[Value]:
    """Give a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean."""
    return [each for system, code in tokens(value) for each in ((f"{system}|{code}", ""), (code, ""))]


def tokens(value: Any) -> Iterable[tuple[str, str]]:
    """Give (system, code) of everything coded; the system is empty when there is none."""
    if isinstance(value, str):
        return (("", value),)
    if isinstance(value, bool):
        return (("", "true" if value else "false"),)
    if not isinstance(value, dict):
        return ()
    if "coding" in value:
        return [token for coding in value["coding"] for token in tokens(coding)]
    if "code" in value or "value" in value:
        return ((value.get("system", ""), str(value.get("code", value.get("value", "")))),)
    return ()


def reference_values(value: Any, base_url: str) -> tuple[Value, ...]:
    """Give a Reference, canonical or URL."""
    text = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(text, str) or text.startswith("#"):
        return ()
    key = reference_key(text, base_url)
    if "|" not in key and "/_history/" not in text:
        return ((key, ""),)
    plain, pinned = key.partition("|")[0], pinned_key(text, base_url)
    versions = {(each, "") for each in (key, pinned) if each and each != plain}
    return (plain, IN_HISTORY if pinned else OF_BUSINESS), *versions


def unpinned_values(value: Any, base_url: str) -> Iterable[Value]:
    """Give a Reference without its version: the log names the version of all it names, and is asked whom it is about.

    To have each version in the index as well would cost every request.
    """
    return [(key, "") for key, _ in reference_values(value, base_url)[:1]]


@lru_cache(maxsize=4096)
def reference_key(text: str, base_url: str) -> str:
    """Give how a reference stands in the index, without its version; a canonical keeps its business version.

    A resource names the same few again and again, and its AuditEvent names them once more.
    """
    url, bar, version = text.partition("|")
    reference = Reference.parse(url)
    if reference and reference.base in (None, base_url):
        return reference.key + bar + version
    return (reference.url if reference else url) + bar + version


@lru_cache(maxsize=4096)
def pinned_key(text: str, base_url: str) -> str | None:
    """Give how a reference to a version (`…/_history/n`) stands in the index; None: it is to none."""
    reference = Reference.parse(text.partition("|")[0])
    if reference is None or reference.version is None:
        return None
    return f"{reference_key(text, base_url).partition('|')[0]}/_history/{reference.version}"


def string_values(value: Any, base_url: str) -> Iterator[Value]:
    """Give a string, or the parts of a HumanName or Address, folded."""
    for text in strings(value):
        yield folded(text), ""


def folded(text: str) -> str:
    """Give a text as it is compared: in lower case, without accents, and one space for several (R4 search.html#string).

    Å is a letter of its own and not an A with something on it, as Æ and Ø are; however it is written.

    >>> folded("René Åkær"), folded("A\u030a")
    ('rene åkær', 'å')
    """
    lower = " ".join(text.casefold().split())
    if lower.isascii():
        return lower
    parts = normalize("NFD", lower).replace("a\u030a", "å")
    return "".join(each for each in parts if not combining(each))


def strings(value: Any) -> Iterator[str]:
    """Give the words themselves."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in _TEXT_PARTS:
            found = value.get(part)
            if isinstance(found, str):
                yield found
            elif found:
                # Null is a name that has only an extension (R4 json.html#null).
                yield from (each for each in found if each is not None)


def uri_values(value: Any, base_url: str) -> Iterator[Value]:
    """Give a uri as it is."""
    if isinstance(value, str):
        yield value, ""


def date_values(value: Any, base_url: str) -> Iterator[Value]:
    """Give a date, dateTime, instant or Period as the interval it covers."""
    if isinstance(value, str):
        yield interval(value)
    elif isinstance(value, dict) and ("start" in value or "end" in value):
        start = interval(value["start"])[0] if "start" in value else EARLIEST
        end = interval(value["end"])[1] if "end" in value else LATEST
        yield start, end


def number_values(value: Any, base_url: str) -> Iterator[Value]:
    """Give a number."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        key = number_key(Decimal(value))
        yield key, key


def quantity_values(value: Any, base_url: str) -> Iterator[Value]:
    """Give a Quantity or a Range: the lowest and the highest that it can be."""
    if not isinstance(value, dict):
        return
    is_range = "low" in value or "high" in value
    low, high = (value.get("low", {}), value.get("high", {})) if is_range else (value, value)
    lowest, highest = _lowest(low), _highest(high)
    for prefix in _units(low or high):
        yield prefix + lowest, highest


def _lowest(quantity: Any) -> str:
    """Give the beginning; what is said to be less than its value has none, and what is more begins after it."""
    comparator = quantity.get("comparator", "")
    if "value" not in quantity or comparator.startswith("<"):
        return LOWEST
    return number_key(Decimal(quantity["value"])) + (OPEN if comparator == ">" else "")


def _highest(quantity: Any) -> str:
    """Give the end; what is said to be more than its value has none, and what is less ends before it."""
    comparator = quantity.get("comparator", "")
    if "value" not in quantity or comparator.startswith(">"):
        return HIGHEST
    key = number_key(Decimal(quantity["value"]))
    return just_below(key) if comparator == "<" else key


def _units(quantity: Any) -> Iterator[str]:
    """Give what stands before the number: nothing, the unit, and the unit with its system."""
    yield ""
    system = quantity.get("system", "")
    for unit in {quantity.get("code"), quantity.get("unit")} - {None}:
        yield f"|{unit}|"
    if system and "code" in quantity:
        yield f"{system}|{quantity['code']}|"


@lru_cache(maxsize=1024)
def interval(text: str) -> Value:
    """Give the start and the end (not included) of what a date says, as UTC texts that sort by time.

    What is written together has the same few times.

    Raises:
        ValueError: it is no date.
    """
    start, end = parse_interval(text)
    return moment_text(start), moment_text(end)


@lru_cache(maxsize=1024)
def moment_text(moment: datetime) -> str:
    """Give a moment as date indexes have it; remembered, for one request asks of one moment again and again."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


VALUES: dict[ParameterType, Callable[[Any, str], Iterable[Value]]] = {
    "token": token_values,
    "reference": reference_values,
    "string": string_values,
    "uri": uri_values,
    "date": date_values,
    "number": number_values,
    "quantity": quantity_values,
}
"""Kind of parameter → what gives its values; a composite is made of two of these."""
