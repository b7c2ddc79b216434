import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Annotated

import typer
from django.conf import settings

from kommunalpro.config import wiring
from kommunalpro.config.connections import database_in_order
from kommunalpro.fhirserver.export.running import run_batch, sweep
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.sealing import Head, seal
from kommunalpro.fut.deadlines.reminders import Reminding
from kommunalpro.fut.deadlines.rounds import work
from kommunalpro.fut.pipeline import assessments
from kommunalpro.identity.elsewhere import tokens as elsewhere

log = logging.getLogger(__name__)

EVERY = 10
"""Seconds between two rounds of sealing."""
PAUSE = 1
"""Seconds until it is looked again whether somebody has asked for an export."""

Once = Annotated[bool, typer.Option("--once", help="Do what there is to do, then stop.")]


def worker(once: Once = False) -> None:
    """Do what goes on behind the pages: seal the audit log, see to what has come to its time, and make bulk exports.

    Sign-ins at the national infrastructure that are over are thrown away, with their refresh tokens.
    What has come to its time: reminders, answers that are missing, scheduled changes of status, and
    what a strict server has left to be assessed. The head of the
    audit log is written to the log.

    Several may run: they share the work.
    """
    wiring.check_base_url()
    wiring.check_exports()
    if once:
        see_to_deadlines()
        sweep_exports()
        sweep_sign_ins()
        while export():
            pass
        seal_log(None)
        return
    stopped, head = Event(), None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        until = time.monotonic() + EVERY
        with whatever_fails("The audit log was not sealed"):
            head = seal_log(head)
        with whatever_fails("What has come to its time was not seen to"):
            see_to_deadlines()
        with whatever_fails("Exports that are kept no longer were not removed"):
            sweep_exports()
        with whatever_fails("Sign-ins that are over were not removed"):
            sweep_sign_ins()
        with whatever_fails("Exports were not made"):
            export_until(until, stopped)
        stopped.wait(max(0.0, until - time.monotonic()))


@contextmanager
def whatever_fails(what: str) -> Iterator[None]:
    """Go on when the database or the disk does not let something be finished: each job is idempotent.

    The next round does what this one could not, and the other jobs do not wait for it.
    """
    try:
        yield
    except (*DATABASE_ERRORS, OSError):
        log.exception("%s", what)


def seal_log(said: Head | None) -> Head:
    """Seal; gives the head, which is in the log once it is another."""
    with database_in_order():
        head = seal(wiring.server().audit_key)
    if head != said:
        log.info("Audit head %s", head)
    return head


def see_to_deadlines() -> None:
    """Do a round of what has come to its time."""
    with database_in_order():
        reminding = Reminding(settings.REMINDER_DAYS, settings.REMINDER_HOUR)
        work(wiring.server(), wiring.clock().now(), reminding, [assessments()])


def sweep_exports() -> None:
    """Remove exports that are kept no longer."""
    with database_in_order():
        sweep(wiring.exports(), wiring.clock().now())


def sweep_sign_ins() -> None:
    """Remove sign-ins at the national infrastructure that are over."""
    with database_in_order():
        elsewhere.sweep(wiring.clock().now())


def export_until(moment: float, stopped: Event) -> None:
    """Make what somebody asks for, until it is time for something else; as long as there is nothing, wait."""
    while time.monotonic() < moment and not stopped.is_set():
        if not export():
            stopped.wait(PAUSE)


def export() -> bool:
    """Make one batch of a bulk export; False when nobody waits for any."""
    with database_in_order():
        return run_batch(wiring.server(), wiring.exports(), wiring.clock().now())
