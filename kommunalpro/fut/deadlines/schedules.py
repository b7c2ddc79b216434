"""Scheduled changes of status are carried out when their time has come, one version for each, in order of time.

The histories of status are kept as for any other write, and so are the rules: a course of care that may not begin,
for want of a consent, does not. That is logged, and tried again in an hour, as long as it stands there.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.deadlines import Deadline
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.deadlines.kinds import Kind
from kommunalpro.fut.schedules import TYPES, changed, schedule_of


def schedules() -> Kind:
    """Give the kind of deadline that scheduled changes are."""
    return Kind("schedule", TYPES, _next_moment, _handle)


def _next_moment(resource: Json, seen: datetime, now: datetime) -> datetime | None:
    return next((each.at for each in schedule_of(resource)), None)


def _handle(session: Session, taken: Sequence[Deadline]) -> Iterator[tuple[Deadline, datetime]]:
    urls = [f"{session.server.base_url}/{each.type}/{each.id}" for each in taken]
    for deadline, resource in zip(taken, session.system_read_all(urls), strict=True):
        current = resource
        for change in schedule_of(resource):
            if change.at <= session.now:
                current = session.update(changed(current, change), if_match=current["meta"]["versionId"])
        yield deadline, session.now
