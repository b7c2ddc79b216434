"""What is asked

A question may hang on answers to others (`enableWhen`). Here `b` is asked, or not, by what `a` is answered. – is no
answer. Answers to what is not asked are kept while one fills in, and count nowhere: not in conditions, not in scores,
not in lights, and they are not submitted.
"""

import pytest

from kommunalpro.pro.answers import write_items
from kommunalpro.pro.enablement import enabled_answers, enabled_paths
from tests.spec.forms import answers, asked_paths, form, said
from tests.spec.tables import table, yes


@table("""
    type        | answer                                       | condition               | asked
    boolean     | yes                                          | = yes                   | yes
    boolean     | no                                           | = yes                   | no
    boolean     | no                                           | = no                    | yes
    boolean     | –                                            | = no                    | no
    boolean     | yes                                          | != yes                  | no
    boolean     | no                                           | != yes                  | yes
    boolean     | –                                            | != yes                  | yes
    boolean     | no                                           | exists yes              | yes
    boolean     | –                                            | exists yes              | no
    boolean     | no                                           | exists no               | no
    boolean     | –                                            | exists no               | yes
    integer     | 5                                            | = 5                     | yes
    integer     | 6                                            | = 5                     | no
    integer     | –                                            | = 5                     | no
    integer     | 5                                            | != 5                    | no
    integer     | 6                                            | != 5                    | yes
    integer     | –                                            | != 5                    | yes
    integer     | 5                                            | > 5                     | no
    integer     | 6                                            | > 5                     | yes
    integer     | –                                            | > 5                     | no
    integer     | 5                                            | < 5                     | no
    integer     | 4                                            | < 5                     | yes
    integer     | –                                            | < 5                     | no
    integer     | 5                                            | >= 5                    | yes
    integer     | 4                                            | >= 5                    | no
    integer     | –                                            | >= 5                    | no
    integer     | 5                                            | <= 5                    | yes
    integer     | 6                                            | <= 5                    | no
    integer     | –                                            | <= 5                    | no
    integer     | 0                                            | exists yes              | yes
    integer     | 0                                            | exists no               | no
    integer     | –                                            | exists no               | yes
    integer     | -1                                           | < 0                     | yes
    decimal     | 36.90                                        | = 36.9                  | yes
    decimal     | 36.91                                        | = 36.9                  | no
    decimal     | 36.9000000000000000000000000000000000001     | = 36.9                  | no
    decimal     | 36.9                                         | != 36.9                 | no
    decimal     | –                                            | != 36.9                 | yes
    decimal     | 38.1                                         | > 38                    | yes
    decimal     | 38.0                                         | > 38                    | no
    decimal     | 38.00000000000000000000000000000000000000001 | > 38                    | yes
    decimal     | 38.0                                         | >= 38                   | yes
    decimal     | 37.9                                         | < 38                    | yes
    decimal     | 38.0                                         | <= 38                   | yes
    decimal     | 0.0                                          | exists yes              | yes
    date        | 2026-03-10                                   | = 2026-03-10            | yes
    date        | 2026-03-11                                   | = 2026-03-10            | no
    date        | 2026-03-11                                   | != 2026-03-10           | yes
    date        | –                                            | != 2026-03-10           | yes
    date        | 2026-03-11                                   | > 2026-03-10            | yes
    date        | 2026-03-10                                   | > 2026-03-10            | no
    date        | 2026-03-09                                   | < 2026-03-10            | yes
    date        | 2026-03-10                                   | < 2026-03-10            | no
    date        | 2026-03-10                                   | >= 2026-03-10           | yes
    date        | 2026-03-10                                   | <= 2026-03-10           | yes
    date        | 2026-03-10                                   | exists yes              | yes
    dateTime    | 2026-03-10T10:00:00+01:00                    | = 2026-03-10T09:00:00Z  | yes
    dateTime    | 2026-03-10T10:00:00+01:00                    | > 2026-03-10T08:59:59Z  | yes
    dateTime    | 2026-03-10T10:00:00+01:00                    | < 2026-03-10T10:00:00Z  | yes
    dateTime    | 2026-03-10T10:00:00+01:00                    | >= 2026-03-10T09:00:00Z | yes
    dateTime    | 2026-03-10T10:00:00+01:00                    | <= 2026-03-10T09:00:00Z | yes
    dateTime    | 2026-03-10T10:00:00+01:00                    | != 2026-03-10T09:00:00Z | no
    dateTime    | –                                            | exists no               | yes
    time        | 10:30:00                                     | = 10:30:00              | yes
    time        | 10:30:00.000                                 | = 10:30:00              | yes
    time        | 10:30:01                                     | != 10:30:00             | yes
    time        | 10:30:00                                     | > 10:29:59              | yes
    time        | 09:30:00                                     | < 10:00:00              | yes
    time        | 10:00:00                                     | >= 10:00:00             | yes
    time        | 10:00:01                                     | <= 10:00:00             | no
    time        | –                                            | exists yes              | no
    string      | knee                                         | = knee                  | yes
    string      | Knee                                         | = knee                  | no
    string      | Knee                                         | != knee                 | yes
    string      | –                                            | != knee                 | yes
    string      | knee                                         | exists yes              | yes
    text        | knee                                         | = knee                  | yes
    text        | –                                            | exists no               | yes
    url         | https://example.org                          | = https://example.org   | yes
    url         | https://example.com                          | != https://example.org  | yes
    choice      | x                                            | = x                     | yes
    choice      | y                                            | = x                     | no
    choice      | –                                            | = x                     | no
    choice      | y                                            | != x                    | yes
    choice      | x                                            | != x                    | no
    choice      | –                                            | != x                    | yes
    choice      | x                                            | exists yes              | yes
    choice      | –                                            | exists no               | yes
    open-choice | x                                            | = x                     | yes
    open-choice | "knee"                                       | = "knee"                | yes
    open-choice | "knee"                                       | = x                     | no
    open-choice | "knee"                                       | != x                    | yes
    quantity    | 70 kg                                        | = 70.0 kg               | yes
    quantity    | 70 kg                                        | > 69.9 kg               | yes
    quantity    | 70 kg                                        | < 70.1 kg               | yes
    quantity    | 70 kg                                        | >= 70 kg                | yes
    quantity    | 70 kg                                        | <= 69 kg                | no
    quantity    | 70 kg                                        | != 71 kg                | yes
    quantity    | –                                            | exists no               | yes
    reference   | Patient/1                                    | = Patient/1             | yes
    reference   | Patient/2                                    | = Patient/1             | no
    reference   | Patient/2                                    | != Patient/1            | yes
    attachment  | x-ray                                        | exists yes              | yes
    attachment  | –                                            | exists yes              | no
""")
def test_every_operator_compares_every_type(type, answer, condition, asked):
    """`=`, `<` and their like need an answer. `!=` asks that no answer is equal, so it holds of no answer too."""
    options = "; of x/y" if type.endswith("choice") else ""
    given = f"a: {answer}"
    assert yes("b" in asked_paths(f"a: {type}{options}\nb: text; if a {condition}", given)) == asked


