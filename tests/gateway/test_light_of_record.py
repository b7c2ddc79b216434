"""What a submitted answer is found to say, kept with the rules it came from; and what happens when that fails."""

import copy
from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connection

from kommunalpro.care import interpretation
from kommunalpro.care.worklist import worklist
from kommunalpro.config.publishing import view_resource
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhirserver import database
from kommunalpro.fut import processing
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.modifier_roles import owned_by
from kommunalpro.fut.profiles import impressions
from kommunalpro.pro.light import Light
from tests.gateway.answering import BAD, FOLDER, GOOD, LATER, answers, bundle_of, expected
from tests.gateway.looking import all_of, audit, rows
from tests.unit.definitions.folders import read


def submitted(asked, case=BAD, *, now=LATER):
    """Submit a golden case; gives (response, ClinicalImpression, Task), the newest of each."""
    asked.submit(bundle_of(asked.response(answers(case), authored=to_datetime(now))), now=now)
    newest = [all_of(asked, type) for type in ("QuestionnaireResponse", "ClinicalImpression", "Task")]
    return tuple(found[-1] if found else None for found in newest)


def finding(impression):
    return impression["finding"][0]["itemCodeableConcept"]["coding"][0]["code"]


def category(task):
    return extension_value(task, ehealth.TASK_CATEGORY)["coding"][0]["code"]


@pytest.mark.parametrize(("case", "priority"), [(BAD, "asap"), (GOOD, "routine")])
def test_the_light_that_a_person_worked_out_is_the_light_of_record(asked, case, priority):
    response, impression, task = submitted(asked, case)
    assert finding(impression) == expected(case)["light"]
    assert task["priority"] == priority
    assert category(task) == "MeasurementForAssessment"
    assert task["focus"]["reference"].endswith(f"ClinicalImpression/{impression['id']}")
    assert impression["subject"] == response["subject"] == task["for"]


def test_to_name_its_plan_costs_an_answer_no_statement(asked, monkeypatch):
    """The light names the plan that the answer was found in: what others write is held against theirs."""
    read, rows_of = [], database._rows
    monkeypatch.setattr(database, "_rows", lambda sql, *more, **how: read.append(sql) or rows_of(sql, *more, **how))

    def statements():
        read.clear()
        _, impression, _ = submitted(asked)
        assert extension_value(impression, ehealth.CLINICALIMPRESSION_CAREPLAN)["reference"]
        return len(read)

    statements()
    held_against = statements()
    monkeypatch.setattr(impressions, "plan_problems", lambda *_: iter(()))
    assert statements() == held_against


