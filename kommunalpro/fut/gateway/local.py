"""The gateway to the embedded server: the same calls, in process."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.seeing import version_of
from kommunalpro.fhirserver.server import Server, run
from kommunalpro.fut.gateway.protocol import Parameters


@dataclass(frozen=True, slots=True)
class LocalGateway:
    """Calls the embedded server in process; each call is one unit of work, audited as one request."""

    server: Server

    @property
    def base_url(self) -> str:
        """The base of our own references: FHIR_BASE_URL."""
        return self.server.base_url

    def read(self, reference: str, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Read a resource by its URL; a versioned URL gives exactly that version."""
        wanted = self._own(reference)
        with self.server.session(by, now=now, only_reads=True) as session:
            version = version_of(wanted)
            return session.vread(wanted.type, wanted.id, version) if version else session.read(wanted.type, wanted.id)

    def search(self, type: str, parameters: Parameters, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Search one page."""
        with self.server.session(by, now=now, only_reads=True) as session:
            return session.search(type, parameters)

    def page(self, url: str, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Fetch the page that a link of a searchset names."""
        type, _, query = url.removeprefix(f"{self.base_url}/").partition("?")
        if not url.startswith(f"{self.base_url}/") or "/" in type:
            raise BadRequest("Siden findes ikke.", diagnostics="Not a link of this server's searchsets")
        return self.search(type, parse_qsl(query, keep_blank_values=True), by=by, now=now)

    def create(self, resource: Json, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Create a resource."""
        with self.server.session(by, now=now) as session:
            return session.create(dict(resource))

    def update(self, resource: Json, *, if_match: str, by: Principal, now: datetime) -> dict[str, Any]:
        """Replace a resource that still has version `if_match`."""
        with self.server.session(by, now=now) as session:
            return session.update(dict(resource), if_match=if_match)

    def patch(
        self, reference: str, operations: Sequence[Json], *, if_match: str | None, by: Principal, now: datetime
    ) -> dict[str, Any]:
        """Apply a JSON Patch."""
        wanted = self._own(reference)
        with self.server.session(by, now=now) as session:
            return session.patch(wanted.type, wanted.id, operations, if_match=if_match)

    def delete(self, reference: str, *, by: Principal, now: datetime) -> None:
        """Delete a resource."""
        wanted = self._own(reference)
        with self.server.session(by, now=now) as session:
            session.delete(wanted.type, wanted.id)

    def transaction(self, bundle: Json, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Run a transaction Bundle: all or nothing."""
        with self.server.session(by, now=now) as session:
            return session.transaction(dict(bundle))

    def operation(
        self, name: str, parameters: Json | None = None, *, target: str | None = None, by: Principal, now: datetime
    ) -> dict[str, Any]:
        """Run an operation at system, type or instance level."""
        reference = self._own(target) if target and "/" in target else None
        asked, where = parameters or {"resourceType": "Parameters"}, reference.key if reference else target
        begin = partial(self.server.session, by, now=now)
        return run(
            lambda session: session.operate(name, asked, target=where), begin, only_creates=self.server.tries(name)
        )

    def _own(self, reference: str) -> Reference:
        """Read a reference to this server: the same id elsewhere is somebody else.

        Raises:
            BadRequest: it is no literal reference.
            NotFound: it names something on another server.
        """
        wanted = Reference.parse(reference)
        if wanted is None:
            raise BadRequest("Adressen kan ikke læses.", diagnostics="Not a literal reference to a resource")
        if wanted.base not in (None, self.base_url):
            raise NotFound("Det findes ikke her.", diagnostics="A reference to another server")
        return wanted
