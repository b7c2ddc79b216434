"""`$meta`: the meta of a resource, or the profiles, tags and labels in use. Source: R4 resource-operation-meta.html."""

from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhirserver.access import Nothing, Request
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.search.filters import filter_sql

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

NAME = "$meta"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_NOTHING = {"extension": [{"url": _ABSENT, "valueCode": "not-applicable"}]}


def read_meta(session: "Session", type: str, id: str) -> dict[str, Any]:
    """Give the meta of a resource; `id` empty: what is in use in a type, `type` empty too: in everything.

    There must be a meta, and it may not be empty (R4): where nothing is in use it says so.

    Raises:
        NotFound: there is no such resource, or this user may not know of it.
    """
    if id:
        session.authorise(Request("operation", type, id, name=NAME))
        return dict(session.read(type, id)["meta"])
    found: set[tuple[str, str]] = set()
    for each in _types(session, type):
        found |= _in_use(session, each)
    profiles = sorted(value for name, value in found if name == "_profile")
    codings = {
        element: [_coding(each) for each in sorted(many)]
        for element, many in (
            ("security", [value for name, value in found if name == "_security" and "|" in value]),
            ("tag", [value for name, value in found if name == "_tag" and "|" in value]),
        )
    }
    return {name: value for name, value in (("profile", profiles), *codings.items()) if value} or dict(_NOTHING)


def _coding(value: str) -> Json:
    """Read a code as it is indexed; what has no system, or no code, has none here."""
    return {name: part for name, part in zip(("system", "code"), value.split("|", 1), strict=True) if part}


def _types(session: "Session", type: str) -> list[str]:
    """Give the type that is named; or, of all, those that this user may ask for."""
    if type:
        session.authorise(Request("operation", type, name=NAME))
        return [type]
    everything = Request("operation", name=NAME)
    session.trail.asked(everything)
    may = [each for each in sorted(session.server.rules.types) if _may(session, each)]
    # In their context, too; and of no type refused in the words of whoever decides.
    session.authorise(Request("operation", may[0], name=NAME) if may else everything)
    return may


def _may(session: "Session", type: str) -> bool:
    try:
        session.server.access.authorise(Request("operation", type, name=NAME), session.principal)
    except Forbidden:
        return False
    return True


def _in_use(session: "Session", type: str) -> set[tuple[str, str]]:
    visible = session.visible(type)
    if visible == Nothing():
        return set()
    sql, parameters = filter_sql(visible)
    found = rows(
        "SELECT DISTINCT i.parameter, i.value FROM fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id"
        f" WHERE i.type = %s AND i.parameter IN ('_profile', '_security', '_tag') AND NOT r.deleted AND ({sql})",
        (type, *parameters),
    )
    return {(name, value) for name, value in found}
