"""When a worker must look at which resource again: a row for each, so that nobody looks through everything.

A row is set by whoever knows the next moment at which something may be to do, and taken when that has come. It is held
until the transaction ends, so that what is done about it and where it is moved to are one: what a crash interrupts is
done again, and two workers never do the same. `seen` is what the kind has looked at up to, whatever that means to it.

Who sets rows learns what has changed by `changes`, from a horizon that is a row as well. It reads what was changed
since, and again what was changed lately, for others may commit what they began before (`horizon.py`). While a long
transaction keeps the horizon back, that may be more than a round reads: how far it came is another row (`Reading`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.database import (
    change,
    in_parts,
    in_transaction,
    is_postgresql,
    placeholders,
    rows,
    rows_by_key,
)
from kommunalpro.fhirserver.horizon import complete_to

NEVER = 2**62
"""A moment that does not come."""
_AT_ONCE = 500
_FOLLOWED, _READING = "followed", "reading"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One row; times are the store's microseconds."""

    kind: str
    type: str
    id: str
    at: int
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of what was changed, from `begin` on, which may take several rounds; `goes_on`: it was begun before.

    `bound`: up to here everything was committed when it began. The horizon goes no further by it, for what was
    committed later may lie in what was read before.
    """

    begin: int
    bound: int
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A resource that was changed, as it is now. `resource` None: it is deleted."""

    moment: int
    id: str
    resource: Json | None


def is_any_due(kind: str, now: datetime) -> bool:
    """Tell whether the moment of any has come; asked without holding anybody up."""
    sql = "SELECT 1 FROM fhir_deadline WHERE kind = %s AND at <= %s LIMIT 1"
    return bool(rows_by_key(sql, (kind, to_microseconds(now))))


def take(kind: str, now: datetime, limit: int) -> list[Deadline]:
    """Give those whose moment has come, the oldest first, held until the transaction ends; others' are passed over."""
    in_transaction()
    lock = " FOR UPDATE SKIP LOCKED" if is_postgresql() else ""
    sql = f"SELECT type, id, at, seen FROM fhir_deadline WHERE kind = %s AND at <= %s ORDER BY at LIMIT {limit}{lock}"
    return [Deadline(kind, *row) for row in rows(sql, (kind, to_microseconds(now)))]


def hold(kind: str, type: str, ids: Sequence[str]) -> dict[str, Deadline]:
    """Give the rows of some resources by id, held until the transaction ends; waits for who has taken them."""
    in_transaction()
    lock = " FOR UPDATE" if is_postgresql() else ""
    found: dict[str, Deadline] = {}
    for some in in_parts(sorted(ids)):
        sql = (
            "SELECT type, id, at, seen FROM fhir_deadline WHERE kind = %s AND type = %s"
            f" AND id IN ({placeholders(len(some))}) ORDER BY id{lock}"
        )
        found.update({row[1]: Deadline(kind, *row) for row in rows(sql, (kind, type, *some))})
    return found


def hold_one(kind: str, type: str, id: str) -> None:
    """Hold the row of a resource until the transaction ends, also where there is none: who would set it waits too."""
    in_transaction()
    change(
        "INSERT INTO fhir_deadline (kind, type, id, at, seen) VALUES (%s, %s, %s, %s, 0)"
        " ON CONFLICT (kind, type, id) DO UPDATE SET seen = fhir_deadline.seen",
        (kind, type, id, NEVER),
    )


def put(*many: Deadline) -> None:
    """Set some, or move them."""
    in_transaction()
    for begin in range(0, len(many), _AT_ONCE):
        some = many[begin : begin + _AT_ONCE]
        values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(some))
        change(
            f"INSERT INTO fhir_deadline (kind, type, id, at, seen) VALUES {values}"
            " ON CONFLICT (kind, type, id) DO UPDATE SET at = excluded.at, seen = excluded.seen",
            [value for each in some for value in (each.kind, each.type, each.id, each.at, each.seen)],
        )


def remove(kind: str, type: str, id: str) -> None:
    """Take one away: there is nothing more to look for."""
    in_transaction()
    change("DELETE FROM fhir_deadline WHERE kind = %s AND type = %s AND id = %s", (kind, type, id))


def horizon(type: str, now: datetime) -> Reading | None:
    """Give how far the changes of a type are read, held until the transaction ends; None: another worker reads them.

    Where the clock was set back it goes back as well: what is written from now on is earlier than what was.
    """
    change(
        "INSERT INTO fhir_deadline (kind, type, id, at, seen) VALUES (%s, %s, '', %s, 0)"
        " ON CONFLICT (kind, type, id) DO NOTHING",
        (_FOLLOWED, type, NEVER),
    )
    lock = " FOR UPDATE SKIP LOCKED" if is_postgresql() else ""
    sql = f"SELECT kind, at, seen FROM fhir_deadline WHERE kind IN (%s, %s) AND type = %s{lock}"
    found = {kind: (at, seen) for kind, at, seen in rows(sql, (_FOLLOWED, _READING, type))}
    if _FOLLOWED not in found:
        return None
    followed = found[_FOLLOWED][1]
    bound, read = found.get(_READING, (0, -1))
    if followed <= read <= to_microseconds(now):
        return Reading(read, bound, goes_on=True)
    complete = complete_to(now)
    return Reading(min(followed, complete), complete, goes_on=_READING in found)


def changes(type: str, after: tuple[int, str], limit: int) -> list[Change]:
    """Give the next resources of a type that were changed, the oldest change first.

    By the index of what is newest, read from its other end: what was not changed is not looked at.
    """
    found = rows(
        "SELECT last_updated, id, deleted, json FROM fhir_resource WHERE type = %s AND last_updated >= %s"
        " AND (last_updated > %s OR id < %s)"
        f" ORDER BY last_updated, id DESC LIMIT {limit}",
        (type, after[0], after[0], after[1] or "\U0010ffff"),
    )
    return [Change(moment, id, None if deleted else loads(text)) for moment, id, deleted, text in found]


def move_horizon(type: str, last: int | None, reading: Reading) -> None:
    """Keep up to where the changes of a type are read; `last` None: to their end, and the next begins anew."""
    moment = reading.bound if last is None else min(last, reading.bound)
    sql = "UPDATE fhir_deadline SET seen = %s WHERE kind = %s AND type = %s AND seen <> %s"
    change(sql, (moment, _FOLLOWED, type, moment))
    if last is not None:
        put(Deadline(_READING, type, "", reading.bound, last))
    elif reading.goes_on:
        remove(_READING, type, "")
