"""A clinical administrator says what may be used again, and between which limits a number lies."""

from decimal import Decimal

import pytest

from kommunalpro.care.criteria import (
    Part,
    Reuse,
    Span,
    limited,
    other_limits,
    parts_of,
    reusable,
    reuse_of,
    spans_of,
)
from kommunalpro.care.readings import Limits
from kommunalpro.care.regime import Length
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.web.kam.forms.criteria import LimitsForm, ReuseForm, initial
from kommunalpro.web.kam.presenters.criteria import kept_reuse, limits_lines, reuse_words
from kommunalpro.web.kam.presenters.differences import differences
from kommunalpro.web.kam.presenters.plans import activity_facts
from tests.gateway.measuring import BLOOD_PRESSURE, DIASTOLIC, RED, SYSTOLIC, WEIGHT, YELLOW, concept, limits
from tests.unit.web_definitions.test_plans_and_teams import activity

SITTING = {"situationQuality": "sitting"}
KG, UPPER, LOWER = Part(WEIGHT, "kg"), Part(SYSTOLIC, "mm[Hg]"), Part(DIASTOLIC, "mm[Hg]")
OWNED = {"url": ehealth.MODIFIER_ROLE, "extension": []}
WEIGHING = {**activity(), "code": concept(WEIGHT), "relatedArtifact": [], "extension": [OWNED]}
PRESSURE = {**WEIGHING, "code": concept(BLOOD_PRESSURE)}


def span(level, low, high, part=KG):
    ends = (Decimal(each) if each is not None else None for each in (low, high))
    return Span(part, Limits(level, *ends, part.unit))


def messages(form):
    assert not form.is_valid()
    return [each for many in form.errors.values() for each in many]


# --- Reuse


@pytest.mark.parametrize(
    "reuse", [None, Reuse(Length(7, "d")), Reuse(Length(3, "mo"), SITTING), Reuse(Length(24, "h"), SITTING)]
)
def test_what_is_said_of_reuse_is_read_again(reuse):
    assert reuse_of(reusable(WEIGHING, reuse)) == reuse


def test_an_age_that_is_not_asked_is_not_wrong():
    form = ReuseForm({"reuse": "", "age": "400", "age_unit": "d"})
    assert form.is_valid()
    assert form.reusing() is None


def test_it_is_written_as_fut_has_it():
    criteria = extension(reusable(WEIGHING, Reuse(Length(7, "d"), SITTING)), ehealth.REUSE_CRITERIA)
    assert extension_value(criteria, "allowed") is True
    age = extension_value(criteria, "dataActuality")
    assert age == {"value": 7, "system": "http://unitsofmeasure.org", "code": "d"}
    wanted = {"system": ehealth.SITUATION_QUALITY, "code": "sitting"}
    assert extension_value(criteria, "situationQuality") == {"coding": [wanted]}


def test_what_is_no_more_allowed_says_nothing_and_the_rest_stays():
    allowed = reusable(WEIGHING, Reuse(Length(7, "d")))
    assert reusable(allowed, None)["extension"] == WEIGHING["extension"]


@pytest.mark.parametrize(
    ("reuse", "words"),
    [
        (None, "Nej, der skal svares på ny"),
        (Reuse(Length(1, "d")), "Ja, når det højst er 1 dag gammelt"),
        (Reuse(Length(2, "wk"), SITTING), "Ja, når det højst er 2 uger gammelt. Krav: Siddende"),
    ],
)
def test_it_is_said_in_words_on_the_page(reuse, words):
    said = reusable(WEIGHING, reuse)
    assert reuse_words(said) == words
    assert activity_facts(said, {}).reuse == words
    assert kept_reuse(said) == ""


def test_what_was_chosen_stands_in_the_form_again():
    form = ReuseForm({"reuse": "yes", "age": "7", "age_unit": "d", "situationQuality": "sitting"}, qualities={})
    assert form.is_valid()
    assert form.reusing() == Reuse(Length(7, "d"), SITTING)
    again = initial(form.reusing(), "", (), ())
    assert again == {"reuse": "yes", "age": 7, "age_unit": "d", "situationQuality": "sitting"}


def test_answers_are_not_asked_how_well_they_were_measured():
    assert ReuseForm(qualities=None).quality_fields == []
    assert len(ReuseForm(qualities={}).quality_fields) == 3


def test_a_quality_that_is_not_among_the_choices_stays_chosen():
    form = ReuseForm(qualities={"deviceMeasuringQuality": "low-precision"})
    assert ("low-precision", "low-precision") in form.fields["deviceMeasuringQuality"].choices


