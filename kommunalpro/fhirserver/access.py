"""Access: what the server asks before it looks anything up, and the filter it then puts inside the SQL.

The server knows no rule of access. It asks an `Access`, which either refuses (raises `Forbidden`, before any
lookup) or answers with a `Filter`. The store compiles the filter into the WHERE of every statement, so that a
row that may not be seen is absent from reads, searches, counts, includes and histories alike.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from msgspec import Struct

from kommunalpro.fhirserver.principal import Principal

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

Interaction = Literal[
    "read", "vread", "search", "create", "update", "patch", "delete", "history", "transaction", "operation"
]
READS: frozenset[Interaction] = frozenset({"read", "vread", "search", "history"})
"""What changes nothing. An operation may change something, whatever its name says."""

Column = Literal["id", "patient", "episode"]
"""What joins rows: the row's own id, or the id of the Patient or EpisodeOfCare it belongs to."""


# Filters are Structs, for each statement finds its SQL by one: a dataclass is gone through each time that it is hashed.
class Everything(Struct, frozen=True, cache_hash=True):
    """Every row."""


class Nothing(Struct, frozen=True, cache_hash=True):
    """No row."""


class Belongs(Struct, frozen=True, cache_hash=True):
    """Rows whose `column` is this id."""

    column: Column
    id: str


class Indexed(Struct, frozen=True, cache_hash=True):
    """Rows that have this index entry themselves, e.g. ("status", "active")."""

    parameter: str
    value: str


class Begins(Struct, frozen=True, cache_hash=True):
    """Rows that have an index entry of this parameter whose value begins so, e.g. ("target", "Observation/")."""

    parameter: str
    value: str


class During(Struct, frozen=True, cache_hash=True):
    """Rows that have an index entry of this parameter which has begun, and not ended; its value is when it begins."""

    parameter: str


class Through(Struct, frozen=True, cache_hash=True):
    """Rows whose `own` column equals the `their` column of a current row of `type` that satisfies `which`.

    Through("patient", "EpisodeOfCare", "patient", Indexed("team", "CareTeam/7")): whatever belongs to a patient
    with an episode of that team.

    `same`: parameters by which both are indexed as about the same, the own first ("carePlan", "affiliation").
    """

    own: Column
    type: str
    their: Column
    which: "Filter"
    same: tuple[str, str] | None = None


class Exists(Struct, frozen=True, cache_hash=True):
    """Every row, if the current row `type`/`id` has this index entry; otherwise none.

    `may_end`: the entry's `high` is when it ends, which must be yet to come.
    """

    type: str
    id: str
    parameter: str
    value: str
    may_end: bool = False


class AsOf(Struct, frozen=True, cache_hash=True):
    """Rows that satisfy this at a moment, as date indexes have it: whatever in it begins or ends is held against that.

    Of the moment alone does it hang what somebody may know of today and what tomorrow: without it a filter stays the
    same, and its SQL need not be made anew.
    """

    filter: "Filter"
    moment: str


class AllOf(Struct, frozen=True, cache_hash=True):
    """Rows that satisfy every one of these."""

    filters: tuple["Filter", ...]


class AnyOf(Struct, frozen=True, cache_hash=True):
    """Rows that satisfy at least one of these."""

    filters: tuple["Filter", ...]


class Not(Struct, frozen=True, cache_hash=True):
    """Rows that do not satisfy this."""

    filter: "Filter"


Filter: TypeAlias = (
    Everything | Nothing | Belongs | Indexed | Begins | During | Through | Exists | AsOf | AllOf | AnyOf | Not
)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do, before anything is looked up. `name` is the operation's (`$apply`)."""

    interaction: Interaction
    type: str | None = None
    id: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    name: str | None = None


class Access(Protocol):
    """Decides who may do what."""

    def authorise(self, request: Request, principal: Principal) -> None:
        """Refuse what this user may not do in this context, before any lookup.

        Raises:
            Forbidden: with the national infrastructure's own code and text.
        """
        ...

    def visible(
        self,
        type: str,
        principal: Principal,
        now: datetime,
        *,
        is_held: bool = False,
        to_write: bool = False,
        search: Request | None = None,
    ) -> Filter:
        """Give the rows of a type that this user may know of now; asked for every type that an answer touches.

        `is_held`: `check_context` has let the user's context pass, and nothing has been written since. `to_write`: of
        what an interaction that was authorised is about, or what that is a part of; else of what an answer shows or
        tells of. `search`: the search, authorised before, whose answer it is; None: it is none's.
        """
        ...

    def check_context(self, session: "Session") -> None:
        """Refuse a context that the user may not have: asked once of each request that comes with a token.

        Raises:
            Forbidden: with the national infrastructure's own code and text.
        """
        ...

    def authorise_write(
        self, resource: dict[str, object], previous: dict[str, object] | None, principal: Principal
    ) -> None:
        """Refuse content that this user may not write (another patient's, another team's), or not in place of that.

        `previous`: what is there now; None: it is new.

        Raises:
            Forbidden: with the national infrastructure's own code and text.
        """
        ...
