"""A register's file, unit by unit: looked up by number, decided on, written in batches. One unit of work, all or none.

Numbers and ids are all that is kept of a file, so that its length matters little. A unit may stand before the one
above it: that is given its id when it is first named.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from msgspec import Struct

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.known import Current
from kommunalpro.fhirserver.many import Writing, ids_by_identifier, read_many, writing
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.organizations.closing import absent, closed
from kommunalpro.fut.organizations.deciding import Decision, decide, without_parent
from kommunalpro.fut.organizations.disagreement import between_registers
from kommunalpro.fut.organizations.owned import Owned, digest, pick, recorded
from kommunalpro.fut.organizations.registers import STS_ORG, Overview, Register, Wanted, related_to

BATCH = 500
_BACK = 50
"""Versions that are looked through for what the register last said."""

_OBJECTS = 100_000
"""New objects until the collector looks."""


class Event(Struct, frozen=True):
    """Something that is told of one unit. `kind` is a `Decision`'s, or fault, disagreement, remark."""

    kind: str
    number: str
    name: str
    detail: str = ""


Tell = Callable[[Event], object]


def import_register(
    session: Session,
    register: Register,
    overview: Overview,
    units: Iterable[Wanted],
    *,
    file: str,
    tell: Tell,
    progress: Callable[[int, int], object] = lambda done, total: None,
    closes_many: bool = False,
) -> Counter[str]:
    """Bring the organisations to where the register has them; gives how many of each kind of event there were.

    Raises:
        PreconditionFailed: somebody changed one of them meanwhile. Nothing is kept.
    """
    asked = (("source", register.source), ("file", file))
    session.authorise(Request("operation", name="$import-organizations", parameters=asked))
    # Who is known is read once: what another import makes meanwhile would be made again.
    session.take_turns(f"import|{register.source}")
    with _rarely_collected(), writing(session) as batches:
        run = _Run(session, register, overview, batches, tell)
        for fault in overview.faults:
            kind = "fault" if fault.is_skipped else "remark"
            run.say(kind, fault.number or "", "", f"line {fault.line}: {'; '.join(fault.reasons)}")
        total, done = len(overview.parents), 0
        for some in _batches(units):
            run.take(some)
            done += len(some)
            progress(done, total)
        for some in _batches(run.put_off()):
            run.take(some)
        run.part_from_refused()
        if register.is_whole:
            run.close_absent(closes_many=closes_many)
    session.trail.say(*((kind, str(count)) for kind, count in sorted(run.counts.items())))
    return run.counts


