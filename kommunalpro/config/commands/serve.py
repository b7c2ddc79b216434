import socket
from typing import Annotated

import typer
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kommunalpro.config import wiring
from kommunalpro.config.failure import CommandFailed

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
        CommandFailed: the port is taken, or the database is not prepared.
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
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandFailed("The database is not prepared. Run: kommunalpro migrate")
    wiring.check_base_url()
    wiring.fhir_door()
    connection.close()


def run_server(*, port: int, host: str, workers: int, threads: int) -> None:
    """Serve until told to stop (SIGINT, SIGTERM)."""
    Granian(
        "kommunalpro.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # A thread that is let go takes its prepared statements with it.
        blocking_threads_idle_timeout=600,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=20,
        respawn_failed_workers=True,
    ).serve()
