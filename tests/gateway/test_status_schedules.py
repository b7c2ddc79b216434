"""Scheduled changes of status: carried out when their time comes, with their history; and what may be scheduled."""

from datetime import datetime, timedelta

import pytest

from kommunalpro.config import wiring
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK, to_datetime
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.deadlines import schedules
from kommunalpro.fut.deadlines.reminders import Reminding
from kommunalpro.fut.deadlines.rounds import kinds, see_to
from kommunalpro.fut.profiles import plans
from tests.gateway.deadlines import AFTER, all_of, round_at, tasks
from tests.unit.care.world import MONDAY

NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml">Aftalt i telefonen</div>'
FAILURE = "MeasurementForAssessmentFailureInAutoProcessing"
URLS = {
    "CarePlan": ehealth.CAREPLAN_STATUS_SCHEDULE,
    "ServiceRequest": ehealth.SERVICEREQUEST_STATUS_SCHEDULE,
    "EpisodeOfCare": ehealth.EPISODEOFCARE_STATUS_SCHEDULE,
}
HISTORIES = {"CarePlan": ehealth.CAREPLAN_STATUS_HISTORY, "ServiceRequest": ehealth.SERVICEREQUEST_STATUS_HISTORY}


def in_days(number):
    """A moment so many days after the Monday, at the same time of the Danish day."""
    local = MONDAY.astimezone(DENMARK).replace(tzinfo=None) + timedelta(days=number)
    return local.replace(tzinfo=DENMARK)


def scheduled(type, *changes):
    return [
        {
            "url": URLS[type],
            "extension": [
                {"url": "status", "valueCode": status},
                {"url": "scheduledTime", "valueDateTime": at if isinstance(at, str) else to_datetime(in_days(at))},
            ],
        }
        for at, status in changes
    ]


def schedule(world, asked, type, *changes, now=MONDAY):
    """Put changes on what a citizen is asked for; gives its URL."""
    id = {
        "CarePlan": lambda: all_of(world, "CarePlan")[0]["id"],
        "ServiceRequest": lambda: asked.due.service_request.rpartition("/")[2],
        "EpisodeOfCare": lambda: asked.nancy.episode.rpartition("/")[2],
    }[type]()
    url = f"{world.gateway.base_url}/{type}/{id}"
    current = world.gateway.read(url, by=SYSTEM, now=now)
    wanted = [{"op": "add", "path": "/extension/-", "value": each} for each in scheduled(type, *changes)]
    if type == "EpisodeOfCare":
        world.gateway.patch(url, wanted, if_match=None, by=SYSTEM, now=now)
    else:
        changed = {**current, "extension": [*current["extension"], *scheduled(type, *changes)]}
        world.gateway.update(changed, if_match=current["meta"]["versionId"], by=SYSTEM, now=now)
    return url


def change_the_words(world, url, now):
    """Write another version, of whatever kind."""
    words = {"status": "additional", "div": NARRATIVE}
    if "EpisodeOfCare" in url:
        patch = [{"op": "add", "path": "/text", "value": words}]
        world.gateway.patch(url, patch, if_match=None, by=SYSTEM, now=now)
    else:
        current = world.gateway.read(url, by=SYSTEM, now=now)
        world.gateway.update({**current, "text": words}, if_match=current["meta"]["versionId"], by=SYSTEM, now=now)


def status(world, url):
    return world.gateway.read(url, by=SYSTEM, now=AFTER)["status"]


def history(world, url, type):
    found = world.gateway.read(url, by=SYSTEM, now=AFTER)
    if type == "EpisodeOfCare":
        return [(each["status"], each["period"]["start"], each["period"].get("end")) for each in found["statusHistory"]]
    entries = extensions(found, HISTORIES[type])
    read = [(extension_value(each, "status")["coding"][0]["code"], extension_value(each, "period")) for each in entries]
    return [(code, period["start"], period.get("end")) for code, period in read]


PAUSES = [("CarePlan", "on-hold"), ("ServiceRequest", "on-hold"), ("EpisodeOfCare", "onhold")]


