"""What a citizen is asked to answer: now, later, and what was missed.

From `$get-patient-procedures` (`fut.md` 4.2): one row per version of a ServiceRequest and slot. Only the newest
version of a ServiceRequest asks; what was submitted against an older one counts in the same slot. Unresolved and Extra
rows are not asked for (as FUT's own citizen client decides) and are left out.

A slot without length, as of a rhythm that does not say how long there is to answer, can be answered until the next one
opens, and no longer than that day: nobody answers at the very moment. Ours; it is late all the same, as FUT counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from kommunalpro.care.definitions import Definition, read_definition
from kommunalpro.care.models import Draft, slot_text
from kommunalpro.care.progress import Progress, progress_of
from kommunalpro.care.runs import State, Time
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import DENMARK, in_zone, parse_datetime, to_datetime
from kommunalpro.fhir.ehealth import CAREMANAGER_ORGANIZATION, EMPLOYEE_TITLE, WORKFLOW_EPISODE_OF_CARE
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhir.parameters import parameters, parts
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro.text import Text

BACK = timedelta(days=30)
AHEAD = timedelta(days=120)
_LAST_MINUTE = time(23, 59)
_NEAREST = timedelta(hours=1)
"""Less than that is not asked about."""
_LESS = 6
"""By how much the time is shortened when there is more in it than the infrastructure tells at once."""


@dataclass(frozen=True, slots=True)
class Due:
    """One response that is asked for. Resource fields are absolute URLs; `questionnaire` as the plan writes it.

    `slot_start` and `slot_end` None: may be answered at any time (Adhoc). `closes`: until when a slot can be answered,
    which is its end unless it has no length. `draft` and `progress` None: not begun. `organization` is the name of the
    organisation that is responsible for the treatment.
    """

    patient: str
    episode_of_care: str
    care_plan: str
    service_request: str
    service_request_version: str
    timing_type: str
    slot_start: datetime | None
    slot_end: datetime | None
    requested: int
    submitted: int
    questionnaire: str
    title: Text
    employee_title: str
    minutes: int
    plan_title: str
    organization: str
    closes: datetime | None
    draft: UUID | None = None
    progress: Progress | None = None

    @property
    def key(self) -> str:
        """What a page's URL carries: opaque, found again by `find_due`, holds nothing about the citizen."""
        reference = Reference.parse(self.service_request)
        start = int(self.slot_start.timestamp()) if self.slot_start else 0
        return f"{reference.id if reference else ''}.{self.timing_type}.{start}"

    def state(self, now: datetime) -> State:
        """Tell whether it may be answered now, later, or should have been answered before."""
        if self.slot_start is not None and self.slot_start > now:
            return "coming"
        if self.closes is not None and self.closes < now:
            return "missed"
        return "open"

    def time(self, now: datetime) -> Time | None:
        """Give the time, which may be told together with others unless an answer is begun; None: it has none."""
        if self.slot_start is None or self.closes is None:
            return None
        is_begun = self.progress is not None and self.progress.is_begun
        what = (self.service_request, self.draft if is_begun else None)
        return Time(what, self.state(now), self.slot_start, self.closes)


def due_for(
    gateway: Gateway,
    patient: str,
    *,
    by: Principal,
    now: datetime,
    back: timedelta = BACK,
    ahead: timedelta = AHEAD,
) -> tuple[Due, ...]:
    """Give all that is asked for and not yet answered, in order of time; what has no time comes first.

    `patient` is the citizen's absolute URL; `by` stands in that citizen's context. Where that is more than the
    infrastructure tells at once, it is what is near: a page shows the citizen that, rather than nothing.
    """
    bundle = _procedures(gateway, patient, by.within(patient=patient), now, back, ahead)
    reader = _Reader(gateway, patient, bundle, by, now)
    asked = (reader.due(row) for row in _newest(_rows(bundle)) if row.submitted < row.requested)
    found = sorted(filter(None, asked), key=lambda due: (due.slot_start is not None, due.slot_start or now))
    return tuple(reader.with_drafts(found))


