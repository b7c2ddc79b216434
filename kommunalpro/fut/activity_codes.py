"""Which activities are reminded of, missed when they do not come, and shared, and what answers them.

Source: ConceptMaps activitydefinition-code-to-do-reminder, -do-missing-measurement, -perform-sharing and
-measurement-resource-type of the guide, made into data by scripts/generate_codes.py. What they do not name is neither
reminded of nor missed: ours.
"""

from functools import cache
from importlib import resources
from typing import Literal

from kommunalpro.fhir.json import Json, loads

What = Literal["do-reminder", "do-missing-measurement", "perform-sharing", "not-perform-sharing"]


def is_done(what: What, request: Json) -> bool:
    """Tell whether something is done about an activity, by its code. `request`: what is asked, or its definition."""
    return _is_one(what, request)


def is_answered_by(type: Literal["QuestionnaireResponse", "Observation", "Media"], request: Json) -> bool:
    """Tell whether an activity is answered by a type of measurement, as far as the guide says it of its code."""
    return _is_one(type, request)


def _is_one(of: str, request: Json) -> bool:
    codings = request.get("code", {}).get("coding", ())
    return any((each.get("system"), each.get("code")) in _codes()[of] for each in codings)


@cache
def _codes() -> dict[str, frozenset[tuple[str, str]]]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("activity_codes.json").read_bytes())
    return {
        what: frozenset((system, code) for system, codes in by_system.items() for code in codes)
        for what, by_system in table.items()
    }