@pytest.mark.parametrize(
    ("age", "told"),
    [
        ("", "Skriv, hvor gammelt det højst må være."),
        ("0", "Skriv et tal mellem 1 og 366."),
        ("x", "Skriv et tal mellem 1 og 366."),
    ],
)
def test_without_an_age_nothing_is_used_again(age, told):
    assert messages(ReuseForm({"reuse": "yes", "age": age, "age_unit": "d"})) == [told]


def test_where_it_may_not_the_age_is_not_asked_for():
    form = ReuseForm({"reuse": "", "age": "", "age_unit": "d"})
    assert form.is_valid()
    assert form.reusing() is None


def test_criteria_that_the_fields_cannot_say_are_kept_until_others_are_chosen():
    odd = reusable(WEIGHING, Reuse(Length(90, "min")))
    kept = kept_reuse(odd)
    assert kept == "Ja, efter regler, der ikke kan vises her"
    form = ReuseForm({"reuse": "kept"}, kept_reuse=kept)
    assert form.is_valid()
    assert form.keeps_reuse
    assert not ReuseForm({"reuse": "kept"}).is_valid()


# --- Limits


def test_a_number_is_asked_in_futs_unit_blood_pressure_as_its_two_parts_and_a_questionnaire_in_none():
    assert parts_of(WEIGHING) == (KG,)
    assert parts_of(PRESSURE) == (UPPER, LOWER)
    assert parts_of(activity()) == ()


@pytest.mark.parametrize(
    ("one", "spans"),
    [
        (WEIGHING, (span("red", "60", "90"), span("yellow", "65.5", None))),
        (
            PRESSURE,
            (span("red", None, "160", Part(SYSTOLIC, "mm[Hg]")), span("red", None, "100", Part(DIASTOLIC, "mm[Hg]"))),
        ),
        (WEIGHING, ()),
    ],
)
def test_what_is_said_of_limits_is_read_again(one, spans):
    assert spans_of(limited(one, spans)) == spans


def test_they_are_written_as_fut_has_them_and_name_the_number_where_there_are_several():
    [written] = extensions(limited(WEIGHING, (span("red", "60", None),)), ehealth.REFERENCE_RANGE)
    assert extension_value(written, "low") == {
        "value": 60,
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    }
    assert extension_value(written, "high") is None
    assert extension_value(written, "type") == concept(RED)
    upper = span("yellow", None, "140", UPPER)
    [written] = extensions(limited(PRESSURE, (upper,)), ehealth.REFERENCE_RANGE)
    assert extension_value(written, "type") == concept(YELLOW, SYSTOLIC)


RELATIVE = limits(-2, 2, (ehealth.REFERENCE_RANGE_TYPES, "RELRAL"))
NORMAL = limits(70, 80)


def test_limits_that_cannot_be_said_here_are_kept_and_shown():
    both = {**WEIGHING, "extension": [*WEIGHING["extension"], RELATIVE, NORMAL, limits(60, 90, RED)]}
    assert spans_of(both) == (span("red", "60", "90"),)
    assert [each.level for each in other_limits(both)] == ["red", None]
    changed = limited(both, (span("red", "55", "95"),))
    assert [*extensions(changed, ehealth.REFERENCE_RANGE)][1:] == [RELATIVE, NORMAL]
    assert limits_lines(changed) == (
        "Grænser for rød alarm: 55–95 kg",
        "Grænser for rød alarm: -2–2 (kan ikke rettes her)",
        "Grænser: 70–80 (kan ikke rettes her)",
    )


def test_a_second_pair_of_limits_of_the_same_kind_is_kept_beside_the_first():
    twice = {**WEIGHING, "extension": [limits(60, 90, RED), limits(50, 100, RED)]}
    assert spans_of(twice) == (span("red", "60", "90"),)
    changed = limited(twice, (span("red", "61", "90"),))
    assert limits_lines(changed) == (
        "Grænser for rød alarm: 61–90 kg",
        "Grænser for rød alarm: 50–100 (kan ikke rettes her)",
    )


def test_limits_in_another_unit_are_not_read_as_if_they_were_in_this():
    weighing = {**WEIGHING, "extension": [limits(130, None, RED, unit="[lb_av]")]}
    assert spans_of(weighing) == ()
    assert limits_lines(weighing) == ("Grænser for rød alarm: nedre 130 [lb_av] (kan ikke rettes her)",)


def test_a_unit_in_words_alone_is_read_too():
    said = {"url": "high", "valueQuantity": {"value": 90000, "unit": "g"}}
    type = {"url": "type", "valueCodeableConcept": concept(RED)}
    weighing = {**WEIGHING, "extension": [{"url": ehealth.REFERENCE_RANGE, "extension": [said, type]}]}
    assert limits_lines(weighing) == ("Grænser for rød alarm: øvre 90000 g (kan ikke rettes her)",)


