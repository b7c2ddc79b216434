"""What one unit of work touched, and the AuditEvents it leaves: one for each patient, not one for each inner call."""

from dataclasses import dataclass, field, replace

from kommunalpro.fhir.outcome import FhirError, Forbidden, NotAllowed, NotFound
from kommunalpro.fhirserver.access import Request

MOST_TOUCHED = 50
"""Resources named in one AuditEvent; what is beyond is still counted by its patient's event."""

_WRITES = frozenset({"create", "update", "patch", "delete", "transaction"})


@dataclass(slots=True)
class Trail:
    """Collects, while a unit of work runs, what its AuditEvents will say. `first` is what the user asked for.

    `created` are the ids of what did not exist before; `written` is (patient, URL) of every version made, in order.
    """

    first: Request | None = None
    touched: dict[str, list[str]] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    written: list[tuple[str, str]] = field(default_factory=list)
    is_ended: bool = False
    """Its events are written: what would follow would stand in none."""

    def asked(self, request: Request) -> None:
        """Note what the user asked for; what it asks in turn is part of the same request."""
        if self.first is None:
            self.first = request

    def say(self, *parameters: tuple[str, str]) -> None:
        """Note what was only known after the user had asked: how much it is."""
        if self.first:
            self.first = replace(self.first, parameters=(*self.first.parameters, *parameters))

    def touch(self, patient: str, url: str) -> None:
        """Note that a resource of this patient (empty: of nobody) was read or written."""
        urls = self.touched.setdefault(patient, [])
        if len(urls) < MOST_TOUCHED and url not in urls:
            urls.append(url)

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

    def patients(self) -> list[str]:
        """Give the ids of patients touched; an empty one stands for a write that is about nobody."""
        found = sorted(patient for patient in self.touched if patient)
        is_write = self.first is not None and self.first.interaction in _WRITES
        return found or ([""] if is_write and self.touched else [])


def query_of(request: Request) -> str | None:
    """Give a search, or an operation that says what it is about, as text; the shape masks what must not stand there."""
    if request.interaction != "search" and not (request.interaction == "operation" and request.parameters):
        return None
    asked = "/".join(part for part in (request.type, request.name) if part)
    return f"{asked}?" + "&".join(f"{name}={value}" for name, value in request.parameters)


def outcome_of(wrong: FhirError) -> str | None:
    """Give the audit outcome of a refusal: 8 for forbidden, 4 for what could not be found; None is not kept.

    What is not allowed at an address never comes so far, unless there was nothing at it to be updated.
    """
    if isinstance(wrong, Forbidden):
        return "8"
    return "4" if isinstance(wrong, NotFound | NotAllowed) else None
