"""Conditions and rules that are refused

A condition that points nowhere, in a circle, or at an answer that cannot be given would never hold, and nobody would
notice. It is refused with everything else that is wrong with a questionnaire, and so is a rule for a light.
"""

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import loads
from kommunalpro.pro.enablement import enabled_paths
from tests.spec import forms
from tests.spec.forms import answers, form, item, of, problems, questionnaire
from tests.spec.tables import table


@table("""
    a                   | b hangs on it            | refused
    integer             | a > 3                    | –
    integer             | c > 3                    | b condition-unknown
    group               | a exists yes             | b condition-not-a-question
    display             | a exists yes             | b condition-not-a-question
    integer             | a = "ja"                 | b condition-value
    choice; of x/y      | a = x                    | –
    choice; of x/y      | a = z                    | b condition-option
    choice; of x/y      | a != z                   | b condition-option
    open-choice; of x/y | a = z                    | –
    choice; of x/y      | a > x                    | b condition-value
    boolean             | a > yes                  | b condition-value
    string              | a > knee                 | b condition-value
    reference           | a > Patient/1            | b condition-value
    attachment          | a = x-ray                | b condition-value
    date                | a > 2026-01-01           | –
    dateTime            | a > 2026-01-01T00:00:00Z | –
    time                | a > 10:00:00             | –
    quantity            | a > 5 kg                 | –
    decimal             | a > 5                    | –
    url                 | a = https://example.org  | –
    boolean             | b = yes                  | b condition-circle
""")
def test_a_condition_asks_about_an_answer_that_can_be_given(a, b_hangs_on_it, refused):
    """To a question that is there, compared as its answers compare, with an option that it has, and never to itself."""
    target = b_hangs_on_it.split(" ")[0]
    kind = "boolean" if target == "b" else "string"
    assert problems(questionnaire(f"a: {a}\nb: {kind}; if {b_hangs_on_it}")) == refused


@table("""
    operator | answer                           | refused
    ~        | {"answerInteger": 3}             | b condition-operator
    –        | {"answerInteger": 3}             | b condition-operator
    =        | {}                               | b condition-value
    exists   | {"answerInteger": 3}             | b condition-value
    exists   | {"answerBoolean": "true"}        | b condition-value
    >        | {"answerInteger": "3"}           | b condition-value
    =        | {"answerString": "3"}            | b condition-value
    >        | {"answerDecimal": 3.5}           | –
    >        | {"answerQuantity": {"value": 3}} | b condition-value
""")
def test_a_condition_is_written_whole_and_in_the_type_of_the_question(operator, answer, refused):
    condition = {"question": "a", **loads(answer), **({"operator": operator} if operator != "–" else {})}
    assert problems(of(item(type="integer"), item(linkId="b", enableWhen=[condition]))) == refused


def test_an_amount_in_a_condition_has_a_value_and_a_code_in_a_condition_is_there():
    amount = {"question": "a", "operator": ">", "answerQuantity": {"unit": "kg"}}
    code = {"question": "c", "operator": "=", "answerCoding": {"display": "Ja"}}
    choice = item(linkId="c", type="open-choice")
    asked = of(item(type="quantity"), choice, item(linkId="b", enableWhen=[amount, code], enableBehavior="all"))
    assert problems(asked) == "b condition-value, b condition-value"


@table("""
    questionnaire                                                            | refused
    a: boolean; if b = yes / b: boolean; if a = yes                          | a condition-circle
    a: boolean; if c = yes / b: boolean; if a = yes / c: boolean; if b = yes | a condition-circle
    g: group; if a = yes / –a: boolean                                       | g condition-circle
    a: boolean; if a = yes                                                   | a condition-circle
    a: boolean / g: group; if a = yes / –b: boolean; if a = yes              | –
""")
def test_no_question_waits_for_itself(questionnaire, refused):
    """Neither directly, nor round a circle, nor as a group that hangs on what is inside it. (`–` is further in.)"""
    text = questionnaire.replace(" / ", "\n").replace("–", "  ")
    assert problems(forms.questionnaire(text)) == refused


