"""References: to a type that the element allows, and to a contained resource that is there."""

import re
from collections.abc import Callable
from typing import Any

from kommunalpro.fhir.structure.tables import known_resource_types
from kommunalpro.fhir.structure.walk import Path, Walk

Check = Callable[[Any, Path, Walk], None]

_LITERAL = re.compile(r"(https?://\S+/|)([A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#\S+)?")


def reference_check(code: str, check: Check) -> Check:
    """Give the check of `Reference(Patient,Group)`; a bare `Reference` may point to anything.

    A literal reference is a URI: one with a space, or with what only looks like a letter, leads nobody anywhere, and
    people see all the same whom it names. It tells its type: `Type/id`, or an address that ends so. Of an address whose
    last part but one is no resource type nothing can be said; a relative one is wrong. A type that is said beside it is
    the same (R4 Reference.type), by its name or by the URL of its definition.
    """
    allowed = frozenset(code.removeprefix("Reference").strip("()").split(",")) - {""}

    def of_type(value: Any, path: Path, walk: Walk) -> None:
        found = len(walk.issues)
        check(value, path, walk)
        if len(walk.issues) == found:
            _check_target(value, allowed, path, walk)

    return of_type


def _check_target(value: dict[str, Any], allowed: frozenset[str], path: Path, walk: Walk) -> None:
    reference, known = value.get("reference", ""), known_resource_types()
    said = value["type"].rpartition("/")[2] if "type" in value else None
    if not (reference.isascii() and reference.isprintable() and " " not in reference):
        text = "Henvisningens adresse må kun have bogstaver fra a til z, tal og tegn, og ingen mellemrum."
        walk.add(path, "value", text, "Reference.reference is no URI: printable ASCII without spaces")
    elif reference.startswith("#"):
        walk.local.append((path, reference[1:], frozenset({said}) if said in known else allowed))
    elif reference:
        walk.named.append((path, reference))
    if literal := _LITERAL.fullmatch(reference):
        base, target = literal.group(1, 2)
        if target in known:
            check_type(target, allowed, path, walk)
            if said in known and said != target:
                text = "Henvisningens type og adresse siger hver sit."
                walk.add(path, "value", text, "Reference.type and Reference.reference are of different types")
        elif not base:
            walk.add(
                path, "value", "Henvisningen peger på en type, der ikke findes.", "Reference to no resource type of R4"
            )
    if said in known:
        check_type(said, allowed, path, walk)


def check_type(target: str, allowed: frozenset[str], path: Path, walk: Walk) -> None:
    """Check that a reference may be to a type; none allowed by name: to any."""
    if allowed and target not in allowed:
        expected = ", ".join(sorted(allowed))
        walk.add(path, "value", f"Her må ikke henvises til {target}.", f"Reference to {target}, allowed: {expected}")
