"""The citizen's first page: what is due now, what comes later, what was missed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kommunalpro.care.due import Due
from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.presenters import dates


@dataclass(frozen=True, slots=True)
class DueCard:
    """Something to answer. `draft` None: not begun; `key` is what begins it; `plan` empty: it is called the same."""

    key: str
    draft: str | None
    title: str
    plan: str
    sender: str
    until: str
    minutes: str
    progress: str
    is_begun: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """What is asked, by when it may be answered."""

    now: tuple[DueCard, ...]
    later: tuple[DueCard, ...]
    missed: tuple[DueCard, ...]


def overview(found: Iterable[Due], now: datetime) -> Overview:
    cards = [(due.state(now), _card(due, now)) for due in found]
    return Overview(
        now=tuple(card for state, card in cards if state == "open"),
        later=tuple(card for state, card in cards if state == "coming"),
        missed=tuple(card for state, card in cards if state == "missed"),
    )


def _card(due: Due, now: datetime) -> DueCard:
    return DueCard(
        key=due.key,
        draft=str(due.draft) if due.draft else None,
        title=due.title.say(language()),
        plan=_plan(due),
        sender=due.organization,
        until=_until(due, now),
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


def _until(due: Due, now: datetime) -> str:
    if due.slot_start is None or due.slot_end is None:
        return _("Du kan svare, når du har lyst")
    words = {
        "open": _("Svar senest %(day)s") % {"day": dates.ends(due.slot_start, due.slot_end, now)},
        "coming": _("Åbner %(day)s") % {"day": dates.begins(due.slot_start, now)},
        "missed": _("Skulle være besvaret %(day)s") % {"day": dates.ends(due.slot_start, due.slot_end, now)},
    }
    return words[due.state(now)]


def _progress(due: Due) -> str:
    if due.progress is None or not due.progress.is_begun:
        return ""
    return _("Du er nået til emne %(begun)d af %(topics)d") % {
        "begun": due.progress.topics_begun,
        "topics": due.progress.topics,
    }
