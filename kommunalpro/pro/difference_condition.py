"""Conditions and computations, in a form that can be compared and in words."""

from collections.abc import Hashable, Mapping
from types import MethodType
from typing import TYPE_CHECKING, Any, cast

from kommunalpro.pro.condition import NUMBERS, Condition
from kommunalpro.pro.difference_found import quoted
from kommunalpro.pro.explanation import rule_words
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.item import Rule
from kommunalpro.pro.item_expression import ItemExpression
from kommunalpro.pro.text import Text, joined

if TYPE_CHECKING:
    from kommunalpro.pro.expression import Expression

_ALWAYS = Text("uanset hvad der er svaret", "whatever is answered")
_WHEN = Text("når {conditions}", "when {conditions}")
_IS = Text("{question} er {value}", "{question} is {value}")
_ANSWERED = Text("{question} er besvaret", "{question} is answered")
_UNANSWERED = Text("{question} ikke er besvaret", "{question} is not answered")
_FORMULA = Text("udtrykket {expression} er sandt", "the expression {expression} is true")
_AN_ANSWER, _NO_ANSWER = Text("et svar", "any answer"), Text("intet svar", "no answer")
_OR, _AND = Text(" eller ", " or "), Text(" og ", " and ")


def asked_by(form: Form, item: Item) -> object:
    """Give when an item is asked, equal for what means the same; None: always."""
    if not item.enable_when and item.enable_expression is None:
        return None
    conditions = frozenset((each.question, condition_key(each.condition)) for each in item.enable_when)
    is_any = item.enable_any and len(conditions) > 1
    return conditions, is_any, _formula(form.expressions.enabling.get(item.link_id))


def computed_by(form: Form, item: Item) -> object:
    """Give how an answer is computed, equal for what means the same; None: it is not."""
    return _formula(form.expressions.calculating.get(item.link_id))


def asked_words(form: Form, item: Item) -> Text:
    """Say when an item is asked: *når ”Smerte” er over 3*."""
    words = [condition_words(form.item(each.question), each.condition) for each in item.enable_when]
    said = [joined(words, _OR if item.enable_any else _AND)] if words else []
    if item.enable_expression is not None:
        said.append(_FORMULA.fill(expression=item.enable_expression))
    return _WHEN.fill(conditions=joined(said, _AND)) if said else _ALWAYS


def condition_words(item: Item, condition: Condition) -> Text:
    """Say a condition on a question: *”Smerte” er over 3*."""
    question = quoted(item.name if item.name.da else Text(item.link_id))
    if condition.operator == "exists":
        return (_ANSWERED if condition.value else _UNANSWERED).fill(question=question)
    return _IS.fill(question=question, value=rule_words(item, (condition,)))


def condition_key(condition: Condition) -> Hashable:
    """Give what a condition asks, equal for what the same answers meet: how a value is displayed does not count."""
    kind = "Decimal" if condition.kind in NUMBERS else condition.kind
    return condition.operator, kind, _value_key(condition.value)


def rule_key(rule: Rule) -> Hashable:
    """Give what a rule for a light says, equal for what gives the same lights."""
    return rule.light, frozenset(condition_key(each) for each in rule.conditions)


def met_by(item: Item, rule: Rule) -> Text:
    """Say what answers meet a rule for a light: *7 eller mere*, *intet svar*."""
    exists = [each.value is True for each in rule.conditions if each.operator == "exists"]
    others = tuple(each for each in rule.conditions if each.operator != "exists")
    words = [_AN_ANSWER if each else _NO_ANSWER for each in exists]
    return joined([*words, *([rule_words(item, others)] if others else [])], _AND)


def _value_key(value: Any) -> Hashable:
    if not isinstance(value, Mapping):
        key: Hashable = value
        return key
    if "value" in value:
        return value["value"], value.get("code") or value.get("unit")
    return value.get("system"), value.get("code"), value.get("reference")


def _formula(compiled: ItemExpression | None) -> object:
    """Give an expression with the variables it uses and the questions it looks at.

    What was made in a way that we do not know is equal to itself alone.
    """
    if compiled is None:
        return None
    if not isinstance(compiled.evaluate, MethodType):
        return compiled
    expression = cast("Expression", compiled.evaluate.__self__)
    return expression.text, _variables(expression, {}), compiled.questions


def _variables(expression: "Expression", known: dict[str, str]) -> Mapping[str, str]:
    for name, variable in expression.variables.items():
        if name not in known:
            known[name] = variable.text
            _variables(variable, known)
    return known
