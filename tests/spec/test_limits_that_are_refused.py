"""Limits that are refused

What an editor limits an answer by is kept, or the questionnaire is refused: a limit that has no effect on a question,
or that no answer can keep to, would only be noticed by citizens. The same goes for what is answered beforehand.
"""

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.json import loads
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.response import check_answers
from tests.spec.forms import answers, form, item, of, problems, questionnaire
from tests.spec.tables import table


@table("""
    question                                                         | refused
    integer; from 0 to 10                                            | –
    integer; from 10 to 0                                            | a bounds
    decimal; from 1.5 to 1.0                                         | a bounds
    date; from 2026-12-31 to 2026-01-01                              | a bounds
    dateTime; from 2026-01-01T08:00:00Z to 2026-01-01T08:30:00+01:00 | a bounds
    time; from 16:00:00 to 08:00:00                                  | a bounds
    quantity; from 0 to 10                                           | –
    integer; from 0 to 10; step 3                                    | a step
    integer; from 0 to 10; step 5                                    | –
    integer; from 1 to 10; step 3                                    | –
    integer; step 3                                                  | –
    decimal; from 0 to 1; step 0.1                                   | –
    decimal; from 0 to 1; step 0.3                                   | a step
    decimal; from 0 to 1; step 0                                     | a step
    decimal; from 0 to 1; step -0.1                                  | a step
    string; pattern [0-9]{4}                                         | –
    string; pattern [0-9                                             | a pattern
    string; pattern (?<=a)b                                          | a pattern
    choice; repeats; least 2; most 3; of x/y/z                       | –
    choice; repeats; least 3; most 2; of x/y/z                       | a occurs
    choice; repeats; most 0; of x/y                                  | a occurs
    choice; repeats; least -1; of x/y                                | a occurs
    choice; repeats; least 2; of x/y                                 | –
    choice; least 2; of x/y                                          | a occurs-once
    choice; most 2; of x/y                                           | a occurs-once
    choice; least 1; most 1; of x/y                                  | –
    text; length 1                                                   | –
    text; length 0                                                   | a length
    text; length -1                                                  | a length
    decimal; decimals 0                                              | –
    decimal; decimals -2                                             | a places
""")
def test_limits_can_be_kept(question, refused):
    """The step leads from the lowest to the highest; a pattern is one that can be matched in linear time.

    Several answers are for a question that can be answered several times: else none would be right, or the limit none.
    """
    assert problems(questionnaire(f"a: {question}")) == refused


@table("""
    question | bound                           | refused
    integer  | {"valueDecimal": 1}             | –
    integer  | {"valueString": "1"}            | a bound-kind
    decimal  | {"valueInteger": 1}             | –
    date     | {"valueDate": "2026-01-01"}     | –
    date     | {"valueDate": "soon"}           | a bound-kind
    date     | {"valueInteger": 2026}          | a bound-kind
    time     | {"valueTime": "08:00"}          | a bound-kind
    quantity | {"valueQuantity": {"value": 1}} | –
    quantity | {"valueQuantity": {}}           | a bound-kind
    string   | {"valueInteger": 1}             | a bound-kind
    boolean  | {"valueBoolean": true}          | a bound-kind
    integer  | {}                              | a bound-kind
""")
def test_a_bound_is_a_value_of_the_questions_type(question, bound, refused):
    asked = of(item(type=question, extension=[{"url": ehealth.MIN_VALUE, **loads(bound)}]))
    assert problems(asked) == refused


@table("""
    type        | pattern | length  | decimals | step
    string      | kept    | kept    | refused  | refused
    text        | kept    | kept    | refused  | refused
    url         | kept    | kept    | refused  | refused
    open-choice | kept    | kept    | refused  | refused
    choice      | refused | refused | refused  | refused
    integer     | refused | refused | kept     | kept
    decimal     | refused | refused | kept     | kept
    quantity    | refused | refused | kept     | refused
    date        | refused | refused | refused  | refused
    dateTime    | refused | refused | refused  | refused
    time        | refused | refused | refused  | refused
    boolean     | refused | refused | refused  | refused
    attachment  | refused | refused | refused  | refused
    reference   | refused | refused | refused  | refused
""")
def test_a_limit_stands_where_it_is_kept(type, pattern, length, decimals, step):
    """A pattern is about text as the citizen writes it; R4 does not say how it would meet a number or a date.

    What keeps a number between bounds is a smallest and a greatest value, a step, a number of decimals.
    """
    limits = {"pattern [1-3]": pattern, "length 3": length, "decimals 1": decimals, "step 1": step}
    for limit, expected in limits.items():
        asked = questionnaire(f"a: {type}{'; of x/y' if 'choice' in type else ''}; {limit}")
        assert problems(asked) == ("–" if expected == "kept" else "a no-effect")


