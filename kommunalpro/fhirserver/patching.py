"""JSON Patch (RFC 6902) on a resource."""

from collections.abc import Sequence
from typing import Any

import jsonpatch

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Unprocessable

_FIXED = ("resourceType", "id", "meta")


def patched(resource: Json, operations: Sequence[Json]) -> dict[str, Any]:
    """Give the resource with a JSON Patch applied.

    Raises:
        BadRequest: it is no JSON Patch.
        Unprocessable: it does not fit this resource, a `test` fails, or it changes type, id or meta.
    """
    try:
        patch = jsonpatch.JsonPatch([dict(each) for each in operations])
        changed: Any = patch.apply(dict(resource), in_place=False)
    except (jsonpatch.InvalidJsonPatch, TypeError, AttributeError, KeyError):
        raise BadRequest("Ændringen kan ikke læses.", diagnostics="Not a JSON Patch") from None
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        raise Unprocessable(
            "Ændringen passer ikke til det, der står der nu.", diagnostics="Patch does not apply"
        ) from None
    if not isinstance(changed, dict) or any(changed.get(name) != resource.get(name) for name in _FIXED):
        raise Unprocessable("Type, id og meta kan ikke ændres.", diagnostics="Patch must not change type, id or meta")
    return dict(changed)
