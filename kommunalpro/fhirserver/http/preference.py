"""How much of what was written comes back: `Prefer: return=…`, for one write as for each in a Bundle.

Source: R4 http.html#ops. What was read comes back whatever is preferred.
"""

from collections.abc import Mapping
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue, operation_outcome
from kommunalpro.fhirserver.http.headers import Return


def of_write(stored: Json, wanted: Return, *, was_there: bool = False) -> Json | None:
    """Give the body that answers a write; None: none. `was_there`: its condition found it, and nothing was written."""
    match wanted:
        case "minimal":
            return None
        case "OperationOutcome":
            text = "Det fandtes i forvejen; intet er gemt." if was_there else "Gemt."
            return operation_outcome([Issue(text, severity="information")])
        case "representation":
            return stored


def of_writes(answer: dict[str, Any], sent: Json, wanted: Return) -> dict[str, Any]:
    """Give the answer to a Bundle with as much of what its entries wrote as is wanted."""
    if wanted == "representation" or "entry" not in answer:
        return answer
    pairs = zip(answer["entry"], sent.get("entry", ()), strict=True)
    return {**answer, "entry": [_entry(each, entry, wanted) for each, entry in pairs]}


def _entry(answer: dict[str, Any], sent: Json, wanted: Return) -> Mapping[str, Any]:
    """What was refused, or deleted, has no resource in its answer."""
    if "resource" not in answer or sent["request"]["method"] == "GET":
        return answer
    was_there = sent["request"]["method"] == "POST" and answer["response"]["status"] == "200"
    outcome = of_write(answer["resource"], wanted, was_there=was_there)
    return {"response": {**answer["response"], **({"outcome": outcome} if outcome else {})}}
