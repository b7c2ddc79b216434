"""Answers over time

Topics, scores and questions have series: questions that are numbers, and choices whose options have numbers or lights.
What is not known is a gap with its reason, never 0 and never green. Responses stand one after another: `3 / – / 7`.
"""

from dataclasses import replace

from kommunalpro.pro.form import compile_form
from tests.spec.forms import NOTHING, form, questionnaire
from tests.spec.series import OTHER, answered, by_id, moved, over_time, values
from tests.spec.tables import table, yes
from tests.spec.views import say, view

PAIN = "pain: integer; from 0 to 10; green <= 3; yellow >= 4 and <= 6; red >= 7"
MOOD = "mood: integer; from 0 to 10\nenergy: integer; from 0 to 10"


def each_of(question, answers):
    return " / ".join(each if each == NOTHING else f"{question}: {each}" for each in answers.split(" / "))


@table(
    """
    answers       | change since last | gaps between | from start to end
    3 / 7         | +4                | 0            | +4
    7 / 3         | -4                | 0            | -4
    5 / 5         | +0                | 0            | +0
    3 / 4 / 7     | +3                | 0            | +4
    3 / – / 7     | +4                | 1            | +4
    3 / – / – / 7 | +4                | 2            | +4
    3 / 5 / –     | –                 | –            | +2
    – / 7         | –                 | –            | –
    7             | –                 | –            | –
    – / –         | –                 | –            | –
    """,
    form=PAIN,
)
def test_a_change_is_counted_from_the_last_value_that_is_known(
    answers, change_since_last, gaps_between, from_start_to_end
):
    """When the last response itself has no value, the change since last is not known."""
    series = over_time(PAIN, each_of("pain", answers))["pain"]
    found = series.since_last
    assert (moved(found), NOTHING if found is None else str(found.passed)) == (change_since_last, gaps_between)
    assert moved(series.from_start) == from_start_to_end


@table(
    """
    high is | answers | it goes
    worse   | 3 / 7   | worse
    worse   | 7 / 3   | better
    worse   | 3 / 3   | unchanged
    better  | 3 / 7   | better
    better  | 7 / 3   | worse
    –       | 3 / 7   | higher
    –       | 7 / 3   | lower
    –       | 3 / 3   | unchanged
    worse   | 3 / –   | unknown
    worse   | 3       | unknown
    """,
    form=PAIN,
)
def test_better_and_worse_need_a_declared_direction(high_is, answers, it_goes):
    """Without one it is only told whether a number is higher or lower."""
    sign = {"worse": "-", "better": "+"}.get(high_is, "")
    assert over_time(PAIN, each_of("pain", answers), written=f"topic body: {sign}pain")["pain"].course == it_goes


@table(
    """
    least important change | scores   | change | it goes   | may be chance
    5                      | 10 / 14  | +4     | better    | yes
    5                      | 14 / 10  | -4     | worse     | yes
    5                      | 10 / 15  | +5     | better    | no
    5                      | 10 / 16  | +6     | better    | no
    5                      | 10 / 10  | +0     | unchanged | yes
    –                      | 10 / 11  | +1     | better    | nothing is said
    """
)
def test_a_change_smaller_than_the_least_important_one_may_be_chance(
    least_important_change, scores, change, it_goes, may_be_chance
):
    """Where the score's definition declares none, nothing is said of it."""
    least = "" if least_important_change == NOTHING else f"; important {least_important_change}"
    written = f"score total: sum of mood, energy; high is better; scale 0 to 20{least}"
    halves = [f"mood: {int(each) // 2}, energy: {int(each) - int(each) // 2}" for each in scores.split(" / ")]
    found = over_time(MOOD, " / ".join(halves), written=written)["total"].since_last
    said = "nothing is said" if found.is_within_chance is None else yes(found.is_within_chance)
    assert (moved(found), found.course, said) == (change, it_goes, may_be_chance)


