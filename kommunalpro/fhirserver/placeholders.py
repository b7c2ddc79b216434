"""Addresses that stand for an entry of the same Bundle (`urn:uuid:…`), where no entry has them.

Source: R4 bundle.html#references. What is stored so points nowhere for ever: nobody knows the address any more.
"""

import re
from collections.abc import Container, Iterator, Sequence
from typing import Any

from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.uris import references

_PLACEHOLDERS = ("urn:uuid:", "urn:oid:")
_ANYWHERE = re.compile(f'"({"|".join(_PLACEHOLDERS)})'.encode(), re.IGNORECASE)


_NO_ENTRY = "No entry that writes something has this fullUrl"


def unmet(resource: Json, known: Container[str], detail: str = _NO_ENTRY) -> Iterator[Issue]:
    """Give an issue for each reference of a resource to what is none of the known."""
    # Nearly every answer that is sent in has none: to write it and look takes a tenth of going through its elements.
    if not _ANYWHERE.search(dumps(resource)):
        return
    for path, address in references(resource):
        if _stands_for_nothing(address, known):
            yield _issue(path, detail)


def unmet_in_patch(operations: Sequence[Json], known: Container[str]) -> Iterator[Issue]:
    """Give the same of a JSON Patch, of which only the names tell what is a reference."""
    for each in operations:
        last = str(each.get("path", "")).rpartition("/")[2]
        if any(_stands_for_nothing(address, known) for address in _named_reference(each.get("value"), last)):
            yield _issue("Binary.data", _NO_ENTRY)


def _named_reference(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _named_reference(each, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _named_reference(each, "")
    elif name == "reference" and isinstance(value, str):
        yield value


def _stands_for_nothing(address: str, known: Container[str]) -> bool:
    return address.lower().startswith(_PLACEHOLDERS) and address not in known


def _issue(path: str, detail: str) -> Issue:
    return Issue("Henvisningen er til noget, som ikke er sendt med.", detail, path, code="value")
