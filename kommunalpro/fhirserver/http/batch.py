"""A batch: each entry a unit of work of its own, with its own audit; one that is refused stops no other.

Source: R4 http.html#transaction. They commit together, when all have run: what they write is held from the beginning,
in the order in which everybody holds it, for two batches may have it in orders that cross.
"""

from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, FhirError
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.entries import Entry, read_entry
from kommunalpro.fhirserver.http.entries import refuse_bundle, refuse_entry
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.sizes import Room
from kommunalpro.fhirserver.transactions import check_size, hold, room_to_read, run_alone


def batch(session: Session, bundle: Json) -> dict[str, Any]:
    """Run the entries in the order they came; gives a batch-response.

    Raises:
        BadRequest: the entries are no list, or too many; or it is malformed itself.
    """
    session.authorise(Request("transaction"))
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        text = "Bundtet kan ikke læses."
        raise BadRequest(text, diagnostics="Bundle.entry must be a list", expression="Bundle.entry")
    check_size(entries)
    refuse_bundle(bundle)
    read = [_read(session, number, entry) for number, entry in enumerate(entries)]
    hold(session, [each for each in read if isinstance(each, Entry)])
    room = room_to_read()
    answers = [_answer(session, each, room) for each in read]
    return {"resourceType": "Bundle", "type": "batch-response", **({"entry": answers} if answers else {})}


def _read(session: Session, number: int, entry: Any) -> Entry | FhirError:
    try:
        refuse_entry(number, entry, session.server.rules)
        return read_entry(number, entry, session.server.offers)
    except FhirError as wrong:
        return wrong


def _answer(session: Session, entry: Entry | FhirError, room: Room) -> dict[str, Any]:
    if isinstance(entry, FhirError):
        return _refusal(entry)
    try:
        with session.server.session(session.principal, now=session.now, trace_id=session.trace_id) as unit:
            return run_alone(unit, entry, room)
    except FhirError as wrong:
        return _refusal(wrong)


def _refusal(wrong: FhirError) -> dict[str, Any]:
    return {"response": {"status": str(wrong.status), "outcome": wrong.to_fhir()}}
