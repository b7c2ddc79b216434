"""One item of a compiled questionnaire: all that is known of a question, as values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.lasting import Lasting
from kommunalpro.pro.condition import Condition, kind_and_value
from kommunalpro.pro.text import Text

VALUE_KINDS = {
    "boolean": ("Boolean",),
    "decimal": ("Decimal",),
    "integer": ("Integer",),
    "date": ("Date",),
    "dateTime": ("DateTime",),
    "time": ("Time",),
    "string": ("String",),
    "text": ("String",),
    "url": ("Uri",),
    "choice": ("Coding",),
    "open-choice": ("Coding", "String"),
    "attachment": ("Attachment",),
    "reference": ("Reference",),
    "quantity": ("Quantity",),
}
"""Item type → the types of value that answer it: `valueInteger` for an integer (R4). Options may add others."""

MOST_ON_SCALE = 101
"""Numbers on a scale, both ends included. Ours: as many as on a visual analogue scale; a blood pressure has more."""

INFORMATION = ("group", "display")
"""The item types that are not answered."""


class Image(Struct, frozen=True):
    """A picture inside the questionnaire. `data` is base64; `terms` names its licence, empty when none is given."""

    content_type: str
    data: str
    terms: str


class Option(Struct, frozen=True, eq=False):
    """One thing to choose. `value` is the answer it gives, as FHIR writes it: `{"valueCoding": {…}}`.

    `ordinal` is its number in a score; None: it has none. `is_exclusive`: nothing else may be chosen with it.
    `xhtml` is its text as markup, harmless; None: it has none.
    """

    value: Json
    text: Text
    ordinal: Decimal | None = None
    is_exclusive: bool = False
    is_initial: bool = False
    images: tuple[Image, ...] = ()
    xhtml: str | None = None


class EnableWhen(Struct, frozen=True):
    """A condition on another question, by its linkId."""

    question: str
    condition: Condition


class Rule(Struct, frozen=True, eq=False):
    """One answerSignificance: all its one or two conditions must hold of the same answer.

    `light` is red, yellow or green. `source` is the extension as it stands in the Questionnaire.
    """

    light: str
    conditions: tuple[Condition, ...]
    source: Lasting

    def is_met_by(self, answer: Json) -> bool:
        """Tell whether one answer meets all conditions."""
        kind, value = kind_and_value(answer)
        return all(condition.accepts(kind, value) for condition in self.conditions)


class Feedback(Struct, frozen=True):
    """Words shown at once when a numeric answer lies from `low` to `high`, both included."""

    text: Text
    low: Decimal
    high: Decimal


class Item(Struct, frozen=True, eq=False):
    """A question, group or display text. `kinds` are FHIR's types of value that answer it: `Integer`, `Coding`.

    Bounds are in the question's unit, both included; None: no bound. `min_value` and `max_value` of dates and times are
    text. `chosen` gives the option of an answer by what identifies it. `max_occurs` None: as many as one likes when
    `repeats`, else one. `control` is FUT's itemControl code. `unit` is what tells
    one unit from another, `unit_text` what it is called. `hidden`: not shown while one answers; `is_read_later`:
    shown among the answers afterwards. The expressions are FHIRPath: when it is asked, what it is computed by, what it
    begins with; None: there is none.

    The last six follow from the others. `is_group`: it only holds others; `is_display`: it is only read; `is_question`:
    it can be answered. `has_instances`: what is inside may be there several times, each time with an identity of its
    own in paths. `is_conditional`: it is not always asked. `scale`: the whole numbers from one bound to the other, by
    its step, where nothing else is asked of them; empty: it has none.

    A Struct, as is all that is made for each item or answer: made in a tenth of a dataclass's time.
    """

    link_id: str
    type: str
    text: Text
    kinds: frozenset[str] = frozenset()
    short_text: Text | None = None
    help_text: Text | None = None
    help_xhtml: str | None = None
    xhtml: str | None = None
    codes: tuple[Json, ...] = ()
    required: bool = False
    repeats: bool = False
    hidden: bool = False
    is_read_later: bool = True
    read_only: bool = False
    is_copyright: bool = False
    min_occurs: int | None = None
    max_occurs: int | None = None
    min_value: Any = None
    max_value: Any = None
    step: Decimal | None = None
    max_length: int | None = None
    max_decimal_places: int | None = None
    pattern: str | None = None
    unit: str | None = None
    unit_text: Text | None = None
    units: tuple[Json, ...] = ()
    control: str | None = None
    options: tuple[Option, ...] = ()
    chosen: Mapping[Any, Option] = field(default_factory=dict)
    initial: tuple[Json, ...] = ()
    images: tuple[Image, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    enable_any: bool = False
    enable_expression: str | None = None
    calculated_expression: str | None = None
    initial_expression: str | None = None
    rules: tuple[Rule, ...] = ()
    items: tuple["Item", ...] = ()
    is_group: bool = False
    is_display: bool = False
    is_question: bool = True
    has_instances: bool = False
    is_conditional: bool = False
    scale: range = range(0)

    def __post_init__(self) -> None:
        """Tell once what follows from the rest: every answer to the question asks for it many times."""
        force_setattr(self, "is_group", self.type == "group")
        force_setattr(self, "is_display", self.type == "display")
        force_setattr(self, "is_question", self.type not in INFORMATION)
        force_setattr(self, "has_instances", self.repeats and bool(self.items))
        force_setattr(self, "is_conditional", bool(self.enable_when or self.enable_expression))
        is_bounded = type(self.min_value) is int and type(self.max_value) is int
        if is_bounded and self.type == "integer" and not self.options and self.max_decimal_places is None:
            force_setattr(self, "scale", _scale(self.min_value, self.max_value, self.step))

    @property
    def has_expression(self) -> bool:
        """Whether FHIRPath says when it is asked, what its answer is, or what it begins with."""
        return bool(self.enable_expression or self.calculated_expression or self.initial_expression)

    @property
    def name(self) -> Text:
        """What staff call it: the short text, else the text."""
        return self.short_text or self.text

    def option_for(self, answer: Json) -> Option | None:
        """Give the option that an answer chooses; None: it chooses none of them."""
        if not self.options:
            return None
        try:
            return self.chosen.get(identity_of(answer))
        except TypeError:  # A list or object where there must be a code.
            return None


def identity_of(answer: Json) -> Any:
    """Give what makes an answer the one it is: of codings system and code, not how they are displayed.

    None: it has no value.
    """
    for key, value in answer.items():
        if key == "valueCoding" and isinstance(value, dict):
            return key, value.get("system"), value.get("code")
        if key == "valueReference" and isinstance(value, dict):
            return key, value.get("reference")
        if key.startswith("value"):
            return key, value
    return None


def one_of_few(item: Item, answer: Json) -> Option | int | None:
    """Give what an answer chooses where many choose the same: a coded option, yes or no, a number on a scale.

    None: it is written, or measured, and nothing that is said of it may be remembered. A number is on a scale where it
    has no unit and no more than a hundred others can be answered. Its JSON type is part of it: 7 and 7.0 are read
    alike, and written differently.
    """
    kind, value = kind_and_value(answer)
    if kind == "Coding":
        return item.option_for(answer)
    if kind == "Integer" and type(value) is int:
        is_few = len(item.scale) <= MOST_ON_SCALE and not (item.unit or item.units)
        return value if is_few and value in item.scale else None
    return value if kind == "Boolean" and type(value) is bool else None


def _scale(low: int, high: int, step: Decimal | None) -> range:
    width = 1 if step is None else int(step)
    return range(low, high + 1, width) if step is None or width == step else range(0)
