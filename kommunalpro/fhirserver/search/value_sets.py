"""The codes of a ValueSet, for `:in`: the dialect tells them, of what is stored here and of what it has itself."""

from dataclasses import replace
from functools import partial

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.outcome import BadRequest, Unprocessable
from kommunalpro.fhirserver.protocols import Rules
from kommunalpro.fhirserver.search.canonicals import newest
from kommunalpro.fhirserver.search.filters import Visible

MOST_CODES = 1000
_LONGEST = 200


def codes_of(canonical: str, rules: Rules, visible: Visible) -> list[str]:
    """Give `system|code` of every code in the ValueSet with this canonical URL (`url` or `url|version`), in order.

    Raises:
        BadRequest: it is not here, which codes it has cannot be told, or it has too many to search by.
    """
    try:
        found = rules.codes_in(canonical, partial(newest, visible=visible))
    except Unprocessable as wrong:
        issues = (replace(each, code=each.code or wrong.code) for each in wrong.issues)
        raise BadRequest(issues=issues) from None
    if found is None:
        shown = mask_cpr(canonical)[:_LONGEST]
        raise BadRequest(
            "Værdisættet findes ikke her.", diagnostics=f"No active ValueSet {shown} is here", code="not-found"
        )
    codes = sorted({f"{system}|{code}" for system, code in found})
    if not 0 < len(codes) <= MOST_CODES:
        raise BadRequest(
            "Der kan ikke søges i så mange koder.", diagnostics=f"A ValueSet to search by has 1 to {MOST_CODES} codes"
        )
    return codes
