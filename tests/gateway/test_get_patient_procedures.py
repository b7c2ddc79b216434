"""`$get-patient-procedures`: what is asked of a citizen in a span of time, slot by slot, and what has come in."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kommunalpro.care.sending import EveryWeeks
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import DENMARK, parse_datetime, to_datetime
from kommunalpro.fhir.outcome import BadRequest, Forbidden
from kommunalpro.fhir.parameters import parameters, parts
from kommunalpro.fhirserver import database
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.operations import get_patient_procedures
from kommunalpro.fut.reach import id_of
from tests.gateway.answering import BAD, GOOD, LATER, answers, bundle_of
from tests.gateway.marks import R4_FIRST
from tests.people import NANCY, TJOERN
from tests.unit.care.world import MONDAY

MASTER = {"system": ehealth.ACTIVITYDEFINITION_CODE, "code": "273586006"}
START, END = "2026-11-01T00:00:00+01:00", "2026-12-31T00:00:00+01:00"


def procedures(nancy, *more, by=None, patient=None, start=START, end=END):
    asked = parameters(
        {"name": "patient", "valueReference": {"reference": patient or nancy.patient}},
        {"name": "start", "valueDateTime": start},
        {"name": "end", "valueDateTime": end},
        *more,
    )
    return nancy.world.gateway.operation("$get-patient-procedures", asked, by=by or nancy.self, now=LATER)


def rows_of(answer):
    """Give the rows in order, each as its parts by name."""
    [table] = resources(answer, "Parameters")
    return [parts(each) for each in table.get("parameter", ())]


def slots(answer):
    return [(row["ResolvedTimingStart"][:10], row["TotalSubmitted"]) for row in rows_of(answer)]


def test_nothing_is_asked_of_who_was_sent_nothing(nancy):
    answer = procedures(nancy)
    assert answer["type"] == "collection"
    assert rows_of(answer) == []


def test_a_row_says_which_plan_asks_for_what_when_and_how_often(asked):
    answer = procedures(asked.nancy)
    [row] = rows_of(answer)
    assert row["CarePlan"] == {"reference": asked.due.care_plan}
    assert row["ServiceRequest"] == {"reference": asked.due.service_request}
    assert row["ServiceRequestVersionId"] == "2"
    assert row["Activity"] == "Hverdagen med kronisk sygdom"
    assert row["TimingType"]["coding"][0]["code"] == "Resolved"
    assert datetime.fromisoformat(row["ResolvedTimingStart"]) == MONDAY
    assert (row["OccurrencesRequested"], row["TotalSubmitted"], row["SubmittedTimely"], row["TotalInvalidated"]) == (
        1,
        0,
        0,
        0,
    )
    assert [each["resourceType"] for each in resources(answer)] == ["CarePlan", "ServiceRequest", "Parameters"]


def test_every_slot_of_a_weekly_questionnaire_within_the_span_is_a_row(nancy):
    nancy.gets(EveryWeeks(1, date(2026, 11, 30), date(2026, 12, 20)))
    assert [start for start, _ in slots(procedures(nancy))] == ["2026-11-30", "2026-12-07", "2026-12-14"]
    assert [start for start, _ in slots(procedures(nancy, end="2026-12-10T00:00:00+01:00"))] == [
        "2026-11-30",
        "2026-12-07",
    ]


def test_a_slot_that_ends_when_the_span_starts_is_not_in_it(asked):
    """Nor is one that starts when it ends: who asks day by day gets each slot once."""
    asked_every(asked, "d", duration=1, durationUnit="h", timeOfDay=["23:00:00"])
    days = [(f"2026-12-0{day}T00:00:00+01:00", f"2026-12-0{day + 1}T00:00:00+01:00") for day in range(1, 4)]
    by_day = [slots(procedures(asked.nancy, start=start, end=end)) for start, end in days]
    assert by_day == [[(f"2026-12-0{day}", 0)] for day in range(1, 4)]


def test_what_has_come_in_is_counted_in_its_slot(asked):
    asked.submit(bundle_of(asked.response(answers(BAD))))
    asked.submit(bundle_of(asked.response(answers(GOOD))))
    [row] = rows_of(procedures(asked.nancy))
    assert (row["TotalSubmitted"], row["SubmittedTimely"]) == (2, 2)


def test_what_came_too_late_is_counted_and_not_as_timely(asked):
    late = asked.response(answers(BAD), authored="2026-12-24T18:00:00+01:00")
    asked.submit(bundle_of(late), now=LATER + timedelta(days=31))
    [row] = rows_of(procedures(asked.nancy))
    assert (row["TotalSubmitted"], row["SubmittedTimely"]) == (1, 0)


def test_what_was_withdrawn_is_counted_for_itself(asked):
    asked.submit(bundle_of(asked.response(answers(BAD))))
    gateway = asked.nancy.world.gateway
    [stored] = resources(gateway.search("QuestionnaireResponse", [], by=SYSTEM, now=LATER), "QuestionnaireResponse")
    gateway.update(stored | {"status": "entered-in-error"}, if_match="1", by=SYSTEM, now=LATER)
    [row] = rows_of(procedures(asked.nancy))
    assert (row["TotalSubmitted"], row["TotalInvalidated"]) == (0, 1)


def test_answers_to_an_earlier_version_keep_a_row_of_their_own(asked):
    asked.submit(bundle_of(asked.response(answers(BAD))))
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    request = gateway.read(url, by=SYSTEM, now=LATER)
    gateway.update(request | {"note": [{"text": "Ny"}]}, if_match="2", by=SYSTEM, now=LATER)
    found = {row["ServiceRequestVersionId"]: row["TotalSubmitted"] for row in rows_of(procedures(asked.nancy))}
    assert found == {"2": 1, "3": 0}


def test_each_time_is_told_as_danish_time_however_it_was_said(asked):
    """In a slot of an earlier version is what came in for it, as the response itself says it."""
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    slot = {"start": asked.due.slot_start.astimezone(UTC), "end": asked.due.slot_end.astimezone(UTC)}
    response = asked.response(answers(BAD))
    response["extension"][1] = asked.timing(**slot)
    asked.submit(bundle_of(response))
    request = gateway.read(url, by=SYSTEM, now=LATER)
    period = {name: to_datetime(each) for name, each in slot.items()}
    only = {name: each for name, each in request.items() if not name.startswith("occurrence")}
    gateway.update(only | {"occurrencePeriod": period}, if_match="2", by=SYSTEM, now=LATER)
    rows = rows_of(procedures(asked.nancy))
    told = {(row["ResolvedTimingStart"], row["ResolvedTimingEnd"]) for row in rows}
    assert (len(rows), told) == (2, {tuple(to_datetime(each.astimezone(DENMARK)) for each in slot.values())})


def test_a_plan_that_is_not_active_asks_for_nothing(asked):
    gateway = asked.nancy.world.gateway
    care_plan = gateway.read(asked.due.care_plan, by=SYSTEM, now=LATER)
    gateway.update(care_plan | {"status": "on-hold"}, if_match=care_plan["meta"]["versionId"], by=SYSTEM, now=LATER)
    assert rows_of(procedures(asked.nancy)) == []


def test_a_plan_that_names_a_version_of_its_request_asks_for_the_request_as_it_is(asked):
    gateway = asked.nancy.world.gateway
    plan = gateway.read(asked.due.care_plan, by=SYSTEM, now=LATER)
    named = [{"reference": {"reference": f"{asked.due.service_request}/_history/2"}}]
    gateway.update({**plan, "activity": named}, if_match=plan["meta"]["versionId"], by=SYSTEM, now=LATER)
    [row] = rows_of(procedures(asked.nancy))
    assert row["ServiceRequest"] == {"reference": asked.due.service_request}


def test_one_of_two_courses_of_care_can_be_asked_for(asked):
    second = asked.nancy.world.enrol(NANCY)
    second.gets()
    assert len(rows_of(procedures(asked.nancy))) == 2
    only = {"name": "episodeOfCare", "valueReference": {"reference": second.episode}}
    [row] = rows_of(procedures(asked.nancy, only))
    assert row["ServiceRequest"]["reference"] != asked.due.service_request


def test_the_team_sees_it_and_another_team_sees_nothing(asked):
    world, nancy = asked.nancy.world, asked.nancy
    assert len(rows_of(procedures(nancy, by=nancy.seen_by(world.asta)))) == 1
    for outsider in (world.bo, world.kim):
        assert rows_of(procedures(nancy, by=nancy.seen_by(outsider))) == []


def test_it_is_asked_about_whom_the_context_is_about(asked):
    tjoern = asked.nancy.world.enrol(TJOERN)
    with pytest.raises(Forbidden):
        procedures(asked.nancy, by=tjoern.self)
    with pytest.raises(Forbidden):
        procedures(asked.nancy, by=asked.nancy.world.asta)
    with pytest.raises(Forbidden):
        procedures(asked.nancy, patient=f"https://other.example/fhir/Patient/{id_of(asked.nancy.patient)}")


@R4_FIRST
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("i går", END),
        ("2026-11-01", "2026-11-02"),
        ("2026-11-01T00:00:00", END),
        ("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"),
        ("9999-12-30T00:00:00Z", "9999-12-31T00:00:00Z"),
        (7, END),
        (END, START),
    ],
)
def test_a_span_that_cannot_be_asked_about_is_refused(nancy, start, end):
    with pytest.raises(BadRequest):
        procedures(nancy, start=start, end=end)


def asked_every(asked, unit, **more):
    """Let what is asked for come again without end."""
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    stored = gateway.read(url, by=SYSTEM, now=LATER)
    repeat = {"boundsPeriod": {"start": START}, "frequency": 1, "period": 1, "periodUnit": unit, **more}
    timed = {name: each for name, each in stored.items() if not name.startswith("occurrence")}
    before = parse_datetime(START)
    gateway.update({**timed, "occurrenceTiming": {"repeat": repeat}}, if_match="2", by=SYSTEM, now=before)


def said(refused):
    """Give what a refusal for its cost says; what another server says in words stands in the diagnostics here."""
    [issue] = refused.value.issues
    assert issue.code == "too-costly"
    return f"{issue.text} {issue.diagnostics}"


@pytest.mark.parametrize(
    ("unit", "more", "end", "instead"),
    [
        ("min", {}, "2027-11-01T00:00:00+01:00", "spørg om højst 13 dage ad gangen."),
        ("h", {"duration": 60, "durationUnit": "d"}, "2031-11-01T00:00:00+01:00", "spørg om højst 833 dage ad gangen."),
    ],
)
def test_a_span_of_more_slots_than_anybody_reads_is_refused_with_the_span_that_would_do(
    asked, unit, more, end, instead
):
    asked_every(asked, unit, **more)
    with pytest.raises(BadRequest) as refused:
        procedures(asked.nancy, end=end)
    assert instead in said(refused)


def test_the_span_that_is_said_to_do_does(asked, monkeypatch):
    monkeypatch.setitem(get_patient_procedures.__globals__, "_MOST", 100)
    asked_every(asked, "h")
    begins = "2026-12-01T00:00:00+01:00"
    with pytest.raises(BadRequest) as refused:
        procedures(asked.nancy, start=begins)
    assert "højst 3 dage ad gangen" in said(refused)
    assert len(rows_of(procedures(asked.nancy, start=begins, end="2026-12-04T00:00:00+01:00"))) == 72


def test_what_is_missing_is_refused(nancy):
    with pytest.raises(BadRequest):
        nancy.world.gateway.operation("$get-patient-procedures", parameters(), by=nancy.self, now=LATER)


@pytest.mark.parametrize("wrong", [{"valueString": "false"}, {"valueString": "true"}, {"valueInteger": 0}])
def test_whether_extra_is_wanted_is_true_or_false_and_nothing_else(nancy, wrong):
    with pytest.raises(BadRequest, match="extra must be of type boolean"):
        procedures(nancy, {"name": "extra", **wrong})


DIABETES = {"system": ehealth.SKS_DIAGNOSES, "code": "DE11"}
COPD = {"system": ehealth.SKS_DIAGNOSES, "code": "DJ44"}
OURS = {"system": ehealth.EHEALTH_SYSTEM, "code": "kpro"}
OTHERS = {"system": ehealth.EHEALTH_SYSTEM, "code": "xa"}


@pytest.mark.parametrize(
    ("name", "codings", "found"),
    [
        ("conditionCodings", [DIABETES], 1),
        ("conditionCodings", [COPD], 0),
        ("conditionCodings", [COPD, DIABETES], 1),
        ("_tag", [OURS], 1),
        ("_tag", [OTHERS], 0),
        ("_tag", [OTHERS, OURS], 1),
    ],
)
@pytest.mark.parametrize("who", ["the citizen", "the nurse"])
def test_it_is_narrowed_to_courses_of_a_diagnosis_or_a_solution(asked, name, codings, found, who):
    by = asked.nancy.self if who == "the citizen" else asked.nancy.seen_by(asked.nancy.world.asta)
    given = [{"name": name, "valueCoding": each} for each in codings]
    assert len(rows_of(procedures(asked.nancy, *given, by=by))) == found


def test_what_narrows_narrows_together(asked):
    other = asked.nancy.world.enrol(NANCY).episode
    course = {"name": "episodeOfCare", "valueReference": {"reference": other}}
    assert rows_of(procedures(asked.nancy, course, {"name": "conditionCodings", "valueCoding": DIABETES})) == []
    both = [{"name": "conditionCodings", "valueCoding": DIABETES}, {"name": "_tag", "valueCoding": OTHERS}]
    assert rows_of(procedures(asked.nancy, *both)) == []


@pytest.mark.parametrize("wrong", [{"valueCoding": {"display": "KOL"}}, {"valueInteger": 7}, {"valueString": "DJ44"}])
def test_a_diagnosis_to_narrow_by_is_a_coding(nancy, wrong):
    with pytest.raises(BadRequest, match="conditionCodings"):
        procedures(nancy, {"name": "conditionCodings", **wrong})


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ({"coding": [MASTER]}, "Master Questionnaire"),
        ({"coding": [MASTER | {"display": "PRO"}]}, "PRO"),
        ({"coding": [MASTER], "text": "Din dag"}, "Din dag"),
    ],
)
def test_an_activity_is_called_what_it_is_called_wherever_that_is_said(asked, code, name):
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    gateway.update(gateway.read(url, by=SYSTEM, now=LATER) | {"code": code}, if_match="2", by=SYSTEM, now=LATER)
    assert {row["Activity"] for row in rows_of(procedures(asked.nancy))} == {name}


NARROWED = ({"name": "conditionCodings", "valueCoding": DIABETES}, {"name": "_tag", "valueCoding": OURS})


@pytest.mark.parametrize(("narrowed", "statements"), [((), 3), (NARROWED, 4)])
def test_many_activities_are_read_in_as_few_statements_as_two(nancy, monkeypatch, narrowed, statements):
    """One for the episodes, one for their plans, one for the requests with what has come in.

    What narrows is looked at first, in one more, for which of it is the rarest.
    """
    made, rows = [], database._rows
    monkeypatch.setattr(database, "_rows", lambda sql, *more, **how: made.append(sql) or rows(sql, *more, **how))
    counts = []
    for _ in range(4):
        nancy.gets()
        made.clear()
        procedures(nancy, *narrowed)
        counts.append(len(made))
    assert len(rows_of(procedures(nancy, *narrowed))) == 4
    assert counts == [statements] * 4


def test_each_request_counts_its_own_answers_however_many_are_looked_for_at_once(asked, monkeypatch):
    monkeypatch.setattr(database, "MOST_AT_ONCE", 1)
    asked.submit(bundle_of(asked.response(answers(BAD))))
    asked.nancy.gets(EveryWeeks(1, date(2026, 11, 30), date(2026, 12, 1)))
    counts = {row["ServiceRequest"]["reference"]: row["TotalSubmitted"] for row in rows_of(procedures(asked.nancy))}
    assert counts.pop(asked.due.service_request) == 1
    assert list(counts.values()) == [0]
