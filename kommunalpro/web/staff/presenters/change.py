"""What changed, in words: how much, since when, for better or worse, and why something cannot be compared."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.pro.scoring import shown
from kommunalpro.pro.series import BREAKS, Change, Course, Gap, Point, Series
from kommunalpro.web.staff.presenters import dates


def number(value: Decimal) -> str:
    """Write a number as people do: at most three decimals, with a comma in Danish."""
    text = f"{shown(value):f}"
    return text.replace(".", ",") if (get_language() or "da") == "da" else text


def course_word(course: Course) -> str:
    """Say where something goes; empty where that is not known."""
    return {
        "better": _("bedre"),
        "worse": _("dårligere"),
        "unchanged": _("uændret"),
        "higher": _("højere"),
        "lower": _("lavere"),
        "unknown": "",
    }[course]


def gap_word(gap: Gap) -> str:
    """Say why there is nothing to compare with."""
    return {
        "not-asked": _("ikke spurgt"),
        "not-answered": _("ikke besvaret"),
        "several-answers": _("flere svar"),
        "no-number": _("svaret er ikke et tal"),
        "not-computed": _("kan ikke beregnes"),
        "not-assessed": _("ikke vurderet"),
        "other-respondent": _("en anden har svaret"),
        "other-unit": _("en anden enhed"),
        "other-scale": _("en anden skala"),
        "other-rule": _("beregnet på en anden måde"),
        "other-question": _("spørgsmålet er ændret; en fagperson må afgøre, om svarene kan sammenlignes"),
    }[gap]


def brief_change(series: Series) -> str:
    """Say in few words how the last value lies from the one before; empty where nothing changed or is known."""
    change = series.since_last
    if change is None:
        return _cannot_compare(series)
    if not change.amount:
        return ""
    words = {
        "arrow": "▲" if change.amount > 0 else "▼",
        "size": number(abs(change.amount)),
        "when": dates.day_and_month(change.before.at),
    }
    if change.passed:
        said = _("%(arrow)s %(size)s siden det seneste kendte svar %(when)s") % words
    else:
        said = _("%(arrow)s %(size)s siden %(when)s") % words
    notes = [course_word(change.course)] if change.course in ("better", "worse") else []
    notes += [_("kan være tilfældigt")] if change.is_within_chance else []
    return f"{said} ({', '.join(notes)})" if notes else said


def _cannot_compare(series: Series) -> str:
    """Say why the last value, which is known, has nothing before it to compare with."""
    if len(series.points) < 2:
        return ""
    if series.points[-1].gap == "other-respondent":
        return _("en anden har svaret end sidst")
    if series.points[-1].value is None:
        return ""
    return {
        "other-respondent": _("en anden har svaret end sidst"),
        "other-unit": _("en anden enhed end sidst"),
        "other-scale": _("en ny skala: kan ikke sammenlignes med før"),
        "other-rule": _("beregnes på en ny måde: kan ikke sammenlignes med før"),
        "other-question": _("spørgsmålet er ændret; en fagperson må afgøre, om svarene kan sammenlignes"),
    }.get(series.points[-2].gap or "", "")


def development(series: Series) -> str:
    """Say in sentences how the values went: from the start, since last, and where they cannot be compared.

    What another has answered since, makes no last value of somebody's own unknown.
    """
    today = series.points[-1].at.date()
    own = replace(series, points=series.own)
    from_start, since_last = own.from_start, own.since_last
    parts = [_since_start(from_start, today)] if from_start else []
    if since_last and from_start and since_last.before is not from_start.before:
        parts.append(_since_last(since_last, today))
    if since_last and since_last.is_within_chance and since_last.amount and series.minimal_change:
        least = {"least": number(series.minimal_change.value)}
        parts.append(_("Ændringen siden sidst er mindre end %(least)s og kan være tilfældig.") % least)
    if from_start and since_last is None:
        parts.append(_("Det seneste svar har ingen værdi, så ændringen siden sidst kendes ikke."))
    if series.break_before:
        parts.append(_break(series, series.break_before, today))
    parts += others_words(series)
    if any(point.gap == "other-unit" for point in series.points):
        parts.append(_("Værdier i en anden enhed er ikke regnet om og ikke tegnet med."))
    return " ".join(parts)


def others_words(series: Series) -> list[str]:
    """Say that another has answered some of it; nothing: nobody has."""
    is_any = any(point.gap == "other-respondent" for point in series.points)
    return [_("Det, en anden har svaret, er ikke sammenlignet og ikke tegnet med.")] if is_any else []


def _since_start(change: Change, today: date) -> str:
    words = {**_ends(change, today), "course": course_word(change.course)}
    return _("Fra %(first)s (%(start)s) til %(last)s (%(end)s): %(course)s.") % words


def _since_last(change: Change, today: date) -> str:
    words = {**_ends(change, today), "course": course_word(change.course)}
    if change.passed:
        return _("Siden det seneste kendte svar (%(first)s, %(start)s): %(course)s.") % words
    return _("Siden sidst (%(first)s, %(start)s): %(course)s.") % words


def _ends(change: Change, today: date) -> dict[str, str]:
    return {
        "first": _value(change.before),
        "last": _value(change.after),
        "start": dates.short_day(change.before.at, today),
        "end": dates.short_day(change.after.at, today),
    }


def _value(point: Point) -> str:
    return "–" if point.value is None else number(point.value)


def _break(series: Series, first: Point, today: date) -> str:
    words = {"day": dates.short_day(first.at, today)}
    apart = [point.gap for point in series.points if point.gap in BREAKS][-1]
    if apart == "other-rule":
        return _("Fra %(day)s beregnes scoren på en ny måde. Tal fra før kan ikke sammenlignes.") % words
    if apart == "other-question":
        if series.kind == "score":
            said = _(
                "Fra %(day)s er spørgsmål i scoren ændret. En fagperson må afgøre, om tal fra før kan sammenlignes."
            )
        else:
            said = _("Fra %(day)s er spørgsmålet ændret. En fagperson må afgøre, om svar fra før kan sammenlignes.")
        return said % words
    return _("Fra %(day)s er skalaen en anden. Tal fra før kan ikke sammenlignes.") % words
