"""What is asked of citizens by some ServiceRequests, and what has come in: read together, in a handful of searches.

What counts as come in is what `$get-patient-procedures` counts as submitted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime, to_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.measurements import MEASUREMENTS, counts, occasion_of, requests_of
from kommunalpro.fut.validity import fulfilling

AT_ONCE = 100
"""ServiceRequests in one batch: as many as a search takes values of."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A ServiceRequest in its plan and episode of care, each as it is now. `url`: the request's."""

    url: str
    request: Json
    care_plan: Json
    episode: Json

    @property
    def parts(self) -> tuple[Json, Json, Json]:
        """Give what must all be active for anything to be asked."""
        return self.request, self.care_plan, self.episode

    @property
    def is_active(self) -> bool:
        """Tell whether it is asked now."""
        return all(each["status"] == "active" for each in self.parts)


def read_asked(session: Session, ids: Sequence[str]) -> dict[str, Asked]:
    """Read what is asked, by the id of the request, also what is paused or has ended; what is in no plan is not."""
    base = session.server.base_url
    requests = session.system_read_all([f"{base}/ServiceRequest/{id}" for id in ids])
    urls = [own_url(base, each) for each in requests]
    plans = dict(_plans(session, urls))
    named = sorted({_episode(each) for each in requests})
    episodes = {_key(own_url(base, each)): each for each in session.system_read_all(named)}
    return {
        request["id"]: Asked(url, request, plan, episodes[_key(_episode(request))])
        for url, request in zip(urls, requests, strict=True)
        if (plan := plans.get(_key(url)))
    }


def _plans(session: Session, urls: list[str]) -> Iterator[tuple[str, Json]]:
    """Give the plans by the key of what they ask: an activity may name a version of it, and is found all the same."""
    if not urls:
        return
    for plan in session.search_all("CarePlan", [("activity-reference", ",".join(urls)), ("_count", "1000")]):
        for activity in plan.get("activity", ()):
            yield _key(activity["reference"]["reference"]), plan


SlotKey = tuple[str, datetime]
"""The key of a ServiceRequest (`ServiceRequest/id`), and when the slot begins, in UTC."""


def slot_key(url: str, start: datetime) -> SlotKey:
    """Name a slot."""
    return _key(url), start.astimezone(UTC)


def answered(session: Session, urls: Iterable[str], since: datetime) -> Counter[SlotKey]:
    """Count what has come in for slots that begin at `since` or later."""
    base = session.server.base_url
    came: set[tuple[SlotKey, str]] = set()
    invalid: dict[str, set[tuple[SlotKey, str]]] = {}
    start = to_datetime(since.replace(microsecond=0))
    query = [("based-on", ",".join(urls)), ("resolvedTimingStart", f"ge{start}"), ("_count", "1000")]
    for measurement in (each for type in MEASUREMENTS for each in session.search_all(type, query)):
        begins = timing_start(measurement)
        if begins is None:
            continue
        occasion = occasion_of(measurement, base)
        one = {(slot_key(url, begins), occasion) for url in requests_of(measurement)}
        if counts(measurement):
            came |= one
        elif measurement["status"] == "entered-in-error":
            invalid[own_url(base, measurement)] = one
    came.update(*(invalid[url] for url in fulfilling(session, sorted(invalid))))
    return Counter(key for key, _ in came)


def timing_start(resource: Json) -> datetime | None:
    """Give when the slot begins that a measurement, a Task or a message is about; None: it names none."""
    start = extension_value(extension(resource, ehealth.RESOLVED_TIMING) or {}, "start")
    return parse_datetime(start).astimezone(UTC) if start else None


def _episode(request: Json) -> str:
    reference: str = extension_value(request, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"]
    return reference


def _key(url: str) -> str:
    reference = Reference.parse(url)
    return reference.key if reference else url
