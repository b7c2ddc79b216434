"""Why a light is as it is, in words that a nurse reads: the answer, the limit, and whose rule it is."""

from functools import lru_cache

from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import NUMBERS, Condition, is_number, kind_and_value
from kommunalpro.pro.form import Form, Item, Rule
from kommunalpro.pro.light import Light
from kommunalpro.pro.scoring import Score, shown
from kommunalpro.pro.text import Text, joined, moment, number
from kommunalpro.pro.values import is_value
from kommunalpro.pro.view import Level, ScoreDefinition, View

LIGHT_WORDS = {
    Light.RED: Text("rød", "red"),
    Light.YELLOW: Text("gul", "yellow"),
    Light.GREEN: Text("grøn", "green"),
    Light.NOT_ASSESSED: Text("ikke vurderet", "not assessed"),
}
_LEVELS = {"national": Text("national regel", "national rule"), "local": Text("lokal regel", "local rule")}
_OR, _AND = Text(" eller ", " or "), Text(" og ", " and ")

_LIMIT = Text(
    "{name} er besvaret {answer}. Grænsen for {light} er {rule} ({source}).",
    "{name} is answered {answer}. The limit for {light} is {rule} ({source}).",
)
_CHOSEN = Text(
    "{name} er besvaret {answer}, som er {light} ({source}).",
    "{name} is answered {answer}, which is {light} ({source}).",
)
_ABSENT = Text(
    "{name} er ikke besvaret. Farven er {light} ({source}).", "{name} is not answered. The light is {light} ({source})."
)
_UNANSWERED = Text("{name} er ikke besvaret.", "{name} is not answered.")
_NO_RULE_FOR_IT = Text(
    "{name} er besvaret {answer}; det har reglerne intet lys for ({source}).",
    "{name} is answered {answer}; the rules have no light for that ({source}).",
)
_SCORE = Text("{name} er {value}. {light} er {band} ({source}).", "{name} is {value}. {light} is {band} ({source}).")
_NO_SCORE = Text(
    "{name} kan ikke regnes ud, fordi der mangler svar.", "{name} cannot be computed because answers are missing."
)
_BETWEEN_BANDS = Text(
    "{name} er {value}, mellem to grænser. Den værste gælder: {light} ({source}).",
    "{name} is {value}, between two limits. The worse of them holds: {light} ({source}).",
)
_NO_BAND = Text("{name} er {value}, som intet lys gælder for.", "{name} is {value}, to which no light applies.")
_NO_RULES = Text("Emnet har ingen regler for lys.", "The topic has no rules for lights.")
_NONE_ASKED = Text(
    "Der er ikke stillet nogen af de spørgsmål i emnet, som har regler for lys.",
    "None of the topic's questions that have rules for lights were asked.",
)
_COMPARED = {
    "=": Text("{value}"),
    "!=": Text("alt andet end {value}", "anything but {value}"),
    ">": Text("over {value}", "above {value}"),
    "<": Text("under {value}", "below {value}"),
    ">=": Text("{value} eller mere", "{value} or more"),
    "<=": Text("{value} eller mindre", "{value} or less"),
}
_COMPARED_MOMENTS = {
    **_COMPARED,
    ">": Text("efter {value}", "after {value}"),
    "<": Text("før {value}", "before {value}"),
    ">=": Text("{value} eller senere", "{value} or later"),
    "<=": Text("{value} eller tidligere", "{value} or earlier"),
}
_BETWEEN = Text("fra {low} til {high}", "from {low} to {high}")
_GAP = Text("\0")
"""Where the answer goes; no text of a questionnaire can hold this character."""
_MOMENTS = ("Date", "DateTime", "Time")
_LIMITED = (*NUMBERS, "Quantity", *_MOMENTS)
"""What a rule sets a limit for; all else is chosen or written."""
_YES, _NO = Text("ja", "yes"), Text("nej", "no")
_UNNAMED = {"Attachment": Text("en fil", "a file"), "Reference": Text("en henvisning", "a reference")}


def rule_hit(form: Form, item: Item, rule: Rule, answer: Json | None, light: Light) -> Text:
    """Say that a rule on a question was met; `answer` None: by its not being answered."""
    before, after = form.once(_frame, item, rule, light, answer is not None)
    words = Text("") if answer is None else answer_words(item, answer)
    return Text(f"{before.da}{words.da}{after.da}", f"{before.en}{words.say('en')}{after.en}")


def _frame(form: Form, item: Item, rule: Rule, light: Light, is_answered: bool) -> tuple[Text, Text]:
    """Give what stands before and after the answer: for a rule it is always the same."""
    parts = {"name": item.name, "light": LIGHT_WORDS[light], "source": form.once(_questionnaire), "answer": _GAP}
    if not is_answered:
        text = _ABSENT.fill(**parts)
    elif all(condition.kind in _LIMITED for condition in rule.conditions):
        text = _LIMIT.fill(rule=rule_words(item, rule.conditions), **parts)
    else:
        text = _CHOSEN.fill(**parts)
    return _around(text)


def no_rule_hit(form: Form, item: Item, answers: tuple[Json, ...]) -> Text:
    """Say that a question with rules is not answered, or answered in a way that no rule speaks of."""
    if not answers:
        return _UNANSWERED.fill(name=item.name)
    words = joined([answer_words(item, answer) for answer in answers], _AND)
    return _NO_RULE_FOR_IT.fill(name=item.name, answer=words, source=form.once(_questionnaire))


