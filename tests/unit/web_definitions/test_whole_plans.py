"""A clinical administrator reads a plan whole: plans in it, what waits, goals, material, and what is missing."""

from decimal import Decimal
from functools import partial
from itertools import pairwise

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from kommunalpro.care.goals import Aim, Measure, with_aim
from kommunalpro.care.materials import Document as File
from kommunalpro.care.materials import linked, uploaded, with_material
from kommunalpro.care.regime import Length
from kommunalpro.care.waiting import waiting
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.profiles.sub_plans import actions
from kommunalpro.fut.profiles.triggers import trigger_problems
from kommunalpro.fut.triggers import Condition, Trigger
from kommunalpro.web.kam.forms import goal as goal_form
from kommunalpro.web.kam.forms import step as step_form
from kommunalpro.web.kam.forms.goal import GoalForm
from kommunalpro.web.kam.forms.material import MaterialForm
from kommunalpro.web.kam.forms.step import StepForm
from kommunalpro.web.kam.presenters import plans
from kommunalpro.web.kam.presenters.content import goal_rows, material_rows
from kommunalpro.web.kam.presenters.differences import differences
from kommunalpro.web.kam.presenters.missing import explains, missing
from kommunalpro.web.shared.life import refusals
from kommunalpro.web.shared.plan_words import length, target_words, trigger_words
from tests.unit.web_definitions.test_plans_and_teams import ACTIVITY, BASE, QUESTIONNAIRE, activity, plan

OUTER, INNER, PAPER = f"{BASE}/PlanDefinition/p", f"{BASE}/PlanDefinition/i", f"{BASE}/DocumentReference/d"
FIRST = {"id": "first", "title": "Hver uge", "definitionCanonical": ACTIVITY}
SECOND = {"id": "second", "title": "Til sidst", "definitionCanonical": ACTIVITY}
NAMES = {"first": "Hver uge", "second": "Til sidst"}


def inner(*steps, status="active", version="1.0"):
    return {**plan(*(steps or (FIRST,))), "id": "i", "title": "Sov godt", "status": status, "version": version}


def waits_for(*conditions, needs_all=True, after=None):
    offset = {"value": after[0], "code": after[1]} if after else None
    return Trigger(tuple(Condition(*each) for each in conditions), needs_all, offset)


# --- Words
@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        (waits_for(("first", 1)), "Begynder, når ”Hver uge” er besvaret"),
        (waits_for(("first", 3), after=(7, "d")), "Begynder 7 dage efter, at ”Hver uge” er besvaret 3 gange"),
        (
            waits_for(("first", 1), ("second", 2), after=(1, "wk")),
            "Begynder 1 uge efter, at ”Hver uge” er besvaret og ”Til sidst” er besvaret 2 gange",
        ),
        (
            waits_for(("first", 1), ("second", 1), needs_all=False),
            "Begynder, når ”Hver uge” er besvaret eller ”Til sidst” er besvaret",
        ),
        (waits_for(("gone", 1)), "Begynder, når ”noget uden for planen” er besvaret"),
    ],
)
def test_what_something_waits_for_is_a_sentence(trigger, said):
    assert trigger_words(trigger, NAMES) == said


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({}, ""),
        ({"due": {"value": 12, "code": "wk"}}, "inden for 12 uger"),
        ({"dueDate": "2027-02-22"}, "senest 22. februar 2027"),
        ({"dueDate": "2027-02"}, "senest 2027-02"),
        (
            {"measure": {"text": "Gang"}, "detailQuantity": {"value": 30, "comparator": ">=", "code": "min/d"}},
            "Gang: mindst 30 minutter om dagen",
        ),
        (
            {"measure": {"text": "HbA1c"}, "detailQuantity": {"value": Decimal("48.5"), "code": "mmol/mol"}},
            "HbA1c: præcis 48,5 mmol/mol",
        ),
        (
            {"measure": {"text": "Ture"}, "detailQuantity": {"value": 3, "code": "1", "comparator": "<"}},
            "Ture: under 3",
        ),
        (
            {
                "measure": {"coding": [{"display": "Vægt"}]},
                "detailRange": {"low": {"value": 70}, "high": {"value": 75, "code": "kg"}},
            },
            "Vægt: mellem 70 og 75 kg",
        ),
        ({"measure": {"text": "Vægt"}, "detailRange": {"high": {"value": 75, "unit": "pund"}}}, "Vægt: højst 75 pund"),
        ({"detailCodeableConcept": {"text": "Røgfri"}}, "Røgfri"),
    ],
)
def test_the_target_of_a_goal_is_said_as_people_say_it(target, said):
    assert target_words(target) == said


