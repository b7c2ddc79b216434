"""Whatever the moments at which a worker looks, and whatever happens meanwhile, the same is told as missing to all."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kommunalpro.care.due import due_for
from kommunalpro.care.sending import EveryWeeks
from kommunalpro.care.team_due import team_due
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK, parse_datetime, to_datetime
from kommunalpro.fhir.extension import complex_extension, extension, extension_value
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.deadlines import all_of, round_at, tasks
from tests.unit.care.world import MONDAY

WEEKLY = EveryWeeks(weeks=1, first=date(2026, 11, 24), until=date(2026, 12, 9), days=3)
ENDS = [datetime(2026, month, day, tzinfo=DENMARK) for month, day in ((11, 27), (12, 4), (12, 11))]
"""From each Tuesday at midnight, three days."""
LATER = ENDS[-1] + timedelta(days=2)
"""After all that happens."""
STATUSES = {
    "ServiceRequest": ("on-hold", "completed", ehealth.SERVICEREQUEST_STATUS_SCHEDULE),
    "CarePlan": ("on-hold", "completed", ehealth.CAREPLAN_STATUS_SCHEDULE),
    "EpisodeOfCare": ("onhold", "finished", ehealth.EPISODEOFCARE_STATUS_SCHEDULE),
}
"""Type → how it says that it is paused, and that it is over; and where it says that it will be."""


@dataclass(frozen=True)
class Course:
    """What becomes of one of the three: it is active between `changes`, which begin a pause and end it in turn.

    `is_over`: the last of them ends it for good. By hand it is done when it happens, else it was scheduled on Monday.
    """

    type: str
    changes: tuple[datetime, ...]
    is_over: bool
    by_hand: bool

    def statuses(self):
        paused, over, _ = STATUSES[self.type]
        named = [paused, "active"] * len(self.changes)
        if self.is_over:
            named[len(self.changes) - 1] = over
        return list(zip(self.changes, named, strict=False))

    def is_active_at(self, end):
        """Tell whether it was active just before: what ends in the moment in which a pause begins, ended before it."""
        before = [status for at, status in self.statuses() if at < end]
        return not before or before[-1] == "active"


MOMENTS = st.sampled_from(
    sorted(end + timedelta(minutes=minutes) for end in ENDS for minutes in (-(60 * 30), -1, 0, 2, 5, 7, 60 * 30))
)


@st.composite
def courses(draw, type):
    # A pause of the plan ends, or the plan does: nothing is scheduled to be paused for good.
    changes = sorted(draw(st.sets(MOMENTS, max_size=4)))
    is_over = len(changes) % 2 == 1
    return Course(type, tuple(changes), is_over, draw(st.booleans()))


COURSES = st.tuples(*(courses(type) for type in STATUSES))


def course(type, *minutes, by_hand, is_over=False):
    """A course that changes so many minutes after the first slot's end."""
    return Course(type, tuple(ENDS[0] + timedelta(minutes=each) for each in minutes), is_over, by_hand)


def as_it_is(*types):
    return tuple(Course(type, (), is_over=False, by_hand=True) for type in types)


def current(world, type):
    [found] = all_of(world, type, MONDAY)
    return found


def change(world, type, at, **elements):
    found = current(world, type)
    operations = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in elements.items()]
    world.gateway.patch(f"{type}/{found['id']}", operations, if_match=None, by=SYSTEM, now=at)


def schedule(world, made):
    *_, url = STATUSES[made.type]
    entries = [
        complex_extension(
            url, {"url": "status", "valueCode": status}, {"url": "scheduledTime", "valueDateTime": to_datetime(at)}
        )
        for at, status in made.statuses()
    ]
    extensions = current(world, made.type)["extension"]
    change(world, made.type, MONDAY, extension=[*extensions, *entries])


def happen(world, made, rounds):
    """Let all of it happen, in order of time, and the worker look at these moments.

    And twice at the end: what a round has changed, the next one learns.
    """
    by_hand = [(at, each.type, status) for each in made if each.by_hand for at, status in each.statuses()]
    for each in made:
        if not each.by_hand:
            schedule(world, each)
    looks = [(at, None, None) for at in (*rounds, LATER, LATER + timedelta(seconds=10))]
    for at, type, status in sorted([*by_hand, *looks], key=lambda each: each[0]):
        if type is None:
            round_at(at)
        else:
            change(world, type, at, status=status)


def told(world):
    """Give when the slots ended that the team has a Task about."""
    timings = [extension(task, ehealth.RESOLVED_TIMING) for task in tasks(world)]
    return sorted(parse_datetime(extension_value(each, "end")) for each in timings)


def overdue(world):
    """Give when the slots ended that stand among what is overdue."""
    due = team_due(world.gateway, by=world.asta, now=LATER + timedelta(minutes=1))
    return sorted(each.closes for each in due if each.state == "missed")


def missed_by(nancy):
    """Give when the slots ended that Nancy's own page says she has missed; it says nothing of what is asked no more."""
    found = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    return sorted(each.closes for each in found if each.state(LATER) == "missed")


@pytest.fixture
def outcome(world, nancy):
    """What is told, and what stands among what is overdue, when all has happened; then it is as before."""
    nancy.gets(WEEKLY)
    round_at(MONDAY)

    def of(made, rounds):
        with transaction.atomic():
            happen(world, made, rounds)
            found = told(world), overdue(world), missed_by(nancy)
            transaction.set_rollback(True)
        return found

    return of


PLAN, EPISODE, REQUEST = "CarePlan", "EpisodeOfCare", "ServiceRequest"


@example((course(PLAN, 0, by_hand=True, is_over=True), *as_it_is(REQUEST, EPISODE)), {ENDS[0] + timedelta(minutes=1)})
@example((course(PLAN, 2, by_hand=True, is_over=True), *as_it_is(REQUEST, EPISODE)), {ENDS[0] + timedelta(minutes=4)})
@example((course(PLAN, -60, 60, by_hand=False), *as_it_is(REQUEST, EPISODE)), set())
@example((course(REQUEST, -60, 60, by_hand=False), *as_it_is(PLAN, EPISODE)), set())
@example((course(EPISODE, -60, 60, by_hand=False), *as_it_is(PLAN, REQUEST)), set())
@example(
    (*as_it_is(REQUEST, PLAN), Course(EPISODE, (ENDS[-1] + timedelta(hours=30),), is_over=True, by_hand=True)), set()
)
@example((course(REQUEST, -2, by_hand=False, is_over=True), *as_it_is(PLAN, EPISODE)), {ENDS[0] + timedelta(minutes=2)})
@given(COURSES, st.sets(MOMENTS, max_size=5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_missed_is_what_ended_while_all_of_it_was_active(outcome, made, rounds):
    missed = [end for end in ENDS if all(each.is_active_at(end) for each in made)]
    is_asked_still = all(each.is_active_at(LATER) for each in made)
    assert outcome(made, rounds) == (missed, missed, missed if is_asked_still else [])
