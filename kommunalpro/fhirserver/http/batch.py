"""A batch: each entry a unit of work of its own, with its own audit; one that is refused stops no other.

Source: R4 http.html#transaction. They commit together, when all have run.
"""

from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, FhirError
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.http.entries import refuse_entry
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.transactions import check_size, run_alone


def batch(session: Session, bundle: Json) -> dict[str, Any]:
    """Run the entries in the order they came; gives a batch-response.

    Raises:
        BadRequest: the entries are no list, or too many.
    """
    session.authorise(Request("transaction"))
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        text = "Bundtet kan ikke læses."
        raise BadRequest(text, diagnostics="Bundle.entry must be a list", expression="Bundle.entry")
    check_size(entries)
    answers = [_answer(session, number, entry) for number, entry in enumerate(entries)]
    return {"resourceType": "Bundle", "type": "batch-response", **({"entry": answers} if answers else {})}


def _answer(session: Session, number: int, entry: Any) -> dict[str, Any]:
    server = session.server
    try:
        refuse_entry(number, entry, server.rules)
        with server.session(session.principal, now=session.now, trace_id=session.trace_id) as unit:
            return run_alone(unit, number, entry)
    except FhirError as wrong:
        return {"response": {"status": str(wrong.status), "outcome": wrong.to_fhir()}}
