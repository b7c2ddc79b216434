"""What a citizen is asked to answer: now, later, and what was missed.

What is asked for is told by `procedures.py`, slot by slot. Missed is what ended while it was asked for, and not in a
pause or before the plan began: as the team is told (`team_due.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kommunalpro.care.called import own_title, staff_title, title_of
from kommunalpro.care.definitions import Definition, read_definition
from kommunalpro.care.models import Draft, slot_text
from kommunalpro.care.procedures import Row, procedures
from kommunalpro.care.progress import Progress, progress_of
from kommunalpro.care.runs import State, Time
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.ehealth import CAREMANAGER_ORGANIZATION, WORKFLOW_EPISODE_OF_CARE
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.status_history import Span, all_active
from kommunalpro.fut.timing import Slot
from kommunalpro.pro.text import Text

BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """One response that is asked for. Resource fields are absolute URLs; `questionnaire` as the plan writes it.

    `slot_start` and `slot_end` None: may be answered at any time (Adhoc), as soon as it `opens`. `closes`: until when a
    slot can be answered, which is its end unless it has no length; one that is far ahead may stand for many `times`, up
    to the `last`, and it may be that it `goes_on` after them.
    `own_title` empty: it is called as its questionnaire is. `draft` and `progress` None: not begun. `organization` is
    the name of the organisation that is responsible for the treatment.
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
    opens: datetime | None = None
    own_title: str = ""
    draft: UUID | None = None
    progress: Progress | None = None
    times: int = 1
    last: Slot | None = None
    goes_on: bool = False

    @property
    def key(self) -> str:
        """What a page's URL carries: opaque, found again by `find_due`, holds nothing about the citizen."""
        reference = Reference.parse(self.service_request)
        start = int(self.slot_start.timestamp()) if self.slot_start else 0
        return f"{reference.id if reference else ''}.{self.timing_type}.{start}"

    @property
    def begins(self) -> datetime | None:
        """Give from when on it can be answered; None: nobody says, so it can."""
        return self.slot_start or self.opens

    def state(self, now: datetime) -> State:
        """Tell whether it may be answered now, later, or should have been answered before."""
        if self.begins is not None and self.begins > now:
            return "coming"
        if self.closes is not None and self.closes < now:
            return "missed"
        return "open"

    def order(self, now: datetime) -> tuple[bool, datetime]:
        """Give its place among others: by when it opens, what is open at any time before all."""
        is_any_time = self.slot_start is None and self.state(now) == "open"
        return not is_any_time, self.begins or now

    def time(self, now: datetime) -> Time | None:
        """Give the time, which may be told together with others unless an answer is begun; None: it has none."""
        is_begun = self.progress is not None and self.progress.is_begun
        what, state = (self.service_request, self.draft if is_begun else None), self.state(now)
        if self.opens is not None and state == "coming":
            return Time(what, state, self.opens, self.opens)
        if self.slot_start is None or self.closes is None:
            return None
        last = None
        if self.last is not None and self.last.start and self.last.closes:
            last = Time(what, state, self.last.start, self.last.closes)
        return Time(what, state, self.slot_start, self.closes, self.times, last, self.goes_on)


def due_for(
    gateway: Gateway,
    patient: str,
    *,
    by: Principal,
    now: datetime,
    back: timedelta = BACK,
) -> tuple[Due, ...]:
    """Give all that is asked for and not yet answered, in order of time; what is open at any time comes first.

    `patient` is the citizen's absolute URL; `by` stands in that citizen's context. Of what comes often, only what is
    near stands by itself; and of what was missed, where it is more than the infrastructure tells at once.
    """
    bundle, rows = procedures(gateway, patient, by=by.within(patient=patient), now=now, back=back)
    reader = _Reader(gateway, patient, bundle, by, now)
    asked = (reader.due(row) for row in rows if row.submitted < row.requested and reader.was_asked(row))
    found = sorted(filter(None, asked), key=lambda due: due.order(now))
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


class _Reader:
    """Looks up what rows refer to, each thing once."""

    def __init__(self, gateway: Gateway, patient: str, bundle: Json, by: Principal, now: datetime) -> None:
        self._gateway, self._patient, self._by, self._now = gateway, patient, by.within(patient=patient), now
        self._care_plans = {each["id"]: each for each in resources(bundle, "CarePlan")}
        self._requests = {each["id"]: each for each in resources(bundle, "ServiceRequest")}
        self._known: dict[str, Any] = {}
        self._active: dict[str, list[Span]] = {}

    def was_asked(self, row: Row) -> bool:
        """Tell whether somebody asked for it when it ended; what has not ended is asked for."""
        if row.closes is None or row.closes >= self._now:
            return True
        if row.service_request not in self._active:
            request, care_plan = self._requests[_id(row.service_request)], self._care_plans[_id(row.care_plan)]
            episode: str = extension_value(care_plan, WORKFLOW_EPISODE_OF_CARE)["reference"]
            course = self._read(episode, self._by.within(episode_of_care=episode))
            self._active[row.service_request] = all_active([request, care_plan, course])
        return any(row.closes in each for each in self._active[row.service_request])

    def due(self, row: Row) -> Due | None:
        """Give what a row asks for; None when it asks for something else than a questionnaire (a weight)."""
        care_plan = self._care_plans[_id(row.care_plan)]
        episode: str = extension_value(care_plan, WORKFLOW_EPISODE_OF_CARE)["reference"]
        activity = self._read(self._requests[_id(row.service_request)]["instantiatesCanonical"][0], self._by)
        questionnaire = find_questionnaire(activity)
        if questionnaire is None:
            return None
        definition = self._definition(questionnaire)
        own = own_title(activity, definition.form)
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
            opens=row.opens,
            times=row.times,
            last=row.last,
            goes_on=row.goes_on,
            questionnaire=questionnaire,
            title=title_of(own, definition.form),
            employee_title=staff_title(activity, definition.questionnaire, definition.form),
            minutes=definition.minutes,
            plan_title=care_plan.get("title", ""),
            organization=self._organization(episode),
            own_title=own,
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
        key = f"organization of {episode}"
        if key not in self._known:
            resource = self._read(episode, self._by.within(episode_of_care=episode))
            organization: str = extension_value(resource, CAREMANAGER_ORGANIZATION)["reference"]
            self._known[key] = self._read(organization, self._by)["name"]
        name: str = self._known[key]
        return name


def find_questionnaire(activity: Json) -> str | None:
    """Find the Questionnaire that an ActivityDefinition asks for, as it writes the URL; None: it asks for none."""
    resources = (artifact.get("resource", "") for artifact in activity.get("relatedArtifact", ()))
    references = ((url, Reference.parse(url)) for url in resources)
    return next((url for url, reference in references if reference and reference.type == "Questionnaire"), None)


def _id(url: str) -> str:
    reference = Reference.parse(url)
    return reference.id if reference else url
