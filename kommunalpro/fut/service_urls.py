"""What a resource is called here, and at FUT's services: one base for all, or one base for each service.

Pages, drafts and `care` know one base URL. At FUT each service has its own, and whatever stands in a resource as a
reference begins with it. Both ways are exact: what is called by a service that its type does not belong to (a message
of the patient service, where ours are the measurement service's) keeps its name and is nobody else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kommunalpro.fut.services import SERVICES

_TYPE = re.compile(r"[A-Z][A-Za-z]*(?=[/?|]|$)")

Move = Callable[[str], str]


@dataclass(frozen=True)
class ServiceUrls:
    """`base_url` is what everything is called by here; `services` has the base URL of each service by its name."""

    base_url: str
    services: Mapping[str, str] = field(repr=False)

    def of(self, type: str) -> str | None:
        """Give the base URL of the service of a type; None: no service has it."""
        return self.services.get(SERVICES[type].name) if type in SERVICES else None

    def there(self, text: str) -> str:
        """Give what a text of ours is called at its service; a text that names no resource of ours is as it was."""
        base = self.of(_type_after(text, self.base_url))
        return base + text[len(self.base_url) :] if base else text

    def here(self, text: str) -> str:
        """Give what a text of FUT is called here; a text that names no resource of its own service is as it was."""
        # Nearly every text there is begins otherwise.
        if not text.startswith(self._bases):
            return text
        for base in self._bases:
            if self.of(_type_after(text, base)) == base:
                return self.base_url + text[len(base) :]
        return text

    def is_there(self, url: str) -> bool:
        """Tell whether an address is one of the services'; nothing of ours, a token least, is sent anywhere else."""
        return any(url.startswith((f"{base}/", f"{base}?")) for base in self._bases)

    @cached_property
    def _bases(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.services.values()))


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


def _type_after(text: str, base: str) -> str:
    """Give the type that a text names right after a base; empty when it does not."""
    if not text.startswith(f"{base}/"):
        return ""
    found = _TYPE.match(text, len(base) + 1)
    return found[0] if found else ""
