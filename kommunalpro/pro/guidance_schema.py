"""The form of ActionGuidance content, `application/vnd.kommunalpro.guidance+json`: a schema for each schemaVersion."""

from kommunalpro.fhir.json import Json
from kommunalpro.pro.content import CONDITION, ID, LEVEL, LIGHTS, TEXT

_APPLIES = {
    "lights": {"type": "array", "items": {"enum": [*LIGHTS, "not-assessed"]}, "minItems": 1, "uniqueItems": True},
    "conditions": {"type": "array", "items": CONDITION, "description": "All must hold, beside the light"},
    "rank": {"type": "integer", "description": "Lower comes first within the same light"},
}
_LINK = {
    "type": "object",
    "properties": {"title": TEXT, "url": {"type": "string", "pattern": "^https://"}},
    "required": ["title", "url"],
    "additionalProperties": False,
}
_ADVICE = {
    "type": "object",
    "properties": {
        "id": ID,
        "topic": ID,
        "title": TEXT,
        "text": TEXT,
        "links": {"type": "array", "items": _LINK},
        "source": {"type": "string", "minLength": 1},
        **_APPLIES,
    },
    "required": ["id", "topic", "lights", "title", "text", "source"],
    "additionalProperties": False,
}
_OFFER = {
    "type": "object",
    "properties": {
        "id": ID,
        "topics": {"type": "array", "items": ID, "minItems": 1, "uniqueItems": True},
        "title": TEXT,
        "text": TEXT,
        "provider": {"type": "string"},
        "starts": {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}$",
            "description": "First day; later it is not offered",
        },
        "places": {"type": "integer", "minimum": 0},
        "contact": {"type": "string"},
        "links": {"type": "array", "items": _LINK},
        "source": {"type": "string"},
        **_APPLIES,
    },
    "required": ["id", "topics", "lights", "title", "text"],
    "additionalProperties": False,
}

GUIDANCE_SCHEMAS: dict[int, Json] = {
    1: {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ActionGuidance: what staff can do, by topic and light",
        "type": "object",
        "properties": {
            "schemaVersion": {"const": 1},
            "identifier": {"type": "string", "minLength": 1, "description": "The same in all versions"},
            "version": {"type": "string", "minLength": 1},
            "level": LEVEL,
            "title": TEXT,
            "advice": {"type": "array", "items": _ADVICE},
            "offers": {"type": "array", "items": _OFFER},
            "replaces": {"type": "array", "items": ID, "description": "ids of national advice that local stands for"},
        },
        "required": ["schemaVersion", "identifier", "version", "level", "title", "advice", "offers"],
        "additionalProperties": False,
    }
}
"""schemaVersion → schema."""
