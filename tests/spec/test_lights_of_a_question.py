"""Lights of a question

A question's rules stand in the questionnaire (FUT's `answerSignificance`): one or two conditions and a light, which is
red, yellow or green. What a rule said is a finding; each tells the answer, the limit, and whose rule it is.
"""

from decimal import Decimal

from kommunalpro.fhir.json import loads
from kommunalpro.pro.explanation import answer_words
from kommunalpro.pro.triage import assess
from tests.spec.forms import NOTHING, form
from tests.spec.tables import table
from tests.spec.views import assessed, say

PAIN = "a: integer; from 0 to 10; red >= 7; yellow >= 4 and <= 6; green <= 3"


def found(question, answer):
    """Give the light and FUT's code of every finding on a question `a`."""
    asked = form(f"a: {question}")
    findings = assessed(asked, None, f"a: {answer}").findings
    return ", ".join(f"{say(each.light)} {each.code}" for each in findings) or "–"


def lights(question, answer):
    asked = form(f"a: {question}")
    return ", ".join(say(each.light) for each in assessed(asked, None, f"a: {answer}").findings) or "–"


@table(
    """
    answer | finding
    10     | red red-question-answer
    7      | red red-question-answer
    6      | yellow yellow-question-answer
    4      | yellow yellow-question-answer
    3      | green green-question-answer
    0      | green green-question-answer
    –      | not assessed data-absent
""",
    form=PAIN,
)
def test_a_question_has_the_light_of_the_rule_that_its_answer_meets(answer, finding):
    """The codes are FUT's (`clinicalimpression-finding-codes`)."""
    assert found(PAIN.removeprefix("a: "), answer) == finding


@table("""
    rule                                 | answer                              | light
    integer; red = 7                     | 7                                   | red
    integer; red != 7                    | 6                                   | red
    integer; red > 7                     | 8                                   | red
    integer; red > 7                     | 7                                   | not assessed
    integer; red < 7                     | 6                                   | red
    integer; red < 7                     | 7                                   | not assessed
    integer; red >= 7                    | 7                                   | red
    integer; red <= 7                    | 8                                   | not assessed
    decimal; red > 38                    | 38.00000000000000000000000000000001 | red
    decimal; red > 38                    | 38.0                                | not assessed
    boolean; red = yes                   | yes                                 | red
    boolean; red = yes                   | no                                  | not assessed
    choice; of never/often; red = often  | often                               | red
    choice; of never/often; red != never | often                               | red
    string; red = help                   | help                                | red
    date; red < 2026-01-01               | 2025-12-31                          | red
    time; red > 22:00:00                 | 23:30:00                            | red
    open-choice; of never; red = never   | never                               | red
    open-choice; of never; red = "often" | "often"                             | red
    quantity; unit kg; red < 50 kg       | 49.9 kg                             | red
    integer; yellow exists yes           | 0                                   | yellow
    text; yellow exists yes              | anything                            | yellow
""")
def test_a_rule_compares_as_a_condition_does(rule, answer, light):
    assert lights(rule, answer) == light


@table("""
    rule                                        | answer | light
    integer; yellow exists no                   | –      | yellow
    integer; yellow exists no                   | 5      | not assessed
    integer; yellow exists no; green exists yes | 5      | green
    integer; red != 7                           | –      | not assessed
    integer; red <= 7                           | –      | not assessed
    integer; yellow exists yes                  | –      | not assessed
    integer; yellow exists no; red >= 7         | –      | yellow
    integer; yellow exists no; red >= 7         | 8      | red
""")
def test_no_answer_has_a_light_only_by_a_rule_about_there_being_none(rule, answer, light):
    """`!=` is no such rule: that nothing was answered is not a finding about the answer."""
    assert lights(rule, answer) == light


@table("""
    rule                                | answer | light
    decimal; yellow >= 4 and < 7        | 4      | yellow
    decimal; yellow >= 4 and < 7        | 6.99   | yellow
    decimal; yellow >= 4 and < 7        | 7      | not assessed
    decimal; yellow > 4 and <= 7        | 4      | not assessed
    integer; yellow != 4 and != 5       | 5      | not assessed
    integer; yellow != 4 and != 5       | 6      | yellow
    integer; yellow exists yes and >= 4 | 4      | yellow
    integer; yellow exists yes and >= 4 | 3      | not assessed
""")
def test_two_conditions_make_an_interval_and_must_both_hold(rule, answer, light):
    assert lights(rule, answer) == light


@table("""
    rules                          | answer | findings
    integer; red >= 7; yellow >= 4 | 8      | red, yellow
    integer; yellow >= 4; red >= 7 | 8      | yellow, red
    integer; red >= 7; yellow >= 4 | 5      | yellow
    integer; green >= 0; red >= 7  | 8      | green, red
""")
def test_when_an_answer_meets_two_rules_both_are_told_and_the_worse_counts(rules, answer, findings):
    assert lights(rules, answer) == findings