def test_a_limit_without_effect_is_named_with_the_type_that_it_has_none_on():
    [problem] = form("a: integer; pattern [1-3]").flaws
    assert problem.text.da == "Et mønster (regex) har ingen virkning på et spørgsmål af typen integer."
    assert problem.text.en == "A pattern (regex) has no effect on an item of type integer."


def test_a_length_is_a_whole_number():
    assert problems(of(item(maxLength="3"))) == "a length"


@table("""
    question                    | control      | refused
    integer; from 0 to 10       | slider       | –
    decimal; from 0 to 10       | slider       | –
    quantity; from 0 to 10      | slider       | –
    choice; of x/y              | slider       | –
    integer                     | slider       | a slider
    integer; from 0             | slider       | a slider
    decimal; to 10              | slider       | a slider
    text                        | slider       | a no-effect
    boolean                     | slider       | a no-effect
    date                        | slider       | a no-effect
    choice; of x/y              | drop-down    | –
    choice; of x/y              | check-box    | –
    choice; repeats; of x/y     | radio-button | –
    text                        | drop-down    | –
    integer                     | spinner      | –
    integer                     | urn:unknown  | –
""")
def test_a_slider_goes_from_one_number_to_another_or_through_options(question, control, refused):
    """Other controls are wishes: where one cannot be met, the question is shown as others of its type, and answered."""
    asked = questionnaire(f"a: {question}")
    shown = {"url": ehealth.ITEM_CONTROL, "valueCodeableConcept": {"coding": [{"code": control}]}}
    asked["item"][0].setdefault("extension", []).append(shown)
    assert problems(asked) == refused


def test_a_slider_goes_through_the_options_of_a_value_set_too():
    shown = {"url": ehealth.ITEM_CONTROL, "valueCodeableConcept": {"coding": [{"code": "slider"}]}}
    value_set = {"resourceType": "ValueSet", "id": "v", "expansion": {"contains": [{"code": "x"}]}}
    asked = item(type="choice", answerValueSet="#v", extension=[shown])
    assert problems(of(asked, contained=[value_set])) == "–"


@table("""
    feedback                                 | refused
    {"value": "Flot", "min": 0, "max": 10}   | –
    {"value": "Flot", "min": 0}              | a feedback
    {"min": 0, "max": 10}                    | a feedback
    {"value": "Flot", "min": "0", "max": 10} | a extension-kind, a feedback
    {"value": "Flot", "min": 3, "max": 3}    | –
    {"value": "Flot", "min": 3, "max": 0}    | a feedback-bounds
""")
def test_a_feedback_has_a_text_and_both_ends_in_their_order(feedback, refused):
    kinds = {"value": "valueString"}
    parts = [{"url": name, kinds.get(name, "valueInteger"): value} for name, value in loads(feedback).items()]
    extension = {"url": ehealth.QUESTIONNAIRE_FEEDBACK, "extension": parts}
    assert problems(of(item(type="integer", extension=[extension]))) == refused


@table("""
    question            | refused
    integer             | –
    decimal             | –
    text                | a no-effect
    choice; of x/y      | a no-effect
    quantity            | a no-effect
""")
def test_a_feedback_is_about_a_number(question, refused):
    asked = questionnaire(f"a: {question}")
    parts = (
        {"url": "value", "valueString": "Flot"},
        {"url": "min", "valueInteger": 0},
        {"url": "max", "valueInteger": 9},
    )
    asked["item"][0].setdefault("extension", []).append(complex_extension(ehealth.QUESTIONNAIRE_FEEDBACK, *parts))
    assert problems(asked) == refused


