"""Content that editors write beside a questionnaire (View, ActionGuidance): JSON, checked against its schema.

`schemaVersion` says which; readers take every earlier version for ever (ARCHITECTURE §5).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from kommunalpro.fhir.json import Json
from kommunalpro.pro.text import Text

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


@dataclass(frozen=True, slots=True)
class ContentFault:
    """One thing that is wrong with content. `place` is its path: `scores.total`."""

    place: str
    text: Text

    def say(self, language: str) -> str:
        """Give the place and what is wrong there."""
        return f"{self.place}: {self.text.say(language)}"

    def __str__(self) -> str:
        return self.say("en")


class ContentError(ValueError):
    """Content that cannot be used. `args` are all its faults.

    `read` is what it says where its form is right and only its meaning is not, so that it can be held against its
    questionnaire all the same; None: it cannot be read.
    """

    read: Any = None

    def __str__(self) -> str:
        return "; ".join(str(each) for each in self.args)

    @property
    def faults(self) -> tuple[ContentFault, ...]:
        """All that is wrong."""
        return self.args


KINDS = {
    "string": "en tekst",
    "number": "et tal",
    "integer": "et helt tal",
    "boolean": "ja eller nej",
    "array": "en liste",
    "object": "et objekt",
    "null": "ingenting",
}
_DANISH: Mapping[str, str] = {
    "additionalProperties": "Her står noget, som formatet ikke har.",
    "minLength": "Her må ikke være tomt.",
    "minItems": "Listen må ikke være tom.",
    "uniqueItems": "Det samme står her to gange.",
    "pattern": "Det er ikke skrevet på den måde, det skal.",
    "format": "Det er ikke skrevet på den måde, det skal.",
    "oneOf": "Her skal stå præcis ét af det, der er at vælge imellem.",
    "minimum": "Tallet er for lille.",
    "maximum": "Tallet er for stort.",
}
"""What a keyword of JSON Schema asks for, where it needs no more words."""


def schema_problems(content: Any, schemas: dict[int, Json]) -> list[ContentFault]:
    """Give what is wrong with the form of content by the schema that it names; empty: nothing."""
    version = content.get("schemaVersion") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version not in schemas:
        known = ", ".join(map(str, sorted(schemas)))
        text = Text(f"Formatets version skal være {known}.", f"{version!r} is not one of {sorted(schemas)}")
        return [ContentFault("schemaVersion", text)]
    validator = Draft202012Validator(schemas[version], format_checker=FormatChecker())
    return [ContentFault(_place(error.absolute_path), _words(error)) for error in validator.iter_errors(content)]


def _words(error: ValidationError) -> Text:
    english, wanted = error.message[:300], error.validator_value
    match error.validator:
        case "required" if isinstance(wanted, list):
            return Text(f"”{next(name for name in wanted if english.startswith(repr(name)))}” mangler.", english)
        case "enum" if isinstance(wanted, list):
            return Text(f"Det skal være en af {', '.join(map(str, wanted))}.", english)
        case "type":
            kinds = wanted if isinstance(wanted, list) else [wanted]
            return Text(f"Det skal være {' eller '.join(KINDS[str(each)] for each in kinds)}.", english)
        case keyword:
            return Text(_DANISH.get(str(keyword), "Det kan ikke bruges."), english)


def decimal(value: Any) -> Decimal:
    """Read a number that is written as text or as a number."""
    return Decimal(str(value))


def is_decimal(value: Any) -> bool:
    """Tell whether a condition's value is a number, or text that is one."""
    try:
        return not isinstance(value, bool) and decimal(value).is_finite()
    except InvalidOperation:
        return False


def twice(values: list[str], place: str) -> Iterator[ContentFault]:
    """Name what stands more than once where it may stand once."""
    for value, count in sorted(Counter(values).items()):
        if count > 1:
            yield ContentFault(place, Text(f"”{value}” står der to gange.", f"{value!r} stands there twice"))


def _place(path: Any) -> str:
    return ".".join(str(part) for part in path) or "content"