@table("""
    besides                                 | refused
    c: integer / c: integer                 | c link-id-twice, a condition-circle
    c: riddle                               | c type, a condition-circle
    c: integer; from 10 to 0                | c bounds, a condition-circle
    c: boolean; if x = yes                  | c condition-unknown, a condition-circle
    c: boolean; if d = yes / d: boolean; if c = yes | a condition-circle, c condition-circle
    c: boolean; if a = yes / d: boolean; if c = yes | a condition-circle
    a: boolean                              | a link-id-twice
""")
def test_a_circle_is_told_besides_whatever_else_is_wrong(besides, refused):
    """With every other circle. What two questions of the same name wait for is only known when they are told apart."""
    lines = ["a: boolean; if b = yes", "b: boolean; if a = yes", *besides.split(" / ")]
    assert problems(questionnaire("\n".join(lines))) == refused


def test_at_most_twenty_circles_are_told():
    circles = questionnaire("\n".join(f"q{number}: boolean; if q{number} = yes" for number in range(25)))
    assert problems(circles).split(", ") == [f"q{number} condition-circle" for number in range(20)]


def test_too_long_a_chain_is_told_besides_whatever_else_is_wrong():
    chain = [f"q{number}: boolean" + (f"; if q{number - 1} = yes" if number else "") for number in range(101)]
    found = problems(questionnaire("\n".join([*chain, "a: riddle", "b: boolean; if b = yes"])))
    assert found == "a type, b condition-circle, q100 condition-chain"


@table("""
    links | refused
    99    | –
    100   | condition-chain
""")
def test_conditions_hang_on_each_other_in_at_most_a_hundred_links(links, refused):
    """Also when each is asked about by the one before it."""
    count = int(links)
    for chained in (
        [(f"q{number}", f"q{number - 1}" if number else "") for number in range(count + 1)],
        [(f"q{number}", f"q{number + 1}" if number < count else "") for number in range(count + 1)],
    ):
        lines = [f"{name}: boolean" + (f"; if {after} = yes" if after else "") for name, after in chained]
        found = problems(questionnaire("\n".join(lines)))
        assert found.split(" ")[-1] == (refused if refused != "–" else "–")


def test_several_conditions_say_whether_all_or_one_must_hold():
    asked = questionnaire("a: boolean\nb: boolean\nc: text; if a = yes and b = yes")
    del asked["item"][2]["enableBehavior"]
    assert problems(asked) == "c condition-behavior"


@table("""
    rule                       | refused
    red >= 7                   | –
    grey >= 7                  | a rule-light
    red = "seven"              | a condition-value
    red ~ 7                    | a condition-operator
    red >= 7 and <= 9          | –
    red >= 7 and <= 9 and != 8 | a rule-conditions
""")
def test_a_rule_for_a_light_has_a_light_and_one_or_two_conditions(rule, refused):
    assert problems(of(item(type="integer", extension=[forms.rule("integer", rule)]))) == refused


def test_a_rule_without_conditions_is_none():
    light = {"url": "significance", "valueCoding": {"code": "red"}}
    rule = {"url": ehealth.ANSWER_SIGNIFICANCE, "extension": [light]}
    assert problems(of(item(extension=[rule]))) == "a rule-conditions"


def test_a_rule_on_a_choice_names_an_option_that_there_is():
    assert problems(questionnaire("a: choice; of x/y; red = z")) == "a condition-option"


def test_a_rule_stands_on_a_question():
    assert problems(questionnaire("a: group; red exists yes\n  b: text")) == "a condition-not-a-question"


def test_a_question_that_cannot_be_read_is_not_said_to_be_missing_too():
    condition = {"question": "a", "operator": "exists", "answerBoolean": True}
    assert problems(of(item(type="riddle"), item(linkId="b", enableWhen=[condition]))) == "a type"


def test_a_chain_of_a_hundred_is_told_also_from_deep_inside_a_program():
    """Every question hangs on the next, so that the first can only be told when the last is."""
    lines = [f"q{number}: boolean; if q{number + 1} = yes" for number in range(99)]
    asked = form("\n".join([*lines, "q99: boolean"]))
    given = answers(asked, ", ".join(f"q{number}: yes" for number in range(100)))

    def deep(levels: int) -> int:
        return deep(levels - 1) if levels else len(enabled_paths(asked, given))

    assert deep(600) == 100