def test_words_are_english_in_english():
    with translation.override("en"):
        said = trigger_words(waits_for(("first", 3), after=(7, "d")), NAMES)
        assert said == "Begins 7 days after “Hver uge” has been answered 3 times"
        target = {"detailQuantity": {"value": Decimal("7.5"), "code": "h"}, "dueDate": "2027-02-22"}
        assert target_words(target) == "exactly 7.5 hours, by 22 February 2027"


# --- The tree
def test_a_plan_in_a_plan_shows_its_own_steps_below_it_with_what_they_wait_for():
    within = inner(FIRST, waiting(SECOND, waits_for(("first", 2))))
    whole = plan(FIRST, {"title": "Sov godt", "definitionCanonical": INNER})
    first, below = plans.actions(whole, {ACTIVITY: activity()}, {}, {INNER: within})
    assert (first.number, below.number, below.plan, below.activity, below.version) == (0, 1, "i", None, "1.0")
    assert (below.timing, first.timing) == ("", "Bestemmes, når planen sendes")
    assert [(each.title, each.number, each.waits) for each in below.within] == [
        ("Hver uge", None, ""),
        ("Til sidst", None, "Begynder, når ”Hver uge” er besvaret 2 gange"),
    ]


def test_a_plan_that_contains_itself_is_shown_to_an_end():
    circle = {**plan({"title": "Sig selv", "definitionCanonical": OUTER}), "version": "1.0"}
    (step,) = plans.actions(circle, {}, {}, {OUTER: circle})
    depth = 0
    while step.within:
        (step,), depth = step.within, depth + 1
    assert depth == 5


def test_a_list_says_how_much_is_in_a_plan():
    whole = with_material(with_aim(plan(FIRST, {"definitionCanonical": INNER}), 0, Aim("Sov")), "Sov bedre", PAPER)
    (row,) = plans.plan_rows([whole], {})
    assert row.summary == "1 aktivitet, 1 plan, 1 mål, 1 materiale"


# --- What is missing, all of it at once
def test_everything_that_keeps_a_plan_from_being_used_is_told_at_once_with_where_it_is_mended():
    draft = plan(
        FIRST,
        waiting(SECOND, waits_for(("gone", 1))),
        {"title": "Sov godt", "definitionCanonical": INNER},
        {"title": "Væk", "definitionCanonical": f"{BASE}/ActivityDefinition/væk"},
    )
    draft = with_material(draft, "Sov bedre", PAPER)
    leads_back = inner({"definitionCanonical": OUTER}, status="draft")
    known = {ACTIVITY: activity("draft"), INNER: leads_back, OUTER: draft}
    assert [(each.words, each.where, each.id) for each in missing(draft, known, {}, OUTER, others={})] == [
        ("”Svar på skema” er ikke i brug.", "activity", "a"),
        ("”Sov godt” er ikke i brug.", "plan", "i"),
        ("”Væk” findes ikke mere.", "", ""),
        ("”Sov godt” indeholder denne plan, så planen ville begynde forfra uden ende.", "plan", "i"),
        ("”Til sidst” venter på noget, der ikke er i planen.", "step", 1),
        ("Materialet ”Sov bedre” har ingen adresse.", "materials", ""),
    ]


def test_what_the_plans_in_a_draft_lack_is_told_with_the_rest():
    """The server looks through them, too, when the draft is taken into use."""
    draft = plan({"title": "Sov godt", "definitionCanonical": INNER})
    known = {ACTIVITY: activity("draft"), INNER: inner(FIRST), OUTER: draft}
    [lacking] = missing(draft, known, {}, OUTER, others={})
    assert (lacking.words, lacking.where, lacking.id) == ("”Svar på skema” er ikke i brug.", "activity", "a")
    assert missing(draft, known | {ACTIVITY: activity()}, {}, OUTER, others={}) == ()