@table("""
    question                         | answered beforehand                            | refused
    integer; from 0 to 10            | {"valueInteger": 3}                            | –
    integer; from 0 to 10            | {"valueInteger": 11}                           | a initial
    integer                          | {"valueString": "3"}                           | a initial
    integer                          | {}                                             | a initial
    integer                          | {"valueInteger": 1}, {"valueInteger": 2}       | a initial
    integer; repeats                 | {"valueInteger": 1}, {"valueInteger": 2}       | –
    integer; repeats; least 2        | {"valueInteger": 1}                            | –
    integer; repeats; most 2         | {"valueInteger": 1}, {"valueInteger": 2}, {"valueInteger": 3} | a initial
    text; length 3                   | {"valueString": "fire"}                        | a initial
    date; from 2026-01-01            | {"valueDate": "2025-12-31"}                    | a initial
    quantity; unit kg                | {"valueQuantity": {"value": 3, "code": "g"}}   | a initial
    open-choice                      | {"valueString": "andet"}                       | –
    choice; of x/y                   | {"valueCoding": {"system": "urn:spec", "code": "x"}} | a initial-options
    group                            | {"valueInteger": 3}                            | a initial-not-a-question
    display                          | {"valueString": "x"}                           | a initial-not-a-question
""")
def test_what_is_answered_beforehand_could_have_been_answered(question, answered_beforehand, refused):
    """R4: que-8, que-11, que-13. Where there are options, one of them is marked instead (`initialSelected`)."""
    asked = questionnaire(f"a: {question}")
    asked["item"][0]["initial"] = loads(f"[{answered_beforehand}]")
    assert problems(asked) == refused


@table("""
    code | refused
    x    | –
    z    | a initial
""")
def test_what_is_answered_beforehand_is_in_the_value_set(code, refused):
    value_set = {"resourceType": "ValueSet", "id": "v", "expansion": {"contains": [{"code": "x"}]}}
    asked = item(type="choice", answerValueSet="#v", initial=[{"valueCoding": {"code": code}}])
    assert problems(of(asked, contained=[value_set])) == refused


@table("""
    question                      | chosen beforehand | refused
    choice; of x/y                | x                 | –
    choice; of x/y                | x, y              | a initial
    choice; repeats; of x/y       | x, y              | –
    choice; repeats; of x/y/none! | x, none           | a initial
""")
def test_the_options_that_are_chosen_beforehand_can_be_chosen_together(question, chosen_beforehand, refused):
    asked = questionnaire(f"a: {question}")
    for option in asked["item"][0]["answerOption"]:
        option["initialSelected"] = option["valueCoding"]["code"] in chosen_beforehand.split(", ")
    assert problems(asked) == refused


@table("""
    published before          | answer
    integer; pattern [1-3]    | 9
    string; step 2            | knæet
    integer; length 1         | 12
    text; length 0            | knæet
    decimal; decimals -2      | 36.9
    quantity; step 2          | 3 kg
    choice; least 2; of x/y   | x
    choice; least 2; of x/y   | –
""")
def test_what_was_published_before_it_was_looked_for_is_answered_without_it(published_before, answer):
    """Citizens are still asked it, and what they answered is still read: nobody is shut out by a stricter check."""
    asked = form(f"a: {published_before}")
    assert asked.flaws
    assert check_answers(asked, answers(asked, f"a: {answer}"), strictness="submit") == ()


def test_what_could_not_be_answered_beforehand_is_not_answered_beforehand():
    asked = compile_form(of(item(type="integer", initial=[{"valueString": "x"}])))
    assert asked.item("a").initial == ()


def test_a_slider_without_ends_is_a_number_and_a_picture_that_is_missing_is_none():
    slider = {"url": ehealth.ITEM_CONTROL, "valueCodeableConcept": {"coding": [{"code": "slider"}]}}
    missing = complex_extension(ehealth.QUESTIONNAIRE_IMAGE, {"url": "content", "valueReference": {"reference": "#x"}})
    asked = compile_form(of(item(type="integer", extension=[slider, missing])))
    assert [each.code for each in asked.flaws] == ["slider", "image"]
    assert asked.item("a").images == ()
