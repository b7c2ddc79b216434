"""Scores

A score is one number from several answers. It is exact: nothing is rounded on the way. A score that cannot be computed
is none, never 0, for 0 is a finding of its own.
"""

from decimal import Decimal

from kommunalpro.pro.scoring import scores
from tests.spec.forms import form
from tests.spec.tables import table
from tests.spec.views import assessed, say, view

NUMBERS = "a: integer; from 0 to 10\nb: integer; from 0 to 10\nc: integer; from 0 to 10"
NONE = "none"


def given(text):
    """Make answers of numbers in a row: `4, –, 6`."""
    named = zip("abc", text.split(", "), strict=False)
    return ", ".join(f"{name}: {each}" for name, each in named if each != "–")


def number(how, answers, asked=NUMBERS):
    found = assessed(form(asked), f"score total: {how}", answers).scores.get("total")
    return NONE if found is None or found.value is None else f"{found.value:f}"


@table(
    """
    a, b, c | how                                       | score
    4, 5, 6 | sum of a, b, c                            | 15
    4, 5, 6 | mean of a, b, c                           | 5
    4, 5, 6 | sum of a, c                               | 10
    0, 0, 0 | sum of a, b, c                            | 0
    4, 5, 6 | sum of -a, b, c                           | 17
    4, 5, 6 | sum of -a, -b, -c                         | 15
    4, 5, 6 | sum of a, b, c; times 4                   | 60
    4, 5, 6 | sum of a, b, c; times 4; plus -10         | 50
    4, 5, 6 | sum of a, b, c; times 100; by 30          | 50
    1, 1, 2 | mean of a, b, c; times 3                  | 4
    1, 1, 2 | mean of a, b, c; by 2; times 3; plus 1    | 3
    1, 1, 2 | mean of a, b, c; decimals 1               | 1.3
    1, 0, 0 | mean of a, b; decimals 0                  | 1
    4, 5, 6 | sum of a, b, c; added 100 when > 5        | 115
    4, 5, 5 | sum of a, b, c; added 100 when > 5        | 14
    1, 1, 0 | sum of a, b, c; table 0=0 1=40 2=60 3=100 | 60
""",
    form=NUMBERS,
)
def test_a_score_is_a_sum_or_a_mean_changed_as_it_says(a_b_c, how, score):
    """A reversed item (`-a`) counts from the other end of its own scale. It is multiplied, divided, added to."""
    assert Decimal(number(how, given(a_b_c))) == Decimal(score)


@table(
    """
    a, b, c | missing              | sum  | mean
    4, 5, 6 | all                  | 15   | 5
    4, 5, – | all                  | none | none
    –, –, – | all                  | none | none
    4, 6, – | at least 2           | 10   | 5
    4, –, – | at least 2           | none | none
    4, –, – | at least 1           | 4    | 4
    –, –, – | at least 1           | none | none
    4, 6, – | half                 | 10   | 5
    4, –, – | half                 | none | none
    4, 6, – | half; prorated       | 15   | –
    –, –, 6 | at least 1; prorated | 18   | –
    0, 0, – | half                 | 0    | 0
""",
    form=NUMBERS,
)
def test_missing_answers_give_a_score_only_as_far_as_it_allows(a_b_c, missing, sum, mean):
    """Prorated: the sum over those that are answered is scaled up to all. A mean is that already."""
    assert number(f"sum of a, b, c; missing {missing}", given(a_b_c)) == sum
    if mean != "–":
        assert number(f"mean of a, b, c; missing {missing}", given(a_b_c)) == mean


@table("""
    question                          | answer     | counts as
    choice; of never=0/some=1/often=2 | never      | 0
    choice; of never=0/some=1/often=2 | often      | 2
    choice; of never=0/often=2/unsure | unsure     | none
    choice; of never/often            | often      | none
    integer                           | 7          | 7
    decimal                           | 36.9       | 36.9
    quantity; unit kg                 | 70.5 kg    | 70.5
    boolean                           | yes        | none
    string                            | 7          | none
    date                              | 2026-01-01 | none
""")
def test_an_answer_counts_as_its_number(question, answer, counts_as):
    """A number counts as it is, an option by its `ordinalValue`; what has no number is not answered to a score."""
    assert number("sum of a", f"a: {answer}", f"a: {question}") == counts_as