@pytest.mark.parametrize(
    ("asked", "others", "told"),
    [
        (
            {"status": "draft"},
            {},
            ("Spørgeskemaet ”Hverdagen” er ikke i brug. Tag det i brug.", "questionnaire", "q"),
        ),
        (
            {"status": "draft"},
            {"q": "Regionen"},
            (
                "”Svar på skema” bruger spørgeskemaet ”Hverdagen”, der ikke er i brug. Vælg en anden aktivitet i"
                " planen.",
                "activity",
                "a",
            ),
        ),
        (
            None,
            {},
            (
                "”Svar på skema” spørger om et spørgeskema, der ikke findes mere. Sæt et andet i stedet.",
                "activity",
                "a",
            ),
        ),
    ],
)
def test_a_questionnaire_that_is_not_in_use_is_told_with_what_helps(asked, others, told):
    here = {"resourceType": "Questionnaire", "id": "q", "title": "Hverdagen"}
    known = {f"{BASE}/Questionnaire/x": {"id": "x"}} | ({QUESTIONNAIRE: here | asked} if asked else {})
    draft = plan(FIRST, SECOND)
    [lacking] = missing(draft, {ACTIVITY: activity()}, {}, OUTER, others=others, questionnaires=known)
    assert (lacking.words, lacking.where, lacking.id) == told


def test_a_step_without_a_title_that_runs_what_is_not_here_is_told_by_its_address():
    elsewhere = "https://other.example/fhir/ActivityDefinition/x"
    [lacking] = missing(plan({"id": "trin-1", "definitionCanonical": elsewhere}), {}, {}, OUTER, others={})
    assert lacking.words == f"”{elsewhere}” findes ikke mere."


def test_what_the_server_refuses_by_the_same_code_elsewhere_is_told_besides_what_the_page_explains():
    def told(*steps):
        draft = plan(FIRST, {"title": "Gruppe", "action": steps})
        issues = list(trigger_problems(list(actions(draft["action"], "PlanDefinition"))))
        lacking = missing(draft, {ACTIVITY: activity()}, {}, OUTER, others={})
        return len(issues), len(lacking), refusals(RuleBroken(issues=issues), partial(explains, lacking))

    gone, itself = waiting(SECOND, waits_for(("gone", 1))), waiting(FIRST | {"id": "c"}, waits_for(("c", 1)))
    assert told(gone) == (1, 1, ())
    assert told(gone, itself) == (2, 1, ("En aktivitet venter på sig selv, eller på en, der venter på den.",))


def test_plans_that_nest_too_deep_are_told():
    urls = [f"{BASE}/PlanDefinition/{number}" for number in range(7)]
    known = {url: {**inner({"definitionCanonical": below}), "id": url} for url, below in pairwise(urls)}
    known[urls[6]] = inner({"definitionCanonical": ACTIVITY})
    known[ACTIVITY] = activity()
    said = "Der ligger mere end fem planer inden i hinanden."
    assert [each.words for each in missing(known[urls[0]], known, {}, urls[0], others={})] == [said]
    assert missing(known[urls[1]], known, {}, urls[1], others={}) == ()


def test_a_whole_plan_lacks_nothing():
    draft = plan(FIRST, waiting(SECOND, waits_for(("first", 1))), {"definitionCanonical": INNER})
    paper = linked("Sov bedre", "https://material.example/sov", OUTER)
    draft = with_material(draft, "Sov bedre", PAPER)
    assert missing(draft, {ACTIVITY: activity(), INNER: inner()}, {PAPER: paper}, OUTER, others={}) == ()


