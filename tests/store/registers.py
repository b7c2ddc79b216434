"""Registers' files brought into the store, and what was told meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.organizations import registers
from kommunalpro.fut.organizations.importing import Event, import_register
from kommunalpro.integrations.fk_organisation import FkFile
from kommunalpro.integrations.sor import SorFile
from tests.store.cast import NOW, TRACE_ID, Store
from tests.unit.integrations.fk_organisation import files as fk
from tests.unit.integrations.sor import files as sor

TODAY = date(2026, 11, 23)


@dataclass
class Registers:
    """Imports files into a store."""

    store: Store
    directory: Path
    events: list[Event] = field(default_factory=list)
    keeps_events: bool = True

    def sor(self, *units: Any, today: date = TODAY, now: datetime = NOW, **options: Any) -> dict[str, int]:
        """Import SOR's daily file of these units; gives how many of each kind there were."""
        return self.sor_file(sor.write(self.directory, *units), today, now, options)

    def sor_file(self, path: Path, today: date, now: datetime, options: Any) -> dict[str, int]:
        """Import a daily file that is there."""
        file = SorFile(path)
        overview = file.overview()
        return self._import(registers.SOR, overview, registers.from_sor(file.units(overview), today), now, options)

    def fk(self, *units: Any, now: datetime = NOW) -> dict[str, int]:
        """Import a file of FK Organisation's units."""
        file = FkFile(fk.write(self.directory, *units))
        overview = file.overview()
        return self._import(registers.STS_ORG, overview, registers.from_fk(file.units(overview), TODAY), now, {})

    def _import(self, register: Any, overview: Any, units: Any, now: datetime, options: Any) -> dict[str, int]:
        self.events.clear()
        with self.store.server.session(SYSTEM, now=now, trace_id=TRACE_ID) as session:
            tell: Callable[[Event], object] = self.events.append if self.keeps_events else bool
            return dict(import_register(session, register, overview, units, file="file.csv", tell=tell, **options))

    def told(self, kind: str) -> list[str]:
        """Give what was told of a kind."""
        return [each.detail for each in self.events if each.kind == kind]

    def of(self, number: str, system: str = ehealth.SOR) -> Any:
        """Give the one organisation with a number."""
        found = self.store.search("Organization", ("identifier", f"{system}|{number}"))["entry"]
        [organization] = [each["resource"] for each in found]
        return organization

    def url(self, number: str, system: str = ehealth.SOR) -> str:
        return f"{self.store.server.base_url}/Organization/{self.of(number, system)['id']}"


def synchronization(organization: Any) -> str:
    return _code(organization, ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS)


def source(organization: Any) -> str:
    return _code(organization, ehealth.ORGANIZATION_SOURCE)


def _code(organization: Any, url: str) -> str:
    [coding] = extension_value(organization, url)["coding"]
    return str(coding["code"])


def with_synchronization(organization: Any, status: str) -> Any:
    """Give an organisation that somebody has taken out of synchronization by hand, or put into it."""
    kept = [each for each in organization["extension"] if each["url"] != ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS]
    return {**organization, "extension": [*kept, registers.synchronized(status)]}
