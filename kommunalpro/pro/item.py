"""One item of a compiled questionnaire: all that is known of a question, as values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from kommunalpro.fhir.json import Json
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

LONGEST_SCALE = 100
"""From one end to the other. Ours: as long as a visual analogue scale; a blood pressure has more."""

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
    source: Json

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
    `repeats`, else one. `control` is FUT's itemControl code. `hidden`: not shown while one answers; `is_read_later`:
    shown among the answers afterwards. The expressions are FHIRPath: when it is asked, what it is computed by, what it
    begins with; None: there is none.

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

    @property
    def is_group(self) -> bool:
        """Whether it only holds others."""
        return self.type == "group"

    @property
    def is_display(self) -> bool:
        """Whether it is only read."""
        return self.type == "display"

    @property
    def is_question(self) -> bool:
        """Whether it can be answered."""
        return self.type not in INFORMATION

    @property
    def has_expression(self) -> bool:
        """Whether FHIRPath says when it is asked, what its answer is, or what it begins with."""
        return bool(self.enable_expression or self.calculated_expression or self.initial_expression)

    @property
    def has_instances(self) -> bool:
        """Whether what is inside may be there several times, each time with an identity of its own in paths."""
        return self.repeats and bool(self.items)

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
    if kind == "Integer" and type(value) is int and item.type == "integer":
        return value if _is_scale(item) and item.min_value <= value <= item.max_value else None
    return value if kind == "Boolean" and type(value) is bool else None


def _is_scale(item: Item) -> bool:
    if item.min_value is None or item.max_value is None or item.unit or item.units:
        return False
    return bool(item.max_value - item.min_value <= LONGEST_SCALE)