# --- Versions
def test_a_version_tells_what_it_changes_in_goals_material_plans_and_what_waits():
    names = [{"system": ehealth.UUID, "value": "urn:uuid:1"}]
    newer = f"{BASE}/PlanDefinition/j"
    before = {**plan(FIRST, SECOND, {"title": "Sov godt", "definitionCanonical": INNER}), "identifier": names}
    before = with_material(with_aim(before, 0, Aim("Sov")), "Øvelser", PAPER)
    made_from = [{"url": ehealth.PREDECESSOR, "valueIdentifier": names[0]}]
    after = plan(FIRST, waiting(SECOND, waits_for(("first", 2))), {"title": "Sov godt", "definitionCanonical": newer})
    after = {**after, "id": "n", "extension": made_from}
    longer = Aim("Sov", None, Length(3, "mo"))
    after = with_material(with_aim(after, 0, longer), "Øvelser", f"{BASE}/DocumentReference/e")
    documents = {
        PAPER: {"id": "d", **uploaded("Øvelser", File("x", "application/pdf", b"%PDF-" * 300), OUTER)},
        f"{BASE}/DocumentReference/e": {"id": "e", **linked("Øvelser", "https://material.example/x", OUTER)},
    }
    below = {INNER: inner(), newer: {**inner(version="1.1"), "id": "j"}}
    found = differences(after, [before], {ACTIVITY: activity()}, {}, plans_in=below, documents=documents)
    assert found
    assert [(each.what, each.before, each.after.replace("\xa0", " ")) for each in found.changes] == [
        (
            "Trin 2",
            "Til sidst: Bestemmes, når planen sendes",
            "Til sidst: Bestemmes, når planen sendes; Begynder, når ”Hver uge” er besvaret 2 gange",
        ),
        ("Trin 3", "Sov godt: Version 1.0", "Sov godt: Version 1.1"),
        ("Mål 1", "Sov", "Sov (inden for 3 måneder)"),
        ("Materiale 1", "Øvelser (Dokument, 1,5\xa0KB)", "Øvelser (https://material.example/x)"),
    ]


# --- The fields
GIVEN = {"title": "Til sidst", "has_regime": "", "offset_unit": "d", "needs": "all"}


def step_of(given, *others):
    return StepForm(GIVEN | given, elsewhere="Andet", others=others or [("first", "Hver uge"), ("third", "Tredje")])


def test_what_a_step_waits_for_is_written_and_stands_in_the_form_again():
    trigger = Trigger(
        (Condition("first", 3), Condition("third", 1)),
        False,
        {"value": 7, "system": "http://unitsofmeasure.org", "code": "d"},
    )
    given = {name: str(each) for name, each in step_form.begun(trigger).items()}
    form = step_of(given)
    assert form.is_valid()
    assert form.trigger() == trigger
    assert step_form.begun(None) == {"waits": ""}


def test_a_step_that_does_not_wait_has_no_trigger_whatever_stands_in_the_fields():
    form = step_of({"waits": "", "count-first": "3", "offset": "7"})
    assert form.is_valid()
    assert form.trigger() is None


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        ({"waits": "yes"}, "waits", "Skriv ved mindst én aktivitet, hvor mange gange den skal være besvaret."),
        (
            {"waits": "yes", "count-first": "0"},
            "count-first",
            "Skriv et tal mellem 1 og 99, eller lad feltet stå tomt.",
        ),
        ({"waits": "yes", "count-first": "1", "offset": "x"}, "offset", "Skriv et tal mellem 1 og 366."),
        ({"title": ""}, "title", "Skriv en titel."),
    ],
)
def test_what_is_wrong_about_waiting_says_what_to_do(given, field, told):
    form = step_of(given)
    assert not form.is_valid()
    assert form.errors == {field: [told]}


def test_a_step_with_no_other_to_wait_for_offers_none():
    assert StepForm(elsewhere="Andet", others=[]).counts == []


WALK = {"description": "Gå", "has_number": "yes", "what": "Gang", "comparator": ">=", "value": "7,5", "unit": "h"}


def test_a_goal_is_written_with_the_readers_own_comma_and_stands_in_the_form_again():
    form = GoalForm(WALK | {"within": "12", "within_unit": "wk"})
    assert form.is_valid()
    aim = Aim("Gå", Measure("Gang", ">=", Decimal("7.5"), "h", "timer"), Length(12, "wk"))
    assert form.aim() == aim
    assert goal_form.begun(aim, "Gå") == WALK | {"within": 12, "within_unit": "wk"}


