"""What is asked of a citizen, slot by slot, as `$get-patient-procedures` tells it.

One row per version of a ServiceRequest and slot. Only the newest version of a ServiceRequest asks; what was submitted
against an older one counts in the same slot. Unresolved and Extra rows are not asked for (as FUT's own citizen client
decides) and are left out.

Source: `fut.md` 4.2.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Any

from kommunalpro.care.bundles import url_id, versionless
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime, to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.parameters import parameters, parts
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.timing import closing, most_slots, resolve

_NEAREST = timedelta(hours=1)
"""Less than that is not asked about."""
_LESS, _FEW = 6, 500
"""By how much the time is shortened when there is more in it than the infrastructure tells at once; and how many times
of one request come to so few that they are looked for in all the time nevertheless."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the procedures; times None for a timing without slots. `closes`: until when it can be answered."""

    care_plan: str
    service_request: str
    version: str
    timing_type: str
    start: datetime | None
    end: datetime | None
    requested: int
    submitted: int
    closes: datetime | None


def procedures(
    gateway: Gateway, patient: str, *, by: Principal, now: datetime, back: timedelta, ahead: timedelta
) -> tuple[Json, Iterator[Row]]:
    """Give the plans and requests of a citizen, as a Bundle, and what their newest versions ask.

    What is more than is told at once is told near, and all that comes later of what does not come so often.
    """
    bundle, near = _told(gateway, patient, by, now, back, ahead)
    return bundle, _newest(chain(_rows(bundle), _coming(gateway.base_url, bundle, now + near, now + ahead)))


def _told(
    gateway: Gateway, patient: str, by: Principal, now: datetime, back: timedelta, ahead: timedelta
) -> tuple[Json, timedelta]:
    """Ask what is asked, for as long a time as is told at once; gives how far ahead that is, too."""
    asked = _parameters(patient, now - back, now + ahead)
    try:
        return gateway.operation("$get-patient-procedures", asked, by=by, now=now), ahead
    except BadRequest as refused:
        if back + ahead < _NEAREST or all(each.code != "too-costly" for each in refused.issues):
            raise
        return _told(gateway, patient, by, now, back / _LESS, ahead / _LESS)


def _parameters(patient: str, start: datetime, end: datetime) -> dict[str, Any]:
    return parameters(
        {"name": "patient", "valueReference": {"reference": patient}},
        {"name": "start", "valueDateTime": to_datetime(start)},
        {"name": "end", "valueDateTime": to_datetime(end)},
    )


def _rows(bundle: Json) -> Iterator[Row]:
    for resource in resources(bundle, "Parameters"):
        for item in resource.get("parameter", ()):
            if item.get("name", "").startswith("item_"):
                yield _row(parts(item))


def _coming(base_url: str, bundle: Json, start: datetime, end: datetime) -> Iterator[Row]:
    """Give what opens after what was told, of each request that does not come too often; nobody has answered it yet."""
    requests = {each["id"]: each for each in resources(bundle, "ServiceRequest")}
    for plan in resources(bundle, "CarePlan") if start < end else ():
        for url in (each["reference"]["reference"] for each in plan.get("activity", ())):
            request = requests.get(url_id(url))
            if request is None or most_slots(request, start, end) > _FEW:
                continue
            for slot in resolve(request, start, end):
                if slot.start is not None and slot.start >= start:
                    yield Row(
                        care_plan=own_url(base_url, plan),
                        service_request=versionless(url),
                        version=request["meta"]["versionId"],
                        timing_type=slot.type,
                        start=slot.start,
                        end=slot.end,
                        requested=slot.requested,
                        submitted=0,
                        closes=slot.closes,
                    )


def _row(part: Mapping[str, Any]) -> Row:
    """Read one row; counts that are zero may be left out, and so may be the times (`fut.md` 4.2)."""
    start, end = part.get("ResolvedTimingStart"), part.get("ResolvedTimingEnd")
    return Row(
        care_plan=part["CarePlan"]["reference"],
        service_request=part["ServiceRequest"]["reference"],
        version=part["ServiceRequestVersionId"],
        timing_type=part["TimingType"]["coding"][0]["code"],
        start=parse_datetime(start) if start else None,
        end=parse_datetime(end) if end else None,
        requested=part.get("OccurrencesRequested", 1),
        submitted=part.get("TotalSubmitted", 0),
        closes=parse_datetime(end) if end else None,
    )


def _newest(rows: Iterable[Row]) -> Iterator[Row]:
    """Keep what the newest version of each ServiceRequest asks for, with all that was submitted in the same slot."""
    by_request: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.timing_type in ("Resolved", "Adhoc"):
            by_request[row.service_request].append(row)
    for versions in by_request.values():
        newest = max((row.version for row in versions), key=_version_order)
        submitted: Counter[tuple[str, datetime | None]] = Counter()
        for row in versions:
            submitted[row.timing_type, row.start] += row.submitted
        current = [row for row in versions if row.version == newest]
        for row in _answerable(current):
            yield replace(row, submitted=submitted[row.timing_type, row.start])


def _answerable(rows: list[Row]) -> Iterator[Row]:
    """Give the slots of one request with until when they can be answered, which the infrastructure does not tell."""
    following = dict(pairwise(sorted({row.start for row in rows if row.start})))
    for row in rows:
        if row.start is not None and row.end is not None:
            row = replace(row, closes=closing(row.start, row.end, following.get(row.start)))
        yield row


def _version_order(version: str) -> tuple[int, str]:
    return (int(version) if version.isdecimal() else 0, version)