@table(
    """
    answers                | series                     | change since last
    80 kg / 81 kg          | 80 / 81                    | +1
    80 kg / 81000 g        | other-unit / 81000         | –
    80 kg / 80500 g / 81 kg | 80 / other-unit / 81      | +1
    80 kg / 81             | other-unit / 81            | –
    """,
    form="weight: quantity",
)
def test_a_value_in_another_unit_is_a_gap(answers, series, change_since_last):
    """It is never converted: from 80 kg to 81000 g nothing has changed by 80920. The last value's unit counts."""
    found = over_time("weight: quantity", each_of("weight", answers))["weight"]
    assert (values(found), moved(found.since_last)) == (series, change_since_last)


@table(
    """
    answers   | answered by                   | series                                  | change since last
    3 / 8     | citizen / relative            | 3 / other-respondent                    | –
    8 / 3     | relative / citizen            | other-respondent / 3                    | –
    3 / 8 / 5 | citizen / relative / citizen  | 3 / other-respondent / 5                | +2
    3 / 5 / 8 | citizen / citizen / relative  | 3 / 5 / other-respondent                | –
    8 / 6     | relative / relative           | 8 / 6                                   | -2
    8 / 6     | nurse / relative              | other-respondent / 6                    | –
    8 / 3 / 9 | Max / Sofie / Max             | 8 / other-respondent / 9                | +1
    – / 6     | citizen / relative            | not-answered / 6                        | –
    """
)
def test_what_one_says_is_not_compared_with_what_another_said(answers, answered_by, series, change_since_last):
    """How a relative sees somebody's pain is no development of how they feel it: that is theirs to say."""
    asked = form("pain: integer; from 0 to 10")
    given = zip(each_of("pain", answers).split(" / "), answered_by.split(" / "), strict=True)
    who = {"citizen": ""}
    made = [answered(day, asked, said, respondent=who.get(one, one)) for day, (said, one) in enumerate(given)]
    found = by_id(made)["pain"]
    assert (values(found), moved(found.since_last)) == (series, change_since_last)


@table(
    """
    scale first | scale then | scale last | answers       | series                           | from start to end
    0 to 10     | 0 to 10    | 0 to 10    | 3 / 4 / 6     | 3 / 4 / 6                        | +3
    0 to 10     | 0 to 100   | 0 to 100   | 3 / 40 / 60   | other-scale / 40 / 60            | +20
    0 to 10     | 0 to 10    | 0 to 100   | 3 / 4 / 60    | other-scale / other-scale / 60   | –
    0 to 10     | 0 to 100   | 0 to 10    | 3 / 40 / 6    | other-scale / other-scale / 6    | –
    0 to 10     | 1 to 10    | 1 to 10    | 3 / – / 6     | other-scale / not-answered / 6   | –
    """
)
def test_a_scale_of_another_length_breaks_the_series(
    scale_first, scale_then, scale_last, answers, series, from_start_to_end
):
    """Nothing before the break is compared with anything after it."""
    scales, given = (scale_first, scale_then, scale_last), each_of("pain", answers).split(" / ")
    asked = [form(f"pain: integer; from {scale}") for scale in scales]
    found = by_id([answered(day, *each) for day, each in enumerate(zip(asked, given, strict=True))])["pain"]
    assert (values(found), moved(found.from_start)) == (series, from_start_to_end)


@table(
    """
    answers                           | series
    never / often                     | 0 / 2
    never / some / –                  | 0 / no-number / not-answered
    """,
    form="smokes: choice; of never=0/some/often=2",
)
def test_a_choice_is_measured_by_the_numbers_of_its_options(answers, series):
    found = over_time("smokes: choice; of never=0/some/often=2", each_of("smokes", answers))["smokes"]
    assert values(found) == series


def test_options_that_are_numbers_themselves_are_their_own_measure():
    level = {"linkId": "level", "type": "choice", "answerOption": [{"valueInteger": number} for number in (1, 2, 5)]}
    asked = compile_form({"resourceType": "Questionnaire", "item": [level]})
    chosen = [
        replace(answered(day, asked, NOTHING), answers={"level": ({"valueInteger": number},)})
        for day, number in enumerate((2, 5))
    ]
    found = by_id(chosen)["level"]
    assert (values(found), moved(found.since_last), found.measure.low, found.measure.high) == ("2 / 5", "+3", 1, 5)


