"""Element paths of search parameters, compiled: `context.period.start`, `extension('URL').value`.

A choice element is named without its type (`value` finds valueString, valueReference …).
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

_STEP = re.compile(r"extension\('(?P<url>[^']+)'\)|(?P<name>[A-Za-z]+)")
_CHOICES = frozenset({"value", "effective", "occurrence", "onset", "definition", "timing"})

Finder = Callable[[Any], Sequence[Any]]


@cache
def finder(path: str) -> Finder:
    """Compile a path; the finder gives every value that a resource has there, lists taken apart."""
    steps = [_extension(match["url"]) if match["url"] else _element(match["name"]) for match in _STEP.finditer(path)]

    def find(resource: Any) -> Sequence[Any]:
        found: Sequence[Any] = (resource,)
        for step in steps:
            found = [value for each in found if isinstance(each, dict) for value in step(each)]
        return found

    return find


def _element(name: str) -> Finder:
    def step(element: dict[str, Any]) -> Sequence[Any]:
        return _as_many(element[name]) if name in element else ()

    def choice(element: dict[str, Any]) -> Sequence[Any]:
        return [each for key in element if _is_choice(name, key) for each in _as_many(element[key])]

    return choice if name in _CHOICES else step


def _is_choice(name: str, key: str) -> bool:
    return key.startswith(name) and (key == name or key[len(name)].isupper())


def _as_many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else (value,)


def _extension(url: str) -> Finder:
    return lambda element: [each for each in element.get("extension", ()) if each.get("url") == url]
