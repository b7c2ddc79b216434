"""The form of a score, as a View and an instrument declare it: pieces of a JSON Schema.

Items are linkIds in a View, and positions ("1", "2" …) in an instrument.
"""

from kommunalpro.pro.content import ID, LIGHTS, LINK_ID, NUMBER, TEXT

DIRECTION = {"enum": ["high-is-better", "high-is-worse"]}

_BAND = {
    "type": "object",
    "description": "From low to high, both included. With a light, or with words alone: then it has no light",
    "properties": {
        "low": NUMBER,
        "high": NUMBER,
        "light": {"enum": LIGHTS},
        "text": TEXT,
        "source": {"type": "string", "minLength": 1},
    },
    "required": ["low", "high"],
    "anyOf": [{"required": ["light"]}, {"required": ["text"]}],
    "additionalProperties": False,
}
_MISSING = {
    "type": "object",
    "description": "When a score is given although answers are missing. `all`: never; `half`: half the items or more",
    "properties": {
        "rule": {"enum": ["all", "at-least", "half"]},
        "answered": {"type": "integer", "minimum": 1},
        "prorated": {"type": "boolean", "description": "The sum is scaled up by items/answered"},
    },
    "required": ["rule"],
    "if": {"properties": {"rule": {"const": "at-least"}}},
    "then": {"required": ["answered"]},
    "additionalProperties": False,
}
_VALUES = {
    "type": "object",
    "description": "Item → code or number of an answer → what it counts; null: as if it were not answered. Stands for "
    "all numbers that the questionnaire itself gives the item's answers",
    "additionalProperties": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [NUMBER, {"type": "null"}]},
    },
}
_ADDED = {
    "type": "object",
    "description": "Added to the sum or mean, once, when what any item counts compares so",
    "properties": {
        "add": NUMBER,
        "operator": {"enum": ["=", ">", "<", ">=", "<="]},
        "value": NUMBER,
    },
    "required": ["add", "operator", "value"],
    "additionalProperties": False,
}
_TABLE = {
    "type": "object",
    "description": "Whole sum → what it is looked up as; every sum there can be must be there",
    "minProperties": 2,
    "propertyNames": {"pattern": r"^-?\d+$"},
    "additionalProperties": NUMBER,
}
_MINIMAL_CHANGE = {
    "type": "object",
    "description": "The least change that is important to those who answer; a smaller one is said to be possibly "
    "chance. Only where the literature gives one, with its source. Left out: nothing is said",
    "properties": {"value": NUMBER, "source": {"type": "string", "minLength": 1}},
    "required": ["value", "source"],
    "additionalProperties": False,
}
SCORE = {
    "type": "object",
    "description": "(sum or mean, looked up in the table if there is one) × factor ÷ divisor + offset, then rounded",
    "properties": {
        "id": ID,
        "title": TEXT,
        "method": {"enum": ["sum", "mean"]},
        "items": {"type": "array", "items": LINK_ID, "minItems": 1, "uniqueItems": True},
        "reversed": {"type": "array", "items": LINK_ID, "uniqueItems": True},
        "values": _VALUES,
        "added": {"type": "array", "items": _ADDED},
        "table": _TABLE,
        "factor": {**NUMBER, "description": "Multiplies the sum or mean; 1 when left out"},
        "divisor": {**NUMBER, "description": "Divides it, exactly; 1 when left out"},
        "offset": {**NUMBER, "description": "Added after the factor; 0 when left out"},
        "decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": 6,
            "description": "Rounded half up to so many; only where the source says so. Left out: not rounded",
        },
        "scale": {
            "type": "object",
            "properties": {"low": NUMBER, "high": NUMBER},
            "required": ["low", "high"],
            "additionalProperties": False,
        },
        "direction": DIRECTION,
        "minimalImportantChange": _MINIMAL_CHANGE,
        "missing": _MISSING,
        "bands": {"type": "array", "items": _BAND},
        "source": {"type": "string", "minLength": 1},
    },
    "required": ["id", "title", "method", "items", "scale", "direction", "missing", "bands", "source"],
    "additionalProperties": False,
}