@table(
    """
    question                                          | has a series
    a: integer                                        | yes
    a: decimal                                        | yes
    a: quantity                                       | yes
    a: choice; of never=0/often=2                     | yes
    a: open-choice; of never=0/often=2                | yes
    a: choice; of never/often; red = often            | yes
    a: choice; of never/often                         | no
    a: boolean; red = yes                             | yes
    a: boolean                                        | no
    a: date                                           | no
    a: text                                           | no
    """
)
def test_questions_with_a_series_have_numbers_or_lights_and_few_answers(question, has_a_series):
    assert yes("a" in over_time(question, NOTHING)) == has_a_series


def test_a_question_in_a_repeating_group_has_no_series():
    """The second medicine of one response need not be the second of the next: nothing says that they are the same."""
    assert "dose" not in over_time("medicine: group; repeats\n  dose: integer", "medicine[0]/dose: 2")


def test_several_answers_to_one_question_are_a_gap():
    assert values(over_time("a: integer; repeats", "a: 1 / a: 1 + 2 / a: 3")["a"]) == "1 / several-answers / 3"


def test_a_question_that_stood_in_a_repeating_group_is_a_gap_until_it_does_not():
    before, after = form("g: group; repeats\n  a: integer"), form("a: integer")
    assert values(by_id([answered(0, before, "g[0]/a: 1"), answered(1, after, "a: 2")])["a"]) == "several-answers / 2"


def test_a_unit_is_known_by_its_code_however_it_is_written():
    written = [{"value": 80, "unit": "kg", "code": "kg"}, {"value": 81, "unit": "kilo", "code": "kg"}, {"value": 82}]
    asked = form("a: quantity; unit kg")
    given = [{"a": ({"valueQuantity": each},)} for each in written]
    made = [replace(answered(day, asked, NOTHING), answers=each) for day, each in enumerate(given)]
    series = by_id(made)["a"]
    assert (values(series), series.measure.shown) == ("80 / 81 / 82", "kg")


def test_a_unit_that_the_question_shows_by_another_name_breaks_the_series():
    """The code is the same; what the citizen read is not."""
    shown = questionnaire("a: quantity; unit kg")
    shown["item"][0]["extension"][0]["valueCoding"]["display"] = "kilogram"
    made = [answered(0, compile_form(shown), "a: 80 kg"), answered(1, form("a: quantity; unit kg"), "a: 81 kg")]
    assert values(by_id(made)["a"]) == "other-scale / 81"


def test_less_than_a_number_is_not_that_number():
    below = {"a": ({"valueQuantity": {"value": 5, "comparator": "<"}},)}
    response = answered(0, form("a: quantity"), NOTHING)
    assert values(by_id([replace(response, answers=below)])["a"]) == "no-number"


@table(
    """
    versions                            | series
    a: integer, then a: integer         | 1 / 2
    b: integer, then a: integer         | not-asked / 2
    """
)
def test_a_question_is_the_same_by_its_link_id_in_all_versions(versions, series):
    """A version that did not ask is a gap."""
    first, last = (form(each) for each in versions.split(", then "))
    asked = [answered(0, first, "a: 1" if "a" in first.places else "b: 1"), answered(1, last, "a: 2")]
    assert values(by_id(asked)["a"]) == series


@table(
    """
    answers                                            | series of cigarettes
    smokes: yes, cigarettes: 9 / smokes: no            | 9 / not-asked
    smokes: yes / smokes: yes, cigarettes: 9           | not-answered / 9
    smokes: no, cigarettes: 9 / smokes: yes            | not-asked / not-answered
    """,
    form="smokes: boolean\ncigarettes: integer; if smokes = yes",
)
def test_what_was_not_asked_is_another_gap_than_what_was_not_answered(answers, series_of_cigarettes):
    """An answer to what is not asked does not count, as everywhere."""
    asked = "smokes: boolean\ncigarettes: integer; if smokes = yes"
    assert values(over_time(asked, answers)["cigarettes"]) == series_of_cigarettes


