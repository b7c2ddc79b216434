"""A questionnaire with FHIRPath in it, from publishing to the task that a nurse sees."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.due import due_for
from kommunalpro.care.publishing import publish_questionnaire
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.pro.record import read_record
from tests.gateway.answering import LATER, asked_of, bundle_of
from tests.gateway.looking import all_of
from tests.gateway.marks import NO_RECORD
from tests.people import NANCY
from tests.unit.care.world import MONDAY
from tests.unit.pro.formulas import asked_if, computed, item, where
from tests.unit.pro.scores import choice, integer, rule

SCORE = f"{where('smerte')} + {where('søvn')}"
OFFERED = [
    option | {"valueCoding": {"system": "http://example.org/cs/svar", **option["valueCoding"]}}
    for option in choice("frit", a=1, b=4)["answerOption"]
]
FREE = {"linkId": "frit", "type": "open-choice", "answerOption": OFFERED}
ITEMS = (
    integer("smerte", 0, 10),
    integer("søvn", 0, 10),
    item("score", "decimal", computed(SCORE), rule("red", (">", Decimal(10))), rule("green", ("<=", Decimal(10)))),
    item("mere", "string", asked_if(f"{where('score')} > 10")),
    FREE,
    item("dobbelt", "decimal", computed(f"{where('frit')}.ordinal() * 2")),
)


@pytest.fixture
def asked(world):
    """What Nancy is asked: a questionnaire that computes."""
    editor = world.staff["lis"].principal
    draft = {
        "resourceType": "Questionnaire",
        "extension": [
            _coded(ehealth.QUESTIONNAIRE_TYPE, ehealth.QUESTIONNAIRE_TYPES, "QR"),
            {
                "url": ehealth.MODIFIER_ROLE,
                "extension": [
                    {"url": "reference", "valueReference": {"reference": editor.context.organization}},
                    _coded("role", ehealth.MODIFIER_ROLE_CODES, "owner"),
                ],
            },
        ],
        "version": "1.0",
        "name": "udtryk",
        "title": "Udtryk",
        "status": "draft",
        "item": list(ITEMS),
    }
    stored = world.gateway.create(draft, by=SYSTEM, now=MONDAY)
    published = publish_questionnaire(world.gateway, stored, by=SYSTEM, now=MONDAY)
    nancy = replace(world, published=published).enrol(NANCY)
    nancy.gets()
    return asked_of(nancy)


def _coded(url, system, code):
    return {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}


def submitted(asked, **given):
    """Answer and submit as the citizen does; gives the newest (response, record, Task)."""
    gateway, nancy = asked.nancy.world.gateway, asked.nancy
    (due,) = due_for(gateway, nancy.patient, by=nancy.self, now=LATER)
    draft = drafts.open_draft(gateway, due, by=nancy.self, now=LATER).id
    drafts.save_answers(gateway, draft, {path: [answer] for path, answer in given.items()}, by=nancy.self, now=LATER)
    drafts.submit(gateway, draft, by=nancy.self, now=LATER)
    response, impression, task = (
        all_of(asked, type)[-1] for type in ("QuestionnaireResponse", "ClinicalImpression", "Task")
    )
    record = next(each for each in impression["contained"] if each["resourceType"] == "Parameters")
    return response, read_record(record), task


def category(task):
    return extension_value(task, ehealth.TASK_CATEGORY)["coding"][0]["code"]


def whole(number):
    return {"valueInteger": number}


@NO_RECORD
def test_what_is_calculated_is_stored_and_decides_the_light(asked):
    response, record, task = submitted(asked, smerte=whole(6), søvn=whole(7), mere={"valueString": "Det gør ondt"})
    assert {"linkId": "score", "answer": [{"valueDecimal": Decimal(13)}]} in response["item"]
    assert [each["linkId"] for each in response["item"]] == ["smerte", "søvn", "score", "mere"]
    assert (record.light.code, task["priority"], category(task)) == ("red", "asap", "MeasurementForAssessment")
    assert not record.failures


@NO_RECORD
def test_what_fails_is_stored_all_the_same_and_is_never_green(asked):
    answers = {"smerte": whole(1), "søvn": whole(1), "frit": {"valueString": "noget andet"}}
    response, record, task = submitted(asked, **answers)
    assert [each["linkId"] for each in response["item"]] == ["smerte", "søvn", "score", "frit"]
    assert record.light.code == "not-assessed"
    assert [failure.path for failure in record.failures] == ["dobbelt"]
    assert (task["priority"], category(task)) == ("urgent", "MeasurementForAssessmentFailureInAutoProcessing")


@pytest.mark.parametrize(("score", "is_taken"), [(Decimal(8), True), (None, True), (Decimal(9), False)])
def test_another_application_may_compute_but_not_otherwise(asked, score, is_taken):
    items = [
        {"linkId": "smerte", "answer": [whole(4)]},
        {"linkId": "søvn", "answer": [whole(4)]},
        *([{"linkId": "score", "answer": [{"valueDecimal": score}]}] if score is not None else []),
    ]
    bundle = bundle_of(asked.response({}, item=items))
    if is_taken:
        asked.submit(bundle)
        assert all_of(asked, "QuestionnaireResponse")
        return
    with pytest.raises(FhirError) as refused:
        asked.submit(bundle)
    assert [issue.diagnostics.split(":")[0] for issue in refused.value.issues] == ["calculated"]
    assert not all_of(asked, "QuestionnaireResponse")
