"""Asking for exports and making them, as the door and the worker do."""

from dataclasses import dataclass, replace
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.export.asking import ask, open_file, status
from kommunalpro.fhirserver.export.manifest import manifest
from kommunalpro.fhirserver.export.place import Place
from kommunalpro.fhirserver.export.running import run_batch
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.contexts import SYSTEM
from tests.people import ASTA
from tests.resources import organization
from tests.store.cast import BASE, LATER, Store, staff


def may_export(person: Principal) -> Principal:
    """Give somebody who may make exports too."""
    return replace(person, privileges=person.privileges | {"$bulk-export"})


ANALYST = may_export(staff(ASTA))
"""Asta of the team nord, who may also make exports: of what she can see."""


@dataclass(frozen=True)
class Exports:
    """The exports of one server."""

    store: Store
    place: Place

    def ask(self, *pairs: tuple[str, str], by: Principal = SYSTEM, patients_only: bool = False) -> str:
        with self.store.as_(by, now=LATER) as session:
            return ask(session, pairs, patients_only=patients_only, request=f"{BASE}/$export", may_wait=True).id

    def step(self, now: Any = LATER) -> bool:
        return run_batch(self.store.server, self.place, now)

    def finish(self, now: Any = LATER) -> None:
        while self.step(now):
            pass

    def status(self, id: str, by: Principal = SYSTEM) -> Any:
        with self.store.as_(by, now=LATER) as session:
            return status(session, id)

    def manifest(self, id: str, by: Principal = SYSTEM) -> Any:
        return manifest(self.status(id, by), BASE)

    def read(self, id: str, name: str, by: Principal = SYSTEM) -> list[Any]:
        with self.store.as_(by, now=LATER) as session, open_file(session, id, name) as file:
            return [loads(line) for line in file]

    def made(
        self, *pairs: tuple[str, str], by: Principal = SYSTEM, patients_only: bool = False
    ) -> dict[str, list[str]]:
        """Export; gives the ids by file."""
        id = self.ask(*pairs, by=by, patients_only=patients_only)
        self.finish()
        return self.ids(id, by)

    def ids(self, id: str, by: Principal = SYSTEM) -> dict[str, list[str]]:
        answer = self.manifest(id, by)
        names = [each["url"].partition("_file=")[2] for each in (*answer["output"], *answer["deleted"])]
        # Sorted: the database's own order of ids may be that of a language.
        return {name.removesuffix(".ndjson"): sorted(map(_named, self.read(id, name, by))) for name in names}


def _named(resource: Any) -> str:
    if resource["resourceType"] == "Bundle":
        return str(resource["entry"][0]["request"]["url"])
    return str(resource["id"])


def organizations(exports: Exports, count: int) -> list[str]:
    """Make so many; gives the ids of all there are."""
    made = [exports.store.create(organization(f"Nr. {number}"))["id"] for number in range(count)]
    return sorted([*made, "kommune", "region"])
