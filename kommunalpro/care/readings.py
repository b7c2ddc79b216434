"""A number that a citizen has measured, or a picture that they have taken: nothing here assesses either."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.measurements import moment_of
from kommunalpro.fut.observation_codes import Level, level_of
from kommunalpro.fut.terminology import Key


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which numbers somebody wanted no alarm, or wanted one: the infrastructure does not say which it is.

    `level`: of which alarm they are; None: of none. At least one of the numbers is there.
    """

    level: Level | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Value:
    """What was measured: a number in a unit, or words. Neither: there is no value. `called`: as its sender calls it."""

    code: Key | None
    called: str
    number: Decimal | None
    unit: str
    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One Observation, or one Media. `values` empty: it is a picture, if it is kept here a `data:` URL.

    `absent`: FUT's code for why there is no value; None: nobody says. `measured_at` None: nobody says.
    """

    url: str
    is_invalidated: bool
    measured_at: datetime | None
    values: tuple[Value, ...]
    limits: tuple[Limits, ...] = ()
    absent: str | None = None
    picture: str = ""


def read_reading(gateway: Gateway, url: str, *, by: Principal, now: datetime) -> Reading:
    """Read one. `by` stands in the citizen's context.

    Raises:
        NotFound: no such measurement with this citizen, or none that the team may see.
    """
    measurement = gateway.read(url, by=by, now=now)
    if measurement["subject"].get("reference") != by.context.patient:
        raise NotFound("Vi kan ikke finde målingen.", diagnostics="No such measurement in this patient context.")
    return reading_of(measurement, gateway.base_url)


def reading_of(measurement: Json, base_url: str) -> Reading:
    """Give what an Observation or Media says."""
    is_number = measurement["resourceType"] == "Observation"
    moment = moment_of(measurement)
    absent = (code for _, code in keys(measurement.get("dataAbsentReason")))
    return Reading(
        url=own_url(base_url, measurement),
        is_invalidated=measurement["status"] == "entered-in-error",
        measured_at=datetime.fromisoformat(moment) if moment else None,
        values=tuple(_values(measurement)) if is_number else (),
        limits=tuple(_limits(each) for each in measurement.get("referenceRange", ())),
        absent=next(absent, None),
        picture="" if is_number else _picture(measurement.get("content", {})),
    )


def _values(observation: Json) -> Iterator[Value]:
    """Give its own value, and those of its parts; where it has none at all, that it has none."""
    parts = observation.get("component", ())
    if not parts or "valueQuantity" in observation or "valueCodeableConcept" in observation:
        yield _value(observation)
    yield from map(_value, parts)


def _value(element: Json) -> Value:
    quantity, concept = element.get("valueQuantity", {}), element.get("valueCodeableConcept", {})
    number = quantity.get("value")
    return Value(
        code=next(keys(element.get("code")), None),
        called=_called(element.get("code", {})),
        number=Decimal(number) if number is not None else None,
        unit=str(quantity.get("unit") or quantity.get("code", "")),
        words=_called(concept),
    )


def _called(concept: Json) -> str:
    displays = (each["display"] for each in concept.get("coding", ()) if "display" in each)
    codes = (each["code"] for each in concept.get("coding", ()) if "code" in each)
    return str(concept.get("text") or next(displays, "") or next(codes, ""))


def _limits(element: Json) -> Limits:
    low, high = (element.get(end, {}).get("value") for end in ("low", "high"))
    ends = (Decimal(each) if each is not None else None for each in (low, high))
    return Limits(level_of(element.get("type")), *ends)


def _picture(content: Json) -> str:
    return f"data:{content['contentType']};base64,{content['data']}" if "data" in content else ""
