"""Questionnaires with FHIRPath in them, for the tests of what is evaluated."""

from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.excerpt import Run, excerpt
from kommunalpro.pro.expression import Expression, compile_expression
from kommunalpro.pro.expression_trial import branches_to
from kommunalpro.pro.form import Form, FormError, compile_form


def fhirpath(url: str, text: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": text, **more}}


def asked_if(text: str) -> dict[str, Any]:
    return fhirpath(ehealth.ENABLE_WHEN_EXPRESSION, text)


def computed(text: str) -> dict[str, Any]:
    return fhirpath(ehealth.CALCULATED_EXPRESSION, text)


def begins(text: str) -> dict[str, Any]:
    return fhirpath(ehealth.INITIAL_EXPRESSION, text)


def variable(name: str, text: str) -> dict[str, Any]:
    return fhirpath(ehealth.VARIABLE, text, name=name)


def item(link_id: str, type: str, *extensions: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = [*more.pop("extension", ()), *extensions]
    return {"linkId": link_id, "type": type, "text": link_id, **({"extension": found} if found else {}), **more}


def group(link_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return item(link_id, "group", item=list(items), **more)


def questionnaire(*items: dict[str, Any], variables: Any = ()) -> dict[str, Any]:
    return {"resourceType": "Questionnaire", "title": "Prøve", "extension": list(variables), "item": list(items)}


def form(*items: dict[str, Any], variables: Any = ()) -> Form:
    return compile_form(questionnaire(*items, variables=variables))


def problems(*items: dict[str, Any], variables: Any = ()) -> list[tuple[str, str]]:
    """What is wrong: linkId and code, in order."""
    try:
        form(*items, variables=variables)
    except FormError as wrong:
        return [(each.link_id, each.code) for each in wrong.problems]
    return []


def where(link_id: str) -> str:
    """The answers to a question, wherever it stands."""
    return f"%resource.descendants().where(linkId='{link_id}').answer.value"


def evaluated(text: str, asked: Form, answers: Any, *, here: str = "", run: Run | None = None) -> list[Any]:
    """What an expression gives for answers to a questionnaire, as it is seen from an instance."""
    expression = compile_expression(text, asked.places, {})
    return evaluate(expression, asked, answers, here=here, run=run or Run())


def evaluate(expression: Expression, asked: Form, answers: Any, *, here: str = "", run: Run) -> list[Any]:
    branches = branches_to(asked.places, expression.link_ids)
    return expression.evaluate(excerpt(branches, here, Enablement(asked, answers), run), run)
