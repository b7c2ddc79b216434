"""What one that only creates leaves to be written when it ends, with its AuditEvents in one statement."""

from dataclasses import dataclass, field

from kommunalpro.fhirserver.writer import Submission, Write


@dataclass(slots=True)
class Left:
    """In the order in which it came. Nobody finds it before it is written."""

    writes: list[Write] = field(default_factory=list, repr=False)
    submissions: list[Submission] = field(default_factory=list, repr=False)

    def has(self, type: str) -> bool:
        """Tell whether a resource of this type is among it."""
        return any(write.type == type for write in self.writes)