@pytest.mark.parametrize(("type", "pause"), PAUSES)
def test_a_pause_begins_and_ends_when_it_was_to(world, asked, type, pause):
    url = schedule(world, asked, type, (2, pause), (9, "active"))
    round_at(in_days(2) - timedelta(seconds=1))
    assert status(world, url) == "active"
    round_at(in_days(2))
    assert status(world, url) == pause
    round_at(in_days(9) - timedelta(minutes=1))
    assert status(world, url) == pause
    round_at(in_days(9))
    assert status(world, url) == "active"
    moments = [datetime.fromisoformat(start) for _, start, _ in history(world, url, type)[-2:]]
    assert moments == [in_days(2), in_days(9)]
    assert [(code, end is None) for code, _, end in history(world, url, type)[-2:]] == [
        (pause, False),
        ("active", True),
    ]
    assert not list(extensions(world.gateway.read(url, by=SYSTEM, now=AFTER), URLS[type])), "nothing is left to come"


@pytest.mark.parametrize("days", [(2, 15, 30, 31), (15, 31), (31,)], ids=["often", "in-the-pause", "after-it"])
@pytest.mark.parametrize(("type", "pause"), PAUSES)
def test_what_ended_in_a_pause_is_not_missed_whenever_a_worker_comes(world, asked, type, pause, days):
    """The slot ended on the fourteenth day."""
    schedule(world, asked, type, (2, pause), (30, "active"))
    for day in days:
        round_at(in_days(day))
    assert tasks(world) == []


def test_what_no_worker_has_carried_out_yet_is_waited_for_and_not_looked_at_over_and_over(world, asked):
    """A round carries out no more than so many changes."""
    schedule(world, asked, "CarePlan", (2, "on-hold"), (12, "active"))
    server, [missing] = wiring.server(), [each for each in kinds(Reminding()) if each.name == "missing"]
    round_at(MONDAY)
    assert see_to(server, AFTER, missing) == 1
    assert see_to(server, AFTER, missing) == 1, "up to the pause; then it is waited for"
    assert see_to(server, AFTER, missing) == 0
    assert tasks(world) == []
    round_at(AFTER + timedelta(hours=1))
    assert len(tasks(world)) == 1, "it ended after the pause did"


def test_what_ended_after_a_change_that_cannot_be_carried_out_is_missed_when_the_team_knows(world, asked, monkeypatch):
    """The plan was stored when a pause without an end could be: as long as it is not ended, the citizen is asked."""
    with monkeypatch.context() as former:
        former.setattr(plans, "schedule_problems", lambda plan: ())
        url = schedule(world, asked, "CarePlan", (10, "completed"), (20, "on-hold"))
    for day in (10, 15):
        round_at(in_days(day))
    assert status(world, url) == "active"
    assert len(tasks(world, FAILURE)) == 1
    assert len(tasks(world)) == 1
    with monkeypatch.context() as former:
        former.setattr(plans, "schedule_problems", lambda plan: ())
        round_at(in_days(16))
    assert datetime.fromisoformat(history(world, url, "CarePlan")[-1][1]) == in_days(16), "until then it was asked"


@pytest.mark.parametrize(("type", "pause"), PAUSES)
def test_a_pause_that_is_scheduled_for_before_now_undoes_nothing(world, asked, type, pause):
    """Somebody says after midnight: paused from the first day on. Until then the citizen was asked."""
    round_at(MONDAY)
    url = schedule(world, asked, type, (1, pause), (16, "active"), now=AFTER)
    change_the_words(world, url, now=AFTER + timedelta(seconds=5))
    round_at(AFTER + timedelta(seconds=10))
    assert len(tasks(world)) == 1
    assert datetime.fromisoformat(history(world, url, type)[-1][1]) == AFTER


def test_a_worker_that_was_away_goes_through_all_of_it_in_order(world, asked):
    url = schedule(world, asked, "CarePlan", (2, "on-hold"), (3, "active"), (4, "completed"))
    round_at(in_days(10))
    assert [code for code, *_ in history(world, url, "CarePlan")] == [
        "draft", "active", "on-hold", "active", "completed",
    ]  # fmt: skip
    moments = [datetime.fromisoformat(start) for _, start, _ in history(world, url, "CarePlan")[2:]]
    assert moments == [in_days(2), in_days(3), in_days(4)], "each from when it was to be"


def test_what_somebody_has_ended_meanwhile_stays_ended(world, asked):
    url = schedule(world, asked, "CarePlan", (2, "on-hold"), (3, "active"))
    current = world.gateway.read(url, by=SYSTEM, now=MONDAY)
    revoked = {**current, "status": "revoked"}
    world.gateway.update(revoked, if_match=current["meta"]["versionId"], by=SYSTEM, now=MONDAY)
    round_at(in_days(4))
    assert status(world, url) == "revoked"


