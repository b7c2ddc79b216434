"""Missing measurements: a slot has ended, and less has come in than was asked for. A Task asks the team to see to it.

One Task for each slot, and a message to each team; one more only where an answer had closed the first, and is
invalidated. Whether a slot was looked at stands in the request's row of
deadlines, which moves on in the transaction that makes the Task; and a slot that has a Task gets no other, also when
those rows were lost.

Ours, where the guide is silent: a slot has ended when it can be answered no more (`timing.py`), and counts as ended
five minutes after that, so that what was sent in its last moment has arrived; missed is what ended while the request,
its plan and its episode were active, whatever has become of them and of its times since, and no more than four weeks
ago. Which Tasks there are does not hang on when anybody looks: where a change of status is due that no worker has
carried out yet, what ended after it waits for that; but not once the team was told that it cannot be carried out
(`schedules.py`), for until it is, all goes on being asked. The request is not read until its next slot has ended: a
round costs one look into an index, and for each hundred requests with an ended slot some ten statements.

Source: `fut.md` 2.7, 4.8.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import in_zone, parse_datetime, to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver import deadlines
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.activity_codes import is_done
from kommunalpro.fut.deadlines import messages
from kommunalpro.fut.deadlines.asked import (
    Asked,
    SlotKey,
    answered,
    read_asked,
    slot_key,
    timing_start,
)
from kommunalpro.fut.moments import later_by
from kommunalpro.fut.schedules import awaits
from kommunalpro.fut.status_history import Span, active_spans, all_active
from kommunalpro.fut.task_codes import ANSWERED, MISSED_BACK, MISSING, OPEN, is_closed_by_answer
from kommunalpro.fut.tasks import concept, is_told, new_task, teams_of
from kommunalpro.fut.timing import Slot, slot_at, slots_after

KIND = "missing"
GRACE = timedelta(minutes=5)
TEXT = "Et svar er ikke kommet i tide. Se det i Kommunal PRO."
_MOST_SLOTS = 50
"""Slots of one request in one batch; the rest is looked at in the next."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """A request's slots that have ended and were not looked at; `seen`: up to where it is looked at with them."""

    asked: Asked
    slots: tuple[Slot, ...]
    seen: datetime


def next_moment(request: Json, seen: datetime, now: datetime) -> datetime | None:
    """Give when a request must be looked at; None: never, as it is now. `seen`: up to where it was looked at."""
    if not is_done("do-missing-measurement", request):
        return None
    slot = next(_slots(request, active_spans(request), max(seen, now - MISSED_BACK)), None)
    return later_by(slot.closes, GRACE) if slot and slot.closes else None


def handle(session: Session, taken: Sequence[deadlines.Deadline]) -> Iterator[tuple[deadlines.Deadline, datetime]]:
    """Make the Tasks of what has ended; gives each deadline with up to where its request is looked at."""
    asked = read_asked(session, [each.id for each in taken])
    ended = {each.id: _ended(session, asked[each.id], each) for each in taken if each.id in asked}
    known = _Known(session, list(ended.values()))
    for deadline in taken:
        found = ended.get(deadline.id)
        if found is None:
            yield deadline, session.now - GRACE
            continue
        for slot in known.missing(found):
            _tell(session, found.asked, slot, known)
        yield deadline, found.seen


def _ended(session: Session, asked: Asked, deadline: deadlines.Deadline) -> _Ended:
    seen, until = from_microseconds(deadline.seen), _until(session, asked)
    since = max(seen, session.now - MISSED_BACK)
    over = (slot for slot in _slots(asked.request, all_active(asked.parts), since) if slot.start)
    slots = tuple(takewhile(lambda slot: slot.closes is not None and slot.closes <= until, islice(over, _MOST_SLOTS)))
    last = slots[-1].closes if len(slots) == _MOST_SLOTS else None
    return _Ended(asked, slots, last or max(seen, until))


def _until(session: Session, asked: Asked) -> datetime:
    """Give up to when it is known what was asked, and what has come in."""
    base, due = session.server.base_url, ((each, awaits(each, session.now)) for each in asked.parts)
    waited = [at for each, at in due if at and not is_told(session, own_url(base, each), since=at)]
    return min([session.now - GRACE, *waited])


def _slots(request: Json, spans: Iterable[Span], since: datetime) -> Iterator[Slot]:
    """Give the slots of a request that close after `since` and within one of these spans, in order."""
    for span in spans:
        for slot in slots_after(request, max(since, span.start)):
            if slot.closes not in span:
                break
            yield slot


