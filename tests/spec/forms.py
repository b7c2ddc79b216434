"""Small questionnaires, written so that they can be read: one line an item, what is inside it further in.

    pain: integer; from 0 to 10; red >= 7; yellow >= 4 and <= 6; green <= 3
    where: choice; of knee/back/head; if pain > 3
    medicine: group; repeats
      name: string; required
      dose: integer

Options may have a number for scores (`of never=0/often=2`), or exclude all others (`of pain/none!`). A condition has a
question, an operator and a value (`if pain > 3 and where = knee`, `if a exists no or b != 2`), a rule for a light the
last two. Answers are written as `pain: 7, where: knee + back, medicine[0]/dose: 2`; – is no answer.
"""

import re
from decimal import Decimal
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.enablement import enabled_paths
from kommunalpro.pro.form import Form, FormError, compile_form

SYSTEM = "urn:spec"
TIMES = ("date", "dateTime", "time")
NOTHING = "–"


def questionnaire(text: str, **more: Any) -> dict[str, Any]:
    """Make a Questionnaire of what is written."""
    items: list[dict[str, Any]] = []
    open_items: list[tuple[int, list[dict[str, Any]]]] = [(-1, items)]
    types = dict(re.findall(r"^\s*(\S+): ([\w-]+)", text, re.MULTILINE))
    for line in filter(str.strip, text.splitlines()):
        indent = len(line) - len(line.lstrip())
        while open_items[-1][0] >= indent:
            open_items.pop()
        item = _item(line.strip(), types)
        open_items[-1][1].append(item)
        open_items.append((indent, item.setdefault("item", [])))
    return {"resourceType": "Questionnaire", "status": "active", "version": "1.0", "title": "Skema", **more} | {
        "item": _without_empty(items)
    }


def form(text: str, **more: Any) -> Form:
    """Compile what is written."""
    return compile_form(questionnaire(text, **more))


def problems(asked: Json) -> str:
    """Give the linkId and code of everything for which a questionnaire is refused when it is published."""
    try:
        found = compile_form(asked).flaws
    except FormError as refused:
        found = refused.problems
    return ", ".join(f"{each.link_id} {each.code}".strip() for each in found) or NOTHING


def item(**more: Any) -> dict[str, Any]:
    """Make one item as FHIR writes it, for what cannot be said in a line."""
    return {"linkId": "a", "type": "string", "text": "A", **more}


def of(*items: Json, **more: Any) -> dict[str, Any]:
    """Make a Questionnaire of items as FHIR writes them."""
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items), **more}


def answers(asked: Form, text: str) -> Answers:
    """Read answers: `pain: 7, where: knee + back, medicine[0]/dose: 2`."""
    given = {}
    for part in [each for each in text.split(", ") if each not in ("", NOTHING)]:
        path, _, values = part.partition(": ")
        item = asked.item(path.rsplit("/", 1)[-1])
        if values not in ("", NOTHING):
            given[path] = tuple(answer(item.type, value) for value in values.split(" + "))
    return given


def asked_paths(text: str, given: str) -> str:
    """Give the paths of all that a questionnaire asks, given some answers."""
    asked = form(text)
    return ", ".join(enabled_paths(asked, answers(asked, given)))


def answer(type: str, text: str) -> dict[str, Any]:
    """Make an answer to a question of a type."""
    kind, value = _value(type, text)
    return {f"value{kind}": value}


def said(given: Answers) -> str:
    """Say answers as they are written."""
    return ", ".join(f"{path}: {' + '.join(_said(each) for each in values)}" for path, values in given.items()) or "–"


def _said(answer: Any) -> str:
    value = next(iter(answer.values()))
    if isinstance(value, dict):
        parts = (value.get("value"), value.get("code") or value.get("reference"))
        return " ".join(str(part) for part in parts if part is not None)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def rule(type: str, text: str) -> dict[str, Any]:
    """Make an answerSignificance: `red >= 7`, `yellow >= 4 and <= 6`."""
    light, _, conditions = text.partition(" ")
    parts = [
        complex_extension(
            ehealth.ANSWER_CONDITION, {"url": "value", f"value{kind}": value}, {"url": "operator", "valueCode": sign}
        )
        for sign, kind, value in (_compared(type, each) for each in conditions.split(" and "))
    ]
    significance = {"url": "significance", "valueCoding": {"system": ehealth.ITEM_SIGNIFICANCE, "code": light}}
    return complex_extension(ehealth.ANSWER_SIGNIFICANCE, *parts, significance)


def _item(line: str, types: dict[str, str]) -> dict[str, Any]:
    head, *parts = line.split("; ")
    link_id, _, type = head.partition(": ")
    item: dict[str, Any] = {"linkId": link_id, "type": type, "text": link_id.capitalize(), "extension": []}
    for part in parts:
        word, _, rest = part.partition(" ")
        _PARTS[word](item, rest, types)
    return item


def _compared(type: str, text: str) -> tuple[str, str, Any]:
    sign, _, value = text.partition(" ")
    return sign, *_value("boolean" if sign == "exists" else type, value)


