"""What changes between versions

Two versions of a questionnaire, each with its View, are held against each other: what is another for the citizen, for
the scores, for the lights; and which old answers can be compared with new ones. Old and new stand on one line over time
where they are comparable; in doubt they are not. Where words, place, surroundings or occasion are others, it is a
clinical judgement: *a person must decide*. In the tables `//` begins a new item.
"""

from kommunalpro.pro.difference import VERDICT_WORDS, Difference, differences
from kommunalpro.pro.form import Form
from tests.spec.forms import NOTHING, form
from tests.spec.tables import table, yes
from tests.spec.views import view


def version(text: str) -> Form:
    return form("\n".join(text.split(" // ")))


def compared(before: str, after: str) -> Difference:
    return differences(version(before), version(after))


def said(changes) -> str:
    """Say changes with what they are about."""
    return " ".join(f"{each.name.say('en')}: {each.text.say('en')}".lstrip(": ") for each in changes) or NOTHING


def texts(changes) -> str:
    """Say changes of one thing."""
    return " ".join(each.text.say("en") for each in changes) or NOTHING


def reasons(comparability) -> str:
    return " ".join(each.say("en") for each in comparability.reasons) or NOTHING


@table("""
    before                 | after                         | for the citizen
    a: integer             | a: integer // b: text         | B: The question is added.
    a: integer // b: text  | a: integer                    | B: The question is removed.
    a: integer             | a: integer // b: display      | B: The information is added.
    a: integer             | a: integer // g: group        | G: The group is added.
    g: group // a: integer | a: integer                    | G: The group is removed.
    a: integer             | a: decimal                    | A: Type changed. Before: whole number. Now: decimal number.
    a: integer             | a: integer; text Pain         | Pain: Text changed. Before: “A”. Now: “Pain”.
    a: integer             | a: integer; required          | A: Must now be answered.
    a: integer; required   | a: integer                    | A: Can now be skipped.
    a: string              | a: string; repeats            | A: Can now be answered several times.
    a: string; repeats     | a: string                     | A: Can now be answered only once.
    a: string; repeats     | a: string; repeats; most 3    | A: Greatest number of answers added: 3.
    a: integer; to 10      | a: integer; to 100            | A: Greatest value changed. Before: 10. Now: 100.
    a: integer; from 0     | a: integer                    | A: Least value removed. Before: 0.
    a: date                | a: date; from 2026-03-10      | A: Least value added: 2026-03-10.
    a: decimal; step 1     | a: decimal; step 0.5          | A: Step between answers changed. Before: 1. Now: 0.5.
    a: decimal             | a: decimal; decimals 1        | A: Number of decimals added: 1.
    a: quantity; unit kg   | a: quantity; unit g           | A: Unit changed. Before: kg. Now: g.
    a: quantity; unit kg   | a: quantity; unit kg/g        | A: Unit changed. Before: kg. Now: kg / g.
    a: text; length 100    | a: text; length 200           | A: Greatest length changed. Before: 100. Now: 200.
    a: string              | a: string; pattern [A-Z]+     | A: Rule for what can be written added.
    a: string              | a: string; read-only          | A: Is now filled in by the questionnaire itself.
    a: integer             | a: integer                    | –
    a: integer             | a: integer; step 1            | –
    a: string; hidden      | a: string; hidden; text Other | –
    a: string              | a: string // b: text; hidden  | –
""")
def test_what_is_shown_or_asked_otherwise_changes_for_the_citizen(before, after, for_the_citizen):
    """What no screen shows does not count."""
    assert said(compared(before, after).citizen) == for_the_citizen


@table("""
    before           | after            | for the citizen
    of yes/no        | of yes/no/maybe  | The option “maybe” is added.
    of yes/maybe/no  | of yes/no        | The option “maybe” is removed.
    of yes/no        | of no/yes        | The options stand in another order.
    of a/b; repeats  | of a/b!; repeats | “b” can now not be chosen with others.
    of a/b!; repeats | of a/b; repeats  | “b” can now be chosen with others.
    of a/b           | of a/b!          | –
    of yes/no        | of yes/no        | –
""")
def test_options_change_for_the_citizen(before, after, for_the_citizen):
    """That an option excludes the others counts only where several can be chosen."""
    found = compared(f"a: choice; {before}", f"a: choice; {after}").citizen
    assert texts(found) == for_the_citizen


