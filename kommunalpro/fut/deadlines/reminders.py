"""Reminders: a message to the citizen while there is still time to answer, once for each slot.

It says that something waits, and nothing else. When it is written is the installation's to say: so many days before the
slot's last day, at an hour of the Danish day. Ours, where the guide is silent: where the slot is not open by then, on
the first later day on which it is; a slot that is not open at that hour of any day is not reminded of; nor is what has
been answered, or is paused. A worker that was away reminds when it comes back, as long as the slot is open.

Source: `fut.md` 4.8.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from itertools import islice

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK, in_zone, to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.deadlines import Deadline
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
from kommunalpro.fut.deadlines.kinds import Kind
from kommunalpro.fut.deadlines.missing import resolved_timing
from kommunalpro.fut.status_history import status_since
from kommunalpro.fut.tasks import concept
from kommunalpro.fut.timing import Slot, slots_after

REASON = "ReminderSubmitMeasurement"
TEXTS = {
    "da": "Du er bedt om at svare på noget, og fristen er tæt på. Log ind for at svare.",
    "en": "You have been asked to answer something, and the deadline is near. Log in to answer.",
}
_MOST_SLOTS = 2_000
"""Slots that are looked through for the next reminder: more than there are minutes in a day."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """So many days before the last day of a slot, at an hour of the Danish day."""

    days: int = 1
    hour: int = 10

    def of(self, slot: Slot) -> datetime | None:
        """Give when a slot is reminded of; None: it is not."""
        if slot.start is None or slot.end is None:
            return None
        # What ends at midnight can be answered for the last time the day before.
        last = in_zone(slot.end - timedelta.resolution).date()
        for days in range(self.days, -1, -1):
            moment = datetime.combine(last - timedelta(days=days), time(self.hour), DENMARK)
            if slot.start <= moment < slot.end:
                return moment
        return None


def reminders(how: Reminding) -> Kind:
    """Give the kind of deadline that reminders are."""
    return Kind("reminder", ("ServiceRequest",), partial(_next_moment, how), partial(_handle, how))


def _next_moment(how: Reminding, request: Json, seen: datetime, now: datetime) -> datetime | None:
    if request["status"] != "active" or not is_done("do-reminder", request):
        return None
    since = _since(request, seen)
    # What has ended cannot be reminded of.
    slots = islice(slots_after(request, max(since, now)), _MOST_SLOTS)
    return next((moment for slot in slots if (moment := how.of(slot)) and moment > since), None)


def _since(request: Json, seen: datetime) -> datetime:
    return max(seen, status_since(request))


def _handle(how: Reminding, session: Session, taken: Sequence[Deadline]) -> Iterator[tuple[Deadline, datetime]]:
    asked = read_asked(session, [each.id for each in taken])
    active = [each for each in taken if each.id in asked and asked[each.id].is_active]
    due = {each.id: _due(how, asked[each.id], each, session.now) for each in active}
    waiting = [(asked[id], slot) for id, slot in due.items() if slot and slot.start]
    _remind(session, waiting)
    for each in taken:
        yield each, session.now


def _due(how: Reminding, asked: Asked, deadline: Deadline, now: datetime) -> Slot | None:
    """Give the slot to remind of; of several that are open, the one that ends last: one message is enough."""
    since = _since(asked.request, from_microseconds(deadline.seen))
    found = None
    for slot in islice(slots_after(asked.request, now), _MOST_SLOTS):
        moment = how.of(slot)
        if moment is not None and moment > now:
            break
        if moment is not None and moment > since:
            found = slot
    return found


def _remind(session: Session, waiting: Sequence[tuple[Asked, Slot]]) -> None:
    starts = [slot.start for _, slot in waiting if slot.start]
    if not starts:
        return
    urls = [asked.url for asked, _ in waiting]
    come, told = answered(session, urls, min(starts)), set(_told(session, urls, min(starts)))
    patients = sorted({asked.episode["patient"]["reference"] for asked, _ in waiting})
    known = dict(zip(patients, session.system_read_all(patients), strict=True))
    wishes = messages.wishes(session, patients, (ehealth.MESSAGE_REASON_CODES, REASON))
    for asked, slot in waiting:
        key = slot_key(asked.url, slot.start) if slot.start else None
        if key and come[key] < slot.requested and key not in told:
            _write(session, asked, slot, known[asked.episode["patient"]["reference"]], wishes)


def _told(session: Session, urls: Sequence[str], since: datetime) -> Iterator[SlotKey]:
    """Give the slots that were reminded of; `since`: the first of them begins then, and none is reminded of before."""
    start = to_datetime(since.replace(microsecond=0))
    query = [("based-on", ",".join(urls)), ("_lastUpdated", f"ge{start}"), ("_count", "1000")]
    for message in session.search_all("Communication", query):
        codings = (coding for each in message.get("reasonCode", ()) for coding in each.get("coding", ()))
        begins = timing_start(message)
        if begins and any(coding.get("code") == REASON for coding in codings):
            yield slot_key(message["basedOn"][0]["reference"], begins)


def _write(session: Session, asked: Asked, slot: Slot, patient: Json, wishes: Sequence[Json]) -> None:
    recipient = asked.episode["patient"]
    wish = messages.wish_for(wishes, asked, recipient["reference"], session.server.base_url, session.now)
    messages.write(
        session,
        asked,
        TEXTS[messages.language_of(patient)],
        wish,
        recipient=[recipient],
        medium=[messages.medium_of(patient)],
        reasonCode=[concept(ehealth.MESSAGE_REASON_CODES, REASON)],
        extension=[resolved_timing(asked.request, slot)],
    )
