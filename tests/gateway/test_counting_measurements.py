"""Numbers and pictures count as answers do: in their slot, once for what came together, until they are invalidated."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kommunalpro.care.readings import Limits
from kommunalpro.care.sending import AsPlanned, send
from kommunalpro.care.team_due import team_due
from kommunalpro.care.worklist import worklist
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.pro.triage import Light
from tests.gateway.answering import LATER, bundle_of
from tests.gateway.deadlines import round_at, tasks
from tests.gateway.marks import NOT_CHANGED
from tests.gateway.measuring import (
    BLOOD_PRESSURE,
    DIASTOLIC,
    PHOTO,
    RED,
    SYSTOLIC,
    WEIGHT,
    Measuring,
    activity,
    asked_to_measure,
    concept,
    limits,
)
from tests.gateway.test_action_triggers import trigger
from tests.gateway.test_apply import another_plan
from tests.gateway.test_get_patient_procedures import procedures, rows_of
from tests.unit.care import validity
from tests.unit.care.world import MONDAY

MISSING = "MissingMeasurementResolving"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


@pytest.fixture
def weight(nancy):
    return asked_to_measure(nancy, WEIGHT, limits(60, 90, RED))


@pytest.fixture
def pressure(nancy):
    return asked_to_measure(nancy, BLOOD_PRESSURE)


def both(pressure):
    return bundle_of(pressure.observation(SYSTOLIC, 130), pressure.observation(DIASTOLIC, 85))


def counts(nancy):
    [row] = rows_of(procedures(nancy))
    return row["TotalSubmitted"], row["SubmittedTimely"], row["TotalInvalidated"]


def invalidate(measuring, url, decision):
    nancy = measuring.nancy
    said = validity.impression(nancy, url, "measurement-invalidated", decision, "1")
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    asked = parameters({"name": "clinicalImpression", "resource": said})
    nancy.world.gateway.operation(
        "$set-measurement-validity", asked, target="ClinicalImpression", by=by, now=LATER + timedelta(hours=1)
    )


def waiting(measuring, now):
    due = team_due(measuring.nancy.world.gateway, by=measuring.nancy.world.asta, now=now)
    return [each for each in due if each.service_request == measuring.request and each.state != "coming"]


# --- In its slot


@NOT_CHANGED
@pytest.mark.parametrize(("status", "number"), [("amended", 1), ("corrected", 1), ("preliminary", 0), ("cancelled", 0)])
def test_what_is_whole_counts_and_is_waited_for_no_more_whoever_asks(nancy, weight, status, number):
    [entry] = weight.submit(bundle_of(weight.observation()))["entry"]
    gateway, after = nancy.world.gateway, weight.end + timedelta(minutes=6)
    gateway.update(weight.read(entry["fullUrl"]) | {"status": status}, if_match="1", by=SYSTEM, now=LATER)
    assert counts(nancy)[0] == number
    round_at(after)
    assert len(tasks(nancy.world)) == 1 - number
    assert len(waiting(weight, after)) == 1 - number


def test_a_number_is_counted_in_its_slot(nancy, weight):
    assert counts(nancy) == (0, 0, 0)
    weight.submit(bundle_of(weight.observation()))
    assert counts(nancy) == (1, 1, 0)
    weight.submit(bundle_of(weight.observation()))
    assert counts(nancy) == (2, 2, 0)


def test_what_came_in_together_is_counted_once(nancy, pressure):
    pressure.submit(both(pressure))
    assert counts(nancy) == (1, 1, 0), "systolic and diastolic are one measurement"
    pressure.submit(both(pressure))
    assert counts(nancy) == (2, 2, 0)


def test_of_a_panel_the_members_count(nancy, pressure):
    [number] = pressure.submit(bundle_of(pressure.observation(SYSTOLIC, 130)))["entry"]
    member = [{"reference": number["fullUrl"]}]
    pressure.submit(bundle_of(pressure.observation(BLOOD_PRESSURE, None, hasMember=member)))
    assert counts(nancy) == (1, 1, 0)


def test_who_sends_it_does_not_say_with_what_it_came(nancy, weight):
    mark = {"url": ehealth.SUBMISSION, "valueId": "one"}
    for _ in range(2):
        weight.submit(bundle_of(weight.observation(WEIGHT, 82, mark)))
    assert counts(nancy) == (2, 2, 0)


def test_two_photos_of_one_wound_are_one_measurement(nancy):
    photo = asked_to_measure(nancy, PHOTO)
    photo.submit(bundle_of(photo.media(), photo.media()))
    assert counts(nancy) == (1, 1, 0)


def test_what_was_measured_after_the_slot_is_not_in_time(nancy, weight):
    late = weight.observation(effectivePeriod={"start": (weight.end + timedelta(hours=1)).isoformat()})
    weight.submit(bundle_of(late), now=weight.end + timedelta(hours=2))
    assert counts(nancy) == (1, 0, 0)


@pytest.mark.parametrize(
    ("decision", "expected"), [("invalidated-fulfills", (1, 1, 1)), ("invalidated-is-not-fulfillment", (0, 0, 1))]
)
def test_an_invalidated_number_counts_as_it_was_decided(nancy, weight, decision, expected):
    [entry] = weight.submit(bundle_of(weight.observation()))["entry"]
    invalidate(weight, entry["fullUrl"], decision)
    assert counts(nancy) == expected


# --- What is missing


def test_a_number_is_missed_and_a_late_one_closes_the_task(nancy, weight):
    after = weight.end + timedelta(minutes=6)
    [due] = waiting(weight, after)
    assert due.state == "missed"
    round_at(after)
    [task] = tasks(nancy.world)
    assert (task["status"], task["focus"]["reference"]) == ("requested", weight.request)
    weight.submit(bundle_of(weight.observation()), now=after)
    [task] = tasks(nancy.world)
    assert task["status"] == "completed"
    assert waiting(weight, after) == []


@pytest.mark.parametrize(
    ("held", "number"),
    [
        ({}, 0),
        ({"component": [{"code": concept(SYSTOLIC)}, {"code": concept(DIASTOLIC)}]}, 0),
        ({"dataAbsentReason": concept((ABSENT, "asked-declined"))}, 1),
        ({"component": [{"code": concept(SYSTOLIC), "dataAbsentReason": concept((ABSENT, "error"))}]}, 1),
        ({"component": [{"code": concept(SYSTOLIC), "valueQuantity": {"value": 130}}]}, 1),
        ({"hasMember": [{"reference": "https://other.example/fhir/Observation/1"}]}, 0),
    ],
    ids=["nothing", "parts of nothing", "declined", "the device failed", "half", "a panel of nothing here"],
)
def test_what_holds_no_value_and_no_reason_is_still_missing(nancy, pressure, held, number):
    """An unknown closes no Task as if it had been measured; why there is none is an answer."""
    after = pressure.end + timedelta(minutes=6)
    round_at(after)
    pressure.submit(bundle_of(pressure.observation(BLOOD_PRESSURE, None, **held)), now=after)
    assert counts(nancy)[0] == number
    assert tasks(nancy.world)[0]["status"] == ("completed" if number else "requested")
    assert len(waiting(pressure, after)) == 1 - number


def test_what_has_come_in_is_not_missed(nancy, pressure):
    pressure.submit(both(pressure))
    after = pressure.end + timedelta(minutes=6)
    round_at(after)
    assert tasks(nancy.world) == []
    assert waiting(pressure, after) == []


def test_a_number_that_counts_no_more_is_missed_again(nancy, weight):
    [entry] = weight.submit(bundle_of(weight.observation()))["entry"]
    invalidate(weight, entry["fullUrl"], "invalidated-is-not-fulfillment")
    after = weight.end + timedelta(minutes=6)
    round_at(after)
    assert [task["status"] for task in tasks(nancy.world)] == ["requested"]
    assert [due.state for due in waiting(weight, after)] == ["missed"]


# --- What the team sees


def test_it_stands_on_the_worklist_not_assessed_and_never_green(nancy, weight):
    [entry] = weight.submit(bundle_of(weight.observation(value=120)))["entry"]
    [item] = worklist(nancy.world.gateway, by=nancy.world.asta, now=LATER).items
    assert (item.light, item.response, item.priority) == (Light.NOT_ASSESSED, None, "urgent")
    assert item.reading.url == entry["fullUrl"]
    [value], [held] = item.reading.values, item.reading.limits
    assert (value.number, value.unit) == (120, "kg")
    assert (held.value, held.limits) == (value, Limits("red", Decimal(60), Decimal(90), ""))
    assert not held.is_same_unit, "nobody says what the limits are in"


def test_an_invalidated_number_keeps_its_place_and_says_so(nancy, weight):
    [entry] = weight.submit(bundle_of(weight.observation()))["entry"]
    invalidate(weight, entry["fullUrl"], "invalidated-fulfills")
    [item] = worklist(nancy.world.gateway, by=nancy.world.asta, now=LATER).items
    assert item.is_invalidated


def test_it_is_found_with_what_came_along(nancy, pressure):
    answer = pressure.submit(both(pressure))
    asked = parameters(
        {"name": "episodeOfCare", "valueReference": {"reference": nancy.episode}},
        {"name": "start", "valueDateTime": "2026-01-01T00:00:00Z"},
        {"name": "count", "valueInteger": 10},
    )
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    found = nancy.world.gateway.operation("$search-measurements-bundle-limit", asked, by=by, now=LATER)
    [submission] = [each["resource"] for each in found["entry"]]
    types = [each["resource"]["resourceType"] for each in submission["entry"]]
    assert types == ["Observation", "Observation", "Provenance"]
    assert {each["fullUrl"] for each in submission["entry"][:2]} == {each["fullUrl"] for each in answer["entry"]}


# --- What waits for it


def test_numbers_let_begin_what_waits_for_so_many_measurements(nancy):
    gateway, asta = nancy.world.gateway, nancy.world.asta
    measured = gateway.read(activity(nancy.world, BLOOD_PRESSURE), by=SYSTEM, now=LATER)["action"][0]

    def change(plan):
        asks = {**plan["action"][0], "id": "asks", "extension": [trigger(("measures", 2))]}
        plan["action"] = [{**measured, "id": "measures"}, asks]

    plan, when = another_plan(nancy.world, change), AsPlanned(MONDAY.date(), days=10)
    sent = send(gateway, nancy.patient, nancy.episode, plan, when, by=asta, now=MONDAY)
    first, second = sent.service_requests
    pressure = Measuring(nancy, first, MONDAY, MONDAY)
    states = []
    for _ in range(2):
        pressure.submit(both(pressure))
        states.append(gateway.read(second, by=SYSTEM, now=LATER)["status"])
    assert states == ["on-hold", "active"], "systolic and diastolic are one measurement"
