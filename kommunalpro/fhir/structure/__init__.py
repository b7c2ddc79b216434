"""The structural validator of R4: what HL7's StructureDefinitions say, and nothing of any profile."""

from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import REST, Issue
from kommunalpro.fhir.structure.compiler import check_resource
from kommunalpro.fhir.structure.tables import known_resource_types, resource_types
from kommunalpro.fhir.structure.walk import Path, TooMany, Walk

__all__ = ["gone_through", "known_resource_types", "resource_types", "validate"]


def validate(resource: Json) -> tuple[Issue, ...]:
    """Give everything that keeps a resource from being R4; empty when nothing does.

    Args:
        resource: FHIR JSON as `fhir.json.loads` gives it: numbers are int or Decimal, never float.

    Returns:
        All issues at once, each with a FHIRPath in `expression` and no value of the resource in its texts. Codes:
        `structure` unknown element, wrong JSON type, array for single, null, empty, two of a choice;
        `required` missing; `value` a primitive or reference that is not what its type says;
        `code-invalid` outside a required value set; `invariant` a rule of R4, whose key opens the diagnostics;
        `not-supported` a type of R4 without tables;
        `too-long` nested too deeply to be read, or so many issues that the rest is not told.

    >>> [issue.expression for issue in validate({"resourceType": "Patient", "gender": "?"})]
    ['Patient.gender']
    """
    return tuple(gone_through(resource).issues)


def gone_through(resource: Json) -> Walk:
    """Give what `validate` finds, and what it comes by."""
    walk = Walk()
    root: Path = (None, _root_name(resource), None)
    try:
        check_resource(resource, root, walk)
    except TooMany:
        walk.issues.append(REST)
    except RecursionError:
        walk.issues.append(Issue("Indholdet er lagt for dybt i hinanden.", "Nested too deeply", root[1], "too-long"))
    return walk


def _root_name(resource: Any) -> str:
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    return name if isinstance(name, str) and name in known_resource_types() else "Resource"