def test_a_course_of_care_does_not_begin_without_consent_and_is_tried_again(world, asked):
    episode = world.gateway.read(asked.nancy.episode, by=SYSTEM, now=MONDAY)
    planned = [{"op": "replace", "path": "/status", "value": "planned"}]
    world.gateway.patch(asked.nancy.episode, planned, if_match=None, by=SYSTEM, now=MONDAY)
    [consent] = all_of(world, "Consent")
    version = consent["meta"]["versionId"]
    world.gateway.update({**consent, "status": "inactive"}, if_match=version, by=SYSTEM, now=MONDAY)
    url = schedule(world, asked, "EpisodeOfCare", (2, "active"))
    round_at(in_days(2))
    assert status(world, url) == "planned"
    [told] = tasks(world, FAILURE)
    assert (told["focus"], told["priority"]) == ({"reference": url}, "urgent"), "the team is told"
    round_at(in_days(2) + timedelta(hours=1))
    assert len(tasks(world, FAILURE)) == 1, "once"
    stored = world.gateway.read(f"Consent/{consent['id']}", by=SYSTEM, now=MONDAY)
    again = {**stored, "status": "active"}
    world.gateway.update(again, if_match=stored["meta"]["versionId"], by=SYSTEM, now=MONDAY)
    round_at(in_days(2) + timedelta(minutes=90))
    assert status(world, url) == "planned"
    round_at(in_days(2) + timedelta(hours=2))
    assert status(world, url) == "active"
    assert episode["status"] == "active"
    begun = history(world, url, "EpisodeOfCare")[-1][1]
    assert datetime.fromisoformat(begun) == in_days(2) + timedelta(hours=2), "not before there was a consent"


def test_a_pause_does_not_end_by_itself_where_the_consent_was_withdrawn_in_it(world, asked):
    url = schedule(world, asked, "EpisodeOfCare", (2, "onhold"), (9, "active"))
    round_at(in_days(2))
    [consent] = all_of(world, "Consent")
    version = consent["meta"]["versionId"]
    world.gateway.update({**consent, "status": "inactive"}, if_match=version, by=SYSTEM, now=in_days(3))
    round_at(in_days(9))
    assert status(world, url) == "onhold"
    [told] = tasks(world, FAILURE)
    assert told["focus"] == {"reference": url}, "the team is told"


@pytest.fixture
def without_consent(world, asked):
    """A course of care that is paused, and whose consent is withdrawn before the pause is to end."""
    url = schedule(world, asked, "EpisodeOfCare", (2, "onhold"), (9, "active"), (15, "finished"))
    round_at(in_days(2))
    agrees(world, "inactive", in_days(3))
    return url


def agrees(world, status, now):
    """Give or withdraw the consent to the course of care."""
    [consent] = all_of(world, "Consent")
    version = consent["meta"]["versionId"]
    world.gateway.update({**consent, "status": status}, if_match=version, by=SYSTEM, now=now)


def is_set_to(world, url, wanted, now):
    change = [{"op": "replace", "path": "/status", "value": wanted}]
    world.gateway.patch(url, change, if_match=None, by=SYSTEM, now=now)


def minutes(number):
    """A moment so long after the pause was to end."""
    return in_days(9) + timedelta(minutes=number)


def test_what_somebody_changes_themselves_after_a_change_was_refused_is_not_undone_by_it(world, without_consent):
    """Refused for want of a consent, begun by hand with a new one, and paused again: the team has said how it is."""
    url = without_consent
    round_at(in_days(9))
    agrees(world, "active", minutes(5))
    is_set_to(world, url, "active", minutes(10))
    is_set_to(world, url, "onhold", minutes(20))
    round_at(minutes(120))
    assert status(world, url) == "onhold"
    left = [*extensions(world.gateway.read(url, by=SYSTEM, now=AFTER), URLS["EpisodeOfCare"])]
    assert len(left) == 1, "what was refused is over, and nothing else"
    round_at(in_days(15))
    assert status(world, url) == "finished"


def test_what_was_changed_before_the_team_was_told_is_no_answer_to_it(world, without_consent):
    """Nobody has read yet that the change is refused: it is tried again, as they are promised."""
    url = without_consent
    agrees(world, "active", minutes(1))
    is_set_to(world, url, "active", minutes(5))
    is_set_to(world, url, "onhold", minutes(10))
    agrees(world, "inactive", minutes(12))
    round_at(minutes(15))
    assert (status(world, url), len(tasks(world, FAILURE))) == ("onhold", 1)
    agrees(world, "active", minutes(30))
    round_at(minutes(120))
    assert status(world, url) == "active"


