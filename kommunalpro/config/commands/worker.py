import logging
import signal
import time
from threading import Event
from typing import Annotated

import typer

from kommunalpro.config import wiring
from kommunalpro.config.connections import database_in_order
from kommunalpro.fhirserver.export.running import run_batch, sweep
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.sealing import Head, seal

log = logging.getLogger(__name__)

EVERY = 10
"""Seconds between two rounds of sealing."""
PAUSE = 1
"""Seconds until it is looked again whether somebody has asked for an export."""

Once = Annotated[bool, typer.Option("--once", help="Do what there is to do, then stop.")]


def worker(once: Once = False) -> None:
    """Do what goes on behind the pages: seal the audit log, write its head to the log, and make bulk exports.

    Several may run: they share the work.
    """
    wiring.check_base_url()
    if once:
        seal_and_sweep(None)
        while export():
            pass
        return
    stopped, head = Event(), None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        try:
            head = seal_and_sweep(head)
            export_until(time.monotonic() + EVERY, stopped)
        except (*DATABASE_ERRORS, OSError):
            # Every job is idempotent: the next round does what this one could not.
            log.exception("The database or the disk did not let a round be finished")
            stopped.wait(EVERY)


def seal_and_sweep(said: Head | None) -> Head:
    """Seal, and remove exports that are kept no longer; gives the head, which is in the log once it is another."""
    with database_in_order():
        head = seal(wiring.server().audit_key)
        if head != said:
            log.info("Audit head %s", head)
        sweep(wiring.exports(), wiring.clock().now())
    return head


def export_until(moment: float, stopped: Event) -> None:
    """Make what somebody asks for, until it is time for something else; as long as there is nothing, wait."""
    while time.monotonic() < moment and not stopped.is_set():
        if not export():
            stopped.wait(PAUSE)


def export() -> bool:
    """Make one batch of a bulk export; False when nobody waits for any."""
    with database_in_order():
        return run_batch(wiring.server(), wiring.exports(), wiring.clock().now())
