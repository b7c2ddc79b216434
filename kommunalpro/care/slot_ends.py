"""Where a slot begins and ends, as people say it: a day, and a time of day where the day alone would mislead."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kommunalpro.fhir.datetime import in_zone

_LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class SlotEnd:
    """One end of a slot on the Danish clock. `clock` None: it goes with the day itself."""

    day: date
    clock: datetime | None = None


def beginning(opens: datetime) -> SlotEnd:
    """Tell where a slot begins; one from midnight has the whole day."""
    local = in_zone(opens)
    return SlotEnd(local.date(), None if local.time() == time.min else local)


def ending(opens: datetime, closes: datetime) -> SlotEnd:
    """Tell where a slot ends; one until midnight, or the last minute before it, has the whole of the day that goes.

    A moment, a slot without length, is over where it begins: nobody had the day before.
    """
    local = in_zone(closes)
    if closes <= opens:
        return beginning(closes)
    if local.time() == time.min:
        return SlotEnd(local.date() - timedelta(days=1))
    return SlotEnd(local.date(), None if local.time() >= _LAST_MINUTE else local)
