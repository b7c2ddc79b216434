"""Content that editors write beside a questionnaire (View, ActionGuidance): JSON, checked against its schema.

`schemaVersion` says which; readers take every earlier version for ever (ARCHITECTURE §5).
"""

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from kommunalpro.fhir.json import Json

TEXT = {
    "type": "object",
    "properties": {"da": {"type": "string", "minLength": 1}, "en": {"type": "string"}},
    "required": ["da"],
    "additionalProperties": False,
}
NUMBER = {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$", "description": "A decimal, best as text"}
LINK_ID = {"type": "string", "minLength": 1, "description": "linkId of a question"}
ID = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9-]*$"}
LIGHTS = ["red", "yellow", "green"]
LEVEL = {"enum": ["national", "local"]}
CONDITION = {
    "type": "object",
    "description": "The answer to a question (or a score) compared with a value; of a choice its code is compared",
    "properties": {
        "item": LINK_ID,
        "score": ID,
        "operator": {"enum": ["exists", "=", "!=", ">", "<", ">=", "<="]},
        "value": {"type": ["string", "number", "boolean"]},
    },
    "required": ["operator", "value"],
    "oneOf": [{"required": ["item"]}, {"required": ["score"]}],
    "additionalProperties": False,
}


class ContentError(ValueError):
    """Content that cannot be used. `args` are all its problems, each with its place."""

    def __str__(self) -> str:
        return "; ".join(str(each) for each in self.args)


def schema_problems(content: Any, schemas: dict[int, Json]) -> list[str]:
    """Give what is wrong with the form of content by the schema that it names; empty: nothing."""
    version = content.get("schemaVersion") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version not in schemas:
        return [f"schemaVersion: {version!r} is not one of {sorted(schemas)}"]
    validator = Draft202012Validator(schemas[version], format_checker=FormatChecker())
    return [f"{_place(error.absolute_path)}: {error.message[:300]}" for error in validator.iter_errors(content)]


def decimal(value: Any) -> Decimal:
    """Read a number that is written as text or as a number."""
    return Decimal(str(value))


def is_decimal(value: Any) -> bool:
    """Tell whether a condition's value is a number, or text that is one."""
    try:
        return not isinstance(value, bool) and decimal(value).is_finite()
    except InvalidOperation:
        return False


def twice(values: list[str], place: str) -> list[str]:
    """Name what stands more than once where it may stand once."""
    return [f"{place}: {value!r} stands there twice" for value, count in sorted(Counter(values).items()) if count > 1]


def _place(path: Any) -> str:
    return ".".join(str(part) for part in path) or "content"