def find_due(gateway: Gateway, patient: str, key: str, *, by: Principal, now: datetime) -> Due:
    """Find what a page's URL names among all that is due.

    Raises:
        NotFound: it is answered, withdrawn, or was never asked of this citizen.
    """
    for due in due_for(gateway, patient, by=by, now=now):
        if due.key == key:
            return due
    raise NotFound(
        "Spørgeskemaet er besvaret eller trukket tilbage.", diagnostics="Nothing due has this key for this patient."
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the procedures; times None for a timing without slots."""

    care_plan: str
    service_request: str
    version: str
    timing_type: str
    start: datetime | None
    end: datetime | None
    requested: int
    submitted: int
    closes: datetime | None


def _procedures(
    gateway: Gateway, patient: str, by: Principal, now: datetime, back: timedelta, ahead: timedelta
) -> Json:
    try:
        return gateway.operation(
            "$get-patient-procedures", _parameters(patient, now - back, now + ahead), by=by, now=now
        )
    except BadRequest as refused:
        if back + ahead < _NEAREST or all(each.code != "too-costly" for each in refused.issues):
            raise
        return _procedures(gateway, patient, by, now, back / _LESS, ahead / _LESS)


def _parameters(patient: str, start: datetime, end: datetime) -> dict[str, Any]:
    return parameters(
        {"name": "patient", "valueReference": {"reference": patient}},
        {"name": "start", "valueDateTime": to_datetime(start)},
        {"name": "end", "valueDateTime": to_datetime(end)},
    )


def _rows(bundle: Json) -> Iterator[_Row]:
    for resource in resources(bundle, "Parameters"):
        for item in resource.get("parameter", ()):
            if item.get("name", "").startswith("item_"):
                yield _row(parts(item))


def _row(part: Mapping[str, Any]) -> _Row:
    """Read one row; counts that are zero may be left out, and so may be the times (`fut.md` 4.2)."""
    start, end = part.get("ResolvedTimingStart"), part.get("ResolvedTimingEnd")
    return _Row(
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


def _newest(rows: Iterator[_Row]) -> Iterator[_Row]:
    """Keep what the newest version of each ServiceRequest asks for, with all that was submitted in the same slot."""
    by_request: dict[str, list[_Row]] = defaultdict(list)
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


def _answerable(rows: list[_Row]) -> Iterator[_Row]:
    """Give the slots of one request; one without length is open until the next, or until its day ends."""
    following = dict(pairwise(sorted({row.start for row in rows if row.start})))
    for row in rows:
        if row.start is not None and row.start == row.end:
            day = datetime.combine(in_zone(row.start).date(), _LAST_MINUTE, DENMARK)
            yield replace(row, closes=max(row.start, min(day, following.get(row.start, day))))
        else:
            yield row


def _version_order(version: str) -> tuple[int, str]:
    return (int(version) if version.isdecimal() else 0, version)


class _Reader:
    """Looks up what rows refer to, each thing once."""

    def __init__(self, gateway: Gateway, patient: str, bundle: Json, by: Principal, now: datetime) -> None:
        self._gateway, self._patient, self._by, self._now = gateway, patient, by.within(patient=patient), now
        self._care_plans = {each["id"]: each for each in resources(bundle, "CarePlan")}
        self._requests = {each["id"]: each for each in resources(bundle, "ServiceRequest")}
        self._known: dict[str, Any] = {}

    def due(self, row: _Row) -> Due | None:
        """Give what a row asks for; None when it asks for something else than a questionnaire (a weight)."""
        care_plan = self._care_plans[_id(row.care_plan)]
        episode: str = extension_value(care_plan, WORKFLOW_EPISODE_OF_CARE)["reference"]
        activity: str = self._requests[_id(row.service_request)]["instantiatesCanonical"][0]
        questionnaire = find_questionnaire(self._read(activity, self._by))
        if questionnaire is None:
            return None
        definition = self._definition(questionnaire)
        return Due(
            patient=self._patient,
            episode_of_care=episode,
            care_plan=row.care_plan,
            service_request=row.service_request,
            service_request_version=row.version,
            timing_type=row.timing_type,
            slot_start=row.start,
            slot_end=row.end,
            requested=row.requested,
            submitted=row.submitted,
            closes=row.closes,
            questionnaire=questionnaire,
            title=definition.form.title,
            employee_title=extension_value(definition.questionnaire, EMPLOYEE_TITLE) or definition.form.title.da,
            minutes=definition.minutes,
            plan_title=care_plan.get("title", ""),
            organization=self._organization(episode),
        )

    def with_drafts(self, found: list[Due]) -> Iterator[Due]:
        """Add to each what is begun already."""
        rows = Draft.objects.filter(patient=self._patient, submitted_at=None).prefetch_related("answers")
        drafts = {(row.service_request, row.timing_type, row.slot_start): row for row in rows}
        for due in found:
            row = drafts.get((due.service_request, due.timing_type, slot_text(due.slot_start)))
            if row is None:
                yield due
            else:
                definition = self._definition(row.questionnaire_version)
                yield replace(due, draft=row.pk, progress=progress_of(definition, row.as_answers()))

    def _read(self, url: str, by: Principal) -> Json:
        if url not in self._known:
            self._known[url] = self._gateway.read(url, by=by, now=self._now)
        known: Json = self._known[url]
        return known

    def _definition(self, questionnaire: str) -> Definition:
        key = f"definition of {questionnaire}"
        if key not in self._known:
            self._known[key] = read_definition(self._gateway, questionnaire, by=self._by, now=self._now)
        known: Definition = self._known[key]
        return known

    def _organization(self, episode: str) -> str:
        resource = self._read(episode, self._by.within(episode_of_care=episode))
        organization: str = extension_value(resource, CAREMANAGER_ORGANIZATION)["reference"]
        name: str = self._read(organization, self._by)["name"]
        return name


def find_questionnaire(activity: Json) -> str | None:
    """Find the Questionnaire that an ActivityDefinition asks for, as it writes the URL; None: it asks for none."""
    resources = (artifact.get("resource", "") for artifact in activity.get("relatedArtifact", ()))
    references = ((url, Reference.parse(url)) for url in resources)
    return next((url for url, reference in references if reference and reference.type == "Questionnaire"), None)


def _id(url: str) -> str:
    reference = Reference.parse(url)
    return reference.id if reference else url
