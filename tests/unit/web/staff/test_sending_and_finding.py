"""What staff choose and write when they send a questionnaire or find a citizen, and what is said when it is wrong."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from babel.dates import format_date

from kommunalpro.care.sending import AsPlanned, Now, OnDate, Sendable, occurrence
from kommunalpro.fhir.datetime import in_zone
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.web.staff.forms.citizen import FindCitizen
from kommunalpro.web.staff.forms.sending import SendQuestionnaire
from kommunalpro.web.staff.presenters.sending import sentence, told_apart

TODAY = date(2026, 11, 24)


def plan(title, *, hour=9, version="1.0"):
    return Sendable(f"urn:plan:{title}{hour}", title, "urn:q", version, datetime(2026, 11, 24, hour, tzinfo=UTC))


def test_plans_of_the_same_title_are_told_apart_by_version_and_time():
    first, other, again = told_apart((plan("Søvn"), plan("Smerte"), plan("Søvn", hour=10)))
    assert other == "Smerte"
    assert first != again
    assert again == "Søvn (version 1.0, udgivet tirsdag 24. november 2026 kl. 11.00)"


def test_plans_of_the_same_title_and_minute_are_told_apart_by_the_order_they_came_in():
    second, first = (
        replace(plan("Søvn"), plan="urn:b", published=datetime(2026, 11, 24, 9, 0, 7, tzinfo=UTC)),
        plan("Søvn"),
    )
    said = "Søvn (version 1.0, udgivet tirsdag 24. november 2026 kl. 10.00)"
    assert told_apart((second, first)) == (f"{said}, nr. 2", f"{said}, nr. 1")


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("days", "99999", "Giv mellem 1 og 60 dage til at svare."),
        ("days", "", "Giv mellem 1 og 60 dage til at svare."),
        ("days", "29", "Giv højst 28 dage til at svare: så begynder den næste gang."),
        ("weeks", "0", "Vælg mellem 1 og 52 uger."),
        ("weeks", "hver", "Vælg mellem 1 og 52 uger."),
        ("first", "2026-02-31", "Vælg en dag, der findes."),
        ("first", "2027-12-20", "Vælg en dag inden for det næste år."),
        ("mode", "", "Vælg, hvornår spørgeskemaet skal sendes."),
        ("plan", "another", "Vælg et spørgeskema."),
    ],
)
def test_each_wrong_field_says_what_to_do_once(field, given, told):
    right = {"plan": "p", "mode": "weeks", "weeks": "4", "first": "2026-12-01", "until": "2027-01-01", "days": "14"}
    form = SendQuestionnaire(right | {field: given}, plans={"p": plan("Søvn")}, words=["Søvn"], today=TODAY)
    assert list(form.errors[field]) == [told]


def test_a_time_that_is_not_asked_is_not_wrong():
    """Its fields are not shown: nobody could mend it."""
    hidden = {"day": "31. februar", "weeks": "0", "first": "i går", "until": "aldrig"}
    right = {"plan": "p", "mode": "now", "days": "14"}
    assert SendQuestionnaire(right | hidden, plans={"p": plan("Søvn")}, words=["Søvn"], today=TODAY).is_valid()
    on_day = right | hidden | {"mode": "date", "day": "2026-12-01"}
    form = SendQuestionnaire(on_day, plans={"p": plan("Søvn")}, words=["Søvn"], today=TODAY)
    assert form.is_valid()
    assert form.when() == OnDate(date(2026, 12, 1))


def test_a_plan_of_several_questionnaires_is_sent_as_it_says_and_read_back_so():
    year = replace(plan("Det første år"), activities=2, times=(RHYTHM,), apart=(RHYTHM,))
    given = {"plan": "p", "mode": "now", "days": "14"}
    wrong = SendQuestionnaire(given, plans={"p": year}, words=[year.title], today=TODAY)
    assert list(wrong.errors["mode"]) == ["Planen har flere spørgeskemaer. Vælg ”Som planen siger”."]
    right = SendQuestionnaire(
        given | {"mode": "plan", "day": "2026-12-01"}, plans={"p": year}, words=[year.title], today=TODAY
    )
    assert right.is_valid()
    assert right.when() == AsPlanned(date(2026, 12, 1))
    said = sentence(year, "Nancy", right.when(), datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert said.startswith("Nancy følger ”Det første år” fra tirsdag 1. december: 2 spørgeskemaer, på den tid")


@pytest.mark.parametrize(
    ("when", "now"),
    [
        (Now(days=3), datetime(2026, 10, 24, 9, tzinfo=UTC)),  # the clocks go back on the 25th
        (Now(days=1), datetime(2026, 12, 31, 22, 30, tzinfo=UTC)),
        (OnDate(date(2027, 2, 26), days=2), datetime(2026, 11, 24, 9, tzinfo=UTC)),
        (AsPlanned(date(2026, 11, 30), days=1), datetime(2026, 11, 24, 9, tzinfo=UTC)),
    ],
)
def test_the_last_day_that_is_named_is_the_last_on_which_it_can_be_answered(when, now):
    ends = in_zone(datetime.fromisoformat(occurrence(when, now)["occurrencePeriod"]["end"]))
    assert (ends.hour, ends.minute) == (23, 59)
    said = sentence(replace(plan("Søvn"), activities=2), "Nancy", when, now)
    assert re.search(rf"til og med \w+ {format_date(ends, 'd. MMMM', locale='da')}", said)


RHYTHM = {
    "occurrenceTiming": {
        "repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", "duration": 3, "durationUnit": "d"}
    }
}
MOMENT = {"occurrenceDateTime": "2027-01-05T08:00:00+01:00"}
PERIOD = {"occurrencePeriod": {"start": "2026-12-10T08:00:00+01:00", "end": "2026-12-15T20:00:00+01:00"}}
OPEN = {"occurrencePeriod": {"start": "2026-12-10T08:00:00+01:00"}}


@pytest.mark.parametrize(
    ("times", "told", "not_told"),
    [
        (
            [PERIOD],
            ["Nancy får ”År”: 1 spørgeskema", "fra torsdag 10. december til og med tirsdag 15. december."],
            ["1. december"],
        ),
        (
            [{"occurrencePeriod": {"start": "2026-12-10T00:00:00+01:00", "end": "2026-12-16T00:00:00+01:00"}}],
            ["fra torsdag 10. december til og med tirsdag 15. december."],
            [],
        ),
        ([MOMENT], ["kan besvares fra tirsdag 5. januar 2027 til og med tirsdag 19. januar 2027."], ["1. december"]),
        ([OPEN], ["Det, planen har en dato for, åbner torsdag 10. december."], ["til og med"]),
        (
            [MOMENT, PERIOD],
            ["2 spørgeskemaer", "åbner torsdag 10. december og tirsdag 5. januar 2027."],
            ["1. december", "til og med"],
        ),
        ([PERIOD, None], ["fra tirsdag 1. december", "åbner samme dag og kan besvares", "til og med tirsdag 15."], []),
        ([RHYTHM, RHYTHM], ["fra tirsdag 1. december"], ["dato", "til og med"]),
        ([RHYTHM, None], ["fra tirsdag 1. december", "uden egen tid i planen åbner samme dag"], ["dato"]),
    ],
)
def test_of_a_plan_with_times_of_its_own_only_what_has_none_opens_on_the_day_that_is_chosen(times, told, not_told):
    said = tuple(each for each in times if each)
    year = replace(plan("År"), activities=len(times), times=said, apart=said)
    read = sentence(year, "Nancy", AsPlanned(date(2026, 12, 1)), datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert all(each in read for each in told), read
    assert not any(re.search(rf"(?<!\d){re.escape(each)}", read) for each in not_told), read


def test_what_is_over_is_refused_before_it_is_sent_and_what_waits_for_answers_is_not():
    gone = {"occurrencePeriod": {"start": "2026-11-01T08:00:00+01:00", "end": "2026-11-08T08:00:00+01:00"}}
    when, now = AsPlanned(date(2026, 12, 1)), datetime(2026, 11, 24, 9, tzinfo=UTC)
    with pytest.raises(RuleBroken, match="over"):
        sentence(replace(plan("År"), times=(gone,), apart=(gone,)), "Nancy", when, now)
    waiting = replace(plan("År"), activities=2, times=(gone,), waits=True)
    assert "åbner først, når de er kommet" in sentence(waiting, "Nancy", when, now)


def test_where_no_plan_has_a_rhythm_none_can_be_followed():
    form = SendQuestionnaire(plans={"p": plan("Søvn")}, words=["Søvn"], today=TODAY)
    assert [code for code, _ in form.fields["mode"].choices] == ["now", "date", "weeks"]


@pytest.mark.parametrize(
    "family", [" ", "\u200b", "\ufeff\u3164"], ids=["a blank", "no width", "a letter like a space"]
)
def test_a_citizen_is_not_created_without_a_name(family):
    form = FindCitizen({"cpr": "251248-9996", "given": "Nancy", "family": family})
    assert form.is_valid()  # a number that somebody has is found without names
    form.miss_names()
    assert dict(form.errors) == {"family": ["Skriv borgerens efternavn."]}


def test_names_are_not_missed_before_they_are_asked_for():
    form = FindCitizen({"cpr": "251248-9996"})
    assert form.is_valid()
    form.miss_names()
    assert form.is_valid()


def test_of_a_plan_in_which_something_waits_it_is_said_that_it_opens_later():
    now, at = datetime(2026, 11, 24, 10, tzinfo=UTC), AsPlanned(date(2026, 11, 24), days=14)
    told = "Det, der venter på andre svar, åbner først, når de er kommet."
    assert sentence(replace(plan("Trin"), activities=2, waits=True), "Nancy", at, now).endswith(told)
    assert told not in sentence(replace(plan("Trin"), activities=2), "Nancy", at, now)
