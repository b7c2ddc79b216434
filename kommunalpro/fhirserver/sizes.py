"""How much one answer holds. What is read is text; the answer made of it takes ten times as much while it is made."""

from dataclasses import dataclass
from typing import NoReturn

from kommunalpro.fhir.outcome import BadRequest

MOST_TEXT = 8_000_000
"""Bytes of matches on one page of a search, or of versions on one of a history; the rest comes next."""
MOST_ALONG = 20_000_000
"""Bytes of what comes along with one page of a search."""

MOST_READ = 50_000_000
"""Bytes of what one Bundle reads and answers: by its GETs and conditions, and of what it changes a part of."""


@dataclass(slots=True)
class Room:
    """How many bytes of one kind an answer still holds. `said`: what is said (English) when no more goes in."""

    left: int
    said: str

    def take(self, size: int) -> None:
        """Take what is to be answered, of so many bytes.

        Raises:
            BadRequest: it is more than is left, or was before.
        """
        self.left -= size
        if self.left < 0:
            self.refuse()

    def refuse(self) -> NoReturn:
        """Refuse the answer.

        Raises:
            BadRequest: always.
        """
        raise BadRequest("Svaret bliver for stort.", diagnostics=self.said, code="too-costly")
