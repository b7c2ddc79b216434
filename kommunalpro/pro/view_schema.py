"""The form of a View's content, `application/vnd.kommunalpro.view+json`: a JSON Schema for each schemaVersion."""

from kommunalpro.fhir.json import Json
from kommunalpro.pro.content import ID, LEVEL, LINK_ID, TEXT
from kommunalpro.pro.score_schema import DIRECTION, SCORE

_TOPIC = {
    "type": "object",
    "properties": {
        "id": ID,
        "title": TEXT,
        "items": {
            "type": "array",
            "items": {
                "oneOf": [
                    LINK_ID,
                    {
                        "type": "object",
                        "properties": {"item": LINK_ID, "direction": DIRECTION},
                        "required": ["item"],
                        "additionalProperties": False,
                    },
                ]
            },
        },
        "scores": {"type": "array", "items": ID, "uniqueItems": True},
        "fsiii": {"type": "string", "format": "uuid"},
    },
    "required": ["id", "title", "items", "scores"],
    "additionalProperties": False,
}
_ACUTE = {
    "type": "object",
    "description": "An answer that may not wait. The text is for the citizen, shown at once and on the receipt",
    "properties": {
        "id": ID,
        "item": LINK_ID,
        "operator": {"enum": ["=", "!=", ">", "<", ">=", "<="]},
        "value": {"type": ["string", "number", "boolean"]},
        "text": TEXT,
        "source": {"type": "string", "minLength": 1},
    },
    "required": ["id", "item", "operator", "value", "text", "source"],
    "additionalProperties": False,
}

VIEW_SCHEMAS: dict[int, Json] = {
    1: {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "View: topics, scores and lights of a questionnaire",
        "type": "object",
        "properties": {
            "schemaVersion": {"const": 1},
            "identifier": {"type": "string", "minLength": 1, "description": "The same in all versions"},
            "version": {"type": "string", "minLength": 1},
            "level": LEVEL,
            "title": TEXT,
            "instruments": {
                "type": "array",
                "items": {"type": "string", "pattern": r"^[a-z0-9-]+\|\S+$"},
                "uniqueItems": True,
                "description": "identifier|version of every instrument that is bound to the questionnaire",
            },
            "scores": {"type": "array", "items": SCORE},
            "topics": {"type": "array", "items": _TOPIC, "minItems": 1},
            "priorities": {
                "type": "object",
                "description": "The question in which citizens choose what they want to talk about",
                "properties": {"item": LINK_ID},
                "required": ["item"],
                "additionalProperties": False,
            },
            "acute": {"type": "array", "items": _ACUTE},
        },
        "required": ["schemaVersion", "identifier", "version", "level", "title", "scores", "topics"],
        "additionalProperties": False,
    }
}
"""schemaVersion → schema."""
