"""Reminders: a message to a citizen who has not answered yet, once, unless somebody has asked for silence."""

from datetime import date, datetime, timedelta

import pytest

from kommunalpro.care.sending import EveryWeeks
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhirserver.database import change
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.deadlines.reminders import Reminding
from tests.gateway.answering import GOOD, answers, bundle_of
from tests.gateway.deadlines import messages, round_at, since, wish
from tests.unit.care.world import MONDAY

REASON = "ReminderSubmitMeasurement"
AT = datetime.fromisoformat("2026-12-06T10:00:00+01:00")
"""The day before the last, at ten."""


def told(world):
    return [each["payload"][0]["contentString"] for each in messages(world, REASON)]


def wishes(world, asked, **changes):
    """Let somebody wish something of the reminders to a citizen."""
    wanted = wish(asked.nancy.patient, ehealth.MESSAGE_REASON_CODES, REASON, **changes)
    return world.gateway.create(wanted, by=SYSTEM, now=MONDAY)


def is_reachable(world, asked, **elements):
    current = world.gateway.read(asked.nancy.patient, by=SYSTEM, now=MONDAY)
    change = [{"op": "add", "path": f"/{name}", "value": value} for name, value in elements.items()]
    version = current["meta"]["versionId"]
    world.gateway.patch(asked.nancy.patient, change, if_match=version, by=SYSTEM, now=MONDAY)


def test_who_has_not_answered_is_reminded_the_day_before_at_ten(world, asked):
    round_at(AT - timedelta(minutes=1))
    assert told(world) == []
    round_at(AT)
    [message] = messages(world, REASON)
    assert message["recipient"] == [{"reference": asked.nancy.patient}]
    assert message["subject"] == {"reference": asked.nancy.patient}
    assert message["basedOn"] == [{"reference": asked.due.service_request}]
    assert extension(message, ehealth.RESOLVED_TIMING) == asked.timing()
    assert extension_value(message, ehealth.ADMINISTRATIVE_STATUS)["code"] == "activate"
    assert message["category"][0]["coding"][0]["code"] == "notification"
    assert message["medium"][0]["coding"][0]["code"] == "eboks"
    assert message["contained"][0]["resourceType"] == "Device"
    assert (message["status"], "sent" in message) == ("in-progress", False)


def test_it_says_that_something_waits_and_nothing_else(world, asked):
    round_at(AT)
    assert told(world) == ["Du er bedt om at svare på noget, og fristen er tæt på. Log ind for at svare."]
    english = {"preferred": True, "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-GB"}]}}
    is_reachable(world, asked, communication=[english], telecom=[{"system": "other", "value": "NemSMS"}])
    asked.nancy.gets(now=MONDAY + timedelta(days=14))
    round_at(AT + timedelta(days=14))
    assert told(world)[-1] == "You have been asked to answer something, and the deadline is near. Log in to answer."
    [*_, message] = messages(world, REASON)
    assert message["medium"][0]["coding"][0]["code"] == "nemsms"
    assert all(len(text) <= 160 for text in told(world)), "so much a NemSMS holds"


def test_nobody_is_reminded_twice_whatever_is_lost(world, asked):
    for minutes in (0, 1, 60, 600):
        round_at(AT + timedelta(minutes=minutes))
    change("DELETE FROM fhir_deadline")
    round_at(AT + timedelta(hours=12))
    assert len(told(world)) == 1


def test_who_has_answered_is_left_in_peace(world, asked):
    asked.submit(bundle_of(asked.response(answers(GOOD))))
    round_at(AT)
    assert told(world) == []


def test_a_worker_that_was_away_reminds_as_long_as_there_is_time_and_then_no_more(world, asked):
    round_at(AT + timedelta(hours=30))
    assert len(told(world)) == 1
    asked.nancy.gets()
    round_at(AT + timedelta(days=3))
    assert len(told(world)) == 1


