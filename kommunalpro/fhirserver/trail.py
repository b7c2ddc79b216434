"""What one unit of work touched, and the AuditEvents it leaves: one for each patient, not one for each inner call."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain

from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import Request

MOST_TOUCHED = 50
"""Resources named in one AuditEvent; what is beyond is still counted by its patient's event."""

_WRITES = frozenset({"create", "update", "patch", "delete", "transaction"})


@dataclass(frozen=True, slots=True)
class Part:
    """What one entry of a transaction searched for, and the ids of the patients that it touched."""

    parameters: tuple[tuple[str, str], ...] = field(repr=False)
    patients: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Trail:
    """Collects, while a unit of work runs, what its AuditEvents will say. `first` is what the user asked for.

    `expected` is what the address asked for, where it never came so far as that; None: it did not come by an address.
    `answered` is the id of the searchset that the first search gave.
    `created` are the ids of what did not exist before; `written` is (patient, URL) of every version made, in order.
    `parts` are the searches of a transaction; `part` is the one that goes on.
    `indexed` is how many index rows those have that somebody from outside made.
    `unseen` are the ids of patients (empty: of whoever they are) of whose data a search told, and did not show it.
    """

    expected: Request | None = None
    first: Request | None = None
    answered: str | None = None
    touched: dict[str, list[str]] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    written: list[tuple[str, str]] = field(default_factory=list)
    indexed: int = 0
    parts: list[Part] = field(default_factory=list)
    part: Part | None = None
    unseen: set[str] = field(default_factory=set)
    is_ended: bool = False
    """Its events are written: what would follow would stand in none."""

    def asked(self, request: Request) -> None:
        """Note what the user asked for; what it asks in turn is part of the same request."""
        if self.first is None:
            self.first = request

    def answer(self, id: str) -> None:
        """Note the id of a searchset; what is searched in turn is part of the same request."""
        self.answered = self.answered or id

    def say(self, *parameters: tuple[str, str]) -> None:
        """Note what was only known after the user had asked: how much it is."""
        if self.first:
            self.first = replace(self.first, parameters=(*self.first.parameters, *parameters))

    @contextmanager
    def search_of_entry(self, parameters: Sequence[tuple[str, str]]) -> Iterator[None]:
        """Note what an entry of a transaction searches for, in the events of those whom it touches alone."""
        self.part = Part(tuple(parameters))
        self.parts.append(self.part)
        try:
            yield
        finally:
            self.part = None

    def touch(self, patient: str, url: str) -> None:
        """Note that a resource of this patient (empty: of nobody) was read or written."""
        if self.part:
            self.part.patients.add(patient)
        urls = self.touched.setdefault(patient, [])
        if len(urls) < MOST_TOUCHED and url not in urls:
            urls.append(url)

    def tell_of_unseen(self, patient: str) -> None:
        """Note that it was told how many there are, or that some refers to what was found: of whom it is asked."""
        if self.part:
            self.part.patients.add(patient)
        self.touched.setdefault(patient, [])
        self.unseen.add(patient)

    def wrote(self, patient: str, url: str) -> None:
        """Note that a version of a resource of this patient (empty: of nobody) was made."""
        self.touch(patient, url)
        self.written.append((patient, url))

    def take_back(self, kept: int) -> None:
        """Forget what was written after the first `kept` versions: it was rolled back. What was read stays read."""
        for patient, url in self.written[kept:]:
            urls = self.touched.get(patient, [])
            if url in urls:
                urls.remove(url)
            if not urls:
                self.touched.pop(patient, None)
        del self.written[kept:]

    def request(self, patient: str | None) -> Request | None:
        """Give what the user asked for, as far as it touched a patient (empty: nobody); None: all of it."""
        if self.first is None or self.first.interaction != "transaction":
            return self.first
        parts = (each.parameters for each in self.parts if patient is None or patient in each.patients)
        return replace(self.first, parameters=(*self.first.parameters, *chain.from_iterable(parts)))

    def urls(self, patient: str) -> tuple[str, ...]:
        """Give what was touched of a patient, as it was: first what was written, then what was read."""
        touched = self.touched.get(patient, [])
        made = {url for whose, url in self.written if whose == patient}
        return tuple(sorted(touched, key=lambda url: url not in made))

    def patients(self) -> list[str]:
        """Give the ids of patients touched; an empty one stands for a write, or for what is told, of nobody by name."""
        found = sorted(patient for patient in self.touched if patient)
        is_write = self.first is not None and self.first.interaction in _WRITES
        # What an entry of a transaction told of stands in none of the events of those whom other entries touched.
        is_in_none = not found or any(each.patients == {""} for each in self.parts)
        of_nobody = ("" in self.unseen and is_in_none) or (is_write and bool(self.touched) and not found)
        return [*found, *([""] if of_nobody else [])]


def query_of(request: Request) -> tuple[tuple[str, str], ...] | None:
    """Give what was searched for, in a transaction too, or what an operation says it is about.

    The shape masks what must not stand there.
    """
    may_say = request.interaction in ("operation", "transaction") and request.parameters
    return request.parameters if request.interaction == "search" or may_say else None


def primary_type(request: Request, urls: Sequence[str]) -> str:
    """Give the type that a request is about: what it was asked of, else what it wrote or read first of `urls`."""
    if request.type:
        return request.type
    first = next((parsed for parsed in map(Reference.parse, urls) if parsed), None)
    return first.type if first else "Bundle"
