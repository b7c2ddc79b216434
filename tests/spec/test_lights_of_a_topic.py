"""Lights of a topic

A View gathers questions and scores in topics. A topic has the worst of the lights of what in it is asked and has a
rule: red, then yellow, then not assessed, then green. What is not known is never green, and never hides a red.
"""

from kommunalpro.pro.triage import assess
from tests.spec.forms import answers, form
from tests.spec.tables import table
from tests.spec.views import QUESTIONNAIRE, VIEW, assessed, say, view

RULES = "; red >= 7; yellow >= 4 and <= 6; green <= 3"
PAIN = f"a: integer{RULES}\nb: integer{RULES}\nc: text"
ONE = "topic pain: a, b, c"


def light_of(asked, view, given):
    return say(assessed(form(asked), view, given).topics[0].light)


def reasons(asked, view, given):
    return [(say(each.light), each.text.da) for each in assessed(form(asked), view, given).topics[0].reasons]


@table(
    """
    a | b | light
    1 | 1 | green
    1 | 5 | yellow
    5 | 1 | yellow
    1 | 8 | red
    5 | 8 | red
    8 | 8 | red
    1 | – | not assessed
    – | 1 | not assessed
    5 | – | yellow
    8 | – | red
    – | 8 | red
    – | 5 | yellow
    – | – | not assessed
""",
    form=f"{PAIN}\n\n{ONE}",
)
def test_a_topic_has_the_worst_light_of_its_questions(a, b, light):
    """One question without an answer makes a green topic not assessed, and never hides a yellow or red."""
    assert light_of(PAIN, ONE, f"a: {a}, b: {b}") == light


HANGING = f"a: integer{RULES}\nb: integer{RULES}; if a > 3"


@table(
    """
    answers    | light
    a: 1       | green
    a: 1, b: 9 | green
    a: 5       | yellow
    a: 5, b: 1 | yellow
    a: 5, b: 9 | red
""",
    form=f"{HANGING}\n\ntopic pain: a, b",
)
def test_a_question_that_is_not_asked_does_not_count(answers, light):
    """Neither as missing nor by an answer that is left from when it was asked."""
    assert light_of(HANGING, "topic pain: a, b", answers) == light


@table("""
    topic    | answers    | light        | why
    c        | c: Pain    | not assessed | Emnet har ingen regler for lys.
    –        | a: 1       | not assessed | Emnet har ingen regler for lys.
    b        | a: 1       | not assessed | Der er ikke stillet nogen af de spørgsmål i emnet, som har regler for lys.
    c; total | a: 1, b: 1 | not assessed | Emnet har ingen regler for lys.
""")
def test_a_topic_with_nothing_to_assess_by_is_not_assessed(topic, answers, light, why):
    """It says whether it has no rules, or whether what has rules was not asked. A score without bands has no rule."""
    asked = f"a: integer\nb: integer{RULES}; if a > 3\nc: text"
    topic = topic.replace("–", "")
    assert reasons(asked, f"score total: sum of a\ntopic t: {topic}", answers) == [(light, why)]


SCORED = "score total: sum of a, b; red 13 to 20; yellow 7 to 12; green 0 to 6"


@table(
    """
    a | b | questions           | score        | topic
    3 | 3 | green, green        | green        | green
    3 | 4 | green, yellow       | yellow       | yellow
    6 | 6 | yellow, yellow      | yellow       | yellow
    6 | 7 | yellow, red         | red          | red
    3 | – | green, not assessed | not assessed | not assessed
    9 | – | red, not assessed   | not assessed | red
""",
    form=f"{PAIN}\n\n{SCORED}\ntopic pain: a, b; total",
)
def test_a_score_with_bands_counts_as_a_question_does(a, b, questions, score, topic):
    found = assessed(form(PAIN), f"{SCORED}\ntopic pain: a, b; total", f"a: {a}, b: {b}")
    assert ", ".join(say(each.light) for each in found.findings) == questions
    assert say(found.scores["total"].light) == score
    assert say(found.topics[0].light) == topic


