"""The two registers: which part of an Organization is theirs, and their units in that shape."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from msgspec import Struct

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fut.organizations.owned import Owned
from kommunalpro.integrations.fk_organisation import FkUnit
from kommunalpro.integrations.sor import Address, SorUnit

FOLLOWS, DOES_NOT, NO_LONGER = "EligibleForSynchronization", "NotSynchronized", "NoLongerSynchronized"


class Register(Struct, frozen=True):
    """A register. `system` is that of its numbers; `elements` and `extensions` are its own part of an Organization.

    `is_whole`: a file has every unit that is not closed, so that a unit which is missing is closed.
    """

    source: str
    system: str
    elements: frozenset[str]
    extensions: frozenset[str]
    is_whole: bool


_ELEMENTS = frozenset({"active", "type", "name", "partOf"})
_EXTENSIONS = frozenset(
    {
        ehealth.ORGANIZATION_SOURCE,
        ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS,
        ehealth.ORGANIZATION_CVR_NUMBER,
        ehealth.ORGANIZATION_PERIOD,
    }
)
SOR = Register(
    "SOR",
    ehealth.SOR,
    _ELEMENTS | {"address"},
    _EXTENSIONS | {ehealth.ORGANIZATION_REGION_CODE, ehealth.ORGANIZATION_MUNICIPALITY_CODE},
    True,
)
STS_ORG = Register("STS-ORG", ehealth.STS_ORG, _ELEMENTS, _EXTENSIONS | {ehealth.ORGANIZATION_RELATED_TO}, False)


class Wanted(Struct, frozen=True):
    """A unit as its register has it. `owned` lacks what refers to other organisations: those are known by numbers.

    `parent` is the number of the unit above. `sor` and `cvr` say which unit of SOR it claims to be.
    """

    line: int
    number: str
    name: str
    parent: str | None
    owned: Owned
    sor: str | None = None
    cvr: str | None = None


class Fault(Protocol):
    """What is wrong with a line; `number` None: it does not say of which unit. Not skipped: the unit goes in."""

    @property
    def line(self) -> int: ...  # noqa: D102
    @property
    def number(self) -> str | None: ...  # noqa: D102
    @property
    def reasons(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def is_skipped(self) -> bool: ...  # noqa: D102


class Overview(Protocol):
    """What a reader says of a whole file before it gives the units."""

    @property
    def parents(self) -> Mapping[str, str | None]: ...  # noqa: D102
    @property
    def faults(self) -> Sequence[Fault]: ...  # noqa: D102
    @property
    def named_there(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def unidentified(self) -> int: ...  # noqa: D102


def from_sor(units: Iterable[SorUnit], today: date) -> Iterator[Wanted]:
    """Give SOR's units as they are to be stored."""
    for unit in units:
        # FUT publishes four of SOR's types; what the register calls it stands in words.
        type = {"coding": [{"system": ehealth.SOR_ORGANIZATION_TYPES, "code": "unknown"}], "text": unit.type}
        owned = _owned(SOR, unit.number, unit.name, unit.opens, unit.closes, today)
        if unit.type:
            owned["type"] = [type]
        if addresses := list(_addresses(unit)):
            owned["address"] = addresses
        _put(owned, ehealth.ORGANIZATION_CVR_NUMBER, unit.cvr)
        _put(owned, ehealth.ORGANIZATION_REGION_CODE, unit.region)
        _put(owned, ehealth.ORGANIZATION_MUNICIPALITY_CODE, unit.municipality)
        yield Wanted(unit.line, unit.number, unit.name, unit.parent, owned)


def from_fk(units: Iterable[FkUnit], today: date) -> Iterator[Wanted]:
    """Give FK Organisation's units as they are to be stored."""
    for unit in units:
        owned = _owned(STS_ORG, unit.uuid, unit.name, unit.opens, unit.closes, today)
        owned["type"] = [{"coding": [{"system": ehealth.OIO_ORGANIZATION_TYPES, "code": unit.type}]}]
        _put(owned, ehealth.ORGANIZATION_CVR_NUMBER, unit.cvr)
        yield Wanted(unit.line, unit.uuid, unit.name, unit.parent, owned, unit.sor, unit.cvr)


def synchronized(status: str) -> dict[str, Any]:
    """Make the extension that says whether an Organization follows its source."""
    return _concept(
        ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS, ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS_CODES, status
    )


def related_to(url: str) -> dict[str, Any]:
    """Make the extension that names the organisation of SOR which this is as well (`fut.md` 1B, relatedTo)."""
    relation = {"coding": [{"system": ehealth.ORGANIZATION_RELATION_TYPES, "code": "related-to-SOR"}]}
    parts = [
        {"url": "target", "valueReference": {"reference": url}},
        {"url": "relationType", "valueCodeableConcept": relation},
    ]
    return {"url": ehealth.ORGANIZATION_RELATED_TO, "extension": parts}


def _owned(
    register: Register, number: str, name: str, opens: date | None, closes: date | None, today: date
) -> dict[str, Any]:
    is_closed = closes is not None and closes < today
    owned: dict[str, Any] = {
        "identifier": [{"system": register.system, "value": number}],
        "active": not is_closed and (opens is None or opens <= today),
        "name": name,
        ehealth.ORGANIZATION_SOURCE: _concept(
            ehealth.ORGANIZATION_SOURCE, ehealth.ORGANIZATION_SOURCE_CODES, register.source
        ),
        ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS: synchronized(NO_LONGER if is_closed else FOLLOWS),
    }
    if period := {key: day.isoformat() for key, day in (("start", opens), ("end", closes)) if day}:
        owned[ehealth.ORGANIZATION_PERIOD] = {"url": ehealth.ORGANIZATION_PERIOD, "valuePeriod": period}
    return owned


def _put(owned: dict[str, Any], url: str, text: str | None) -> None:
    if text:
        owned[url] = {"url": url, "valueString": text}


def _addresses(unit: SorUnit) -> Iterator[Json]:
    """Give each different address once: where the post goes, where one visits, where the work is done."""
    if unit.postal:
        yield _address("both" if unit.visiting == unit.postal else "postal", unit.postal)
    if unit.visiting and unit.visiting != unit.postal:
        yield _address("physical", unit.visiting)
    if unit.activity and unit.activity not in (unit.visiting, unit.postal):
        yield _address("physical", unit.activity)


def _address(type: str, address: Address) -> Json:
    parts = {"line": [address.line] if address.line else [], "city": address.city, "postalCode": address.code}
    return {"type": type, **{name: value for name, value in parts.items() if value}}


def _concept(url: str, system: str, code: str) -> dict[str, Any]:
    return {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}
