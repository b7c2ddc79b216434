"""Run a command with a PostgreSQL of its own, gone when the command ends however it ends.

    python scripts/with_postgres.py [--fast | --roomy] COMMAND ...

The command finds the server's address in KOMMUNALPRO_TEST_POSTGRES (postgresql://…, a superuser on loopback). `--fast`
trades what survives a power cut for speed, and keeps all temporary files in memory, the command's own too, where there
is room for them: right for tests, wrong for measuring. `--roomy` gives the server a quarter of the machine's memory, as
PostgreSQL's manual advises ("shared_buffers"). Without PostgreSQL on the machine the command runs all the same, without
that variable.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import find_postgres

VARIABLE = "KOMMUNALPRO_TEST_POSTGRES"
NAME = "kommunalpro"
LONGEST_START = 60
IN_MEMORY = Path("/dev/shm")  # noqa: S108  (a directory of our own is made in it)
# All suites together were seen to keep 1.1 GB there at a time. Linux offers half of the memory: so it has much more.
ROOM = 6 << 30
_MEGABYTE = 1 << 20
# Autovacuum would analyze tables in the middle of a run that takes long, and how they are searched would change.
FAST = ("fsync=off", "full_page_writes=off", "autovacuum=off")
ROOMY = (f"shared_buffers={os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') // 4 // _MEGABYTE}MB",)
KINDS = {"--fast": FAST, "--roomy": ROOMY}


def main(arguments: list[str]) -> int:
    """Run the command; gives its exit code."""
    options = KINDS.get(arguments[0], ())
    command = arguments[1:] if options else arguments
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    binaries = find_postgres()
    with _temporary_files(in_memory=options is FAST) as place:
        if binaries is None:
            return subprocess.run(command, env=environment | place, check=False).returncode
        with own_cluster(binaries, options=options) as cluster:
            return subprocess.run(command, env=environment | place | {VARIABLE: cluster.url}, check=False).returncode


@contextmanager
def _temporary_files(*, in_memory: bool) -> Iterator[dict[str, str]]:
    """Say where they lie: gives the variable that tells it to others, or none where they lie as ever."""
    if not in_memory or not IN_MEMORY.is_dir() or shutil.disk_usage(IN_MEMORY).free < ROOM:
        yield {}
        return
    directory = Path(tempfile.mkdtemp(prefix="kommunalpro-tests-", dir=IN_MEMORY))
    directory.chmod(0o755)  # PostgreSQL, as a user of its own, goes through it.
    tempfile.tempdir = str(directory)
    try:
        yield {"TMPDIR": str(directory)}
    finally:
        tempfile.tempdir = None
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def own_cluster(binaries: Path, *, options: tuple[str, ...] = ()) -> Iterator["Cluster"]:
    """Make a cluster in a new directory and start it; gone with the block. `options` are such as max_connections=10."""
    directory = Path(tempfile.mkdtemp(prefix="kommunalpro-postgres-"))
    identity = _unprivileged()
    if identity:
        os.chown(directory, identity["user"], identity["group"])
    cluster = Cluster(binaries, directory, _free_port(), identity, options)
    try:
        cluster.make()
        cluster.start()
        cluster.make_database()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(directory, ignore_errors=True)


@dataclass
class Cluster:
    """PostgreSQL's files in a directory of their own, and the server that serves them, while it runs."""

    binaries: Path
    directory: Path
    port: int
    identity: dict[str, Any]
    options: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where its one user finds its database."""
        return f"postgresql://{NAME}@127.0.0.1:{self.port}/{NAME}"

    def make(self) -> None:
        """Make the files."""
        data = self.directory / "data"
        initdb = (self.binaries / "initdb", "--pgdata", data, "--username", NAME, "--auth", "trust")
        _quietly([*initdb, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"], self.identity, self.directory)

    def make_database(self) -> None:
        """Make the database that the URL names."""
        createdb = (self.binaries / "createdb", "--host", "127.0.0.1", "--port", self.port, "--username", NAME, NAME)
        _quietly([*createdb], {}, self.directory)

    def start(self) -> None:
        """Serve, and wait until it answers."""
        log = self.directory / "log"
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.directory}"]
        settings += ["max_connections=200", *self.options]
        command = [str(self.binaries / "postgres"), "-D", str(self.directory / "data")]
        apart: dict[str, Any] = {"cwd": self.directory, "stdin": subprocess.DEVNULL, "start_new_session": True}
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, *(part for each in settings for part in ("-c", each))],
                stdout=out,
                stderr=out,
                **apart,
                **self.identity,
            )
        _wait_for(self.process, self.port, log)

    def stop(self) -> None:
        """Stop this server and no other: first it ends what is under way, then at once."""
        if self.process is None:
            return
        for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            with suppress(subprocess.TimeoutExpired):
                self.process.send_signal(number)
                self.process.wait(patience)
                return

    def kill(self) -> None:
        """End it and all that it has started in the middle of whatever they do, as when the machine loses its power."""
        if self.process is None:
            return
        children = _children(self.process.pid)
        self.process.kill()
        self.process.wait()
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # Who was started just then is not among them; it ends by itself when it finds that it is alone.
        while any(Path(f"/proc/{pid}/stat").exists() for pid in children):
            time.sleep(0.01)


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()]


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