@table("""
    answer                    | condition     | asked
    2026                      | < 2027-01-01  | yes
    2026                      | > 2025-12-31  | yes
    2026                      | > 2026-01-01  | no
    2026                      | < 2026-12-31  | no
    2026-03                   | = 2026-03     | yes
    2026-03                   | = 2026-03-01  | no
    2026-03                   | >= 2026-03-01 | yes
    2026-03                   | <= 2026-03-31 | yes
    2026-03-10T10:00:00+01:00 | > 2026-03-09  | yes
    2026-03-10T10:00:00+01:00 | > 2026-03-10  | no
    2026-03-10T10:00:00+01:00 | >= 2026-03-10 | yes
    2026-03-10T00:30:00+01:00 | >= 2026-03-10 | yes
    2026-03-10T00:30:00+01:00 | < 2026-03-10  | no
""")
def test_a_vague_date_is_the_whole_of_what_it_may_be(answer, condition, asked):
    """2026 is after no day in 2026. A day is a day in Denmark: half past midnight is on that day, though not in UTC."""
    type = "dateTime" if "T" in answer else "date"
    assert yes("b" in asked_paths(f"a: {type}\nb: text; if a {condition}", f"a: {answer}")) == asked


@table("""
    answer | condition | asked
    70 kg  | = 70 g    | no
    70 kg  | > 1 g     | no
    70 kg  | != 70 g   | yes
    70     | = 70 kg   | no
""")
def test_amounts_in_different_units_are_not_compared(answer, condition, asked):
    """Nothing is converted: what cannot be compared is neither equal nor more nor less."""
    assert yes("b" in asked_paths(f"a: quantity\nb: text; if a {condition}", f"a: {answer}")) == asked


def test_a_unit_is_known_by_its_code_and_else_by_its_words():
    asked = form("a: quantity\nb: text; if a = 70 kg")

    def is_asked(**unit):
        return "b" in enabled_paths(asked, {"a": ({"valueQuantity": {"value": 70, **unit}},)})

    assert is_asked(unit="kilo", code="kg")
    assert is_asked(unit="kg")
    assert not is_asked(unit="kg", code="g")
    assert not is_asked(unit="kilo")


