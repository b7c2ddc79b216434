"""Missing measurements: what did not come in time becomes a Task, once, and is closed when it comes after all."""

from datetime import date, timedelta
from threading import Event

import pytest

from kommunalpro.care.due import due_for
from kommunalpro.care.sending import EveryWeeks, Now
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhirserver import database, deadlines
from kommunalpro.fhirserver.database import change
from kommunalpro.fut import afterwards
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.deadlines import missing, rounds
from tests.gateway.answering import BAD, GOOD, Asked, answers, asked_of, bundle_of
from tests.gateway.deadlines import AFTER, ENDS, all_of, messages, round_at, since, tasks, wish
from tests.people import NANCY
from tests.store.others import at_the_same_time
from tests.unit.care.world import MONDAY

MISSED = "MissingMeasurementResolving"


def changed(world, url, **elements):
    """Change a resource of a course of care, as another application does."""
    current = world.gateway.read(url, by=SYSTEM, now=MONDAY)
    version = current["meta"]["versionId"]
    return world.gateway.update({**current, **elements}, if_match=version, by=SYSTEM, now=MONDAY)


def answer_all(nancy):
    """Answer everything, whenever it is due."""
    for due in due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=MONDAY):
        asked = Asked(nancy, due)
        asked.submit(bundle_of(asked.response(answers(GOOD))))


def test_a_slot_that_ended_without_an_answer_becomes_a_task_for_the_team(world, asked):
    round_at(ENDS)
    assert tasks(world) == [], "it may still be on its way"
    round_at(AFTER)
    [task] = tasks(world)
    assert (task["status"], task["priority"]) == ("requested", "routine")
    assert task["focus"] == {"reference": asked.due.service_request}
    assert task["for"] == {"reference": asked.nancy.patient}
    assert extension_value(task, ehealth.TASK_RESPONSIBLE) == {"reference": world.teams["nord"].url}
    assert extension_value(task, ehealth.TASK_EPISODE_OF_CARE) == {"reference": asked.nancy.episode}
    assert extension_value(task, ehealth.RESTRICTION_CATEGORY)["coding"][0]["code"] == "measurement-monitoring"
    assert [each for each in task["extension"] if each["url"] == ehealth.RESOLVED_TIMING] == [asked.timing()]


def test_the_team_gets_a_message_that_says_nothing_about_anybody(world, asked):
    round_at(AFTER)
    [message] = messages(world, MISSED)
    [team] = extensions(message, ehealth.RECIPIENT_CARE_TEAM)
    assert team["valueReference"] == {"reference": world.teams["nord"].url}
    assert message["payload"] == [{"contentString": "Et svar er ikke kommet i tide. Se det i Kommunal PRO."}]
    assert message["status"] == "in-progress"
    assert "sent" not in message
    [waiting] = deadlines.take("send", AFTER, 10)
    # At FUT it is a message of the patient service, whose name it bears here.
    assert (waiting.type, waiting.id) == ("Communication", message["id"].removeprefix("patient.")), "for who sends them"


def test_to_a_team_no_wish_sends_a_nemsms_nor_a_file(world, asked):
    by_nemsms = [{"coding": [{"system": ehealth.MESSAGE_MEDIUM, "code": "nemsms"}]}]
    file = [{"contentAttachment": {"contentType": "text/plain", "url": "https://example.org/a"}}]
    wanted = wish(
        asked.nancy.patient, ehealth.TASK_CATEGORY_CODES, MISSED, medium=by_nemsms, payload=file, **since(MONDAY)
    )
    world.gateway.create(wanted, by=SYSTEM, now=MONDAY)
    round_at(AFTER)
    [message] = messages(world, MISSED)
    assert message["medium"] == [{"text": "Kommunal PRO"}]
    assert message["payload"] == [{"contentString": "Et svar er ikke kommet i tide. Se det i Kommunal PRO."}]


def test_it_is_told_once_however_often_one_looks_and_whatever_is_lost(world, asked):
    for minutes in (6, 7, 60, 60 * 24):
        round_at(ENDS + timedelta(minutes=minutes))
    assert len(tasks(world)) == 1
    change("DELETE FROM fhir_deadline")
    round_at(AFTER + timedelta(days=2))
    assert (len(tasks(world)), len(messages(world, MISSED))) == (1, 1)


