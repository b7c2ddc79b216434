"""A plan, an activity and a questionnaire are for everybody: none of what people read of them names a citizen."""

import pytest

from kommunalpro.fhir import ehealth
from tests.people import NANCY
from tests.refusals import refusal
from tests.resources import activity_definition, plan_definition, questionnaire
from tests.store.cast import BASE, query, stored
from tests.unit.fut.definitions import becomes, editor

NAMES = "KPRO_DOCUMENTREFERENCE_SUBJECT"
NUMBER = f"{NANCY.cpr[:6]}-{NANCY.cpr[6:]}"


def plan(**changes):
    return plan_definition(f"{BASE}/ActivityDefinition/1") | changes


def activity(**changes):
    return activity_definition(f"{BASE}/Questionnaire/1") | changes


@pytest.mark.parametrize("make", [plan, activity, lambda **changes: questionnaire() | changes])
@pytest.mark.parametrize("said", [NUMBER, NANCY.cpr, "25.12.48-9996", "25 12 48 9996"])
def test_what_it_is_called_and_says_of_itself_names_nobody(store, make, said):
    wrong = make(title=f"Til Nancy {said}", description=f"Kun {said}.")
    before, type = stored(), wrong["resourceType"]
    told = refusal(lambda: store.create(wrong, by=editor()))
    assert told == [(NAMES, f"{type}.title"), (NAMES, f"{type}.description")]
    assert stored() == before
    assert store.create(make(title="Vejledning 310248-9996 fra 25.12.2026"), by=editor())["id"]


def test_nor_does_what_staff_read_a_step_or_a_question(store):
    to_staff = {"url": ehealth.EMPLOYEE_TITLE, "valueString": f"Nancy {NUMBER}"}
    step = plan()["action"][0] | {"title": f"Vej dig, {NUMBER}"}
    asked = {"linkId": "1", "type": "group", "item": [{"linkId": "2", "type": "boolean", "text": f"Er du {NUMBER}?"}]}
    made = questionnaire()
    for wrong, place in (
        (plan(action=[step]), "PlanDefinition.action[0].title"),
        (made | {"extension": [*made["extension"], to_staff]}, "Questionnaire.extension"),
        (made | {"item": [asked]}, "Questionnaire.item[0].item[0].text"),
    ):
        assert refusal(lambda wrong=wrong: store.create(wrong, by=editor())) == [(NAMES, place)]


def test_what_was_published_with_one_before_can_be_taken_out_of_use(store):
    asked = becomes(store, store.create(questionnaire(title="Til Nancy"), by=editor()), "active")
    query("UPDATE fhir_resource SET json = replace(json, %s, %s)", ("Til Nancy", f"Til {NUMBER}"))
    retired = becomes(store, store.read("Questionnaire", asked["id"]), "retired")
    assert (retired["status"], retired["title"]) == ("retired", f"Til {NUMBER}")
