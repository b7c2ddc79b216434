"""What a resource is called here, and at FUT's services: one base for all, or one base for each service.

Pages, drafts and `care` know one base URL. At FUT each service has its own, and whatever stands in a resource as a
reference begins with it. Both ways are exact. Where several services have a type, its first one's are called as they
are; each of the others' bears its service's name before its id, for what has the same id at two services is not the
same. What is called by a service that does not have its type keeps its name, and is nobody here.

A strict server's own ids are each of one resource, whichever service it is at: there they stay as they are (`at`). What
refers to one does not say where it is: GUESS: with who is asked, if that has the type, else at the first.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fut.services import SERVICES, rows_at

_NAMED = re.compile(r"(?P<type>[A-Z][A-Za-z]*)(?=[/?|]|$)(?:/(?P<id>[A-Za-z0-9\-.]+))?")
_OF_SEVERAL = frozenset(type for type, rows in SERVICES.items() if len(rows) > 1)

Move = Callable[[str], str]


@dataclass(frozen=True)
class ServiceUrls:
    """`base_url` is what everything is called by here; `services` has the base URL of each service by its name.

    `at`: the service of a strict server that is asked; empty: none, for here they are all asked.
    """

    base_url: str
    services: Mapping[str, str] = field(repr=False)
    at: str = ""

    def of(self, type: str, id: str = "") -> str | None:
        """Give the base URL of the service that has what is called so here; None: no service has the type."""
        return self.services.get(self.service_of(type, id))

    def service_of(self, type: str, id: str = "") -> str:
        """Give the name of the service that has what is called so here; empty: no service has the type."""
        rows = SERVICES.get(type, ())
        if self.at and rows_at(type, self.at):
            return self.at
        named = [row.name for row in rows[1:] if not self.at and id.startswith(f"{row.name}.")]
        return next(iter((*named, *(row.name for row in rows))), "")

    def id_here(self, type: str, id: str, url: str) -> str:
        """Give the id by which something is called here that stands at an address, or came from there."""
        base = next((each for each in self._bases if _is_below(f"{url}/", each)), "")
        name, *_ = self._at(type, base) or ("",)
        return f"{name}.{id}" if self._is_named(type, name) else id

    def id_there(self, type: str, id: str) -> str:
        """Give the id by which something is called at its service."""
        name = self.service_of(type, id)
        return id.removeprefix(f"{name}.") if self._is_named(type, name) else id

    def there(self, text: str) -> str:
        """Give what a text of ours is called at its service; a text that names no resource of ours is as it was."""
        type, id, rest = _parted(text, self.base_url)
        base = self.of(type, id)
        return _joined(base, type, self.id_there(type, id), rest) if base else text

    def here(self, text: str) -> str:
        """Give what a text of FUT is called here; a text that names no resource of its own service is as it was."""
        # Nearly every text there is begins otherwise.
        if not text.startswith(self._bases):
            return text
        for base in self._bases:
            type, id, rest = _parted(text, base)
            if found := self._at(type, base):
                # A page of a search has no id that would say whose it is.
                is_told = id or not self._is_named(type, found[0])
                return _joined(self.base_url, type, self.id_here(type, id, text), rest) if is_told else text
        return text

    def is_there(self, url: str) -> bool:
        """Tell whether an address is one of the services'; nothing of ours, a token least, is sent anywhere else."""
        return any(_is_below(url, base) for base in self._bases)

    def _at(self, type: str, base: str) -> tuple[str, ...]:
        """Give the names of the services at a base that have a type."""
        return tuple(row.name for row in SERVICES.get(type, ()) if self.services.get(row.name) == base)

    def _is_named(self, type: str, service: str) -> bool:
        """Tell whether the ids of a type at a service bear its name here: all but the first one's do."""
        return bool(service) and not self.at and service in (row.name for row in SERVICES.get(type, ())[1:])

    @cached_property
    def _bases(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.services.values()))


def _is_below(url: str, base: str) -> bool:
    return url.startswith((f"{base}/", f"{base}?"))


def in_query(value: str, move: Move) -> str:
    """Move a value of a search: a list of values is parted by commas."""
    return ",".join(move(each) for each in value.split(","))


def everywhere(value: Any, move: Move) -> Any:
    """Move every text in JSON."""
    if isinstance(value, str):
        return move(value)
    if isinstance(value, dict):
        return {name: everywhere(each, move) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [everywhere(each, move) for each in value]
    return value


def with_ids(resource: Json, move: Callable[[str, str], str]) -> dict[str, Any]:
    """Move the ids of a resource, and of those in a Bundle or in Parameters; not of what a resource contains."""
    moved = dict(resource)
    if resource.get("resourceType") in _OF_SEVERAL and "id" in resource:
        moved["id"] = move(resource["resourceType"], resource["id"])
    for name in ("entry", "parameter"):
        if isinstance(resource.get(name), list):
            moved[name] = [_with_ids_in(each, move) for each in resource[name]]
    return moved


def _with_ids_in(part: Any, move: Callable[[str, str], str]) -> Any:
    has_resource = isinstance(part, dict) and isinstance(part.get("resource"), dict)
    return {**part, "resource": with_ids(part["resource"], move)} if has_resource else part


def _parted(text: str, base: str) -> tuple[str, str, str]:
    """Part what follows a base: a type, an id, and the rest; all empty when it names no type."""
    named = _NAMED.match(text, len(base) + 1) if text.startswith(f"{base}/") else None
    return (named["type"], named["id"] or "", text[named.end() :]) if named else ("", "", "")


def _joined(base: str, type: str, id: str, rest: str) -> str:
    return f"{base}/{type}/{id}{rest}" if id else f"{base}/{type}{rest}"
