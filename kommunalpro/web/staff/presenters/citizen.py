"""A citizen's page: who it is, the courses of care, what was sent, what was answered."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kommunalpro.care.bundles import url_id
from kommunalpro.care.called import answered_title
from kommunalpro.care.citizens import Episode
from kommunalpro.care.due import Due
from kommunalpro.care.history import PastResponse
from kommunalpro.care.people import cpr_of, is_protected
from kommunalpro.care.respondents import kind_of
from kommunalpro.care.runs import Run, runs
from kommunalpro.fhir.datetime import DENMARK, parse_datetime
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json
from kommunalpro.web.shared.respondents import by_words
from kommunalpro.web.staff.presenters import dates, slots

_STATUS = {
    "planned": gettext_lazy("planlagt"),
    "waitlist": gettext_lazy("på venteliste"),
    "active": gettext_lazy("i gang"),
    "finished": gettext_lazy("afsluttet"),
    "onhold": gettext_lazy("på pause"),
    "cancelled": gettext_lazy("annulleret"),
    "entered-in-error": gettext_lazy("oprettet ved en fejl"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """The citizen of the header. `cpr` as written in Denmark (`251248-9996`); empty when not known.

    `is_protected`: name and address are protected, and are not told to others.
    """

    id: str
    name: str
    cpr: str
    is_protected: bool


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """A course of care. `standing`: how it is with it, and since when, or when it began.

    `name`: its title, and what tells it from the citizen's others. `is_agreed`: not known to go on without a consent.
    """

    id: str
    title: str
    name: str
    standing: str
    is_active: bool
    is_planned: bool
    is_paused: bool
    is_agreed: bool


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer. `judged` is the light that a professional set beside the automatic one; empty when nobody did.

    `by` says who has answered; empty: the citizen.
    `is_error`: it was marked as an error, and its lights no longer hold.
    """

    id: str
    title: str
    light: str
    judged: str
    when: str
    by: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class AskedRow:
    """What a citizen is asked and has not answered. `plan` is the id of the plan that asks it.

    `course` says of which course of care it is; empty: there is one alone.
    """

    episode: str
    plan: str
    title: str
    course: str
    when: str
    progress: str


def person(patient: Json) -> Person:
    digits = cpr_of(patient) or ""
    return Person(
        id=patient["id"],
        name=full_name(patient),
        cpr=f"{digits[:6]}-{digits[6:]}" if digits else "",
        is_protected=is_protected(patient),
    )


def episode_rows(episodes: Sequence[Episode], now: datetime, *, lacking: Collection[str] = ()) -> list[EpisodeRow]:
    """Give all courses of care that a team has with a citizen; `lacking` are the URLs of those without a consent."""
    titles, names = _titles(episodes), course_names(episodes, now)
    return [
        _episode_row(each, titles[each.url], names[each.url], now, is_agreed=each.url not in lacking)
        for each in episodes
    ]


def course_names(episodes: Sequence[Episode], now: datetime) -> dict[str, str]:
    """Name the courses of care of a citizen, by URL: those about the same also by how it is with them."""
    titles, about = _titles(episodes), Counter(map(_title, episodes))
    return {
        each.url: f"{titles[each.url]}, {_standing(each, now)}" if about[_title(each)] > 1 else titles[each.url]
        for each in episodes
    }


def _titles(episodes: Iterable[Episode]) -> dict[str, str]:
    """Give what each is about, by URL; of those about the same that began on one day also a number, whatever they are.

    So it stays the same number when one of them ends.
    """
    begun = {each.url: (_title(each), _day_of(each)) for each in episodes}
    alike, told, titles = Counter(begun.values()), Counter[tuple[str, date | None]](), {}
    for url, (title, day) in sorted(begun.items()):
        told[title, day] += 1
        numbered = _("%(name)s, nr. %(number)d") % {"name": title, "number": told[title, day]}
        titles[url] = numbered if alike[title, day] > 1 else title
    return titles


def _day_of(episode: Episode) -> date | None:
    return parse_datetime(episode.started).astimezone(DENMARK).date() if episode.started else None


def _title(episode: Episode) -> str:
    return episode.condition or _("Forløb")


def _episode_row(episode: Episode, title: str, name: str, now: datetime, *, is_agreed: bool) -> EpisodeRow:
    return EpisodeRow(
        id=url_id(episode.url),
        title=title,
        name=name,
        standing=_standing(episode, now),
        is_active=episode.status == "active",
        is_planned=episode.is_planned,
        is_paused=episode.is_paused,
        is_agreed=is_agreed,
    )


def _standing(episode: Episode, now: datetime) -> str:
    """Say how it is with a course of care; when it ended, or was cancelled, it does not tell."""
    status = str(_STATUS.get(episode.status, episode.status))
    if not episode.started or episode.status in ("cancelled", "entered-in-error"):
        return status
    said = _("%(status)s, begyndt %(day)s")
    if episode.status == "active":
        said = _("%(status)s siden %(day)s")
    elif episode.is_planned:
        said = _("%(status)s fra %(day)s")
    return said % {
        "status": status,
        "day": dates.short_day(parse_datetime(episode.started), now.astimezone(DENMARK).date()),
    }


def answer_row(response: PastResponse, now: datetime) -> AnswerRow:
    return AnswerRow(
        id=url_id(response.url),
        title=answered_title(response.own_title, response.definition.form, get_language() or "da"),
        light=response.light.code,
        judged=response.judged.code if response.judged else "",
        when=dates.received(response.authored, now),
        by=by_words(kind_of(response.source)),
        is_error=response.invalidated is not None,
    )


def asked_rows(found: Iterable[Due], now: datetime, courses: Iterable[EpisodeRow] = ()) -> list[AskedRow]:
    """Give what is asked; what comes again and again stands as a few rows. `courses` are all of the citizen's."""
    names = {each.id: each.name for each in courses}
    told = names if len(names) > 1 else {}
    return [_asked_row(each, now, told) for each in runs(found, lambda due: due.time(now))]


def _asked_row(run: Run[Due], now: datetime, courses: Mapping[str, str]) -> AskedRow:
    due = run.first
    return AskedRow(
        episode=url_id(due.episode_of_care),
        plan=url_id(due.care_plan),
        title=due.employee_title,
        course=courses.get(url_id(due.episode_of_care), ""),
        when=slots.when(run.span, now) if run.span else _("kan besvares når som helst"),
        progress=_progress(due),
    )


def _progress(due: Due) -> str:
    if due.progress is None or not due.progress.is_begun:
        return _("ikke begyndt")
    return _("nået til emne %(begun)d af %(topics)d") % {
        "begun": due.progress.topics_begun,
        "topics": due.progress.topics,
    }
