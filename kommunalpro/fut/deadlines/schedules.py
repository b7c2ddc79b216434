"""Scheduled changes of status are carried out when their time has come, one version for each, in order of time.

The histories of status are kept as for any other write, and so are the rules: a course of care that may not begin,
for want of a consent, does not. That is logged, and tried again in an hour, as long as it stands there; the team gets a
Task the first time, for else a pause would never end and nobody know. It keeps nothing else from its time: what came
before stays done, and with what comes after it is over. So it is, and never comes, when somebody has changed the status
themselves after the team was told: they know what is to be.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.deadlines import Deadline
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.deadlines.kinds import Kind
from kommunalpro.fut.owners import episode_of
from kommunalpro.fut.processing import report_failure
from kommunalpro.fut.schedules import TYPES, Scheduled, changed, schedule_of, without
from kommunalpro.fut.status_history import status_since
from kommunalpro.fut.tasks import is_told

log = logging.getLogger(__name__)


def schedules() -> Kind:
    """Give the kind of deadline that scheduled changes are."""
    return Kind("schedule", TYPES, _next_moment, _handle, _failed)


def _next_moment(resource: Json, seen: datetime, now: datetime) -> datetime | None:
    return next((each.at for each in schedule_of(resource)), None)


def _handle(session: Session, taken: Sequence[Deadline]) -> Iterator[tuple[Deadline, datetime]]:
    urls = [f"{session.server.base_url}/{each.type}/{each.id}" for each in taken]
    for deadline, resource in zip(taken, session.system_read_all(urls), strict=True):
        if _carry_out(session, resource):
            yield deadline, session.now
        else:
            _failed(session, deadline)
            yield deadline, from_microseconds(deadline.seen)


def _carry_out(session: Session, resource: Json) -> bool:
    """Make the changes that are due; tells whether none was refused that stands there still."""
    due = [each for each in schedule_of(resource) if each.at <= session.now]
    overtaken = [each for each in due if _is_overtaken(session, resource, each)]
    current, refused = resource, list[Scheduled]()
    if overtaken:
        current = _stored(session, without(current, *overtaken)) or current
        refused = overtaken if current is resource else refused
    for change in (each for each in due if each not in overtaken):
        if made := _stored(session, changed(current, *refused, change)):
            current, refused = made, []
        else:
            refused = [*refused, change]
    return not refused


def _stored(session: Session, resource: Json) -> dict[str, Any] | None:
    """Write what is changed; None: it is refused, which is logged."""
    try:
        with session.savepoint():
            return session.update(resource, if_match=resource["meta"]["versionId"])
    except FhirError as wrong:
        log.warning("A change of %s/%s is refused: %s", resource["resourceType"], resource["id"], wrong)
        return None


def _is_overtaken(session: Session, resource: Json, change: Scheduled) -> bool:
    """Tell whether the status was changed otherwise after it was told that this change could not be made."""
    url, since = own_url(session.server.base_url, resource), status_since(resource)
    return since > change.at and is_told(session, url, since=change.at, before=since)


def _failed(session: Session, deadline: Deadline) -> None:
    """Open the Task that says so, unless there was one since the change was to be."""
    url = f"{session.server.base_url}/{deadline.type}/{deadline.id}"
    resource = session.system_read(url)
    late = next((each for each in schedule_of(resource) if each.at <= session.now), None)
    episode = resource if deadline.type == "EpisodeOfCare" else episode_of(resource, session)
    if late is None or episode is None:
        return
    if not is_told(session, url, since=late.at):
        report_failure(session, resource, episode, resource if deadline.type == "CarePlan" else None, "urgent")
