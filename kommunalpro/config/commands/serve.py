import os
import signal
import socket
from threading import Timer
from typing import Annotated

import typer
from django.conf import settings
from django.db import connection
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from kommunalpro.config import wiring
from kommunalpro.config.failure import CommandFailed
from kommunalpro.config.health import is_migration_missing
from kommunalpro.config.running import THREADS, is_stopping, own_run_directory, say_stopping

_CONNECTIONS = 512
"""Open connections to each process, idle ones too; the next waits to be taken in."""
_HEADERS = 64 * 1024
"""Bytes of headers, and what has been read of a request when it is looked at: up to twice as many pass at once."""
_PATIENCE = 30
"""Seconds that requests under way get when the server stops."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Port = Annotated[
    int, typer.Option(min=1, max=65535, help="The port to answer on. It does not change any resource's name.")
]
Host = Annotated[str, typer.Option(help="The address to answer on. The demo answers on this machine only.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes.")]
Threads = Annotated[int, typer.Option(min=1, max=64, help="Threads in each process; each has its database connection.")]


def serve(port: Port = 8000, host: Host = "127.0.0.1", workers: Workers = 2, threads: Threads = 4) -> None:
    """Answer pages at / and FHIR at /fhir until stopped; requests under way are answered first."""
    check_ready(host, port)
    typer.echo(f"Kommunal PRO answers on http://{host}:{port} (stop with Ctrl+C)")
    run_server(port=port, host=host, workers=workers, threads=threads)


def check_ready(host: str, port: int) -> None:
    """Check what can be wrong before a process is started.

    Raises:
        CommandFailed: the port is taken, the database is not prepared, or exports cannot be written.
        KeyProblem: the keys are missing.
    """
    if settings.DEMO and host not in LOOPBACK:
        raise CommandFailed("The demo lets anybody in, so it answers on this machine only (127.0.0.1).")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as wrong:
            raise CommandFailed(
                f"Port {port} on {host} cannot be used: {wrong.strerror}. Choose another: --port"
            ) from None
    if is_migration_missing():
        raise CommandFailed("The database is not prepared. Run: kommunalpro migrate")
    wiring.check_base_url()
    wiring.check_exports()
    wiring.fhir_door()
    connection.close()


class _Server(MPServer):
    """Granian, which lets /readyz say no for a while before it stops by SIGTERM; Ctrl+C stops it at once."""

    def signal_handler_interrupt(self, number: int = signal.SIGINT, *_: object) -> None:
        """Stop; a second time: now."""
        is_first = not is_stopping()
        say_stopping()
        stop = super().signal_handler_interrupt
        if number == signal.SIGTERM and is_first and settings.DRAIN_SECONDS:
            Timer(settings.DRAIN_SECONDS, stop).start()
        else:
            stop()  # type: ignore[no-untyped-call]  # granian's own


def run_server(*, port: int, host: str, workers: int, threads: int) -> None:
    """Serve until told to stop (SIGINT, SIGTERM). What is under way is answered, for as long as `_PATIENCE`."""
    os.environ[THREADS] = str(threads)
    with own_run_directory():
        server = _Server(
            "kommunalpro.config.app:app",
            address=host,
            port=port,
            interface=Interfaces.RSGI,
            workers=workers,
            # A proxy speaks HTTP/1.1 to us, and so does whoever needs none.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=settings.REQUEST_SECONDS * 1000, max_buffer_size=_HEADERS),
            backpressure=_CONNECTIONS,
            websockets=False,
            log_dictconfig=settings.LOGGING,
            log_level=LogLevels.warning,
            workers_kill_timeout=_PATIENCE,
            respawn_failed_workers=True,
        )
        server.serve()
