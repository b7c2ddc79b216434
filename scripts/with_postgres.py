"""Run a command with a PostgreSQL of its own, gone when the command ends however it ends.

    python scripts/with_postgres.py [--fast] COMMAND ...

The command finds the server's address in KOMMUNALPRO_TEST_POSTGRES (postgresql://…, a superuser on loopback). `--fast`
trades what survives a power cut for speed: right for tests, wrong for measuring. Without PostgreSQL on the machine
the command runs all the same, without that variable.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from machine import find_postgres

VARIABLE = "KOMMUNALPRO_TEST_POSTGRES"
NAME = "kommunalpro"
LONGEST_START = 60
FAST = ("fsync=off", "full_page_writes=off")


def main(arguments: list[str]) -> int:
    """Run the command; gives its exit code."""
    fast = arguments[:1] == ["--fast"]
    command = arguments[1:] if fast else arguments
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    binaries = find_postgres()
    if binaries is None:
        return subprocess.run(command, env=environment, check=False).returncode
    with running_postgres(binaries, fast=fast) as url:
        return subprocess.run(command, env=environment | {VARIABLE: url}, check=False).returncode


@contextmanager
def running_postgres(binaries: Path, *, fast: bool) -> Iterator[str]:
    """Make a cluster in a new directory and serve it on loopback; gives its URL."""
    directory = Path(tempfile.mkdtemp(prefix="kommunalpro-postgres-"))
    log = directory / "log"
    identity = _unprivileged()
    if identity:
        os.chown(directory, identity["user"], identity["group"])
    try:
        data = directory / "data"
        initdb = (binaries / "initdb", "--pgdata", data, "--username", NAME, "--auth", "trust", "--encoding", "UTF8")
        _quietly([*initdb, "--locale", "C.UTF-8", "--no-sync"], identity, directory)
        port = _free_port()
        settings = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={directory}"]
        settings += ["max_connections=200", *(FAST if fast else ())]
        server = [str(binaries / "postgres"), "-D", str(data), *(part for each in settings for part in ("-c", each))]
        apart: dict[str, Any] = {"cwd": directory, "stdin": subprocess.DEVNULL, "start_new_session": True, **identity}
        with log.open("wb") as out:
            process = subprocess.Popen(server, stdout=out, stderr=out, **apart)
        try:
            _wait_for(process, port, log)
            _quietly(
                [binaries / "createdb", "--host", "127.0.0.1", "--port", port, "--username", NAME, NAME], {}, directory
            )
            yield f"postgresql://{NAME}@127.0.0.1:{port}/{NAME}"
        finally:
            _stop(process)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Give whom to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise SystemExit("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.")


def _quietly(command: list[Any], identity: dict[str, Any], directory: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **identity,
    )
    if done.returncode:
        raise SystemExit(f"PostgreSQL: {done.stdout.strip()}")


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            if b"ready to accept connections" in log.read_bytes():
                return
        time.sleep(0.05)
    raise SystemExit(f"PostgreSQL did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop this server and no other: first it ends what is under way, then at once."""
    for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        with suppress(subprocess.TimeoutExpired):
            process.send_signal(number)
            process.wait(patience)
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
