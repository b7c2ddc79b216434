"""What the server asks of others: rules, operations, authentication and the shape of audit events.

The server knows R4 and nothing above it. `fut` and `identity` implement these protocols, `config` wires them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.walk import Walk
from kommunalpro.fhirserver.access import Interaction
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.writer import IndexRow

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

ParameterType = Literal["token", "reference", "date", "string", "uri", "quantity", "number", "composite", "phonetic"]
"""R4's types, and `phonetic`: a string that is found by how it sounds."""


@dataclass(frozen=True, slots=True)
class Component:
    """One of the two values that a composite parameter holds together; `paths` are below the composite's own."""

    kind: ParameterType
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One search parameter of one resource type.

    `paths` are element paths from the resource (`search/paths.py`): `extension('http://…').value[x]`,
    `context.period.start`; an empty one is the resource itself. `targets` are the types that a reference may be to:
    a bare id means each of them; empty means any. `components` has two of a composite and none of any other. `system`
    is the code system that the binding of a bare code says; empty when there is none, or several.

    Without paths it is another name of the chain that it `means` (`patient.identifier`), else something that a search
    says of itself: it limits nothing, and stands in the log with the rest. No chain or `_has` ends in such a one.
    `documentation` is what clients are told of it.
    """

    type: str
    name: str
    kind: ParameterType
    paths: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()
    system: str = ""
    means: str = ""
    documentation: str = ""

    @property
    def is_said(self) -> bool:
        """Tell whether it is what a search says of itself: it asks for nothing."""
        return not (self.paths or self.means)


class Owner(Struct, frozen=True):
    """Whose a row is: ids (not URLs) of the Patient and EpisodeOfCare it belongs to. None means it is nobody's."""

    patient: str | None = None
    episode: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Searches:
    """What clients may ask for in a search of a type.

    `parameters` are names, `_id` and its like among them. `includes` and `reverse_includes` are what may come along:
    `Type:parameter`, or `*`.
    """

    parameters: frozenset[str]
    includes: frozenset[str]
    reverse_includes: frozenset[str]


Find: TypeAlias = Callable[[str, str], Json | None]
"""(resource type, canonical address) → the resource; None: it is not here, or may not be seen."""


class Rules(Protocol):
    """The dialect's rules: what may be written, what is indexed beyond R4, and what a search may ask."""

    types: frozenset[str]
    """The resource types that are served at all."""

    @property
    def search_parameters(self) -> Sequence[SearchParameter]:
        """Parameters beyond, or instead of, R4's own."""
        ...

    def interactions(self, type: str) -> frozenset[Interaction]:
        """Give what clients may do with a type directly."""
        ...

    def in_transaction(self, type: str) -> frozenset[Interaction]:
        """Give what clients may do with a type in a transaction Bundle; at least what they may do directly."""
        ...

    def searches(self, type: str) -> Searches | None:
        """Give what clients may ask for in a search of a type; None: whatever there is."""
        ...

    def search_problems(self, type: str, parameters: Sequence[tuple[str, str]]) -> Iterable[Issue]:
        """Give what the parameters of a search, each of which may stand alone, may not say together."""
        ...

    def codes_in(self, value_set: str, stored: Find) -> Iterable[tuple[str, str]] | None:
        """Give (system, code) of whatever can be coded by a ValueSet, named by `url` or `url|version`; None: not here.

        `stored` finds what is stored here.

        Raises:
            Unprocessable: which they are cannot be told; the issue names what is missing.
        """
        ...

    def complete(self, resource: dict[str, Any], previous: Json | None, session: "Session") -> dict[str, Any]:
        """Add what the server adds on write (identifiers, tags, approval dates); return a new resource."""
        ...

    def check(self, resource: Json, previous: Json | None, session: "Session", walk: Walk) -> None:
        """Check a completed resource against the dialect's profile and lifecycle, all issues at once.

        `walk`: what R4's check came by; what it refers to, as it was sent.

        Raises:
            RuleBroken: what the rules say no to.
        """
        ...

    def named(self, issue: Issue, sent: Json) -> Issue:
        """Give what R4's structure says of what was sent the dialect's own code, where it has one for it.

        What was sent may be Parameters or a Bundle, and the issue about a resource in it.
        """
        ...

    def profiled_type(self, profile: str) -> str | None:
        """Give the type that a profile of the dialect's is of; None: it is none of the dialect's."""
        ...

    def check_delete(self, resource: Json, session: "Session") -> None:
        """Check that a resource may be deleted.

        Raises:
            RuleBroken: it may not.
        """
        ...

    def owner(self, resource: Json) -> Owner:
        """Say whose a resource is."""
        ...

    def extra_index(self, resource: Json, base_url: str) -> Iterable[IndexRow]:
        """Give index entries that access needs and no search parameter declares; `high` is when they cease to hold."""
        ...


