"""What staff choose and write when they send a questionnaire or find a citizen, and what is said when it is wrong."""

from datetime import UTC, date, datetime

import pytest

from kommunalpro.care.sending import Sendable
from kommunalpro.web.staff.forms.citizen import FindCitizen
from kommunalpro.web.staff.forms.sending import SendQuestionnaire
from kommunalpro.web.staff.presenters.sending import told_apart

TODAY = date(2026, 11, 24)


def plan(title, *, hour=9, version="1.0"):
    return Sendable(f"urn:plan:{title}{hour}", title, "urn:q", version, datetime(2026, 11, 24, hour, tzinfo=UTC))


def test_plans_of_the_same_title_are_told_apart_by_version_and_time():
    first, other, again = told_apart((plan("Søvn"), plan("Smerte"), plan("Søvn", hour=10)))
    assert other == "Smerte"
    assert first != again
    assert again == "Søvn (version 1.0, udgivet tirsdag 24. november 2026 kl. 11.00)"


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("days", "99999", "Giv mellem 1 og 60 dage til at svare."),
        ("days", "", "Giv mellem 1 og 60 dage til at svare."),
        ("weeks", "0", "Vælg mellem 1 og 52 uger."),
        ("weeks", "hver", "Vælg mellem 1 og 52 uger."),
        ("first", "2026-02-31", "Vælg en dag, der findes."),
        ("first", "2027-11-20", "Vælg en dag inden for de næste fire måneder."),
        ("mode", "", "Vælg, hvornår spørgeskemaet skal sendes."),
        ("plan", "another", "Vælg et spørgeskema."),
    ],
)
def test_each_wrong_field_says_what_to_do_once(field, given, told):
    right = {"plan": "p", "mode": "weeks", "weeks": "4", "first": "2026-12-01", "until": "2027-01-01", "days": "14"}
    form = SendQuestionnaire(right | {field: given}, plans=[("p", "Søvn")], today=TODAY)
    assert list(form.errors[field]) == [told]


def test_a_citizen_is_not_created_without_a_name():
    form = FindCitizen({"cpr": "251248-9996", "given": "Nancy", "family": " "})
    assert form.is_valid()  # a number that somebody has is found without names
    form.miss_names()
    assert dict(form.errors) == {"family": ["Skriv borgerens efternavn."]}


def test_names_are_not_missed_before_they_are_asked_for():
    form = FindCitizen({"cpr": "251248-9996"})
    assert form.is_valid()
    form.miss_names()
    assert form.is_valid()
