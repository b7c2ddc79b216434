"""Writing AuditEvents: with the transaction they are about, or after a refusal on their own."""

from typing import TYPE_CHECKING, Literal

from django.db import transaction

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.protocols import AuditFacts
from kommunalpro.fhirserver.seeing import confirm, presumed_sql
from kommunalpro.fhirserver.trail import primary_type, query_of
from kommunalpro.fhirserver.writer import Write, write_by_itself, write_new

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

Outcome = Literal["0", "4"]
MASKED = "xxxxxxxxxx"
"""What stands in the log for a CPR number."""
_OWN_FAULT = 500
"""From this status on it is not what was asked that was wrong, but we."""


def write_rest(session: "Session") -> None:
    """Write what a unit of work leaves: one AuditEvent for each patient it touched, and what one that creates made.

    Raises:
        NoLongerSo: what was presumed; nothing is written.
    """
    writes, submissions = [*session.left.writes, *_events(session)], session.left.submissions
    is_inside = transaction.get_connection().in_atomic_block
    if writes and is_postgresql() and not is_inside:
        write_by_itself(writes, submissions, only_if=presumed_sql(session))
        return
    confirm(session)
    if is_inside:
        write_new(writes, submissions)
    elif writes:
        session.server.commits.write(writes, submissions)


def _events(session: "Session") -> list[Write]:
    """Give one event for each patient that was touched.

    An operation at the address of no type that touched nobody (the same submission again) is about whom the context is
    about. One of a type that touched nobody has shown nobody's data (the codes of a value set), and is about nobody.
    """
    trail, internal = session.trail, session.principal.user_type == "SYSTEM"
    patients = trail.patients()
    if not patients and trail.first and trail.first.interaction == "operation":
        patients = ["" if trail.first.type else session.principal.context.patient_id]
    asked = ((each, trail.request(each)) for each in patients)
    return [
        _event(session, request, patient, trail.urls(patient), "0", internal_only=internal)
        for patient, request in asked
        if request
    ]


def write_refusal(session: "Session", wrong: FhirError) -> None:
    """Write that somebody was told that they may not, could not or asked wrongly; for internal use only."""
    first = session.trail.request(None) or session.trail.expected
    if first is None or wrong.status >= _OWN_FAULT:
        return
    # What is stored has an id of ours; what was asked for may have been named by a number.
    asked = (mask_cpr(f"{session.server.base_url}/{first.type}/{first.id}", MASKED),) if first.type and first.id else ()
    with transaction.atomic():
        write_new((_event(session, first, session.principal.context.patient_id, asked, "4", internal_only=True),))


def _event(
    session: "Session", first: Request, patient: str, urls: tuple[str, ...], outcome: Outcome, *, internal_only: bool
) -> Write:
    server = session.server
    facts = AuditFacts(
        base_url=server.base_url,
        interaction=first.interaction,
        operation=first.name,
        primary_type=primary_type(first, urls),
        patient=f"{server.base_url}/Patient/{patient}" if patient else None,
        touched=urls,
        query=query_of(first),
        bundle=session.trail.answered if first.interaction == "search" else None,
        level="instance" if first.id else "type" if first.type else "system",
        outcome=outcome,
        internal_only=internal_only,
        trace_id=session.trace_id,
        principal=session.principal,
        now=session.now,
    )
    id, event = new_id(), server.audit_shape.event(facts)
    stored = {
        "resourceType": "AuditEvent",
        "id": id,
        "meta": {"versionId": "1", "lastUpdated": event["recorded"]},
        **event,
    }
    return Write(
        type="AuditEvent",
        id=id,
        version=1,
        expected=None,
        last_updated=to_microseconds(session.now),
        deleted=False,
        # By whom it is found. A token may name somebody by a CPR number, and the number is in no column either.
        patient=mask_cpr(patient, MASKED),
        episode=mask_cpr((session.principal.context.episode_of_care or "").rsplit("/", 1)[-1], MASKED),
        tag="",
        text=dumps(stored).decode(),
        index=server.index_rows(stored),
        keep_version=False,
    )
