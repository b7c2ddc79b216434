"""The form of a shell instrument, `definitions/instruments/*.json`: a JSON Schema for each schemaVersion.

An instrument is here without a word of its questions and answers: their text belongs to others, and comes by import.
"""

from kommunalpro.fhir.json import Json
from kommunalpro.pro.content import ID, NUMBER, TEXT
from kommunalpro.pro.score_schema import DIRECTION, SCORE

_WORDS = {"type": "string", "minLength": 1}
_POSITION = {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "Position of an item, from 1"}
_URL = {"type": "string", "pattern": "^https://"}
_ITEM = {
    "type": "object",
    "description": "A question by its position. low and high are the numbers it is scored by, both included",
    "properties": {
        "position": {"type": "integer", "minimum": 1},
        "low": {"type": "integer"},
        "high": {"type": "integer"},
        "direction": DIRECTION,
        "optional": {"type": "boolean", "description": "It may be left out of a questionnaire; no score may need it"},
        "codes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"system": _WORDS, "code": _WORDS},
                "required": ["system", "code"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["position", "low", "high"],
    "additionalProperties": False,
}
_LICENCE = {
    "type": "object",
    "properties": {"state": {"enum": ["free", "licensed", "unclear"]}, "text": TEXT, "url": _URL},
    "required": ["state", "text"],
    "additionalProperties": False,
}
_NOT_OFFERED = {
    "type": "object",
    "description": "A score, band or rule that is left out, and why",
    "properties": {"what": TEXT, "why": TEXT},
    "required": ["what", "why"],
    "additionalProperties": False,
}
_ACUTE = {
    "type": "object",
    "description": "An answer that may not wait. Whoever makes the View writes what the citizen reads at once",
    "properties": {
        "id": ID,
        "item": _POSITION,
        "operator": {"enum": ["=", "!=", ">", "<", ">=", "<="]},
        "value": {"type": "integer"},
        "source": _WORDS,
    },
    "required": ["id", "item", "operator", "value", "source"],
    "additionalProperties": False,
}
_GOLDEN = {
    "type": "object",
    "description": "Answers by position as they are scored, null when not answered, and the scores that come of them",
    "properties": {
        "answers": {"type": "array", "items": {"type": ["integer", "null"]}, "minItems": 1},
        "scores": {"type": "object", "additionalProperties": {"anyOf": [NUMBER, {"type": "null"}]}},
        "source": _WORDS,
    },
    "required": ["answers", "scores", "source"],
    "additionalProperties": False,
}

INSTRUMENT_SCHEMAS: dict[int, Json] = {
    1: {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Shell instrument: structure, scores, bands and licence, without any text of questions or answers",
        "type": "object",
        "properties": {
            "schemaVersion": {"const": 1},
            "identifier": ID,
            "version": {"type": "string", "pattern": r"^\S+$"},
            "title": TEXT,
            "doi": {"type": "string", "pattern": r"^10\.\d{4,}/\S+$"},
            "citation": _WORDS,
            "licence": _LICENCE,
            "items": {"type": "array", "items": _ITEM, "minItems": 1},
            "offered": {"type": "boolean", "description": "Whether any score is offered"},
            "why": {**TEXT, "description": "Why no score is offered"},
            "scores": {"type": "array", "items": SCORE},
            "notOffered": {"type": "array", "items": _NOT_OFFERED},
            "acute": {"type": "array", "items": _ACUTE},
            "golden": {"type": "array", "items": _GOLDEN},
        },
        "required": [
            "schemaVersion",
            "identifier",
            "version",
            "title",
            "doi",
            "citation",
            "licence",
            "items",
            "offered",
            "scores",
            "notOffered",
            "golden",
        ],
        "if": {"properties": {"offered": {"const": False}}},
        "then": {"required": ["why"], "properties": {"scores": {"maxItems": 0}}},
        "else": {"properties": {"scores": {"minItems": 1}, "golden": {"minItems": 1}}},
        "additionalProperties": False,
    }
}
"""schemaVersion → schema."""
