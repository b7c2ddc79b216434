"""Which names stand twice in one object of a text that is JSON, and where: a parser keeps one of them and is silent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import BadRequest, Issue

MOST_TOLD = 50
_LONGEST = 300
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],]')
# What no element is called may be anything, somebody's number too: it is not repeated.
_NAME = re.compile(r"_?[A-Za-z](?:[A-Za-z]|[0-9]{1,2}(?![0-9])){0,63}")
_UNNAMED = "…"


@dataclass(slots=True)
class _Open:
    """An object, or a list (`names` None), that is being read: what it has, and where in it the reader is."""

    names: set[str] | None
    at: str | int = 0
    awaits_name: bool = False


def given_twice(raw: bytes, value: Any) -> BadRequest:
    """Make the refusal of a body that is JSON: names each element that is there again, and its place, never a value.

    `value` is what a parser made of it, which tells the type that a FHIRPath begins with.
    """
    root = value.get("resourceType") if isinstance(value, dict) else None
    start = _step(root) if isinstance(root, str) else ""
    return BadRequest(issues=(_issue(start + place, name) for place, name in islice(_again(raw), MOST_TOLD)))


def _issue(place: str, name: str) -> Issue:
    step = _step(name)
    path = f"{place}{step}".removeprefix(".")
    shown = path if len(path) <= _LONGEST else _UNNAMED + path[-_LONGEST:]
    return Issue(
        f"Feltet ”{step[1:]}” må kun stå én gang samme sted.",
        diagnostics=f"Two elements of one object have the same name: {shown}",
        expression=None if _UNNAMED in shown else path,
        code="structure",
    )


def _again(raw: bytes) -> Iterator[tuple[str, str]]:
    """Give (the object's place below the root, the name) of each element that has the name of one before it."""
    levels: list[_Open] = []
    for match in _TOKEN.finditer(raw):
        token, inner = match[0], levels[-1] if levels else _Open(None)
        if token in (b"{", b"["):
            levels.append(_Open(set(), awaits_name=True) if token == b"{" else _Open(None))
        elif token in (b"}", b"]"):
            levels.pop()
        elif token == b",":
            inner.awaits_name = inner.names is not None
            inner.at = inner.at + 1 if isinstance(inner.at, int) else inner.at
        elif inner.names is not None and inner.awaits_name:
            name = loads(token)
            if name in inner.names:
                yield "".join(_step(each.at) for each in levels[:-1]), name
            inner.names.add(name)
            inner.at, inner.awaits_name = name, False


def _step(at: str | int) -> str:
    """Write one step of a FHIRPath."""
    if isinstance(at, int):
        return f"[{at}]"
    return f".{at if _NAME.fullmatch(at) else _UNNAMED}"
