"""What differs in how answers are given a light: rules on questions, directions, bands, topics, acute rules.

A light changes too where its rule is as it was: when the question is asked in other cases, the score comes out
differently, or the scale that its limits are on is another. All of it is said here, for who answers for the lights.
"""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from kommunalpro.pro.condition import Condition
from kommunalpro.pro.content import decimal, is_decimal
from kommunalpro.pro.difference_condition import condition_words, met_by, rule_key
from kommunalpro.pro.difference_found import Change, Found, changed, listed, merged, others, quoted
from kommunalpro.pro.difference_pair import Pair
from kommunalpro.pro.difference_score import direction_words
from kommunalpro.pro.explanation import LIGHT_WORDS
from kommunalpro.pro.item import Item
from kommunalpro.pro.light import Light
from kommunalpro.pro.text import Text, number
from kommunalpro.pro.view import AcuteRule, Band, ScoreDefinition, Topic, View

_VIEW, _RULES = Text("Visningen", "View"), Text("Reglerne for lys", "Rules for lights")
_IS = Text("{answer} er {light}", "{answer} is {light}")
_DIRECTION, _BANDS = Text("Retningen", "Direction"), Text("Grænserne for lys", "Limits for lights")
_BAND = Text("{light} {low}–{high}")
_NAMED_BAND = Text("{light} {low}–{high} {name}")
_OTHER_CASES = Text(
    "Spørgsmålet stilles eller regnes ud i andre tilfælde, så dets regler gælder i andre tilfælde.",
    "The question is asked or computed in other cases, and so its rules apply in other cases.",
)
_OTHER_SCALE = Text(
    "Svarene er på en anden skala, men reglerne for lys er de samme.",
    "The answers are on another scale, but the rules for lights are the same.",
)
_PART_OF_OTHER_SCALE = Text(
    "Et af spørgsmålene har fået en anden skala, men grænserne for lys er de samme.",
    "One of the questions has another scale, but the limits for lights are the same.",
)
_SCALE = ("type", "unit", "low", "high", "option-added", "option-removed", "ordinal")
_RESCORED = Text(
    "Scoren regnes anderledes ud, så de samme svar kan få et andet lys.",
    "The score is computed in another way, so that the same answers may get another light.",
)
_SCORE, _TOPIC, _ACUTE = (
    Text("Scoren med lys", "Score with lights"),
    Text("Emnet", "Topic"),
    Text("Den akutte regel", "Acute rule"),
)
_TITLE, _MEMBERS = Text("Emnets navn", "Topic's name"), Text("Emnets dele", "Topic's parts")
_ACUTE_TEXT = Text("Teksten ved et akut svar", "Text at an acute answer")


def view_changes(before: View | None, after: View | None) -> Iterator[Change]:
    """Say that there is a View now, or none any more."""
    if (before is None) is not (after is None):
        words = [None if view is None else quoted(view.title) for view in (before, after)]
        yield Change("", _VIEW, "view", changed(_VIEW, *words))


def question_lights(pair: Pair, before: View | None, after: View | None) -> Iterator[Change]:
    """Give what differs in the rules and directions of questions, in the questionnaire's order."""
    directions = [view.directions if view else {} for view in (before, after)]
    for link_id in pair.order:
        name = pair.name(link_id)
        one, other = (form.item(link_id) if link_id in form.places else None for form in (pair.before, pair.after))
        keys = [frozenset(rule_key(rule) for rule in item.rules) if item else frozenset() for item in (one, other)]
        if keys[0] != keys[1]:
            yield Change(link_id, name, "rules", changed(_RULES, _rules(one), _rules(other)))
        elif keys[0]:
            yield from _same_rules(pair, link_id)
        ways = [direction_words(each.get(link_id)) for each in directions]
        if ways[0] != ways[1]:
            yield Change(link_id, name, "direction", changed(_DIRECTION, *ways))


def score_lights(
    pair: Pair, before: ScoreDefinition | None, after: ScoreDefinition | None, found: tuple[Found, ...]
) -> Iterator[Change]:
    """Give what differs in the bands of a score; `found` is what differs in the score itself."""
    if before is None or after is None:
        words = [_bands(each) if each and each.carries_rule else None for each in (before, after)]
        for score in (each for each in (before, after) if each and each.carries_rule):
            yield Change(score.id, score.title, "score", changed(_SCORE, *words))
        return
    if before.direction != after.direction:
        text = changed(_DIRECTION, direction_words(before.direction), direction_words(after.direction))
        yield Change(after.id, after.title, "direction", text)
    if _band_keys(before) != _band_keys(after):
        text = changed(_BANDS, _bands(before), _bands(after))
        yield Change(after.id, after.title, "bands", text)
    elif after.carries_rule and any(_is_rescaled(pair, each) for each in after.items):
        yield Change(after.id, after.title, "scale", _PART_OF_OTHER_SCALE)
    if (before.carries_rule or after.carries_rule) and any(each.alters for each in found):
        yield Change(after.id, after.title, "rescored", _RESCORED)


