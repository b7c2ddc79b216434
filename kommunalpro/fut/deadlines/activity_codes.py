"""Which activities are reminded of, and missed when they do not come.

Source: ConceptMaps activitydefinition-code-to-do-reminder and -do-missing-measurement of the guide, made into data by
scripts/generate_codes.py. What they do not name is neither reminded of nor missed: ours.
"""

from functools import cache
from importlib import resources
from typing import Literal

from kommunalpro.fhir.json import Json, loads

What = Literal["do-reminder", "do-missing-measurement"]


def is_done(what: What, request: Json) -> bool:
    """Tell whether something is done about the activity of a ServiceRequest."""
    codings = request.get("code", {}).get("coding", ())
    return any((each.get("system"), each.get("code")) in _codes()[what] for each in codings)


@cache
def _codes() -> dict[str, frozenset[tuple[str, str]]]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("activity_codes.json").read_bytes())
    return {
        what: frozenset((system, code) for system, codes in by_system.items() for code in codes)
        for what, by_system in table.items()
    }
