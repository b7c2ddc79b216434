"""Writers who note what the server has acknowledged, and know nothing of what it has not."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from tests.live import Answer, LiveServer
from tests.resources import organization

WRITERS = 4


@dataclass
class Journal:
    """What was acknowledged: (id, version, name) of every version, and the names of pairs made in one transaction."""

    versions: list[tuple[str, int, str]] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass
class Writer:
    """Creates, changes what it created, and creates two at once; every name it gives is given once."""

    live: LiveServer
    token: str
    journal: Journal
    name: str
    count: int = 0

    def work(self, stopped: Event) -> None:
        """Write until told to stop. Whoever is not answered does not know, and goes on with something new."""
        while not stopped.is_set():
            try:
                self._make_and_change()
                self._make_a_pair()
            except (OSError, http.client.HTTPException):
                stopped.wait(0.05)

    def _make_and_change(self) -> None:
        made = self._ask("POST", "/fhir/Organization", organization(self._name()), 201)
        for _ in range(2):
            if made is None:
                return
            resource = made.json
            headers = {"If-Match": f'W/"{resource["meta"]["versionId"]}"'}
            path = f"/fhir/Organization/{resource['id']}"
            made = self._ask("PUT", path, resource | {"name": self._name()}, 200, headers)

    def _make_a_pair(self) -> None:
        name = self._name()
        entry = [
            {"resource": organization(f"{name}-{side}"), "request": {"method": "POST", "url": "Organization"}}
            for side in ("a", "b")
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
        if self._ask("POST", "/fhir", bundle, 200):
            self.journal.pairs.append(name)

    def _ask(
        self, method: str, path: str, body: object, expected: int, headers: dict[str, str] | None = None
    ) -> Answer | None:
        answer = self.live.request(method, path, body, token=self.token, headers=headers)
        if answer.status == 503:
            return None
        if answer.status != expected:
            self.journal.refused.append(f"{method}: {answer.status} {answer.body.decode()}")
            return None
        if answer.json["resourceType"] == "Organization":
            made = answer.json
            self.journal.versions.append((made["id"], int(made["meta"]["versionId"]), made["name"]))
        return answer

    def _name(self) -> str:
        self.count += 1
        return f"{self.name}-{self.count}"


@contextmanager
def writing(live: LiveServer, token: str, journal: Journal, number: int) -> Iterator[None]:
    """Let several write until the block ends."""
    stopped = Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [
            pool.submit(Writer(live, token, journal, f"r{number}w{each}").work, stopped) for each in range(WRITERS)
        ]
        try:
            yield
        finally:
            stopped.set()
    for each in running:
        each.result()