def topic_lights(pair: Pair, before: View | None, after: View | None) -> Iterator[Change]:
    """Give what differs in what topics consist of."""
    one, other = ({topic.id: topic for topic in view.topics} if view else {} for view in (before, after))
    scores = {score.id: score.title for view in (before, after) if view for score in view.scores}
    for id in merged(one, other):
        old, new = one.get(id), other.get(id)
        title = (new or one[id]).title
        if old is None or new is None:
            parts = [None if each is None else _members(pair, each, scores) for each in (old, new)]
            words = [None if each is None else listed(map(quoted, each.values())) for each in parts]
            yield Change(id, title, "topic", changed(_TOPIC, *words))
            continue
        if old.title != new.title:
            yield Change(id, title, "title", changed(_TITLE, quoted(old.title), quoted(new.title)))
        if _members(pair, old, scores).keys() != _members(pair, new, scores).keys():
            text = others(_MEMBERS, _members(pair, old, scores), _members(pair, new, scores))
            yield Change(id, title, "members", text)


def acute_lights(pair: Pair, before: View | None, after: View | None) -> Iterator[Change]:
    """Give what differs in which answers may not wait."""
    one, other = _acute(before), _acute(after)
    for id in merged(one, other):
        old, new = one.get(id), other.get(id)
        rule = new or one[id]
        name = pair.name(rule.item)
        words = [None if each is None else _acute_words(pair, each) for each in (old, new)]
        if old is None or new is None or _acute_key(old) != _acute_key(new):
            yield Change(id, name, "acute", changed(_ACUTE, *words))
        elif pair.is_in_both(rule.item):
            yield from (replace(each, about=id, code=f"acute-{each.code}") for each in _same_rules(pair, rule.item))


def acute_texts(pair: Pair, before: View | None, after: View | None) -> Iterator[Change]:
    """Give what the citizen reads otherwise at an acute answer."""
    one, other = _acute(before), _acute(after)
    for id in merged(one, other):
        words = [None if each is None else each.text for each in (one.get(id), other.get(id))]
        if words[0] != words[1]:
            name = pair.name((other.get(id) or one[id]).item)
            quotes = [None if each is None else quoted(each) for each in words]
            yield Change(id, name, "acute-text", changed(_ACUTE_TEXT, *quotes))


def _same_rules(pair: Pair, link_id: str) -> Iterator[Change]:
    """Give why the lights may be others though the rules on a question are the same."""
    if pair.counts_otherwise(link_id):
        yield Change(link_id, pair.name(link_id), "asked", _OTHER_CASES)
    if _is_rescaled(pair, link_id):
        yield Change(link_id, pair.name(link_id), "scale", _OTHER_SCALE)


def _is_rescaled(pair: Pair, link_id: str) -> bool:
    """Tell whether a question is answered on another scale, to which a limit may mean something else."""
    return pair.is_in_both(link_id) and any(each.code in _SCALE for each in pair.found[link_id])


def _rules(item: Item | None) -> Text | None:
    """Say the rules on a question as they stand there; None: there are none."""
    if item is None or not item.rules:
        return None
    said = (_IS.fill(answer=met_by(item, rule), light=LIGHT_WORDS[Light(rule.light)]) for rule in item.rules)
    return listed(said, "; ")


def _bands(score: ScoreDefinition) -> Text | None:
    return listed(_band(each) for each in score.bands) if score.bands else None


def _band(band: Band) -> Text:
    parts = {"light": LIGHT_WORDS[band.light], "low": number(band.low), "high": number(band.high)}
    return _NAMED_BAND.fill(**parts, name=quoted(band.text)) if band.text else _BAND.fill(**parts)


def _band_keys(score: ScoreDefinition) -> list[tuple[object, ...]]:
    return [(band.low, band.high, band.light, band.text) for band in score.bands]


def _members(pair: Pair, topic: Topic, scores: Mapping[str, Text]) -> dict[str, Text]:
    """Give the questions and scores of a topic by id; no linkId has a slash in it."""
    items = {link_id: pair.name(link_id) for link_id in topic.items}
    return {**items, **{f"score/{id}": scores[id] for id in topic.scores}}


def _acute(view: View | None) -> Mapping[str, AcuteRule]:
    return {rule.id: rule for rule in view.acute} if view else {}


def _acute_key(rule: AcuteRule) -> tuple[object, ...]:
    """Give what an acute rule asks, equal for what is met by the same answers: 1 and "1.0" are one number."""
    value = decimal(rule.value) if is_decimal(rule.value) else rule.value
    return rule.item, rule.operator, isinstance(value, bool), value


def _acute_words(pair: Pair, rule: AcuteRule) -> Text:
    if not pair.is_known(rule.item):
        return quoted(Text(rule.item))
    return condition_words(pair.item(rule.item), _acute_condition(pair.item(rule.item), rule))


def _acute_condition(item: Item, rule: AcuteRule) -> Condition:
    """Read a rule as a condition on the question that it is about."""
    if isinstance(rule.value, bool):
        return Condition(rule.operator, "Boolean", rule.value)
    if item.options:
        return Condition(rule.operator, "Coding", {"code": str(rule.value)})
    if is_decimal(rule.value):
        return Condition(rule.operator, "Decimal", decimal(rule.value))
    return Condition(rule.operator, "String", rule.value)
