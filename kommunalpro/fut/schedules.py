"""Scheduled changes of status: what stands on a ServiceRequest, CarePlan or EpisodeOfCare, and what may stand there.

Ours, where the guide is silent: a scheduled pause must itself be ended by a scheduled change, for else nobody knows
that it lasts no longer than it may; the days of a pause are counted on the Danish clock.

Source: `fut.md` 1A (careplan: "scheduled pause max 30 days", "no two status changes at the same time"; servicerequest,
episodeofcare) and 4.1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import in_zone, parse_datetime
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue
from kommunalpro.fut.moments import is_moment

LONGEST_PAUSE = timedelta(days=30)
_REQUESTS = ("draft", "active", "on-hold", "revoked", "completed")
_STATUSES: Mapping[str, tuple[str, ...]] = {
    "ServiceRequest": _REQUESTS,
    "CarePlan": _REQUESTS,
    "EpisodeOfCare": ("planned", "waitlist", "active", "onhold", "finished", "cancelled"),
}
_URLS: Mapping[str, str] = {
    "ServiceRequest": ehealth.SERVICEREQUEST_STATUS_SCHEDULE,
    "CarePlan": ehealth.CAREPLAN_STATUS_SCHEDULE,
    "EpisodeOfCare": ehealth.EPISODEOFCARE_STATUS_SCHEDULE,
}
TYPES = tuple(_URLS)
_PAUSES = ("on-hold", "onhold")
_OVER = ("revoked", "completed", "finished", "cancelled", "entered-in-error")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One change: the status, and when it comes."""

    at: datetime
    status: str


def schedule_of(resource: Json) -> list[Scheduled]:
    """Read the changes that a resource is to go through, in order of time."""
    found = (_read(each) for each in extensions(resource, _URLS[resource["resourceType"]]))
    return sorted((each for each in found if each), key=lambda each: each.at)


def awaits(resource: Json, now: datetime) -> datetime | None:
    """Give since when a change of a resource is due and not carried out; None: none is."""
    return next((each.at for each in schedule_of(resource) if each.at <= now), None)


def changed(resource: Json, *changes: Scheduled) -> dict[str, Any]:
    """Give a resource after the last of these changes, none of which it is to go through any more.

    What is over stays over.
    """
    status = resource["status"] if resource["status"] in _OVER else changes[-1].status
    return {**without(resource, *changes), "status": status}


def without(resource: Json, *changes: Scheduled) -> dict[str, Any]:
    """Give a resource that is to go through these changes no more, and has gone through none."""
    url = _URLS[resource["resourceType"]]
    kept = [each for each in resource["extension"] if each["url"] != url or _read(each) not in changes]
    return {**resource, "extension": kept}


def schedule_problems(resource: Json) -> Iterator[Issue]:
    """Give what is wrong with the changes that a resource is to go through."""
    type = resource["resourceType"]
    given = list(extensions(resource, _URLS[type]))
    if not given:
        return
    found = schedule_of(resource)
    if len(found) < len(given):
        yield _problem("each has a status, and a scheduledTime with its time zone", type)
    for each in found:
        if each.status not in _STATUSES[type]:
            yield _problem(f"status is one of {', '.join(_STATUSES[type])}", type)
    if any(one.at == other.at for one, other in pairwise(found)):
        yield issue("STATUS_SCHEDULE_IDENTICAL_TIME", "", f"{type}.extension")
    for number, each in enumerate(found):
        if each.status in _PAUSES and not _ends_in_time(each, found[number + 1 :]):
            yield issue("STATUS_SCHEDULE_PAUSE_MAX_30_DAYS", "it ends by a scheduled change", f"{type}.extension")


def _ends_in_time(pause: Scheduled, after: list[Scheduled]) -> bool:
    end = next((each.at for each in after if each.status not in _PAUSES), None)
    return end is not None and _local(end) - _local(pause.at) <= LONGEST_PAUSE


def _read(entry: Json) -> Scheduled | None:
    status, at = extension_value(entry, "status"), extension_value(entry, "scheduledTime")
    if not isinstance(status, str) or not is_moment(at):
        return None
    try:
        return Scheduled(parse_datetime(at), status)
    except ValueError:  # a text that only looks like one
        return None


def _local(moment: datetime) -> datetime:
    return in_zone(moment).replace(tzinfo=None)


def _problem(detail: str, type: str) -> Issue:
    return issue("KPRO_STATUS_SCHEDULE", detail, f"{type}.extension")
