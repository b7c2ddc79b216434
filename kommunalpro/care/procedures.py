"""What is asked of a citizen, slot by slot, as `$get-patient-procedures` tells it.

One row per version of a ServiceRequest and slot. The newest version of a ServiceRequest asks, and of what has ended the
one that asked for it then; what was submitted against another counts in the same slot. Unresolved and Extra rows are
not asked for (as FUT's own citizen client decides) and are left out.

What comes within two weeks is asked of the infrastructure; what comes later nobody has answered, and is counted here,
by what it says of when, until it ends: there may be thousands of times, of which a page shows the nearest and how many
there are. Of what has no end the next months are told, or the next time, and that it goes on.

Source: `fut.md` 4.2.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, islice, pairwise
from typing import Any

from kommunalpro.care.bundles import url_id, versionless
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime, to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.parameters import parameters, parts
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.moments import later_by
from kommunalpro.fut.timing import (
    Many,
    Slot,
    closing,
    has_ended,
    is_counted,
    is_recurring,
    many_begun,
    most_slots,
    opens_at,
    regime_end,
    resolve,
    slot_at,
    slots_after,
)
from kommunalpro.fut.timing_history import eras

_NEAR, _NEAREST = timedelta(days=14), timedelta(hours=1)
"""How far ahead is asked about, as far as the team is told (`team_due.py`); and less than what is not asked about."""
_LESS, _FEW, _MANY = 10, 500, 2_000
"""By how much the time is shortened when there is more in it than the infrastructure tells at once; how many times of
one request are so few that each is told, however far ahead; and how many are counted that do not come by the hour."""
_ENDLESS, _EVER = timedelta(days=120), timedelta(days=100 * 366)
"""How far ahead is told of what has no end, or more times than are counted; and of what does not come again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the procedures; times None for a timing without slots. `closes`: until when it can be answered.

    `opens`: from when on, of what has no slot; None: it has one, or nobody says. One that is far ahead may stand for
    many `times`, up to the `last`. `goes_on`: more come than are told.
    """

    care_plan: str
    service_request: str
    version: str
    timing_type: str
    start: datetime | None
    end: datetime | None
    requested: int
    submitted: int
    closes: datetime | None
    opens: datetime | None = None
    times: int = 1
    last: Slot | None = None
    goes_on: bool = False


def procedures(
    gateway: Gateway, patient: str, *, by: Principal, now: datetime, back: timedelta
) -> tuple[Json, Iterator[Row]]:
    """Give the plans and requests of a citizen, as a Bundle, and what these ask.

    Of what is more than is told at once, what was to be answered long ago is left out.
    """
    bundle, until = _told(gateway, patient, by, now, back, _NEAR)
    requests = {own_url(gateway.base_url, each): each for each in resources(bundle, "ServiceRequest")}
    rows = chain(_rows(bundle), _coming(gateway.base_url, bundle, until, now + _ENDLESS))
    return bundle, _asked(rows, requests, now)


def _told(
    gateway: Gateway, patient: str, by: Principal, now: datetime, back: timedelta, ahead: timedelta
) -> tuple[Json, datetime]:
    """Ask what is asked, for as long a time as is told at once; gives until when that is, too."""
    until = (now + ahead).replace(microsecond=0)
    asked = _parameters(patient, now - back, until)
    try:
        return gateway.operation("$get-patient-procedures", asked, by=by, now=now), until
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


def _coming(base_url: str, bundle: Json, start: datetime, far: datetime) -> Iterator[Row]:
    """Give what opens after what was told; what comes often is told together. Nobody has answered it yet."""
    requests = {each["id"]: each for each in resources(bundle, "ServiceRequest")}
    for plan in resources(bundle, "CarePlan"):
        for url in (each.get("reference", {}).get("reference", "") for each in plan.get("activity", ())):
            if request := requests.get(url_id(url)):
                yield from _of_one(own_url(base_url, plan), versionless(url), request, start, far)


def _of_one(care_plan: str, url: str, request: Json, start: datetime, far: datetime) -> Iterator[Row]:
    found, goes_on = _from(request, start, far)
    for each in found:
        yield Row(
            care_plan=care_plan,
            service_request=url,
            version=request["meta"]["versionId"],
            timing_type=each.first.type,
            start=each.first.start,
            end=each.first.end,
            requested=each.first.requested,
            submitted=0,
            closes=each.first.closes,
            times=each.count,
            last=each.last if each.count > 1 else None,
            goes_on=goes_on and each is found[-1],
        )


def _from(request: Json, start: datetime, far: datetime) -> tuple[list[Many], bool]:
    """Give what a request asks from a moment on, of what has no end up to `far`, and whether it goes on after that."""
    end, goes_on = _looked_to(request, start, far)
    if most_slots(request, start, end) > _FEW:
        many = many_begun(request, start, end)
        found = [many] if many else []
    else:
        found = [_one(each) for each in resolve(request, start, end) if each.start is None or each.start >= start]
    if goes_on and not found and start < far:
        later = (each for each in slots_after(request, start) if each.start and each.start >= start)
        found = [_one(each) for each in islice(later, 1)]
    return found, goes_on


def _looked_to(request: Json, start: datetime, far: datetime) -> tuple[datetime, bool]:
    """Give up to when a request is looked through, and whether it goes on then."""
    repeat = request.get("occurrenceTiming", {}).get("repeat", {})
    end = regime_end(repeat) if is_recurring(repeat) else later_by(start, _EVER)
    if end and (is_counted(repeat) or most_slots(request, start, end) <= _MANY):
        return end, False
    return far, True


def _one(slot: Slot) -> Many:
    return Many(slot, slot, 1)


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
        closes=None,
    )


def _asked(rows: Iterable[Row], requests: Mapping[str, Json], now: datetime) -> Iterator[Row]:
    """Keep what each ServiceRequest asks for, with all that was submitted in the same slot.

    That is what its newest version asks, and for slots of then the one that its history of times names. What may be
    answered at any time is asked for from its beginning to its end.
    """
    by_request: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.timing_type in ("Resolved", "Adhoc"):
            by_request[row.service_request].append(row)
    for url, versions in by_request.items():
        request = requests.get(url, {})
        newest = max((row.version for row in versions), key=_version_order)
        earlier = {era.version for era in eras(request)}
        submitted: Counter[tuple[str, datetime | None]] = Counter()
        for row in versions:
            submitted[row.timing_type, row.start] += row.submitted
        current: dict[tuple[str, datetime | None], Row] = {}
        # What came before anybody asked is a row too, which asks for nothing.
        for row in sorted(versions, key=lambda row: (row.version != newest, -row.requested)):
            if row.version == newest or (row.requested and row.version in earlier):
                # What may be answered at any time is told, and comes later too: it is asked for once.
                current.setdefault((row.timing_type, row.start), row)
        following = dict(pairwise(sorted(row.start for row in current.values() if row.start and row.version == newest)))
        for row in current.values():
            if row.timing_type == "Adhoc":
                if not has_ended(request, now):
                    yield replace(row, submitted=submitted["Adhoc", None], opens=opens_at(request))
                continue
            come = submitted[row.timing_type, row.start]
            closes = _closes(row, following) if row.version == newest else _closed(row, request)
            yield replace(row, submitted=come, closes=row.closes or closes)


def _closes(row: Row, following: Mapping[datetime, datetime]) -> datetime | None:
    """Give until when a slot can be answered, which the infrastructure does not tell."""
    return closing(row.start, row.end, following.get(row.start)) if row.start and row.end else None


def _closed(row: Row, request: Json) -> datetime | None:
    """Give until when a slot could be answered before the times were changed."""
    slot = slot_at(request, row.start) if row.start else None
    return slot.closes if slot else row.end


def _version_order(version: str) -> tuple[int, str]:
    return (int(version) if version.isdecimal() else 0, version)