def test_a_whole_number_and_a_decimal_are_compared_as_numbers():
    assert "b" in asked_paths("a: decimal\nb: text; if a >= 7", "a: 7.0")


def test_a_code_without_its_system_is_the_code_of_any_system():
    asked = form("a: choice; of x/y\nb: text; if a = x")
    assert "b" in enabled_paths(asked, {"a": ({"valueCoding": {"code": "x"}},)})
    assert "b" not in enabled_paths(asked, {"a": ({"valueCoding": {"code": "x", "system": "urn:other"}},)})


@table("""
    answers | condition  | asked
    x + y   | = x        | yes
    x + y   | = y        | yes
    x + y   | = z        | no
    x + y   | != x       | no
    x + y   | != z       | yes
    x + y   | exists yes | yes
""")
def test_of_several_answers_one_is_enough_and_none_may_be_equal_to_what_it_must_not(answers, condition, asked):
    text = f"a: choice; repeats; of x/y/z\nb: text; if a {condition}"
    assert yes("b" in asked_paths(text, f"a: {answers}")) == asked


@table("""
    a   | b   | condition            | asked
    yes | yes | a = yes and b = yes  | yes
    yes | no  | a = yes and b = yes  | no
    yes | –   | a = yes and b = yes  | no
    yes | no  | a = yes or b = yes   | yes
    –   | yes | a = yes or b = yes   | yes
    no  | no  | a = yes or b = yes   | no
    –   | –   | a = yes or b = yes   | no
    –   | –   | a != yes and b != no | yes
""")
def test_several_conditions_must_all_hold_or_any_one_as_the_questionnaire_says(a, b, condition, asked):
    text = f"a: boolean\nb: boolean\nc: text; if {condition}"
    assert yes("c" in asked_paths(text, f"a: {a}, b: {b}")) == asked


CHAIN = """
a: boolean
b: boolean; if a = yes
c: boolean; if b = yes
d: text; if c = yes
"""


@table(
    """
    given                           | asked      | count
    –                               | a          | –
    a: yes                          | a, b       | a: yes
    a: yes, b: yes                  | a, b, c    | a: yes, b: yes
    a: yes, b: yes, c: yes          | a, b, c, d | a: yes, b: yes, c: yes
    a: no, b: yes, c: yes, d: Pain  | a          | a: no
    b: yes, c: yes                  | a          | –
    d: Pain, c: yes, b: yes, a: yes | a, b, c, d | a: yes, b: yes, c: yes, d: Pain
""",
    form=CHAIN,
)
def test_answers_to_what_is_not_asked_do_not_count_for_what_hangs_on_them(given, asked, count):
    """A chain: when `a` is answered no, `b` is not asked, and what was answered to it opens nothing."""
    chain = form(CHAIN)
    assert asked_paths(CHAIN, given) == asked
    assert said(enabled_answers(chain, answers(chain, given))) == count


def test_a_condition_may_ask_about_a_question_further_down():
    assert asked_paths("a: text; if b = yes\nb: boolean", "b: yes") == "a, b"


INSIDE = """
pain: boolean
more: group; if pain = yes
  where: boolean
    knee: boolean
  since: date
note: display
"""


@table(
    """
    answers               | asked
    –                     | pain, note
    pain: yes             | pain, more, where, since, note
    pain: yes, where: yes | pain, more, where, knee, since, note
    pain: no, where: yes  | pain, note
""",
    form=INSIDE,
)
def test_what_is_inside_is_asked_when_what_is_around_it_is(answers, asked):
    """What stands below a question is asked when that question is answered, for there its answers belong."""
    assert asked_paths(INSIDE, answers) == asked


def test_a_text_below_a_question_is_read_before_the_question_is_answered():
    assert asked_paths("a: boolean\n  help: display\n  b: text", "") == "a, help"


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")], ids="-".join)
def test_it_does_not_matter_in_which_order_answers_are_given(order):
    text = "a: boolean\nb: boolean; if a = yes\nc: boolean; if b = yes"
    assert asked_paths(text, ", ".join(f"{each}: yes" for each in order)) == "a, b, c"


def test_only_what_is_asked_is_submitted():
    asked = form("a: boolean\nb: text; if a = yes\ng: group\n  c: text; if a = yes")
    given = answers(asked, "a: no, b: Pain, c: More")
    assert write_items(asked, given) == [{"linkId": "a", "answer": [{"valueBoolean": False}]}]
