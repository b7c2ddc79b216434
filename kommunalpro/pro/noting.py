"""Noting what is wrong with an item while it is read, and reading extensions whose values have the right type."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.pro.problems import Problems
from kommunalpro.pro.text import Text

NUMBER: tuple[type, ...] = (int, Decimal)


class Note(Protocol):
    """Notes one problem of the item that is being read."""

    def __call__(self, code: str, **parts: Text | int | str) -> None:
        """Note the problem of this code, with what its text names."""
        ...


@dataclass(frozen=True, slots=True)
class Noting:
    """Notes the problems of one item."""

    link_id: str
    where: str
    problems: Problems

    def __call__(self, code: str, **parts: Text | int | str) -> None:
        """Note the problem of this code, with what its text names."""
        self.problems.add(self.link_id, self.where, code, **parts)


def typed(element: Json, url: str, types: type | tuple[type, ...], note: Note) -> Any:
    """Give the value of the first extension with this URL; None: there is none, or its type is wrong, which is noted.

    R4's own rules say nothing of what type an extension's value has; only its definition does.
    """
    value = extension_value(element, url)
    if value is None or (isinstance(value, types) and (types is bool or not isinstance(value, bool))):
        return value
    note("extension-kind", url=url.rsplit("/", 1)[-1])
    return None
