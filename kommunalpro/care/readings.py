"""A number that a citizen has measured, or a picture that they have taken: nothing here assesses either."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.measurements import moment_of
from kommunalpro.fut.observation_codes import Level, level_of
from kommunalpro.fut.terminology import Key

UNITS_AS_WRITTEN: Mapping[str, str] = {
    "1/min": "/min",
    "{Number}": "",
    "{ratio}": "",
    "Cel": "°C",
    "mm[Hg]": "mmHg",
    "kg/m2": "kg/m²",
    "cm2": "cm²",
}
"""UCUM code → the unit as people write it, where that is another."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which numbers somebody wanted no alarm, or wanted one: the infrastructure does not say which it is.

    `level`: of which alarm they are; None: of none. At least one of the numbers is there. `unit`: as it was written, or
    its UCUM code; empty: none, or nobody says; both where the two numbers are in different units.
    """

    level: Level | None
    low: Decimal | None
    high: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class Value:
    """What was measured: a number in a unit, or words. Neither: there is no value. `called`: as its sender calls it."""

    code: Key | None
    called: str
    number: Decimal | None
    unit: str
    words: str


@dataclass(frozen=True, slots=True)
class Held:
    """Limits, and what they are held against. `is_same_unit` False: whether a number is within them is not known."""

    value: Value
    limits: Limits
    is_same_unit: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One Observation, or one Media. `values` empty: it is a picture, if it is kept here a `data:` URL.

    `absent`: FUT's code for why there is no value; None: nobody says. `measured_at` None: nobody says.
    """

    url: str
    is_invalidated: bool
    measured_at: datetime | None
    values: tuple[Value, ...]
    limits: tuple[Held, ...] = ()
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
        measured_at=parse_datetime(moment) if moment else None,
        values=tuple(_values(measurement)) if is_number else (),
        limits=tuple(_held(measurement)) if is_number else (),
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
        unit=_unit(quantity),
        words=_called(concept),
    )


def _called(concept: Json) -> str:
    displays = (each["display"] for each in concept.get("coding", ()) if "display" in each)
    codes = (each["code"] for each in concept.get("coding", ()) if "code" in each)
    return str(concept.get("text") or next(displays, "") or next(codes, ""))


def _unit(quantity: Json) -> str:
    return str(quantity.get("unit") or quantity.get("code", ""))


def limits_of(low: Json, high: Json, type: Json | None) -> Limits:
    """Read limits by their two Quantities, of which one may be empty, and their type."""
    least, most = (Decimal(each["value"]) if "value" in each else None for each in (low, high))
    units = dict.fromkeys(_unit(each) for each in (low, high) if "value" in each)
    return Limits(level_of(type), least, most, "/".join(units))


def _held(observation: Json) -> Iterator[Held]:
    """Give the limits of an Observation, and those of its parts."""
    for element in (observation, *observation.get("component", ())):
        for each in element.get("referenceRange", ()):
            low, high, measured = each.get("low", {}), each.get("high", {}), element.get("valueQuantity", {})
            is_same = all(is_same_unit(measured, end) for end in (low, high) if "value" in end)
            yield Held(_value(element), limits_of(low, high, each.get("type")), is_same)


def is_same_unit(one: Json, other: Json) -> bool:
    """Tell whether two Quantities are in one unit: by their codes where both have one, else as they are written."""
    if "code" in one and "code" in other:
        return bool(one["code"] == other["code"])
    return not _written(one).isdisjoint(_written(other))


def _written(quantity: Json) -> set[str]:
    given = [quantity[each] for each in ("unit", "code") if quantity.get(each)]
    return {UNITS_AS_WRITTEN.get(each, each) for each in given or [""]}


def _picture(content: Json) -> str:
    return f"data:{content['contentType']};base64,{content['data']}" if "data" in content else ""
