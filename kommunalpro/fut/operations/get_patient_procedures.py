"""`$get-patient-procedures`: what is asked of a citizen in a span of time, slot by slot, and what has come in.

Supported: `patient`, `start`, `end`, `episodeOfCare`, `conditionCodings`, `_tag`, `extra`; active episode → active plan
→ active request; rows per (ServiceRequest version, slot) with counts; submissions on an older version appear with that
version. Of episodes, diagnoses and tags one of those that are given is enough, and what is given narrows together. A
slot that could be answered no more when the times were moved is a row of the version that asked for it
(`timing_history.py`). What counts as submitted, and as submitted in time, is our choice where the guide is silent: what
came in together (blood pressure, a photo and answers) is counted once; what was invalidated counts too where it fulfils
the request all the same (`invalidated-fulfills`), for the citizen is not asked again; in time is what was answered,
measured or taken no later than the slot ended that the measurement itself tells, and whatever tells none.
What could be answered no more while the request, its plan or its episode was not active was not asked for, and is a row
only where something came in: ours, by the rule of what is missing (`deadlines/missing.py`).
What a regime says is asked for, or refused with GENERAL_TIMING_VALIDATION_ERROR: on a request that is active, paused or
completed, and on a definition when it is published. Refused is also what R4 says when by besides (a code, events, an
age), and a regime of which more than 2,000 slots would be open at once (ours). So what recurs has no `count`, which the
guide's matrix has for ad hoc alone: it ends with its bounds. Of an ad hoc one `count` is asked for, else its
`frequency`; of each slot of another its `frequency`, which is one at each time of day where there are as many of those.

Not supported: to count what was given without a slot (Adhoc, Extra) by whether its time is in the span, as the guide
does. It is counted whenever it was: who has answered once what may be answered at any time is not asked again because a
month has passed. Nor are more than 20,000 slots told at once, which a month of twenty activities every hour stays
well below: the answer is 400 too-costly before any is looked for, and says how long a span can be asked about.
What an activity is called (`Activity`, which the guide has as its display and its description) is what the request
itself says, in its code's text first: there `$apply` writes the title that the definition has for citizens. Else it is
what the guide calls the code: every questionnaire is a Master Questionnaire.
Also takes: `EpisodeOfCare.search`, for only the courses that the user may see are looked into.

A practitioner may ask too, in the context of the citizen: the guide shows a citizen's token only; our reading, since
staff see what is coming (`fut.md` 4.2).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import in_zone, parse_interval
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.parameters import parameters as make_parameters
from kommunalpro.fhir.parameters import value
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.at_hand import name_in_guide
from kommunalpro.fut.errors import forbidden
from kommunalpro.fut.measurements import BASED_ON, counts, moment_of, occasion_of, requests_of
from kommunalpro.fut.operations.arguments import moment, references, tokens
from kommunalpro.fut.owners import episode_reference
from kommunalpro.fut.status_history import Span, all_active
from kommunalpro.fut.timing import Slot, most_slots, resolve
from kommunalpro.fut.validity import fulfilling

_AT_ONCE = "1000"
_LONGEST = timedelta(days=5 * 366)
_MOST = 20_000
"""Slots in one answer: ours, for one can open every minute, and nobody reads so many."""
_HOUR, _TWO_DAYS = timedelta(hours=1), 48
_NARROWED_BY = (("condition.code", "conditionCodings"), ("_tag", "_tag"))
"""By what an episode is found → what is given of it."""
_EARLIEST, _LATEST = 1900, 2200
"""What may be asked about at once: ours, as is `_LONGEST`."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What tells one row from another: which version of which request, which kind of time, which slot."""

    request: str
    version: str
    type: str
    start: str | None


@dataclass(slots=True)
class _Come:
    """What has come in for a row, each occasion once: all, in time, invalidated; the slot's end as the last said it."""

    all: set[str] = field(default_factory=set)
    timely: set[str] = field(default_factory=set)
    invalid: set[str] = field(default_factory=set)
    end: str | None = None


def get_patient_procedures(session: Session, parameters: Json, target: str | None) -> Json:
    """Give CarePlans, ServiceRequests and the rows, as a collection Bundle."""
    patient, start, end = _asked(session, parameters)
    base = session.server.base_url
    wanted = {each.at(base) for each in references(parameters, "episodeOfCare")}
    extra = value(parameters, "extra") is True
    narrowed = [(name, said) for name, given in _NARROWED_BY if (said := tokens(parameters, given))]
    found: list[dict[str, Any]] = []
    rows: list[list[dict[str, Any]]] = []
    episodes = _episodes(session, patient, wanted, narrowed)
    plans = _care_plans(session, [*episodes])
    requests, measurements = _requests(session, plans)
    _refuse_many([each for active in requests for each in active], start, end)
    every = {own_url(session.server.base_url, each): each for many in measurements.values() for each in many}
    fulfils = fulfilling(session, [url for url, each in every.items() if each["status"] == "entered-in-error"])
    for care_plan, active in zip(plans, requests, strict=True):
        found += [care_plan, *active]
        for request in active:
            come = _come_in(session.server.base_url, request, measurements, fulfils)
            spans = all_active([request, care_plan, _episode(care_plan, episodes)])
            rows += _rows(session, care_plan, request, come, spans, start, end, extra=extra)
    numbered = [{"name": f"item_{number}", "part": row} for number, row in enumerate(rows, start=1)]
    entries = [{"fullUrl": own_url(base, each), "resource": each} for each in found]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [*entries, {"resource": make_parameters(*numbered)}],
    }


