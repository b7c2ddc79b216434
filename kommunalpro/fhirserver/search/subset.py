"""A part of a resource, as `_summary` and `_elements` ask for it; always marked as such, so that nobody stores it.

Source: R4 search.html, "Summary" and "Elements". The table of what R4 counts to a summary, and of what no resource of
a type can be without, is written by `scripts/generate_search_parameters.py`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any, Literal

from kommunalpro.fhir.json import Json, loads, loads_less

Summary = Literal["true", "text", "data"]
SUMMARIES: frozenset[Summary] = frozenset({"true", "text", "data"})

_ALWAYS = frozenset({"resourceType", "id", "meta"})
_LONG = {"Questionnaire": "item"}
"""What is long, and asked about for itself alone: it says neither whose a resource is, nor what it leads to."""
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


@dataclass(frozen=True, slots=True)
class Subset:
    """Which elements are wanted: R4's summary, or those named."""

    summary: Summary | None = None
    elements: frozenset[str] = frozenset()

    def of(self, resource: Json) -> dict[str, Any]:
        """Give the part of a resource, tagged SUBSETTED."""
        kept = {name: value for name, value in resource.items() if self._keeps(resource["resourceType"], name)}
        meta = resource.get("meta", {})
        return {**kept, "meta": {**meta, "tag": [*meta.get("tag", ()), _SUBSETTED]}}

    def reader(self, type: str) -> Callable[[str], dict[str, Any]]:
        """Give how to parse a stored resource of a type: what is long is passed over where it is not wanted."""
        name = _LONG.get(type)
        return loads if name is None or self._keeps(type, name) else partial(loads_less, name=name)

    @staticmethod
    def is_tagged(resource: Json) -> bool:
        """Tell whether a resource is marked as a part."""
        tags = resource.get("meta", {}).get("tag", ())
        return any((tag.get("system"), tag.get("code")) == tuple(_SUBSETTED.values()) for tag in tags)

    def _keeps(self, type: str, key: str) -> bool:
        name = key.removeprefix("_")
        if name in _ALWAYS or _is_one_of(name, _table()[type]["required"]):
            return True
        match self.summary:
            case "true":
                return _is_one_of(name, _table()[type]["summary"])
            case "text":
                return name == "text"
            case "data":
                return name != "text"
            case None:
                return _is_one_of(name, self.elements)


def _is_one_of(name: str, elements: Collection[str]) -> bool:
    """A choice is named without its type: `value` is also valueQuantity."""
    return name in elements or any(
        name.startswith(each) and name[len(each) : len(each) + 1].isupper() for each in elements
    )


@cache
def _table() -> Any:
    return loads(resources.files("kommunalpro.fhirserver.search").joinpath("summaries.json").read_bytes())
