"""Asking for an export, and for what has become of it: only by who asked, and each time noted for the audit.

The AuditEvent says what was exported (types, since, counts), not every resource: nobody reads a list of a million.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction

from kommunalpro.fhir.outcome import BadRequest, NotFound, NotImplementedHere, Throttled
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.export import jobs
from kommunalpro.fhirserver.export.jobs import Job
from kommunalpro.fhirserver.export.order import read_filters, read_order
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.offers import refuse_unknown

if TYPE_CHECKING:
    from kommunalpro.fhirserver.export.place import Place
    from kommunalpro.fhirserver.session import Session

EXPORT, STATUS, FILE = "$export", "$export-poll-status", "$export-file"

MOST_AT_ONCE = 10
"""Exports that one user may have waiting: what each writes is on the disk."""

Pairs = Sequence[tuple[str, str]]


def ask(
    session: "Session",
    pairs: Pairs,
    posted: Callable[[], Pairs] = lambda: (),
    *,
    patients_only: bool,
    request: str,
    may_wait: bool,
) -> Job:
    """Keep an order, for the worker to do; `request` is the address it was asked at, `may_wait`: who asks will.

    `posted` gives what is asked for beside `pairs`, where it is read when it is known that it may be.

    Raises:
        Forbidden: without the privilege; all else is told to who has it.
        BadRequest: what is not offered, by name; or who asks will not wait.
        Throttled: so many of one's own are not finished yet.
    """
    _authorise(session, EXPORT, pairs, type="Patient" if patients_only else None)
    session.trail.say(*(more := posted()))
    pairs = (*pairs, *more)
    if not may_wait:
        raise BadRequest(
            "Udtræk laves i baggrunden.", diagnostics=f"Send {EXPORT} with the header Prefer: respond-async"
        )
    place_of(session)
    server = session.server
    order = read_order(pairs, patients_only=patients_only, served=server.rules.types)
    for type in sorted({type for type, _ in order.filters}):
        read_filters(order, type, session.queries, lambda of: server.access.visible(of, session.principal, session.now))
    if jobs.count_unfinished(session.principal) >= MOST_AT_ONCE:
        raise Throttled("Dine andre udtræk er ikke færdige endnu.", diagnostics=f"{MOST_AT_ONCE} exports are waiting")
    job = Job(new_id(), session.principal, order, request, to_microseconds(session.now))
    jobs.add(job)
    return job


def status(session: "Session", id: str, named: Iterable[str] = ()) -> Job:
    """Give one's own export; `id` is empty when the address names none, `named` are the parameters that it has.

    Raises:
        BadRequest: it does not say which, or has a parameter that there is not.
        NotFound: there is none, or it is somebody else's.
    """
    _authorise_for_one(session, STATUS, named, ("_jobId", id))
    return _own(session, id)


def cancel(session: "Session", id: str, named: Iterable[str] = ()) -> None:
    """Give an export up, or what it has made; its files go. `id` and `named` as in `status`.

    Also who has lost a right since: it shows them nothing, and it is one of theirs that are waiting as long as it is.

    Raises:
        BadRequest: it does not say which, or has a parameter that there is not.
        NotFound: there is none, or it is somebody else's.
    """
    _authorise_for_one(session, STATUS, named, ("_jobId", id), said=(("cancel", "true"),))
    place, job = place_of(session), _ones_own(session, id)
    _say_what(session, job)
    jobs.remove(job.id)
    # After the commit, and by the worker's sweep if this process does not live to do it.
    transaction.on_commit(lambda: place.remove(job.id))


def open_file(session: "Session", id: str, name: str, named: Iterable[str] = ()) -> BinaryIO:
    """Open a file of one's own finished export; `id` and `name` are empty when the address does not name them.

    `named` as in `status`.

    Raises:
        BadRequest: it does not say which, or has a parameter that there is not.
        NotFound: there is none, or it is somebody else's.
    """
    _authorise_for_one(session, FILE, named, ("_jobId", id), ("_file", name))
    place, job = place_of(session), _own(session, id)
    part = next((each for each in job.parts if each.name == name and job.finished_at), None)
    if part is None:
        raise _not_found()
    _say_what(session, job)
    session.trail.say(("count", str(part.count)))
    try:
        return place.path(job.id, part.name).open("rb")
    except FileNotFoundError:
        raise _not_found() from None


def place_of(session: "Session") -> "Place":
    """Give where this server keeps exports.

    Raises:
        NotImplementedHere: it was set up without.
    """
    place = session.server.exports
    if place is None:
        raise NotImplementedHere("Udtræk tilbydes ikke her.", diagnostics="This server was set up without $export")
    return place


def _authorise(session: "Session", name: str, pairs: Pairs, *, type: str | None = None) -> None:
    session.authorise(Request("operation", type, name=name, parameters=tuple(pairs)))


def _authorise_for_one(
    session: "Session", name: str, named: Iterable[str], *pairs: tuple[str, str], said: Pairs = ()
) -> None:
    """Ask for the privilege before anything is said of what is missing, or unknown: who has none learns nothing.

    `said` is for the log alone.
    """
    _authorise(session, name, (*pairs, *said))
    refuse_unknown(named, [parameter for parameter, _ in pairs], name)
    for parameter, value in pairs:
        if not value:
            raise BadRequest(f"{parameter} mangler.", diagnostics=f"Give {parameter}")


def _own(session: "Session", id: str) -> Job:
    """Give an export of whoever acts, in the context that it was asked for in, and with no right lost since.

    The context of a token is looked at in each request: who has left the team does not have its files any more.
    """
    job = _ones_own(session, id)
    if not job.principal.privileges <= session.principal.privileges:
        raise _not_found()
    return job


def _ones_own(session: "Session", id: str) -> Job:
    """Give an export of whoever acts, in the context that it was asked for in, whatever rights they have left."""
    job = jobs.find(id, session.principal)
    if job is None or job.principal.context != session.principal.context:
        raise _not_found()
    return job


def _say_what(session: "Session", job: Job) -> None:
    session.trail.say(("of", job.request), ("resources", str(job.count)))


def _not_found() -> NotFound:
    detail = "not yours, asked for in another context or with rights that you have no longer, or no longer kept"
    return NotFound("Udtrækket findes ikke.", diagnostics=f"No such export, or {detail}")
