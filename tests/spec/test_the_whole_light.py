"""The light of the whole

The whole response has the worst light of all that was asked and has a rule, whether a topic holds it or not. It decides
where the response stands on the worklist.
"""

from tests.spec.forms import form
from tests.spec.tables import table
from tests.spec.views import assessed, say

RULES = "; red >= 7; yellow >= 4 and <= 6; green <= 3"
ASKED = f"a: integer{RULES}\nb: integer{RULES}\nc: integer{RULES}; if a > 3\nd: text"
VIEW = "score total: sum of a, b; red 13 to 20; yellow 7 to 12; green 0 to 6\ntopic first: a, d; total"


@table(
    """
    answers          | whole        | why
    a: 1, b: 1       | green        | all that was asked is green
    a: 1, b: 5       | yellow       | b, though no topic holds it
    a: 1, b: 8       | red          | b, though no topic holds it
    a: 1             | not assessed | b is not answered
    a: 8             | red          | a, though b and c are not answered
    a: 5, b: 1       | yellow       | a; c is asked and not answered
    a: 5, b: 1, c: 8 | red          | c
    a: 1, b: 1, c: 8 | green        | c is not asked
    –                | not assessed | nothing is answered
""",
    form=f"{ASKED}\n\n{VIEW}",
)
def test_the_whole_has_the_worst_light_of_all_that_was_asked(answers, whole, why):
    assert say(assessed(form(ASKED), VIEW, answers).light) == whole


@table(
    """
    answers    | without a View
    a: 1, b: 1 | green
    a: 1, b: 8 | red
    a: 1       | not assessed
""",
    form=ASKED,
)
def test_without_a_view_the_questions_rules_decide(answers, without_a_view):
    assert say(assessed(form(ASKED), None, answers).light) == without_a_view


@table(
    """
    answers          | by the View          | without a View
    a: 1, b: 1       | b green              | a green, b green
    a: 8, b: 5, c: 1 | b yellow, c green    | a red, b yellow, c green
    a: 5, b: 1, c: 8 | c red, b green       | c red, a yellow, b green
    a: 1             | b not assessed       | b not assessed, a green
""",
    form=f"{ASKED}\n\n{VIEW}",
)
def test_what_gives_a_light_and_stands_in_no_topic_is_told_the_most_pressing_first(
    answers, by_the_view, without_a_view
):
    """The topic has a alone; without a View there is none."""
    for view, expected in ((VIEW, by_the_view), (None, without_a_view)):
        found = assessed(form(ASKED), view, answers).apart
        assert ", ".join(f"{each.path} {say(each.light)}" for each in found) == expected


@table("""
    questionnaire                    | View                                      | answers | light        | has rules
    a: integer                       | –                                         | a: 5    | not assessed | no
    a: integer                       | topic t: a                                | a: 5    | not assessed | no
    a: integer                       | score s: sum of a                         | a: 5    | not assessed | no
    a: integer                       | score s: sum of a; red 7 to 9; green 0 to 6 | a: 5    | green        | yes
    a: integer                       | score s: sum of a; red 7 to 9; green 0 to 6 | –       | not assessed | yes
    a: integer; red >= 7             | –                                         | a: 5    | not assessed | yes
    a: integer; red >= 7             | –                                         | –       | not assessed | yes
    a: integer; red >= 7; if b = yes | –                                         | –       | not assessed | no
""")
def test_where_nothing_has_a_rule_the_whole_is_not_assessed_and_says_that_there_were_no_rules(
    questionnaire,
    view,
    answers,
    light,
    has_rules,
):
    """It matters: where there were rules and no answers, data are absent; else no significance was defined (FUT)."""
    found = assessed(form(f"{questionnaire}\nb: boolean"), None if view == "–" else view, answers)
    assert say(found.light) == light
    assert found.has_rules is (has_rules == "yes")


def test_a_topic_without_rules_does_not_keep_the_whole_from_being_green():
    view = "topic first: a\ntopic words: d"
    found = assessed(form(f"a: integer{RULES}\nd: text"), view, "a: 1")
    assert (say(found.light), [say(each.light) for each in found.topics]) == ("green", ["green", "not assessed"])


def test_a_score_outside_all_topics_counts_for_the_whole():
    view = "score s: sum of a; red 7 to 9; green 0 to 6\ntopic t: d"
    assert say(assessed(form("a: integer\nd: text"), view, "a: 8").light) == "red"


def test_an_assessment_says_what_it_was_made_by():
    source = assessed(form(ASKED), VIEW, "a: 1").source
    assert source.questionnaire == "https://example.org/fhir/Questionnaire/1/_history/1"
    assert source.view == "https://example.org/fhir/Basic/1/_history/1"
    assert (source.view_identifier, source.view_version, source.level) == ("skema", "2.0", "national")
