"""What a stored measurement brings about besides its assessment.

What waited for it begins, the Task of what missed it is closed, and somebody is told where nobody had asked for it.
Whatever goes wrong here is rolled back to where it began, and a Task says so: it never refuses a citizen's answer.
"""

import logging
from collections.abc import Callable, Iterator
from functools import partial

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.deadlines.missing import close
from kommunalpro.fut.processing import report_failure
from kommunalpro.fut.timing import DENMARK, slot_at
from kommunalpro.fut.triggers import is_waited_for, release
from kommunalpro.fut.unexpected import as_answered, is_expected, tell

log = logging.getLogger(__name__)


def follow(session: Session, response: Json, care_plan: Json | None) -> None:
    """Do what a measurement brings about, in the transaction that stores it; mostly that is nothing."""
    system = session.elevated()
    try:
        to_do = list(_to_do(system, response, care_plan))
    except Exception:
        log.exception("What follows a measurement cannot be told: %s", own_url(session.server.base_url, response))
        _report(system, response, care_plan)
        return
    for each in to_do:
        try:
            with system.savepoint():
                each()
        except Exception:
            log.exception("What follows a measurement failed: %s", own_url(session.server.base_url, response))
            _report(system, response, care_plan)


def _to_do(session: Session, response: Json, care_plan: Json | None) -> Iterator[Callable[[], None]]:
    """Give what there is to do, told by what is at hand."""
    request = session.system_read(response["basedOn"][0]["reference"])
    if care_plan and is_waited_for(session, care_plan):
        yield partial(release, session, care_plan)
    timing = extension(response, ehealth.RESOLVED_TIMING) or {}
    start, end = (extension_value(timing, name) for name in ("start", "end"))
    # Before its slot has ended it has no Task that says it is missing.
    if start is not None and end is not None and parse_datetime(end, DENMARK) <= session.now:
        slot = slot_at(request, begins := parse_datetime(start, DENMARK))
        yield partial(close, session, request, begins, slot.requested if slot else 1)
    if not is_expected(timing, as_answered(session, request, timing), session.now):
        yield partial(tell, session, response, care_plan)


def _report(session: Session, response: Json, care_plan: Json | None) -> None:
    episode = session.system_read(extension_value(response, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"])
    report_failure(session, response, episode, care_plan, "urgent")
