"""How much of what was written comes back: `Prefer: return=…`, for one write as for each in a Bundle.

What was read comes back whatever is preferred. What was changed does not come back to whoever may neither read nor
search its type: a patch of nothing would read it. What somebody made is known to them.

Source: R4 http.html#ops; `fut.md` 5.1 (each interaction takes its own privilege).
"""

from collections.abc import Callable, Mapping
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue, operation_outcome
from kommunalpro.fhirserver.http.headers import Return


def of_write(
    stored: Json, wanted: Return, may_see: Callable[[str], bool], *, is_new: bool, was_there: bool = False
) -> Json | None:
    """Give the body that answers a write; None: none. `may_see`: whether who asks may know of anything of a type.

    `was_there`: its condition found it, and nothing was written.
    """
    match wanted:
        case "minimal":
            return None
        case "OperationOutcome":
            text = "Det fandtes i forvejen; intet er gemt." if was_there else "Gemt."
            return operation_outcome([Issue(text, severity="information")])
        case "representation":
            return stored if is_new or may_see(stored["resourceType"]) else None


def of_writes(answer: dict[str, Any], sent: Json, wanted: Return, may_see: Callable[[str], bool]) -> dict[str, Any]:
    """Give the answer to a Bundle with as much of what its entries wrote as is wanted, and may be seen."""
    if "entry" not in answer:
        return answer
    pairs = zip(answer["entry"], sent.get("entry", ()), strict=True)
    return {**answer, "entry": [_entry(each, entry, wanted, may_see) for each, entry in pairs]}


def _entry(answer: dict[str, Any], sent: Json, wanted: Return, may_see: Callable[[str], bool]) -> Mapping[str, Any]:
    """What was refused, or deleted, has no resource in its answer."""
    if "resource" not in answer or sent["request"]["method"] == "GET":
        return answer
    is_new = answer["response"]["status"] == "201"
    was_there = sent["request"]["method"] == "POST" and not is_new
    body = of_write(answer["resource"], wanted, may_see, is_new=is_new, was_there=was_there)
    if body is answer["resource"]:
        return answer
    return {"response": {**answer["response"], **({"outcome": body} if body else {})}}
