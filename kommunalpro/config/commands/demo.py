import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from kommunalpro.config import wiring
from kommunalpro.config.commands.migrate import prepare
from kommunalpro.config.commands.serve import Port, check_ready, run_server
from kommunalpro.config.demo.load import load
from kommunalpro.config.failure import CommandFailed
from kommunalpro.config.progress import Bar, say
from kommunalpro.identity.demo import demo_persons

_END_WITH = "from kommunalpro.config.running import end_with; end_with"
"""The first that the worker does, before it takes its time to start."""

Reset = Annotated[bool, typer.Option("--reset", help="Throw away everything in the demo's database and begin again.")]
Serve = Annotated[bool, typer.Option("--serve", help="Then serve it.")]


def demo(reset: Reset = False, serve: Serve = False, port: Port = 8000) -> None:
    """Prepare the demo: database, fictive people, three months of answers. Prints who to log in as."""
    if not settings.DEMO:
        raise CommandFailed("This is production (KOMMUNALPRO_DEMO=False); there is no demo here.")
    prepare()
    fill(reset=reset)
    if serve:
        check_ready("127.0.0.1", port)
    announce(port)
    if serve:
        with worker_beside():
            run_server(port=port, host="127.0.0.1", workers=2, threads=4)


@contextmanager
def worker_beside() -> Iterator[None]:
    """Seal the log and make exports for as long as the demo is served: a process of its own, as elsewhere."""
    # No thread: the server forks, and SQLite's locks do not survive that.
    run = f"{_END_WITH}({os.getpid()}); from kommunalpro.config.cli import main; main()"
    worker = subprocess.Popen([sys.executable, "-c", run, "worker"], stdin=subprocess.DEVNULL)  # noqa: S603
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def fill(*, reset: bool) -> None:
    """Make the demo's data, unless they are there: all of them or, when it is interrupted, none."""
    if reset:
        say("Throwing away the demo's data …")
        wiring.exports().remove_all()
        call_command("flush", interactive=False, verbosity=0)
        prepare()
    if demo_persons():
        return
    with transaction.atomic():  # Also a third quicker: a disk is waited for once, and not a thousand times.
        load(wiring.gateway(), wiring.clock().now(), Bar())


def announce(port: int) -> None:
    """Say where to go and who to be."""
    address = f"http://127.0.0.1:{port}"
    typer.echo(f"\nKommunal PRO: {address}\nFHIR:         {address}/fhir/metadata")
    if f"{address}/fhir" != settings.FHIR_BASE_URL:
        typer.echo(f"              Ressourcer hedder {settings.FHIR_BASE_URL}/…, også når porten er en anden.")
    typer.echo("\nLog ind som:")
    for person in demo_persons():
        typer.echo(f"  {person.key:<8} {person.name:<22} {person.description}")
    typer.echo("")