def test_a_score_without_bands_tells_a_number_and_decides_nothing():
    view = "score total: sum of a, b\ntopic pain: a, b; total"
    found = assessed(form(PAIN), view, "a: 1, b: 1")
    assert (say(found.topics[0].light), found.scores["total"].value) == ("green", 2)
    assert len(found.topics[0].reasons) == 2


def test_a_topic_may_be_of_scores_alone():
    assert light_of(PAIN, f"{SCORED}\ntopic pain: ; total", "a: 9, b: 9") == "red"


def test_a_score_of_which_nothing_is_asked_is_no_part_of_its_topic():
    asked = f"a: integer{RULES}\nb: integer; if a > 3"
    view = "score total: sum of b; red 7 to 10; green 0 to 6\ntopic pain: a; total"
    assert light_of(asked, view, "a: 1") == "green"


def test_the_instances_of_a_group_all_count():
    asked = f"m: group; repeats\n  dose: integer{RULES}"
    assert light_of(asked, "topic medicine: dose", "m[0]/dose: 1, m[1]/dose: 8, m[2]/dose: 5") == "red"


def test_a_repeating_group_without_answers_is_asked_once_and_not_assessed():
    asked = f"a: integer{RULES}\nm: group; repeats\n  dose: integer{RULES}"
    assert light_of(asked, "topic medicine: a, dose", "a: 1") == "not assessed"


def test_reasons_are_told_the_most_pressing_first():
    assert reasons(PAIN, ONE, "a: 1, b: 8") == [
        ("red", "B er besvaret 8. Grænsen for rød er 7 eller mere (Skema 1.0)."),
        ("green", "A er besvaret 1. Grænsen for grøn er 3 eller mindre (Skema 1.0)."),
    ]


@table(
    """
    a  | b   | in words
    9  | 9   | Total er 18. Rød er 13–20 (Skemaets emner 2.0, national regel).
    9  | 4   | Total er 13. Rød er 13–20 (Skemaets emner 2.0, national regel).
    3  | 3   | Total er 6. Grøn er 0–6 (Skemaets emner 2.0, national regel).
    0  | 0   | Total er 0. Grøn er 0–6 (Skemaets emner 2.0, national regel).
    3  | 3.5 | Total er 6,5, mellem to grænser. Den værste gælder: gul (Skemaets emner 2.0, national regel).
    3  | –   | Total kan ikke regnes ud, fordi der mangler svar.
    20 | 9   | Total er 29, som intet lys gælder for.
""",
    form=f"a: decimal\nb: decimal\n\n{SCORED}",
)
def test_a_score_says_what_it_came_to_and_where_that_lies(a, b, in_words):
    found = reasons("a: decimal\nb: decimal", f"{SCORED}\ntopic pain: ; total", f"a: {a}, b: {b}")
    assert [text for _, text in found] == [in_words]


def test_a_score_with_two_bands_of_a_light_tells_both():
    two = "score s: sum of a; red 8 to 9; yellow 4 to 5; yellow 6 to 7; green 0 to 3\ntopic t: ; s"
    (reason,) = reasons("a: integer", two, "a: 5")
    assert reason == ("yellow", "S er 5. Gul er 4–5 eller 6–7 (Skemaets emner 2.0, national regel).")


def test_a_local_view_says_that_it_is_local():
    asked = form("a: integer")
    local = view("score s: sum of a; red 7 to 9; green 0 to 6\ntopic t: ; s", level="local")
    found = assess(asked, local, answers(asked, "a: 8"), questionnaire=QUESTIONNAIRE, view_reference=VIEW)
    text = found.topics[0].reasons[0].text
    assert (text.da, text.en) == (
        "S er 8. Rød er 7–9 (Skemaets emner 2.0, lokal regel).",
        "S is 8. Red is 7–9 (Topics 2.0, local rule).",
    )


def test_without_a_view_there_are_no_topics_and_the_questions_still_have_their_lights():
    found = assessed(form(PAIN), None, "a: 8, b: 1")
    assert (found.topics, found.scores, found.acute) == ((), {}, ())
    assert [say(each.light) for each in found.findings] == ["red", "green"]
    assert found.source.view is None