def test_each_slot_of_a_rhythm_is_reminded_of_at_the_installations_time(world, nancy):
    nancy.gets(EveryWeeks(weeks=1, first=date(2026, 11, 24), until=date(2026, 12, 9), days=3))
    at_eight = datetime.fromisoformat("2026-11-24T08:00:00+01:00")
    counted = {}
    for day in (0, 1, 7, 8, 14, 15):
        round_at(at_eight + timedelta(days=day), Reminding(days=2, hour=8))
        counted[day] = len(told(world))
    # From the 24th at midnight to the 27th at midnight: the last day is the 26th, two days before is the 24th.
    assert counted == {0: 1, 1: 1, 7: 2, 8: 2, 14: 3, 15: 3}


def test_of_what_was_written_before_the_slot_nothing_is_read(world, nancy, monkeypatch):
    nancy.gets(EveryWeeks(weeks=1, first=date(2026, 11, 24), until=date(2026, 12, 20), days=3))
    for day in (3, 10):
        round_at(MONDAY + timedelta(days=day))
    assert len(told(world)) == 2
    read = []
    whole = Session.search_all

    def search_all(session, type, parameters):
        found = list(whole(session, type, parameters))
        read.extend(each for each in found if type == "Communication")
        return iter(found)

    monkeypatch.setattr(Session, "search_all", search_all)
    round_at(MONDAY + timedelta(days=17))
    assert len(told(world)) == 3
    assert [each for each in read if each["reasonCode"][0]["coding"][0]["code"] == REASON] == []


def test_who_asked_for_silence_is_not_reminded(world, asked):
    wishes(world, asked, doNotPerform=True, **since(MONDAY))
    round_at(AT)
    assert told(world) == []


@pytest.mark.parametrize("ended", [True, False])
def test_silence_ends_with_its_period(world, asked, ended):
    end = "2026-12-01" if ended else "2026-12-06"
    wishes(world, asked, doNotPerform=True, **since(MONDAY, end=end))
    round_at(AT)
    assert len(told(world)) == (1 if ended else 0)


@pytest.mark.parametrize(("moment", "holds"), [(AT + timedelta(days=30), False), (AT + timedelta(hours=6), True)])
def test_silence_for_a_moment_is_for_that_day(world, asked, moment, holds):
    wishes(world, asked, doNotPerform=True, occurrenceDateTime=to_datetime(moment))
    round_at(AT)
    assert len(told(world)) == (0 if holds else 1)


def test_the_latest_wish_decides_and_silence_goes_before_words(world, asked):
    later = MONDAY + timedelta(days=1)
    other = [{"coding": [{"system": ehealth.MESSAGE_MEDIUM, "code": "nemsms"}]}]
    wishes(world, asked, doNotPerform=True, **since(MONDAY))
    wishes(world, asked, payload=[{"contentString": "Husk skemaet"}], medium=other, **since(later))
    round_at(AT)
    assert told(world) == ["Husk skemaet"]
    assert messages(world, REASON)[0]["medium"] == other
    wishes(world, asked, doNotPerform=True, **since(later))
    asked.nancy.gets(now=MONDAY + timedelta(days=14))
    round_at(AT + timedelta(days=14))
    assert len(told(world)) == 1


def test_a_wish_in_several_parts_is_sent_whole(world, asked):
    """What somebody has written at the end is not lost."""
    parts = [{"contentString": "Husk skemaet"}, {"contentString": "Vi ses på torsdag"}]
    wishes(world, asked, payload=parts, **since(MONDAY))
    round_at(AT)
    assert told(world) == ["Husk skemaet\nVi ses på torsdag"]


def test_a_wish_about_something_else_changes_nothing(world, asked):
    other = {"reference": world.published.plan}
    wishes(world, asked, doNotPerform=True, basedOn=[other], **since(MONDAY))
    team = {"reference": world.teams["nord"].url}
    wishes(world, asked, doNotPerform=True, recipient=[team], **since(MONDAY))
    wishes(world, asked, doNotPerform=True, **since(AT + timedelta(days=1)))
    round_at(AT)
    assert len(told(world)) == 1
