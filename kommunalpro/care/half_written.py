"""Answers that a citizen has begun, and nobody asks for now: their activity is on pause, or its times were moved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kommunalpro.care.called import title_of
from kommunalpro.care.definitions import read_definition
from kommunalpro.care.due import BACK, Due
from kommunalpro.care.models import Draft
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.outcome import Forbidden, Gone, NotFound
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro.text import Text


@dataclass(frozen=True, slots=True)
class HalfWritten:
    """A draft with answers. `can_be_sent`: its activity is active, so that they are taken in though not asked for."""

    draft: UUID
    title: Text
    saved_at: datetime
    can_be_sent: bool


def half_written(
    gateway: Gateway, patient: str, asked: Iterable[Due], *, by: Principal, now: datetime
) -> tuple[HalfWritten, ...]:
    """Give what a citizen has begun besides what is `asked` (by `due_for`), the last saved first.

    As long as what was missed is told (`BACK`), and its activity has not ended; of what the citizen may not see any
    more, nothing.
    """
    begun = Draft.objects.filter(patient=patient, submitted_at=None, changed_at__isnull=False)
    others = begun.exclude(pk__in=[due.draft for due in asked if due.draft]).prefetch_related("answers")
    recent = (row for row in others.order_by("-changed_at") if row.as_answers() and not _is_past(row, now))
    return tuple(_read(gateway, recent, by=by, now=now))


def _is_past(row: Draft, now: datetime) -> bool:
    return bool(row.slot_end) and parse_datetime(row.slot_end) < now - BACK


def _read(gateway: Gateway, rows: Iterable[Draft], *, by: Principal, now: datetime) -> Iterator[HalfWritten]:
    for row in rows:
        within = by.within(patient=row.patient, episode_of_care=row.episode_of_care)
        try:
            status = gateway.read(row.service_request, by=within, now=now)["status"]
            form = read_definition(gateway, row.questionnaire_version, by=within, now=now).form
        except (Forbidden, Gone, NotFound):
            continue
        if status in ("active", "on-hold") and row.changed_at:
            yield HalfWritten(row.pk, title_of(row.title, form), row.changed_at, can_be_sent=status == "active")
