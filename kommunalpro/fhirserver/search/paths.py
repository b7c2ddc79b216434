"""Element paths of search parameters, compiled: `context.period.start`, `extension('URL').value[x]`.

The steps of a path, parted by dots, are as R4's expressions have them, with the types of choices in brackets:

- `name`, and `value[Quantity]` or, of whatever type, `value[x]` for a choice of types;
- `extension('URL')`: into the extensions with this URL;
- `where(type='composed-of')`, `where(resolve() is Patient)`: those that have this value, or refer to this type.

`holds(deceased[x])` is the one whole path that is a question: true when something other than `false` stands there.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from kommunalpro.fhir.reference import Reference

_STEP = re.compile(
    r"extension\('(?P<url>[^']+)'\)"
    r"|where\((?P<key>\w+)='(?P<value>[^']+)'\)"
    r"|where\(resolve\(\) is (?P<target>\w+)\)"
    r"|(?P<choice>\w+)\[(?P<type>\w+)\]"
    r"|(?P<name>\w+)"
)
_HOLDS = re.compile(r"holds\((.+)\)")

Finder = Callable[[Any], Sequence[Any]]


@cache
def finder(path: str) -> Finder:
    """Compile a path; the finder gives every value that a resource has there, lists taken apart."""
    question = _HOLDS.fullmatch(path)
    if question:
        asked = finder(question[1])
        return lambda resource: (any(value is not False for value in asked(resource)),)
    steps = [_step(match) for match in _STEP.finditer(path)]
    if not steps:
        return lambda resource: (resource,)
    first, *others = steps

    def find(resource: Any) -> Sequence[Any]:
        found = first(resource) if isinstance(resource, dict) else ()
        for step in others:
            found = [value for each in found if isinstance(each, dict) for value in step(each)]
        return found

    return find


def first_element(path: str) -> str | None:
    """Give the element, or the URL of the extension, without which a resource has nothing at this path.

    None when it is not one alone.
    """
    match = _STEP.match(path)
    if match is None or _HOLDS.fullmatch(path) or match["choice"] or match["key"] or match["target"]:
        return None
    return match["url"] or match["name"]


def _step(match: re.Match[str]) -> Finder:
    if match["url"]:
        return _extension(match["url"])
    if match["key"]:
        key, value = match["key"], match["value"]
        return lambda element: (element,) if element.get(key) == value else ()
    if match["target"]:
        return _referring(match["target"])
    if match["choice"]:
        return _choice(match["choice"], match["type"])
    return _element(match["name"])


def _choice(name: str, type: str) -> Finder:
    if type != "x":
        return _element(name + type[0].upper() + type[1:])

    def step(element: dict[str, Any]) -> Sequence[Any]:
        return [each for key in element if _is_choice(name, key) for each in _as_many(element[key])]

    return step


def _element(name: str) -> Finder:
    return lambda element: _as_many(element[name]) if name in element else ()


def _referring(type: str) -> Finder:
    def step(element: dict[str, Any]) -> Sequence[Any]:
        reference = Reference.parse(str(element.get("reference", "")))
        return (element,) if type in (element.get("type"), reference.type if reference else None) else ()

    return step


def _is_choice(name: str, key: str) -> bool:
    return key.startswith(name) and key[len(name) : len(name) + 1].isupper()


def _as_many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else (value,)


def _extension(url: str) -> Finder:
    return lambda element: [each for each in element.get("extension", ()) if each.get("url") == url]