@table("""
    before     | after      | moved
    a, b, c, d | a, b, c, d | –
    a, b, c, d | b, c, d, a | a
    a, b, c, d | d, a, b, c | d
    a, b, c, d | b, a, c, d | a, b
    a, b, c, d | a, c, d    | –
    a, b, c, d | x, a, b, c | –
    a, b, c, d | d, c, b, a | a, b, c, d
    a, b, c, d | x, d, a, b | d
""")
def test_a_question_has_moved_when_it_passes_others(before, after, moved):
    """What others pass by has not moved; two that change places both have."""
    one, other = (" // ".join(f"{each}: string" for each in row.split(", ")) for row in (before, after))
    found = [each.about for each in compared(one, other).citizen if each.code == "moved"]
    assert (", ".join(sorted(found)) or NOTHING) == moved


@table("""
    before                              | after                               | for the citizen
    g: group //   a: string // h: group | g: group // h: group //   a: string | A: Is moved from “G” to “H”.
    g: group // a: string               | g: group //   a: string             | A: Is moved into “G”.
    g: group //   a: string             | g: group // a: string               | A: Is moved out of “G”.
    a: string // b: string // c: string | b: string // c: string // a: string | A: Is moved and now comes after “C”.
    b: string // c: string // a: string | a: string // b: string // c: string | A: Is moved and now comes first.
""")
def test_a_move_says_from_where_to_where(before, after, for_the_citizen):
    assert said(compared(before, after).citizen) == for_the_citizen


@table("""
    before             | after              | for the citizen
    –                  | if a > 3           | Is now shown when “A” is above 3. Before: whatever is answered.
    if a > 3           | –                  | Is now shown whatever is answered. Before: when “A” is above 3.
    if a > 3           | if a exists yes    | Is now shown when “A” is answered. Before: when “A” is above 3.
    if a exists no     | if a < 3           | Is now shown when “A” is below 3. Before: when “A” is not answered.
    if a = 0           | if a = 0 and a < 8 | Is now shown when “A” is 0 and “A” is below 8. Before: when “A” is 0.
    if a > 3           | if a > 3 or a = 0  | Is now shown when “A” is above 3 or “A” is 0. Before: when “A” is above 3.
    if a > 3 and a < 8 | if a < 8 and a > 3 | –
""")
def test_when_a_question_is_asked_changes_for_the_citizen(before, after, for_the_citizen):
    """In which order conditions stand makes no difference."""
    one, other = (f"a: integer // b: string; {when}".removesuffix(f"; {NOTHING}") for when in (before, after))
    assert texts(compared(one, other).citizen) == for_the_citizen


@table("""
    before                  | after                      | answers              | because
    integer; from 0 to 10   | integer; from 0 to 10      | comparable           | –
    integer                 | integer; required          | comparable           | –
    text; length 100        | text; length 200           | comparable           | –
    integer                 | integer; text Pain         | a person must decide | Text changed.
    string; if z > 3        | string                     | a person must decide | The question is asked in other cases.
    choice; of yes/no       | choice; of no/yes          | a person must decide | The options stand in another order.
    string                  | string; hidden             | a person must decide | Whether it is shown is changed.
    string                  | string; pattern [A-Z]+     | a person must decide | Rule for what can be written changed.
    integer                 | decimal                    | not comparable       | Type changed.
    string                  | text                       | not comparable       | Type changed.
    integer; from 0 to 10   | integer; from 0 to 100     | not comparable       | Greatest value changed.
    integer; from 0 to 10   | integer; from 1 to 10      | not comparable       | Least value changed.
    integer; step 1         | integer; step 5            | not comparable       | Step between answers changed.
    decimal; decimals 1     | decimal; decimals 2        | not comparable       | Number of decimals changed.
    quantity; unit kg       | quantity; unit g           | not comparable       | Unit changed.
    choice; of a/b          | choice; of a/b/c           | not comparable       | The options are not the same.
    choice; of a/b/c        | choice; of a/b             | not comparable       | The options are not the same.
    choice; of a=0/b=1      | choice; of a=0/b=2         | not comparable       | The options do not count the same.
    choice; of a/b          | choice; of a=0/b=1         | not comparable       | The options do not count the same.
    choice; of a/b          | open-choice; of a/b        | not comparable       | Type changed.
    choice; of a/b          | choice; of a/b; repeats    | not comparable       | Number of answers changed.
    choice; of a/b; repeats | choice; of a/b!; repeats   | not comparable       | What is chosen together is changed.
    string; repeats         | string; repeats; most 1    | not comparable       | Greatest number of answers changed.
    string                  | string; read-only          | not comparable       | Who fills in the answer is changed.
    integer; to 10          | integer; to 100; text Pain | not comparable       | Greatest value changed. Text changed.
""")
def test_old_answers_are_comparable_where_they_mean_the_same(before, after, answers, because):
    """A wider, narrower, finer or coarser scale is another scale. It is the same whichever version came first."""
    one, other = f"z: integer // a: {before}", f"z: integer // a: {after}"
    found = compared(one, other).answers["a"]
    assert VERDICT_WORDS[found.verdict].en == answers
    assert reasons(found) == because
    assert compared(other, one).answers["a"] == found


