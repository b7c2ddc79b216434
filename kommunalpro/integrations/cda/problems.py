"""What an import could not represent, said item by item to the one who imports."""

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that did not come along as it was.

    `error`: the questionnaire would behave otherwise than the document says, so an editor must look; `warning`:
    something was read in a way that the document does not quite say; `information`: nothing is lost.
    `where` is the question's code or the section's title; `text` is Danish.
    """

    severity: Severity
    where: str
    text: str


@dataclass(slots=True)
class Report:
    """Collects problems while a document is read; the only thing in this package that changes."""

    problems: list[Problem] = field(default_factory=list)

    def error(self, where: str, text: str) -> None:
        """Note what an editor must look at."""
        self.problems.append(Problem("error", where, text))

    def warning(self, where: str, text: str) -> None:
        """Note what was read freely."""
        self.problems.append(Problem("warning", where, text))

    def information(self, where: str, text: str) -> None:
        """Note what is good to know."""
        self.problems.append(Problem("information", where, text))
