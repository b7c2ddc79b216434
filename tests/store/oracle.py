"""A reference implementation of search that is too simple to be wrong: a list, looked through row by row.

It knows nothing of the server's index, its table of parameters or its SQL: where a parameter leads is written down
here again, by hand, and what R4 says of values, prefixes and modifiers is put as plainly as Python can.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kommunalpro.fhir import ehealth
from tests.store.cast import BASE

DANISH = ZoneInfo("Europe/Copenhagen")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where a parameter leads: its kind, and what gives the elements of a resource; `of` are a composite's parts."""

    kind: str
    elements: Callable[[Any], Iterable[Any]]
    target: str = ""
    of: tuple[str, ...] = ()


def extension(url: str) -> Callable[[Any], Iterable[Any]]:
    return lambda row: [each["valueReference"] for each in row.get("extension", ()) if each["url"] == url]


def one(*names: str) -> Callable[[Any], Iterable[Any]]:
    return lambda row: [row[name] for name in names if name in row]


EPISODE = Place("reference", extension(ehealth.WORKFLOW_EPISODE_OF_CARE), "EpisodeOfCare")
PLACES: dict[str, dict[str, Place]] = {
    "Observation": {
        "code": Place("token", one("code")),
        "status": Place("token", one("status")),
        "subject": Place("reference", one("subject"), "Patient"),
        "performer": Place("reference", lambda row: row.get("performer", [])),
        "episodeOfCare": EPISODE,
        "date": Place("date", one("effectiveDateTime", "effectivePeriod")),
        "value-quantity": Place("quantity", one("valueQuantity")),
        "code-value-quantity": Place("composite", lambda row: [row], of=("code", "value-quantity")),
        "_source": Place("uri", lambda row: [row["meta"]["source"]] if "source" in row["meta"] else []),
    },
    "Patient": {
        "family": Place("string", lambda row: [each["family"] for each in row["name"]]),
        "given": Place("string", lambda row: [given for each in row["name"] for given in each["given"]]),
        "phonetic": Place("phonetic", lambda row: [[*each["given"], each["family"]] for each in row["name"]]),
        "identifier": Place("token", lambda row: row["identifier"]),
        "gender": Place("token", one("gender")),
    },
    "EpisodeOfCare": {
        "patient": Place("reference", one("patient"), "Patient"),
        "team": Place("reference", lambda row: row.get("team", []), "CareTeam"),
        "status": Place("token", one("status")),
    },
}


@dataclass(frozen=True)
class Oracle:
    """All there is, as far as somebody may see it."""

    rows: tuple[Any, ...]

    def search(self, type: str, pairs: Iterable[tuple[str, str]]) -> Rows:
        """Give what matches, in no order."""
        return [row for row in self._of(type) if all(self.matches(row, name, value) for name, value in pairs)]

    def matches(self, row: Any, name: str, value: str) -> bool:
        type = row["resourceType"]
        if name.startswith("_has:"):
            _, source, link, rest = name.split(":", 3)
            return any(self._links(other, link, row) and self.matches(other, rest, value) for other in self._of(source))
        if "." in name:
            first, rest = name.split(".")
            first, _, target = first.partition(":")
            others = self._of(target or PLACES[type][first].target)
            return any(self._links(row, first, other) and self.matches(other, rest, value) for other in others)
        plain, _, modifier = name.partition(":")
        if plain == "_id":
            return row["id"] in value.split(",")
        place = PLACES[type][plain]
        if modifier == "missing":
            return (not list(place.elements(row))) == (value == "true")
        found = any(self._fits(row, place, modifier, each) for each in value.split(","))
        return not found if modifier == "not" else found

    def _of(self, type: str) -> Rows:
        return [row for row in self.rows if row["resourceType"] == type]

    def _links(self, row: Any, name: str, other: Any) -> bool:
        keys = [key_of(each["reference"]) for each in PLACES[row["resourceType"]][name].elements(row)]
        return f"{other['resourceType']}/{other['id']}" in keys

    def _fits(self, row: Any, place: Place, modifier: str, value: str) -> bool:
        if place.kind == "composite":
            parts = zip(place.of, value.split("$"), strict=True)
            return all(self.matches(row, name, part) for name, part in parts)
        return any(TESTS[place.kind](element, modifier, value, place) for element in place.elements(row))


def key_of(reference: str) -> str:
    """`Type/id` for our own; the whole URL for another's."""
    return reference.removeprefix(f"{BASE}/").partition("/_history/")[0]


def version_of(reference: str) -> str:
    """The version that is meant; empty when none is."""
    return reference.partition("/_history/")[2]


def is_token(element: Any, modifier: str, value: str, place: Place) -> bool:
    asked = value.split("|")
    for system, code in codings(element):
        if len(asked) == 1 and code == asked[0]:
            return True
        if len(asked) == 2 and system == asked[0] and asked[1] in ("", code):
            return True
    return False


def codings(element: Any) -> Iterator[tuple[str, str]]:
    if isinstance(element, str):
        yield "", element
    elif "coding" in element:
        yield from (pair for each in element["coding"] for pair in codings(each))
    else:
        yield element.get("system", ""), element.get("code", element.get("value", ""))


