"""What a citizen is asked for: now, later, missed; and not what is answered."""

from datetime import date, datetime, time, timedelta

import pytest

from kommunalpro.care import drafts, procedures
from kommunalpro.care import team_due as of_team
from kommunalpro.care.due import due_for, find_due
from kommunalpro.care.runs import runs
from kommunalpro.care.sending import EveryWeeks, Now, OnDate
from kommunalpro.care.team_due import slot_of, team_due
from kommunalpro.fhir.datetime import DENMARK, in_zone
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.operations import get_patient_procedures
from tests.gateway.deadlines import all_of, round_at, tasks
from tests.unit.care.world import BAD_PAIN, MONDAY, REQUIRED


def test_what_is_sent_now_may_be_answered_at_once(world, nancy):
    nancy.gets(Now(days=14))
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY + timedelta(hours=1))
    assert due.state(MONDAY + timedelta(hours=1)) == "open"
    assert due.title.da == "Hverdagen med kronisk sygdom"
    assert due.organization == "Demo Kommune"
    assert due.progress is None


def test_it_can_be_answered_to_the_end_of_the_last_day_and_no_longer(world, nancy):
    nancy.gets(Now(days=1))
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert due.slot_end is not None
    assert due.slot_end.isoformat() == "2026-11-24T23:59:00+01:00"
    assert due.state(due.slot_end + timedelta(seconds=1)) == "missed"


def test_what_opens_on_a_date_is_coming_until_then(world, nancy):
    nancy.gets(OnDate(date(2026, 12, 12)))
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert due.state(MONDAY) == "coming"
    assert due.slot_start is not None
    assert due.slot_start.isoformat() == "2026-12-12T00:00:00+01:00"


def test_every_second_week_comes_every_second_week(world, nancy):
    nancy.gets(EveryWeeks(2, first=date(2026, 11, 30), until=date(2026, 12, 31), days=7))
    found = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert [due.slot_start.date().isoformat() for due in found if due.slot_start] == [
        "2026-11-30",
        "2026-12-14",
        "2026-12-28",
    ]


def test_an_answered_slot_is_no_longer_asked_for(world, nancy):
    nancy.gets()
    nancy.answers(BAD_PAIN)
    assert due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY + timedelta(hours=3)) == ()


@pytest.mark.parametrize("end", ["9999-12-31", "9999-12-31T23:59:59Z"])
def test_what_may_be_answered_for_ever_is_asked_looked_at_and_answered_like_the_rest(world, nancy, end, caplog):
    nancy.gets()
    [request] = all_of(world, "ServiceRequest", MONDAY)
    period = [{"op": "replace", "path": "/occurrencePeriod/end", "value": end}]
    world.gateway.patch(f"ServiceRequest/{request['id']}", period, if_match=None, by=SYSTEM, now=MONDAY)
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert due.state(MONDAY) == "open"
    assert round_at(MONDAY) == 0, "its end does not come"
    assert not [each for each in caplog.records if each.levelname == "ERROR"]
    assert [each.state for each in team_due(world.gateway, by=world.asta, now=MONDAY)] == ["open"]
    nancy.answers(BAD_PAIN)
    assert due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY + timedelta(hours=3)) == ()


def comes_every(world, unit):
    """Let the one thing that is asked come every minute ("min") or hour ("h"), from 1 November on."""
    [request] = all_of(world, "ServiceRequest", MONDAY)
    repeat = {"boundsPeriod": {"start": "2026-11-01T00:00:00+01:00"}, "frequency": 1, "period": 1, "periodUnit": unit}
    timing = [
        {"op": "remove", "path": "/occurrencePeriod"},
        {"op": "add", "path": "/occurrenceTiming", "value": {"repeat": repeat}},
    ]
    world.gateway.patch(f"ServiceRequest/{request['id']}", timing, if_match=None, by=SYSTEM, now=MONDAY)


def test_of_what_is_asked_more_often_than_anybody_reads_what_is_near_is_shown(world, nancy, monkeypatch):
    monkeypatch.setitem(get_patient_procedures.__globals__, "_MOST", 200)
    monkeypatch.setattr(of_team, "_MOST_SLOTS", 50)
    nancy.gets()
    comes_every(world, "h")
    mine = [each.slot_start for each in due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)]
    of_the_team = [each.opens for each in team_due(world.gateway, by=world.asta, now=MONDAY)]
    for found in (mine, of_the_team):
        assert 10 < len(found) <= 50
        assert MONDAY in found