@table("""
    before                              | after                                         | answers to a
    t: display // a: integer            | t: display // a: integer                      | comparable
    t: display // a: integer            | t: display; text This week // a: integer      | a person must decide
    a: integer                          | t: display // a: integer                      | a person must decide
    t: display // a: integer            | a: integer                                    | a person must decide
    t: display // g: group //   a: date | t: display; text Now // g: group //   a: date | a person must decide
    g: group //   a: integer            | g: group; text This week //   a: integer      | a person must decide
    b: integer // a: integer            | b: integer; text Sleep // a: integer          | comparable
    b: integer // a: integer            | a: integer                                    | comparable
    b: integer // a: integer            | a: integer // b: integer                      | a person must decide
    g: group //   a: integer            | g: group // a: integer                        | a person must decide
    b: integer // g: group //   a: date | b: integer // g: group; if b > 3 //   a: date | a person must decide
    g: group //   a: integer            | g: group; repeats //   a: integer             | not comparable
""")
def test_what_stands_around_a_question_bears_on_its_answers(before, after, answers_to_a):
    """A heading or a text before it may say *the past week*; and who is asked decides who has answered."""
    assert VERDICT_WORDS[compared(before, after).answers["a"].verdict].en == answers_to_a
    assert VERDICT_WORDS[compared(after, before).answers["a"].verdict].en == answers_to_a


ASKED = """
a: integer; from 0 to 10
b: integer; from 0 to 10
c: integer; from 0 to 10
d: choice; of x/y
e: boolean
"""


@table(
    """
    before                           | after                               | other values | old values
    sum of a, b                      | sum of b, a                         | no           | comparable
    sum of a, b; times 100; by 25    | sum of a, b; times 4                | no           | comparable
    mean of a, b; missing at least 1 | mean of a, b; missing half          | no           | comparable
    sum of a, b                      | sum of a, b; missing all; prorated  | no           | comparable
    sum of a, b; high is worse       | sum of a, b; high is better         | no           | a person must decide
    sum of a, b; scale 0 to 20       | sum of a, b; scale 0 to 40          | no           | not comparable
    sum of a, b                      | sum of a, c                         | yes          | not comparable
    sum of a, b                      | sum of a, b, c                      | yes          | not comparable
    sum of a, b                      | sum of a                            | yes          | not comparable
    sum of a, b                      | sum of a, -b                        | yes          | not comparable
    sum of a, b                      | mean of a, b                        | yes          | not comparable
    mean of a, b                     | mean of a, b; missing at least 1    | yes          | not comparable
    sum of a, b; missing half        | sum of a, b; missing half; prorated | yes          | not comparable
    sum of a, b                      | sum of a, b; times 4                | yes          | not comparable
    sum of a, b                      | sum of a, b; plus 4                 | yes          | not comparable
    mean of a, b                     | mean of a, b; decimals 1            | yes          | not comparable
    sum of a, b                      | sum of a, b; added 5 when > 3       | yes          | not comparable
    sum of a, b                      | sum of a, b; table 0=0 1=50         | yes          | not comparable
    sum of a, b                      | sum of a, b; values a 0=0 1=1       | yes          | not comparable
    sum of a, b; values a 0=0 1=1    | sum of a, b; values a 0=0 1=2       | yes          | not comparable
""",
    form=ASKED,
)
def test_a_score_is_compared_by_how_it_is_computed(before, after, other_values, old_values):
    """Other values: for the same answers. Two ways that come to the same are the same."""
    one, other = (view(f"score total: {how}") for how in (before, after))
    for found in (differences(form(ASKED), form(ASKED), *views) for views in ((one, other), (other, one))):
        assert yes(found.rescored) == other_values
        assert VERDICT_WORDS[found.scores["total"].verdict].en == old_values