@table("""
    rules                                                     | answer | finding
    choice; of never/often/unsure; green = never; red = often | unsure | not assessed no-effective-answer-significance
    integer; red >= 7; green <= 3                             | 5      | not assessed no-effective-answer-significance
    integer                                                   | 5      | –
    integer                                                   | –      | –
""")
def test_an_answer_that_no_rule_speaks_of_is_not_assessed(rules, answer, finding):
    """And a question without rules says nothing at all."""
    assert found(rules, answer) == finding


CHOICES = "choice; repeats; of pain/sleep/other/none; red = pain; yellow = sleep; green = none"


@table(
    """
    answers      | findings
    none         | green
    pain + sleep | red, yellow
    pain + other | red, not assessed
    none + other | green, not assessed
    other        | not assessed
    –            | not assessed
""",
    form=f"a: {CHOICES}",
)
def test_of_several_answers_each_is_assessed(answers, findings):
    """One that no rule speaks of is not made green by another that is."""
    assert lights(CHOICES, answers) == findings


def test_each_of_several_answers_is_found_where_it_stands():
    asked = form(f"m: group; repeats\n  a: {CHOICES}")
    findings = assessed(asked, None, "m[1]/a: pain + other").findings
    assert [(each.path, say(each.light)) for each in findings] == [("m[1]/a", "red"), ("m[1]/a", "not assessed")]


def test_both_conditions_must_hold_of_the_same_answer():
    assert lights("integer; repeats; yellow >= 4 and <= 6", "2 + 9") == "not assessed"


def test_each_instance_of_a_repeating_group_is_assessed():
    asked = form("m: group; repeats\n  dose: integer; red >= 7; green <= 6")
    findings = assessed(asked, None, "m[0]/dose: 3, m[2]/dose: 8").findings
    assert [(each.path, each.link_id, say(each.light)) for each in findings] == [
        ("m[0]/dose", "dose", "green"),
        ("m[2]/dose", "dose", "red"),
    ]


def test_what_is_not_asked_has_no_finding():
    asked = form("a: boolean\nb: integer; red >= 7; if a = yes")
    assert assessed(asked, None, "a: no, b: 9").findings == ()


@table("""
    question | answer | in words
    integer; text Smerte; red >= 7 | 8     | Smerte er besvaret 8. Grænsen for rød er 7 eller mere (Skema 1.0).
    integer; text Smerte; red > 7 | 8     | Smerte er besvaret 8. Grænsen for rød er over 7 (Skema 1.0).
    integer; text Ro; red <= 3 | 2     | Ro er besvaret 2. Grænsen for rød er 3 eller mindre (Skema 1.0).
    integer; text Ro; red < 3 | 2     | Ro er besvaret 2. Grænsen for rød er under 3 (Skema 1.0).
    integer; text Ro; red = 3 | 3     | Ro er besvaret 3. Grænsen for rød er 3 (Skema 1.0).
    integer; text Ro; red != 3 | 2     | Ro er besvaret 2. Grænsen for rød er alt andet end 3 (Skema 1.0).
    integer; text Ro; yellow >= 4 and <= 6 | 5     | Ro er besvaret 5. Grænsen for gul er fra 4 til 6 (Skema 1.0).
    integer; text Ro; yellow >= 4 and <= 4 | 4     | Ro er besvaret 4. Grænsen for gul er 4 (Skema 1.0).
    integer; text Ro; yellow > 3 and < 7 | 5     | Ro er besvaret 5. Grænsen for gul er over 3 og under 7 (Skema 1.0).
    decimal; text Varm; unit °C; red > 38 | 39.2  | Varm er besvaret 39,2 °C. Grænsen for rød er over 38 °C (Skema 1.0).
    choice; text Ryger; of ja/nej; red = ja | ja    | Ryger er besvaret ”ja”, som er rød (Skema 1.0).
    boolean; text Ryger; red = yes | yes   | Ryger er besvaret ja, som er rød (Skema 1.0).
    boolean; text Ryger; green = no | no    | Ryger er besvaret nej, som er grøn (Skema 1.0).
    integer; text Smerte; yellow exists no | –     | Smerte er ikke besvaret. Farven er gul (Skema 1.0).
    integer; text Smerte; red >= 7 | –     | Smerte er ikke besvaret.
    integer; text Smerte; red >= 7 | 5     | Smerte er besvaret 5; det har reglerne intet lys for (Skema 1.0).
    string; text Ro; red = c; repeats | a + b | Ro er besvaret a og b; det har reglerne intet lys for (Skema 1.0).
""")
def test_every_finding_says_why(question, answer, in_words):
    asked = form(f"a: {question}")
    assert [each.text.da for each in assessed(asked, None, f"a: {answer}").findings] == [in_words]