def test_it_names_the_answer_twice_and_the_view_by_its_version(asked):
    response, impression, _ = submitted(asked)
    [investigation] = impression["investigation"]
    own = f"{asked.nancy.world.gateway.base_url}/QuestionnaireResponse/{response['id']}"
    assert {each["reference"] for each in investigation["item"]} == {own, f"{own}/_history/1"}
    view = extension_value(investigation, ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
    assert "/Basic/" in view
    assert view.endswith("/_history/1")
    assert asked.nancy.world.gateway.read(view, by=SYSTEM, now=LATER)["resourceType"] == "Basic"


def test_the_task_goes_to_the_teams_of_the_plan(asked):
    _, _, task = submitted(asked)
    teams = [
        each["valueReference"]["reference"] for each in task["extension"] if each["url"] == ehealth.TASK_RESPONSIBLE
    ]
    assert teams == [asked.nancy.world.teams["nord"].url]
    assert extension_value(task, ehealth.REFERENCE_CAREPLAN)["reference"] == asked.due.care_plan
    assert extension(task, ehealth.RESOLVED_TIMING) == extension(
        all_of(asked, "QuestionnaireResponse")[0], ehealth.RESOLVED_TIMING
    )


def test_why_it_is_red_is_kept_question_by_question(asked):
    _, impression, _ = submitted(asked)
    basis = [each for each in impression["extension"] if each["url"] == ehealth.FINDING_BASIS]
    reasons = {extension_value(each, "linkId"): extension_value(each, "finding")["coding"][0]["code"] for each in basis}
    assert "red-question-answer" in reasons.values()
    assert reasons.keys() <= set(answers(BAD))


def own_view(world, editor, change):
    """Publish a View of another making for the questionnaire, owned by the editor's organisation."""
    content = copy.deepcopy(read(FOLDER, "view.json"))
    change(content)
    basic = view_resource(content, world.published.questionnaire, editor)
    return world.gateway.create(basic, by=editor, now=LATER)


def call_everything_local(content):
    content["level"] = "local"


def test_a_local_view_goes_before_the_national_one_in_its_own_organisation(asked):
    world = asked.nancy.world
    view = own_view(world, world.staff["lis"].principal, call_everything_local)
    _, impression, _ = submitted(asked)
    used = extension_value(impression["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
    assert f"/Basic/{view['id']}/" in used


def test_a_local_view_of_several_owners_decides_at_each_of_them(asked):
    """Named first is another organisation than the one that is responsible for the course of care."""
    world = asked.nancy.world
    lis, region = world.staff["lis"].principal, world.staff["kim"].principal.context.organization
    content = copy.deepcopy(read(FOLDER, "view.json")) | {"level": "local"}
    basic = view_resource(content, world.published.questionnaire, lis)
    first = next(at for at, each in enumerate(basic["extension"]) if each["url"] == ehealth.MODIFIER_ROLE)
    basic["extension"].insert(first, owned_by(region))
    view = world.gateway.create(basic, by=lis, now=LATER)
    _, impression, _ = submitted(asked)
    used = extension_value(impression["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
    assert f"/Basic/{view['id']}/" in used


def test_another_organisations_local_view_decides_nothing_here(asked):
    world = asked.nancy.world
    region = world.staff["lis"].principal.within(organization=world.staff["kim"].principal.context.organization)
    view = own_view(world, region, call_everything_local)
    _, impression, _ = submitted(asked)
    used = extension_value(impression["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
    assert f"/Basic/{view['id']}/" not in used


def test_the_view_is_found_behind_however_many_newer_ones_of_others(asked, monkeypatch):
    """Each of 98 municipalities may have its own; without its View an answer has no topics, scores and acute rules."""
    monkeypatch.setattr(interpretation, "AT_ONCE", "2")
    world = asked.nancy.world
    region = world.staff["lis"].principal.within(organization=world.staff["kim"].principal.context.organization)
    theirs = [own_view(world, region, call_everything_local)["id"] for _ in range(5)]
    _, impression, _ = submitted(asked)
    used = extension_value(impression["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
    assert not [id for id in theirs if id in used]
    organization = world.asta.context.organization
    shown = interpretation.active_view(
        world.gateway, world.published.questionnaire, organization, by=world.asta, now=LATER
    )
    assert shown.url == used


def test_a_view_in_another_applications_format_is_nothing_to_us(asked):
    world = asked.nancy.world
    lis = world.staff["lis"].principal
    foreign = view_resource(read(FOLDER, "view.json"), world.published.questionnaire, lis)
    foreign["contained"][0] |= {"contentType": "application/xml", "data": b64encode(b"<view/>").decode()}
    theirs = world.gateway.create(foreign, by=lis, now=LATER)
    _, impression, _ = submitted(asked)
    used = extension_value(impression["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
    assert theirs["id"] not in used
    organization, questionnaire = world.asta.context.organization, world.published.questionnaire
    assert interpretation.active_view(world.gateway, questionnaire, organization, by=world.asta, now=LATER).url == used


def test_a_later_view_decides_later_answers_and_leaves_the_record(asked):
    _, before, _ = submitted(asked)
    world = asked.nancy.world
    own_view(world, world.staff["lis"].principal, call_everything_local)
    _, after, _ = submitted(asked, now=LATER + timedelta(minutes=5))
    assert asked.nancy.world.gateway.read(f"ClinicalImpression/{before['id']}", by=SYSTEM, now=LATER) == before
    views = [
        extension_value(each["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
        for each in (before, after)
    ]
    assert views[0] != views[1]


def retire_views(asked):
    gateway = asked.nancy.world.gateway
    for entry in gateway.search("Basic", [("code", "view"), ("status", "active")], by=SYSTEM, now=LATER)["entry"]:
        view = entry["resource"]
        extension(view, ehealth.STATUS)["valueCoding"]["code"] = "retired"
        gateway.update(view, if_match=view["meta"]["versionId"], by=SYSTEM, now=LATER)


def test_without_a_view_the_questions_own_rules_decide(asked):
    retire_views(asked)
    _, impression, task = submitted(asked)
    assert finding(impression) == "red"
    assert task["priority"] == "asap"
    assert extension_value(impression["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM) is None


# --- When nothing can be found


def crash(*_, **__):
    raise ZeroDivisionError("nobody foresaw this")


def cut_the_database_off(*_, **__):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


def seen_as_failed(asked):
    """Give what is stored after a submission whose interpretation failed, as the team sees it."""
    before = rows()
    answer = asked.submit(bundle_of(asked.response(answers(BAD))))
    assert answer["entry"][0]["response"]["status"] == "201"
    made = {type: count - before.get(type, 0) for type, count in rows().items()}
    assert {type: count for type, count in made.items() if count} == {
        "QuestionnaireResponse": 1,
        "Provenance": 1,
        "Task": 1,
    }
    [response], [task] = all_of(asked, "QuestionnaireResponse"), all_of(asked, "Task")
    assert response["item"]
    assert category(task) == "MeasurementForAssessmentFailureInAutoProcessing"
    assert task["focus"]["reference"].endswith(f"QuestionnaireResponse/{response['id']}")
    assert task["priority"] == "urgent"
    [item] = worklist(asked.nancy.world.gateway, by=asked.nancy.world.asta, now=LATER).items
    return item


@pytest.mark.parametrize("place", ["assess", "_impression", "_task_of_success"])
def test_a_crash_in_triage_stores_the_answer_and_asks_a_person_to_look(asked, monkeypatch, place):
    if place == "_task_of_success":
        monkeypatch.setattr(processing, "priority_of", crash)
    else:
        monkeypatch.setattr(processing, place, crash)
    item = seen_as_failed(asked)
    assert item.is_failure
    assert item.light is Light.NOT_ASSESSED


def call_pain_acute(content):
    call_everything_local(content)
    content["acute"] = [
        {
            "id": "smerte",
            "item": "smerte-styrke",
            "operator": ">=",
            "value": 8,
            "text": {"da": "Ring til din læge i dag.", "en": "Call your doctor today."},
            "source": "egen",
        }
    ]


@pytest.mark.parametrize(("case", "priority"), [(BAD, "stat"), (GOOD, "urgent")])
def test_an_acute_answer_waits_no_longer_because_the_rest_could_not_be_assessed(asked, monkeypatch, case, priority):
    world = asked.nancy.world
    own_view(world, world.staff["lis"].principal, call_pain_acute)
    monkeypatch.setattr(processing, "assess", crash)
    asked.submit(bundle_of(asked.response(answers(case))))
    [task] = all_of(asked, "Task")
    assert category(task) == "MeasurementForAssessmentFailureInAutoProcessing"
    assert task["priority"] == priority


def test_a_database_error_in_triage_stores_the_answer_all_the_same(asked, monkeypatch):
    monkeypatch.setattr(processing, "assess", cut_the_database_off)
    assert seen_as_failed(asked).is_failure


def test_a_view_that_somebody_broke_in_the_database_stores_the_answer_all_the_same(asked):
    # One character before the content, and another time, so that no process still knows the View as it was.
    content = (
        """UPDATE fhir_version SET json = replace(json, '+json","data":"', '+json","data":"!') WHERE type = 'Basic'"""
    )
    time = "UPDATE fhir_resource SET last_updated = last_updated + 3600000000 WHERE type = 'Basic'"
    with connection.cursor() as cursor:
        cursor.execute(content)
        cursor.execute(time)
    assert seen_as_failed(asked).is_failure


def test_a_view_out_of_use_that_cannot_be_read_any_more_stops_nothing(asked):
    """What was checked less strictly once, or broken since, decides no light; nor does it lose an acute answer."""
    world = asked.nancy.world
    lis = world.staff["lis"].principal
    content = read(FOLDER, "view.json")
    old = world.gateway.create(view_resource(content, world.published.questionnaire, lis), by=lis, now=LATER)
    extension(old, ehealth.STATUS)["valueCoding"]["code"] = "retired"
    world.gateway.update(old, if_match="1", by=lis, now=LATER)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE fhir_version SET json = replace(json, '+json","data":"', '+json","data":"!') WHERE id = %s""",
            (old["id"],),
        )
    assert submitted(asked)[1]["resourceType"] == "ClinicalImpression"


def test_the_failure_says_why_in_the_log_and_nothing_of_the_answers(asked, monkeypatch, caplog):
    monkeypatch.setattr(processing, "assess", crash)
    seen_as_failed(asked)
    assert "Automatic processing failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "smerte-styrke" not in caplog.text


def test_the_log_of_access_names_nothing_that_was_rolled_back(asked, monkeypatch):
    monkeypatch.setattr(processing, "priority_of", crash)
    asked.submit(bundle_of(asked.response(answers(BAD))))
    assert "ClinicalImpression" not in str(audit()[-1])


def test_one_failure_of_two_is_one_task_to_look_and_one_assessment(asked, monkeypatch):
    assess, calls = processing.assess, []

    def fail_first(*given, **named):
        calls.append(given)
        return crash() if len(calls) == 1 else assess(*given, **named)

    monkeypatch.setattr(processing, "assess", fail_first)
    asked.submit(bundle_of(asked.response(answers(BAD)), asked.response(answers(GOOD))))
    assert sorted(category(each) for each in all_of(asked, "Task")) == [
        "MeasurementForAssessment",
        "MeasurementForAssessmentFailureInAutoProcessing",
    ]
    assert [finding(each) for each in all_of(asked, "ClinicalImpression")] == ["green"]
