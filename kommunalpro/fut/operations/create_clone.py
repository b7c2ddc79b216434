"""`$create-clone`: a new draft from a Questionnaire, ActivityDefinition or PlanDefinition.

Supported: `clone-operation` (minor-version, major-version, copy); on plans and activities `default-clone-behavior`
and `deep-clone-references`, to the plans, activities and questionnaires below. A version keeps its base and its
roles, and counts its number on from those the base has; a copy begins a base of its own at 1.0, and is owned by the
organisation of who makes it. Both name what they were made from as `ehealth-predecessor`. What is not named to be
cloned is referred to as before.
Not supported: a `clone-operation` left out (the guide names no default; ours is to refuse), the deep clone of
Library and DocumentReference, and of a version that is not the current one (501), a number to count on from that is no
number (422). A View and an ActionGuidance are not cloned, for they fit one version; nor is the signature that a version
has no lights.
Also takes: the read privilege of each type that is cloned, and its create privilege where several are; a minor or
major version the search privilege too, for its number is counted on from all that its base has.

Source: `fut.md` 0.5, 0.10, 4.5; OperationDefinition Questionnaire-i-create-clone and ActivityDefinitionPlanDefinition.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotImplementedHere
from kommunalpro.fhir.parameters import value
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.business_versions import CloneOperation, next_version
from kommunalpro.fut.descent import base_of, copy_of, version_of, versions_here
from kommunalpro.fut.errors import rule_broken
from kommunalpro.fut.operations.arguments import element, references
from kommunalpro.fut.profiles.identities import VERSIONED

_MOST = 100
"""Definitions in one clone: ours, as many as a transaction may hold."""


def create_clone(session: Session, parameters: Json, target: str | None) -> Json:
    """Make the drafts, as the user: who may not make a definition by hand may not clone one."""
    operation = _operation(parameters)
    originals = _originals(session, str(target), parameters)
    ids = {key: new_id() for key in originals}
    base = session.server.base_url
    addresses = {key: f"{base}/{key.partition('/')[0]}/{id}" for key, id in ids.items()}
    made = []
    for key, original in originals.items():
        clone = _repointed(_clone(session, original, operation), addresses, base)
        made.append(session.create(clone, id=ids[key]))
    entries = [{"fullUrl": own_url(base, each), "resource": each} for each in made]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _operation(parameters: Json) -> CloneOperation:
    coding = element(parameters, "clone-operation") or {}
    found: CloneOperation | None = next((each for each in get_args(CloneOperation) if each == coding.get("code")), None)
    if found is None or coding.get("system") != ehealth.CLONE_OPERATION:
        raise BadRequest(
            "Skriv, om det skal være en ny version eller en kopi.",
            diagnostics=f"clone-operation must be a Coding of {ehealth.CLONE_OPERATION}",
            expression="Parameters.parameter",
        )
    return found


def _originals(session: Session, target: str, parameters: Json) -> dict[str, Json]:
    """Give what is to be cloned, by `Type/id`: the target first, then what is named and something of it refers to.

    Raises:
        BadRequest: something is named that nothing refers to.
        NotImplementedHere: it is named by a version that it has no more.
    """
    type, _, id = target.partition("/")
    wanted = _wanted(session, parameters)
    found: dict[str, Json] = {target: session.read(type, id)}
    waiting = [target]
    for key in waiting:
        for child in _definitions_in(found[key], session.server.base_url):
            if child.key in wanted and child.key not in found:
                found[child.key] = _current(session.read(child.type, child.id), wanted[child.key])
                waiting.append(child.key)
    if unused := sorted(wanted.keys() - found.keys()):
        raise BadRequest(
            "Noget, der skulle klones med, hører ikke til det, der klones.",
            diagnostics=f"deep-clone-references: nothing that is cloned refers to {', '.join(unused)}",
        )
    return found


def _current(original: Json, versions: set[str]) -> Json:
    """Give a definition that is named by no other version than it has: what it was before is not cloned."""
    if other := sorted(versions - {original["meta"]["versionId"]}):
        raise NotImplementedHere(
            "Det kan kun klones, som det er nu, og ikke som det var før.",
            diagnostics=f"deep-clone-references: version {other[0]} is not the current one",
        )
    return original


def _wanted(session: Session, parameters: Json) -> dict[str, set[str]]:
    """Give what is to be made anew beside the target, by `Type/id`, and by which versions it is named."""
    shallow, named = value(parameters, "default-clone-behavior"), list(references(parameters, "deep-clone-references"))
    if named and shallow is not False:
        raise _contradicted("deep-clone-references goes with default-clone-behavior false")
    if len(named) > _MOST:
        raise _contradicted(f"at most {_MOST} deep-clone-references")
    for each in named:
        if each.type not in VERSIONED or each.base not in (None, session.server.base_url):
            raise NotImplementedHere(
                "Det kan kun være planer, aktiviteter og spørgeskemaer herfra, der klones med.",
                diagnostics=f"deep-clone-references: {each.type} is not cloned, nor what is elsewhere",
            )
    wanted: dict[str, set[str]] = {each.key: set() for each in named}
    for each in named:
        if each.version:
            wanted[each.key].add(each.version)
    return wanted


def _contradicted(problem: str) -> BadRequest:
    return BadRequest("Oplysningerne om, hvad der skal klones, passer ikke sammen.", diagnostics=problem)


def _clone(session: Session, original: Json, operation: CloneOperation) -> dict[str, Any]:
    """Give the draft that is made from a definition; the server gives it its own identity when it is stored."""
    if operation == "copy":
        return copy_of(original, session.principal.context.organization)
    version = next_version(original["version"], _versions(session, original), operation)
    if version is None:
        raise rule_broken("KPRO_CLONE_VERSION", "", f"{original['resourceType']}.version")
    return version_of(original, version)


def _versions(session: Session, original: Json) -> list[str]:
    """Give the versions that a base has; until this unit of work ends, nobody else makes one by cloning."""
    type, base = original["resourceType"], base_of(original)
    if base is None:
        return []  # somebody has written over it: the clone begins a base anew
    session.authorise(Request("search", type))
    session.take_turns(f"{type}|{base}")
    return [each["version"] for each in versions_here(session, type, base)]


def _definitions_in(value: Json, base: str) -> Iterator[Reference]:
    """Give every reference to another definition: of an activity its questionnaire, of a plan its actions'."""
    for name in ("resource", "definitionCanonical"):
        if reference := _own_reference(value.get(name), base):
            yield reference
    for name in ("relatedArtifact", "action"):
        for each in value.get(name, ()):
            yield from _definitions_in(each, base)


def _repointed(value: Json, addresses: Mapping[str, str], base: str) -> dict[str, Any]:
    """Give a definition, or an element of it, with references to what was cloned along turned to the clones."""
    changed = dict(value)
    for name in ("resource", "definitionCanonical"):
        reference = _own_reference(value.get(name), base)
        if reference and reference.key in addresses:
            changed[name] = addresses[reference.key]
    for name in ("relatedArtifact", "action"):
        if name in value:
            changed[name] = [_repointed(each, addresses, base) for each in value[name]]
    return changed


def _own_reference(text: Any, base: str) -> Reference | None:
    reference = Reference.parse(text) if isinstance(text, str) else None
    return reference if reference and reference.base in (None, base) else None
