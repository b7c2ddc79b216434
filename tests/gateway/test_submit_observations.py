"""`$submit-measurement`: a number comes in as it was measured, with the limits it was measured by, and is looked at."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut import processing
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import BAD, LATER, answers, bundle_of
from tests.gateway.deadlines import category
from tests.gateway.looking import all_of, audit, rows
from tests.gateway.marks import AT_ONCE, NOT_CHANGED, R4_FIRST
from tests.gateway.measuring import (
    BLOOD_PRESSURE,
    DIASTOLIC,
    NPU,
    PHOTO,
    RED,
    SYSTOLIC,
    WEIGHT,
    YELLOW,
    asked_to_measure,
    concept,
    limits,
    quality,
)
from tests.people import TJOERN

SUBMIT = "MEASUREMENT_SUBMITMEASUREMENT_"


@pytest.fixture
def weight(nancy):
    """Nancy is asked for her weight."""
    return asked_to_measure(nancy)


def refusal(measuring, *measurements):
    """Give (code, FHIRPath) of each issue of a refused submission, after seeing that it left nothing."""
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        measuring.submit(bundle_of(*measurements))
    assert rows() == before
    return [(each.coding[1], each.expression) for each in refused.value.issues]


def tasks(measuring):
    return [(category(each), each["priority"], each["focus"]["reference"]) for each in all_of(measuring, "Task")]


def part(code, value, **more):
    """Make a component of an Observation; `value` None: it has none."""
    result = {} if value is None else {"valueQuantity": {"value": value, "unit": "mmHg"}}
    return {"code": concept(code), **result, **more}


def test_it_is_built_on_nothing_of_another_citizens(nancy):
    """On what comes in with it, it is; a refusal says in which of them it stands."""
    pressure = asked_to_measure(nancy, BLOOD_PRESSURE)
    systolic = pressure.observation(SYSTOLIC, 130)
    course = {"reference": nancy.world.enrol(TJOERN).episode}
    built = pressure.observation(DIASTOLIC, 85, {"url": "https://kommune.example/om", "valueReference": course})
    place = f"Bundle.entry[1].resource.extension[{len(built['extension']) - 1}].value"
    assert refusal(pressure, systolic, built) == [("GENERAL_RESOURCE_NOT_FOUND", place)]
    both = bundle_of(systolic, pressure.observation(DIASTOLIC, 85))
    both["entry"][0]["resource"]["hasMember"] = [{"reference": both["entry"][1]["fullUrl"]}]
    assert len(pressure.submit(both)["entry"]) == 2


# --- What comes in


def test_it_is_stored_as_it_was_measured_and_somebody_is_asked_to_look(weight):
    before = rows()
    sent = weight.observation()
    answer = weight.submit(bundle_of(sent))
    made = {type: count - before.get(type, 0) for type, count in rows().items() if count != before.get(type, 0)}
    assert made == {"Observation": 1, "Provenance": 1, "Task": 1}, "no ClinicalImpression: nothing has assessed it"
    [entry] = answer["entry"]
    stored = weight.read(entry["fullUrl"])
    assert stored["valueQuantity"] == sent["valueQuantity"], "as FUT's own client sends it: a unit in words alone"
    assert stored["identifier"][0]["value"].startswith("urn:uuid:")
    assert stored["meta"]["tag"][0]["code"] == "kpro", "the course of care's system tag comes along"
    assert tasks(weight) == [("MeasurementForAssessmentNotTriaged", "routine", entry["fullUrl"])]


def test_the_provenance_says_what_came_together_and_who_measured(nancy):
    pressure = asked_to_measure(nancy, BLOOD_PRESSURE)
    answer = pressure.submit(bundle_of(pressure.observation(SYSTOLIC, 130), pressure.observation(DIASTOLIC, 85)))
    [provenance] = [each for each in all_of(pressure, "Provenance") if "Observation" in str(each["target"])]
    assert [each["reference"] for each in provenance["target"]] == [
        each["response"]["location"] for each in answer["entry"]
    ]
    assert provenance["agent"][0]["who"] == {"reference": nancy.patient}


@pytest.mark.parametrize("code", [WEIGHT, PHOTO], ids=["number", "picture"])
def test_what_cannot_be_asked_about_is_stored_all_the_same_and_a_person_is_told(nancy, monkeypatch, code):
    def crash(*_):
        raise RuntimeError("no Task of it")

    monkeypatch.setattr(processing, "ask", crash)
    measuring = asked_to_measure(nancy, code)
    sent = measuring.media() if code == PHOTO else measuring.observation()
    [entry] = measuring.submit(bundle_of(sent))["entry"]
    assert measuring.read(entry["fullUrl"])["subject"] == {"reference": nancy.patient}
    assert tasks(measuring) == [("MeasurementForAssessmentFailureInAutoProcessing", "urgent", entry["fullUrl"])]


@AT_ONCE
def test_it_is_one_event_in_the_log_about_the_citizen(weight):
    before = len(audit())
    weight.submit(bundle_of(weight.observation()))
    [event] = audit()[before:]
    assert event["subtype"][0]["display"] == "$submit-measurement"
    assert event["agent"][0]["who"]["identifier"]["value"] == weight.nancy.patient


def test_the_same_again_gives_the_first_result_and_stores_nothing(weight):
    bundle = bundle_of(weight.observation())
    first, after = weight.submit(bundle), rows()
    assert weight.submit(bundle) == first
    assert rows() == after


def test_answers_and_a_number_come_in_together(asked):
    weight = asked_to_measure(asked.nancy)
    answer = weight.submit(bundle_of(weight.observation(), asked.response(answers(BAD))))
    types = [each["fullUrl"].split("/")[-2] for each in answer["entry"]]
    assert types == ["Observation", "QuestionnaireResponse"]
    assert [(code, priority) for code, priority, _ in tasks(weight)] == [
        ("MeasurementForAssessmentNotTriaged", "routine"),
        ("MeasurementForAssessment", "asap"),
    ], "the answers are red as ever; the number says nothing of them"


def test_one_that_is_wrong_keeps_the_answers_out_too_and_both_are_told_of(asked):
    weight = asked_to_measure(asked.nancy)
    wrong = asked.response(answers(BAD), status="in-progress")
    assert refusal(weight, wrong, weight.observation(status="preliminary")) == [
        ("MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS", "Bundle.entry[0].resource.status"),
        ("MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS", "Bundle.entry[1].resource.status"),
    ]


# --- By which limits


def test_the_limits_of_the_request_go_along_and_no_light_is_given_by_them(nancy):
    weight = asked_to_measure(nancy, WEIGHT, limits(60, 90, RED), limits(65, 85, YELLOW))
    [entry] = weight.submit(bundle_of(weight.observation(value=120)))["entry"]
    ranges = weight.read(entry["fullUrl"])["referenceRange"]
    assert [(each["low"]["value"], each["high"]["value"]) for each in ranges] == [(60, 90), (65, 85)]
    assert tasks(weight) == [("MeasurementForAssessmentNotTriaged", "urgent", entry["fullUrl"])], "before the routine"
    assert all_of(weight, "ClinicalImpression") == []


def test_the_limits_that_were_sent_are_not_believed(nancy):
    weight = asked_to_measure(nancy, WEIGHT, limits(60, None, RED))
    sent = weight.observation(referenceRange=[{"low": {"value": 1}, "type": concept(RED)}])
    [entry] = weight.submit(bundle_of(sent))["entry"]
    [kept] = weight.read(entry["fullUrl"])["referenceRange"]
    assert kept["low"] == {"value": 60}


def test_limits_go_with_what_they_name_and_with_no_other_part(nancy):
    named = limits(None, 160, RED, SYSTOLIC), limits(None, 100, RED, DIASTOLIC), limits(None, 1, RED)
    pressure = asked_to_measure(nancy, BLOOD_PRESSURE, *named)
    answer = pressure.submit(bundle_of(pressure.observation(SYSTOLIC, 130), pressure.observation(DIASTOLIC, 85)))
    found = [pressure.read(each["fullUrl"])["referenceRange"] for each in answer["entry"]]
    assert [[each["high"]["value"] for each in ranges] for ranges in found] == [[160], [100]]


def test_limits_go_with_the_part_that_they_name_where_blood_pressure_comes_as_one(nancy):
    pressure = asked_to_measure(
        nancy, BLOOD_PRESSURE, limits(None, 160, RED, SYSTOLIC), limits(None, 100, RED, DIASTOLIC)
    )
    believed = {"referenceRange": [{"high": {"value": 999}, "type": concept(RED)}]}
    upper, lower = part(SYSTOLIC, 190, **believed), part(DIASTOLIC, 110)
    [entry] = pressure.submit(bundle_of(pressure.observation(BLOOD_PRESSURE, None, component=[upper, lower])))["entry"]
    stored = pressure.read(entry["fullUrl"])
    assert [[each["high"]["value"] for each in one["referenceRange"]] for one in stored["component"]] == [[160], [100]]
    assert "referenceRange" not in stored
    assert tasks(pressure) == [("MeasurementForAssessmentNotTriaged", "urgent", entry["fullUrl"])], "before the routine"


# --- When there is no value


def test_half_a_blood_pressure_is_told_as_missing(nancy):
    pressure = asked_to_measure(nancy, BLOOD_PRESSURE)
    half = pressure.observation(BLOOD_PRESSURE, None, component=[part(SYSTOLIC, 130), part(DIASTOLIC, None)])
    [entry] = pressure.submit(bundle_of(half))["entry"]
    assert tasks(pressure) == [("MeasurementForAssessmentAbsentValue", "urgent", entry["fullUrl"])]


@pytest.mark.parametrize("reason", ["asked-declined", "error", None])
def test_a_missing_value_is_told_as_missing_and_not_left_for_later(weight, reason):
    system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    absent = {"dataAbsentReason": concept((system, reason))} if reason else {}
    [entry] = weight.submit(bundle_of(weight.observation(value=None, **absent)))["entry"]
    assert tasks(weight) == [("MeasurementForAssessmentAbsentValue", "urgent", entry["fullUrl"])]


@pytest.mark.parametrize(
    ("are_here", "told"),
    [
        (True, ("MeasurementForAssessmentNotTriaged", "routine")),
        (False, ("MeasurementForAssessmentAbsentValue", "urgent")),
    ],
)
def test_a_panel_lacks_no_value_where_its_members_are_here(nancy, are_here, told):
    panel = asked_to_measure(nancy, BLOOD_PRESSURE)
    [number] = panel.submit(bundle_of(panel.observation(SYSTOLIC, 130)))["entry"]
    member = number["fullUrl"] if are_here else "https://other.example/fhir/Observation/1"
    made = panel.observation(BLOOD_PRESSURE, None, hasMember=[{"reference": member}])
    [entry] = panel.submit(bundle_of(made))["entry"]
    assert (*told, entry["fullUrl"]) in tasks(panel)


# --- What it must be


@R4_FIRST
@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"status": "preliminary"}, "MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS", "status"),
        ({"code": concept((NPU, "NPU03011"))}, f"{SUBMIT}INVALID_OBSERVATION_CODE", "code"),
        ({"performer": [{"display": "Far"}, {"display": "Mor"}]}, "GENERAL_VALIDATION_ERROR", "performer"),
        ({"effectivePeriod": {"end": to_datetime(LATER)}}, "GENERAL_TIMING_VALIDATION_ERROR", "effectivePeriod"),
        (
            {"effectivePeriod": {"start": to_datetime(LATER), "end": "2026-11-01T08:00:00Z"}},
            "GENERAL_TIMING_VALIDATION_ERROR",
            "effectivePeriod",
        ),
        (
            {"dataAbsentReason": concept(("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown"))},
            "GENERAL_VALIDATION_ERROR",
            "dataAbsentReason",
        ),
        ({"basedOn": []}, "MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE", "basedOn"),
    ],
)
def test_what_is_wrong_is_told_in_its_place(weight, change, code, place):
    wrong = weight.observation(value=None if "dataAbsentReason" in change else 82)
    assert (code, f"Bundle.entry[0].resource.{place}") in refusal(weight, {**wrong, **change})


def test_a_time_that_is_only_a_day_is_refused(weight):
    wrong = weight.observation()
    del wrong["effectivePeriod"]
    place = "Bundle.entry[0].resource.effectiveDateTime"
    assert refusal(weight, {**wrong, "effectiveDateTime": "2026-11-23"}) == [("GENERAL_TIMING_VALIDATION_ERROR", place)]


def test_no_time_at_all_is_refused(weight):
    wrong = weight.observation()
    del wrong["effectivePeriod"]
    assert refusal(weight, wrong) == [("GENERAL_VALIDATION_ERROR", "Bundle.entry[0].resource.effective")]


def test_a_word_is_no_value(weight):
    wrong = weight.observation(value=None, valueString="tung")
    assert refusal(weight, wrong) == [("GENERAL_VALIDATION_ERROR", "Bundle.entry[0].resource.value")]


def test_a_code_that_is_none_of_futs_is_refused_by_its_list_and_by_the_request(weight):
    wrong = weight.observation(("http://loinc.org", "29463-7"))
    assert refusal(weight, wrong) == [
        ("GENERAL_VALIDATION_ERROR", "Bundle.entry[0].resource.code"),
        (f"{SUBMIT}INVALID_OBSERVATION_CODE", "Bundle.entry[0].resource.code"),
    ]


def test_two_devices_cannot_have_measured_one_number(weight):
    system = ehealth.DEVICE_MEASURING_QUALITY
    both = [quality("DMQ", system, "normal"), quality("DMQ", system, "unknown")]
    found = refusal(weight, weight.observation(WEIGHT, 82, *both))
    assert found == [(f"{SUBMIT}MORE_THAN_ONE_DEVICE_QUALITY", "Bundle.entry[0].resource.extension")]


def test_a_quality_that_is_none_is_refused(weight):
    found = refusal(weight, weight.observation(WEIGHT, 82, quality("SQ", ehealth.SITUATION_QUALITY, "splendid")))
    assert found == [("GENERAL_VALIDATION_ERROR", "Bundle.entry[0].resource.extension")]


def test_a_mark_of_another_system_is_refused(weight):
    alien = {"meta": {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": "xa"}]}, "status": "preliminary"}
    assert [code for code, _ in refusal(weight, weight.observation(**alien))] == [
        "MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS",
        "SYSTEM_TAG_UNEXPECTED_TAG",
    ], "with all else that is wrong"


def test_two_citizens_or_two_courses_of_care_in_one_bundle_are_refused(weight):
    other = weight.nancy.world.enrol(TJOERN)
    theirs = weight.observation(subject={"reference": other.patient})
    elsewhere = weight.observation()
    elsewhere["extension"][0] = {
        "url": ehealth.WORKFLOW_EPISODE_OF_CARE,
        "valueReference": {"reference": other.episode},
    }
    assert refusal(weight, weight.observation(), theirs, elsewhere) == [
        (f"{SUBMIT}INPUT_FOR_DIFFERENT_PATIENTS", "Bundle.entry[1].resource.subject"),
        (f"{SUBMIT}INPUT_NOT_PART_OF_SAME_EPISODEOFCARE", "Bundle.entry[2].resource.extension"),
    ]


def test_answers_to_what_asks_for_a_number_are_refused(asked):
    weight = asked_to_measure(asked.nancy)
    stray = asked.response(answers(BAD), basedOn=[{"reference": weight.request}])
    assert (
        f"{SUBMIT}ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE",
        "Bundle.entry[0].resource.basedOn",
    ) in refusal(weight, stray)


def test_what_was_sent_in_is_not_changed_and_whether_it_counts_neither(weight):
    """That is for `$set-measurement-validity` to say, from which follows what is missing then."""
    [entry] = weight.submit(bundle_of(weight.observation()))["entry"]
    gateway, nurse = weight.nancy.world.gateway, weight.nancy.world.asta
    by = nurse.within(patient=weight.nancy.patient, episode_of_care=weight.nancy.episode)
    for path, value in (
        ("/valueQuantity/value", 99),
        *(("/status", each) for each in ("entered-in-error", "cancelled", "preliminary", "unknown")),
    ):
        change = [{"op": "replace", "path": path, "value": value}]
        with pytest.raises(RuleBroken) as refused:
            gateway.patch(entry["fullUrl"], change, if_match="1", by=by, now=LATER)
        assert [each.coding[1] for each in refused.value.issues] == ["KPRO_MEASUREMENT_IMMUTABLE"]
    amended = [{"op": "replace", "path": "/status", "value": "amended"}]
    assert gateway.patch(entry["fullUrl"], amended, if_match="1", by=by, now=LATER)["status"] == "amended"


@NOT_CHANGED
def test_the_system_may_correct_what_came_wrong_from_elsewhere(weight):
    [entry] = weight.submit(bundle_of(weight.observation()))["entry"]
    stored = weight.read(entry["fullUrl"])
    corrected = {**stored, "valueQuantity": {"value": 83}}
    written = weight.nancy.world.gateway.update(corrected, if_match="1", by=SYSTEM, now=LATER)
    assert written["valueQuantity"] == {"value": 83}
    assert extension_value(written, ehealth.SUBMISSION)