@pytest.mark.parametrize(
    "repeat",
    [
        {"period": 15, "periodUnit": "min"},
        {"period": 1, "periodUnit": "h", "duration": 30, "durationUnit": "min"},
        {"period": 1, "periodUnit": "d", "timeOfDay": [f"{hour:02}:00:00" for hour in range(0, 24, 4)]},
    ],
    ids=["every quarter", "every hour", "six times a day"],
)
def test_the_page_says_the_same_of_what_comes_often_as_if_each_had_been_looked_at(world, nancy, monkeypatch, repeat):
    nancy.gets()
    comes(world, repeat, "00:00:00")

    def asked():
        found = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
        spans = [each.span for each in runs(found, lambda due: due.time(MONDAY))]
        said = [(span.first.opens, span.first.closes, span.last.opens, span.count) for span in spans]
        return len(found), said

    many, shown = asked()
    monkeypatch.setattr(procedures, "_NEAR", procedures._ENDLESS)
    every, said = asked()
    assert shown == said
    assert many < every / 2


def days_due(nancy, now):
    found = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=now)
    return [(in_zone(each.slot_start).date(), each.goes_on) for each in found]


def test_what_comes_seldom_is_told_until_its_end_however_far_that_is(nancy):
    """Nobody could withdraw what stands on no page."""
    nancy.gets(EveryWeeks(26, first=date(2026, 11, 23), until=date(2028, 11, 20), days=7))
    nancy.answers(BAD_PAIN)
    days = [date(2026, 11, 23) + timedelta(weeks=26 * each) for each in range(1, 5)]
    assert days_due(nancy, MONDAY + timedelta(hours=3)) == [(day, False) for day in days]


def test_what_comes_seldom_and_has_no_end_is_told_by_its_next_time(world, nancy):
    nancy.gets()
    comes(world, {"period": 6, "periodUnit": "mo", "duration": 7, "durationUnit": "d"}, "00:00:00")
    assert days_due(nancy, MONDAY + timedelta(days=8)) == [(date(2026, 11, 23), False), (date(2027, 5, 23), True)]


def test_of_what_goes_on_the_last_that_is_told_says_so(world, nancy):
    nancy.gets()
    comes(world, {"period": 4, "periodUnit": "wk", "duration": 7, "durationUnit": "d"}, "00:00:00")
    told = days_due(nancy, MONDAY)
    assert [day for day, _ in told] == [date(2026, 11, 23) + timedelta(weeks=4 * each) for each in range(5)]
    assert [goes_on for _, goes_on in told] == [False] * 4 + [True]


@pytest.mark.parametrize("days", [-3, 5, 40], ids=["since before", "soon", "in some weeks"])
def test_what_may_be_answered_at_any_time_is_asked_once_and_from_its_beginning_on(world, nancy, days):
    """An answer before that would be one that nobody asked for, and the one that was asked for would be missing."""
    nancy.gets()
    begins = MONDAY + timedelta(days=days)
    occurs(world, occurrencePeriod={"start": begins.isoformat()})
    [due] = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert (due.timing_type, due.slot_start, due.opens) == ("Adhoc", None, begins)
    assert due.state(MONDAY) == ("open" if days < 0 else "coming")
    assert due.state(begins) == "open"
    assert (due.time(MONDAY) is None) is (days < 0)
    assert due.time(begins) is None


@pytest.mark.parametrize(("days", "count"), [(-3, 0), (3, 1)], ids=["over", "goes on"])
def test_what_may_be_answered_at_any_time_is_asked_up_to_its_end(world, nancy, days, count):
    nancy.gets()
    bounds = {each: (MONDAY + timedelta(days=to)).isoformat() for each, to in (("start", -20), ("end", days))}
    occurs(world, occurrenceTiming={"repeat": {"boundsPeriod": bounds, "frequency": 1}})
    assert len(due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)) == count


def occurs(world, **occurrence):
    """Let what is asked be asked at another time."""
    [request] = all_of(world, "ServiceRequest", MONDAY)
    kept = {name: each for name, each in request.items() if not name.startswith("occurrence")}
    version = request["meta"]["versionId"]
    world.gateway.update({**kept, **occurrence}, if_match=version, by=SYSTEM, now=MONDAY)


def test_beside_what_comes_every_minute_what_comes_later_is_shown_all_the_same(world, nancy):
    """Once, though it is told as near too when its day is; and what is answered is asked no more."""
    nancy.gets()
    comes_every(world, "min")
    nancy.gets(EveryWeeks(4, first=date(2026, 11, 23), until=date(2027, 2, 28), days=7))
    found = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    [weekly] = {each.care_plan for each in found} - {
        each.care_plan for each in found if each.slot_end == each.slot_start
    }
    days = [in_zone(each.slot_start).date() for each in found if each.care_plan == weekly]
    assert days == [date(2026, 11, 23) + timedelta(weeks=4 * each) for each in range(4)]


