"""JSON Patch (RFC 6902) on a resource; a refusal says which operation it is about, and why, but no value."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import jsonpatch

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import DEEPEST, Json, dumps
from kommunalpro.fhir.outcome import BadRequest, TooLarge, Unprocessable

MOST_OPERATIONS = 1000
"""Operations in a patch: one that says what became of everything is longer than what it is about."""
LARGEST = 2_000_000
"""Bytes that all `copy` and `move` of a patch may put: what copies itself into itself doubles with each."""

_FIXED = ("resourceType", "id", "meta")
_NEEDED = {
    **dict.fromkeys(("add", "replace", "test"), ("value",)),
    **dict.fromkeys(("copy", "move"), ("from",)),
    "remove": (),
}
"""What each operation takes beside its path."""


def patched(resource: Json, operations: Sequence[Json]) -> dict[str, Any]:
    """Give the resource with a JSON Patch applied.

    Raises:
        BadRequest: it is no JSON Patch, or has more operations than are applied.
        Unprocessable: it does not fit this resource, a `test` fails, or it changes type, id or meta.
        TooLarge: it copies or moves more than a resource can hold, or nests it more deeply.
    """
    if len(operations) > MOST_OPERATIONS:
        raise BadRequest(
            "Ændringen har for mange trin.",
            diagnostics=f"At most {MOST_OPERATIONS} operations in a JSON Patch",
            code="too-costly",
        )
    patches = [_read(number, each) for number, each in enumerate(operations)]
    changed: Any = deepcopy(dict(resource))
    taken = 0
    for number, (patch, operation) in enumerate(zip(patches, operations, strict=True)):
        put = _put(changed, operation)
        taken += len(dumps(put)) if "from" in _NEEDED[operation["op"]] else 0
        if taken > LARGEST or (put is not None and _is_too_deep(put, operation["path"].count("/"))):
            raise _too_large(number, operation)
        changed = _applied(patch, changed, number, operation)
    if not isinstance(changed, dict) or any(changed.get(name) != resource.get(name) for name in _FIXED):
        raise Unprocessable("Type, id og meta kan ikke ændres.", diagnostics="Patch must not change type, id or meta")
    return dict(changed)


def _put(resource: Any, operation: Json) -> Any:
    """Give what an operation puts where its path points; None: nothing, or what there is not."""
    if operation["op"] in ("test", "remove"):
        return None
    if "value" in _NEEDED[operation["op"]]:
        return operation["value"]
    try:
        return jsonpatch.JsonPointer(operation["from"]).resolve(resource)
    except (jsonpatch.JsonPointerException, TypeError, AttributeError, KeyError):
        return None


def _is_too_deep(value: Any, above: int) -> bool:
    """Tell whether a value, put so many levels down, is nested more deeply than what may be sent.

    Looked at where something is put: all else was sound, and each operation may put one depth below another.
    """
    level = [value]
    for _ in range(above, DEEPEST):
        below = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [child for children in below for child in children]
        if not level:
            return False
    return True


def _read(number: int, operation: Json) -> jsonpatch.JsonPatch:
    try:
        patch = jsonpatch.JsonPatch([dict(operation)])
        # The library looks at no more than op and path before it begins.
        needed = {name: operation[name] for name in _NEEDED[operation["op"]]}
        jsonpatch.JsonPointer(needed.get("from", ""))
        return patch
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, AttributeError, KeyError):
        raise _unreadable(number, operation) from None


def _applied(patch: jsonpatch.JsonPatch, resource: Any, number: int, operation: Json) -> Any:
    """Give what comes of one operation; what it is applied to is a copy, and may be changed."""
    try:
        return patch.apply(resource, in_place=True)
    except (jsonpatch.InvalidJsonPatch, TypeError, AttributeError, KeyError):
        raise _unreadable(number, operation) from None
    except jsonpatch.JsonPatchTestFailed:
        raise _unfit(number, operation, "something else stands there") from None
    except jsonpatch.JsonPatchPathNotFound:
        raise _unfit(number, operation, "nothing stands there") from None
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        raise _unfit(number, operation, "there is no such place") from None


def _too_large(number: int, operation: Json) -> TooLarge:
    return TooLarge("Ændringen bliver for stor.", diagnostics=f"{_name(number, operation)}: grows too much")


def _unreadable(number: int, operation: Json) -> BadRequest:
    why = f"Not a JSON Patch: {_name(number, operation)}: {_want(operation)}"
    return BadRequest("Ændringen kan ikke læses.", diagnostics=why)


def _want(operation: Json) -> str:
    """Tell what an operation that cannot be read would have to have."""
    op = operation.get("op")
    if op not in list(_NEEDED):
        return f"op must be one of {', '.join(sorted(_NEEDED))}"
    missing = [name for name in ("path", *_NEEDED[op]) if name not in operation]
    if missing:
        return f"{op} takes {' and '.join(missing)}"
    return "path, and from, must point into the resource: /name/0/given"


def _unfit(number: int, operation: Json, why: str) -> Unprocessable:
    return Unprocessable(
        "Ændringen passer ikke til det, der står der nu.",
        diagnostics=f"Patch does not apply: {_name(number, operation)}: {why}",
    )


def _name(number: int, operation: Json) -> str:
    """Name an operation by its number from 0, as JSON counts, and by what it was to do where."""
    words = [mask_cpr(str(operation[name]))[:100] for name in ("op", "from", "path") if name in operation]
    return f"operation {number} ({' '.join(words)})"
