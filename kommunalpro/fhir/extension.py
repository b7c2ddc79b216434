"""Reading and making extensions."""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.json import Json


def extensions(element: Json, url: str) -> Iterator[Json]:
    """Give every extension of an element with this URL."""
    return (each for each in element.get("extension", ()) if each.get("url") == url)


def extension(element: Json, url: str) -> Json | None:
    """Give the first extension with this URL; None means there is none."""
    for each in element.get("extension", ()):
        if each.get("url") == url:
            found: Json = each
            return found
    return None


def extension_value(element: Json, url: str) -> Any:
    """Give the value of the first extension with this URL, whatever its type; None means there is none."""
    found = extension(element, url)
    if found is not None:
        for key in found:
            if key.startswith("value"):
                return found[key]
    return None


def complex_extension(url: str, *parts: Json) -> dict[str, Any]:
    """Make an extension that consists of extensions."""
    return {"url": url, "extension": list(parts)}