def test_a_question_that_is_no_longer_asked_keeps_its_series():
    asked = [answered(0, form("a: integer\nb: integer"), "a: 1, b: 2"), answered(1, form("b: integer"), "b: 3")]
    assert {id: values(each) for id, each in by_id(asked).items()} == {"a": "1 / not-asked", "b": "2 / 3"}


@table(
    """
    codes of a | codes in the other questionnaire | series of a
    x          | p has x                          | 4 / 5
    x y        | p has y                          | 4 / 5
    x          | p has y                          | 5
    –          | p has x                          | 5
    x          | p has x, q has x                 | 5
    x y        | p has x, q has y                 | 5
    x twice    | p has x                          | 5
    """
)
def test_in_another_questionnaire_the_same_code_is_the_same_question(
    codes_of_a, codes_in_the_other_questionnaire, series_of_a
):
    """Where two questions have the code, it is not known which is meant, and neither counts."""
    others = dict(each.split(" has ") for each in codes_in_the_other_questionnaire.split(", "))
    own = {"a": codes_of_a.removesuffix(" twice")} | ({"b": "x"} if codes_of_a == "x twice" else {})
    asked = [answered(0, coded(others), "p: 4", base=OTHER), answered(1, coded(own), "a: 5")]
    assert values(by_id(asked)["a"]) == series_of_a


def coded(codes):
    asked = questionnaire("\n".join(f"{link_id}: integer; text Pain" for link_id in codes))
    for item in asked["item"]:
        given = [each for each in codes[item["linkId"]].split() if each != NOTHING]
        item["code"] = [*({"system": "urn:codes", "code": each} for each in given), {"code": "no-system"}]
    return compile_form(asked)


@table(
    """
    in the other questionnaire                     | in this                                        | series of a
    p: choice; text A; of never=0/some=1/often=2   | a: choice; of never=0/some=1/often=2           | 0 / 0
    p: choice; text A; of never=2/some=1/often=0   | a: choice; of never=0/some=1/often=2           | other-scale / 0
    p: choice; text Not a; of never=0/some=1/often=2 | a: choice; of never=0/some=1/often=2         | other-question / 0
    p: integer; text A; to 10                      | a: integer; to 10                              | 0 / 0
    p: integer; text A; to 100                     | a: integer; to 10                              | other-scale / 0
    """
)
def test_between_questionnaires_the_questions_themselves_have_to_be_comparable(
    in_the_other_questionnaire, in_this, series_of_a
):
    """A code says what is asked about, not that it is asked in the same way."""
    asked = [(in_the_other_questionnaire, OTHER), (in_this, "urn:base")]
    made = [
        answered(day, one_coded(each), f"{each[0]}: {'never' if 'choice' in each else 0}", base=base)
        for day, (each, base) in enumerate(asked)
    ]
    found = by_id(made)["a"]
    assert values(found) == series_of_a
    assert (found.since_last is None) == ("other" in series_of_a)


def one_coded(written):
    asked = questionnaire(written)
    asked["item"][0]["code"] = [{"system": "urn:codes", "code": "x"}]
    return compile_form(asked)


@table(
    """
    first version                        | last version                           | answers       | series
    a: choice; of never=0/some=1/often=2 | a: choice; of never=0/some=1/often=2   | never / never | 0 / 0
    a: choice; of never=0/some=1/often=2 | a: choice; of never=2/some=1/often=0   | often / often | other-scale / 0
    a: choice; of never=0/often=2        | a: choice; of never=0/some=1/often=2   | often / often | other-scale / 2
    a: integer; text I am well           | a: integer; text I am not well         | 3 / 3         | other-question / 3
    a: integer                           | a: integer // b: display               | 3 / 3         | other-question / 3
    a: integer                           | a: integer // b: integer               | 3 / 3         | 3 / 3
    a: integer                           | a: integer; required                   | 3 / 3         | 3 / 3
    a: quantity; unit kg                 | a: quantity; unit kg                   | 3 kg / 4 kg   | 3 / 4
    a: quantity; unit kg                 | a: quantity; unit kg/g                 | 3 kg / 4 kg   | other-scale / 4
    """
)
def test_what_does_not_compare_between_versions_is_not_on_one_line(first_version, last_version, answers, series):
    """It is the judgement of *What changes between versions*; where a person must decide, it is said so."""
    versions = zip((first_version, last_version), each_of("a", answers).split(" / "), strict=True)
    made = [answered(day, form(asked.replace(" // ", "\n")), given) for day, (asked, given) in enumerate(versions)]
    found = by_id(made)["a"]
    assert values(found) == series
    assert (found.since_last is None) == ("other" in series)


