"""A clinical administrator says when something takes place, sees its calendar, and what a version changes."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation

from kommunalpro.care.planning import Titles, timed, titled
from kommunalpro.care.regime import Length, Regime, timing_of
from kommunalpro.fhir import ehealth
from kommunalpro.fut.gateway import Context, Principal
from kommunalpro.fut.modifier_roles import owned_by
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.web.kam.forms.regime import RegimeForm, initial
from kommunalpro.web.kam.forms.step import StepForm
from kommunalpro.web.kam.presenters.calendar import calendar_of
from kommunalpro.web.kam.presenters.differences import differences
from kommunalpro.web.kam.presenters.plans import unsent, version_rows
from kommunalpro.web.kam.presenters.timing import kept_words
from kommunalpro.web.shared.life import Life, life
from tests.unit.web_definitions.test_plans_and_teams import ACTIVITY, QUESTIONNAIRE, activity, plan

KOMMUNE = "https://pro.example/fhir/Organization/k"
MONDAYS = Regime(Length(2, "wk"), ("mon",), ("08:00:00",), Length(7, "d"), Length(12, "wk"))
GIVEN = {"has_regime": "yes", "every": "2", "unit": "wk", "days": ["mon"], "times": "8", "open_for": "7"}
GIVEN |= {"open_unit": "d", "lasts": "12", "lasts_unit": "wk"}


def test_what_is_written_is_a_regime_and_stands_in_the_form_again():
    form = RegimeForm(GIVEN, elsewhere="Andet")
    assert form.is_valid()
    assert form.regime() == MONDAYS
    again = {name: value for name, value in initial(MONDAYS, "").items() if value is not None}
    assert RegimeForm(again, elsewhere="Andet").is_valid()
    assert again["times"] == "8.00"


def test_decided_elsewhere_asks_for_nothing():
    form = RegimeForm({"has_regime": "", "every": "", "open_for": ""}, elsewhere="Som aktiviteten siger")
    assert form.is_valid()
    assert form.regime() is None
    assert form.fields["has_regime"].choices[0] == ("", "Som aktiviteten siger")


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("every", "", "Skriv, hvor tit."),
        ("every", "0", "Skriv et tal mellem 1 og 366."),
        ("open_for", "", "Skriv, hvor længe der kan svares."),
        ("open_for", "15", "Der kan svares så længe, at den næste gang begynder imens. Gør det kortere."),
        ("lasts_unit", "d", "Så kort tid, at det måske aldrig åbner. Gør det længere."),
        ("times", "25", "Skriv klokkeslæt som 8.00, og sæt komma mellem flere."),
        ("times", "om morgenen", "Skriv klokkeslæt som 8.00, og sæt komma mellem flere."),
        ("unit", "mo", "Ugedage kan vælges, når det er hver uge eller hver anden, tredje … uge."),
    ],
)
def test_each_wrong_field_says_what_to_do(field, given, told):
    form = RegimeForm(GIVEN | {field: given}, elsewhere="Andet")
    assert not form.is_valid()
    assert [message for messages in form.errors.values() for message in messages] == [told]


def test_what_is_not_asked_is_not_wrong_and_nobody_is_sent_to_mend_what_is_not_shown():
    unasked = {"every": "0", "open_for": "400", "times": "om morgenen", "offset": "0", "count-a": "100"}
    form = StepForm(
        unasked | {"title": "Vej dig", "has_regime": "", "waits": ""}, elsewhere="Andet", others=[("a", "Gå")]
    )
    assert form.errors == {}
    assert (form.regime(), form.trigger()) == (None, None)


def test_all_that_is_wrong_is_told_at_once_whatever_else_is_wrong_on_the_page():
    """Who mends the title need not come again for the rhythm."""
    wrong = {"open_for": "15", "title": "", "waits": "yes", "count-a": "0"}
    form = StepForm(GIVEN | wrong, elsewhere="Andet", others=[("a", "Vej dig")])
    assert form.errors == {
        "title": ["Skriv en titel."],
        "count-a": ["Skriv et tal mellem 1 og 99, eller lad feltet stå tomt."],
        "open_for": ["Der kan svares så længe, at den næste gang begynder imens. Gør det kortere."],
    }
    shown = [name for name in form.fields if name in form.errors]
    assert shown == ["title", "count-a", "open_for"], "in the order of the page"


def test_a_time_that_the_fields_cannot_say_is_kept_until_another_is_chosen():
    thrice = {"timingTiming": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}
    kept = kept_words(thrice)
    assert kept == "3 gange hver dag"
    assert kept_words({"timingPeriod": {"start": "2026-01-01"}}) == "fra 1.1.2026"
    assert kept_words({"timingAge": {"value": 70, "code": "a"}}) == "på en tid, der er lavet et andet sted"
    assert (kept_words({}), kept_words(timed({}, MONDAYS))) == ("", "")
    assert (initial(None, kept), initial(None, "")) == ({"has_regime": "kept"}, {"has_regime": ""})
    form = RegimeForm({"has_regime": "kept"}, elsewhere="Andet", kept=kept)
    assert form.is_valid()
    assert form.is_kept
    assert form.fields["has_regime"].choices[0] == ("kept", "Som nu: 3 gange hver dag")
    assert not RegimeForm({"has_regime": "kept"}, elsewhere="Andet").is_valid()


@pytest.mark.parametrize("words", ["20.00, 8", "kl. 8.00 og 20:00", "8,20,8.00"])
def test_times_of_day_are_read_as_people_write_them(words):
    form = RegimeForm(GIVEN | {"times": words, "open_for": "2", "open_unit": "h"}, elsewhere="Andet")
    assert form.is_valid()
    assert form.cleaned_data["times"] == ("08:00:00", "20:00:00")


def test_the_calendar_shows_the_days_on_which_something_opens():
    found = calendar_of(timing_of(MONDAYS), date(2026, 11, 26))
    assert found.sentence == "6 gange: første mandag 7. december 2026, sidste mandag 15. februar 2027."
    opens = [(month.title, day.number) for month in found.months for week in month.weeks for day in week if day.opens]
    assert opens == [
        ("december 2026", 7),
        ("december 2026", 21),
        ("januar 2027", 4),
        ("januar 2027", 18),
        ("februar 2027", 1),
        ("februar 2027", 15),
    ]
    assert found.months[0].title == "november 2026"


def test_what_ends_on_a_day_that_another_solution_has_set_is_counted_to_it():
    timing = timing_of(Regime(Length(1, "mo")))
    timing["repeat"]["boundsPeriod"] = {"end": "2027-02-15"}
    found = calendar_of(timing, date(2026, 11, 30))
    assert found.sentence == "3 gange: første mandag 30. november 2026, sidste lørdag 30. januar 2027."


def test_what_has_no_end_says_that_somebody_must_stop_it():
    found = calendar_of(timing_of(Regime(Length(1, "mo"))), date(2026, 11, 30))
    assert found.sentence == "Første gang mandag 30. november 2026. Fortsætter, til nogen stopper det."
    assert len(found.months) == 4


@pytest.mark.parametrize(
    ("regime", "said"),
    [
        (Regime(Length(1, "a"), lasts=Length(5, "a")), "5 gange: første torsdag 26. november 2026"),
        (Regime(Length(1, "d"), lasts=Length(10, "a")), "Mere end 1499 gange: første torsdag 26. november 2026."),
    ],
)
def test_the_calendar_counts_to_the_end_or_says_that_it_does_not(regime, said):
    assert calendar_of(timing_of(regime), date(2026, 11, 26)).sentence.startswith(said)


def test_the_calendar_writes_days_as_english_does():
    with translation.override("en"):
        assert "Monday 7 December 2026" in calendar_of(timing_of(MONDAYS), date(2026, 11, 26)).sentence


def test_what_never_opens_says_so():
    found = calendar_of(timing_of(replace(MONDAYS, lasts=Length(1, "d"))), date(2026, 11, 26))
    assert found.sentence == "Det åbner ikke en eneste gang."


def test_a_version_tells_what_it_changes_from_the_one_it_was_made_from():
    before = {**activity(), "version": "1.0", "identifier": [{"system": ehealth.UUID, "value": "urn:uuid:1"}]}
    made_from = {"url": ehealth.PREDECESSOR, "valueIdentifier": {"system": ehealth.UUID, "value": "urn:uuid:1"}}
    version = {**before, "id": "b", "extension": [made_from], "identifier": []}
    after = timed(titled(version, Titles("Svar", "", "Nyt")), MONDAYS)
    found = differences(after, [before, after], {}, {QUESTIONNAIRE: {"id": "q", "title": "Hverdagen"}})
    assert found
    assert (found.version, found.id) == ("1.0", "a")
    assert [(each.what, each.before, each.after) for each in found.changes] == [
        ("Titel for borgeren", "Svar på skema", "Svar"),
        ("Beskrivelse", "", "Nyt"),
        (
            "Hvornår",
            "Bestemmes, når planen sendes",
            "hver 2. uge om mandagen kl. 08.00 i 12 uger; der kan svares i 7 dage",
        ),
    ]
    assert differences(before, [before], {}, {}) is None
    own = {"url": ehealth.BASE, "valueIdentifier": {"value": "own"}}
    copy = {**after, "identifier": [], "extension": [*after["extension"], own]}
    assert differences(copy, [before, copy], {}, {}) is None


def test_a_version_of_a_plan_tells_its_steps_one_by_one():
    step = {"title": "Første svar", "definitionCanonical": ACTIVITY}
    before = {**plan(step), "identifier": [{"system": ehealth.UUID, "value": "urn:uuid:1"}]}
    made_from = {"url": ehealth.PREDECESSOR, "valueIdentifier": {"system": ehealth.UUID, "value": "urn:uuid:1"}}
    after = {**plan(step, timed({**step, "title": "Næste"}, MONDAYS)), "id": "b", "extension": [made_from]}
    found = differences(after, [before], {ACTIVITY: activity()}, {})
    assert found
    assert [(each.what, each.before, each.after.partition(":")[0]) for each in found.changes] == [
        ("Trin 2", "", "Næste")
    ]


def editor(*roles: str, organization: str = KOMMUNE) -> Principal:
    return Principal("u", "PRACTITIONER", "Lis", privileges_of(roles), Context(organization=organization))


def test_what_can_be_done_with_a_plan_follows_its_life_its_owner_and_the_role():
    draft = {**plan(), "extension": [owned_by(KOMMUNE)]}
    lis = editor("clinicalAdministrator")
    assert life(draft, lis) == Life(edits=True, retires=False, versions=False, copies=True)
    assert life({**draft, "status": "active"}, lis) == Life(edits=False, retires=True, versions=True, copies=True)
    assert life({**draft, "status": "retired"}, lis) == Life(edits=False, retires=False, versions=True, copies=True)
    elsewhere = editor("clinicalAdministrator", organization="https://pro.example/fhir/Organization/x")
    assert life(draft, elsewhere) == Life(edits=False, retires=False, versions=False, copies=True)
    assert life(draft, editor("clinicalViewer")) == Life(edits=False, retires=False, versions=False, copies=False)


def test_versions_stand_by_their_number_and_not_by_its_letters():
    base = {"url": ehealth.BASE, "valueIdentifier": {"value": "urn:uuid:1"}}
    every = [{**plan(), "id": number, "version": number, "extension": [base]} for number in ("1.2", "1.10", "1.9")]
    assert [row.version for row in version_rows(every[0], [*every, plan()])] == ["1.10", "1.9", "1.2"]
    assert [row.is_here for row in version_rows(every[0], every)] == [False, False, True]


def test_a_questionnaire_that_no_plan_sends_is_told():
    asked, other = {"id": "q", "title": "Hverdagen"}, {"id": "o", "title": "Søvn", "version": "1.0"}
    known = {QUESTIONNAIRE: asked, "https://pro.example/fhir/Questionnaire/o": other}
    step = {"definitionCanonical": ACTIVITY}
    mine, draft = "https://pro.example/fhir/Organization/m", {**plan(step), "status": "draft"}

    def told(sending):
        return [title for _, title in unsent(known, {ACTIVITY: activity()}, {"p": sending}, mine)]

    assert told({**plan(step), "status": "active"}) == ["Søvn (1.0)"]
    assert told({**draft, "extension": [owned_by(mine)]}) == ["Søvn (1.0)"], "it will be"
    for sends_none in ({**plan(step), "status": "retired"}, {**draft, "extension": [owned_by(f"{mine}x")]}):
        assert told(sends_none) == ["Hverdagen ()", "Søvn (1.0)"], "what another may never take into use sends nothing"
