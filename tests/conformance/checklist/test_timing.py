"""When a citizen is asked: which regimes there are, and the slots that they become (items 13 and 14).

What a regime becomes is looked at in the next year, also around the nights when the clocks change.
"""

from datetime import date, datetime, timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.parameters import parameters, parts
from tests.conformance.checklist.saying import JSON_PATCH, done, id_of, named, now, path_of, period, to, told

TIMING, NONE = "GENERAL_TIMING_VALIDATION_ERROR", "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE"
NEXT_YEAR = now().year + 1
BEGINS = f"{NEXT_YEAR}-03-01T08:00:00+01:00"


@pytest.fixture(scope="module")
def plan(town):
    return town.plan()


@pytest.fixture(scope="module")
def request_with(course, plan):
    """Give how to make the same request active at another time."""
    [draft] = course.requests_of(course.applied(plan))

    def put(**occurrence):
        stored = done(course.asta("GET", path_of(draft)))
        without = {name: each for name, each in stored.items() if not name.startswith("occurrence")}
        return course.asta("PUT", path_of(draft), {**without, "status": "active", **occurrence})

    return put


def regime(bounds=None, **repeat):
    said = {"boundsPeriod": {"start": BEGINS} if bounds is None else bounds, **repeat}
    return {"repeat": {name: each for name, each in said.items() if each is not None}}


DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


@pytest.mark.checklist(13)
@pytest.mark.parametrize(
    "repeat",
    [
        {},
        {"count": 3},
        {"count": 3, "countMax": 5},
        {"frequency": 2},
        {"duration": 2, "durationUnit": "h"},
        DAILY,
        {"frequency": 2, "period": 1, "periodUnit": "d"},
        {"frequency": 1, "period": 30, "periodUnit": "min"},
        {"frequency": 1, "period": 3, "periodUnit": "h"},
        {"frequency": 1, "period": 2, "periodUnit": "wk"},
        {"frequency": 1, "period": 6, "periodUnit": "mo"},
        {"frequency": 1, "period": 1, "periodUnit": "a"},
        {"frequency": 1, "dayOfWeek": ["mon", "thu"]},
        {"frequency": 1, "dayOfWeek": ["mon"], "period": 1, "periodUnit": "d"},
        {"frequency": 1, "dayOfWeek": ["mon"], "period": 3, "periodUnit": "wk"},
        {"frequency": 1, "dayOfWeek": ["mon"], "timeOfDay": ["08:00:00", "20:00:00"]},
        {"frequency": 1, "timeOfDay": ["08:00:00"], "period": 2, "periodUnit": "d"},
        {"frequency": 1, "timeOfDay": ["08:00:00"], "period": 1, "periodUnit": "mo"},
        {"frequency": 1, "timeOfDay": ["08:00:00"], "period": 1, "periodUnit": "a"},
        *({**DAILY, "duration": 1, "durationUnit": unit} for unit in ("s", "min", "h", "d", "wk", "a")),
    ],
    ids=str,
)
def test_a_regime_of_the_guide_is_taken(request_with, repeat):
    assert done(request_with(occurrenceTiming=regime(**repeat)))["status"] == "active"


@pytest.mark.checklist(13)
@pytest.mark.parametrize(
    "repeat",
    [
        {"countMax": 5},
        {**DAILY, "count": 3},
        {**DAILY, "count": 3, "countMax": 5},
        {"frequency": 1, "dayOfWeek": ["mon"], "count": 3},
        {"timeOfDay": ["08:00:00"]},
        {"frequency": 2, "timeOfDay": ["08:00:00", "20:00:00"]},
        {"when": ["MORN"]},
        {**DAILY, "frequencyMax": 2},
        {**DAILY, "periodMax": 2},
        {**DAILY, "when": ["MORN"]},
        {**DAILY, "duration": 1, "durationMax": 2, "durationUnit": "h"},
        {"duration": 2},
        {"durationUnit": "h"},
        {"period": 1, "periodUnit": "d"},
        {"dayOfWeek": ["mon"]},
        {"frequency": 1, "period": 0, "periodUnit": "d"},
        {"frequency": 1, "period": -1, "periodUnit": "d"},
        {"frequency": 1, "period": 1.5, "periodUnit": "d"},
        {"frequency": 1, "period": 1, "periodUnit": "s"},
        {"frequency": 1, "period": 1},
        {"frequency": 1, "dayOfWeek": ["mon"], "period": 2, "periodUnit": "d"},
        {"frequency": 1, "dayOfWeek": ["mon"], "period": 1, "periodUnit": "mo"},
        {"frequency": 1, "timeOfDay": ["08:00:00"], "period": 6, "periodUnit": "h"},
        {**DAILY, "duration": 1, "durationUnit": "mo"},
        {**DAILY, "bounds": {}},
        {**DAILY, "bounds": {"start": f"{NEXT_YEAR}-03-01"}},
        {**DAILY, "bounds": {"start": f"{NEXT_YEAR}-03-01T08:00:00"}},
        {**DAILY, "bounds": {"start": BEGINS, "end": f"{NEXT_YEAR}-02-01T08:00:00+01:00"}},
        {"bounds": {"start": BEGINS, "end": f"{NEXT_YEAR}-02-01T08:00:00+01:00"}},
    ],
    ids=str,
)
def test_a_regime_that_the_guide_does_not_have_is_refused(request_with, repeat):
    """What R4 itself refuses (no unit, half a pair) is refused by its own rule, before FUT's."""
    refused = request_with(occurrenceTiming=regime(**repeat))
    assert refused.status == 422, refused.body
    assert {each["details"].get("coding", [{}])[0].get("code") for each in refused.json["issue"]} <= {TIMING, None}


