"""Acute answers

Some answers may not wait, such as thoughts of suicide. A View names them with a text of its editor's, which the citizen
reads at once and on the receipt; the response goes before all others, whatever its light.
"""

from kommunalpro.pro.acute import acute_hits, covers
from tests.spec.forms import answers, form
from tests.spec.tables import table, yes
from tests.spec.views import assessed, say, view


def is_acute(asked, rule, given):
    written = form(asked)
    return bool(acute_hits(written, view(f"acute thoughts: {rule}"), answers(written, given)))


@table("""
    question               | rule           | answer                           | acute
    integer                | a >= 1         | 1                                | yes
    integer                | a >= 1         | 0                                | no
    integer                | a > 1          | 1                                | no
    integer                | a <= 1         | 1                                | yes
    integer                | a < 1          | 1                                | no
    integer                | a = 3          | 3                                | yes
    integer                | a != 0         | 2                                | yes
    integer                | a != 0         | 0                                | no
    integer                | a != 0         | –                                | no
    integer                | a <= 1         | –                                | no
    decimal                | a > 38.5       | 38.50000000000000000000000000001 | yes
    decimal                | a > 38.5       | 38.5                             | no
    quantity               | a >= 7         | 7.0 kg                           | yes
    choice; of never/often | a = often      | often                            | yes
    choice; of never/often | a = often      | never                            | no
    choice; of never/often | a != never     | often                            | yes
    choice; of never/often | a != never     | –                                | no
    boolean                | a = yes        | yes                              | yes
    boolean                | a = yes        | no                               | no
    string                 | a = help       | help                             | yes
    date                   | a > 2026-01-01 | 2026-01-02                       | yes
    integer; repeats       | a >= 7         | 1 + 9                            | yes
    integer; repeats       | a != 0         | 0 + 9                            | no
""")
def test_an_answer_is_acute_when_it_meets_the_rule(question, rule, answer, acute):
    """Without an answer nothing is acute."""
    assert yes(is_acute(f"a: {question}", rule, f"a: {answer}")) == acute


@table(
    """
    answers                 | acute
    sad: yes, thoughts: yes | yes
    sad: no, thoughts: yes  | no
    thoughts: yes           | no
    sad: yes, thoughts: no  | no
""",
    form="sad: boolean\nthoughts: boolean; if sad = yes",
)
def test_an_answer_is_acute_only_where_the_question_is_asked(answers, acute):
    asked = "sad: boolean\nthoughts: boolean; if sad = yes"
    assert yes(is_acute(asked, "thoughts = yes", answers)) == acute


def test_each_instance_may_be_acute():
    asked = form("m: group; repeats\n  dose: integer")
    given = answers(asked, "m[0]/dose: 9, m[1]/dose: 1, m[2]/dose: 8")
    hits = acute_hits(asked, view("acute much: dose >= 8"), given)
    assert [(hit.id, hit.path) for hit in hits] == [("much", "m[0]/dose"), ("much", "m[2]/dose")]


def test_the_citizen_reads_the_editors_text_in_both_languages():
    asked = form("a: integer")
    (hit,) = acute_hits(asked, view("acute thoughts: a >= 1"), answers(asked, "a: 2"))
    assert (hit.text.da, hit.text.en) == ("Ring 112, hvis du er i fare.", "Call 112 if you are in danger.")


def test_several_rules_may_be_met():
    asked = form("a: integer\nb: boolean")
    rules = view("acute one: a >= 1\nacute two: b = yes\nacute three: a >= 9")
    assert [hit.id for hit in acute_hits(asked, rules, answers(asked, "a: 2, b: yes"))] == ["one", "two"]


def test_an_acute_answer_is_acute_whatever_the_light():
    found = assessed(form("a: integer; green <= 10"), "topic t: a\nacute thoughts: a >= 1", "a: 2")
    assert (say(found.light), [hit.id for hit in found.acute]) == ("green", ["thoughts"])


def test_an_unanswered_question_is_not_acute_in_an_assessment_either():
    found = assessed(form("a: integer\nb: integer; if a > 5"), "topic t: a\nacute thoughts: b >= 1", "a: 2, b: 3")
    assert found.acute == ()


@table("""
    local rule | national rule | covered
    a >= 9     | a >= 10       | yes
    a >= 10    | a >= 10       | yes
    a >= 11    | a >= 10       | no
    a > 9      | a > 9         | yes
    a >= 9     | a > 9         | yes
    a > 9      | a >= 9        | no
    a > 9      | a >= 10       | yes
    a < 3      | a <= 2        | yes
    a < 3      | a < 2         | yes
    a < 3      | a <= 3        | no
    a <= 2     | a >= 1        | no
    a >= 9     | a = 9         | yes
    a >= 9     | a = 8         | no
    a != 0     | a = 8         | yes
    a != 0     | a != 1        | no
    a != 0     | a >= 1        | no
    a = 9      | a >= 9        | no
    a = often  | a = often     | yes
    a = often  | a = always    | no
    a = yes    | a = yes       | yes
    a = yes    | a = no        | no
    a >= 9     | b >= 9        | no
""")
def test_a_local_rule_covers_a_national_one_when_all_its_answers_are_acute_still(local_rule, national_rule, covered):
    """Where the two alone do not tell, it is not covered, and the editor is asked to look."""
    (local,), (national,) = (view(f"acute one: {each}").acute for each in (local_rule, national_rule))
    assert yes(covers(local, national)) == covered
