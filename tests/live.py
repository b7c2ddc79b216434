"""The whole of Kommunal PRO in processes of its own on a loopback port, for tests that knock from outside.

with LiveServer.started(tmp_path) as live:
    live.request("GET", "/fhir/metadata")
    live.request("GET", "/fhir/Patient/7", token=live.token(principal))
"""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.identity.keys import make_keys, read_signing_key
from kommunalpro.identity.tokens import issue_token

PROJECT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-c", "from kommunalpro.config.cli import main; main()")
LONGEST_START = 60
_MIGRATED: list[bytes] = []
"""A migrated database on SQLite, once there is one: making it costs two seconds, and some twenty are needed."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return loads(self.body)

    @property
    def issue(self) -> Any:
        """The first issue of an OperationOutcome."""
        assert self.json["resourceType"] == "OperationOutcome"
        return self.json["issue"][0]


@dataclass
class LiveServer:
    """A running installation in a directory of its own."""

    directory: Path
    port: int
    environment: dict[str, str] = field(repr=False)
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    """`kommunalpro serve`, while it serves."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return self.environment["KOMMUNALPRO_FHIR_BASE_URL"]

    @classmethod
    def prepared(cls, directory: Path, *, database_url: str | None = None, port: int | None = None) -> "LiveServer":
        """Migrate an installation in `directory`; it does not serve yet."""
        port = port or free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KOMMUNALPRO_")}
        environment = inherited | {
            "DJANGO_SETTINGS_MODULE": "kommunalpro.config.settings.test",
            "KOMMUNALPRO_DATABASE_URL": database_url or f"sqlite:///{directory / 'live.sqlite3'}",
            "KOMMUNALPRO_FHIR_BASE_URL": f"http://127.0.0.1:{port}/fhir",
            "KOMMUNALPRO_KEYS": str(directory / "keys"),
            "KOMMUNALPRO_EXPORTS": str(directory / "exports"),
            "KOMMUNALPRO_CLOCK_FILE": str(directory / "clock"),
            # Whoever is killed leaves what it had there.
            "TMPDIR": str(directory),
        }
        live = cls(directory, port, environment)
        if database_url:
            live.command("migrate")
        else:
            live._migrate(directory / "live.sqlite3")
        return live

    @classmethod
    @contextmanager
    def started(
        cls, directory: Path, *, database_url: str | None = None, workers: int = 1, threads: int = 4, **variables: str
    ) -> Iterator["LiveServer"]:
        """Migrate, serve, and stop at the end; `WAITING="1"` sets KOMMUNALPRO_WAITING."""
        live = cls.prepared(directory, database_url=database_url)
        live.environment |= {f"KOMMUNALPRO_{name}": value for name, value in variables.items()}
        with live.serving(workers=workers, threads=threads):
            yield live

    @contextmanager
    def serving(self, *, workers: int = 1, threads: int = 4) -> Iterator[None]:
        """Serve until the block ends; what the server said is in `server.log`."""
        with (self.directory / "server.log").open("ab") as log:
            arguments = ("serve", "--port", str(self.port), "--workers", str(workers), "--threads", str(threads))
            process = self.process = subprocess.Popen(  # noqa: S603  (our own command)
                [*COMMAND, *arguments],
                env=self.environment,
                cwd=PROJECT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                self._wait_for(process)
                yield
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)

    def command(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a command of `kommunalpro` on this installation."""
        done = subprocess.run(  # noqa: S603  (our own command)
            [*COMMAND, *arguments], env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def set_clock(self, moment: datetime) -> None:
        """Make it `moment` for every process of this installation."""
        (self.directory / "clock").write_text(moment.isoformat(), encoding="ascii")

    def token(self, principal: Principal, **changes: Any) -> str:
        """Sign a token of this installation; `issuer`, `audience`, `now`, `lifetime` and `key` can be others."""
        options: dict[str, Any] = {
            "key": read_signing_key(self.directory / "keys"),
            "issuer": f"{self.url}/auth/realms/ehealth",
            "audience": "account",
            "now": SystemClock().now(),
            "lifetime": timedelta(hours=1),
        }
        return issue_token(principal, **(options | changes))

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; a body that is not bytes is sent as FHIR JSON."""
        sent = dict(headers or {})
        if token:
            sent.setdefault("Authorization", f"Bearer {token}")
        if body is not None and not isinstance(body, bytes):
            body = dumps(body)
            sent.setdefault("Content-Type", "application/fhir+json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def _migrate(self, path: Path) -> None:
        """Let the first installation of this process migrate by itself; later ones get a copy of what it made."""
        if not _MIGRATED:
            self.command("migrate")
            _MIGRATED.append(path.read_bytes())
            return
        path.write_bytes(_MIGRATED[0])
        make_keys(self.directory / "keys")
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE fhir_fact SET value = ? WHERE name = 'base_url'", (self.base_url,))

    def _wait_for(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline:
            assert process.poll() is None, (self.directory / "server.log").read_text(encoding="utf-8")
            try:
                if self.request("GET", "/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("The server did not start")


def free_port() -> int:
    """Give a port that nobody answers on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