def is_reference(element: Any, modifier: str, value: str, place: Place) -> bool:
    if modifier == "identifier":
        return "identifier" in element and is_token(element["identifier"], "", value, place)
    if "reference" not in element:
        return False
    key, pinned, asked = key_of(element["reference"]), version_of(element["reference"]), version_of(value)
    return key in (key_of(value), f"{place.target}/{value}") and ("" in (pinned, asked) or pinned == asked)


def is_string(element: str, modifier: str, value: str, place: Place) -> bool:
    if modifier == "exact":
        return element == value
    if modifier == "contains":
        return plain(value) in plain(element)
    return plain(element).startswith(plain(value))


def plain(text: str) -> str:
    """Whatever the case, the accents and the space between words; Danish Å is no A."""
    kept = " ".join(text.casefold().split()).replace("a\u030a", "å")
    return "".join(each if each == "å" else unicodedata.normalize("NFD", each)[0] for each in kept)


ALIKE = ({"nancy", "nansi"}, {"ann", "anne"}, {"berggren", "bergren"}, {"tjørn", "tjoern"}, {"simonsen", "simonssen"})
"""Names that sound alike, as far as they are asked for and of our citizens; others sound like themselves alone."""


def is_phonetic(element: list[str], modifier: str, value: str, place: Place) -> bool:
    """Words that follow each other in the name, each by what sounds so."""
    name, asked = (" ".join(element).lower().split(), value.lower().split())
    runs = (name[start : start + len(asked)] for start in range(len(name) - len(asked) + 1))
    return any(all(map(sounds_like, run, asked)) for run in runs)


def sounds_like(word: str, other: str) -> bool:
    return word == other or any({word, other} <= group for group in ALIKE)


def is_uri(element: str, modifier: str, value: str, place: Place) -> bool:
    return element == value


def is_quantity(element: Any, modifier: str, value: str, place: Place) -> bool:
    amount, *unit = value.split("|")
    if unit and unit[1] != element.get("code") and not (not unit[0] and unit[1] == element.get("unit")):
        return False
    if unit and unit[0] and unit[0] != element.get("system"):
        return False
    prefix, text = re.fullmatch(r"([a-z]{2})?(.+)", amount).groups()
    low, high = implied(text)
    (first, last), asked, tenth = reach(element), Decimal(text), abs(Decimal(text)) / 10
    inside = (low, 0) <= first and last < (high, 0)
    return {
        "eq": inside,
        "ne": not inside,
        "gt": last > (asked, 0),
        "lt": first < (asked, 0),
        "ge": last >= (asked, 0),
        "le": first <= (asked, 0),
        "sa": first > (asked, 0),
        "eb": last < (asked, 0),
        "ap": first <= (asked + tenth, 0) and last >= (asked - tenth, 0),
    }[prefix or "eq"]


def reach(element: Any) -> tuple[tuple[Decimal, int], tuple[Decimal, int]]:
    """The lowest and the highest that it can be; 1 and -1: what comes just above, and just below."""
    number, comparator = Decimal(element["value"]), element.get("comparator", "")
    first, last = (Decimal("-Infinity"), 0), (Decimal("Infinity"), 0)
    return {
        "": ((number, 0), (number, 0)),
        "<": (first, (number, -1)),
        "<=": (first, (number, 0)),
        ">=": ((number, 0), last),
        ">": ((number, 1), last),
    }[comparator]


def implied(text: str) -> tuple[Decimal, Decimal]:
    """How exact a number is said to be: half of its last digit to both sides."""
    half = Decimal(1).scaleb(-len(text.partition(".")[2])) / 2
    return Decimal(text) - half, Decimal(text) + half


def is_date(element: str, modifier: str, value: str, place: Place) -> bool:
    prefix, text = re.fullmatch(r"([a-z]{2})?(.+)", value).groups()
    stored = span(element) if isinstance(element, str) else (span(element["start"])[0], span(element["end"])[1])
    return compared(prefix or "", stored, span(text))


def compared(prefix: str, stored: tuple[datetime, datetime], asked: tuple[datetime, datetime]) -> bool:
    """R4, search.html, prefixes: both are a first moment, and the one after the last."""
    (low, high), (start, end) = stored, asked
    inside = start <= low < end and start < high <= end
    return {
        "eq": inside,
        "ne": not inside,
        "gt": high > end,
        "lt": low < start,
        "ge": high > end or inside,
        "le": low < start or inside,
        "sa": low >= end,
        "eb": high <= start,
        "ap": low < end and high > start,
    }[prefix or "eq"]


def span(text: str) -> tuple[datetime, datetime]:
    """The time that a date may mean: from its first moment to the one after its last, in Denmark."""
    if "T" in text:
        start = datetime.fromisoformat(text)
        return start, start + timedelta(seconds=1)
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    first = date(year, month or 1, day or 1)
    after = date(year + 1, 1, 1) if not month else date(year + month // 12, month % 12 + 1, 1)
    last = first + timedelta(days=1) if day else after
    return midnight(first), midnight(last)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=DANISH)


TESTS = {
    "token": is_token,
    "reference": is_reference,
    "string": is_string,
    "phonetic": is_phonetic,
    "uri": is_uri,
    "quantity": is_quantity,
    "date": is_date,
}
