"""What a stored measurement brings about: its assessment, and what follows it. At once, or by the worker.

At FUT a measurement is answered for when it is stored, and what it means is worked out after that (`fut.md` 2.7). So
does a strict server: a row says which measurements wait, and the worker's next round assesses them. It keeps no record
of ours with the light then, for FUT has none.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.deadlines import Deadline, put
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.afterwards import care_plan_of, follow
from kommunalpro.fut.deadlines.kinds import Kind
from kommunalpro.fut.owners import episode_of
from kommunalpro.fut.processing import process, report_failure
from kommunalpro.fut.tasks import is_told

Pipeline = Callable[[Session, Sequence[Json]], None]
"""Sees to it that stored measurements have their consequences; in the transaction that stores them."""


def at_once(session: Session, measurements: Sequence[Json]) -> None:
    """Assess them here and now, with our record of how."""
    for each in measurements:
        _assess(session, each, keeps_record=True)


def later(session: Session, measurements: Sequence[Json]) -> None:
    """Leave them to the worker."""
    now = to_microseconds(session.now)
    put(*(Deadline(_KIND, each["resourceType"], each["id"], now) for each in measurements))


def assessments() -> Kind:
    """Give the kind of deadline that waiting for an assessment is; only who submits sets any."""
    return Kind(_KIND, (), _never_again, _handle, _failed)


_KIND = "assessment"


def _never_again(resource: Json, seen: datetime, now: datetime) -> datetime | None:
    return None


def _handle(session: Session, taken: Sequence[Deadline]) -> Iterator[tuple[Deadline, datetime]]:
    urls = [f"{session.server.base_url}/{each.type}/{each.id}" for each in taken]
    for deadline, measurement in zip(taken, session.system_read_all(urls), strict=True):
        _assess(session, measurement, keeps_record=False)
        yield deadline, session.now


def _failed(session: Session, deadline: Deadline) -> None:
    """Open the Task that says so, once: it is tried again every hour, and till then nobody would know of the answer."""
    url = f"{session.server.base_url}/{deadline.type}/{deadline.id}"
    measurement = session.system_read(url)
    episode = episode_of(measurement, session)
    if episode is not None and not is_told(
        session, url, since=datetime.fromisoformat(measurement["meta"]["lastUpdated"])
    ):
        report_failure(session, measurement, episode, None, "urgent")


def _assess(session: Session, measurement: Json, *, keeps_record: bool) -> None:
    care_plan = care_plan_of(session.elevated(), measurement)
    process(session, measurement, care_plan, keeps_record=keeps_record)
    follow(session, measurement, care_plan)