class _Known:
    """What has come in, what has a Task, and what somebody wishes: read once for a batch, when there is anything."""

    def __init__(self, session: Session, ended: Sequence[_Ended]) -> None:
        self._asked = [each.asked for each in ended if each.slots]
        starts = [slot.start for each in ended for slot in each.slots if slot.start]
        urls = [each.url for each in self._asked]
        self._answered = answered(session, urls, min(starts)) if starts else Counter[SlotKey]()
        self._told = set(_told(session, urls, min(starts))) if starts else set()
        self._session = session
        self._wishes: list[Json] | None = None

    def missing(self, ended: _Ended) -> list[Slot]:
        """Give the slots that lack something and have no Task."""
        keys = [(slot_key(ended.asked.url, slot.start), slot) for slot in ended.slots if slot.start]
        return [slot for key, slot in keys if self._answered[key] < slot.requested and key not in self._told]

    def wishes(self) -> list[Json]:
        """Give what somebody wishes of the messages; looked for when the first is written."""
        if self._wishes is None:
            patients = [each.episode["patient"]["reference"] for each in self._asked]
            self._wishes = messages.wishes(self._session, patients, (ehealth.TASK_CATEGORY_CODES, MISSING))
        return self._wishes


def _told(session: Session, urls: Sequence[str], since: datetime) -> Iterator[SlotKey]:
    query = [*_about(",".join(urls)), ("resolvedTimingStart", f"ge{to_datetime(since)}"), ("_count", "1000")]
    for task in session.search_all("Task", query):
        start = timing_start(task)
        if start and not is_closed_by_answer(task):
            yield slot_key(task["focus"]["reference"], start)


def _about(urls: str) -> list[tuple[str, str]]:
    return [("focus", urls), ("category", f"{ehealth.TASK_CATEGORY_CODES}|{MISSING}")]


def _tell(session: Session, asked: Asked, slot: Slot, known: _Known) -> None:
    timing = resolved_timing(asked.request, slot)
    session.create(
        new_task(
            session,
            asked.episode,
            asked.care_plan,
            category=MISSING,
            priority="routine",
            focus=asked.url,
            timing=timing,
        )
    )
    for team in teams_of(asked.episode, asked.care_plan):
        base_url = session.server.base_url
        wish = messages.wish_for(known.wishes(), asked, team["reference"], base_url, session.now)
        messages.write(
            session,
            asked,
            TEXT,
            wish,
            reasonCode=[concept(ehealth.TASK_CATEGORY_CODES, MISSING)],
            extension=[timing, {"url": ehealth.RECIPIENT_CARE_TEAM, "valueReference": dict(team)}],
        )


def resolved_timing(request: Json, slot: Slot) -> dict[str, Any]:
    """Name a slot of a request."""
    ends = {"start": slot.start, "end": slot.end}
    return {
        "url": ehealth.RESOLVED_TIMING,
        "extension": [
            {"url": "serviceRequestVersionId", "valueId": slot.version or request["meta"]["versionId"]},
            *({"url": name, "valueDateTime": to_datetime(in_zone(at))} for name, at in ends.items() if at),
            {"url": "type", "valueCodeableConcept": concept(ehealth.RESOLVED_TIMING_TYPE, slot.type)},
        ],
    }


def close(session: Session, request: Json, start: datetime, requested: int) -> None:
    """Close the Task of a slot, now that a late measurement has come in and nothing is missing any more.

    Waits for a worker that is looking at the request, and lets none begin: one of the two sees what the other did.
    """
    deadlines.hold_one(KIND, "ServiceRequest", request["id"])
    url = own_url(session.server.base_url, request)
    if answered(session, [url], start)[slot_key(url, start)] < requested:
        return
    at = to_datetime(start)
    found = session.search_all("Task", [*_about(url), ("resolvedTimingStart", at), ("status", OPEN)])
    for task in list(found):
        # The clock of the worker that made it may be ahead of this one; R4 has no Task changed before it was made.
        modified = max(session.now, parse_datetime(task["authoredOn"]))
        change: list[Json] = [
            {"op": "replace", "path": "/status", "value": "completed"},
            {"op": "add", "path": "/statusReason", "value": {"text": ANSWERED}},
            {"op": "add", "path": "/lastModified", "value": to_datetime(modified)},
        ]
        session.patch("Task", task["id"], change, if_match=task["meta"]["versionId"])


def miss_again(session: Session, request: Json, start: datetime) -> None:
    """Make the Task of a slot that has ended, now that an answer to it counts no more: no worker looks at it again."""
    deadlines.hold_one(KIND, "ServiceRequest", request["id"])
    asked = read_asked(session, [request["id"]]).get(request["id"])
    slot = slot_at(asked.request, start) if asked else None
    if asked is None or slot is None or slot.closes is None or not is_done("do-missing-measurement", asked.request):
        return
    has_ended = session.now - MISSED_BACK < slot.closes <= _until(session, asked)
    if has_ended and any(slot.closes in each for each in all_active(asked.parts)):
        ended = _Ended(asked, (slot,), slot.closes)
        known = _Known(session, [ended])
        for each in known.missing(ended):
            _tell(session, asked, each, known)
