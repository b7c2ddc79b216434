"""When a worker must look at which resource again: a row for each, so that nobody looks through everything.

A row is set by whoever knows the next moment at which something may be to do, and taken when that has come. It is held
until the transaction ends, so that what is done about it and where it is moved to are one: what a crash interrupts is
done again, and two workers never do the same. `seen` is what the kind has looked at up to, whatever that means to it.

Who sets rows learns what has changed by `changes`, from a horizon that is a row as well. It reads what was changed
since, and again what was changed lately, for others may commit what they began before (`horizon.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.database import change, in_parts, is_postgresql, placeholders, rows, rows_by_key
from kommunalpro.fhirserver.horizon import complete_to

NEVER = 2**62
"""A moment that does not come."""
_AT_ONCE = 500
_FOLLOWED = "followed"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One row; times are the store's microseconds."""

    kind: str
    type: str
    id: str
    at: int
    seen: int = 0


def is_any_due(kind: str, now: datetime) -> bool:
    """Tell whether the moment of any has come; asked without holding anybody up."""
    sql = "SELECT 1 FROM fhir_deadline WHERE kind = %s AND at <= %s LIMIT 1"
    return bool(rows_by_key(sql, (kind, to_microseconds(now))))


def take(kind: str, now: datetime, limit: int) -> list[Deadline]:
    """Give those whose moment has come, the oldest first, held until the transaction ends; others' are passed over."""
    lock = " FOR UPDATE SKIP LOCKED" if is_postgresql() else ""
    sql = f"SELECT type, id, at, seen FROM fhir_deadline WHERE kind = %s AND at <= %s ORDER BY at LIMIT {limit}{lock}"
    return [Deadline(kind, *row) for row in rows(sql, (kind, to_microseconds(now)))]


def hold(kind: str, type: str, ids: Sequence[str]) -> dict[str, Deadline]:
    """Give the rows of some resources by id, held until the transaction ends; waits for who has taken them."""
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
    change(
        "INSERT INTO fhir_deadline (kind, type, id, at, seen) VALUES (%s, %s, %s, %s, 0)"
        " ON CONFLICT (kind, type, id) DO UPDATE SET seen = fhir_deadline.seen",
        (kind, type, id, NEVER),
    )


def put(*many: Deadline) -> None:
    """Set some, or move them."""
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
    change("DELETE FROM fhir_deadline WHERE kind = %s AND type = %s AND id = %s", (kind, type, id))


def horizon(type: str, now: datetime) -> tuple[int, str] | None:
    """Give up to where the changes of a type are followed, held until the transaction ends; None: another worker is.

    Where the clock was set back it goes back as well: what is written from now on is earlier than what was.
    """
    change(
        "INSERT INTO fhir_deadline (kind, type, id, at, seen) VALUES (%s, %s, '', %s, 0)"
        " ON CONFLICT (kind, type, id) DO NOTHING",
        (_FOLLOWED, type, NEVER),
    )
    lock = " FOR UPDATE SKIP LOCKED" if is_postgresql() else ""
    found = rows(f"SELECT seen FROM fhir_deadline WHERE kind = %s AND type = %s{lock}", (_FOLLOWED, type))
    return (min(found[0][0], complete_to(now)), "") if found else None


def changes(type: str, after: tuple[int, str], limit: int) -> tuple[list[Json], tuple[int, str]]:
    """Give the next resources of a type that were changed, the oldest change first, and where to go on from.

    By the index of what is newest, read from its other end: what was not changed is not looked at.
    """
    found = rows(
        "SELECT last_updated, id, json FROM fhir_resource WHERE type = %s AND last_updated >= %s"
        " AND (last_updated > %s OR id < %s) AND NOT deleted"
        f" ORDER BY last_updated, id DESC LIMIT {limit}",
        (type, after[0], after[0], after[1] or "\U0010ffff"),
    )
    return [loads(text) for *_, text in found], (found[-1][0], found[-1][1]) if found else after


def move_horizon(type: str, last: int | None, now: datetime) -> None:
    """Keep up to where the changes of a type are followed; `last` None: to the end of what everybody has committed."""
    moment = complete_to(now) if last is None else min(last, complete_to(now))
    sql = "UPDATE fhir_deadline SET seen = %s WHERE kind = %s AND type = %s AND seen <> %s"
    change(sql, (moment, _FOLLOWED, type, moment))
