"""The form of a View's content, `application/vnd.kommunalpro.view+json`: a JSON Schema for each schemaVersion."""

from kommunalpro.fhir.json import Json
from kommunalpro.pro.content import ID, LEVEL, LIGHTS, LINK_ID, NUMBER, TEXT

DIRECTION = {"enum": ["high-is-better", "high-is-worse"]}

_BAND = {
    "type": "object",
    "description": "From low to high, both included",
    "properties": {"low": NUMBER, "high": NUMBER, "light": {"enum": LIGHTS}, "text": TEXT},
    "required": ["low", "high", "light"],
    "additionalProperties": False,
}
_MISSING = {
    "type": "object",
    "description": "When a score is given although answers are missing; `all`: never",
    "properties": {"rule": {"enum": ["all", "at-least"]}, "answered": {"type": "integer", "minimum": 1}},
    "required": ["rule"],
    "if": {"properties": {"rule": {"const": "at-least"}}},
    "then": {"required": ["answered"]},
    "additionalProperties": False,
}
_SCORE = {
    "type": "object",
    "properties": {
        "id": ID,
        "title": TEXT,
        "method": {"enum": ["sum", "mean"]},
        "items": {"type": "array", "items": LINK_ID, "minItems": 1, "uniqueItems": True},
        "reversed": {"type": "array", "items": LINK_ID, "uniqueItems": True},
        "factor": {**NUMBER, "description": "Multiplies the sum or mean; 1 when left out"},
        "offset": {**NUMBER, "description": "Added after the factor; 0 when left out"},
        "scale": {
            "type": "object",
            "properties": {"low": NUMBER, "high": NUMBER},
            "required": ["low", "high"],
            "additionalProperties": False,
        },
        "direction": DIRECTION,
        "missing": _MISSING,
        "bands": {"type": "array", "items": _BAND},
        "source": {"type": "string", "minLength": 1},
    },
    "required": ["id", "title", "method", "items", "scale", "direction", "missing", "bands", "source"],
    "additionalProperties": False,
}
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
            "scores": {"type": "array", "items": _SCORE},
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