def test_what_was_written_is_a_span_and_stands_in_the_form_again():
    form = LimitsForm({"red_low_0": "60", "red_high_0": "90,5", "yellow_low_0": "", "yellow_high_0": ""}, parts=[KG])
    assert form.is_valid()
    assert form.spans() == (span("red", "60", "90.5"),)
    begun = LimitsForm(initial=initial(None, "", form.spans(), [KG]), parts=[KG])
    assert [begun[name].value() for name in ("red_low_0", "red_high_0")] == ["60", "90,5"]


@pytest.mark.parametrize("written", ["10.000", "10,000", "1.000.000", "tung", "1e3", "1,2,3", "12345678", "٣"])
def test_a_number_that_is_not_certain_is_not_guessed(written):
    form = LimitsForm({"red_high_0": written}, parts=[KG])
    assert messages(form) == ["Skriv et tal uden punktum mellem tusinder, fx 82,5 eller 10000."]


@pytest.mark.parametrize(("low", "high"), [("90", "60"), ("90", "90")])
def test_limits_that_hold_nothing_are_refused(low, high):
    form = LimitsForm({"red_low_0": low, "red_high_0": high}, parts=[KG])
    assert messages(form) == ["Den nedre grænse skal være mindre end den øvre."]


INSIDE = "De gule grænser ligger inden for de røde: skriv "


@pytest.mark.parametrize(
    ("red", "yellow", "told"),
    [
        (("50", "100"), ("50", "100"), {}),
        (("50", ""), ("", "120"), {}),
        (("", ""), ("40", "120"), {}),
        (
            ("50", "100"),
            ("40", "120"),
            {"yellow_low_0": "mindst 50 som nedre.", "yellow_high_0": "højst 100 som øvre."},
        ),
        (("50,5", ""), ("50", ""), {"yellow_low_0": "mindst 50,5 som nedre."}),
        (("", "100"), ("100", ""), {"yellow_low_0": "mindre end 100 som nedre."}),
        (("50", ""), ("", "50"), {"yellow_high_0": "mere end 50 som øvre."}),
    ],
)
def test_yellow_lies_within_red_and_each_number_that_does_not_says_so(red, yellow, told):
    given = dict(zip(("red_low_0", "red_high_0", "yellow_low_0", "yellow_high_0"), (*red, *yellow), strict=True))
    assert LimitsForm(given, parts=[KG]).errors == {name: [INSIDE + each] for name, each in told.items()}


def test_each_number_of_several_is_held_against_its_own_and_all_is_told_at_once():
    given = {"red_low_0": "90", "red_high_0": "60", "yellow_low_0": "70", "yellow_high_1": "100", "red_high_1": "90"}
    told = LimitsForm(given, parts=parts_of(PRESSURE)).errors
    assert told == {
        "red_low_0": ["Den nedre grænse skal være mindre end den øvre."],
        "yellow_high_1": [f"{INSIDE}højst 90 som øvre."],
    }


def test_the_fields_say_which_number_they_are_of():
    said = [(what, unit) for what, unit, _, _ in LimitsForm(parts=parts_of(PRESSURE)).limit_fields]
    assert said[0] == ("Blodtryk, systolisk, rød alarm", "mmHg")
    assert [what for what, _ in said][2:] == ["Blodtryk, diastolisk, rød alarm", "Blodtryk, diastolisk, gul alarm"]


# --- On the pages


def test_the_page_calls_an_activity_by_what_is_measured():
    assert activity_facts(WEIGHING, {}).kind == "Vægt"
    assert activity_facts(activity(), {}).kind == "Spørgeskema"


def test_the_next_version_tells_that_they_have_changed():
    uuid = [{"system": ehealth.UUID, "value": "urn:uuid:1"}]
    base = {"url": ehealth.BASE, "valueIdentifier": {"value": "urn:uuid:b"}}
    predecessor = {"url": ehealth.PREDECESSOR, "valueIdentifier": {"value": "urn:uuid:1"}}
    before = {**WEIGHING, "id": "old", "identifier": uuid, "extension": [base]}
    after = limited(reusable({**before, "id": "new"}, Reuse(Length(7, "d"))), (span("red", "60", "90"),))
    after = {**after, "identifier": [], "extension": [*after["extension"], predecessor]}
    found = differences(after, [before, after], {}, {})
    assert [(each.what, each.before, each.after) for each in found.changes] == [
        ("Genbrug", "Nej, der skal svares på ny", "Ja, når det højst er 7 dage gammelt"),
        ("Grænser", "", "Grænser for rød alarm: 60–90 kg"),
    ]
