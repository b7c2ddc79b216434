"""What clients may ask for in a search, where that is less than the server could answer.

How the answer is wanted (`_count`, `_total`, `_summary`, `_elements`) is not limited; what it is sorted by, and what
comes along, is. A chain, and `_has`, end in what may be asked of the type there, which is one of these types.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kommunalpro.fhirserver.protocols import Searches


@dataclass(frozen=True, slots=True)
class Searchable:
    """By type, for each that is offered; None: whatever there is."""

    by_type: Mapping[str, Searches | None]

    def has(self, type: str, name: str) -> bool:
        """Tell whether a type may be searched by a parameter, named without modifiers."""
        if type not in self.by_type:
            return False
        searches = self.by_type[type]
        return searches is None or name in searches.parameters

    def brings(self, type: str, link: str, *, is_reverse: bool, iterates: bool = False) -> bool:
        """Tell whether this may come along with a type, as it is written; `iterates`: with whatever came along."""
        if is_reverse and link.partition(":")[0] not in self.by_type:
            return False
        asked = self.by_type.values() if iterates else (self.by_type.get(type),)
        limited = [each for each in asked if each is not None]
        return not limited or any(link in (each.reverse_includes if is_reverse else each.includes) for each in limited)

    def told(self, type: str) -> str:
        """Give what a refusal says of a limit: what may be asked; empty where there is none."""
        searches = self.by_type.get(type)
        return f"declared here: {' '.join(sorted(searches.parameters))}" if searches else ""
