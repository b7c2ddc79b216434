"""`$search-measurements`: a citizen's measurements in a period, submission by submission.

Supported: `period` (one end is enough), `patient` or `episodeOfCare`, `based-on`, `_tag` → a collection of
collections, the earliest first: every measurement of a submission of which something is in the period, its
Provenances, and the Questionnaire that a response answers. What is in the period overlaps it: a response with its
`effectivePeriod`, open where that is, and where it has none with `authored`; an Observation with `effective[x]`, Media
with `created[x]`. This operation's own definition still says `authored` of a response; the page on the response, and
`$search-measurements-bundle-limit`, say `effectivePeriod`, and the two operations must not tell two times.
Not supported: `device` (501); more than 1000 measurements at once (400, too-costly): the guide has no pages here.

One of them must be said, as the guide has it. Of patient and episode, what the request does not say is what the
token's context says, if it says so; another than that is refused (403), as in any search.

Source: `fut.md` 4.4; OperationDefinition -s-search-measurements.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.operations.arguments import element
from kommunalpro.fut.operations.measurements import (
    Query,
    as_searcher,
    by_submission,
    refuse_unsaid,
    search,
    to_bundle,
    unsaid_whose,
    whose,
)

_MOST = 1000
_START, _END = "effectivePeriodStart", "effectivePeriodEnd"


def search_measurements(session: Session, parameters: Json, target: str | None) -> Json:
    """Find as the user, in the context of the token; give whole submissions."""
    refuse_unsaid((*unsaid_whose(parameters, ("patient", "episodeOfCare")), *_unsaid_period(parameters)))
    asked, period = whose(session, parameters), _period(parameters)
    searcher = as_searcher(session)
    found: list[tuple[Json, Json | None]] = []
    for type, span, order in _spans(*period):
        query: Query = [*asked, *span, ("_sort", order), ("_count", "200")]
        found += islice(search(searcher, type, query), _MOST + 1 - len(found))
    if len(found) > _MOST:
        raise BadRequest(
            "Der er for mange målinger: vælg en kortere periode.",
            diagnostics=f"more than {_MOST} measurements: ask for a shorter period",
            code="too-costly",
        )
    submissions = list(by_submission(sorted(found, key=_came)))
    return to_bundle(session, submissions, with_questionnaires=True)


def _unsaid_period(parameters: Json) -> Iterator[Issue]:
    period = element(parameters, "period") or {}
    if not (period.get("start") or period.get("end")):
        detail = "a Period with a start, an end or both"
        yield issue("MEASUREMENT_SEARCHMEASUREMENT_PERIOD_NOT_SPECIFIED", detail, "Parameters.parameter")


def _period(parameters: Json) -> tuple[datetime | None, datetime | None]:
    """Give from when on, and before when; a day that is an end is in it."""
    period = element(parameters, "period") or {}
    start, end = (parse_interval(period[each]) if period.get(each) else None for each in ("start", "end"))
    return start.start if start else None, end.end if end else None


def _spans(start: datetime | None, end: datetime | None) -> Iterator[tuple[str, Query, str]]:
    """Give each search that finds what overlaps a time: the type, what is asked, and by what it is sorted.

    A response's time is one search for each way of saying it: with both ends, with one of them, with none.
    """
    from_then, until_then = f"ge{start.isoformat()}" if start else "", f"lt{end.isoformat()}" if end else ""
    begins: Query = [(_START, until_then) if end else (f"{_START}:missing", "false")]
    ends: Query = [(_END, from_then) if start else (f"{_END}:missing", "false")]
    always, for_ever = [(f"{_START}:missing", "true")], [(f"{_END}:missing", "true")]

    def overlaps(name: str) -> Query:
        return [(name, each) for each in (from_then, until_then) if each]

    for span in ([*begins, *ends], [*begins, *for_ever], [*always, *ends], [*always, *for_ever, *overlaps("authored")]):
        yield "QuestionnaireResponse", span, "authored"
    yield "Observation", overlaps("date"), "date"
    yield "Media", overlaps("created"), "created"


def _came(found: tuple[Json, Json | None]) -> str:
    """By when it was stored, which the measurements of a submission have in common."""
    measurement, provenance = found
    return str((provenance or measurement)["meta"]["lastUpdated"])
