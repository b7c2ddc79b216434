"""Whatever a questionnaire holds, it is compiled or refused."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.structure import validate
from kommunalpro.pro.form import Form, FormError, compile_form
from kommunalpro.pro.item import INFORMATION, VALUE_KINDS
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.response import check_answers
from kommunalpro.pro.triage import assess

thoroughly = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

URLS = (
    ehealth.MIN_VALUE,
    ehealth.MAX_VALUE,
    ehealth.MIN_OCCURS,
    ehealth.MAX_OCCURS,
    ehealth.SLIDER_STEP_VALUE,
    ehealth.SLIDER_STEP_VALUE_DECIMAL,
    ehealth.MAX_DECIMAL_PLACES,
    ehealth.REGEX,
    ehealth.UNIT,
    ehealth.UNIT_OPTION,
    ehealth.HIDDEN,
    ehealth.ITEM_CONTROL,
    ehealth.ITEM_IS_COPYRIGHT,
    ehealth.ORDINAL_VALUE,
    ehealth.OPTION_EXCLUSIVE,
    ehealth.RENDERING_XHTML,
    ehealth.TRANSLATION,
    ehealth.USAGE_MODE,
    ehealth.QUESTIONNAIRE_SHORT_TEXT,
)
VALUES = st.sampled_from(
    (
        {"valueInteger": 0},
        {"valueInteger": 3},
        {"valueInteger": -1},
        {"valueDecimal": Decimal("0.1")},
        {"valueDecimal": Decimal("1e300")},
        {"valueBoolean": True},
        {"valueString": "a"},
        {"valueString": "[a-"},
        {"valueCode": "en"},
        {"valueDate": "2026"},
        {"valueDateTime": "9999-12-31T23:59:60Z"},
        {"valueTime": "10:00:00"},
        {"valueUri": "urn:x"},
        {"valueCoding": {"code": "x"}},
        {"valueCoding": {"display": "X"}},
        {"valueQuantity": {"value": Decimal(3), "unit": "kg"}},
        {"valueQuantity": {"unit": "kg"}},
        {"valueReference": {"reference": "#x"}},
        {"valueCodeableConcept": {"coding": [{"code": "slider"}]}},
        {"valueExpression": {"language": "text/fhirpath", "expression": "1 + 1"}},
    )
)
MORE: dict[str, st.SearchStrategy[Any]] = {
    "initial": st.lists(VALUES, min_size=1, max_size=2),
    "maxLength": st.sampled_from((-1, 0, 1, 20)),
    "prefix": st.just("1a"),
    **{name: st.just(True) for name in ("required", "repeats", "readOnly")},
}


@st.composite
def extensions(draw: st.DrawFn) -> dict[str, Any]:
    """Make an extension that we know, with a value of any type; also those that consist of others."""
    if draw(st.booleans()):
        return {"url": draw(st.sampled_from(URLS)), **draw(VALUES)}
    names = ("value", "operator", "significance", "text", "xhtml", "min", "max", "content", "terms", "lang")
    parts = [{"url": draw(st.sampled_from(names)), **draw(VALUES)} for _ in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        parts.append(complex_extension(ehealth.ANSWER_CONDITION, *parts))
    urls = (ehealth.ANSWER_SIGNIFICANCE, ehealth.QUESTIONNAIRE_HELP_TEXT, ehealth.QUESTIONNAIRE_FEEDBACK)
    return complex_extension(draw(st.sampled_from((*urls, ehealth.QUESTIONNAIRE_IMAGE))), *parts)


@st.composite
def items(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    """Make an item of any shape."""
    type = draw(st.sampled_from((*VALUE_KINDS, *INFORMATION)))
    made: dict[str, Any] = {"linkId": draw(st.sampled_from(("a", "b", "c", "d", "e", "x/y"))), "type": type}
    if draw(st.booleans()):
        made["extension"] = draw(st.lists(extensions(), min_size=1, max_size=4))
    if draw(st.booleans()):
        made["text"], made["_text"] = "Hvad?", {"extension": [draw(extensions())]}
    if draw(st.booleans()):
        made["enableWhen"] = draw(st.lists(_conditions(), min_size=1, max_size=2))
    if draw(st.booleans()):
        made["answerOption"] = draw(st.lists(_options(), min_size=1, max_size=3))
    elif draw(st.booleans()):
        made["answerValueSet"] = draw(st.sampled_from(("#v", "#x", "urn:v")))
    for name, values in MORE.items():
        if draw(st.booleans()):
            made[name] = draw(values)
    if depth < 2 and draw(st.booleans()):
        made["item"] = draw(st.lists(items(depth + 1), min_size=1, max_size=2))
    return made


@st.composite
def _conditions(draw: st.DrawFn) -> dict[str, Any]:
    answer = {key.replace("value", "answer"): each for key, each in draw(VALUES).items()}
    operator = draw(st.sampled_from(("exists", "=", "!=", ">", "<=")))
    return {"question": draw(st.sampled_from(("a", "b", "z"))), "operator": operator, **answer}


@st.composite
def _options(draw: st.DrawFn) -> dict[str, Any]:
    chosen = {"initialSelected": True} if draw(st.booleans()) else {}
    return {**draw(VALUES), **chosen, **({"extension": [draw(extensions())]} if draw(st.booleans()) else {})}


VALUE_SETS = st.sampled_from(
    (
        {"compose": {"include": [{"system": "urn:s", "concept": [{"code": "x"}, {"code": "y"}]}]}},
        {"compose": {"include": [{"system": "urn:s"}]}},
        {"expansion": {"timestamp": "2026", "contains": [{"abstract": True, "contains": [{"code": "x"}]}]}},
        {},
    )
)


@thoroughly
@given(st.lists(items(), min_size=1, max_size=3), VALUE_SETS)
def test_a_questionnaire_is_compiled_or_refused_with_its_problems(asked: list[Any], value_set: dict[str, Any]) -> None:
    """And what is compiled can be answered, checked and assessed."""
    contained = [{"resourceType": "ValueSet", "id": "v", "status": "active", **value_set}]
    questionnaire = {"resourceType": "Questionnaire", "status": "active", "item": asked, "contained": contained}
    form, problems = _compiled(questionnaire)
    assert (form is None) is bool(problems)
    assert all(isinstance(problem, Problem) and problem.text.da and problem.text.en for problem in problems)
    if form is None:
        return
    answers = {
        item.link_id: tuple(option.value for option in item.options) or ({"valueInteger": 3},)
        for item in form.questions()
    }
    check_answers(form, answers, strictness="submit")
    assess(form, None, answers, questionnaire="urn:q", view_reference=None)


def test_the_made_up_questionnaires_are_of_r4_often_enough() -> None:
    """What this module makes up is not all beside the point: some of it is valid, and some of that compiles."""
    found: list[bool] = []

    @settings(max_examples=60, database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(items())
    def look(item: dict[str, Any]) -> None:
        questionnaire = {"resourceType": "Questionnaire", "status": "active", "item": [item]}
        if validate(questionnaire) == ():
            found.append(_compiled(questionnaire)[0] is not None)

    look()
    assert {True, False} <= set(found)


def _compiled(questionnaire: dict[str, Any]) -> tuple[Form | None, tuple[Problem, ...]]:
    try:
        return compile_form(questionnaire), ()
    except FormError as refused:
        return None, refused.problems