def test_a_goal_in_words_alone_needs_no_number():
    form = GoalForm({"description": "Sov bedre", "has_number": "", "value": "", "within": ""})
    assert form.is_valid()
    assert form.aim() == Aim("Sov bedre")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"description": ""}, {"description": ["Skriv målet."]}),
        ({"what": ""}, {"what": ["Skriv, hvad der tælles eller måles."]}),
        ({"value": ""}, {"value": ["Skriv et tal, fx 30 eller 7,5."]}),
        ({"value": "mange"}, {"value": ["Skriv et tal uden punktum mellem tusinder, fx 82,5 eller 10000."]}),
        ({"value": "5.000"}, {"value": ["Skriv et tal uden punktum mellem tusinder, fx 82,5 eller 10000."]}),
        ({"within": "0"}, {"within": ["Skriv et tal mellem 1 og 366."]}),
        (
            {"description": "", "what": ""},
            {"description": ["Skriv målet."], "what": ["Skriv, hvad der tælles eller måles."]},
        ),
    ],
)
def test_what_is_wrong_about_a_goal_says_what_to_do(given, told):
    form = GoalForm(WALK | given)
    assert not form.is_valid()
    assert form.errors == told


def test_a_target_that_the_fields_cannot_say_is_kept_and_its_time_with_it():
    form = GoalForm({"description": "Gå", "has_number": "kept"}, kept="Vægt: mellem 70 og 75 kg")
    assert form.is_valid()
    assert form.is_kept
    assert not GoalForm({"description": "Gå", "has_number": "kept", "within": "3"}, kept="Vægt").is_valid()
    assert not GoalForm({"description": "Gå", "has_number": "kept"}).is_valid()


def test_a_number_that_is_not_asked_is_not_wrong():
    form = GoalForm({"description": "Gå", "has_number": "", "what": "x" * 300, "value": "mange"})
    assert form.is_valid()
    assert form.aim().measure is None


def material(link="", name="", content=b"", title="Sov bedre"):
    files = {"file": SimpleUploadedFile(name, content)} if name else None
    return MaterialForm({"title": title, "link": link}, files)


def test_material_is_a_link_or_a_document_that_is_what_its_first_bytes_say():
    assert material("https://material.example/sov").is_valid()
    form = material(name="virus.html", content=b"%PDF-1.4")
    assert form.is_valid()
    assert form.cleaned_data["file"] == File("virus.html", "application/pdf", b"%PDF-1.4")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (material(), "Skriv et link, eller vælg et dokument."),
        (material("https://a.example", "a.pdf", b"%PDF-"), "Vælg enten et link eller et dokument."),
        (material("http://a.example"), "Skriv en adresse, der begynder med https://."),
        (material("javascript:alert(1)"), "Skriv en adresse, der begynder med https://."),
        (material(name="a.pdf", content=b"<script>"), "Dokumentet skal være en PDF eller et billede (PNG eller JPEG)."),
        (
            material("https://a.example", title="Til 251248-9996"),
            "Der står et CPR-nummer i ”Titel”. Fjern det, for alle kan læse, hvad der står her.",
        ),
        (
            material("https://a.example", title="Til 2512\u200b48-9996"),
            "Der står et CPR-nummer i ”Titel”. Fjern det, for alle kan læse, hvad der står her.",
        ),
        (material("https://a.example", title="\u200b"), "Skriv en titel."),
        (material(name="a.pdf"), "Dokumentet er tomt. Vælg et andet."),
        (
            material(name="a.pdf", content=b"%PDF-" + bytes(1_400_000)),
            "Dokumentet fylder mere end 1,3\xa0MB. Ligger det på en hjemmeside, så skriv linket i stedet.",
        ),
    ],
)
def test_material_that_nobody_could_read_or_that_names_somebody_is_refused(form, told):
    assert not form.is_valid()
    assert [message for messages in form.errors.values() for message in messages] == [told]


def test_rows_say_what_is_wanted_and_where_material_lies():
    (goal,) = goal_rows(with_aim({}, 0, Aim("Sov", None, Length(2, "mo"))))
    assert (goal.words, goal.target) == ("Sov", "inden for 2 måneder")
    (row,) = material_rows(with_material({}, "Sov bedre", PAPER), {PAPER: linked("x", "https://a.example/b", OUTER)})
    assert (row.title, row.link, row.place, row.is_stored) == ("Sov bedre", "https://a.example/b", "a.example", False)
    (lost,) = material_rows(with_material({}, "Sov bedre", PAPER), {})
    assert (lost.link, lost.place, lost.is_stored) == ("", "Ingen adresse", False)


@pytest.mark.parametrize(("value", "words"), [(1, "1 year"), (2, "2 years")])
def test_one_year_is_no_years_in_english(value, words):
    with translation.override("en"):
        assert length({"value": value, "code": "a"}) == words
