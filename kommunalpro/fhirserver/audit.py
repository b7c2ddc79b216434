"""Writing AuditEvents: with the transaction they are about, or after a refusal on their own."""

from typing import TYPE_CHECKING, Literal

from django.db import transaction

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.protocols import AuditFacts
from kommunalpro.fhirserver.trail import outcome_of, query_of
from kommunalpro.fhirserver.writer import Write, write_by_itself, write_new

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

Outcome = Literal["0", "4", "8"]


def write_rest(session: "Session") -> None:
    """Write what a unit of work leaves: one AuditEvent for each patient it touched, and what one that creates made."""
    writes, submissions = [*session.left.writes, *_events(session)], session.left.submissions
    if transaction.get_connection().in_atomic_block:
        write_new(writes, submissions)
    elif is_postgresql():
        write_by_itself(writes, submissions)
    elif writes:
        session.server.reads.write(writes)


def _events(session: "Session") -> list[Write]:
    """Give one event for each patient that was touched.

    An operation that touched nobody (the same submission again) is about whom the context is about.
    """
    first = session.trail.first
    if first is None:
        return []
    internal = session.principal.user_type == "SYSTEM"
    patients = session.trail.patients()
    if not patients and first.interaction == "operation":
        patients = [_context_patient(session)]
    touched = {patient: tuple(session.trail.touched.get(patient, ())) for patient in patients}
    return [_event(session, first, each, touched[each], "0", internal_only=internal) for each in patients]


def write_refusal(session: "Session", wrong: FhirError) -> None:
    """Write that somebody was refused, or asked for what they could not find; for internal use only."""
    outcome, first = outcome_of(wrong), session.trail.first
    if outcome is None or first is None:
        return
    asked = (f"{session.server.base_url}/{first.type}/{first.id}",) if first.type and first.id else ()
    code: Outcome = "8" if outcome == "8" else "4"
    with transaction.atomic():
        write_new((_event(session, first, _context_patient(session), asked, code, internal_only=True),))


def _context_patient(session: "Session") -> str:
    return (session.principal.context.patient or "").rsplit("/", 1)[-1]


def _event(
    session: "Session", first: Request, patient: str, urls: tuple[str, ...], outcome: Outcome, *, internal_only: bool
) -> Write:
    server = session.server
    facts = AuditFacts(
        base_url=server.base_url,
        interaction=first.interaction,
        operation=first.name,
        primary_type=first.type or (urls[0].split("/")[-2] if urls and first.interaction != "operation" else "Bundle"),
        patient=f"{server.base_url}/Patient/{patient}" if patient else None,
        touched=urls,
        query=query_of(first),
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
        patient=patient,
        episode=(session.principal.context.episode_of_care or "").rsplit("/", 1)[-1],
        tag="",
        text=dumps(stored).decode(),
        index=server.index_rows(stored),
        keep_version=False,
    )