@pytest.mark.checklist(13)
@pytest.mark.parametrize(
    ("occurrence", "code"),
    [
        ({}, NONE),
        ({"occurrenceDateTime": f"{NEXT_YEAR}-03-01"}, TIMING),
        ({"occurrencePeriod": {"start": f"{NEXT_YEAR}-03-01"}}, TIMING),
        ({"occurrencePeriod": {"end": BEGINS}}, TIMING),
        ({"occurrenceDateTime": BEGINS}, None),
        ({"occurrencePeriod": {"start": BEGINS}}, None),
    ],
    ids=str,
)
def test_a_time_is_said_to_the_minute_and_its_zone(request_with, occurrence, code):
    answer = request_with(**occurrence)
    assert (told(answer) if code else done(answer)["status"]) == ([code] if code else "active")


def procedures(
    course, *more, by=None, start=f"{NEXT_YEAR}-03-20T00:00:00+01:00", end=f"{NEXT_YEAR}-04-05T00:00:00+02:00"
):
    asked = parameters(
        named("patient", course.patient),
        {"name": "start", "valueDateTime": start},
        {"name": "end", "valueDateTime": end},
        named("episodeOfCare", course.episode),
        *more,
    )
    return done(course.town.herself(course.patient)("POST", "/$get-patient-procedures", asked))


def rows_of(answer, request=None):
    """Give the rows, of one request when it is named, each as its parts by name."""
    [table] = resources(answer, "Parameters")
    rows = [parts(each) for each in table.get("parameter", ())]
    return [row for row in rows if request is None or row["ServiceRequest"] == to(request)]


def kind(row):
    return row["TimingType"]["coding"][0]["code"]


def about_now():
    """Half a day to each side, so that it does not matter what time it is."""
    half = timedelta(hours=12)
    return {"start": to_datetime(now() - half), "end": to_datetime(now() + half)}


def last_sunday(month):
    """Give the day of a month on which the clocks change."""
    last = date(NEXT_YEAR, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


@pytest.mark.checklist(14)
@pytest.mark.parametrize(("month", "before", "after"), [(3, "+01:00", "+02:00"), (10, "+02:00", "+01:00")])
def test_every_day_is_a_slot_of_the_same_hours_when_the_clocks_change(town, plan, month, before, after):
    sunday, day, course = last_sunday(month), timedelta(days=1), town.opens(town.citizen())
    bounds = {"start": f"{sunday - day}T08:00:00{before}", "end": f"{sunday + day}T23:00:00{after}"}
    hours = {**DAILY, "timeOfDay": ["08:00:00"], "duration": 12, "durationUnit": "h"}
    asked = course.asked(plan, occurrenceTiming=regime(bounds, **hours))
    around = {"start": f"{sunday - 7 * day}T00:00:00{before}", "end": f"{sunday + 7 * day}T00:00:00{after}"}
    found = rows_of(procedures(course, **around), asked.url)
    spans = [(row["ResolvedTimingStart"], row["ResolvedTimingEnd"]) for row in found]
    assert [(start[11:16], start[-6:], end[11:16], end[-6:]) for start, end in spans] == [
        ("08:00", before, "20:00", before),
        ("08:00", after, "20:00", after),
        ("08:00", after, "20:00", after),
    ]
    assert {kind(row) for row in found} == {"Resolved"}
    assert {row["OccurrencesRequested"] for row in found} == {1}


@pytest.mark.checklist(14)
@pytest.mark.parametrize(
    ("repeat", "starts"),
    [
        ({"frequency": 1, "dayOfWeek": ["mon", "thu"], "duration": 1, "durationUnit": "d"}, 2),
        ({"frequency": 1, "period": 1, "periodUnit": "wk", "duration": 1, "durationUnit": "d"}, 1),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]}, 14),
        ({"frequency": 2, "period": 1, "periodUnit": "d", "duration": 1, "durationUnit": "h"}, 7),
    ],
    ids=["days of the week", "weekly", "twice a day, at times", "twice a day"],
)
def test_a_week_of_a_regime_is_so_many_slots(town, plan, repeat, starts):
    course = town.opens(town.citizen())
    asked = course.asked(plan, occurrenceTiming=regime(**repeat))
    week = procedures(course, start=f"{NEXT_YEAR}-05-03T00:00:00+02:00", end=f"{NEXT_YEAR}-05-10T00:00:00+02:00")
    rows = rows_of(week, asked.url)
    assert len(rows) == starts
    assert {row["OccurrencesRequested"] for row in rows} == {2 if repeat["frequency"] == 2 else 1}


