"""Contained resources: dom-2, dom-3, dom-4, dom-5 and ref-1."""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.structure.references import check_type
from kommunalpro.fhir.structure.tables import known_resource_types
from kommunalpro.fhir.structure.walk import Path, Walk, at


def check_as_contained(resource: dict[str, Any], path: Path, walk: Walk) -> None:
    """Check what holds for a resource because it is contained: it has an id, and nothing that only a stored one has."""
    if "id" not in resource:
        walk.missing(path, "id")
    if "contained" in resource:
        walk.add(
            at(path, "contained"),
            "invariant",
            "En vedlagt ressource har ikke selv vedlagte.",
            "dom-2: nested contained",
        )
    meta = resource.get("meta")
    for name, key in (("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")):
        if isinstance(meta, dict) and name in meta:
            text = f"En vedlagt ressource har ikke ”{name}”."
            walk.add(at(at(path, "meta"), name), "invariant", text, f"{key}: a contained resource has no meta.{name}")


def check_local(resource: dict[str, Any], walk: Walk) -> None:
    """Check that every `#` reference met is answered by a contained resource of a type that it may be to.

    `#` alone is the resource itself.
    """
    if not walk.local:
        return
    given = resource.get("contained")
    held = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    types = {str(each.get("id")): str(each.get("resourceType")) for each in held}
    types[""] = str(resource.get("resourceType"))
    for path, id, allowed in walk.local:
        if id in types:
            if types[id] in known_resource_types():  # else that is told where it stands
                check_type(types[id], allowed, path, walk)
        else:
            walk.add(
                path,
                "invariant",
                "Henvisningen peger på noget, der ikke er vedlagt.",
                "ref-1: no contained resource has this id",
            )


def check_use(resource: dict[str, Any], path: Path, walk: Walk) -> None:
    """Check, in a sound resource, that each contained one has an id of its own, and is referred to or refers back."""
    ids = [each["id"] for each in resource["contained"]]
    if len(set(ids)) < len(ids):
        walk.add(
            at(path, "contained"),
            "invariant",
            "To vedlagte ressourcer har samme id.",
            "Two contained resources share an id",
        )
    named = {id for _, id, _ in walk.local}
    # Most are named by a Reference, which the walk has met; only for the others all texts are searched, and once.
    unnamed = [(index, each) for index, each in enumerate(resource["contained"]) if each["id"] not in named]
    found = {text for text in _texts(resource) if text.startswith("#")} if unnamed else set[str]()
    for index, each in unnamed:
        if "#" + each["id"] not in found and "#" not in _texts(each):
            text = "Den vedlagte ressource bruges ikke."
            walk.add(at(path, "contained", index), "invariant", text, "dom-3: nothing refers to the contained resource")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
