"""What a stored measurement brings about besides its assessment: what waited for it begins.

Whatever goes wrong here is rolled back to where it began, and a Task says so: it never refuses a citizen's answer.
"""

import logging
from collections.abc import Callable

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.processing import report_failure
from kommunalpro.fut.triggers import release

log = logging.getLogger(__name__)


def follow(session: Session, response: Json, care_plan: Json | None) -> None:
    """Do what a measurement brings about, in the transaction that stores it."""
    system = session.elevated()
    if care_plan:
        _guarded(system, response, care_plan, lambda: release(system, care_plan))


def _guarded(session: Session, response: Json, care_plan: Json | None, run: Callable[[], None]) -> None:
    try:
        with session.savepoint():
            run()
    except Exception:
        log.exception("What follows a measurement failed: %s", own_url(session.server.base_url, response))
        episode = session.system_read(extension_value(response, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"])
        report_failure(session, response, episode, care_plan, "urgent")
