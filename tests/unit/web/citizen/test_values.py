"""What people type, and what it is taken for."""

from decimal import Decimal

import pytest
from django.utils import translation

from kommunalpro.web.citizen.forms.values import Wrong, address, clock, day, moment, number, tidy, whole_number

ADVICE = "Skriv et tal mellem 0 og 10."


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("7", "7"),
        (" 7 ", "7"),
        ("7,5", "7.5"),
        ("7.5", "7.5"),
        (",5", "0.5"),
        ("-3,25", "-3.25"),
        ("−3", "-3"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("1 250", "1250"),
        ("1250", "1250"),
        ("1.250,5", "1250.5"),
        ("1.250.000", "1250000"),
        ("72,50", "72.50"),
    ],
)
def test_numbers_are_read_as_danes_write_them(typed, value):
    assert str(number(typed, ADVICE)) == value or number(typed, ADVICE) == Decimal(value)


def test_the_digits_stay_as_they_were_typed():
    assert str(number("72,50", ADVICE)) == "72.50"


@pytest.mark.parametrize("typed", ["syv", "7 til 8", "7-8", "1e3", "7,", "7,5,3", "½", "NaN", "inf", "٣x", "--3"])
def test_what_is_no_number_is_met_with_advice(typed):
    with pytest.raises(Wrong, match=ADVICE):
        number(typed, ADVICE)


def test_what_may_be_thousands_or_a_fraction_is_asked_again():
    with pytest.raises(Wrong, match="uden tusindtegn"):
        number("1.250", ADVICE)
    assert number("1,250", ADVICE) == Decimal("1.250")
    with translation.override("en"), pytest.raises(Wrong):
        number("1,250", ADVICE)


def test_a_number_with_forty_decimals_is_asked_for_with_fewer():
    with pytest.raises(Wrong, match="færre cifre"):
        number("3," + "1" * 40, ADVICE)


@pytest.mark.parametrize(("typed", "value"), [("7", 7), ("7,0", 7), ("007", 7), ("-2147483647", -(2**31 - 1))])
def test_whole_numbers(typed, value):
    assert whole_number(typed, ADVICE) == value


@pytest.mark.parametrize("typed", ["7,5", "3000000000"])
def test_what_is_no_whole_number_is_refused(typed):
    with pytest.raises(Wrong):
        whole_number(typed, ADVICE)


@pytest.mark.parametrize(
    "typed",
    [
        "26-11-2026",
        "26.11.2026",
        "26/11/2026",
        "26 11 2026",
        "26112026",
        "2026-11-26",
        "26. november 2026",
        "26 nov 2026",
        "26. nov. 2026",
        " 26-11-2026 ",
    ],
)
def test_days_are_read_in_every_way_people_write_them(typed):
    assert day(typed) == "2026-11-26"


def test_an_english_month_is_understood():
    assert day("1 May 2026") == "2026-05-01"
    assert day("1 October 2026") == "2026-10-01"


@pytest.mark.parametrize("typed", ["26-11", "26-11-26", "november", "i går", "26. snevember 2026", "2026"])
def test_what_is_no_whole_day_is_asked_for_with_an_example(typed):
    with pytest.raises(Wrong, match="for eksempel 26-11-2026"):
        day(typed)


@pytest.mark.parametrize("typed", ["31-02-2026", "29-02-2027", "26-13-2026", "00-11-2026"])
def test_a_day_that_does_not_exist_is_said_so(typed):
    with pytest.raises(Wrong, match="findes ikke"):
        day(typed)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("10.42", "10:42:00"),
        ("10:42", "10:42:00"),
        ("1042", "10:42:00"),
        ("kl. 9.05", "09:05:00"),
        ("9", "09:00:00"),
        ("0.00", "00:00:00"),
    ],
)
def test_times_of_day(typed, value):
    assert clock(typed) == value


@pytest.mark.parametrize("typed", ["24.00", "10.60", "middag", "10.4"])
def test_what_is_no_time_of_day_is_asked_again(typed):
    with pytest.raises(Wrong):
        clock(typed)


def test_a_moment_is_in_danish_time_summer_and_winter():
    assert moment("26-11-2026", "10.42") == "2026-11-26T10:42:00+01:00"
    assert moment("26-07-2026", "10.42") == "2026-07-26T10:42:00+02:00"


@pytest.mark.parametrize(("typed", "at", "advice"), [("", "10.42", "datoen"), ("26-11-2026", "", "klokkeslættet")])
def test_half_a_moment_is_asked_for_whole(typed, at, advice):
    with pytest.raises(Wrong, match=advice):
        moment(typed, at)


def test_addresses():
    assert address("www.sundhed.dk") == "https://www.sundhed.dk"
    assert address("http://sundhed.dk/borger?x=1") == "http://sundhed.dk/borger?x=1"


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "sundhed", "https://", "to ord.dk", "ftp://a.dk"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(Wrong):
        address(typed)


def test_texts_lose_what_cannot_be_seen_and_nothing_else():
    assert tidy("  Ond\x00t i ryggen.\r\nMest om morgenen.\t \n") == "Ondt i ryggen.\nMest om morgenen."
