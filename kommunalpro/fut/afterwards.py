"""What a stored measurement brings about besides its assessment: what waited for it begins, what missed it is closed.

Whatever goes wrong here is rolled back to where it began, and a Task says so: it never refuses a citizen's answer.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.deadlines.missing import close
from kommunalpro.fut.processing import report_failure
from kommunalpro.fut.timing import slot_at
from kommunalpro.fut.triggers import release

log = logging.getLogger(__name__)


def follow(session: Session, response: Json, care_plan: Json | None) -> None:
    """Do what a measurement brings about, in the transaction that stores it."""
    system = session.elevated()
    if care_plan:
        _guarded(system, response, care_plan, lambda: release(system, care_plan))
    _guarded(system, response, care_plan, lambda: _close_if_late(system, response))


def _close_if_late(session: Session, response: Json) -> None:
    """Close the Task of a missing measurement; before its slot has ended there is none."""
    timing = extension(response, ehealth.RESOLVED_TIMING) or {}
    start, end = (extension_value(timing, name) for name in ("start", "end"))
    if start is None or end is None or datetime.fromisoformat(end) > session.now:
        return
    request = session.system_read(response["basedOn"][0]["reference"])
    slot = slot_at(request, begins := datetime.fromisoformat(start))
    close(session, request, begins, slot.requested if slot else 1)


def _guarded(session: Session, response: Json, care_plan: Json | None, run: Callable[[], None]) -> None:
    try:
        with session.savepoint():
            run()
    except Exception:
        log.exception("What follows a measurement failed: %s", own_url(session.server.base_url, response))
        episode = session.system_read(extension_value(response, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"])
        report_failure(session, response, episode, care_plan, "urgent")