@table(
    """
    after                      | for the score
    mean of a, c               | Questions changed. New: “C”. Out: “B”.
    mean of a, b, c            | Questions changed. New: “C”.
    mean of a                  | Questions changed. Out: “B”.
    mean of a, -b              | Reversed questions changed. New: “B”.
    sum of a, b                | Method changed. Before: mean. Now: sum.
    mean of a, b; missing half | Rule for missing answers changed. Before: all answers needed. Now: at least 1 answered.
    mean of a, b; times 4      | Transformation changed. Before: · 1 ÷ 1 + 0. Now: · 4 ÷ 1 + 0.
    mean of a, b; decimals 1   | Number of decimals added: 1.
    mean of a, b; scale 0 to 9 | Scale changed. Before: -1000–1000. Now: 0–9.
    mean of a, b               | –
""",
    form=f"{ASKED}\nbefore: mean of a, b",
)
def test_how_a_score_is_computed_is_told(after, for_the_score):
    one, other = (view(f"score total: {how}") for how in ("mean of a, b", after))
    assert texts(differences(form(ASKED), form(ASKED), one, other).score) == for_the_score


@table("""
    before                | after                  | score                      | other values | old values
    integer; from 0 to 10 | integer; from 0 to 10  | sum of a                   | no           | comparable
    integer               | integer; required      | sum of a                   | no           | comparable
    integer               | integer; text Pain     | sum of a                   | no           | a person must decide
    integer               | integer; if z > 3      | sum of a                   | yes          | a person must decide
    integer; from 0 to 10 | integer; from 0 to 20  | sum of a                   | no           | not comparable
    integer; from 0 to 10 | integer; from 0 to 20  | sum of -a                  | yes          | not comparable
    choice; of x=0/y=1    | choice; of x=0/y=2     | sum of a                   | yes          | not comparable
    choice; of x=0/y=1    | choice; of x=0/y=1/z=2 | sum of a                   | no           | not comparable
    choice; of x=0/y=1    | choice; of x=0/y=2     | sum of a; values a x=0 y=1 | no           | comparable
""")
def test_a_score_is_no_more_comparable_than_its_questions(before, after, score, other_values, old_values):
    """A score that says itself what answers count does not hang on the questionnaire's numbers for them."""
    how = view(f"score total: {score}")
    found = differences(version(f"z: integer // a: {before}"), version(f"z: integer // a: {after}"), how, how)
    assert yes(found.rescored) == other_values
    assert VERDICT_WORDS[found.scores["total"].verdict].en == old_values


@table("""
    before               | after               | for the lights
    –                    | red >= 7            | Rules for lights added: 7 or more is red.
    yellow >= 4 and <= 6 | –                   | Rules for lights removed. Before: from 4 to 6 is yellow.
    red > 7              | red > 8             | Rules for lights changed. Before: above 7 is red. Now: above 8 is red.
    red exists no        | red = 0             | Rules for lights changed. Before: no answer is red. Now: 0 is red.
    red = 7              | yellow = 7          | Rules for lights changed. Before: 7 is red. Now: 7 is yellow.
    red >= 7; green < 7  | green < 7; red >= 7 | –
    red > 3              | red > 3; required   | –
""")
def test_rules_on_a_question_change_its_light(before, after, for_the_lights):
    one, other = (f"a: integer; {rules}".removesuffix(f"; {NOTHING}") for rules in (before, after))
    assert texts(compared(one, other).light) == for_the_lights


