"""The codes of a ValueSet, for `:in`: the dialect tells them, of what is stored here and of what it has itself."""

from dataclasses import replace
from functools import partial

from kommunalpro.fhir.identifier import mask_cpr
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import BadRequest, Unprocessable
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.protocols import Rules
from kommunalpro.fhirserver.search.filters import Visible, filter_sql

MOST_CODES = 1000
_LONGEST = 200


def codes_of(canonical: str, rules: Rules, visible: Visible) -> list[str]:
    """Give `system|code` of every code in the ValueSet with this canonical URL (`url` or `url|version`), in order.

    Raises:
        BadRequest: it is not here, which codes it has cannot be told, or it has too many to search by.
    """
    try:
        found = rules.codes_in(canonical, partial(_stored, visible))
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


def _stored(visible: Visible, type: str, canonical: str) -> Json | None:
    """Give exactly the version that is named, else the active one that was written last; None: it is not stored."""
    url, _, version = canonical.partition("|")
    seen, limits = filter_sql(visible(type))
    sql = (
        "SELECT r.json FROM fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id"
        f" WHERE i.type = %s AND i.parameter = 'url' AND i.value = %s AND NOT r.deleted AND ({seen})"
        " ORDER BY r.last_updated DESC, r.id"
    )
    found = (loads(text) for (text,) in rows(sql, (type, url, *limits)))
    wanted = ("version", version) if version else ("status", "active")
    return next((each for each in found if wanted in each.items()), None)