def score_reason(definition: ScoreDefinition, score: Score, source: Text) -> Text:
    """Say what a score came to and in which band it lies; `source` says by which View (`view_words`)."""
    value = score.value
    if value is None:
        return _NO_SCORE.fill(name=score.title)
    is_inside = definition.is_in_band(value)
    before, after = _score_frame(definition, score.light, source, is_inside)
    words = number(shown(value))
    return Text(f"{before.da}{words.da}{after.da}", f"{before.en}{words.en}{after.en}")


@lru_cache(maxsize=1024)
def _score_frame(definition: ScoreDefinition, light: Light, source: Text, is_inside: bool) -> tuple[Text, Text]:
    """Give what stands before and after a score's value; `is_inside`: it lies in a band, not between two."""
    parts = {"name": definition.title, "value": _GAP, "light": LIGHT_WORDS[light], "source": source}
    if light is Light.NOT_ASSESSED:
        return _around(_NO_BAND.fill(**parts))
    if not is_inside:
        return _around(_BETWEEN_BANDS.fill(**parts))
    bands = [(number(band.low), number(band.high)) for band in definition.bands if band.light is light]
    stretches = [Text(f"{low.da}–{high.da}", f"{low.en}–{high.en}") for low, high in bands]
    return _around(_SCORE.fill(**{**parts, "light": _capital(parts["light"])}, band=joined(stretches, _OR)))


def _around(text: Text) -> tuple[Text, Text]:
    """Give what stands before and after the gap."""
    danish, english = text.da.partition(_GAP.da), text.en.partition(_GAP.da)
    return Text(danish[0], english[0]), Text(danish[2], english[2])


def no_reason(*, has_rules: bool) -> Text:
    """Say that a topic has nothing to be assessed by: no rules at all, or none that were asked about."""
    return _NONE_ASKED if has_rules else _NO_RULES


def answer_words(item: Item, answer: Json) -> Text:
    """Say an answer: an option's text in quotes, a number with its unit."""
    option = item.option_for(answer)
    if option is not None:
        return _quoted(option.text)
    return value_words(item, *kind_and_value(answer))


def plain_words(item: Item, answer: Json) -> Text:
    """Say an answer as it stands among others: an option's text, a number with its unit."""
    option = item.option_for(answer)
    if option is not None:
        return option.text
    kind, value = kind_and_value(answer)
    return (
        _coding_words(item, value) if kind == "Coding" and isinstance(value, dict) else value_words(item, kind, value)
    )


def value_words(item: Item, kind: str, value: object) -> Text:
    """Say a value of an answer or of a rule on a question."""
    if kind == "Coding" and isinstance(value, dict):
        return _quoted(_coding_words(item, value))
    if kind == "Quantity" and isinstance(value, dict):
        return _amount_words(value)
    if isinstance(value, dict):  # A file, or a reference: never all that stands in it.
        named = value.get("title") or value.get("display") or value.get("reference")
        return Text(str(named)) if named else _UNNAMED.get(kind, _UNNAMED["Reference"])
    if isinstance(value, bool):
        return _YES if value else _NO
    if kind in NUMBERS and is_number(value):
        words = number(value)  # type: ignore[arg-type]  # is_number says so
        return Text("{value} {unit}").fill(value=words, unit=item.unit_text) if item.unit_text else words
    return moment(str(value)) if kind in _MOMENTS and is_value(kind, value) else Text(str(value))


def _coding_words(item: Item, coding: Json) -> Text:
    codes = ((option, option.value.get("valueCoding", {}).get("code")) for option in item.options)
    option = next((option for option, code in codes if code == coding.get("code")), None)
    return option.text if option else Text(str(coding.get("display") or coding.get("code", "")))


def _amount_words(value: Json) -> Text:
    """Say an amount with its unit, and whether it is only a bound: *< 5 mg/L*."""
    amount, unit = value.get("value"), str(value.get("unit") or value.get("code") or "")
    words = number(amount) if is_number(amount) else Text("–")  # type: ignore[arg-type]  # is_number says so
    bound = f"{value['comparator']} " if "comparator" in value else ""
    return Text("{bound}{amount} {unit}" if unit else "{bound}{amount}").fill(bound=bound, amount=words, unit=unit)


def rule_words(item: Item, conditions: tuple[Condition, ...]) -> Text:
    """Say what a rule asks of an answer: *7 eller mere*, *fra 4 til 6*."""
    bounds = {condition.operator: condition for condition in conditions}
    if bounds.keys() == {">=", "<="}:
        low, high = (value_words(item, bounds[each].kind, bounds[each].value) for each in (">=", "<="))
        return low if low == high else _BETWEEN.fill(low=low, high=high)
    return joined([_compared(item, condition) for condition in conditions], _AND)


def _compared(item: Item, condition: Condition) -> Text:
    words = _COMPARED_MOMENTS if condition.kind in _MOMENTS else _COMPARED
    return words[condition.operator].fill(value=value_words(item, condition.kind, condition.value))


def _questionnaire(form: Form) -> Text:
    return Text(f"{form.title.da} {form.version}".strip(), f"{form.title.say('en')} {form.version}".strip())


def view_words(view: View) -> Text:
    """Say which View a light comes from: title, version, and whose it is."""
    return _view_words(view.title, view.version, view.level)


@lru_cache(maxsize=512)
def _view_words(title: Text, version: str, level: Level) -> Text:
    return Text("{title} {version}, {level}").fill(title=title, version=version, level=_LEVELS[level])


def _quoted(text: Text) -> Text:
    return Text(f"”{text.da}”", f"“{text.say('en')}”")


def _capital(text: Text) -> Text:
    return Text(text.da[:1].upper() + text.da[1:], text.en[:1].upper() + text.en[1:])
