"""What FUT's extensions hold: the type of their value or their parts, how often, and what a reference is to.

An extension that the guide does not describe is in no table, and is left as it is.

Source: `fut.md` 1A, 1B, 1C and section 2, in `data/extensions.json`: `Reference(A|B)` refers to an A or a B, `#` to
something contained; `1..1 string` is a part that comes once; a part without a type is an extension of the table. Ours:
a rule may compare amounts and times too, as the engine does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib import resources
from itertools import chain
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.lasting import Lasting
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.errors import issue

PLACES: dict[str, tuple[str, ...]] = {
    "PlanDefinition": ("action",),
    "ClinicalImpression": ("investigation",),
    "Provenance": ("entity",),
}
"""Type → elements below the resource itself that have extensions of FUT; an action is in an action.

A questionnaire's items are read when it is published (`questionnaire.py`): a draft may be half written.
"""

_TEXT = "Oplysningen har ikke den form, som den nationale profil kræver."
_SHAPE = re.compile(r"(?:(?P<least>\d)\.\.(?P<most>\d) ?)?(?P<types>[\w|]+)?(?:\((?P<targets>[\w|#]+)\))?")


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What an extension holds, and how often it comes as a part: a value of these types, or parts by their URL.

    There is one for each extension of the table.
    """

    values: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    least: int = 0
    most: int = 1
    parts: Mapping[str, "Shape"] = field(default_factory=dict)


def problems(resource: Json) -> Iterator[Issue]:
    """Give every extension of a resource, at each of its places, that does not hold what FUT's profile says."""
    type = resource["resourceType"]
    yield from extension_problems(resource, type)
    for name in PLACES.get(type, ()):
        yield from _inner_problems(resource, name, type)


def extension_problems(element: Json, path: str) -> Iterator[Issue]:
    """Give what is wrong with the extensions of one element, at its FHIRPath."""
    shapes = _shapes()
    for number, each in enumerate(element.get("extension", ())):
        shape = shapes.get(each.get("url"))
        if shape and not _fits(each, shape):
            yield from _shape_problems(each, shape, f"{path}.extension[{number}]")


def _inner_problems(element: Json, name: str, path: str) -> Iterator[Issue]:
    for number, each in enumerate(element.get(name, ())):
        here = f"{path}.{name}[{number}]"
        yield from chain(extension_problems(each, here), _inner_problems(each, name, here))


def _fits(extension: Json, shape: Shape) -> bool:
    """Tell whether there is nothing wrong, which is so of nearly all: to say where takes three times as long."""
    if type(extension) is Lasting:
        return shape in extension.known or _fits_for_good(extension, shape)
    if not shape.parts:
        for name in shape.values:
            if name in extension:  # It has one value, which R4 sees to.
                return not shape.targets or _is_target(extension[name], shape.targets)
        return False
    given, parts = extension.get("extension", ()), shape.parts
    for each in given:
        part = parts.get(each["url"])
        if part is not None and not _fits(each, part):
            return False
    return _comes_as_often(shape, tuple([each["url"] for each in given]))


def _fits_for_good(extension: Lasting, shape: Shape) -> bool:
    fits = _fits(dict(extension), shape)
    if fits:
        extension.known.add(shape)
    return fits


@lru_cache(maxsize=1024)
def _comes_as_often(shape: Shape, urls: Sequence[str]) -> bool:
    """Tell whether each part is there as often as it is to be; remembered, for the same few come again and again."""
    return all(part.least <= urls.count(url) <= part.most for url, part in shape.parts.items())


def _shape_problems(extension: Json, shape: Shape, path: str) -> Iterator[Issue]:
    if shape.parts:
        yield from _part_problems(extension, shape.parts, path)
        return
    name = next((name for name in extension if name.startswith("value")), None)
    if name not in shape.values:
        yield _issue(f"{extension['url']} holds {' or '.join(sorted(shape.values))}", path)
    elif shape.targets and not _is_target(extension[name], shape.targets):
        yield _issue(f"{extension['url']} refers to {' or '.join(sorted(shape.targets))}", path)


def _part_problems(extension: Json, parts: Mapping[str, Shape], path: str) -> Iterator[Issue]:
    given = extension.get("extension", ())
    for url, part in parts.items():
        count = sum(each.get("url") == url for each in given)
        if not part.least <= count <= part.most:
            yield _issue(f"{extension['url']} has {url} {part.least}..{part.most}", path)
    for number, each in enumerate(given):
        if known := parts.get(each.get("url")):
            yield from _shape_problems(each, known, f"{path}.extension[{number}]")


def _is_target(value: Any, targets: frozenset[str]) -> bool:
    text = value.get("reference", "") if isinstance(value, dict) else ""
    if text.startswith("#"):
        return "#" in targets
    reference = Reference.parse(text)
    return reference is not None and reference.type in targets


@cache
def _shapes() -> Mapping[str, Shape]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("extensions.json").read_bytes())
    return {_url(name): _read(row, table) for name, row in table.items()}


def _read(row: Any, table: Json) -> Shape:
    if isinstance(row, dict):
        return Shape(parts={_url(name) if "-" in name else name: _read_part(name, row[name], table) for name in row})
    found = _SHAPE.fullmatch(row)
    if found is None:
        raise ValueError(row)
    return Shape(
        frozenset(f"value{each[0].upper()}{each[1:]}" for each in (found["types"] or "").split("|") if each),
        frozenset((found["targets"] or "").split("|")) - {""},
        int(found["least"] or 0),
        int(found["most"] or 1),
    )


def _read_part(name: str, row: Any, table: Json) -> Shape:
    """Read what a part holds; where it has no type of its own, what the table says of an extension of its name."""
    part = _read(row, table)
    if part.values or part.parts:
        return part
    return replace(_read(table[name], table), least=part.least, most=part.most)


def _url(name: str) -> str:
    return name if ":" in name else f"{ehealth.SD}{name}"


def _issue(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path, text=_TEXT)
