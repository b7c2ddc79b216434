"""What a refusal tells: by which code of FUT or ours, and where in what was sent."""

from collections.abc import Callable

import pytest

from kommunalpro.fhir.outcome import FhirError, RuleBroken


def refusal(call: Callable[[], object], kind: type[FhirError] = RuleBroken) -> list[tuple[str, str | None]]:
    """Give (code, FHIRPath) of each issue of a call that is refused; one that is not fails the test."""
    with pytest.raises(kind) as refused:
        call()
    return [(each.coding[1] if each.coding else "", each.expression) for each in refused.value.issues]


def refusal_codes(call: Callable[[], object], kind: type[FhirError] = RuleBroken) -> list[str]:
    """Give the code of each issue of a call that is refused."""
    return [code for code, _ in refusal(call, kind)]
