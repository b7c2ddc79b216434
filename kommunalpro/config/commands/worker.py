import logging
import signal
from threading import Event
from typing import Annotated

import typer
from django.conf import settings

from kommunalpro.config import wiring
from kommunalpro.config.connections import DATABASE_ERRORS, database_in_order
from kommunalpro.fhirserver.sealing import seal
from kommunalpro.identity.keys import read_audit_key

log = logging.getLogger(__name__)

EVERY = 10
"""Seconds between two rounds."""

Once = Annotated[bool, typer.Option("--once", help="Do what there is to do, then stop.")]


def worker(once: Once = False) -> None:
    """Do what goes on behind the pages: seal the audit log and write its head to the log."""
    wiring.check_base_url()
    key = read_audit_key(settings.KEYS_DIRECTORY)
    if once:
        work(key)
        return
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        try:
            work(key)
        except DATABASE_ERRORS:
            # Every job is idempotent: the next round does what this one could not.
            log.exception("The database did not let a round be finished")
        stopped.wait(EVERY)


def work(key: bytes) -> None:
    """Do one round; the same again changes nothing."""
    with database_in_order():
        head = seal(key)
        log.info("Audit head %s", head)
