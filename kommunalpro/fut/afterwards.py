"""What a stored measurement brings about besides its assessment.

What waited for it begins, the Task of what missed it is closed, and somebody is told where nobody had asked for it:
three steps that know nothing of each other. They are tried together, for a savepoint costs two statements and mostly
nothing follows; where that fails each is tried by itself, so that what is wrong with one holds no other up. Whatever
goes wrong is rolled back to where it began, and a Task says so: it never refuses a citizen's answer.
"""

import logging
from collections.abc import Callable, Sequence

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.deadlines.asked import timing_start
from kommunalpro.fut.deadlines.missing import close, miss_again
from kommunalpro.fut.measurements import PLANS
from kommunalpro.fut.processing import report_failure
from kommunalpro.fut.timing import slot_at
from kommunalpro.fut.triggers import is_waited_for, release
from kommunalpro.fut.unexpected import as_answered, is_expected, tell

log = logging.getLogger(__name__)

_Step = Callable[[Session, Json, Json | None], None]


def follow(session: Session, response: Json, care_plan: Json | None) -> None:
    """Do what a measurement brings about, in the transaction that stores it; mostly that is nothing."""
    _follow(session.elevated(), _STEPS, response, care_plan)


def follow_validity(session: Session, response: Json) -> None:
    """Do what it brings about that an answer counts no more, or counts again."""
    steps = (_miss_again,) if response["status"] == "entered-in-error" else (_release_again, _close)
    _follow(session.elevated(), steps, response, None)


def care_plan_of(session: Session, measurement: Json) -> Json | None:
    """Give the plan that asks for what a measurement answers; None: none does."""
    request = measurement["basedOn"][0]["reference"]
    _, plans = session.system_read_referred([request], by=PLANS)
    return next(iter(plans), None)


def _follow(system: Session, steps: Sequence[_Step], response: Json, care_plan: Json | None) -> None:
    if _succeeds(system, steps, response, care_plan):
        return
    alone = [_succeeds(system, (step,), response, care_plan) for step in steps]
    if not all(alone):
        _succeeds(system, (_report,), response, care_plan)


def _succeeds(session: Session, steps: Sequence[_Step], response: Json, care_plan: Json | None) -> bool:
    # What is read may fail as well, and nothing can be done in PostgreSQL after a statement that failed.
    try:
        with session.savepoint():
            for step in steps:
                step(session, response, care_plan)
    except Exception:
        log.exception("What follows a measurement failed: %s", own_url(session.server.base_url, response))
        return False
    return True


def _release(session: Session, response: Json, care_plan: Json | None) -> None:
    """Let begin what waited for it."""
    if care_plan and is_waited_for(session, care_plan):
        release(session, care_plan)


def _release_again(session: Session, response: Json, care_plan: Json | None) -> None:
    """Let begin what waited for it, now that it counts again."""
    _release(session, response, care_plan_of(session, response))


def _close(session: Session, response: Json, care_plan: Json | None) -> None:
    """Close the Task that says it is missing; before its slot has ended it has none."""
    timing = extension(response, ehealth.RESOLVED_TIMING) or {}
    start, end = (extension_value(timing, name) for name in ("start", "end"))
    if start is None or end is None or parse_datetime(end) > session.now:
        return
    request = _request(session, response)
    slot = slot_at(request, begins := parse_datetime(start))
    close(session, request, begins, slot.requested if slot else 1)


def _miss_again(session: Session, response: Json, care_plan: Json | None) -> None:
    """Tell the team that it is missing, as if it had never come."""
    start = timing_start(response)
    if start is not None:
        miss_again(session, _request(session, response), start)


def _tell(session: Session, response: Json, care_plan: Json | None) -> None:
    """Tell somebody that nobody had asked for it."""
    timing = extension(response, ehealth.RESOLVED_TIMING) or {}
    request = as_answered(session, _request(session, response), timing)
    if not is_expected(timing, request, session.now):
        tell(session, response, care_plan)


_STEPS: tuple[_Step, ...] = (_release, _close, _tell)


def _request(session: Session, response: Json) -> Json:
    return session.system_read(response["basedOn"][0]["reference"])


def _report(session: Session, response: Json, care_plan: Json | None) -> None:
    episode = session.system_read(extension_value(response, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"])
    report_failure(session, response, episode, care_plan, "urgent")
