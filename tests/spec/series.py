"""Responses over time, a day apart, for the specifications of series."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from kommunalpro.pro.form import Form
from kommunalpro.pro.series import Change, Series
from kommunalpro.pro.text import number
from kommunalpro.pro.trend import Answered, trends
from kommunalpro.pro.triage import assess
from kommunalpro.pro.view import View
from tests.spec.forms import NOTHING, answers, form
from tests.spec.views import QUESTIONNAIRE, VIEW, view

FIRST = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BASE, OTHER = "urn:base", "urn:other"


def answered(
    day: int,
    asked: Form,
    given: str,
    *,
    by: str | None = None,
    version: str = "2.0",
    base: str = BASE,
    respondent: str = "",
) -> Answered:
    """Make a response of a day (0 is the first) that was assessed by a View; `by` None: there is no record."""
    said = answers(asked, given)
    record = (
        None
        if by is None
        else assess(asked, _read(by, version), said, questionnaire=QUESTIONNAIRE, view_reference=VIEW)
    )
    return Answered(FIRST + timedelta(days=day), f"urn:{day}", base, asked, said, record, respondent)


@lru_cache(maxsize=100)
def _read(written: str, version: str) -> View:
    return view(written, version=version)


def over_time(asked: str, given: str, *, written: str | None = None) -> dict[str, Series]:
    """Give the series, by id, of responses to one questionnaire that are written `a: 1 / a: 2 / –`."""
    compiled = form(asked)
    responses = [answered(day, compiled, each, by=written) for day, each in enumerate(given.split(" / "))]
    return by_id(responses, None if written is None else view(written))


def by_id(responses: list[Answered], view: View | None = None) -> dict[str, Series]:
    """Give the series of responses by id."""
    return {each.id: each for each in trends(responses, view, base=BASE)}


def values(series: Series) -> str:
    """Say the points: the value, or why there is none."""
    return " / ".join(str(point.gap or _number(point.value)) for point in series.points)


def moved(found: Change | None) -> str:
    """Say how much something changed; – where it is not known."""
    return NOTHING if found is None or found.amount is None else f"{found.amount:+f}"


def _number(value: Decimal | None) -> str:
    return NOTHING if value is None else number(value).say("en")
