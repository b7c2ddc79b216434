"""From an element to its index values, one function for each kind of search parameter.

- token: `system|code` and the bare code (`|code` when there is no system);
- reference: `Type/id` for our own (version and base left out), the whole URL for a foreign one;
- string: lower case, and `name:exact` as written; date: start and end of the interval it covers; uri: as it is.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.writer import IndexRow

ZONE = ZoneInfo("Europe/Copenhagen")
LONGEST = 300
"""Characters of a value that are indexed; longer strings are found by their beginning."""

EARLIEST, LATEST = "0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999"
_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")


def token_rows(name: str, value: Any, base_url: str) -> Iterator[IndexRow]:
    """Index a code, Coding, CodeableConcept, Identifier or boolean."""
    for system, code in _tokens(value):
        yield IndexRow(name, f"{system}|{code}"[:LONGEST])
        yield IndexRow(name, code[:LONGEST])


def _tokens(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield "", "true" if value else "false"
    elif isinstance(value, str):
        yield "", value
    elif isinstance(value, dict) and "coding" in value:
        for coding in value["coding"]:
            yield from _tokens(coding)
    elif isinstance(value, dict) and ("code" in value or "value" in value):
        yield value.get("system", ""), str(value.get("code", value.get("value", "")))


def reference_rows(name: str, value: Any, base_url: str) -> Iterator[IndexRow]:
    """Index a Reference, canonical or URL."""
    text = value.get("reference") if isinstance(value, dict) else value
    if isinstance(text, str) and not text.startswith("#"):
        yield IndexRow(name, reference_key(text, base_url)[:LONGEST])


def reference_key(text: str, base_url: str) -> str:
    """Give how a reference stands in the index."""
    reference = Reference.parse(text)
    if reference and reference.base in (None, base_url):
        return reference.key
    return reference.url if reference else text


def string_rows(name: str, value: Any, base_url: str) -> Iterator[IndexRow]:
    """Index a string, or the parts of a HumanName."""
    for text in _strings(value):
        yield IndexRow(name, text.casefold()[:LONGEST])
        yield IndexRow(f"{name}:exact", text[:LONGEST])


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in _NAME_PARTS:
            found = value.get(part, ())
            yield from (found,) if isinstance(found, str) else found


def uri_rows(name: str, value: Any, base_url: str) -> Iterator[IndexRow]:
    """Index a uri as it is."""
    if isinstance(value, str):
        yield IndexRow(name, value[:LONGEST])


def date_rows(name: str, value: Any, base_url: str) -> Iterator[IndexRow]:
    """Index a date, dateTime, instant or Period as the interval it covers."""
    if isinstance(value, str):
        yield IndexRow(name, *interval(value))
    elif isinstance(value, dict) and ("start" in value or "end" in value):
        start = interval(value["start"])[0] if "start" in value else EARLIEST
        end = interval(value["end"])[1] if "end" in value else LATEST
        yield IndexRow(name, start, end)


@lru_cache(maxsize=1024)
def interval(text: str) -> tuple[str, str]:
    """Give the start and the end (not included) of what a date says, as UTC texts that sort by time.

    What is written together has the same few times.

    Raises:
        ValueError: it is no date.
    """
    start, end = parse_interval(text, ZONE)
    return moment_text(start), moment_text(end)


def moment_text(moment: datetime) -> str:
    """Give a moment as date indexes have it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


ROWS: dict[str, Callable[[str, Any, str], Iterator[IndexRow]]] = {
    "token": token_rows,
    "reference": reference_rows,
    "string": string_rows,
    "uri": uri_rows,
    "date": date_rows,
}
"""Kind of parameter → what makes its index rows. A kind that is not here is not searchable yet."""
