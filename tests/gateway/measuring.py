"""Measuring as another application does: what a citizen is asked to measure, and Observations and Media of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.care import planning
from kommunalpro.care.planning import Titles
from kommunalpro.care.regime import UCUM
from kommunalpro.care.sending import OnDate, send
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Principal
from kommunalpro.fut.timing import resolve
from tests.gateway.answering import LATER
from tests.resources import PICTURE
from tests.unit.care.world import MONDAY, Enrolled, World, assess_what_waits

NPU, SKS = "urn:oid:1.2.208.176.2.1", ehealth.SKS_DIAGNOSES
WEIGHT, SYSTOLIC, DIASTOLIC = (NPU, "NPU03804"), (NPU, "DNK05472"), (NPU, "DNK05473")
BLOOD_PRESSURE, PHOTO = (SKS, "ZZ3170"), (SKS, "ZZ7011")
RED, YELLOW = (ehealth.MEDCOM, "RAL"), (ehealth.MEDCOM, "GAL")


def concept(*codes: tuple[str, str]) -> dict[str, Any]:
    """Make a CodeableConcept."""
    return {"coding": [{"system": system, "code": code} for system, code in codes]}


def limits(low: int | None, high: int | None, *types: tuple[str, str], unit: str = "") -> dict[str, Any]:
    """Make a reference range, of these types. `unit`: in UCUM; empty: it says none."""
    ends = {name: {"value": end} for name, end in (("low", low), ("high", high)) if end is not None}
    said = {"unit": unit, "system": UCUM, "code": unit} if unit else {}
    parts = [{"url": name, "valueQuantity": {**end, **said}} for name, end in ends.items()]
    kind = [{"url": "type", "valueCodeableConcept": concept(*types)}] if types else []
    return {"url": ehealth.REFERENCE_RANGE, "extension": [*parts, *kind]}


def quality(kind: str, system: str, code: str) -> dict[str, Any]:
    """Make a quality of a measurement."""
    parts = [
        {"url": "qualityType", "valueCodeableConcept": concept((ehealth.QUALITY_TYPES, kind))},
        {"url": "qualityCode", "valueCodeableConcept": concept((system, code))},
    ]
    return {"url": ehealth.QUALITY, "extension": parts}


def activity(world: World, code: tuple[str, str], *extensions: Any) -> str:
    """Publish an activity of measuring something, and a plan of it; gives the plan."""
    lis, base = world.staff["lis"].principal, world.gateway.base_url
    [coding], own = concept(code)["coding"], str(lis.context.organization)
    draft = planning.new_measuring(Titles("Måling"), coding, own)
    measuring = {**draft, "status": "active", "extension": [*draft["extension"], *extensions]}
    made = world.gateway.create(measuring, by=lis, now=MONDAY)
    url = f"{base}/ActivityDefinition/{made['id']}"
    plan = planning.new_plan(Titles("Måling"), made, url, own)
    stored = world.gateway.create({**plan, "status": "active"}, by=lis, now=MONDAY)
    return f"{base}/PlanDefinition/{stored['id']}"


@dataclass(frozen=True)
class Measuring:
    """What a citizen is asked to measure."""

    nancy: Enrolled
    request: str
    start: datetime
    end: datetime

    @property
    def by(self) -> Principal:
        """The citizen, in the course of care that it belongs to."""
        return self.nancy.self.within(episode_of_care=self.nancy.episode)

    def timing(self, **changes: Any) -> dict[str, Any]:
        """Make the resolved timing of the slot."""
        ends = {"start": to_datetime(self.start), "end": to_datetime(self.end)} | changes
        type = {"coding": [{"system": ehealth.RESOLVED_TIMING_TYPE, "code": "Resolved"}]}
        parts: list[dict[str, Any]] = [
            {"url": "serviceRequestVersionId", "valueId": "2"},
            *({"url": name, "valueDateTime": at} for name, at in ends.items()),
            {"url": "type", "valueCodeableConcept": type},
        ]
        return {"url": ehealth.RESOLVED_TIMING, "extension": parts}

    def observation(
        self, code: tuple[str, str] = WEIGHT, value: Any = 82, *more: Any, **changes: Any
    ) -> dict[str, Any]:
        """Make an Observation; `value` None: none was obtained. `more`: extensions."""
        result = {} if value is None else {"valueQuantity": {"value": value, "unit": "kg"}}
        return {
            "resourceType": "Observation",
            "extension": [*self._extensions(), *more],
            "basedOn": [{"reference": self.request}],
            "status": "final",
            "code": concept(code),
            "subject": {"reference": self.nancy.patient},
            "effectivePeriod": {"start": to_datetime(LATER)},
            "performer": [{"reference": self.nancy.patient}],
            **result,
            **changes,
        }

    def media(self, *more: Any, mode: str = "raw", **changes: Any) -> dict[str, Any]:
        """Make a picture. `more`: extensions."""
        return {
            "resourceType": "Media",
            "extension": [*self._extensions(), {"url": ehealth.MEDIA_USAGE_MODE, "valueCode": mode}, *more],
            "basedOn": [{"reference": self.request}],
            "status": "completed",
            "subject": {"reference": self.nancy.patient},
            "createdDateTime": to_datetime(LATER),
            "content": {"contentType": "image/png", "data": PICTURE},
            **changes,
        }

    def _extensions(self) -> list[dict[str, Any]]:
        episode = {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": self.nancy.episode}}
        return [episode, self.timing()]

    def submit(self, bundle: Any, *, by: Principal | None = None, now: datetime = LATER) -> Any:
        """Send a Bundle, as the citizen unless somebody else is named."""
        asked = parameters({"name": "measurement", "resource": bundle})
        answer = self.nancy.world.gateway.operation("$submit-measurement", asked, by=by or self.by, now=now)
        assess_what_waits(now)
        return answer

    def read(self, url: str) -> Any:
        """Read what is stored."""
        return self.nancy.world.gateway.read(url, by=SYSTEM, now=LATER)


def asked_to_measure(nancy: Enrolled, code: tuple[str, str] = WEIGHT, *extensions: Any, by: str = "asta") -> Measuring:
    """Ask a citizen to measure something today."""
    world = nancy.world
    plan = activity(world, code, *extensions)
    when = OnDate(MONDAY.date())
    sent = send(world.gateway, nancy.patient, nancy.episode, plan, when, by=world.staff[by].principal, now=MONDAY)
    [url] = sent.service_requests
    request = world.gateway.read(url, by=SYSTEM, now=LATER)
    [slot] = resolve(request, LATER, LATER.replace(hour=23))
    assert slot.start
    assert slot.end
    return Measuring(nancy, url, slot.start, slot.end)