def _value(type: str, text: str) -> tuple[str, Any]:
    """Give FHIR's type and value of what is written for a question of a type; in quotes: text, whatever the type."""
    if text.startswith('"'):
        return "String", text.strip('"')
    if type == "boolean":
        return "Boolean", {"yes": True, "no": False}[text]
    if type == "integer":
        return "Integer", int(text)
    if type == "decimal":
        return "Decimal", Decimal(text)
    if type == "quantity":
        amount, _, unit = text.partition(" ")
        return "Quantity", {"value": Decimal(amount), **({"unit": unit, "code": unit} if unit else {})}
    if type in ("choice", "open-choice"):
        return "Coding", {"system": SYSTEM, "code": text}
    if type == "reference":
        return "Reference", {"reference": text}
    if type == "attachment":
        return "Attachment", {"title": text}
    return {"date": "Date", "dateTime": "DateTime", "time": "Time", "url": "Uri"}.get(type, "String"), text


def _lower(item: dict[str, Any], text: str, types: dict[str, str]) -> None:
    low, _, high = text.partition(" to ")
    _add(item, ehealth.MIN_VALUE, _bound(item, low))
    if high:
        _upper(item, high, types)


def _upper(item: dict[str, Any], text: str, types: dict[str, str]) -> None:
    _add(item, ehealth.MAX_VALUE, _bound(item, text))


def _bound(item: dict[str, Any], text: str) -> dict[str, Any]:
    kind, value = _value({"quantity": "decimal"}.get(item["type"], item["type"]), text)
    return {f"value{kind}": value}


def _options(item: dict[str, Any], text: str, types: dict[str, str]) -> None:
    item["answerOption"] = [_option(each) for each in text.split("/")]


def _option(text: str) -> dict[str, Any]:
    code, _, ordinal = text.rstrip("!").partition("=")
    option: dict[str, Any] = {"valueCoding": {"system": SYSTEM, "code": code, "display": code}}
    extensions = [{"url": ehealth.OPTION_EXCLUSIVE, "valueBoolean": True}] if text.endswith("!") else []
    if ordinal:
        extensions.append({"url": ehealth.ORDINAL_VALUE, "valueDecimal": Decimal(ordinal)})
    return {**option, **({"extension": extensions} if extensions else {})}


def _enable_when(item: dict[str, Any], text: str, types: dict[str, str]) -> None:
    behavior = "any" if " or " in text else "all"
    conditions = []
    for each in re.split(" and | or ", text):
        question, _, compared = each.partition(" ")
        sign, kind, value = _compared(types.get(question, "string"), compared)
        conditions.append({"question": question, "operator": sign, f"answer{kind}": value})
    item["enableWhen"] = conditions
    if len(conditions) > 1:
        item["enableBehavior"] = behavior


def _units(item: dict[str, Any], text: str, types: dict[str, str]) -> None:
    codes = text.split("/")
    if len(codes) == 1:
        _add(item, ehealth.UNIT, {"valueCoding": {"code": codes[0], "display": codes[0]}})
    for code in codes if len(codes) > 1 else ():
        _add(item, ehealth.UNIT_OPTION, {"valueCoding": {"code": code, "display": code}})


def _add(item: dict[str, Any], url: str, value: dict[str, Any]) -> None:
    item["extension"].append({"url": url, **value})


def _flag(name: str) -> Any:
    return lambda item, text, types: item.update({name: True})


def _extension(url: str, kind: str, read: Any) -> Any:
    return lambda item, text, types: _add(item, url, {f"value{kind}": read(text)})


def _colour(light: str) -> Any:
    return lambda item, text, types: item["extension"].append(rule(item["type"], f"{light} {text}"))


_PARTS: dict[str, Any] = {
    "required": _flag("required"),
    "repeats": _flag("repeats"),
    "read-only": _flag("readOnly"),
    "hidden": _extension(ehealth.HIDDEN, "Boolean", lambda text: True),
    "from": _lower,
    "to": _upper,
    "of": _options,
    "if": _enable_when,
    "unit": _units,
    "text": lambda item, text, types: item.update({"text": text}),
    "length": lambda item, text, types: item.update({"maxLength": int(text)}),
    "step": _extension(ehealth.SLIDER_STEP_VALUE_DECIMAL, "Decimal", Decimal),
    "decimals": _extension(ehealth.MAX_DECIMAL_PLACES, "Integer", int),
    "pattern": _extension(ehealth.REGEX, "String", str),
    "least": _extension(ehealth.MIN_OCCURS, "Integer", int),
    "most": _extension(ehealth.MAX_OCCURS, "Integer", int),
    **{light: _colour(light) for light in ("red", "yellow", "green")},
}


def _without_empty(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out empty lists, which FHIR does not have."""
    kept = []
    for item in items:
        item["item"] = _without_empty(item["item"])
        kept.append({key: value for key, value in item.items() if value != []})
    return kept
