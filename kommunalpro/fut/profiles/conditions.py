"""What a condition is coded by: one coding is in FUT's `VS/conditions`, and none of FSIII contradicts FSIII.

That a name must be the code's is ours: the guide binds the code, and is silent of its display.

Source: `fut.md` 1B (ehealth-condition).
"""

from collections.abc import Iterator, Sequence

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue, unbound
from kommunalpro.fut.treatment_area import contradictions, is_condition


def condition_problems(codings: Sequence[Json], path: str) -> Iterator[Issue]:
    """Give what is wrong with the codings of one condition."""
    if not any(map(is_condition, codings)):
        yield unbound(f"no coding in {ehealth.VS}conditions", path)
        return
    for text, detail in contradictions(codings):
        yield issue("GENERAL_VALIDATION_ERROR", detail, path, text)