def test_what_was_answered_in_time_is_not_missed_and_nothing_is_left_to_look_for(world, asked):
    asked.submit(bundle_of(asked.response(answers(GOOD))))
    assert round_at(AFTER) == 1
    assert tasks(world) == []
    assert round_at(AFTER + timedelta(days=1)) == 0


def test_a_late_answer_closes_the_task(world, asked):
    round_at(AFTER)
    late = AFTER + timedelta(hours=1)
    asked.submit(bundle_of(asked.response(answers(GOOD))), now=late)
    [task] = tasks(world)
    assert task["status"] == "completed"
    assert [each["status"] for each in tasks(world, "MeasurementForAssessment")] == ["requested"], "the answer's own"


def test_each_slot_of_a_rhythm_is_missed_by_itself(world, nancy):
    weekly = EveryWeeks(weeks=1, first=date(2026, 11, 24), until=date(2026, 12, 9), days=3)
    nancy.gets(weekly)
    round_at(MONDAY)
    counted = {}
    for day in (3, 4, 10, 11, 17, 18):
        round_at(MONDAY + timedelta(days=day))
        counted[day] = len(tasks(world))
    # From Tuesday at midnight, three days: on the 27th, the 4th and the 11th, and looked at by ten.
    assert counted == {3: 0, 4: 1, 10: 1, 11: 2, 17: 2, 18: 3}


def test_after_a_long_stop_the_worker_catches_up_by_no_more_than_four_weeks(world, nancy):
    nancy.gets(EveryWeeks(weeks=1, first=date(2026, 11, 24), until=date(2027, 3, 1), days=3))
    round_at(MONDAY + timedelta(days=70))
    assert len(tasks(world)) == 4


def test_what_is_paused_is_not_missed(world, asked):
    plan = all_of(world, "CarePlan", MONDAY)[0]
    changed(world, f"CarePlan/{plan['id']}", status="on-hold")
    round_at(AFTER)
    changed(world, f"CarePlan/{plan['id']}", status="active")
    changed(world, asked.due.service_request, note=[{"text": "Ringet"}])
    round_at(AFTER + timedelta(days=1))
    assert tasks(world) == []


def test_what_is_asked_in_a_named_version_is_missed_too(world, asked):
    [plan] = all_of(world, "CarePlan", MONDAY)
    pinned = {"reference": {"reference": f"{asked.due.service_request}/_history/1"}}
    changed(world, f"CarePlan/{plan['id']}", activity=[{**plan["activity"][0], **pinned}])
    round_at(AFTER)
    [task] = tasks(world)
    assert task["focus"] == {"reference": asked.due.service_request}


def test_what_the_guide_does_not_miss_is_not_missed(world, asked):
    meeting = {"coding": [{"system": ehealth.ACTIVITYDEFINITION_CODE, "code": "229057006"}]}
    changed(world, asked.due.service_request, code=meeting)
    assert round_at(AFTER) == 0
    assert tasks(world) == []


def test_a_request_for_silence_keeps_the_message_back_but_not_the_task(world, asked):
    silence = wish(asked.nancy.patient, ehealth.TASK_CATEGORY_CODES, MISSED, doNotPerform=True, **since(MONDAY))
    world.gateway.create(silence, by=SYSTEM, now=MONDAY)
    round_at(AFTER)
    assert (len(tasks(world)), messages(world, MISSED)) == (1, [])


def test_one_that_cannot_be_read_holds_nobody_else_up(world, asked, monkeypatch):
    whole = missing.new_task

    def task_of(session, episode, care_plan, **about):
        if about["focus"] == asked.due.service_request:
            raise ValueError("The sky fell")
        return whole(session, episode, care_plan, **about)

    asked.nancy.gets()
    round_at(MONDAY + timedelta(hours=1))
    monkeypatch.setattr(missing, "new_task", task_of)
    round_at(AFTER)
    assert len(tasks(world)) == 1
    monkeypatch.undo()
    round_at(AFTER + timedelta(minutes=59))
    assert len(tasks(world)) == 1
    round_at(AFTER + timedelta(hours=1))
    assert len(tasks(world)) == 2


