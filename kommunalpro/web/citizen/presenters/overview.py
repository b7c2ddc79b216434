"""The citizen's first page: what is due now, what comes later, what was missed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kommunalpro.care.due import Due
from kommunalpro.care.half_written import HalfWritten
from kommunalpro.care.runs import Span, runs
from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.presenters import dates
from kommunalpro.web.shared.joining import either
from kommunalpro.web.shared.spans import span_words

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DueCard:
    """Something to answer. `draft` None: not begun; `key` is what begins it; `plan` empty: it is called the same.

    `origin`: which plan and whom it is from, in a list where another from elsewhere is called the same; else empty.
    """

    key: str
    draft: str | None
    title: str
    plan: str
    sender: str
    until: str
    minutes: str
    progress: str
    is_begun: bool
    origin: str = ""


@dataclass(frozen=True, slots=True)
class BegunCard:
    """Answers that were begun, and nobody waits for now: `why` says that, `can_be_sent` whether they can be sent."""

    draft: str
    title: str
    saved: str
    why: str
    can_be_sent: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """What is asked, by when it may be answered, and what was `begun` besides.

    `missed_senders`: whom to ask about what was missed.
    """

    now: tuple[DueCard, ...]
    later: tuple[DueCard, ...]
    missed: tuple[DueCard, ...]
    begun: tuple[BegunCard, ...]

    @property
    def missed_senders(self) -> str:
        return either([*dict.fromkeys(card.sender for card in self.missed)])


def overview(found: Iterable[Due], now: datetime, begun: Iterable[HalfWritten] = ()) -> Overview:
    """Sort what is asked, of what is open the first to close first; what comes again and again stands as a few."""
    gathered = runs(found, lambda due: due.time(now))
    cards = [(run.first.state(now), _card(run.first, run.span, now), run.first.closes) for run in gathered]
    is_open = [(closes, card) for state, card, closes in cards if state == "open"]
    return Overview(
        now=tuple(card for _closes, card in sorted(is_open, key=lambda each: each[0] or _NEVER)),
        later=_told_apart(card for state, card, _closes in cards if state == "coming"),
        missed=_told_apart(card for state, card, _closes in cards if state == "missed"),
        begun=tuple(_begun(each, now) for each in begun),
    )


def _begun(each: HalfWritten, now: datetime) -> BegunCard:
    why = {
        "paused": _("Spørgeskemaet er sat på pause. Dine svar er gemt."),
        "moved": _("Spørgeskemaet har fået en ny tid. Svarene her er til den gamle tid. Du kan stadig sende dem."),
        "over": _("Forløbet er slut. Dine svar er gemt, og du kan sende eller slette dem."),
    }
    saved = dates.saved(each.saved_at, now)
    return BegunCard(str(each.draft), each.title.say(language()), saved, why[each.why], each.why != "paused")


def _told_apart(cards: Iterable[DueCard]) -> tuple[DueCard, ...]:
    """Say of those of a list that are called the same where each is from, unless that is the same too."""
    cards = tuple(cards)
    origins: dict[str, set[str]] = defaultdict(set)
    for card in cards:
        origins[card.title].add(_origin(card))
    return tuple(replace(card, origin=_origin(card) if len(origins[card.title]) > 1 else "") for card in cards)


def _origin(card: DueCard) -> str:
    return " · ".join(filter(None, (card.plan, _("Fra %(sender)s") % {"sender": card.sender})))


def _card(due: Due, span: Span | None, now: datetime) -> DueCard:
    return DueCard(
        key=due.key,
        draft=str(due.draft) if due.draft else None,
        title=due.title.say(language()),
        plan=_plan(due),
        sender=due.organization,
        until=_until(span, now),
        minutes=ngettext("Tager cirka %(count)d minut", "Tager cirka %(count)d minutter", due.minutes)
        % {"count": due.minutes},
        progress=_progress(due),
        is_begun=due.progress is not None and due.progress.is_begun,
    )


def _plan(due: Due) -> str:
    """Say which plan it belongs to, unless the plan is called as the questionnaire is, in either language."""
    title = due.plan_title.strip()
    names = {due.title.da.strip().casefold(), due.title.en.strip().casefold()}
    return _("Del af %(plan)s") % {"plan": title} if title and title.casefold() not in names else ""


def _until(span: Span | None, now: datetime) -> str:
    if span is None:
        return _("Du kan svare, når du har lyst")
    first = dates.end(span.first.end, now)
    if span.count > 1 and span.goes_on:
        return _("Åbner jævnligt fra %(day)s") % {"day": dates.of_day(span.first.end.day, now)}
    day = first if span.count == 1 else span_words(span, lambda day: dates.of_day(day, now))
    if span.first.state == "coming":
        return _("Åbner %(day)s") % {"day": day}
    if span.first.state == "missed":
        return _("Skulle være besvaret %(day)s") % {"day": day}
    if span.count == 1:
        return _("Svar senest %(day)s") % {"day": first}
    words = {"day": first, "count": span.count - 1}
    return _("Svar senest %(day)s. Derefter kan du svare %(count)d gange til.") % words


def _progress(due: Due) -> str:
    if due.progress is None or not due.progress.is_begun:
        return ""
    return _("Du er nået til emne %(begun)d af %(topics)d") % {
        "begun": due.progress.topics_begun,
        "topics": due.progress.topics,
    }