@dataclass(slots=True)
class _Run:
    """One file on its way in. `known` are ids by number, `promised` those of units that are yet to come.

    `nowhere` are the URLs of units that were to be new and were refused, by number. `later` are units that are stored,
    below one that is yet to be: should that be refused, as at every import before, nothing is to be written of them.
    `first` are the numbers of those that were the first to be a unit of SOR, by its URL; `names` are those of units
    above, by URL.
    """

    session: Session
    register: Register
    overview: Overview
    batches: Writing
    tell: Tell
    counts: Counter[str] = field(default_factory=Counter)
    known: dict[str, list[str]] = field(init=False)
    sor: dict[str, list[str]] = field(init=False)
    promised: dict[str, str] = field(default_factory=dict)
    nowhere: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    later: list[Wanted] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = ids_by_identifier(self.session, "Organization", self.register.system)
        is_second = self.register is STS_ORG
        self.sor = ids_by_identifier(self.session, "Organization", ehealth.SOR) if is_second else {}

    def take(self, units: Sequence[Wanted]) -> None:
        """Decide on a batch and write it, but for those that have to wait for the unit above."""
        units = self._ready(units)
        current = self._read(id for unit in units for id in self.known.get(unit.number, ()))
        related = self._read(url.rsplit("/", 1)[1] for unit in units if (url := self._related(unit)))
        new: list[tuple[str, Json]] = []
        changes: list[tuple[Json, Current]] = []
        decided: list[tuple[Wanted, str, Decision, Json]] = []
        for unit in units:
            before = self._current(unit, current)
            stands = before.resource if before else None
            decision = decide(stands, self._owned(unit), self.register, self._as_imported(before))
            id = before.resource["id"] if before else self._new_id(unit.number)
            if decision.resource is not None and before is None:
                new.append((id, decision.resource))
            elif decision.resource is not None and before is not None:
                changes.append((decision.resource, before))
            decided.append((unit, id, decision, decision.resource or stands or {}))
        wrong: dict[str, FhirError] = {}
        self.batches.write(new, changes, wrong.__setitem__)
        for unit, id, decision, resource in decided:
            if id in wrong:
                self._refused(unit, id, decision, wrong[id])
            else:
                self._say(unit, decision, resource, related)

    def put_off(self) -> list[Wanted]:
        """Give those that had to wait, once: by now it is known what became of the units above them."""
        waited, self.later = self.later, []
        return waited

    def part_from_refused(self) -> None:
        """Leave out the unit above of those that were written before it was refused."""
        if not self.nowhere:
            return
        above, gone = self.overview.parents, set(self.nowhere.values())
        below = [id for each in above if above[each] in self.nowhere for id in self.known.get(each, ())]
        changes = [
            (without_parent(each.resource, self.register), each)
            for each in self._read(below).values()
            if each.resource.get("partOf", {}).get("reference") in gone
        ]
        for resource, _ in changes:
            self.say("remark", resource["identifier"][0]["value"], resource["name"], "the unit above was refused")
        self.batches.write((), changes)

    def close_absent(self, *, closes_many: bool) -> None:
        """Close the units that a whole file no longer has."""
        there = self.overview
        missing = [each for each in self.known if each not in there.parents and each not in there.named_there]
        self.batches.wait()
        for current in absent(self.session, self.register, missing, self.known, self.overview, self.say, closes_many):
            changes = [(closed(each.resource, self.register), each) for each in current]
            for resource, _ in changes:
                self.say("closed", resource["identifier"][0]["value"], resource["name"], "no longer in the file")
            self.batches.write((), changes)

    def say(self, kind: str, number: str, name: str, detail: str = "") -> None:
        """Tell of one event, and count it."""
        self.counts[kind] += 1
        self.tell(Event(kind, number, name, detail))

    def _say(self, unit: Wanted, decision: Decision, resource: Json, related: dict[str, Current]) -> None:
        self.say(decision.kind, unit.number, unit.name)
        for each in decision.disagreements:
            value = self._name_of(each.value) if each.field == "parent" else each.value
            self.say("disagreement", unit.number, unit.name, f"{each.field}: {each.source} says {value!r}")
        if url := self._related(unit):
            other = related.get(url.rsplit("/", 1)[1])
            parent = self._claimed_parent(unit)
            for name, here, there in between_registers(resource, other.resource, parent) if other else ():
                if name == "parent":
                    # Each register's own unit above, for its name need not be the same in the other.
                    here, there = self._name_of(self._url_of(unit.parent or "") or here), self._name_of(there)
                self.say("disagreement", unit.number, unit.name, f"{name}: {here!r}, in SOR {there!r}")

    def _new_id(self, number: str) -> str:
        id = self.promised.pop(number, None) or new_id()
        self.known[number] = [id]
        return id

    def _refused(self, unit: Wanted, id: str, decision: Decision, wrong: FhirError) -> None:
        if decision.kind == "new":
            del self.known[unit.number]
            self.nowhere[unit.number] = self._url(id)
        why = "; ".join(f"{each.expression or ''} {each.diagnostics or each.text}".strip() for each in wrong.issues)
        self.say("fault", unit.number, unit.name, f"line {unit.line}: {why}")

    def _read(self, ids: Iterable[str]) -> dict[str, Current]:
        wanted = list(dict.fromkeys(ids))
        if wanted:
            self.batches.wait()
        return read_many(self.session, "Organization", wanted)

    def _current(self, unit: Wanted, current: dict[str, Current]) -> Current | None:
        """Give the organisation with a unit's number: of several, the one that came from the register."""
        found = [current[id] for id in self.known.get(unit.number, ()) if id in current]
        found.sort(key=lambda each: recorded(each.resource) is None)
        if len(found) > 1:
            self.say("remark", unit.number, unit.name, f"{len(found)} organisations have this number")
        return found[0] if found else None

    def _owned(self, unit: Wanted) -> Owned:
        owned = dict(unit.owned)
        if unit.parent is not None and (url := self._url_of(unit.parent)):
            owned["partOf"] = {"reference": url}
        elif unit.parent is not None:
            self.say("remark", unit.number, unit.name, f"the unit above, {unit.parent}, is not known")
        if url := self._related(unit):
            owned[ehealth.ORGANIZATION_RELATED_TO] = related_to(url)
            if (first := self.first.setdefault(url, unit.number)) != unit.number:
                self.say("remark", unit.number, unit.name, f"its unit in SOR is that of {first}, too")
        elif unit.sor:
            self.say("remark", unit.number, unit.name, f"its unit in SOR, {unit.sor}, is not known")
        return owned

    def _url_of(self, number: str) -> str | None:
        """Give the URL of a unit that is stored, or will be."""
        id = next(iter(self.known.get(number, ())), None)
        if id is None and number in self.overview.parents and number not in self.nowhere:
            id = self.promised.setdefault(number, new_id())
        return self._url(id) if id else None

    def _ready(self, units: Sequence[Wanted]) -> list[Wanted]:
        ready: list[Wanted] = []
        for unit in units:
            # What it is in SOR is asked of those below it, which may not have to wait.
            self._related(unit)
            (self.later if self._waits(unit) else ready).append(unit)
        return ready

    def _waits(self, unit: Wanted) -> bool:
        above = unit.parent
        is_to_come = above in self.overview.parents and above not in self.known and above not in self.nowhere
        return is_to_come and unit.number in self.known

    def _related(self, unit: Wanted) -> str | None:
        """Give the URL of the organisation in SOR that a unit says it is as well."""
        if unit.sor is None and unit.parent is None and unit.cvr and unit.number not in self.claims:
            self.claims[unit.number] = self._root_of(unit.cvr) or ""
        elif unit.sor is not None:
            self.claims[unit.number] = next(iter(self.sor.get(unit.sor, ())), "")
        id = self.claims.get(unit.number)
        return self._url(id) if id else None

    def _root_of(self, cvr: str) -> str | None:
        """Give the id of the one organisation at the top of SOR that has a CVR number."""
        self.batches.wait()
        asked = [("cvrNumber:exact", cvr), ("source", "SOR"), ("partof:missing", "true"), ("_count", "2")]
        found = [each["resource"]["id"] for each in self.session.search("Organization", asked).get("entry", ())]
        return found[0] if len(found) == 1 else None

    def _claimed_parent(self, unit: Wanted) -> Json | None:
        id = self.claims.get(unit.parent or "")
        return {"extension": [related_to(self._url(id))]} if id else None

    def _name_of(self, url: str) -> str:
        """Give the name of a unit above; of one that is not stored, the URL."""
        if url not in self.names:
            id = url.rsplit("/", 1)[-1]
            found = self._read([id]).get(id) if id and url == self._url(id) else None
            self.names[url] = str(found.resource.get("name", url)) if found else url
        return self.names[url]

    def _url(self, id: str) -> str:
        return own_url(self.session.server.base_url, {"resourceType": "Organization", "id": id})

    def _as_imported(self, before: Current | None) -> Callable[[], dict[str, Any] | None]:
        """Give a way to find the register's part as it was before anybody changed it."""

        def find() -> dict[str, Any] | None:
            sign = recorded(before.resource) if before else None
            if before is None or sign is None:
                return None
            self.batches.wait()
            for version in range(before.version - 1, max(0, before.version - _BACK), -1):
                try:
                    picked = pick(
                        self.session.vread("Organization", before.resource["id"], str(version)), self.register
                    )
                except FhirError:
                    continue
                if digest(picked) == sign:
                    return picked
            return None

        return find


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Let the collector of garbage look seldom: hardly anything here goes in circles, and looking takes a third."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _batches(units: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    iterator = iter(units)
    while some := list(islice(iterator, BATCH)):
        yield some
