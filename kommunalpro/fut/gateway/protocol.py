"""The gateway: the one door from pages and care to the infrastructure, embedded or national.

Everything in and out is plain FHIR JSON. References are absolute URLs. Each call carries the acting user with the
context they act in (`by`, narrowed with `Principal.within`) and the time (`now`); nothing is read from a global.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Unavailable
from kommunalpro.fhirserver.principal import Context, Principal

__all__ = ["Context", "Gateway", "Parameters", "Principal", "Unanswered"]

Parameters = Sequence[tuple[str, str]]
"""Search parameters as (name with modifier, value); a name may come again (AND)."""


class Unanswered(Unavailable):
    """Whether a write was done, nobody can tell: it was not answered, or another press may be at it still."""


class Gateway(Protocol):
    """What may be asked of the infrastructure. Every method raises `FhirError`s, the same from both sides.

    But for `Unanswered`: in process it is known how a write went.
    """

    @property
    def base_url(self) -> str:
        """The base that new absolute references are made from (embedded: FHIR_BASE_URL)."""
        ...

    def read(self, reference: str, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Read a resource by its URL; a versioned URL gives exactly that version."""
        ...

    def search(self, type: str, parameters: Parameters, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Search one page; gives a searchset Bundle. The next page: pass `link[relation=next].url` to `page`."""
        ...

    def page(self, url: str, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Fetch the page that a searchset's `next` or `previous` link names."""
        ...

    def create(self, resource: Json, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Create; gives the stored resource with id and meta."""
        ...

    def update(self, resource: Json, *, if_match: str, by: Principal, now: datetime) -> dict[str, Any]:
        """Replace a resource that still has version `if_match`; gives the stored resource."""
        ...

    def patch(
        self, reference: str, operations: Sequence[Json], *, if_match: str | None, by: Principal, now: datetime
    ) -> dict[str, Any]:
        """Apply a JSON Patch; gives the stored resource."""
        ...

    def delete(self, reference: str, *, by: Principal, now: datetime) -> None:
        """Delete, where the type allows it."""
        ...

    def transaction(self, bundle: Json, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Run a transaction Bundle: all or nothing."""
        ...

    def operation(
        self, name: str, parameters: Json | None = None, *, target: str | None = None, by: Principal, now: datetime
    ) -> dict[str, Any]:
        """Run an operation (`$apply`). `target` is a type or a resource's URL; None means the system."""
        ...
