"""Sealing the audit log: each AuditEvent in a chain of HMACs, so that a change by hand in the database shows.

A link is HMAC(key, previous link + the event's row). The key is outside the database. Only events older than the
oldest open transaction are sealed, so that none slips in behind, and only those that say the time of their row, for by
what they say they are read; one sealer at a time. Whoever keeps the printed heads
elsewhere can also see that the tail was cut off.

What is sealed is the whole row: its text, and the columns by which it is found. A chain may begin with links from
before that, which seal the text alone: they are verified as such, and counted. Index rows are made from the text and
are not sealed: `kommunalpro reindex` brings back what somebody hid from searches.
"""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import dumps
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.database import Row, change, change_many, is_postgresql, rows

_FIRST = "0" * 64
_LOCK = 7_264_001
"""Advisory lock of the sealer: any number that nothing else uses."""

_BATCH = 5_000
_LATE = timedelta(minutes=10) // timedelta(microseconds=1)
"""How much later than a newer one an event may come in: no transaction is open for so long. In microseconds."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link: how many events are sealed, and the link itself. Kept elsewhere, it shows a cut-off tail."""

    sequence: int
    mac: str

    def __str__(self) -> str:
        """Give the head as it is printed and given to `verify-audit --head`."""
        return f"{self.sequence}:{self.mac}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found.

    `broken` None: every link holds; else where and what. `head` is the last link that holds. `unsealed`: how many
    events are not sealed yet. `by_text`: of how many, from the beginning, the text alone is sealed.
    """

    head: Head
    broken: str | None
    unsealed: int
    by_text: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the log sealing has come to: events are sealed by time, then by id."""

    last_updated: int
    id: str = ""


