"""The calendar shows when on its days something opens, and says where the clocks move it."""

from datetime import date

import pytest

from kommunalpro.care.regime import Length, Regime, timing_of
from kommunalpro.web.kam.presenters.calendar import calendar_of

SPRING, AUTUMN = date(2027, 3, 22), date(2027, 10, 25)


def daily(*times, lasts=14):
    """Every day at these times, for so many days."""
    named = tuple(f"{each.replace('.', ':')}:00" for each in times)
    return timing_of(Regime(Length(1, "d"), times=named, answer_within=Length(1, "h"), lasts=Length(lasts, "d")))


def day_of(calendar, month, number):
    [named] = [each for each in calendar.months if each.title == month]
    return next(day for week in named.weeks for day in week if day.number == number)


def test_the_times_stand_under_each_day_on_which_something_opens():
    found = calendar_of(daily("02.30", "14.00"), date(2026, 11, 23))
    assert found.is_timed
    assert day_of(found, "november 2026", 23).times == ("02.30", "14.00")
    assert day_of(found, "november 2026", 22).times == ()
    assert found.sentence.startswith("28 gange: ")
    assert found.legend == "En dag med ramme: det åbner på de klokkeslæt, der står under datoen."
    assert found.moved == ()


def test_without_times_of_day_a_day_is_marked_and_says_no_time():
    found = calendar_of(daily(), SPRING)
    assert not found.is_timed
    assert day_of(found, "marts 2027", 28).opens
    assert day_of(found, "marts 2027", 28).times == ()
    assert found.legend == "En dag med ramme: det åbner, når dagen begynder."
    assert found.moved == (), "midnight is there on every day"


def test_a_time_that_a_night_in_spring_does_not_have_is_shown_when_it_opens_and_says_why():
    found = calendar_of(daily("02.30", "14.00"), SPRING)
    assert day_of(found, "marts 2027", 27).times == ("02.30", "14.00")
    assert day_of(found, "marts 2027", 28).times == ("03.30", "14.00")
    assert found.moved == ("Søndag 28. marts 2027 stilles urene frem, og kl. 02.30 findes ikke: det åbner kl. 03.30.",)


def test_two_times_that_become_one_in_that_night_open_once():
    found = calendar_of(daily("02.30", "03.30"), SPRING)
    assert day_of(found, "marts 2027", 28).times == ("03.30",)
    assert len(found.moved) == 1


def test_a_time_that_a_night_in_autumn_has_twice_opens_at_the_first():
    found = calendar_of(daily("02.30"), AUTUMN)
    assert day_of(found, "oktober 2027", 31).times == ("02.30",)
    assert found.moved == (
        "Søndag 31. oktober 2027 stilles urene tilbage, og kl. 02.30 er der to gange: det åbner den første gang.",
    )


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (SPRING, ["Søndag 28. marts 2027"]),
        (AUTUMN, ["Søndag 31. oktober 2027"]),
        (date(2027, 4, 1), []),
        (date(2027, 7, 31), ["Søndag 31. oktober 2027"]),
        (date(2027, 12, 24), ["Søndag 26. marts 2028"]),
    ],
)
def test_of_the_clocks_only_those_changes_are_told_that_are_in_the_months_drawn(first, days):
    found = calendar_of(daily("02.30", "08.00", lasts=360 * 3), first)
    assert [each.partition(" stilles")[0] for each in found.moved] == days
    drawn = [each.title for each in found.months]
    assert all(day.partition(". ")[2] in drawn for day in days)


def test_every_time_of_a_night_that_is_changed_is_told_of():
    assert len(calendar_of(daily("02.00", "02.30"), SPRING).moved) == 2
    assert calendar_of(daily("08.00", "20.00"), SPRING).moved == ()


def every(hours, unit="h", **more):
    return {"repeat": {"frequency": 1, "period": hours, "periodUnit": unit, **more}}


