"""How something changed is said in words, and so is what cannot be compared."""

from dataclasses import replace

import pytest

from kommunalpro.care.definitions import compile_definition
from kommunalpro.care.over_time import Questionnaires
from kommunalpro.web.staff.presenters.change import brief_change, course_word, development, gap_word
from kommunalpro.web.staff.presenters.over_time import topic_trends
from tests.spec.forms import NOTHING, answers, form, questionnaire
from tests.spec.series import answered, by_id
from tests.spec.views import QUESTIONNAIRE, view
from tests.unit.care.test_over_time import BY, coded, elsewhere, past
from tests.unit.care.test_over_time import PAIN as BOTH

PAIN = "pain: integer; from 0 to 10"
SUM = "score sum: sum of pain; red 8 to 10; green 0 to 7"
LONGER = "pain: integer; from 0 to 100"


def series(*answers, asked=PAIN, sign="-"):
    """Give the series of pain; an answer of more than 10 is on the longer scale."""
    forms = {False: form(asked), True: form(LONGER)}
    made = [
        answered(day, forms[each.isdigit() and int(each) > 10], NOTHING if each == NOTHING else f"pain: {each}")
        for day, each in enumerate(answers)
    ]
    return by_id(made, view(f"topic body: {sign}pain"))["pain"]


def total(*values, rule="important 5", now="important 5"):
    """Give the series of a score, by a rule of then and another in force."""
    asked, written = form("mood: integer; from 0 to 50"), "score total: sum of mood; high is better; scale 0 to 200; "
    made = [answered(day, asked, f"mood: {each}", by=written + rule) for day, each in enumerate(values)]
    return by_id(made, view(written + now, version="3.0"))["total"]


@pytest.mark.parametrize(
    ("answers", "sign", "words"),
    [
        ("3 / 7", "-", "▲ 4 siden 23. november (dårligere)"),
        ("7 / 3", "-", "▼ 4 siden 23. november (bedre)"),
        ("3 / 7", "+", "▲ 4 siden 23. november (bedre)"),
        ("3 / 7", "", "▲ 4 siden 23. november"),
        ("3 / – / 7", "-", "▲ 4 siden det seneste kendte svar 23. november (dårligere)"),
        ("3 / 30", "-", "en ny skala: kan ikke sammenlignes med før"),
        ("3 / 3", "-", ""),
        ("3 / –", "-", ""),
        ("– / 3", "-", ""),
        ("3", "-", ""),
    ],
)
def test_a_change_is_said_in_few_words(answers, sign, words):
    assert brief_change(series(*answers.split(" / "), sign=sign)) == words


@pytest.mark.parametrize(
    ("answers", "sentences"),
    [
        ("3 / 7", ["Fra 3 (23. november) til 7 (24. november): dårligere."]),
        (
            "3 / 5 / 4",
            ["Fra 3 (23. november) til 4 (25. november): dårligere.", "Siden sidst (5, 24. november): bedre."],
        ),
        (
            "3 / 5 / – / 4",
            [
                "Fra 3 (23. november) til 4 (26. november): dårligere.",
                "Siden det seneste kendte svar (5, 24. november): bedre.",
            ],
        ),
        (
            "3 / 5 / –",
            [
                "Fra 3 (23. november) til 5 (24. november): dårligere.",
                "Det seneste svar har ingen værdi, så ændringen siden sidst kendes ikke.",
            ],
        ),
        (
            "3 / 30 / 30",
            [
                "Fra 30 (24. november) til 30 (25. november): uændret.",
                "Fra 24. november er skalaen en anden. Tal fra før kan ikke sammenlignes.",
            ],
        ),
        ("3 / 30", ["Fra 24. november er skalaen en anden. Tal fra før kan ikke sammenlignes."]),
        ("3", []),
    ],
)
def test_the_way_from_start_to_end_is_said_in_sentences(answers, sentences):
    assert development(series(*answers.split(" / "))) == " ".join(sentences)


def test_a_change_that_may_be_chance_is_said_to_be_so():
    assert brief_change(total(10, 14)) == "▲ 4 siden 23. november (bedre, kan være tilfældigt)"
    assert "Ændringen siden sidst er mindre end 5 og kan være tilfældig." in development(total(10, 14))


@pytest.mark.parametrize("values", [(10, 15), (10, 10)])
def test_chance_is_not_mentioned_where_the_change_is_important_or_none(values):
    assert "tilfældig" not in brief_change(total(*values)) + development(total(*values))


def test_of_a_score_without_a_least_important_change_no_chance_is_mentioned():
    assert "tilfældig" not in development(total(10, 11, rule="times 1", now="times 1"))


def test_a_score_by_another_rule_is_no_development():
    asked, old, new = form("mood: integer"), "score total: sum of mood", "score total: sum of mood; times 4"
    made = [answered(0, asked, "mood: 5", by=old), answered(1, asked, "mood: 5", by=new, version="3.0")]
    found = by_id(made, view(new, version="3.0"))["total"]
    assert brief_change(found) == "beregnes på en ny måde: kan ikke sammenlignes med før"
    assert development(found) == "Fra 24. november beregnes scoren på en ny måde. Tal fra før kan ikke sammenlignes."


