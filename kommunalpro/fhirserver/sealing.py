"""Sealing the audit log: each AuditEvent in a chain of HMACs, so that a change by hand in the database shows.

A link is HMAC(key, previous link + the event's text). The key is outside the database. Only events older than the
oldest open transaction are sealed, so that none slips in behind; one sealer at a time. Whoever keeps the printed heads
elsewhere can also see that the tail was cut off.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction

from kommunalpro.fhirserver.database import Row, change, is_postgresql, rows

_FIRST = "0" * 64
_LOCK = 7_264_001
"""Advisory lock of the sealer: any number that nothing else uses."""

_BATCH = 5_000


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

    `broken` None: every link holds; else where and what. `unsealed`: how many events are not sealed yet.
    """

    head: Head
    broken: str | None
    unsealed: int


def seal(key: bytes) -> Head:
    """Seal what can be sealed; gives the new head. Another sealer at work: gives the head as it stands."""
    with transaction.atomic():
        if is_postgresql() and not rows("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,))[0][0]:
            return head()
        last = head()
        for id, text in _unsealed():
            last = Head(last.sequence + 1, _link(key, last.mac, text))
            change("INSERT INTO fhir_seal (sequence, audit, mac) VALUES (%s, %s, %s)", (last.sequence, id, last.mac))
        return last


def head() -> Head:
    """Give the last link; sequence 0 when nothing is sealed."""
    found = rows("SELECT sequence, mac FROM fhir_seal ORDER BY sequence DESC LIMIT 1")
    return Head(*found[0]) if found else Head(0, _FIRST)


def verify(key: bytes, known: Head | None = None) -> Verdict:
    """Follow the chain from its beginning; names the first link that does not hold.

    `known` is a head that was printed earlier: the chain must still contain it.
    """
    previous, expected, broken = _FIRST, 1, None
    for sequence, audit, mac, text in _links():
        broken = _broken(key, previous, expected, sequence, audit, mac, text)
        if broken:
            break
        if known and known.sequence == sequence and known.mac != mac:
            broken = f"link {sequence} (AuditEvent/{audit}) is not the head that was known: the chain was made anew"
            break
        previous, expected = mac, sequence + 1
    last = head()
    if broken is None and known and known.sequence > last.sequence:
        broken = f"the chain ends at link {last.sequence}, but link {known.sequence} was known: the tail was cut off"
    return Verdict(last, broken, _count_unsealed())


def _links() -> Iterator[Row]:
    """Give (sequence, audit, mac, text) of every link in order; text None: the event is not there."""
    sql = (
        "SELECT s.sequence, s.audit, s.mac, r.json FROM fhir_seal s"
        " LEFT JOIN fhir_resource r ON r.type = 'AuditEvent' AND r.id = s.audit"
        f" WHERE s.sequence > %s ORDER BY s.sequence LIMIT {_BATCH}"
    )
    last = -1
    while batch := rows(sql, (last,)):
        yield from batch
        last = batch[-1][0]


def _broken(
    key: bytes, previous: str, expected: int, sequence: int, audit: str, mac: str, text: str | None
) -> str | None:
    if sequence != expected:
        return f"link {expected} is missing"
    if text is None:
        return f"AuditEvent/{audit} of link {sequence} was removed"
    if not hmac.compare_digest(_link(key, previous, text), mac):
        return f"AuditEvent/{audit} of link {sequence} was changed, or the links before it were"
    return None


def _link(key: bytes, previous: str, text: str) -> str:
    return hmac.new(key, previous.encode() + text.encode(), sha256).hexdigest()


def _unsealed() -> list[tuple[str, str]]:
    """Give events without a link, oldest first. On PostgreSQL only those whose transaction no open one can precede."""
    # By age, because the numbers of transactions begin again after four thousand million.
    settled = " AND age(r.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)" if is_postgresql() else ""
    sql = (
        "SELECT r.id, r.json FROM fhir_resource r LEFT JOIN fhir_seal s ON s.audit = r.id"
        f" WHERE r.type = 'AuditEvent' AND s.audit IS NULL{settled} ORDER BY r.last_updated, r.id LIMIT {_BATCH}"
    )
    return [(id, text) for id, text in rows(sql)]


def _count_unsealed() -> int:
    sql = (
        "SELECT count(*) FROM fhir_resource r LEFT JOIN fhir_seal s ON s.audit = r.id"
        " WHERE r.type = 'AuditEvent' AND s.audit IS NULL"
    )
    return int(rows(sql)[0][0])
