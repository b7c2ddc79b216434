"""What becomes of one organisation when its register speaks: new, changed, closed, opened again, or left alone.

Whoever follows the register (`EligibleForSynchronization`) gets what it says. What somebody here has changed of that
part since is not lost in silence: it is kept beside it as a disagreement. Who was taken out of synchronization by hand
keeps their own, with what the register says beside it. A closed unit is inactive and NoLongerSynchronized, and comes
back when the register has it open again.
"""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.organizations.disagreement import MANUAL, Disagreement, disagreements, still
from kommunalpro.fut.organizations.owned import Owned, digest, pick, put, recorded, texts
from kommunalpro.fut.organizations.registers import FOLLOWS, Register

Kind = Literal["new", "changed", "closed", "reopened", "unchanged", "kept"]


class Decision(Struct, frozen=True):
    """What is to be done. `resource` None: nothing is written. `disagreements` are those that are new."""

    kind: Kind
    resource: dict[str, Any] | None = None
    disagreements: tuple[Disagreement, ...] = ()


def decide(current: Json | None, owned: Owned, register: Register, as_imported: Callable[[], Owned | None]) -> Decision:
    """Decide on one organisation. `as_imported` gives the register's part as it was last imported, None: never."""
    if current is None:
        return Decision("new", put({}, owned, register, []))
    stands = pick(current, register)
    is_as_imported = recorded(current) == digest(stands)
    if is_as_imported and stands == owned and not any(disagreements(current)):
        return Decision("unchanged")
    if not (_status(current) == FOLLOWS or is_as_imported):
        return _kept(current, owned, stands, register)
    before = stands if is_as_imported else as_imported() or {}
    return _followed(current, owned, stands, before, register)


def without_parent(current: Json, register: Register) -> dict[str, Any]:
    """Give an organisation as its register has it, but for the unit above."""
    owned = {name: value for name, value in pick(current, register).items() if name != "partOf"}
    return put(current, owned, register, [each.to_fhir() for each in disagreements(current)])


def is_open(current: Json, register: Register) -> bool:
    """Tell whether an organisation is one that its register may close."""
    return bool(current.get("active")) and _status(current) == FOLLOWS and _source(current) == register.source


def _followed(current: Json, owned: Owned, stands: Owned, before: Owned, register: Register) -> Decision:
    says, here, were = texts(owned), texts(stands), texts(before) if before else dict.fromkeys(texts(owned), "")
    lost = tuple(
        Disagreement(field, MANUAL, here[field])
        for field in says
        if here[field] != says[field] and here[field] != were[field]
    )
    fields = {each.field for each in lost}
    held = [
        each
        for each in disagreements(current)
        if each.source != register.source and not (each.source == MANUAL and each.field in fields)
    ]
    kept = (*still(held, says), *lost)
    changed = put(current, owned, register, [each.to_fhir() for each in kept])
    if changed == current:
        return Decision("unchanged")
    return Decision(_kind(current, changed), changed, lost)


def _kept(current: Json, owned: Owned, stands: Owned, register: Register) -> Decision:
    says, here = texts(owned), texts(stands)
    others = [each for each in disagreements(current) if each.source != register.source]
    found = tuple(Disagreement(field, register.source, says[field]) for field in says if says[field] != here[field])
    kept = (*still(others, here), *found)
    if sorted(kept) == sorted(disagreements(current)):
        return Decision("kept")
    rest = [each for each in current["extension"] if each["url"] != ehealth.ORGANIZATION_DISAGREEMENT]
    return Decision("kept", {**current, "extension": [*rest, *(each.to_fhir() for each in kept)]}, found)


def _kind(current: Json, changed: Json) -> Kind:
    if bool(current.get("active")) == bool(changed.get("active")):
        return "changed"
    return "reopened" if changed.get("active") else "closed"


def _status(organization: Json) -> str:
    return _code(organization, ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS)


def _source(organization: Json) -> str:
    return _code(organization, ehealth.ORGANIZATION_SOURCE)


def _code(organization: Json, url: str) -> str:
    value = extension_value(organization, url) or {}
    return next((str(coding.get("code", "")) for coding in value.get("coding", ())), "")
