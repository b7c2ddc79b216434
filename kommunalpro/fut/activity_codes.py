"""Which activities are reminded of, missed when they do not come, and shared.

Source: ConceptMaps activitydefinition-code-to-do-reminder, -do-missing-measurement and -perform-sharing of the guide,
made into data by scripts/generate_codes.py. What they do not name is neither reminded of nor missed: ours.
"""

from functools import cache
from importlib import resources
from typing import Literal

from kommunalpro.fhir.json import Json, loads

PICTURE_CODES = frozenset({("urn:oid:1.2.208.176.2.4", "ZZ7011"), ("http://snomed.info/sct", "446080005")})
"""Codes of what a picture is asked for by, and nothing else answers.

Source: ConceptMap activitydefinition-code-to-measurement-resource-type.
"""

What = Literal["do-reminder", "do-missing-measurement", "perform-sharing", "not-perform-sharing"]


def is_done(what: What, request: Json) -> bool:
    """Tell whether something is done about an activity, by its code. `request`: what is asked, or its definition."""
    codings = request.get("code", {}).get("coding", ())
    return any((each.get("system"), each.get("code")) in _codes()[what] for each in codings)


@cache
def _codes() -> dict[str, frozenset[tuple[str, str]]]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("activity_codes.json").read_bytes())
    return {
        what: frozenset((system, code) for system, codes in by_system.items() for code in codes)
        for what, by_system in table.items()
    }
