"""`$validate`: all that is wrong with a resource, by R4's structure and the server's rules; nothing is stored.

Source: R4 resource-operation-validate.html. `mode` says what it would be: `create`, `update` (what is there by its id)
or `delete`. The rules speak when the structure is right: they could not read it otherwise. `profile` is what it is held
against, else each that its `meta.profile` claims: one of another type is an error, one that is unknown here a warning.
"""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, FhirError, Issue, Unprocessable
from kommunalpro.fhir.structure.tables import known_types, lineage
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.offers import refuse_unknown
from kommunalpro.fhirserver.storing import check_only, structural_issues

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

NAME = "$validate"
MODES = ("create", "update", "delete")
_BASE = "http://hl7.org/fhir/StructureDefinition/"
_R4 = ("", "4.0", "4.0.1")
"""What may stand after the bar of a base profile of R4's; of another release, it is another profile."""
_PLACE = "Parameters.parameter"


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
    is_update, profile = mode == "update", given.get("profile")
    profiles = [(type, profile)] if profile is not None else list(_claimed(resource))
    aside = (*(_wrong_id(resource, id) if is_update else ()), *_wrong_profiles(session, type, profiles))
    malformed = structural_issues(session.server.rules, resource)
    target = (id or resource.get("id", "")) if is_update else ""
    # What would be an update of nothing can be held against nothing.
    can_be_asked = not malformed and bool(target) == is_update
    is_bare = not aside and isinstance(profile, str) and _of_r4(profile) == type
    found = malformed
    if can_be_asked:
        found = _issues_of_rules(session, resource, target, () if aside else profiles, only_r4=is_bare)
    nothing = Issue("Alt er i orden.", diagnostics="No issues", severity="information", code="informational")
    return (*aside, *found) or (nothing,)


def _given(body: Any, type: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadRequest("Det sendte er ikke en FHIR-ressource.", diagnostics="Give a resource, or Parameters")
    if body.get("resourceType") != "Parameters" or type == "Parameters":
        named = [("resource", body)]
    else:
        entries = body.get("parameter", [])
        entries = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
        named = [(str(each.get("name")), _value(each)) for each in entries]
    names = [*(name for name, _ in pairs), *(name for name, _ in named if name != "resource")]
    refuse_unknown(names, ("mode", "profile"), NAME)
    _refuse_repeated(Counter([*(name for name, _ in named), *(name for name, _ in pairs)]))
    return dict([*named, *pairs])


def _value(parameter: Json) -> Any:
    return next((value for name, value in parameter.items() if name.startswith("value")), parameter.get("resource"))


def _refuse_repeated(times: Counter[str]) -> None:
    """Of two nobody is told about more than the last, and takes what it says for both."""
    issues = [
        Issue(f"Oplysningen {name} er givet for mange gange.", f"{name} is given {count} times, at most 1", _PLACE)
        for name, count in times.items()
        if count > 1
    ]
    if issues:
        raise BadRequest(issues=issues)


def _wrong_id(resource: Json, id: str) -> Iterator[Issue]:
    """What an update would be refused for: it says of itself which one it is of, and is that of the address."""
    if "id" not in resource or (id and resource["id"] != id):
        detail = "The resource's id must be the address's" if id else "mode=update is about the one whose id it bears"
        place = f"{resource['resourceType']}.id"
        yield Issue("Ressourcens id passer ikke til det, der skal ændres.", detail, place, code="invalid")


def _claimed(resource: Json) -> Iterator[tuple[str, str]]:
    """Give where a resource says which profiles it keeps to, and which; what is no meta is told of elsewhere."""
    meta = resource.get("meta")
    said = meta.get("profile") if isinstance(meta, dict) else None
    for number, each in enumerate(said if isinstance(said, list) else ()):
        yield f"{resource['resourceType']}.meta.profile[{number}]", each


def _of_r4(profile: str) -> str | None:
    """Give the type that a base profile of R4's is of; None: it is none."""
    url, _, version = profile.partition("|")
    name = url.removeprefix(_BASE)
    return name if name != url and name in known_types() and version in _R4 else None


def _url(profile: str) -> str:
    """Give the URL of a profile without its version."""
    return profile.partition("|")[0]


def _wrong_profiles(session: "Session", type: str, profiles: Sequence[tuple[str, Any]]) -> Iterator[Issue]:
    """Whatever is of another type conforms to it in nothing, whether all of it is known here or not."""
    for place, profile in profiles:
        url = _url(profile) if isinstance(profile, str) else ""
        of = _of_r4(url) or session.server.rules.profiled_type(url)
        if of is not None and of not in lineage(type):
            text, detail = "Profilen er til noget andet.", f"The profile is of {of}, the resource is a {type}"
            yield Issue(text, detail, place, code="invalid")


def _issues_of_rules(
    session: "Session", resource: Json, id: str, profiles: Sequence[tuple[str, Any]], *, only_r4: bool
) -> tuple[Issue, ...]:
    """What the rules say, which are those of the profile that the server itself writes into `meta.profile`."""
    type = str(resource["resourceType"])
    before = session.current(type, id) if id else None
    if only_r4:
        return ()
    try:
        completed = check_only(session, resource, before)
    except (Unprocessable, BadRequest) as wrong:
        return _told(wrong)
    has = {_url(each) for each in completed.get("meta", {}).get("profile", ())}
    unknown = (place for place, each in profiles if not _is_kept(session, each, has))
    text, detail = (
        "Profilen kendes ikke her.",
        "The profile is not known here: only R4 and the server's rules were asked",
    )
    return tuple(
        Issue(text, detail, None if place == type else place, "not-supported", severity="warning") for place in unknown
    )


def _is_kept(session: "Session", profile: Any, has: Container[str]) -> bool:
    """Tell whether a profile is a base profile of R4's, or, by any version, one of the dialect's that it has."""
    if not isinstance(profile, str):
        return False
    return _of_r4(profile) is not None or bool(session.server.rules.profiled_type(profile) and _url(profile) in has)


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