@pytest.mark.checklist(14)
def test_a_row_says_which_plan_asks_what_and_when_and_all_of_it_can_be_fetched(course, plan):
    asked = course.asked(plan)
    answer = procedures(course, **about_now())
    assert answer["type"] == "collection"
    [row] = rows_of(answer, asked.url)
    assert row["CarePlan"] == to(asked.care_plan)
    assert row["ServiceRequestVersionId"] == asked.request["meta"]["versionId"]
    assert row["Activity"]
    slot = (row["ResolvedTimingStart"], row["ResolvedTimingEnd"])
    assert [*map(datetime.fromisoformat, slot)] == [
        *map(datetime.fromisoformat, asked.request["occurrencePeriod"].values())
    ]
    assert {f"{each['resourceType']}/{each['id']}" for each in resources(answer) if "id" in each} >= {
        f"CarePlan/{id_of(asked.care_plan)}",
        f"ServiceRequest/{id_of(asked.url)}",
    }


@pytest.mark.checklist(14)
def test_what_may_be_answered_at_any_time_and_besides_has_rows_without_times(town):
    course = town.opens(town.citizen())
    activity = town.publishes(town.activity(town.publishes(town.questionnaire())))
    definition = town.plan_of(activity)
    definition["action"][0]["extension"] = [{"url": ehealth.INCLUDE_AS_EXTRA, "valueBoolean": True}]
    asked = course.asked(town.publishes(definition), occurrencePeriod={"start": period()["start"]})
    extra = {"name": "extra", "valueBoolean": True}
    for more, kinds in (((), ["Adhoc"]), ((extra,), ["Adhoc", "Extra"])):
        rows = rows_of(procedures(course, *more), asked.url)
        assert sorted(map(kind, rows)) == kinds
        for row in rows:
            assert {row["ResolvedTimingStart"], row["ResolvedTimingEnd"]} == {None}


@pytest.mark.checklist(14)
def test_what_has_come_in_is_counted_in_its_slot_and_what_was_wrong_for_itself(town, plan):
    course = town.opens(town.citizen())
    asked = course.asked(plan)
    slot = asked.request["occurrencePeriod"]

    def counted():
        [row] = rows_of(procedures(course, **about_now()), asked.url)
        return [row.get(name, 0) for name in ("TotalSubmitted", "SubmittedTimely", "TotalInvalidated")]

    assert counted() == [0, 0, 0]
    response = asked.response()
    response["extension"][1] = asked.timing("Resolved", **slot)
    [entry] = done(course.submits(response))["entry"]
    assert counted() == [1, 1, 0]
    wrong = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    done(town.system("PATCH", path_of(entry["fullUrl"]), wrong, **JSON_PATCH))
    assert counted() == [0, 0, 1]


@pytest.mark.checklist(14)
@pytest.mark.parametrize(
    ("name", "wanted", "other"),
    [
        ("_tag", {"system": ehealth.EHEALTH_SYSTEM, "code": "kpro"}, {"system": ehealth.EHEALTH_SYSTEM, "code": "xa"}),
        (
            "conditionCodings",
            {"system": ehealth.SKS_DIAGNOSES, "code": "DJ44"},
            {"system": ehealth.SKS_DIAGNOSES, "code": "DE11"},
        ),
    ],
)
def test_one_asks_for_what_belongs_to_a_condition_or_a_solution(course, plan, name, wanted, other):
    asked = course.asked(plan, occurrencePeriod={"start": period()["start"]})
    assert rows_of(procedures(course, {"name": name, "valueCoding": wanted}), asked.url)
    assert not rows_of(procedures(course, {"name": name, "valueCoding": other}), asked.url)
