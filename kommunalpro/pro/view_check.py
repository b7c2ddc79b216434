"""Whether a View fits its questionnaire: what must be mended before the two are published together.

All problems at once, each with its place, in both languages. The texts stand here alone.
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.pro.acute import holds
from kommunalpro.pro.content import decimal, is_decimal
from kommunalpro.pro.explanation import LIGHT_WORDS
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.possible import possible_answers
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.rule_check import has_one_unit
from kommunalpro.pro.score_definition import Direction
from kommunalpro.pro.score_fit import score_fit_problems
from kommunalpro.pro.scoring import answer_key, answer_value
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import AcuteRule, View

_UNKNOWN = Text("Spørgsmålet findes ikke i spørgeskemaet.", "the questionnaire has no such question")
_NO_ORDER = Text(
    "Der står, hvilken vej der er bedst, men svarene har ingen rækkefølge (ordinalValue).",
    "a direction is declared, but the answers have no order (ordinalValue)",
)
_WORSE = Text(
    "Svaret {better} er bedre end {worse}, men giver et værre lys: {light} i stedet for {other}.",
    "the answer {better} is better than {worse}, but gives a worse light: {light} instead of {other}",
)
_NEVER = Text(
    "Intet svar kan opfylde den akutte regel {rule}.", "no answer can meet the acute rule {rule}: it would never apply"
)
_UNITS = Text(
    "{what} regner med tallet alene, men spørgsmålet besvares ikke i én enhed.",
    "{what} counts the number alone, and it is not answered in one unit",
)


def view_problems(view: View, form: Form) -> list[Problem]:
    """Give what does not fit between a View and its questionnaire; empty: it can be published with it."""
    found = [
        Problem(link_id, f"View.{place}", "view-question", _UNKNOWN)
        for link_id, place in _named(view).items()
        if not _is_question(form, link_id)
    ]
    for score in view.scores:
        if all(_is_question(form, item) for item in score.items):
            found += score_fit_problems(score, form)
            found += [
                problem for item in score.items for problem in _unit_problems(form.item(item), score.id, "scores")
            ]
    for link_id, direction in view.directions.items():
        if _is_question(form, link_id):
            found += _direction_problems(form.item(link_id), direction)
    for rule in view.acute:
        if _is_question(form, rule.item):
            found += _acute_problems(rule, form.item(rule.item))
    return found


def _is_question(form: Form, link_id: str) -> bool:
    return link_id in form.places and form.item(link_id).is_question


def _named(view: View) -> dict[str, str]:
    """Give every question that the View names, with the first place where it does."""
    named: dict[str, str] = {}
    for topic in view.topics:
        named = {**dict.fromkeys(topic.items, f"topics.{topic.id}"), **named}
    for score in view.scores:
        named = {**dict.fromkeys(score.items, f"scores.{score.id}"), **named}
    for rule in view.acute:
        named.setdefault(rule.item, f"acute.{rule.id}")
    if view.priorities:
        named.setdefault(view.priorities, "priorities")
    return named


def _direction_problems(item: Item, direction: Direction) -> Iterator[Problem]:
    """A better answer never gives a worse light: of all that can be answered, from the worst to the best."""
    graded = [
        (number, _light(item, answer), answer)
        for answer in possible_answers(item) or ()
        if (number := answer_value(item, answer)) is not None
    ]
    if not graded:
        yield Problem(item.link_id, "View.topics", "direction-order", _NO_ORDER)
    if not item.rules or not graded:
        return
    # Of answers that are equally good the worst light first: it is held against all that are worse.
    graded.sort(key=lambda each: -each[1].severity)
    graded.sort(key=lambda each: each[0], reverse=direction == "high-is-worse")
    lightest = graded[0]
    for number, light, answer in graded:
        if number != lightest[0] and light.severity > lightest[1].severity:
            words = {"light": LIGHT_WORDS[light], "other": LIGHT_WORDS[lightest[1]]}
            text = _WORSE.fill(better=answer_key(answer), worse=answer_key(lightest[2]), **words)
            yield Problem(item.link_id, "View.topics", "direction-light", text)
            return
        if light.severity < lightest[1].severity:
            lightest = (number, light, answer)


def _light(item: Item, answer: Json) -> Light:
    """Give the light of one answer by the question's own rules, as triage gives it."""
    met = [rule for rule in item.rules if all(condition.meets(answer) for condition in rule.conditions)]
    return worst(Light(rule.light) for rule in met)


def _unit_problems(item: Item, id: str, kind: str) -> Iterator[Problem]:
    if not has_one_unit(item):
        yield Problem(item.link_id, f"View.{kind}.{id}", "units", _UNITS.fill(what=id))


def _acute_problems(rule: AcuteRule, item: Item) -> Iterator[Problem]:
    if is_decimal(rule.value):
        yield from _unit_problems(item, rule.id, "acute")
    limits = [decimal(rule.value)] if is_decimal(rule.value) else []
    possible = possible_answers(item, limits)
    if possible is not None and not any(holds(rule.operator, rule.value, (answer,)) for answer in possible):
        text = _NEVER.fill(rule=rule.id)
        yield Problem(item.link_id, f"View.acute.{rule.id}", "acute-never", text)