def test_what_is_refused_beside_what_was_overtaken_keeps_nothing_from_its_time(world, without_consent, monkeypatch):
    url = without_consent
    round_at(in_days(9))
    agrees(world, "active", minutes(5))
    is_set_to(world, url, "active", minutes(10))
    is_set_to(world, url, "onhold", minutes(20))

    monkeypatch.setattr(schedules, "without", lambda resource, *_: {**resource, "status": "nonsense"})
    round_at(minutes(120))
    assert status(world, url) == "onhold"
    round_at(in_days(15))
    assert status(world, url) == "finished"


@pytest.mark.parametrize("rounds", [(2, 9, 15), (9, 15), (15,)], ids=["always", "late", "at-the-end"])
def test_a_change_that_is_refused_keeps_no_other_from_its_time(world, asked, rounds):
    """The pause comes, does not end by itself for want of a consent, and the course of care ends when it is to."""
    url = schedule(world, asked, "EpisodeOfCare", (2, "onhold"), (9, "active"), (15, "finished"))
    [consent] = all_of(world, "Consent")
    version = consent["meta"]["versionId"]
    world.gateway.update({**consent, "status": "inactive"}, if_match=version, by=SYSTEM, now=in_days(1))
    for day in rounds:
        round_at(in_days(day))
        assert status(world, url) == {2: "onhold", 9: "onhold", 15: "finished"}[day]
    assert [each for each, *_ in history(world, url, "EpisodeOfCare")][-2:] == ["onhold", "finished"]
    assert len(tasks(world, FAILURE)) == (1 if 9 in rounds else 0)
    left = world.gateway.read(url, by=SYSTEM, now=AFTER)
    assert [*extensions(left, URLS["EpisodeOfCare"])] == [], "what was refused is over"


@pytest.mark.parametrize("type", ["CarePlan", "ServiceRequest"])
def test_what_was_missing_when_a_pause_began_is_told_by_a_worker_that_comes_after_both(world, asked, type):
    """The slot ended on the fourteenth day, and nobody was there to see it before the pause."""
    url = schedule(world, asked, type, (15, "on-hold"), (20, "active"))
    round_at(in_days(15) + timedelta(hours=1))
    assert status(world, url) == "on-hold"
    assert len(tasks(world)) == 1


LONGEST, FORM = "STATUS_SCHEDULE_PAUSE_MAX_30_DAYS", "KPRO_STATUS_SCHEDULE"
UNSCHEDULABLE = (
    ("CarePlan", [(2, "on-hold"), (33, "active")], LONGEST, "it ends"),
    ("EpisodeOfCare", [(2, "onhold"), (40, "finished")], LONGEST, "it ends"),
    ("ServiceRequest", [(2, "on-hold")], LONGEST, "it ends"),
    ("CarePlan", [(2, "on-hold"), (20, "on-hold"), (40, "active")], LONGEST, "it ends"),
    ("CarePlan", [(2, "on-hold"), (2, "active"), (3, "active")], "STATUS_SCHEDULE_IDENTICAL_TIME", "the same time"),
    ("CarePlan", [(2, "onhold"), (3, "active")], FORM, "status is one of"),
    ("EpisodeOfCare", [(2, "completed")], FORM, "status is one of"),
    ("CarePlan", [("2026-12-01", "completed")], FORM, "scheduledTime with its time zone"),
)


def test_what_cannot_be_scheduled_is_not_stored(world, asked):
    for type, changes, code, told in UNSCHEDULABLE:
        with pytest.raises(RuleBroken) as refused:
            schedule(world, asked, type, *changes)
        issue = refused.value.issues[0]
        assert issue.coding[1] == code
        assert told in issue.diagnostics


def test_thirty_days_are_thirty_also_when_the_clocks_change_and_one_may_pause_again(world, asked):
    url = schedule(world, asked, "CarePlan", (100, "on-hold"), (130, "active"), (131, "on-hold"), (140, "completed"))
    assert status(world, url) == "active"


def test_who_is_scheduled_to_be_active_needs_a_time(world, asked):
    current = world.gateway.read(asked.due.service_request, by=SYSTEM, now=MONDAY)
    bare = {name: value for name, value in current.items() if not name.startswith("occurrence")}
    bare |= {"status": "draft", "extension": [*bare["extension"], *scheduled("ServiceRequest", (2, "active"))]}
    with pytest.raises(RuleBroken):
        world.gateway.update(bare, if_match=current["meta"]["versionId"], by=SYSTEM, now=MONDAY)
