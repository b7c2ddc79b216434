"""What has no page of its own is seen to where it stands: what is overdue, and what came when nobody had asked."""

import re
from datetime import timedelta

import pytest

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.due import due_for
from kommunalpro.care.follow_up import complete_task
from kommunalpro.care.worklist import worklist
from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fut import processing
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.demo import save_demo_persons
from tests.browser import Browser
from tests.gateway.answering import GOOD, Asked, answers, bundle_of
from tests.gateway.deadlines import AFTER, all_of, round_at, tasks
from tests.unit.care.world import MONDAY

UNEXPECTED = "UnexpectedMeasurementResolving"


@pytest.fixture
def asta(world, nancy, monkeypatch):
    """A browser in which Asta is logged in, after the slot has ended."""
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(AFTER))
    save_demo_persons([world.staff["asta"].person])
    client = Browser()
    client.post("/log-ind/", {"person": "asta"})
    return client


def see(client, tab):
    return client.get(f"/medarbejder/?fane={tab}").content.decode().split("<main", 1)[-1]


def settles(client, page):
    """Press the one button that is there."""
    [form] = re.findall(r'<form class="staff-row-settle".*?</form>', page, re.DOTALL)
    [address] = re.findall(r'action="([^"]+)"', form)
    return client.post(address, dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)))


def is_asked_every_minute(world, hours):
    """Let what Nancy was sent come every minute instead, for so long before the clock of these stories."""
    [request] = all_of(world, "ServiceRequest", MONDAY)
    bounds = {"start": to_datetime(AFTER - timedelta(hours=hours)), "end": to_datetime(AFTER)}
    every_minute = {"boundsPeriod": bounds, "frequency": 1, "period": 1, "periodUnit": "min"}
    timing = [
        {"op": "remove", "path": "/occurrencePeriod"},
        {"op": "add", "path": "/occurrenceTiming", "value": {"repeat": every_minute}},
    ]
    world.gateway.patch(f"ServiceRequest/{request['id']}", timing, if_match=None, by=SYSTEM, now=MONDAY)


def comes_unasked(world, nancy):
    [due] = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    asked = Asked(nancy, due)
    response = asked.response(answers(GOOD))
    unasked = {**response, "extension": [response["extension"][0], asked.timing("Unresolved", start=None, end=None)]}
    asked.submit(bundle_of(unasked))


def test_what_is_overdue_is_seen_to_where_it_stands_once_somebody_was_told(world, asta):
    assert "staff-row-settle" not in see(asta, "forfaldne"), "there is nothing to close yet"
    round_at(AFTER)
    assert settles(asta, see(asta, "forfaldne")).headers["Location"] == "/medarbejder/?fane=forfaldne"
    [task] = tasks(world)
    assert (task["status"], task["owner"]) == ("completed", {"reference": world.asta.user})
    assert "Nancy" not in see(asta, "forfaldne")


def test_what_is_overdue_every_minute_is_one_row_that_is_seen_to_at_once(world, asta):
    is_asked_every_minute(world, hours=2)
    round_at(AFTER)
    made = tasks(world)
    assert len(made) > 40
    page = see(asta, "forfaldne")
    assert page.count('<li class="staff-row staff-row-due">') <= 3
    row = next(each for each in page.split("<li ") if "Alle set til" in each)
    assert "hvert minut" in row
    settles(asta, row)
    assert {each["status"] for each in tasks(world)} == {"completed"}
    assert "Alle set til" not in see(asta, "forfaldne")


def test_a_row_is_seen_to_no_more_once_a_colleague_was_there(world, asta):
    is_asked_every_minute(world, hours=2)
    round_at(AFTER)
    row = next(each for each in see(asta, "forfaldne").split("<li ") if "Alle set til" in each)
    settles(asta, row)
    assert settles(asta, row).status_code == 412


def test_the_page_of_an_answer_closes_the_task_about_its_assessment_and_no_other(world, nancy, asta, monkeypatch):
    def fails(*_):
        raise ValueError("The sky fell")

    monkeypatch.setattr(processing, "assess", fails)
    comes_unasked(world, nancy)
    [url] = [each.response for each in worklist(world.gateway, by=world.asta, now=AFTER).items if each.is_unexpected]
    by = nancy.seen_by(world.asta)
    task = read_interpreted(world.gateway, url, by=by, now=AFTER).task
    complete_task(world.gateway, task.url, version=task.version, note="Læst.", by=by, now=AFTER)
    assert [each["status"] for each in tasks(world, UNEXPECTED)] == ["requested"]
    assert read_interpreted(world.gateway, url, by=by, now=AFTER).task is None, "the assessment is done"


def test_what_came_unasked_stands_among_the_answers_until_it_is_seen_to(world, nancy, asta):
    comes_unasked(world, nancy)
    page = see(asta, "nye")
    assert "Kom på et uventet tidspunkt" in page
    assert page.count('<span class="staff-row-light"></span>') == 1, "the light stands with the answer's own task"
    assert settles(asta, page).headers["Location"] == "/medarbejder/?fane=nye"
    assert [each["status"] for each in tasks(world, UNEXPECTED)] == ["completed"]
    assert "Kom på et uventet tidspunkt" not in see(asta, "nye")
    assert [each["status"] for each in tasks(world, "MeasurementForAssessment")] == ["requested"]
