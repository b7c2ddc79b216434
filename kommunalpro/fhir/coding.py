"""Reading the codings of a CodeableConcept."""

from collections.abc import Iterator
from typing import Any


def keys(concept: Any) -> Iterator[tuple[str, str]]:
    """Give the (system, code) of each coding of a CodeableConcept; of what an extension holds else, none."""
    codings = concept.get("coding", ()) if isinstance(concept, dict) else ()
    yield from ((each.get("system", ""), each.get("code", "")) for each in codings)