@table("""
    question                            | answer     | limit
    date; red > 2026-01-01              | 2026-03-10 | efter 1.1.2026
    date; red < 2026-01-01              | 2025-03-10 | før 1.1.2026
    date; red = 2026-01-01              | 2026-01-01 | 1.1.2026
    time; red >= 02:00:00               | 03:30:00   | 2.00 eller senere
    time; red <= 20:00:00               | 19:30:00   | 20.00 eller tidligere
    time; red >= 02:00:00 and <= 05:00:00 | 03:30:00 | fra 2.00 til 5.00
    quantity; unit kg; red < 50 kg      | 49.5 kg    | under 50 kg
    quantity; unit kg; red >= 90 kg and <= 120 kg | 99 kg | fra 90 kg til 120 kg
""")
def test_a_limit_is_told_in_words_for_what_it_is_a_limit_of(question, answer, limit):
    """Without the limit nobody can tell how near an answer is to it."""
    (finding,) = assessed(form(f"a: {question}"), None, f"a: {answer}").findings
    assert finding.text.da.partition(". ")[2] == f"Grænsen for rød er {limit} (Skema 1.0)."


@table("""
    amount | unit | bound | in words
    4.50   | mg   | –     | 4,50 mg
    5      | mg   | <     | < 5 mg
    7      | mg   | >=    | >= 7 mg
    5      | –    | –     | 5
    none   | mg   | –     | – mg
""")
def test_an_amount_that_is_only_a_bound_is_told_as_one(amount, unit, bound, in_words):
    """An apparatus may not measure less than 5; nobody is to read that as 5."""
    given = {"value": None if amount == "none" else Decimal(amount), "unit": unit, "comparator": bound}
    answer = {"valueQuantity": {name: value for name, value in given.items() if value != NOTHING}}
    assert answer_words(form("a: quantity").item("a"), answer).da == in_words


@table("""
    answered                                                                 | in words
    {"valueAttachment": {"title": "Knæ.png", "data": "AAAA"}}                | Knæ.png
    {"valueAttachment": {"contentType": "image/png", "data": "AAAA"}}        | en fil
    {"valueReference": {"reference": "Patient/1", "display": "Anna"}}        | Anna
    {"valueReference": {"reference": "Patient/1"}}                           | Patient/1
    {"valueReference": {"identifier": {"system": "urn:x", "value": "12345"}}} | en henvisning
""")
def test_a_file_or_a_reference_is_told_by_its_name_alone(answered, in_words):
    """What a file holds, and whom a reference is to by number, is not for a reason to tell."""
    assert answer_words(form("a: attachment").item("a"), loads(answered)).da == in_words


@table("""
    rule  | answer | light
    >= 5  | > 3    | not assessed
    >= 5  | > 5    | red
    >= 5  | >= 5   | red
    >= 5  | < 5    | not assessed
    >= 5  | < 9    | not assessed
    > 5   | >= 5   | not assessed
    > 5   | > 5    | red
    > 5   | >= 7   | red
    < 5   | < 5    | red
    < 5   | <= 5   | not assessed
    < 5   | <= 4   | red
    < 5   | > 3    | not assessed
    <= 5  | <= 5   | red
    <= 5  | < 9    | not assessed
    = 5   | >= 5   | not assessed
""")
def test_an_amount_that_is_only_a_bound_meets_a_rule_only_where_whatever_it_is_would(rule, answer, light):
    bound, _, amount = answer.partition(" ")
    given = {"a": ({"valueQuantity": {"value": int(amount), "comparator": bound, "unit": "mg", "code": "mg"}},)}
    found = assess(form(f"a: quantity; unit mg; red {rule} mg"), None, given, questionnaire="q", view_reference=None)
    assert say(found.light) == light


def test_every_finding_says_why_in_english_too():
    asked = form("a: integer; red >= 7; yellow >= 4 and <= 6")
    english = [each.text.en for given in ("8", "5", "–", "1") for each in assessed(asked, None, f"a: {given}").findings]
    assert english == [
        "A is answered 8. The limit for red is 7 or more (Skema 1.0).",
        "A is answered 5. The limit for yellow is from 4 to 6 (Skema 1.0).",
        "A is not answered.",
        "A is answered 1; the rules have no light for that (Skema 1.0).",
    ]


def test_a_finding_keeps_the_rule_as_the_questionnaire_has_it():
    asked = form("a: integer; red >= 7; green <= 6")
    red = assessed(asked, None, "a: 8").findings[0]
    assert red.rule is asked.item("a").rules[0].source
    assert red.answer == {"valueInteger": 8}
    absent = assessed(asked, None, "").findings[0]
    assert (absent.rule, absent.answer) == (None, None)
