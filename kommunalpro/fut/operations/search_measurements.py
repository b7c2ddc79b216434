"""`$search-measurements`: a citizen's measurements in a period, submission by submission.

Supported: `period` (one end is enough), `patient` or `episodeOfCare`, `based-on`, `_tag` → a collection of
collections, the earliest first: every measurement of a submission of which something is in the period, its
Provenances, and the Questionnaire that a response answers. What is in the period: a response by `authored`, an
Observation by `effective[x]`, Media by `created[x]`.
Not supported: `device` (501); more than 1000 measurements at once (400, too-costly): the guide has no pages here.

One of them must be said, as the guide has it. Of patient and episode, what the request does not say is what the
token's context says, if it says so.

Source: `fut.md` 4.4; OperationDefinition -s-search-measurements.
"""

from itertools import islice
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.measurements import TIME_PARAMETERS
from kommunalpro.fut.operations.arguments import element
from kommunalpro.fut.operations.measurements import Query, as_searcher, by_submission, search, to_bundle, whose

_MOST = 1000


def search_measurements(session: Session, parameters: Json, target: str | None) -> Json:
    """Find as the user, in the context of the token; give whole submissions."""
    asked, period = whose(session, parameters, ("patient", "episodeOfCare")), _period(parameters)
    searcher = as_searcher(session)
    found: list[tuple[Json, Json | None]] = []
    for type, time in TIME_PARAMETERS.items():
        span = [(time, f"{prefix}{at}") for prefix, at in period]
        query: Query = [*asked, *span, ("_sort", time), ("_count", "200")]
        found += islice(search(searcher, type, query), _MOST + 1 - len(found))
    if len(found) > _MOST:
        raise BadRequest(
            "Der er for mange målinger: vælg en kortere periode.",
            diagnostics=f"more than {_MOST} measurements: ask for a shorter period",
            code="too-costly",
        )
    submissions = list(by_submission(sorted(found, key=_came)))
    return to_bundle(session, submissions, with_questionnaires=True)


def _period(parameters: Json) -> list[tuple[str, Any]]:
    period = element(parameters, "period") or {}
    bounds = [(prefix, period[name]) for name, prefix in (("start", "ge"), ("end", "le")) if period.get(name)]
    if not bounds:
        raise BadRequest("Angiv perioden.", diagnostics="period must be a Period with a start, an end or both")
    return bounds


def _came(found: tuple[Json, Json | None]) -> str:
    """By when it was stored, which the measurements of a submission have in common."""
    measurement, provenance = found
    return str((provenance or measurement)["meta"]["lastUpdated"])