class Operation(Protocol):
    """One $operation; the function is the use case, whichever door it is called by."""

    def __call__(self, session: "Session", parameters: Json, target: str | None) -> Json:
        """Run it in the caller's session. `target` is `Type/id` at instance level, else None."""
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter that an operation takes.

    `most`: how many of it; None means any number. `type` is the FHIR type that it must have; empty: the operation tells
    what it may be. `is_done` False: the operation's definition has it, and here it is refused by name.
    """

    name: str
    type: str = ""
    most: int | None = 1
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class OperationDefinition:
    """An operation's name (with `$`), the level and type it is offered at, and its function.

    `parameters` is all that it takes: anything else is refused before it is run (`given.py`). None: it is not looked
    at, for the operation refuses everything.

    `definition` is the canonical address of the OperationDefinition that it keeps to; the CapabilityStatement, which
    must give one, does not name an operation without.

    `on_get` is what GET runs, and changes nothing ($apply: a preview); None means that GET is not offered. `body`
    names the one parameter that is a resource and may be posted bare, without Parameters around it (R4,
    operations.html); None means none may.

    `only_creates`: it mostly does no more than to read and to create, and is tried so: without a transaction, and begun
    anew in one where it wants more (docs/adr/0028).
    """

    name: str
    level: Literal["system", "type", "instance"]
    run: Operation
    type: str | None = None
    on_get: Operation | None = None
    body: str | None = None
    definition: str = ""
    parameters: tuple[Parameter, ...] | None = ()
    only_creates: bool = False


class Authenticator(Protocol):
    """Tells who is at the door."""

    def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """Read the bearer token. Header names are lower case.

        Raises:
            Unauthenticated: no token, or one that is forged, foreign, expired or meant for somebody else.
        """
        ...


class AuditFacts(Struct, frozen=True, kw_only=True):
    """What one request did to one patient's data, for an AuditEvent.

    `patient` None: it is about nobody. `touched`: absolute URLs with versions, under ids that are ours; of a refusal,
    what was asked for, masked. `query`: a search as it was written, or what an operation was told; None: it is neither.
    `bundle`: the id of what the search gave; None: it was refused. `level`: of what it was asked. `outcome`: 4 for what
    the client was told not to ask (any 4xx).
    """

    base_url: str
    interaction: Interaction
    operation: str | None
    primary_type: str
    patient: str | None
    touched: tuple[str, ...]
    query: tuple[tuple[str, str], ...] | None
    bundle: str | None
    level: Literal["instance", "type", "system"]
    outcome: Literal["0", "4"]
    internal_only: bool
    trace_id: str
    principal: Principal
    now: datetime

    def __repr__(self) -> str:
        return f"AuditFacts({self.interaction}, {self.primary_type}, …)"


class AuditShape(Protocol):
    """Gives AuditEvents the national infrastructure's shape."""

    def event(self, facts: AuditFacts) -> dict[str, Any]:
        """Make the AuditEvent; it never holds a CPR number, nor a query with one."""
        ...
