"""`$validate`: all that is wrong with a resource, by R4's structure and the server's rules; nothing is stored.

Source: R4 resource-operation-validate.html. `mode` says what it would be: `create`, `update` (what is there by its id)
or `delete`. The rules speak when the structure is right: they could not read it otherwise.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, FhirError, Issue, Unprocessable
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.offers import refuse_unknown
from kommunalpro.fhirserver.storing import check_only, structural_issues

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

NAME = "$validate"
MODES = ("create", "update", "delete")
_BASE = "http://hl7.org/fhir/StructureDefinition/"


def issues_of(session: "Session", type: str, id: str, body: Any, pairs: Sequence[tuple[str, str]]) -> tuple[Issue, ...]:
    """Give what is wrong; one issue of severity information when nothing is.

    `body` is the resource, or Parameters with `resource`, `mode` and `profile`; the last two may stand in the address.

    Raises:
        BadRequest: it cannot be understood what is to be validated.
        NotFound: it is to be compared with a resource that is not there, or that this user may not know of.
    """
    session.authorise(Request("operation", type, id or None, name=NAME))
    given = _given(body, type, pairs)
    mode, resource = given.get("mode") or ("update" if id else "create"), given.get("resource")
    if mode not in MODES:
        raise BadRequest("mode kan ikke læses.", diagnostics=f"mode is one of {', '.join(MODES)}")
    if mode == "delete":
        return _issues_of_deletion(session, type, id)
    if not isinstance(resource, dict) or resource.get("resourceType") != type:
        text = "Ressourcens type passer ikke til adressen."
        raise BadRequest(text, diagnostics=f"Give a resource of type {type}", expression="resourceType")
    target = (id or str(resource.get("id", ""))) if mode == "update" else ""
    malformed = structural_issues(session.server.rules, resource)
    issues = malformed or _issues_of_rules(session, resource, target, given.get("profile"))
    return issues or (Issue("Alt er i orden.", diagnostics="No issues", severity="information", code="informational"),)


def _given(body: Any, type: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if not isinstance(body, dict):
        raise BadRequest("Det sendte er ikke en FHIR-ressource.", diagnostics="Give a resource, or Parameters")
    if body.get("resourceType") != "Parameters" or type == "Parameters":
        given["resource"] = body
    else:
        entries = body.get("parameter", [])
        entries = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
        for each in entries:
            value = next((value for name, value in each.items() if name.startswith("value")), each.get("resource"))
            given[str(each.get("name"))] = value
    names = [*(name for name, _ in pairs), *(given.keys() - {"resource"})]
    refuse_unknown(names, ("mode", "profile"), "$validate")
    return given | dict(pairs)


def _issues_of_rules(session: "Session", resource: Json, id: str, profile: Any) -> tuple[Issue, ...]:
    """What the rules say, which are those of the profile that the server itself writes into `meta.profile`."""
    type = str(resource["resourceType"])
    before = session.current(type, id) if id else None
    if profile == _BASE + type:
        return ()
    try:
        completed = check_only(session, resource, before)
    except (Unprocessable, BadRequest) as wrong:
        return _told(wrong)
    if profile is None or profile in completed.get("meta", {}).get("profile", ()):
        return ()
    text, detail = (
        "Profilen kendes ikke her.",
        "The profile is not known here: only R4 and the server's rules were asked",
    )
    return (Issue(text, diagnostics=detail, severity="warning", code="not-supported"),)


def _issues_of_deletion(session: "Session", type: str, id: str) -> tuple[Issue, ...]:
    if not id:
        raise BadRequest(
            "mode delete kræver et id.", diagnostics="mode=delete is about one resource: Type/id/$validate"
        )
    before = session.current(type, id)
    try:
        session.server.rules.check_delete(before.resource, session)
    except Unprocessable as wrong:
        return _told(wrong)
    return (Issue("Den kan slettes.", diagnostics="No issues", severity="information", code="informational"),)


def _told(wrong: FhirError) -> tuple[Issue, ...]:
    return tuple(
        Issue(each.text, each.diagnostics, each.expression, each.code or wrong.code, each.severity, each.coding)
        for each in wrong.issues
    )