def test_it_reads_as_often_for_many_as_for_a_few_and_hardly_ever_before_their_time(world, nancy, monkeypatch):
    said = []
    whole = database._rows
    monkeypatch.setattr(database, "_rows", lambda *given, **how: said.append(given[0]) or whole(*given, **how))

    def cost(now):
        said.clear()
        round_at(now)
        return len(said)

    nancy.gets()
    round_at(MONDAY)
    round_at(MONDAY + timedelta(hours=1))
    assert cost(MONDAY + timedelta(hours=2)) < 20, "nothing is looked through whose time has not come"
    for days in (20, 30, 30):
        nancy.gets(Now(days=days))
    answer_all(nancy)
    few, many = cost(AFTER + timedelta(days=7)), cost(AFTER + timedelta(days=20))
    assert many <= few


def test_several_workers_tell_it_once_and_a_late_answer_meets_no_open_task(real_world):
    nancy = real_world.enrol(NANCY)
    for _ in range(4):
        nancy.gets()
    round_at(MONDAY)
    together = at_the_same_time(*[lambda _: round_at(AFTER)] * 3)
    assert not [each for each in together if isinstance(each, BaseException)], together
    round_at(AFTER)
    assert len(tasks(real_world)) == 4
    assert len({task["focus"]["reference"] for task in tasks(real_world)}) == 4


def test_an_answer_at_the_moment_the_worker_looks_leaves_no_open_task(real_world):
    nancy = real_world.enrol(NANCY)
    nancy.gets()
    asked = asked_of(nancy)
    round_at(MONDAY)
    bundle = bundle_of(asked.response(answers(BAD)))
    together = at_the_same_time(lambda _: asked.submit(bundle, now=AFTER), lambda _: round_at(AFTER))
    assert not [each for each in together if isinstance(each, BaseException)], together
    round_at(AFTER)
    assert [each["status"] for each in tasks(real_world)] in ([], ["completed"])


def test_an_answer_that_is_on_its_way_when_a_worker_looks_for_the_first_time_leaves_no_open_task(
    real_world, monkeypatch
):
    nancy = real_world.enrol(NANCY)
    nancy.gets()
    asked = asked_of(nancy)
    bundle = bundle_of(asked.response(answers(GOOD)))
    has_looked, worker_is_done = Event(), Event()
    whole = afterwards.close

    def close(*given):
        whole(*given)
        has_looked.set()
        worker_is_done.wait(0.3)

    def looks(_):
        has_looked.wait(10)
        round_at(AFTER)
        worker_is_done.set()

    monkeypatch.setattr(afterwards, "close", close)
    together = at_the_same_time(lambda _: asked.submit(bundle, now=AFTER), looks)
    assert not [each for each in together if isinstance(each, BaseException)], together
    round_at(AFTER)
    assert [each["status"] for each in tasks(real_world)] in ([], ["completed"])


def test_what_a_crash_interrupts_is_done_again(real_world, monkeypatch):
    nancy = real_world.enrol(NANCY)
    nancy.gets()
    round_at(MONDAY)

    def cut(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(deadlines, "put", cut)
    monkeypatch.setattr(deadlines, "remove", cut)
    with pytest.raises(KeyboardInterrupt):
        round_at(AFTER)
    monkeypatch.undo()
    assert tasks(real_world) == []
    round_at(AFTER)
    assert (len(tasks(real_world)), len(messages(real_world, MISSED))) == (1, 1)


def test_what_was_changed_at_one_moment_is_learnt_whole_however_much_it_is(world, nancy, monkeypatch):
    monkeypatch.setattr(rounds, "_PAGE", 2)
    monkeypatch.setattr(rounds, "_PAGES", 1)
    for _ in range(5):
        nancy.gets()
    round_at(MONDAY + timedelta(hours=1))
    assert len(deadlines.take("missing", AFTER, 10)) == 2, "a page, and the rest is for the next round"
    round_at(MONDAY + timedelta(hours=1))
    assert len(deadlines.take("missing", AFTER, 10)) == 5
