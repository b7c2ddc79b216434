"""Noting what is wrong with an item while it is read, and reading extensions whose values have the right type."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from msgspec import Struct

from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import kind_and_value
from kommunalpro.pro.problems import Problems
from kommunalpro.pro.text import Text

NUMBER: tuple[type, ...] = (int, Decimal)


class Note(Protocol):
    """Notes one problem of the item that is being read."""

    def __call__(self, code: str, **parts: Text | int | str) -> None:
        """Note the problem of this code, with what its text names."""
        ...


class Noting(Struct, frozen=True):
    """Notes the problems of one item."""

    link_id: str
    where: str
    problems: Problems

    def __call__(self, code: str, **parts: Text | int | str) -> None:
        """Note the problem of this code, with what its text names."""
        self.problems.add(self.link_id, self.where, code, **parts)


def check_understood(element: Json, note: Note) -> None:
    """Note what says that an element means something else than it seems to: we know of no such extension or rule."""
    if "modifierExtension" in element:
        for each in element["modifierExtension"]:
            note("modifier", url=str(each.get("url")))
    if "implicitRules" in element:
        note("implicit-rules", url=str(element["implicitRules"]))


class Extensions:
    """The extensions of an element by their URL: an item is asked for some twenty of them."""

    __slots__ = ("_all", "_first", "_note")

    def __init__(self, element: Json, note: Note) -> None:
        self._all: Sequence[Json] = element.get("extension", ())
        self._first = {each.get("url"): each for each in reversed(self._all)}
        self._note = note

    def __bool__(self) -> bool:
        return bool(self._first)

    def all(self, url: str) -> Sequence[Json]:
        """Give the extensions with this URL, in order."""
        return [each for each in self._all if each.get("url") == url] if url in self._first else ()

    def get(self, url: str) -> Json | None:
        """Give the first extension with this URL; None: there is none."""
        return self._first.get(url)

    def value(self, url: str, types: type | tuple[type, ...]) -> Any:
        """Give the value of the first; None: there is none, or its type is wrong, which is noted."""
        found = self._first.get(url)
        return None if found is None else _of_type(kind_and_value(found)[1], url, types, self._note)


def typed(element: Json, url: str, types: type | tuple[type, ...], note: Note) -> Any:
    """Give the value of one extension of an element; None: there is none, or its type is wrong, which is noted."""
    found = extension(element, url)
    return None if found is None else _of_type(kind_and_value(found)[1], url, types, note)


def _of_type(value: Any, url: str, types: type | tuple[type, ...], note: Note) -> Any:
    """Give a value as it should be. R4's own rules say nothing of what type an extension's value has."""
    if value is None or (isinstance(value, types) and (types is bool or not isinstance(value, bool))):
        return value
    note("extension-kind", url=url.rsplit("/", 1)[-1])
    return None