@table("""
    before                          | after                             | changes
    choice; of x/y; red = x         | choice; of x/y; red = y           | rules
    choice; of x/y; red = x         | choice; of y/x; red = x           | –
    quantity; unit kg; red > 100 kg | quantity; unit kg; red > 120 kg   | rules
    quantity; unit kg; red > 100 kg | quantity; unit kg; red > 100.0 kg | –
    date; red < 2026-01-01          | date; red < 2025-01-01            | rules
""")
def test_rules_are_compared_by_what_they_are_about(before, after, changes):
    found = compared(f"a: {before}", f"a: {after}").light
    assert (", ".join(each.code for each in found) or NOTHING) == changes


@table(
    """
    before                                        | after                                        | changes
    score s: sum of a; green 0 to 9; red 10 to 20 | score s: sum of a; green 0 to 8; red 9 to 20 | bands s
    score s: sum of a; red 0 to 20                | score s: mean of a; red 0 to 20              | rescored s
    score s: sum of a; high is worse              | score s: sum of a; high is better            | direction s
    topic t: a                                    | topic t: a // score s: sum of a; red 0 to 10 | score s
    topic t: a                                    | topic t: a // score s: sum of a              | –
    topic t: a                                    | topic t: a, b                                | members t
    topic t: a, b                                 | topic t: b, a                                | –
    topic t: a // score s: sum of a               | topic t: a; s // score s: sum of a           | members t
    topic t: a                                    | topic t: a // topic u: b                     | topic u
    topic t: a                                    | topic t: a // acute k: b >= 9                | acute k
    topic t: a // acute k: b >= 9                 | topic t: a // acute k: b >= 8                | acute k
    topic t: a // acute k: b >= 9                 | topic t: a // acute k: c >= 9                | acute k
    topic t: a // acute k: b >= 9                 | topic t: a // acute k: b >= 9.0              | –
    topic t: a // acute k: d = x                  | topic t: a // acute k: d = y                 | acute k
    topic t: a // acute k: e = yes                | topic t: a // acute k: e = no                | acute k
""",
    form=ASKED,
)
def test_the_view_changes_the_lights(before, after, changes):
    """Bands, directions, what topics consist of, and which answers may not wait. Other order is no change."""
    one, other = (view("\n".join(text.split(" // "))) for text in (before, after))
    for views in ((one, other), (other, one)):
        found = differences(form(ASKED), form(ASKED), *views).light
        assert (", ".join(f"{each.code} {each.about}" for each in found) or NOTHING) == changes


@table("""
    before                            | after                                       | changes
    z: integer // a: date             | z: integer // a: date; if z > 3             | –
    z: integer // a: integer; red > 3 | z: integer // a: integer; red > 3; if z > 3 | asked a
    z: integer // a: integer; red > 3 | z: integer; required // a: integer; red > 3 | –
    z: integer                        | z: integer // a: integer; red > 3           | rules a
    a: integer; to 10                 | a: integer; to 100                          | –
    a: integer; to 10; red > 3        | a: integer; to 100; red > 3                 | scale a
    a: integer; to 10; red > 3        | a: integer; to 100; red > 30                | rules a
    a: choice; of x/y; red = x        | a: choice; of x/y/z; red = x                | scale a
""")
def test_a_light_changes_too_when_its_question_does(before, after, changes):
    """The rule may be the same, and yet the question be asked in other cases, or its limit be on another scale."""
    found = compared(before, after).light
    assert (", ".join(f"{each.code} {each.about}" for each in found) or NOTHING) == changes


@table("""
    before             | after               | changes
    integer; to 10     | integer; to 10      | –
    integer; to 10     | integer; to 20      | scale s
    choice; of x=1/y=2 | choice; of x=1/y=3  | scale s, rescored s
    integer            | integer; if z > 3   | rescored s
    integer            | integer; text Pain  | –
""")
def test_the_light_of_a_score_changes_too_when_its_questions_do(before, after, changes):
    how = view("score s: sum of a; red 0 to 20")
    found = differences(version(f"z: integer // a: {before}"), version(f"z: integer // a: {after}"), how, how).light
    assert (", ".join(f"{each.code} {each.about}" for each in found) or NOTHING) == changes
