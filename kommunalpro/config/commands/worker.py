import logging
import signal
import time
from threading import Event
from typing import Annotated

import typer
from django.conf import settings

from kommunalpro.config import wiring
from kommunalpro.config.connections import database_in_order
from kommunalpro.fhirserver.export.running import run_batch, sweep
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.sealing import seal
from kommunalpro.identity.keys import read_audit_key

log = logging.getLogger(__name__)

EVERY = 10
"""Seconds between two rounds of sealing."""
PAUSE = 1
"""Seconds until it is looked again whether somebody has asked for an export."""

Once = Annotated[bool, typer.Option("--once", help="Do what there is to do, then stop.")]


def worker(once: Once = False) -> None:
    """Do what goes on behind the pages: seal the audit log, write its head to the log, and make bulk exports."""
    wiring.check_base_url()
    key = read_audit_key(settings.KEYS_DIRECTORY)
    if once:
        work(key)
        while export():
            pass
        return
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        try:
            work(key)
            export_until(time.monotonic() + EVERY, stopped)
        except (*DATABASE_ERRORS, OSError):
            # Every job is idempotent: the next round does what this one could not.
            log.exception("The database or the disk did not let a round be finished")
            stopped.wait(EVERY)


def work(key: bytes) -> None:
    """Seal; the same again changes nothing."""
    with database_in_order():
        head = seal(key)
        log.info("Audit head %s", head)


def export_until(moment: float, stopped: Event) -> None:
    """Make what somebody asks for, until it is time for something else; as long as there is nothing, wait."""
    while time.monotonic() < moment and not stopped.is_set():
        if not export():
            stopped.wait(PAUSE)


def export() -> bool:
    """Make one batch of a bulk export; False when nobody waits for any."""
    server, place, now = wiring.server(), wiring.exports(), wiring.clock().now()
    with database_in_order():
        if run_batch(server, place, now):
            return True
        sweep(place, now)
    return False
