"""Answers that a citizen has begun: those that nobody asks for now, and how it stands with one of them.

Nobody asks for them: there is a pause, their time was moved, or the course of care is over.

What is sent already, or perhaps is, is not among them, nor what was withdrawn, nor what was answered in another way.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from kommunalpro.care.bundles import all_pages
from kommunalpro.care.called import title_of
from kommunalpro.care.citizens import OVER
from kommunalpro.care.definitions import read_definition
from kommunalpro.care.drafts import OpenDraft
from kommunalpro.care.due import BACK, Due
from kommunalpro.care.followed import plans_followed
from kommunalpro.care.models import Draft
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, Unauthenticated, Unavailable
from kommunalpro.fut.deadlines.asked import timing_start
from kommunalpro.fut.gateway import Gateway, Parameters, Principal
from kommunalpro.fut.timing import slot_at
from kommunalpro.pro.text import Text

KEPT = timedelta(days=365)
"""So long after the last answer is what was begun told, in a pause or when the course of care is over."""
_WITHDRAWN = frozenset({"completed", "revoked", "entered-in-error"})

Why = Literal["paused", "moved", "over"]
Standing = Literal["open", "paused", "over", "withdrawn", "unknown"]
"""How it is with what a draft answers, its plan and its course of care, together."""


@dataclass(frozen=True, slots=True)
class HalfWritten:
    """A draft with answers. `why` nobody asks for it: `paused` can be sent when that is over, others now."""

    draft: UUID
    title: Text
    saved_at: datetime
    why: Why


def half_written(
    gateway: Gateway, patient: str, asked: Iterable[Due], *, by: Principal, now: datetime
) -> tuple[HalfWritten, ...]:
    """Give what a citizen has begun besides what is `asked` (by `due_for`), the last saved first.

    `by` stands in the citizen's context. Of what cannot be read any more, nothing.
    """
    begun = Draft.objects.filter(patient=patient, submitted_at=None, sending_until=None, changed_at__gte=now - KEPT)
    others = begun.exclude(pk__in=[due.draft for due in asked if due.draft]).prefetch_related("answers")
    rows = [row for row in others.order_by("-changed_at") if row.as_answers()]
    if not rows:
        return ()
    courses = _courses(gateway, patient, by=by, now=now)
    answered = partial(_is_answered, gateway, by=by, now=now)
    why = {row: _why(row, courses.get(row.service_request, ()), answered, now) for row in rows}
    return tuple(_read(gateway, why, by=by, now=now))


def read_standing(gateway: Gateway, draft: OpenDraft, *, by: Principal, now: datetime) -> Standing:
    """Tell how it is with what a draft answers. `by` stands in the citizen's context."""
    in_course = [("episodeOfCare", draft.episode_of_care)]
    courses = _courses(gateway, draft.patient, in_course, by=by, now=now)
    return _standing(courses.get(draft.service_request, ()))


def _standing(course: Sequence[Json]) -> Standing:
    statuses = {each["status"] for each in course}
    if not statuses:
        return "unknown"
    if statuses & _WITHDRAWN:
        return "withdrawn"
    if statuses & {*OVER}:
        return "over"
    return "open" if statuses == {"active"} else "paused"


def _courses(
    gateway: Gateway, patient: str, only: Parameters = (), *, by: Principal, now: datetime
) -> Mapping[str, list[Json]]:
    """Give a citizen's requests by URL, each with its plan and course of care: all are active where it is asked."""
    return {
        url: [request, each.plan, *([each.course] if each.course else ())]
        for each in plans_followed(gateway, patient, only, by=by, now=now)
        for url, request in each.requests.items()
    }


def _why(row: Draft, course: Sequence[Json], answered: Callable[[Draft], bool], now: datetime) -> Why | None:
    """Say why nobody asks for a draft; None: it was withdrawn, answered or missed long ago, or nobody knows."""
    standing = _standing(course)
    if standing == "paused":
        return "paused"
    is_near = bool(row.slot_end) and parse_datetime(row.slot_end) >= now - BACK
    if standing == "over":
        # What may be answered at any time has no slot.
        return "over" if (is_near or not row.slot_end) and not answered(row) else None
    if standing != "open" or not row.slot_start or not is_near:
        return None
    slot = slot_at(course[0], parse_datetime(row.slot_start))
    return "moved" if slot is None or slot.version is not None else None


def _is_answered(gateway: Gateway, row: Draft, *, by: Principal, now: datetime) -> bool:
    """Tell whether the slot that a draft answers was answered in another way; what has none may be at any time."""
    if not row.slot_start:
        return False
    asked = [("subject", row.patient), ("based-on", row.service_request), ("status", "completed,amended")]
    within = by.within(patient=row.patient, episode_of_care=None)
    pages = all_pages(gateway, "QuestionnaireResponse", [*asked, ("_count", "100")], by=within, now=now)
    given = (each for page in pages for each in resources(page, "QuestionnaireResponse"))
    return any(timing_start(each) == parse_datetime(row.slot_start) for each in given)


def _read(gateway: Gateway, why: Mapping[Draft, Why | None], *, by: Principal, now: datetime) -> Iterator[HalfWritten]:
    for row, reason in why.items():
        if reason is None or row.changed_at is None:
            continue
        within = by.within(patient=row.patient, episode_of_care=row.episode_of_care)
        try:
            form = read_definition(gateway, row.questionnaire_version, by=within, now=now).form
        except (Unauthenticated, Unavailable):
            raise
        except FhirError:
            # One that cannot be read keeps nobody from what is due.
            continue
        yield HalfWritten(row.pk, title_of(row.title, form), row.changed_at, reason)