def test_a_weight_in_another_unit_is_no_development():
    made = [answered(day, form("weight: quantity"), f"weight: {each}") for day, each in enumerate(("80 kg", "81000 g"))]
    found = by_id(made)["weight"]
    assert brief_change(found) == "en anden enhed end sidst"
    assert development(found) == "Værdier i en anden enhed er ikke regnet om og ikke tegnet med."


def test_what_another_has_answered_is_no_development_neither_in_numbers_nor_in_lights():
    asked, written = form(PAIN), f"topic body: -pain; sum\n{SUM}"
    people, pains = ("", "", "relative", ""), ("1", "2", "9", "3")

    def found(until):
        made = [
            answered(day, asked, f"pain: {pain}", by=written, respondent=who)
            for day, (pain, who) in enumerate(zip(pains, people, strict=True))
        ]
        return by_id(made[:until], view(written))

    assert brief_change(found(2)["pain"]) == "▲ 1 siden 23. november (dårligere)"
    assert brief_change(found(3)["pain"]) == "en anden har svaret end sidst"
    assert brief_change(found(4)["pain"]) == "▲ 1 siden 24. november (dårligere)"
    assert "Det, en anden har svaret, er ikke sammenlignet og ikke tegnet med." in development(found(3)["pain"])
    assert "Fra 1 (23. november) til 2 (24. november): dårligere." in development(found(3)["pain"])
    assert "har ingen værdi" not in development(found(3)["pain"]), "hers is known"
    lights = found(4)["body"]
    assert [point.gap for point in lights.points] == [None, None, "other-respondent", None]
    assert lights.since_last.course == "unchanged"


def test_every_course_and_every_gap_has_words_of_its_own():
    courses = ("better", "worse", "unchanged", "higher", "lower", "unknown")
    gaps = ("not-asked", "not-answered", "several-answers", "no-number", "not-computed", "not-assessed")
    apart = ("other-respondent", "other-unit", "other-scale", "other-rule", "other-question")
    said = [*map(course_word, courses), *map(gap_word, gaps + apart)]
    assert len(set(said)) == len(said)
    assert course_word("unknown") == ""


def test_the_page_names_the_other_questionnaire_in_the_row_of_its_answer():
    here = past("pain: 5", by=BY)
    here = replace(here, definition=compile_definition(QUESTIONNAIRE, coded(questionnaire(BOTH))))
    found = Questionnaires(here.base, here.definition.form.title, (here,), (elsewhere(),), None)
    [topic] = topic_trends(found)
    [pain] = topic.trends
    assert [(row.value, row.form) for row in pain.rows] == [("5", ""), ("3", "Andet skema")]


def test_of_a_choice_in_another_questionnaire_the_row_says_what_was_chosen_there():
    """The question with the same linkId there is another one: its answer is none to this."""
    options = "choice; text Tanker; of never=0/often=1/suicide=2"
    here = replace(past("", by=BY), definition=_first_coded(f"a: {options}"), answers={})
    there = _first_coded(f"b: {options}\na: {options}", base="https://example.org/fhir/Questionnaire/2/_history/1")
    other = replace(elsewhere(), definition=there, answers=answers(there.form, "b: often, a: suicide"))
    found = Questionnaires(here.base, here.definition.form.title, (here,), (other,), None)
    [topic] = topic_trends(found)
    assert [row.value for row in topic.trends[0].rows] == ["ikke besvaret", "often"]


def _first_coded(written, base=QUESTIONNAIRE):
    return compile_definition(base, coded(questionnaire(written)))


def test_of_a_changed_question_it_is_said_that_a_person_must_decide():
    asked = [form(f"pain: integer; text {text}") for text in ("I have pain", "I have no pain")]
    found = by_id([answered(day, each, "pain: 3") for day, each in enumerate(asked)])["pain"]
    assert brief_change(found) == "spørgsmålet er ændret; en fagperson må afgøre, om svarene kan sammenlignes"
    assert development(found) == (
        "Fra 24. november er spørgsmålet ændret. En fagperson må afgøre, om svar fra før kan sammenlignes."
    )


def test_of_a_score_whose_questions_are_changed_it_is_said_too():
    asked, rule = [form(f"mood: integer; text {text}") for text in ("Well", "Unwell")], "score total: sum of mood"
    made = [answered(day, each, "mood: 3", by=rule) for day, each in enumerate(asked)]
    assert development(by_id(made, view(rule))["total"]) == (
        "Fra 24. november er spørgsmål i scoren ændret. En fagperson må afgøre, om tal fra før kan sammenlignes."
    )


def test_the_break_that_lies_nearest_is_the_one_that_is_told():
    versions = (("Ache", 10), ("Pain", 100), ("Ache", 100))
    asked = [form(f"pain: integer; text {text}; to {high}") for text, high in versions]
    found = by_id([answered(day, each, "pain: 3") for day, each in enumerate(asked)])["pain"]
    assert [point.gap for point in found.points] == ["other-scale", "other-question", None]
    assert development(found).startswith("Fra 25. november er spørgsmålet ændret.")
