"""Which status a course of care, a plan or an activity had, and since when: kept by the server alone, and read here.

It is written at each write, whoever changes the status and by whatever door; what a client says of it is not kept.

Ours, where the guide is silent: a change that was scheduled holds from when it was to come, however late a worker
carries it out, so that what ended in a pause did so whether anybody was there to begin it or not; but not from before
it was scheduled, for what had ended by then had ended; and one that could not be carried out holds from when it could,
for until then all was asked, and the team was told so. A course of care begins when it does, for that is when the
citizen's consent to it is asked for.

Source: `fut.md` 1A (careplan, servicerequest, episodeofcare).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime, to_datetime
from kommunalpro.fhir.extension import complex_extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.schedules import Scheduled, schedule_of
from kommunalpro.fut.tasks import is_told

_URLS = {
    "CarePlan": ehealth.CAREPLAN_STATUS_HISTORY,
    "ServiceRequest": ehealth.SERVICEREQUEST_STATUS_HISTORY,
}
_EPISODE = "EpisodeOfCare"
"""R4 has an element for its history; of the others it is an extension."""
KEPT = frozenset({*_URLS, _EPISODE})
"""The types that have a history."""
_REQUEST_STATUS = "http://hl7.org/fhir/request-status"
_NEVER_WAS = "entered-in-error"
_STARTED = ("active", "onhold", "finished")


@dataclass(frozen=True, slots=True)
class Span:
    """A time after `start`, up to and with `end` (None: there is none yet)."""

    start: datetime
    end: datetime | None

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.start < moment and (self.end is None or moment <= self.end)


@dataclass(frozen=True, slots=True)
class _Had:
    """A status that a resource had; `period` as it is stored."""

    status: str
    period: Json


def with_status_history(resource: Json, previous: Json | None, session: Session) -> dict[str, Any]:
    """Give a resource with the history of `previous` (None: it is new), and what changes now."""
    history = list(_history(previous)) if previous else []
    if previous is None or previous["status"] != resource["status"]:
        at = to_datetime(_since(resource, previous, history, session))
        ended = [_Had(each.status, {**each.period, "end": at}) for each in history[-1:]]
        history = [*history[:-1], *ended, _Had(resource["status"], {"start": at})]
    if resource["resourceType"] == _EPISODE:
        return {**resource, "statusHistory": [{"status": each.status, "period": each.period} for each in history]}
    url = _URLS[resource["resourceType"]]
    others = [each for each in resource.get("extension", ()) if each["url"] != url]
    return {**resource, "extension": [*others, *(_entry(url, each) for each in history)]}


def active_spans(resource: Json) -> list[Span]:
    """Give when a resource was active, in order of time; none of what should never have been.

    Where no history was kept, it is what it is since it was last written.
    """
    if resource["status"] == _NEVER_WAS:
        return []
    history = list(_history(resource))
    if not history:
        written = {"start": resource["meta"]["lastUpdated"]}
        history = [_Had(resource["status"], written)]
    periods = (each.period for each in history if each.status == "active" and "start" in each.period)
    return [Span(parse_datetime(each["start"]), _end(each)) for each in periods]


def all_active(resources: Iterable[Json]) -> list[Span]:
    """Give when all of some resources were active, in order of time."""
    first, *others = map(active_spans, resources)
    for spans in others:
        first = [both for one in first for other in spans if (both := _common(one, other))]
    return first


def status_since(resource: Json) -> datetime:
    """Tell since when a resource has the status that it has; without a history, since it was last written."""
    known = [had.period["start"] for had in _history(resource) if "start" in had.period]
    return parse_datetime(known[-1] if known else resource["meta"]["lastUpdated"])


def is_unbegun(resource: Json) -> bool:
    """Tell whether a plan is a draft, and never was anything else."""
    return {"draft"} == {resource["status"], *(each.status for each in _history(resource))}


def begins_care(episode: Json, previous: Json | None) -> bool:
    """Tell whether a step begins the care: what is paused or ended without ever having been active, has not begun."""
    if episode["status"] not in _STARTED or (previous and previous["status"] == episode["status"]):
        return False
    been = {each.status for each in _history(previous)} if previous else set()
    return not (previous and previous["status"] in _STARTED and "active" in been | {previous["status"]})


def _common(one: Span, other: Span) -> Span | None:
    start = max(one.start, other.start)
    end = min((each for each in (one.end, other.end) if each), default=None)
    return Span(start, end) if end is None or start < end else None


def _end(period: Json) -> datetime | None:
    return parse_datetime(period["end"]) if "end" in period else None


def _since(resource: Json, previous: Json | None, history: list[_Had], session: Session) -> datetime:
    """Give since when a status holds: a history runs forwards, also where a change was scheduled for before it."""
    if previous is None or (resource["resourceType"] == _EPISODE and begins_care(resource, previous)):
        return session.now
    left = set(schedule_of(previous)).difference(schedule_of(resource))
    came = [each for each in left if each.status == resource["status"] and each.at <= session.now]
    known = [parse_datetime(each.period["start"]) for each in history[-1:] if "start" in each.period]
    url = own_url(session.server.base_url, resource)
    held = [each for each in came if not is_told(session, url, since=each.at)]
    since = (max(each.at, _stands_since(each, previous, session)) for each in held)
    return max([*since, *known]) if held else session.now


def _stands_since(change: Scheduled, resource: Json, session: Session) -> datetime:
    """Tell since when a change has stood on a resource, as far as it was not there before it was to come."""
    while (written := parse_datetime(resource["meta"]["lastUpdated"])) > change.at:
        number = int(resource["meta"]["versionId"]) - 1
        url = f"{own_url(session.server.base_url, resource)}/_history/{number}"
        before = session.system_read(url) if number else None
        if before is None or change not in schedule_of(before):
            break
        resource = before
    return written


def _history(resource: Json) -> Iterator[_Had]:
    if resource["resourceType"] == _EPISODE:
        for each in resource.get("statusHistory", ()):
            yield _Had(each["status"], each["period"])
        return
    for entry in extensions(resource, _URLS[resource["resourceType"]]):
        status = extension_value(entry, "status")
        yield _Had(status["coding"][0]["code"], extension_value(entry, "period") or {})


def _entry(url: str, had: _Had) -> dict[str, Any]:
    status = {"coding": [{"system": _REQUEST_STATUS, "code": had.status}]}
    return complex_extension(
        url, {"url": "status", "valueCodeableConcept": status}, {"url": "period", "valuePeriod": had.period}
    )