@table(
    """
    first version                           | last version                            | series of the score
    mood: choice; of good=0/bad=4           | mood: choice; of good=0/bad=4           | 4 / 4
    mood: choice; of good=0/bad=4           | mood: choice; of good=4/bad=0           | other-rule / 0
    mood: choice; of good=0/bad=4; text Now | mood: choice; of good=0/bad=4; text Ago | other-question / 4
    """
)
def test_a_score_compares_where_what_it_counts_is_comparable(first_version, last_version, series_of_the_score):
    """The same rule gave both numbers; what an answer counts is the questionnaire's, and another in each version."""
    rule = "score total: sum of mood; high is worse; scale 0 to 4"
    made = [answered(day, form(each), "mood: bad", by=rule) for day, each in enumerate((first_version, last_version))]
    assert values(by_id(made, view(rule))["total"]) == series_of_the_score


def test_values_by_a_rule_of_then_compare_where_all_that_was_asked_is_comparable():
    """What that rule counted is not known any more."""
    asked = [form(f"mood: integer\ncalm: integer; text {text}") for text in ("Calm", "Calm", "Not calm")]
    made = [answered(day, each, "mood: 3", by="score total: sum of mood") for day, each in enumerate(asked)]
    now = view("score total: sum of mood; times 4", version="3.0")
    assert values(by_id(made, now)["total"]) == "other-question / other-question / 3"
    assert values(by_id(made[:2], now)["total"]) == "3 / 3"


@table(
    """
    answers       | light of the question             | light of the topic
    2 / 5 / 8     | green / yellow / red              | green / yellow / red
    8 / – / 2     | red / not assessed / green        | red / not assessed / green
    """,
    form=PAIN,
)
def test_lights_are_those_of_record(answers, light_of_the_question, light_of_the_topic):
    series = over_time(PAIN, each_of("pain", answers), written="topic body: pain")
    lights = {id: " / ".join(say(point.light) for point in each.points) for id, each in series.items()}
    assert lights == {"pain": light_of_the_question, "body": light_of_the_topic}


@table(
    """
    answers        | light
    never + often  | red
    often + never  | red
    never + some   | yellow
    """,
    form="smokes: choice; repeats; of never/some/often; red = often; yellow = some; green = never",
)
def test_several_answers_have_the_worst_of_their_lights(answers, light):
    asked = "smokes: choice; repeats; of never/some/often; red = often; yellow = some; green = never"
    series = over_time(asked, f"smokes: {answers}", written="topic habits: smokes")["smokes"]
    assert say(series.points[0].light) == light


def test_without_a_record_nothing_is_assessed():
    written = "score total: mean of pain; green 0 to 3; red 4 to 10\ntopic body: pain; total"
    series = by_id([answered(0, form(PAIN), "pain: 2")], view(written))
    assert {say(each.points[0].light) for each in series.values()} == {"not assessed"}
    gaps = {id: each.points[0].gap for id, each in series.items()}
    assert gaps == {"pain": None, "total": "not-assessed", "body": "not-assessed"}


@table(
    """
    answers       | since last | from start
    2 / 8         | worse      | worse
    8 / 2         | better     | better
    8 / 8         | unchanged  | unchanged
    8 / – / 5     | better     | better
    8 / 2 / –     | unknown    | better
    2             | unknown    | unknown
    """,
    form=PAIN,
)
def test_a_light_gets_better_or_worse_and_is_unknown_where_it_is_not_assessed(answers, since_last, from_start):
    series = over_time(PAIN, each_of("pain", answers), written="topic body: pain")["body"]
    assert series.course == since_last
    assert (series.from_start.course if series.from_start else "unknown") == from_start