@table("""
    answer | values             | counts as
    never  | never=0 often=10   | 0
    often  | never=0 often=10   | 10
    often  | never=0 often=none | none
""")
def test_a_score_may_say_itself_what_answers_count_as(answer, values, counts_as):
    """Its own numbers stand for all that the questionnaire gives."""
    asked = "a: choice; of never=7/often=8"
    assert number(f"sum of a; values a {values}", f"a: {answer}", asked) == counts_as


@table("""
    reversed question                 | answer | counts as
    integer; from 0 to 10             | 3      | 7
    integer; from 1 to 5              | 1      | 5
    decimal; from 0.5 to 2.5          | 1.0    | 2.0
    choice; of never=0/some=1/often=4 | often  | 0
    choice; of never=0/some=1/often=4 | some   | 3
    integer                           | 3      | none
""")
def test_a_reversed_answer_counts_from_the_other_end_of_its_own_scale(reversed_question, answer, counts_as):
    assert number("sum of -a", f"a: {answer}", f"a: {reversed_question}") == counts_as


@table(
    """
    answers    | score
    a: 4, b: 5 | 9
    a: 0, b: 5 | none
    a: 0       | none
""",
    form="a: integer\nb: integer; if a > 0",
)
def test_an_answer_to_what_is_not_asked_does_not_count(answers, score):
    assert number("sum of a, b", answers, "a: integer\nb: integer; if a > 0") == score


def test_a_score_of_which_nothing_is_asked_is_not_there():
    asked = form("a: boolean\nb: integer; if a = yes")
    assert assessed(asked, "score total: sum of b", "a: no").scores == {}


def test_several_answers_to_one_question_are_no_number():
    assert number("sum of a", "a: 4 + 5", "a: integer; repeats") == NONE


BANDS = "sum of a, b; red 0 to 7; yellow 8 to 13; green 14 to 20; high is better"


@table(
    """
    a, b   | score | light
    0, 0   | 0     | red
    3, 4   | 7     | red
    4, 4   | 8     | yellow
    6, 7   | 13    | yellow
    7, 7   | 14    | green
    10, 10 | 20    | green
    10, –  | none  | not assessed
    –, –   | none  | not assessed
""",
    form=BANDS,
)
def test_a_score_has_the_light_of_the_band_it_lies_in_both_ends_included(a_b, score, light):
    found = assessed(form(NUMBERS), f"score total: {BANDS}", given(a_b)).scores["total"]
    assert (NONE if found.value is None else str(found.value), say(found.light)) == (score, light)


@table("""
    score                                             | light        | why
    7.0                                               | red          | in the band from 0 to 7
    7.5                                               | red          | between two bands: the worse of them
    8.0                                               | yellow       | in the band from 8 to 13
    13.0000000000000000000000000000000000000000000001 | yellow       | between two bands, by ever so little
    14                                                | green        | in the band from 14 to 20
    -0.5                                              | not assessed | below the scale
    20.5                                              | not assessed | above the scale
    –                                                 | not assessed | there is no score
""")
def test_between_two_bands_the_worse_holds_and_outside_all_there_is_no_light(score, light, why):
    definition = view(f"score total: {BANDS}").scores[0]
    assert say(definition.light_of(None if score == "–" else Decimal(score))) == light


def test_a_third_is_exact_where_a_limit_depends_on_it():
    """The mean of 1, 1 and 2, times 3, is 4: rounded on the way, it would have been 3.99, below the limit."""
    how = "mean of a, b, c; times 3; high is better; red 0 to 3; green 4 to 30"
    found = assessed(form(NUMBERS), f"score total: {how}", given("1, 1, 2")).scores["total"]
    assert (found.value, say(found.light)) == (4, "green")


def test_a_score_is_computed_from_answers_with_any_number_of_decimals():
    asked = form("a: decimal\nb: decimal")
    total = assessed(asked, "score total: sum of a, b", "a: 0.1, b: 0.2").scores["total"]
    assert total.value == Decimal("0.3")


def test_scores_may_share_questions_and_stand_for_parts_of_a_whole():
    written = "score body: sum of a, b\nscore all: sum of a, b, c"
    found = assessed(form(NUMBERS), written, given("1, 2, 3")).scores
    assert {id: each.value for id, each in found.items()} == {"body": 3, "all": 6}


def test_a_score_names_itself():
    asked = form(NUMBERS)
    definition = view("score total: sum of a").scores[0]
    found = scores([definition], asked, {"a": ({"valueInteger": 3},)})[definition.id]
    assert (found.id, found.title.da, found.value) == ("total", "Total", 3)