# --- Sealing
def seal(key: bytes) -> Head:
    """Seal what can be sealed; gives the new head. Another sealer at work: gives the head as it stands."""
    # Most often there is nothing: asked outside a transaction, for on SQLite everybody else would wait meanwhile.
    if not is_any_waiting():
        return head()
    place = None
    while True:
        with transaction.atomic():
            if is_postgresql() and not rows("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,))[0][0]:
                return head()
            last = head()
            batch = _unsealed(place or _Place(_newest_sealed() - _LATE))
            links = []
            for row in filter(_tells_its_time, batch):
                last = Head(last.sequence + 1, _link(key, last.mac, row))
                links.append((last.sequence, row[0], last.mac))
            _add(links)
        if len(batch) < _BATCH:
            return last
        place = _Place(batch[-1][1], batch[-1][0])


def head() -> Head:
    """Give the last link; sequence 0 when nothing is sealed."""
    found = rows("SELECT sequence, mac FROM fhir_seal ORDER BY sequence DESC LIMIT 1")
    return Head(*found[0]) if found else Head(0, _FIRST)


def _unsealed(place: _Place) -> list[Row]:
    """Give the rows (`_ROW`) of events without a link from a place on, oldest first.

    On PostgreSQL only those whose transaction no open one can precede.
    """
    # By age, because the numbers of transactions begin again after four thousand million.
    settled = " AND age(r.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)" if is_postgresql() else ""
    return rows(
        f"SELECT {_ROW} FROM fhir_resource r WHERE {_WITHOUT_LINK}{settled}"
        " AND r.last_updated >= %s AND (r.last_updated > %s OR r.id > %s)"
        f" ORDER BY r.last_updated, r.id LIMIT {_BATCH}",
        (place.last_updated, place.last_updated, place.id),
    )


def _tells_its_time(row: Row) -> bool:
    """Tell whether an event says when it was, to readers and searches, as its row does: else it was put in by hand."""
    said = dumps(to_instant(from_microseconds(row[1]))).decode()
    return f'"lastUpdated":{said}' in row[-1] and f'"recorded":{said}' in row[-1]


_ROW = "r.id, r.last_updated, r.version, r.deleted, r.patient, r.episode, r.tag, r.json"
_WITHOUT_LINK = "r.type = 'AuditEvent' AND NOT EXISTS (SELECT 1 FROM fhir_seal s WHERE s.audit = r.id)"


def _newest_sealed() -> int:
    """Give the time of the last event that has a link and is still there; 0 when there is none.

    From the last link backwards. Of a join, SQLite would go through all events, and sort them.
    """
    event = "SELECT r.last_updated FROM fhir_resource r WHERE r.type = 'AuditEvent' AND r.id = s.audit"
    found = rows(
        f"SELECT t.at FROM (SELECT s.sequence, ({event}) AS at FROM fhir_seal s) t"
        " WHERE t.at IS NOT NULL ORDER BY t.sequence DESC LIMIT 1"
    )
    return int(found[0][0]) if found else 0


def is_any_waiting() -> bool:
    """Tell whether an event waits to be sealed: asked of the indexes at the end of the log, the newest first."""
    sql = f"SELECT r.id FROM fhir_resource r WHERE {_WITHOUT_LINK} AND r.last_updated >= %s LIMIT 1"
    return bool(rows(sql, (_newest_sealed() - _LATE,)))


def count_waiting() -> int:
    """Count the events that wait to be sealed: a look at the end of the log, not at all of it."""
    sql = f"SELECT count(*) FROM fhir_resource r WHERE {_WITHOUT_LINK} AND r.last_updated >= %s"
    return int(rows(sql, (_newest_sealed() - _LATE,))[0][0])


def _add(links: list[tuple[int, str, str]]) -> None:
    if not links:
        return
    if is_postgresql():
        columns = [list(column) for column in zip(*links, strict=True)]
        change(
            "INSERT INTO fhir_seal (sequence, audit, mac) SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])",
            columns,
        )
    else:
        change_many("INSERT INTO fhir_seal (sequence, audit, mac) VALUES (%s, %s, %s)", links)


def _link(key: bytes, previous: str, row: Sequence[Any]) -> str:
    id, last_updated, version, is_deleted, *words = row
    # A list, so that nothing moves from one column to the next unseen; SQLite gives a number for a truth.
    sealed = dumps([previous, id, last_updated, version, bool(is_deleted), *words])
    return hmac.new(key, sealed, sha256).hexdigest()


# --- Verifying
def verify(key: bytes, known: Head | None = None) -> Verdict:
    """Follow the chain from its beginning; names the first link that does not hold, or an event that was put in.

    `known` is a head that was printed earlier: the chain must still contain it.
    """
    last, newest, by_text = Head(0, _FIRST), 0, 0
    for link in _links():
        if by_text == last.sequence and _is_by_text(key, last, link):
            by_text += 1
        elif broken := _broken(key, last, link):
            return Verdict(last, broken, _count_all_unsealed(), by_text)
        if broken := _not_known(link, known):
            return Verdict(last, broken, _count_all_unsealed(), by_text)
        last, newest = Head(link.sequence, link.mac), max(newest, link.row[1])
    if known and known.sequence > last.sequence:
        broken = f"the chain ends at link {last.sequence}, but link {known.sequence} was known: the tail was cut off"
        return Verdict(last, broken, _count_all_unsealed(), by_text)
    return Verdict(last, _put_in(newest), _count_all_unsealed(), by_text)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link as it is stored, and its event's row (`_ROW`); empty: the event is not there."""

    sequence: int
    audit: str
    mac: str
    row: Sequence[Any]


def _links() -> Iterator[_Link]:
    """Give every link in order, a batch at a time."""
    sql = (
        f"SELECT s.sequence, s.audit, s.mac, {_ROW}"
        " FROM fhir_seal s LEFT JOIN fhir_resource r ON r.type = 'AuditEvent' AND r.id = s.audit"
        f" WHERE s.sequence > %s ORDER BY s.sequence LIMIT {_BATCH}"
    )
    last = -(2**63)
    while batch := rows(sql, (last,)):
        for sequence, audit, mac, *row in batch:
            yield _Link(sequence, audit, mac, row if row[-1] is not None else ())
        last = batch[-1][0]


def _is_by_text(key: bytes, last: Head, link: _Link) -> bool:
    """Tell whether a link is one of those with which chains began, which seal the text of an event and no column."""
    if not link.row or link.sequence != last.sequence + 1:
        return False
    sealed = hmac.new(key, f"{last.mac}{link.row[-1]}".encode(), sha256).hexdigest()
    return hmac.compare_digest(sealed, link.mac)


def _broken(key: bytes, last: Head, link: _Link) -> str | None:
    """Say what is wrong with the link that follows the last one; None: nothing."""
    if link.sequence <= last.sequence:
        return f"link {link.sequence} was put in"
    if link.sequence != last.sequence + 1:
        return f"link {last.sequence + 1} is missing"
    named = f"AuditEvent/{link.audit} of link {link.sequence}"
    if not link.row:
        return f"{named} was removed"
    if not hmac.compare_digest(_link(key, last.mac, link.row), link.mac):
        return f"{named} was changed, or the links before it were"
    return None


def _not_known(link: _Link, known: Head | None) -> str | None:
    if known and known.sequence == link.sequence and known.mac != link.mac:
        return f"link {link.sequence} (AuditEvent/{link.audit}) is not the head that was known: the chain was made anew"
    return None


def _put_in(newest: int) -> str | None:
    """Name an event without a link that is so old that it would have been sealed, had it been there."""
    found = rows(
        f"SELECT r.id FROM fhir_resource r WHERE {_WITHOUT_LINK} AND r.last_updated < %s"
        " ORDER BY r.last_updated, r.id LIMIT 1",
        (newest - _LATE,),
    )
    return f"AuditEvent/{found[0][0]} has no link, though newer ones have: it was put in afterwards" if found else None


def _count_all_unsealed() -> int:
    """Count the events without a link in the whole log."""
    return int(rows(f"SELECT count(*) FROM fhir_resource r WHERE {_WITHOUT_LINK}")[0][0])
