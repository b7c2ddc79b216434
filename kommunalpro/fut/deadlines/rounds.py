"""A worker's round: learn what was changed, then do what has come to its time. Bounded, and safe to run anywhere twice.

Each batch is a transaction: what is done, and when to look next, commit together. What fails is rolled back by itself,
logged, and tried again in an hour.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver import deadlines
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.clockwork import from_microseconds, to_microseconds
from kommunalpro.fhirserver.deadlines import Deadline
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.server import Server
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.deadlines import missing
from kommunalpro.fut.deadlines.asked import AT_ONCE
from kommunalpro.fut.deadlines.kinds import Kind
from kommunalpro.fut.deadlines.reminders import Reminding, reminders
from kommunalpro.fut.deadlines.schedules import schedules

log = logging.getLogger(__name__)

_PAGE, _PAGES, _BATCHES = 500, 40, 20
_AGAIN = timedelta(hours=1)


def kinds(reminding: Reminding) -> tuple[Kind, ...]:
    """Give what there is to look for."""
    missed = Kind(missing.KIND, ("ServiceRequest",), missing.next_moment, missing.handle)
    return schedules(), missed, reminders(reminding)


def work(server: Server, now: datetime, reminding: Reminding) -> int:
    """Do a round; gives how many resources were looked at because their time had come."""
    every = kinds(reminding)
    for type in dict.fromkeys(type for kind in every for type in kind.types):
        _learn(server, now, type, [kind for kind in every if type in kind.types])
    return sum(_handle_due(server, now, kind) for kind in every)


def _learn(server: Server, now: datetime, type: str, many: Sequence[Kind]) -> None:
    """Set the deadlines of what was changed, a page in each transaction; what is left is for the next round."""
    after: tuple[int, str] | None = None
    for _ in range(_PAGES):
        with server.session(SYSTEM, now=now) as session:
            session.authorise(Request("operation", type, name="$learn-deadlines"))
            begun = deadlines.horizon(type, now)
            if begun is None:
                return
            changed, after = deadlines.changes(type, after or begun, _PAGE)
            for kind in many:
                known = deadlines.hold(kind.name, type, [each["id"] for each in changed])
                for resource in changed:
                    _set(kind, resource, known.get(resource["id"]), now)
            is_last = len(changed) < _PAGE
            deadlines.move_horizon(type, None if is_last else after[0], now)
        if is_last:
            return


def _set(kind: Kind, resource: Json, known: Deadline | None, now: datetime) -> None:
    type, id = resource["resourceType"], resource["id"]
    seen = known.seen if known else 0
    try:
        moment = kind.next_moment(resource, from_microseconds(seen), now)
    except Exception:
        log.exception("It cannot be told when to look at %s/%s again", type, id)
        return
    _put(kind, resource, moment, seen, is_there=known is not None)


def _put(kind: Kind, resource: Json, moment: datetime | None, seen: int, *, is_there: bool) -> None:
    """Set when a resource is looked at next. What goes on keeps up to where it was looked at, also without a next."""
    type, id = resource["resourceType"], resource["id"]
    if moment is not None:
        deadlines.put(Deadline(kind.name, type, id, to_microseconds(moment), seen))
    elif seen and resource["status"] == "active":
        deadlines.put(Deadline(kind.name, type, id, deadlines.NEVER, seen))
    elif is_there:
        deadlines.remove(kind.name, type, id)


def _handle_due(server: Server, now: datetime, kind: Kind) -> int:
    done = 0
    for _ in range(_BATCHES):
        if not deadlines.is_any_due(kind.name, now):
            break
        with server.session(SYSTEM, now=now) as session:
            session.authorise(Request("operation", name=f"$do-{kind.name}"))
            taken = deadlines.take(kind.name, now, AT_ONCE)
            _do(session, kind, taken)
        done += len(taken)
        if len(taken) < AT_ONCE:
            break
    return done


def _do(session: Session, kind: Kind, taken: Sequence[Deadline]) -> None:
    """Do a batch; one that fails together is done one by one, so that what is wrong holds nobody else up."""
    by_type: dict[str, list[Deadline]] = {}
    for deadline in taken:
        by_type.setdefault(deadline.type, []).append(deadline)
    for some in by_type.values():
        if not _succeeds(session, kind, some) and len(some) > 1:
            for deadline in some:
                _succeeds(session, kind, [deadline])


def _succeeds(session: Session, kind: Kind, some: Sequence[Deadline]) -> bool:
    try:
        with session.savepoint():
            seen = dict(kind.handle(session, some))
            _move(session, kind, seen)
    except DATABASE_ERRORS:
        raise
    except Exception:
        if len(some) == 1:
            log.exception("%s failed for %s/%s", kind.name, some[0].type, some[0].id)
            later = to_microseconds(session.now + _AGAIN)
            deadlines.put(Deadline(kind.name, some[0].type, some[0].id, later, some[0].seen))
        return False
    return True


def _move(session: Session, kind: Kind, seen: Mapping[Deadline, datetime]) -> None:
    base = session.server.base_url
    current = session.system_read_all([f"{base}/{deadline.type}/{deadline.id}" for deadline in seen])
    for last, resource in zip(seen.values(), current, strict=True):
        moment = kind.next_moment(resource, last, session.now)
        _put(kind, resource, moment, to_microseconds(last), is_there=True)
