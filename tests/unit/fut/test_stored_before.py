"""What was stored before a rule was asked stands in nobody's way, and is no way around the rule."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut import rules
from kommunalpro.fut.profiles.stored_before import new_problems
from kommunalpro.fut.profiles.tasks import task_problems
from tests.people import ASTA, NANCY
from tests.refusals import refusal, refusal_codes
from tests.resources import patient, questionnaire, to
from tests.store.cast import staff
from tests.unit.fut.definitions import becomes, editor

TWO = [{"identifier": {"system": "urn:oid:1.2.208.176.1.4", "value": each}} for each in ("012345", "543210")]
PHONE = {"system": "phone", "value": "20304050", "use": "mobile"}


@pytest.fixture
def with_two_doctors(clinic, monkeypatch):
    """Nancy, who got two general practitioners before anybody asked."""
    with monkeypatch.context() as before:
        before.setattr(rules, "new_problems", lambda *_: [])
        return clinic.update({**clinic.read("Patient", "nancy"), "generalPractitioner": TWO})


def patched(clinic, stored, **changes):
    operations = [{"op": "add", "path": f"/{name}", "value": each} for name, each in changes.items()]
    asta = staff(ASTA, patient="nancy", episode_of_care="nancys")
    with clinic.as_(replace(asta, privileges=asta.privileges | {"Patient.patch"})) as session:
        return session.patch("Patient", stored["id"], operations, if_match=None)


def test_the_rest_of_it_can_be_changed(clinic, with_two_doctors):
    assert patched(clinic, with_two_doctors, telecom=[PHONE])["telecom"] == [PHONE]


@pytest.mark.parametrize("doctors", [[TWO[1], TWO[0]], [*TWO, TWO[0]], [TWO[0], TWO[0]]])
def test_the_faulty_element_is_changed_only_into_what_is_right(clinic, with_two_doctors, doctors):
    wrong = [("GENERAL_VALIDATION_ERROR", "Patient.generalPractitioner")]
    assert refusal(lambda: patched(clinic, with_two_doctors, generalPractitioner=doctors)) == wrong
    assert patched(clinic, with_two_doctors, generalPractitioner=TWO[:1])["generalPractitioner"] == TWO[:1]


def test_a_team_that_works_with_what_is_no_diagnosis_any_more_can_get_members(clinic, monkeypatch):
    unknown = [{"coding": [{"system": ehealth.SKS_DIAGNOSES, "code": "DF32"}]}]
    with monkeypatch.context() as before:
        before.setattr(rules, "new_problems", lambda *_: [])
        team = clinic.update({**clinic.read("CareTeam", "nord"), "reasonCode": unknown})
    renamed = clinic.update({**team, "name": "Nord og Vest"})
    assert renamed["reasonCode"] == unknown
    another = {"coding": [{"system": ehealth.SKS_DIAGNOSES, "code": "DF33"}]}
    told = refusal(lambda: clinic.update({**renamed, "reasonCode": [*unknown, another]}))
    assert told == [("GENERAL_VALIDATION_ERROR", "CareTeam.reasonCode[1]")]


def test_once_it_is_right_it_is_not_made_wrong_again(clinic, with_two_doctors):
    mended = patched(clinic, with_two_doctors, generalPractitioner=TWO[:1])
    wrong = [("GENERAL_VALIDATION_ERROR", "Patient.generalPractitioner")]
    assert refusal(lambda: patched(clinic, mended, generalPractitioner=TWO)) == wrong


def test_another_fault_is_one_all_the_same(clinic, with_two_doctors):
    mailbox = {"system": "sms", "value": "NemSMS"}
    told = refusal(lambda: patched(clinic, with_two_doctors, telecom=[PHONE, mailbox]))
    assert told == [("GENERAL_VALIDATION_ERROR", "Patient.telecom[1].system")]


def test_what_was_at_fault_does_not_excuse_what_becomes_so():
    """A team that has a role in a handover stands where it stood, and is taken off the Task."""
    stranger, member = (f"https://fhir.example/fhir/CareTeam/{each}" for each in ("syd", "nord"))
    before = {"resourceType": "Task", "for": to("Patient/nancy"), "input": [has_role(stranger), has_role(member)]}
    on = {**before, "extension": [{"url": ehealth.TASK_RESPONSIBLE, "valueReference": {"reference": member}}]}
    assert [each.expression for each in task_problems(on)] == ["Task.input[0].value"]
    assert new_problems(task_problems, {**on, "priority": "asap"}, on) == []
    assert [each.expression for each in new_problems(task_problems, before, on)] == ["Task.input[1].value"]


def has_role(team):
    role = {"coding": [{"system": ehealth.TASK_HANDOVER_ROLES, "code": "informed-entity"}]}
    return {"type": role, "valueReference": {"reference": team}}


def test_what_is_new_is_judged_whole(clinic):
    made = {**patient(NANCY), "generalPractitioner": TWO}
    assert refusal(lambda: clinic.create(made)) == [("GENERAL_VALIDATION_ERROR", "Patient.generalPractitioner")]


def test_of_a_definition_that_is_published_all_is_judged(store, monkeypatch):
    """Others build on it."""
    without_type = questionnaire()
    without_type["extension"] = [
        each for each in without_type["extension"] if each["url"] != ehealth.QUESTIONNAIRE_TYPE
    ]
    with monkeypatch.context() as before:
        before.setattr(rules, "new_problems", lambda *_: [])
        draft = store.create(without_type, by=editor())
    draft = becomes(store, draft, "draft", title="Søvn")
    assert refusal_codes(lambda: becomes(store, draft, "active")) == ["GENERAL_VALIDATION_ERROR"]
