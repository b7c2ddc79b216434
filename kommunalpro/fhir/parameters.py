"""Reading and making Parameters, the envelope of operations."""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.json import Json


def values(parameters: Json, name: str) -> Iterator[Any]:
    """Give the value or resource of every parameter with this name."""
    for each in parameters.get("parameter", ()):
        if each.get("name") == name:
            yield each["resource"] if "resource" in each else _value(each)


def value(parameters: Json, name: str) -> Any:
    """Give the value or resource of the first parameter with this name; None means there is none."""
    return next(values(parameters, name), None)


def parts(parameter: Json) -> dict[str, Any]:
    """Give the parts of a parameter by name; a part without a value is None."""
    return {part["name"]: part.get("resource", _value(part)) for part in parameter.get("part", ())}


def parameters(*entries: Json) -> dict[str, Any]:
    """Make Parameters; FHIR has no empty lists, so none is made of nothing."""
    return {"resourceType": "Parameters", **({"parameter": list(entries)} if entries else {})}


def _value(parameter: Json) -> Any:
    return next((parameter[key] for key in parameter if key.startswith("value")), None)
