"""What will be sent, read back as one sentence before it is, and what was sent already."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kommunalpro.care.already_sent import Running
from kommunalpro.care.sending import AsPlanned, EveryWeeks, Now, OnDate, Sendable, When, planned_times
from kommunalpro.fhir.datetime import DENMARK, in_zone, parse_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fut.moments import ends_at
from kommunalpro.web.shared.joining import both
from kommunalpro.web.staff.presenters import dates


def told_apart(plans: tuple[Sendable, ...]) -> tuple[str, ...]:
    """Name the plans, those of one title by version and time of publishing too, and those of one time by number."""
    titles = Counter(plan.title for plan in plans)
    named = [_exact(plan) if titles[plan.title] > 1 else plan.title for plan in plans]
    same, order = Counter(named), sorted(range(len(plans)), key=lambda at: (plans[at].published, plans[at].plan))
    numbers: Counter[str] = Counter()
    for at in order:
        if same[name := named[at]] > 1:
            numbers[name] += 1
            named[at] = _("%(plan)s, nr. %(number)d") % {"plan": name, "number": numbers[name]}
    return tuple(named)


def _exact(plan: Sendable) -> str:
    words = {"title": plan.title, "version": plan.version or "–", "when": dates.full(plan.published)}
    return _("%(title)s (version %(version)s, udgivet %(when)s)") % words


def sentence(plan: Sendable, name: str, when: When, now: datetime) -> str:
    """Say what happens: who gets what, when, and how long there is to answer."""
    words = {"title": plan.title, "name": name, "days": _days(when.days)}
    match when:
        case Now():
            words["last"] = _last(now.astimezone(DENMARK).date(), when.days, now)
            return _("%(name)s får ”%(title)s” nu og kan svare til og med %(last)s.") % words
        case OnDate():
            words |= {"day": _day(when.day, now), "last": _last(when.day, when.days, now)}
            return _("%(name)s får ”%(title)s” %(day)s og kan svare til og med %(last)s.") % words
        case AsPlanned():
            words |= {"day": _day(when.day, now), "last": _last(when.day, when.days, now)}
            words["what"] = _questionnaires(plan.activities)
            return " ".join([*_as_planned(plan), *_on_dates(planned_times(plan, when, now), now)]) % words
        case EveryWeeks():
            words |= {"first": _day(when.first, now), "until": _day(when.until, now), "how_often": _how_often(when)}
            words["days"] = _days(min(when.days, 7 * when.weeks))
            return (
                _("%(name)s får ”%(title)s” %(how_often)s, første gang %(first)s og sidste gang senest %(until)s.")
                + " "
                + _("Hver gang er der %(days)s til at svare.")
            ) % words


def _as_planned(plan: Sendable) -> Iterator[str]:
    if all("occurrenceTiming" not in each for each in plan.times) and len(plan.times) == plan.activities:
        yield _("%(name)s får ”%(title)s”: %(what)s, på den tid, planen siger.")
    else:
        yield _("%(name)s følger ”%(title)s” fra %(day)s: %(what)s, på den tid, planen siger.")
    if len(plan.times) < plan.activities:
        yield _("Spørgeskemaer uden egen tid i planen åbner samme dag og kan besvares til og med %(last)s.")
    if plan.waits:
        yield _("Det, der venter på andre svar, åbner først, når de er kommet.")


def _on_dates(times: Iterable[Json], now: datetime) -> Iterator[str]:
    """Say when that opens which the plan has a date for, and of one alone until when it can be answered."""
    periods = [each["occurrencePeriod"] for each in times if "occurrencePeriod" in each]
    periods.sort(key=lambda each: parse_datetime(each["start"]))
    days = [*dict.fromkeys(_day(in_zone(parse_datetime(each["start"])), now) for each in periods)]
    if len(periods) == 1 and "end" in periods[0]:
        ends = in_zone(ends_at(periods[0]["end"]) - timedelta.resolution)
        words = {"first": days[0], "last": _day(ends, now)}
        yield _("Det, planen har en dato for, kan besvares fra %(first)s til og med %(last)s.") % words
    elif days:
        yield _("Det, planen har en dato for, åbner %(days)s.") % {"days": both(days)}


def already(running: Iterable[Running], name: str, now: datetime) -> tuple[str, ...]:
    """Say since when a citizen follows what is about to be sent, and with which teams, a sentence for each time."""
    return tuple(_since(each, name, now) for each in running)


def _since(running: Running, name: str, now: datetime) -> str:
    teams = ", ".join(running.teams)
    words = {"title": running.title, "name": name, "day": _day(running.since.astimezone(DENMARK), now)}
    said, with_whom = _("%(name)s har allerede ”%(title)s” i gang siden %(day)s"), _(" hos %(teams)s")
    if running.is_another:
        said = _("%(name)s skal allerede svare på noget af det samme i ”%(title)s”, sendt %(day)s")
        with_whom = _(" fra %(teams)s")
    with_whom = with_whom % {"teams": teams} if teams else ""
    elsewhere = _(" i et andet forløb") if running.is_elsewhere else ""
    paused = _(" (på pause nu)") if running.is_paused else ""
    return f"{said % words}{with_whom}{elsewhere}{paused}."


def _how_often(when: EveryWeeks) -> str:
    weekday = dates.weekday(when.first)
    if when.weeks == 1:
        return _("hver uge om %(weekday)sen") % {"weekday": weekday}
    return _("hver %(weeks)d. uge om %(weekday)sen") % {"weeks": when.weeks, "weekday": weekday}


def _questionnaires(count: int) -> str:
    return ngettext("%(count)d spørgeskema", "%(count)d spørgeskemaer", count) % {"count": count}


def _days(count: int) -> str:
    return ngettext("%(count)d dag", "%(count)d dage", count) % {"count": count}


def _last(first: date, days: int, now: datetime) -> str:
    return _day(first + timedelta(days), now)


def _day(chosen: date, now: datetime) -> str:
    year = now.astimezone(DENMARK).year
    return dates.day(chosen) if chosen.year == year else dates.day_with_year(chosen)
