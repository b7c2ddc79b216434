"""A kind of deadline: which resources it is about, when they must be looked at, and what is done then."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.deadlines import Deadline
from kommunalpro.fhirserver.session import Session

Handle = Callable[[Session, Sequence[Deadline]], Iterator[tuple[Deadline, datetime]]]
"""Does what has come to its time; gives each deadline with up to where its resource is looked at."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One reason to look at a resource at a time. `next_moment`: of the resource, what was seen, and now.

    `failed` tells somebody of what could not be done, each time that it is tried.
    """

    name: str
    types: tuple[str, ...]
    next_moment: Callable[[Json, datetime, datetime], datetime | None]
    handle: Handle
    failed: Callable[[Session, Deadline], None] | None = None
