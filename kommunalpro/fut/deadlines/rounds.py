"""A worker's round: learn what was changed, then do what has come to its time. Bounded, and safe to run anywhere twice.

Each batch is a transaction: what is done, and when to look next, commit together. What fails is rolled back by itself,
logged, and tried again in an hour.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver import deadlines
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.clockwork import from_microseconds, to_microseconds
from kommunalpro.fhirserver.deadlines import Change, Deadline
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
    """Give what there is to look for: statuses first, for what is paused is not reminded of."""
    missed = Kind(missing.KIND, ("ServiceRequest",), missing.next_moment, missing.handle)
    return schedules(), missed, reminders(reminding)


def work(server: Server, now: datetime, reminding: Reminding, others: Sequence[Kind] = ()) -> int:
    """Do a round, of `others` as well; gives how many resources were looked at because their time had come."""
    every = (*kinds(reminding), *others)
    for type in dict.fromkeys(type for kind in every for type in kind.types):
        _learn(server, now, type, [kind for kind in every if type in kind.types])
    return sum(see_to(server, now, kind) for kind in every)


def _learn(server: Server, now: datetime, type: str, many: Sequence[Kind]) -> None:
    """Set the deadlines of what was changed, a page in each transaction; what is left is for the next round.

    It does not stop within what was changed at one moment, for that is all that is kept of how far it came; but it
    does where another worker has ended the reading meanwhile, and begun one of its own.
    """
    after: tuple[int, str] | None = None
    bound: int | None = None
    for page in count(1):
        with server.session(SYSTEM, now=now) as session:
            reading = deadlines.horizon(type, now)
            if reading is None or bound not in (None, reading.bound):
                return
            bound = reading.bound
            before = after or (reading.begin, "")
            changed = deadlines.changes(type, before, _PAGE)
            if changed:  # A round in which nothing has changed leaves no AuditEvent: there is one every ten seconds.
                session.trail.asked(Request("operation", type, name="$learn-deadlines"))
            after = (changed[-1].moment, changed[-1].id) if changed else before
            for kind in many:
                _set(kind, type, changed, now)
            is_last = len(changed) < _PAGE
            deadlines.move_horizon(type, None if is_last else after[0], reading)
        if is_last or (page >= _PAGES and after[0] > before[0]):
            return


def _set(kind: Kind, type: str, changed: Sequence[Change], now: datetime) -> None:
    """Set when what was changed is looked at next; what cannot be understood is passed over, and nothing deleted is."""
    known = deadlines.hold(kind.name, type, [each.id for each in changed])
    found = []
    for id, resource in ((each.id, each.resource) for each in changed):
        held = known.get(id)
        seen = held.seen if held else 0
        if resource is None:
            if held:
                deadlines.remove(kind.name, type, id)
            continue
        try:
            moment = kind.next_moment(resource, from_microseconds(seen), now)
        except Exception:
            log.exception("It cannot be told when to look at %s/%s again", type, id)
            continue
        if held or moment:
            found.append(_next(kind, resource, moment, seen))
    _keep(found)


def _next(kind: Kind, resource: Json, moment: datetime | None, seen: int) -> Deadline:
    """Give when a resource is looked at next: `at` is 0 where it never is, and nothing need be kept of it.

    What goes on, or may go on, keeps up to where it was looked at, also without a next moment.
    """
    goes_on = seen > 0 and resource["status"] in ("active", "on-hold")
    at = to_microseconds(moment) if moment else deadlines.NEVER if goes_on else 0
    return Deadline(kind.name, resource["resourceType"], resource["id"], at, seen)


def _keep(found: Sequence[Deadline]) -> None:
    deadlines.put(*(each for each in found if each.at))
    for each in found:
        if not each.at:
            deadlines.remove(each.kind, each.type, each.id)


def see_to(server: Server, now: datetime, kind: Kind) -> int:
    """Do what is due of one kind; gives how many resources were looked at."""
    done = 0
    for _ in range(_BATCHES):
        if not deadlines.is_any_due(kind.name, now):
            break
        with server.session(SYSTEM, now=now) as session:
            session.trail.asked(Request("operation", name=f"$do-{kind.name}"))
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
            _tell_failure(session, kind, some[0])
        return False
    return True


def _tell_failure(session: Session, kind: Kind, deadline: Deadline) -> None:
    if kind.failed is None:
        return
    try:
        with session.savepoint():
            kind.failed(session, deadline)
    except DATABASE_ERRORS:
        raise
    except Exception:
        log.exception("Nobody could be told that %s failed for %s/%s", kind.name, deadline.type, deadline.id)


def _move(session: Session, kind: Kind, seen: Mapping[Deadline, datetime]) -> None:
    base = session.server.base_url
    current = session.system_read_all([f"{base}/{each.type}/{each.id}" for each in seen])
    found = []
    for (each, last), resource in zip(seen.items(), current, strict=True):
        moment, mark = kind.next_moment(resource, last, session.now), to_microseconds(last)
        # What waits for something is not looked at again and again meanwhile, before all else.
        stands = moment is not None and moment <= session.now and mark <= each.seen
        found.append(_next(kind, resource, session.now + _AGAIN if stands else moment, mark))
    _keep(found)