def _asked(session: Session, parameters: Json) -> tuple[str, datetime, datetime]:
    patient = next(references(parameters, "patient"), None)
    start, end = moment(parameters, "start"), moment(parameters, "end")
    if not (patient and start and end):
        raise BadRequest("Angiv borger, start og slut.", diagnostics="patient, start and end are required")
    principal = session.principal
    own = principal.user if principal.user_type == "PATIENT" else principal.context.patient
    if principal.user_type != "SYSTEM" and own != patient.at(session.server.base_url):
        raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", "patient")
    if end < start:
        raise BadRequest("Slut ligger før start.", diagnostics="end must not be before start")
    if not (end - start <= _LONGEST and start.year >= _EARLIEST and end.year <= _LATEST):
        detail = f"at most {_LONGEST.days} days between {_EARLIEST} and {_LATEST}"
        raise BadRequest("Spørg om et kortere tidsrum.", diagnostics=f"start and end: {detail}")
    return patient.url, start, end


def _refuse_many(requests: Sequence[Json], start: datetime, end: datetime) -> None:
    """Refuse what would be more slots than an answer holds, and say how long a span would do.

    Raises:
        BadRequest: too-costly.
    """

    def most(span: timedelta) -> int:
        return sum(most_slots(each, start, start + span) for each in requests)

    asked = most(end - start)
    if asked <= _MOST:
        return
    hours = range(1, (end - start) // _HOUR + 1)
    fits = bisect_right(hours, _MOST, key=lambda each: most(each * _HOUR))
    span = f"{fits // 24} dage" if fits >= _TWO_DAYS else f"{fits} timer"
    instead = f"højst {span} ad gangen" if fits > 1 else "ét forløb ad gangen"
    raise BadRequest(
        f"Der er for mange tider i det tidsrum: spørg om {instead}.",
        diagnostics=f"start and end: up to {asked} slots, at most {_MOST}; {fits} hours from start would do",
        code="too-costly",
    )


def _episodes(session: Session, patient: str, wanted: set[str], narrowed: list[tuple[str, str]]) -> dict[str, Json]:
    """Give the active episodes by URL, as the user in the team they act in: what they may not see is not there."""
    query = [("patient", patient), *narrowed, ("_count", _AT_ONCE)]
    team = session.principal.context.care_team
    if session.principal.user_type == "PRACTITIONER" and team:
        query.append(("team", team))
    found = (each for each in session.search_all("EpisodeOfCare", query) if each["status"] == "active")
    by_url = {own_url(session.server.base_url, each): each for each in found}
    return {url: each for url, each in by_url.items() if not wanted or url in wanted}


def _episode(care_plan: Json, episodes: Mapping[str, Json]) -> Json:
    """Give the one of these that a plan is of, whichever version it names."""
    named = Reference.parse(episode_reference(care_plan) or "")
    return episodes[named.url if named else ""]


def _care_plans(session: Session, episodes: list[str]) -> list[dict[str, Any]]:
    """Give the active plans of all episodes."""
    _, found = session.system_read_referred(episodes, by=[("CarePlan", "episodeOfCare")])
    return [each for each in found if each["status"] == "active"]


def _requests(
    session: Session, plans: list[dict[str, Any]]
) -> tuple[list[list[dict[str, Any]]], dict[str, list[dict[str, Any]]]]:
    """Give the active requests of each plan, and what has come in by the URL of the request that it answers."""
    parsed = [[Reference.parse(each["reference"]["reference"]) for each in plan.get("activity", ())] for plan in plans]
    named = [[each.url for each in some if each] for some in parsed]  # as they are now, whichever version is named
    urls = [url for urls in named for url in urls]
    read, measurements = session.system_read_referred(urls, by=BASED_ON)
    come_in: dict[str, list[dict[str, Any]]] = {url: [] for url in urls}
    for measurement in measurements:
        for url in requests_of(measurement).intersection(come_in):
            come_in[url].append(measurement)
    requests = iter(read)
    return [[each for each in islice(requests, len(urls)) if each["status"] == "active"] for urls in named], come_in


def _rows(
    session: Session,
    care_plan: Json,
    request: Json,
    come: dict[_Key, _Come],
    spans: Sequence[Span],
    start: datetime,
    end: datetime,
    *,
    extra: bool,
) -> Iterator[list[dict[str, Any]]]:
    url = own_url(session.server.base_url, request)
    version = request["meta"]["versionId"]
    found = (
        each
        for each in resolve(request, start, end)
        if not _is_over(each, start) and _was_asked(each, spans, session.now)
    )
    slots = {_key_of(url, slot.version or version, slot): slot for slot in found}
    if extra and extension_value(request, ehealth.INCLUDE_AS_EXTRA):
        slots[_Key(url, version, "Extra", None)] = Slot("Extra")
    plan_url = own_url(session.server.base_url, care_plan)
    for key in (*slots, *(each for each in come if come[each].all and each not in slots and _within(each, start, end))):
        slot, seen = slots.get(key), come.get(key, _Come())
        yield [
            {"name": "CarePlan", "valueReference": {"reference": plan_url}},
            {"name": "ServiceRequest", "valueReference": {"reference": url}},
            {"name": "ServiceRequestVersionId", "valueId": key.version},
            {"name": "Activity", "valueString": _activity(request)},
            *_timing(key, slot, seen.end),
            {"name": "TotalSubmitted", "valueInteger": len(seen.all)},
            {"name": "SubmittedTimely", "valueInteger": len(seen.timely)},
            {"name": "TimingType", "valueCodeableConcept": _timing_type(key.type)},
            {"name": "OccurrencesRequested", "valueInteger": slot.requested if slot else 0},
            {"name": "TotalInvalidated", "valueInteger": len(seen.invalid)},
        ]


def _come_in(
    base: str, request: Json, measurements: Mapping[str, list[dict[str, Any]]], fulfils: set[str]
) -> dict[_Key, _Come]:
    """Give what has come in for each row of a request."""
    request_url = own_url(base, request)
    found: dict[_Key, _Come] = {}
    for measurement in measurements[request_url]:
        timing = extension(measurement, ehealth.RESOLVED_TIMING) or {}
        start, end = extension_value(timing, "start"), extension_value(timing, "end")
        type = (extension_value(timing, "type") or {}).get("coding", [{}])[0].get("code", "")
        key = _Key(request_url, extension_value(timing, "serviceRequestVersionId") or "", type, _instant(start))
        come, occasion = found.setdefault(key, _Come()), occasion_of(measurement, base)
        if measurement["status"] == "entered-in-error":
            come.invalid.add(occasion)
        if not counts(measurement) and own_url(base, measurement) not in fulfils:
            continue
        come.all.add(occasion)
        come.end = end
        if end is None or _moment(moment_of(measurement)) <= _moment(end):
            come.timely.add(occasion)
    return found


def _is_over(slot: Slot, start: datetime) -> bool:
    """Tell whether a slot has ended when a span starts; answered in time it may be at that very moment still."""
    return slot.start is not None and slot.end is not None and slot.start < start and slot.end <= start


def _was_asked(slot: Slot, spans: Sequence[Span], now: datetime) -> bool:
    """Tell whether all was active when a slot could be answered no more; what can be still is asked for."""
    closes = slot.closes
    return closes is None or closes >= now or any(closes in span for span in spans)


def _key_of(url: str, version: str, slot: Slot) -> _Key:
    return _Key(url, version, slot.type, _written(slot.start) if slot.start else None)


def _timing(key: _Key, slot: Slot | None, said: str | None) -> Iterator[dict[str, Any]]:
    """The parts are there without a value where a kind of time has none (fut.md 4.2)."""
    end = _written(slot.end) if slot and slot.end else _instant(said)
    yield {"name": "ResolvedTimingStart", **({"valueDateTime": key.start} if key.start else {})}
    yield {"name": "ResolvedTimingEnd", **({"valueDateTime": end} if end and key.start else {})}


def _timing_type(code: str) -> dict[str, Any]:
    return {"coding": [{"system": ehealth.RESOLVED_TIMING_TYPE, "code": code, "display": code}]}


def _activity(request: Json) -> str:
    """Give what an activity is called: by itself, its code's display, the guide; where nobody says it, the code."""
    code = request.get("code", {})
    codings = [each for each in code.get("coding", ()) if "code" in each]
    called = (each.get("display") or name_in_guide(each.get("system", ""), each["code"]) for each in codings)
    return str(code.get("text") or next(filter(None, called), None) or (codings or [{"code": "Aktivitet"}])[0]["code"])


def _within(key: _Key, start: datetime, end: datetime) -> bool:
    return key.start is None or start <= _moment(key.start) < end


def _instant(text: str | None) -> str | None:
    return _written(_moment(text)) if text else None


def _written(moment: datetime) -> str:
    """Write a moment in Danish time, so that one that was said in two offsets is one row, and is told in one way."""
    return in_zone(moment).isoformat()


def _moment(text: str) -> datetime:
    return parse_interval(text).start
