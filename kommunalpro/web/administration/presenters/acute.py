"""The answers that may not wait, as editors read them, and those that a local view leaves out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language

from kommunalpro.fhir.json import Json
from kommunalpro.fut.content import content_of
from kommunalpro.pro.acute import covers
from kommunalpro.pro.view import AcuteRule, View, read_view
from kommunalpro.web.administration.presenters.rules import compare, name, option_texts


@dataclass(frozen=True, slots=True)
class AcuteLine:
    """An answer that may not wait. `text` is what the citizen reads at once."""

    question: str
    answer: str
    text: str
    source: str


def lines(rules: Iterable[AcuteRule], items: Mapping[str, Json]) -> tuple[AcuteLine, ...]:
    """Say acute rules in words. `items` are the questionnaire's items by linkId."""
    return tuple(_line(rule, items) for rule in rules)


def rules_of(basic: Json, in_use: Iterable[Json]) -> tuple[tuple[AcuteRule, ...], tuple[AcuteRule, ...]]:
    """Give a view's acute rules, and those of national views in use that a local view has no rule to cover.

    In its organisation a local view takes the place of the national one, whose rules do not hold there any more.
    """
    view = _read(basic)
    if view is None or view.level != "local":
        return (view.acute if view else ()), ()
    national = (rule for each in map(_read, in_use) if each and each.level == "national" for rule in each.acute)
    return view.acute, _uncovered(national, view.acute)


def lost(before: Json | None, after: Json | None) -> tuple[AcuteRule, ...]:
    """Give the acute rules that hold no more where one view decides after another; None: none does."""
    first, last = (_read(each) if each is not None else None for each in (before, after))
    return _uncovered(first.acute if first else (), last.acute if last else ())


def _uncovered(rules: Iterable[AcuteRule], by: tuple[AcuteRule, ...]) -> tuple[AcuteRule, ...]:
    return tuple(rule for rule in rules if not any(covers(each, rule) for each in by))


def _read(basic: Json) -> View | None:
    """Read a view; None: its content is in a format that is not ours."""
    content = content_of(basic)
    return None if content is None else read_view(content)


def _line(rule: AcuteRule, items: Mapping[str, Json]) -> AcuteLine:
    item = items.get(rule.item, {})
    options = option_texts(item)
    value = {"code": rule.value} if rule.value in options else rule.value
    answer = compare(rule.operator, value, options)
    return AcuteLine(name(item, rule.item), answer, rule.text.say(get_language() or "da"), rule.source)
