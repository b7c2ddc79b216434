"""What is missing

A required question must be answered when it is asked. What is not there at all lacks nothing: an instance of a
repeating group in which nothing is answered is not submitted, and nothing is missing in it.
"""

from kommunalpro.pro.response import check_answers
from tests.spec.forms import answers, form
from tests.spec.tables import table


def lacking(text, given, codes=("required", "too-few", "too-many")):
    asked = form(text)
    issues = check_answers(asked, answers(asked, given), strictness="submit")
    return ", ".join(f"{each.path} {each.code}" for each in issues if each.code in codes) or "–"


@table("""
    question                     | answers | missing
    integer; required            | –       | a required
    integer; required            | a: 0    | –
    boolean; required            | a: no   | –
    integer                      | –       | –
    integer; required; hidden    | –       | –
    integer; required; read-only | –       | –
""")
def test_a_required_question_must_be_answered(question, answers, missing):
    """0 and no are answers. What people do not see, or cannot answer, is not asked of them."""
    assert lacking(f"a: {question}", answers) == missing


@table(
    """
    given                      | lacks
    –                          | smoker required
    smoker: no                 | –
    smoker: yes                | cigarettes required
    smoker: yes, cigarettes: 5 | –
""",
    form="smoker: boolean; required\ncigarettes: integer; required; if smoker = yes",
)
def test_what_is_not_asked_is_not_missing(given, lacks):
    assert lacking("smoker: boolean; required\ncigarettes: integer; required; if smoker = yes", given) == lacks


@table(
    """
    given            | lacks
    –                | –
    drug: A          | dose required
    drug: A, dose: 5 | –
""",
    form="drug: string\n  dose: integer; required",
)
def test_what_stands_below_a_question_is_missing_only_when_the_question_is_answered(given, lacks):
    assert lacking("drug: string\n  dose: integer; required", given) == lacks


@table(
    """
    given                                         | lacks
    –                                             | –
    drug: A                                       | drug[0]/dose required
    drug: A + B, drug[0]/dose: 5                  | drug[1]/dose required
    drug: A + B, drug[0]/dose: 5, drug[1]/dose: 2 | –
""",
    form="drug: string; repeats\n  dose: integer; required",
)
def test_below_a_repeating_question_something_may_be_missing_for_each_answer(given, lacks):
    assert lacking("drug: string; repeats\n  dose: integer; required", given) == lacks


MEDICINE = """
medicine: group; repeats
  name: string; required
  dose: integer
  daily: boolean
  when: time; required; if daily = yes
"""


@table(
    """
    given                                       | lacks
    –                                           | –
    medicine[0]/name: A                         | –
    medicine[0]/dose: 5                         | medicine[0]/name required
    medicine[0]/name: A, medicine[1]/dose: 5    | medicine[1]/name required
    medicine[0]/name: A, medicine[0]/daily: yes | medicine[0]/when required
    medicine[1]/when: 08:00:00                  | –
""",
    form=MEDICINE,
)
def test_nothing_is_missing_in_an_instance_that_is_not_there(given, lacks):
    """In the last row only a question that is not asked is answered: that makes no instance."""
    assert lacking(MEDICINE, given) == lacks


@table("""
    group                             | instances | missing
    group; repeats                    | 0         | –
    group; repeats; required          | 0         | m too-few
    group; repeats; required          | 1         | –
    group; repeats; least 2           | 0         | –
    group; repeats; least 2           | 1         | m too-few
    group; repeats; least 2           | 2         | –
    group; repeats; required; least 2 | 0         | m too-few
    group; repeats; most 2            | 2         | –
    group; repeats; most 2            | 3         | m too-many
""")
def test_a_repeating_group_is_there_as_often_as_it_must_and_may_be(group, instances, missing):
    """Like a question, a group that is not required may be left out; when it is there, it is there so often."""
    given = ", ".join(f"m[{number}]/x: A" for number in range(int(instances)))
    assert lacking(f"m: {group}\n  x: string", given) == missing


@table("""
    inner group              | answers        | missing
    group; repeats; required | –              | –
    group; repeats; required | o[0]/x: A      | o[0]/m too-few
    group; repeats; required | o[0]/m[0]/y: A | –
    group; required          | o[0]/x: A      | o[0]/m required
    group; required          | –              | –
""")
def test_a_required_group_inside_an_instance_is_missing_only_where_the_instance_is(inner_group, answers, missing):
    text = f"o: group; repeats\n  x: string\n  m: {inner_group}\n    y: string"
    assert lacking(text, answers) == missing


@table("""
    inside                | answers | missing
    x: string             | –       | g required
    x: string             | x: A    | –
    x: string; if y = yes | –       | –
    x: string; hidden     | –       | –
    x: display            | –       | –
""")
def test_a_required_group_needs_an_answer_where_one_can_be_given(inside, answers, missing):
    """A group may be left out when nothing in it is asked, or nothing in it can be answered."""
    assert lacking(f"y: boolean\ng: group; required\n  {inside}", answers) == missing


def test_what_is_missing_on_the_way_is_not_told():
    asked = form("a: integer; required")
    assert check_answers(asked, {}, strictness="draft") == ()


def test_an_answer_on_the_way_to_what_is_no_question_is_kept_and_not_looked_at():
    """A new version of the questionnaire may have made a heading of a question, or left it out."""
    asked = form("heading: display\ng: group\n  a: integer")
    kept = dict.fromkeys(("heading", "g", "gone", "a"), ({"valueString": "ond"},))
    assert [each.path for each in check_answers(asked, kept, strictness="draft")] == ["a"]
