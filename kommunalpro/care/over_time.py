"""A citizen's answers over time, read from the infrastructure; what they come to is `pro.trend`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.care.bundles import versionless
from kommunalpro.care.history import PastResponse, counting, responses_of, with_computed
from kommunalpro.care.interpretation import StoredView, active_view
from kommunalpro.care.respondents import kind_of
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro import trend
from kommunalpro.pro.series import Series
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import View


@dataclass(frozen=True, slots=True)
class Questionnaires:
    """All responses to one questionnaire in any of its versions, oldest first.

    `elsewhere` are those to other questionnaires, in which the same may have been asked.
    """

    base: str
    title: Text
    past: tuple[PastResponse, ...]
    elsewhere: tuple[PastResponse, ...]
    view: StoredView | None


def trends(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> tuple[Questionnaires, ...]:
    """Give a citizen's responses that count by questionnaire, the one that was answered last first."""
    grouped: dict[str, list[PastResponse]] = {}
    responses = with_computed(gateway, counting(responses_of(gateway, patient, by=by, now=now)), by=by, now=now)
    for response in responses:
        grouped.setdefault(response.base, []).append(response)
    latest = sorted(grouped.items(), key=lambda each: each[1][-1].authored, reverse=True)
    return tuple(
        Questionnaires(
            base=base,
            title=past[-1].definition.form.title,
            past=tuple(past),
            elsewhere=tuple(each for each in responses if each.base != base),
            view=active_view(gateway, past[-1].definition.url, by.context.organization, by=by, now=now),
        )
        for base, past in latest
    )


def trends_of(
    past: Sequence[PastResponse], view: View | None, elsewhere: Sequence[PastResponse] = ()
) -> tuple[Series, ...]:
    """Give the series of one questionnaire's responses, and of what is the same in those `elsewhere`."""
    if not past:
        return ()
    return trend.trends([_answered(each) for each in (*past, *elsewhere)], view, base=past[-1].base)


def _answered(past: PastResponse) -> trend.Answered:
    is_own = kind_of(past.source) == "citizen"
    return trend.Answered(
        at=past.authored,
        response=past.url,
        base=past.base,
        form=past.definition.form,
        answers=past.answers,
        record=past.assessment,
        respondent="" if is_own else versionless(past.source),
    )
