"""`$search-measurements-bundle-limit`: the next submissions after a moment, or the last before one.

Supported: `count` (1 to 100) and either `start` (ascending) or `end` (descending); `patient`, `episodeOfCare` or
`based-on`; `_tag` → a collection of collections, one per submission, with all its measurements and Provenances. The
time of a measurement is when it holds from: `effectivePeriod.start` of a response and where it has none `authored`,
`effective[x]` of an Observation, `created[x]` of Media. A submission stands where its first found measurement stands.
Not supported: the Questionnaire along with a response, which the guide gives with `$search-measurements` only.

One of them must be said, as the guide has it. Of patient and episode, what the request does not say is what the
token's context says, if it says so; another than that is refused (403), as in any search.

Source: `fut.md` 4.4, 7.3, 7.4; OperationDefinition -s-search-measurements-bundle-limit.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.parameters import value
from kommunalpro.fhirserver.search.values import EARLIEST, interval
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.measurement_error_codes import MOST_AT_A_TIME
from kommunalpro.fut.operations.arguments import moment
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

_Found = tuple[str, Json, Json | None]


def search_measurements_bundle_limit(session: Session, parameters: Json, target: str | None) -> Json:
    """Find as the user, in the context of the token, and no further than is asked for."""
    start, end = moment(parameters, "start"), moment(parameters, "end")
    refuse_unsaid(
        (
            *_unsaid_count(parameters),
            *_unsaid_end(start, end),
            *unsaid_whose(parameters, ("patient", "episodeOfCare", "based-on")),
        )
    )
    count, asked = int(value(parameters, "count")), whose(session, parameters)
    bound = f"sa{start.isoformat()}" if start else f"lt{end.isoformat()}" if end else ""
    searcher, is_descending = as_searcher(session), end is not None
    streams = [
        _stream(searcher, type, time, [*asked, *more, (time, bound)], at, count, is_descending=is_descending)
        for type, time, more, at in _STREAMS
    ]
    in_order = merge(*streams, key=lambda found: found[0], reverse=is_descending)
    return to_bundle(session, _first(in_order, count), with_questionnaires=False)


def _first(found: Iterator[_Found], count: int) -> Iterator[Any]:
    """Give the first submissions; what else there is of them is read with them, and nothing after them looked for."""
    yield from islice(by_submission((measurement, provenance) for _, measurement, provenance in found), count)


def _unsaid_count(parameters: Json) -> Iterator[Issue]:
    given = value(parameters, "count")
    if given is None or given < 1:
        yield issue("MEASUREMENT_SEARCHMEASUREMENT_COUNT_NOT_SPECIFIED", "", "Parameters.parameter")
    elif given > MOST_AT_A_TIME:
        yield issue("MEASUREMENT_SEARCHMEASUREMENT_COUNT_LIMIT_EXCEEDED", "", "Parameters.parameter")


def _unsaid_end(start: datetime | None, end: datetime | None) -> Iterator[Issue]:
    if start is None and end is None:
        yield issue("MEASUREMENT_SEARCHMEASUREMENT_START_OR_END_NOT_SPECIFIED", "", "Parameters.parameter")
    elif start and end:
        yield issue("MEASUREMENT_SEARCHMEASUREMENT_START_AND_END_BOTH_SPECIFIED", "", "Parameters.parameter")


def _stream(
    session: Session,
    type: str,
    time: str,
    query: Query,
    at: Callable[[Json], Any],
    count: int,
    *,
    is_descending: bool,
) -> Iterator[_Found]:
    """Give what is found of one type in order of its time; a page is asked for when the one before is used up."""
    sort = f"-{time}" if is_descending else time
    for measurement, provenance in search(session, type, [*query, ("_sort", sort), ("_count", str(count))]):
        yield _begins(at(measurement)), measurement, provenance


def _begins(value: Any) -> str:
    """Give when a time begins, as the index that the search is sorted by has it."""
    text = value.get("start") if isinstance(value, dict) else value
    return interval(text)[0] if text else EARLIEST


def _effective_start(response: Json) -> Any:
    return (extension_value(response, ehealth.EFFECTIVE_PERIOD) or {}).get("start")


def _value_of(name: str) -> Callable[[Json], Any]:
    """Give how to read an element of several types (`effective[x]`)."""
    return lambda measurement: next((measurement[each] for each in measurement if each.startswith(name)), None)


_STREAMS: tuple[tuple[str, str, Query, Callable[[Json], Any]], ...] = (
    ("QuestionnaireResponse", "effectivePeriodStart", [], _effective_start),
    ("QuestionnaireResponse", "authored", [("effectivePeriodStart:missing", "true")], _value_of("authored")),
    ("Observation", "date", [], _value_of("effective")),
    ("Media", "created", [], _value_of("created")),
)
"""Type → parameter by which it is found and sorted → what else is asked → where the time stands."""
