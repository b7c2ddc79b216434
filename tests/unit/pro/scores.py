"""Small questionnaires, answers and scores for the tests of what is computed from them."""

from decimal import Decimal
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.pro.form import Form, compile_form
from kommunalpro.pro.score_definition import ScoreDefinition, read_score
from kommunalpro.pro.scoring import score_value, scores

LIGHTS = "http://ehealth.sundhed.dk/cs/questionnaire-item-significance-indicator"


def integer(link_id: str, low: int | None = 0, high: int | None = 10, **more: Any) -> dict[str, Any]:
    bounds = [(ehealth.MIN_VALUE, low), (ehealth.MAX_VALUE, high)]
    extensions = [{"url": url, "valueInteger": bound} for url, bound in bounds if bound is not None]
    return question(link_id, "integer", extensions, **more)


def number(link_id: str, low: str | None = "0", high: str | None = "10", **more: Any) -> dict[str, Any]:
    bounds = [(ehealth.MIN_VALUE, low), (ehealth.MAX_VALUE, high)]
    extensions = [{"url": url, "valueDecimal": Decimal(bound)} for url, bound in bounds if bound is not None]
    return question(link_id, "decimal", extensions, **more)


def choice(link_id: str, **ordinals: int | str | None) -> dict[str, Any]:
    """A choice among codes; None: the option has no ordinalValue."""
    return {"linkId": link_id, "type": "choice", "answerOption": [option(*each) for each in ordinals.items()]}


def option(code: str, ordinal: int | str | None) -> dict[str, Any]:
    known = [] if ordinal is None else [{"url": ehealth.ORDINAL_VALUE, "valueDecimal": Decimal(ordinal)}]
    return {"valueCoding": {"code": code}, **({"extension": known} if known else {})}


def question(link_id: str, type: str, extensions: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    rules = more.pop("rules", ())
    found = [*extensions, *(rule(*each) for each in rules)]
    return {"linkId": link_id, "type": type, **({"extension": found} if found else {}), **more}


def rule(light: str, *conditions: tuple[str, Any]) -> dict[str, Any]:
    """An answerSignificance: a light, and one or two `(operator, value)`."""
    return {
        "url": ehealth.ANSWER_SIGNIFICANCE,
        "extension": [
            {"url": "significance", "valueCoding": {"system": LIGHTS, "code": light}},
            *(_condition(*each) for each in conditions),
        ],
    }


def _condition(operator: str, value: Any) -> dict[str, Any]:
    kind = {
        bool: "valueBoolean",
        int: "valueInteger",
        Decimal: "valueDecimal",
        str: "valueCoding",
        dict: "valueQuantity",
    }[type(value)]
    given = {"code": value} if isinstance(value, str) else value
    return {
        "url": ehealth.ANSWER_CONDITION,
        "extension": [{"url": "operator", "valueCode": operator}, {"url": "value", kind: given}],
    }


def form(*items: dict[str, Any]) -> Form:
    return compile_form({"resourceType": "Questionnaire", "title": "Prøve", "item": list(items)})


def declared(*items: str, **more: Any) -> dict[str, Any]:
    """A score as a View declares it: a sum of items on a scale from 0 to 100, all required."""
    return {
        "id": "score",
        "title": {"da": "Score", "en": "Score"},
        "method": "sum",
        "items": list(items),
        "scale": {"low": "0", "high": "100"},
        "direction": "high-is-worse",
        "missing": {"rule": "all"},
        "bands": [],
        "source": "Test",
    } | more


def definition(*items: str, **more: Any) -> ScoreDefinition:
    return read_score(declared(*items, **more))


def view(*scores: dict[str, Any], items: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "schemaVersion": 1,
        "identifier": "proeve",
        "version": "1.0",
        "level": "national",
        "title": {"da": "Prøve", "en": "Test"},
        "scores": list(scores),
        "topics": [
            {
                "id": "emne",
                "title": {"da": "Emne", "en": "Topic"},
                "items": list(items),
                "scores": [each["id"] for each in scores],
            }
        ],
    } | more


def given(**answers: Any) -> dict[str, Any]:
    """Answers by linkId: an int, a Decimal, or a code; None: not answered."""
    kinds = {int: "valueInteger", Decimal: "valueDecimal", bool: "valueBoolean"}
    return {
        link_id: ({kinds[type(answer)]: answer} if type(answer) in kinds else {"valueCoding": {"code": answer}},)
        for link_id, answer in answers.items()
        if answer is not None
    }


def value(score: ScoreDefinition, questionnaire: Form, **answers: Any) -> Decimal | None:
    """Compute a score, alone as trends do, and among others as an assessment does: they must agree."""
    alone = score_value(score, questionnaire, given(**answers))
    assert str(scores([score], questionnaire, given(**answers))[score.id].value) == str(alone)
    return alone