def test_a_choice_that_has_lights_and_no_numbers_is_a_series_of_lights():
    asked = "smokes: choice; of never/often; red = often; green = never"
    series = over_time(asked, "smokes: never / smokes: often / –", written="topic habits: smokes")["smokes"]
    assert [say(point.light) for point in series.points] == ["green", "red", "not assessed"]
    assert (series.is_of_lights, values(series), series.measure.high) == (True, "– / – / not-answered", None)


THEN = "score total: sum of mood, energy; high is better; scale 0 to 20; important 5"


@table(
    """
    the rule in force                                                          | series
    score total: sum of mood, energy; high is better; scale 0 to 20            | 8 / not-computed / 10
    score total: sum of mood, energy; high is better; times 4; scale 0 to 80   | other-rule / not-computed / 40
    score total: sum of mood, calm; high is better; scale 0 to 20              | other-rule / not-computed / 10
    """,
    form=f"{MOOD}\ncalm: integer",
)
def test_scores_of_then_compare_when_the_rule_in_force_gives_the_same(the_rule_in_force, series):
    """The first two were computed by an earlier rule, the last by the one in force. None is computed anew."""
    asked, before = form(f"{MOOD}\ncalm: integer"), form(MOOD)
    responses = [
        answered(0, before, "mood: 4, energy: 4", by=THEN),
        answered(1, before, "mood: 4", by=THEN),
        answered(2, asked, "mood: 5, energy: 5, calm: 5", by=the_rule_in_force, version="3.0"),
    ]
    found = by_id(responses, view(the_rule_in_force, version="3.0"))["total"]
    assert values(found) == series


def test_a_score_by_the_rule_in_force_counts_as_it_was_recorded():
    """Also where the answers would be counted otherwise now."""
    recorded = replace(answered(0, form(MOOD), "mood: 4, energy: 4", by=THEN), answers={})
    in_force, *others = (view(THEN), view(THEN, level="local"), view(THEN, version="3.0"), view(THEN, identifier="x"))
    assert by_id([recorded], in_force)["total"].measure.rule == ""
    assert all(by_id([recorded], each)["total"].measure.rule for each in others)


def test_where_a_rule_of_then_counts_what_is_declared_now_does_not():
    now = view(THEN.replace("scale 0 to 20", "times 4; scale 0 to 80"), version="3.0")
    asked = form(MOOD)
    both = [answered(day, asked, f"mood: {day}, energy: {day}", by=THEN) for day in (4, 5)]
    found = by_id(both, now)["total"]
    assert (values(found), moved(found.since_last), found.course) == ("8 / 10", "+2", "higher")
    assert (found.since_last.is_within_chance, found.measure.high, found.bands) == (None, None, ())


def test_it_is_told_where_a_new_scale_begins():
    asked = [form(f"pain: integer; from 0 to {high}") for high in (10, 100, 100)]
    found = by_id([answered(day, each, f"pain: {day + 1}") for day, each in enumerate(asked)])["pain"]
    assert found.break_before == found.points[1]
    assert over_time(PAIN, "pain: 1 / pain: 2")["pain"].break_before is None


def test_a_response_is_read_with_what_came_before_it_and_nothing_later():
    """When the third came, its scale was new; when the second came, the first compared with it."""
    asked = [form(f"pain: integer; from 0 to {high}") for high in (10, 10, 100)]
    found = by_id([answered(day, each, f"pain: {day + 1}") for day, each in enumerate(asked)])["pain"]
    assert (values(found), values(found.until("urn:1"))) == ("other-scale / other-scale / 3", "1 / 2")
    assert moved(found.until("urn:1").since_last) == "+1"
    assert found.until("urn:unknown").points == ()


def test_responses_stand_in_the_order_in_which_they_came():
    days = [answered(day, form(PAIN), f"pain: {day}") for day in (2, 10, 0)]
    assert values(by_id(days)["pain"]) == "0 / 2 / 10"


def test_of_no_responses_there_are_no_series():
    assert by_id([]) == {}
    assert by_id([answered(0, form(PAIN), "pain: 1", base=OTHER)]) == {}
