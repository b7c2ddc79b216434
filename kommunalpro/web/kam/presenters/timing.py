"""A FHIR Timing as a Danish sentence: "hver 2. uge om mandagen i 12 uger; der kan svares i 7 dage"."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kommunalpro.care.regime import regime_of
from kommunalpro.fhir.datetime import in_zone, parse_interval
from kommunalpro.fhir.json import Json
from kommunalpro.fut.moments import ends_at
from kommunalpro.fut.timing import is_recurring
from kommunalpro.web.shared.joining import both
from kommunalpro.web.shared.plan_words import how_often, length


def timing_words(definition: Json) -> str | None:
    """Say when an activity takes place; None means that it is decided when it is sent.

    Args:
        definition: a resource or action with `timing[x]`: an ActivityDefinition, or an action of a PlanDefinition.
    """
    if "timingTiming" in definition:
        return repeat_words(definition["timingTiming"].get("repeat", {}))
    if "timingDuration" in definition:
        return _("i %(length)s") % {"length": length(definition["timingDuration"])}
    if "timingDateTime" in definition:
        return _("den %(day)s") % {"day": _moment(definition["timingDateTime"], _start)}
    if "timingPeriod" in definition:
        return " ".join(_from_until(definition["timingPeriod"], _moment)) or None
    return None


def kept_words(definition: Json) -> str:
    """Say a time that an editor's fields cannot say; empty: there is none, or they can."""
    if regime_of(definition) is not None or not any(name.startswith("timing") for name in definition):
        return ""
    return timing_words(definition) or _("på en tid, der er lavet et andet sted")


def repeat_words(repeat: Json) -> str:
    """Say `Timing.repeat` as a sentence without capital or full stop."""
    parts = [_how_often(repeat), *_days(repeat), *_hours(repeat), *_bounds(repeat)]
    sentence = " ".join(parts)
    answer = _time_to_answer(repeat)
    return f"{sentence}; {answer}" if answer else sentence


def _how_often(repeat: Json) -> str:
    times = repeat.get("frequency", 1)
    if not is_recurring(repeat):
        times = repeat.get("count", times)
        return ngettext("når det passer, én gang", "når det passer, %(times)s gange", times) % {"times": times}
    period, unit = repeat.get("period", 1), repeat.get("periodUnit", "wk" if "dayOfWeek" in repeat else "d")
    every = how_often(str(period), unit)
    return every if times == 1 else _("%(times)s gange %(every)s") % {"times": times, "every": every}


def _days(repeat: Json) -> list[str]:
    names = _weekdays()
    days = [names[day] for day in repeat.get("dayOfWeek", ())]
    return [_("om %(days)s") % {"days": both(days)}] if days else []


def _weekdays() -> Mapping[str, str]:
    return {
        "mon": _("mandagen"),
        "tue": _("tirsdagen"),
        "wed": _("onsdagen"),
        "thu": _("torsdagen"),
        "fri": _("fredagen"),
        "sat": _("lørdagen"),
        "sun": _("søndagen"),
    }


def _hours(repeat: Json) -> list[str]:
    hours = [clock(each) for each in repeat.get("timeOfDay", ())]
    return [_("kl. %(hours)s") % {"hours": both(hours)}] if hours else []


def clock(at: time | str) -> str:
    """Say a time of day, also one as FHIR writes it: `02.30`."""
    return str(at)[:5].replace(":", ".")


def _bounds(repeat: Json) -> list[str]:
    if "boundsDuration" in repeat:
        return [_("i %(length)s") % {"length": length(repeat["boundsDuration"])}]
    return _from_until(repeat.get("boundsPeriod", {}), _day)


def _from_until(period: Json, said: Callable[[str, Callable[[str], datetime]], str]) -> list[str]:
    words = []
    if "start" in period:
        words.append(_("fra %(day)s") % {"day": said(period["start"], _start)})
    if "end" in period:
        words.append(_("til %(day)s") % {"day": said(period["end"], _last)})
    return words


def _start(text: str) -> datetime:
    return parse_interval(text).start


def _last(text: str) -> datetime:
    """Give the last moment before a Period with this end is over."""
    return ends_at(text) - timedelta.resolution


def _time_to_answer(repeat: Json) -> str | None:
    if "duration" not in repeat:
        return None
    open_for = {"value": repeat["duration"], "code": repeat.get("durationUnit", "d")}
    return _("der kan svares i %(length)s") % {"length": length(open_for)}


def _day(text: str, at: Callable[[str], datetime]) -> str:
    local = in_zone(at(text))
    return f"{local.day}.{local.month}.{local.year}"


def _moment(text: str, at: Callable[[str], datetime]) -> str:
    """Say a day, with the time of day where that is said and is not midnight, which is when a day begins and ends."""
    day, hours = _day(text, at), in_zone(parse_interval(text).start).time()
    return _("%(day)s kl. %(clock)s") % {"day": day, "clock": clock(hours)} if hours != time.min else day
