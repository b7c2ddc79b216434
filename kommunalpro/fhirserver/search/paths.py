"""Element paths of search parameters, compiled: `context.period.start`, `extension('URL').value`.

A choice element is named without its type (`value` finds valueString, valueReference …).
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

_STEP = re.compile(r"extension\('(?P<url>[^']+)'\)|(?P<name>[A-Za-z]+)")
_CHOICES = frozenset({"value", "effective", "occurrence", "onset", "definition", "timing"})

Finder = Callable[[Any], Iterator[Any]]


@cache
def finder(path: str) -> Finder:
    """Compile a path; the finder gives every value that a resource has there, lists taken apart."""
    steps = [_extension(match["url"]) if match["url"] else _element(match["name"]) for match in _STEP.finditer(path)]

    def find(resource: Any) -> Iterator[Any]:
        found = [resource]
        for step in steps:
            found = [value for each in found for value in step(each)]
        yield from found

    return find


def _element(name: str) -> Finder:
    is_choice = name in _CHOICES

    def step(element: Any) -> Iterator[Any]:
        if not isinstance(element, dict):
            return
        for key, value in element.items():
            if key == name or (is_choice and key.startswith(name) and key[len(name) : len(name) + 1].isupper()):
                yield from value if isinstance(value, list) else (value,)

    return step


def _extension(url: str) -> Finder:
    def step(element: Any) -> Iterator[Any]:
        if isinstance(element, dict):
            yield from (each for each in element.get("extension", ()) if each.get("url") == url)

    return step