@pytest.mark.parametrize(
    ("first", "month", "times", "sentence"),
    [
        (
            date(2027, 3, 27),
            "marts 2027",
            ("01.00", "09.00", "17.00"),
            "Fra søndag 28. marts 2027 kl. 09.00 åbner det en time senere på uret, for urene er stillet frem.",
        ),
        (
            date(2027, 10, 30),
            "november 2027",
            ("07.00", "15.00", "23.00"),
            "Fra søndag 31. oktober 2027 kl. 07.00 åbner det en time tidligere på uret, for urene er stillet tilbage.",
        ),
    ],
)
def test_hours_are_counted_as_they_pass_and_it_is_said_that_the_clock_then_shows_others(first, month, times, sentence):
    found = calendar_of(every(8), first)
    assert found.moved == (sentence,)
    assert day_of(found, month, 29 if "marts" in month else 1).times == times


@pytest.mark.parametrize(
    "regime",
    [
        every(1),
        every(30, "min"),
        every(1, "d"),
        every(8, boundsDuration=daily()["repeat"]["boundsDuration"] | {"value": 1}),
    ],
)
def test_hours_that_the_clock_does_not_show_otherwise_are_told_nothing_of(regime):
    """Every hour it opens on the hour as before; what is over before the night, no night moves."""
    assert calendar_of(regime, date(2027, 3, 26)).moved == ()


def test_what_opens_often_in_a_day_shows_its_first_times_and_that_there_are_more():
    found = calendar_of({"repeat": {"frequency": 1, "period": 2, "periodUnit": "h"}}, date(2026, 11, 23))
    day = day_of(found, "november 2026", 23)
    assert (day.times, day.has_more) == (("00.00", "02.00", "04.00"), True)
    hourly = day_of(calendar_of(every(1, "h"), date(2026, 11, 23)), "november 2026", 23)
    assert (hourly.times, hourly.has_more) == (("00.00",), True), "the others say no more"
    four = calendar_of(daily("06.00", "12.00", "18.00", "22.00"), date(2026, 11, 23))
    assert not day_of(four, "november 2026", 23).has_more


@pytest.mark.parametrize(("number", "unit"), [(1, "min"), (15, "min"), (1, "h")])
def test_what_opens_more_often_than_is_counted_marks_every_day_and_says_its_first_time_there(number, unit):
    found = calendar_of(every(number, unit), date(2026, 11, 26))
    days = [day for month in found.months for week in month.weeks for day in week if day.number]
    assert [day.opens for day in days] == [False] * 25 + [True] * (5 + 31 + 31 + 28)
    assert {(day.times[0], len(day.times), day.has_more) for day in days if day.opens} == {("00.00", 1, True)}


def test_what_opens_often_and_only_for_a_while_marks_no_day_after_that():
    lasts = daily()["repeat"]["boundsDuration"] | {"value": 10}
    found = calendar_of(every(1, "min", boundsDuration=lasts), date(2026, 11, 23))
    marked = [day.number for month in found.months for week in month.weeks for day in week if day.opens]
    assert marked == [*range(23, 31), 1, 2]


def test_months_between_two_times_are_drawn_too():
    found = calendar_of(every(3, "mo"), date(2026, 11, 26))
    assert [month.title for month in found.months] == ["november 2026", "december 2026", "januar 2027", "februar 2027"]
    assert len(calendar_of(every(5, "mo"), date(2026, 11, 26)).months) == 4


def test_what_never_opens_marks_no_day_and_explains_no_mark():
    mondays = Regime(Length(1, "wk"), ("mon",), ("08:00:00",), Length(1, "d"), Length(1, "d"))
    found = calendar_of(timing_of(mondays), date(2026, 11, 26))
    assert (found.legend, found.is_timed) == ("", False)


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        (daily(lasts=180), "Her ses de første 4 måneder."),
        (daily(lasts=90), ""),
        ({"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}, "Her ses de første 4 måneder."),
        ({"repeat": {"frequency": 1, "period": 30, "periodUnit": "min"}}, "Her ses de første 4 måneder."),
    ],
)
def test_it_says_when_more_comes_after_the_months_that_are_drawn(timing, said):
    assert calendar_of(timing, date(2026, 11, 23)).left_out == said
