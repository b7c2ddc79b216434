"""The embedded server on a real database, and the cast's own rows in it.

Nancy's course of care is with the team nord (Asta); Tjørn's with syd (Bo). Kim's team is another organisation's.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from django.db import connection

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.server import Server, run
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.access import EHealthAccess
from kommunalpro.fut.audit import EHealthAudit
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.operations import OPERATIONS
from kommunalpro.fut.rules import EHealthRules
from tests import resources
from tests.people import ASTA, BO, KIM, NANCY, TJOERN, Citizen, Staff

BASE = "https://fhir.example/fhir"
KEY = bytes(range(32))
"""Seals the audit log of these tests."""

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NATIONAL = frozenset({(ehealth.CVR, "12345678")})
"""Whose national content may be: of the cast's organisations, which have one number, all."""
TRACE_ID = "463ac35c9f6413ad48485a3953bb6124"
LATER = NOW + timedelta(hours=1)


@cache
def make_server(base_url: str = BASE) -> Server:
    """Wire the server as `config` does, without its settings: once, for it makes ready for every search parameter."""
    return Server(
        base_url, EHealthRules(national_owners=NATIONAL), EHealthAccess(), EHealthAudit(), OPERATIONS, audit_key=KEY
    )


@dataclass(frozen=True)
class Store:
    """The server, with the few calls that tests make of it. Each is one unit of work that commits."""

    server: Server
    url: str
    """Of its database, for other processes."""

    def as_(self, by: Principal = SYSTEM, *, now: datetime = NOW, **how: bool) -> AbstractContextManager[Session]:
        return self.server.session(by, now=now, trace_id=TRACE_ID, **how)

    def run(self, work: Callable[[Session], Any], *, by: Principal = SYSTEM, only_creates: bool = True) -> Any:
        return run(work, partial(self.as_, by), only_creates=only_creates)

    def create(self, resource: Any, *, by: Principal = SYSTEM, id: str | None = None, now: datetime = NOW) -> Any:
        with self.as_(by, now=now) as session:
            return session.create(resource, id=id)

    def read(self, type: str, id: str, *, by: Principal = SYSTEM, now: datetime = NOW) -> Any:
        with self.as_(by, now=now) as session:
            return session.read(type, id)

    def vread(self, type: str, id: str, version: str, *, by: Principal = SYSTEM, now: datetime = NOW) -> Any:
        with self.as_(by, now=now) as session:
            return session.vread(type, id, version)

    def update(self, resource: Any, *, if_match: str | None = None, by: Principal = SYSTEM, now: datetime = NOW) -> Any:
        with self.as_(by, now=now) as session:
            return session.update(resource, if_match=if_match)

    def delete(self, type: str, id: str, *, by: Principal = SYSTEM, now: datetime = NOW) -> None:
        with self.as_(by, now=now) as session:
            session.delete(type, id)

    def search(self, type: str, *parameters: tuple[str, str], by: Principal = SYSTEM, now: datetime = NOW) -> Any:
        with self.as_(by, now=now) as session:
            return session.search(type, parameters)

    def history(
        self,
        type: str | None,
        id: str | None,
        *parameters: tuple[str, str],
        by: Principal = SYSTEM,
        now: datetime = NOW,
    ) -> Any:
        with self.as_(by, now=now) as session:
            return session.history(type, id, parameters)

    def transact(self, *entries: Any, by: Principal = SYSTEM, now: datetime = NOW) -> Any:
        with self.as_(by, now=now) as session:
            return session.transaction({"resourceType": "Bundle", "type": "transaction", "entry": list(entries)})

    def audit(self) -> list[Any]:
        """Give the AuditEvents, oldest first."""
        return [
            loads(text)
            for *_, text in sorted(query("SELECT last_updated, id, json FROM fhir_resource WHERE type = 'AuditEvent'"))
        ]

    def forget_audit(self) -> None:
        """Begin the log anew, so that a test sees what it causes itself."""
        query("DELETE FROM fhir_index WHERE type = 'AuditEvent'")
        query("DELETE FROM fhir_resource WHERE type = 'AuditEvent'")


def query(sql: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
    """Go behind the server's back, as somebody with a database client does."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def counts() -> dict[str, int]:
    """How many rows each of the store's tables has."""
    tables = ("fhir_resource", "fhir_version", "fhir_index", "fhir_submission", "fhir_seal")
    return {table: query(f"SELECT count(*) FROM {table}")[0][0] for table in tables}  # noqa: S608  (our own names)


def stored() -> dict[str, int]:
    """How many rows each table has beside the log's own: what is refused stands in the log, and nowhere else."""
    logged = ("fhir_resource", "fhir_index")
    of_log = {name: query(f"SELECT count(*) FROM {name} WHERE type = 'AuditEvent'")[0][0] for name in logged}  # noqa: S608  (our own names)
    return {table: count - of_log.get(table, 0) for table, count in counts().items()}


def ids(bundle: Any, mode: str = "match") -> list[str]:
    """Give the ids in a searchset, in order."""
    return [each["resource"]["id"] for each in bundle.get("entry", ()) if each["search"]["mode"] == mode]


def staff(person: Staff, **context: Any) -> Principal:
    """Give somebody of the cast in their team; `patient="nancy"` and `episode="forloeb"` narrow it."""
    urls = {"patient": "Patient", "episode_of_care": "EpisodeOfCare"}
    return person.at(BASE).within(**{name: f"{BASE}/{urls[name]}/{key}" for name, key in context.items()})


def without(principal: Principal, beginning: str) -> Principal:
    """Give somebody without the privileges that begin so."""
    kept = frozenset(each for each in principal.privileges if not each.startswith(beginning))
    return replace(principal, privileges=kept)


def citizen(person: Citizen, episode: str | None = None) -> Principal:
    """Give a citizen as who acts, in one of their courses of care when it is named."""
    principal = person.at(BASE)
    return principal.within(episode_of_care=f"{BASE}/EpisodeOfCare/{episode}") if episode else principal


def house(store: Store, *teams: str) -> None:
    """Give the organisation `kommune` and teams of it, which courses of care and plans may name."""
    with store.as_() as session:
        session.create(resources.organization(), id="kommune")
        for each in teams:
            session.create(resources.care_team(each.title()), id=each)


def fill(store: Store) -> None:
    """Give the cast its teams, and Nancy and Tjørn each a course of care: `nancys` and `tjoerns`."""
    with store.as_() as session:
        for key, name in (("kommune", "Birkelund Kommune"), ("region", "Region Øst")):
            session.create(resources.organization(name), id=key)
        for each in (ASTA, BO, KIM):
            session.create(resources.practitioner(each.name.split()[-1], each.name.split()[0]), id=each.key)
            session.create(resources.care_team(each.team.title(), each, organization=each.organization), id=each.team)
        for person, team in ((NANCY, "nord"), (TJOERN, "syd")):
            session.create(resources.patient(person), id=person.key)
            episode = f"{person.key}s"
            session.create(resources.episode_of_care(person.key, team, condition=f"{episode}-kol"), id=episode)
            session.create(resources.condition(person.key, episode), id=f"{episode}-kol")
    store.forget_audit()