def test_a_key_from_a_pages_address_finds_what_is_due_and_nothing_else(world, nancy):
    nancy.gets()
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert find_due(world.gateway, nancy.patient, due.key, by=nancy.self, now=MONDAY) == due
    with pytest.raises(NotFound):
        find_due(world.gateway, nancy.patient, "forged.Resolved.0", by=nancy.self, now=MONDAY)


def test_the_key_says_nothing_about_the_citizen(world, nancy):
    nancy.gets()
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert nancy.person.cpr not in due.key
    assert nancy.patient.rsplit("/", 1)[-1] not in due.key


WITHOUT_LENGTH = {
    "every minute": ({"period": 1, "periodUnit": "min"}, "10:00:00", "10:00", "10:01"),
    "every day": ({"period": 1, "periodUnit": "d"}, "08:00:00", "08:00", "23:59"),
    "twice a day": (
        {"period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]},
        "00:00:00",
        "08:00",
        "20:00",
    ),
    "every hour": ({"period": 1, "periodUnit": "h"}, "00:59:30", "09:59", "10:59"),
}
"""How often → as a Timing, and from when that Monday; which slot is open at ten, and until when."""


def comes(world, repeat, begins):
    """Let the one thing that is asked come like this, from a time of that Monday on."""
    [request] = all_of(world, "ServiceRequest", MONDAY)
    repeat = {"frequency": 1, "boundsPeriod": {"start": f"2026-11-23T{begins}+01:00"}, **repeat}
    timing = [
        {"op": "remove", "path": "/occurrencePeriod"},
        {"op": "add", "path": "/occurrenceTiming", "value": {"repeat": repeat}},
    ]
    world.gateway.patch(f"ServiceRequest/{request['id']}", timing, if_match=None, by=SYSTEM, now=MONDAY)


@pytest.mark.parametrize(("repeat", "begins", "opens", "closes"), WITHOUT_LENGTH.values(), ids=WITHOUT_LENGTH)
def test_what_does_not_say_how_long_it_is_open_can_be_answered_until_the_next_or_that_day(
    world, nancy, repeat, begins, opens, closes
):
    """In FUT's words its slots have no length; nobody answers at the very moment."""
    nancy.gets()
    comes(world, repeat, begins)
    now = MONDAY + timedelta(seconds=20)
    found = due_for(world.gateway, nancy.patient, by=nancy.self, now=now)
    [due] = [each for each in found if each.state(now) == "open"]
    assert due.slot_start == due.slot_end
    assert [in_zone(each).strftime("%H:%M") for each in (due.slot_start, due.closes)] == [opens, closes]
    draft = drafts.open_draft(world.gateway, due, by=nancy.self, now=now).id
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=now)
    drafts.submit(world.gateway, draft, by=nancy.self, now=now + timedelta(minutes=9))
    after = due_for(world.gateway, nancy.patient, by=nancy.self, now=now)
    assert [each for each in after if each.state(now) == "open"] == []


@pytest.mark.parametrize(("repeat", "begins", "opens", "closes"), WITHOUT_LENGTH.values(), ids=WITHOUT_LENGTH)
def test_the_team_is_told_that_it_is_overdue_when_the_citizen_cannot_answer_any_more(
    world, nancy, repeat, begins, opens, closes
):
    nancy.gets()
    comes(world, repeat, begins)
    first, last = (datetime.combine(MONDAY.date(), time.fromisoformat(each), DENMARK) for each in (opens, closes))

    def is_it(moment):
        return first <= moment < first + timedelta(minutes=1)

    for now, state in ((MONDAY, "open"), (last, "open"), (last + timedelta(minutes=1), "missed")):
        mine = due_for(world.gateway, nancy.patient, by=nancy.self, now=now)
        ours = team_due(world.gateway, by=world.asta, now=now)
        assert [each.state(now) for each in mine if is_it(each.slot_start)] == [state]
        assert [each.state for each in ours if is_it(each.opens)] == [state]
    for minutes, told in ((4, 0), (6, 1)):
        round_at(last + timedelta(minutes=minutes))
        assert sum(is_it(slot_of(each)[0]) for each in tasks(world)) == told


def test_no_more_is_looked_at_than_is_near_when_it_comes_every_minute(world, nancy):
    nancy.gets()
    comes_every(world, "min")
    found = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert len(found) < 7000
    assert len(runs(found, lambda due: due.time(MONDAY))) < 20
