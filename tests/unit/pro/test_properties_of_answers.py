"""What holds of every questionnaire and all answers to it, whatever they are."""

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.pro.acute import acute_hits, covers, holds
from kommunalpro.pro.answers import Answers, read_response, write_items
from kommunalpro.pro.enablement import enabled_answers, enabled_paths
from kommunalpro.pro.form import Form
from kommunalpro.pro.response import check_answers, check_response
from kommunalpro.pro.triage import assess
from kommunalpro.pro.view import AcuteRule
from tests.spec.forms import form
from tests.spec.views import view
from tests.unit.pro.written import answers_to, forms, json, objects

thoroughly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The same on a machine that does something else meanwhile."""

ALL_TYPES = form("""
q0: integer; from 0 to 10; step 0.5; decimals 0; red >= 7; yellow exists no
q1: decimal; from 0; step 0.1; decimals 2; red > 5
q2: choice; repeats; of x/y; red = x; most 2; least 2
q3: open-choice; repeats; of x
q4: quantity; from 0 to 9; unit kg; red > 5 kg
q5: date; from 2026-01-01; red < 2026
q6: dateTime; to 2026-01-01
q7: time; from 08:00:00; red > 10:00:00
q8: string; pattern [a-z]+; length 3; red = x
q9: text; required
q10: url
q11: boolean; red = yes
q12: reference
q13: attachment
g: group; repeats; required; if q0 > 1 or q4 < 5 kg or q6 > 2026 or q2 = x or q12 = x or q7 < 09:00:00
  q14: integer; repeats; if q1 >= 2 and q5 != 2026
    q15: string; required; if q8 = x
""")
VIEW = view("""
score s: sum of q0, -q1, q2, q4, q11; missing at least 1; scale 0 to 10
topic t: q0, q1, q2, q3, q4, q5, q6, q7, q8, q14; s
acute a: q0 >= 7
acute b: q2 = x
acute c: q5 > 2026
""")
signs = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
acute_rules = st.builds(lambda sign, value: view(f"acute a: q0 {sign} {value}").acute[0], signs, st.integers(0, 10))


@thoroughly
@given(st.data())
def test_what_counts_still_counts_when_only_that_is_left(data: st.DataObject) -> None:
    asked = data.draw(forms())
    counted = enabled_answers(asked, data.draw(answers_to(asked)))
    assert enabled_answers(asked, counted) == counted


@thoroughly
@given(st.data())
def test_what_is_asked_does_not_depend_on_the_order_of_the_answers(data: st.DataObject) -> None:
    asked = data.draw(forms())
    answers = data.draw(answers_to(asked))
    shuffled = {path: answers[path] for path in data.draw(st.permutations(list(answers)))}
    assert enabled_paths(asked, shuffled) == enabled_paths(asked, answers)
    assert list(enabled_answers(asked, shuffled).items()) == list(enabled_answers(asked, answers).items())


@thoroughly
@given(st.data())
def test_what_is_written_reads_back_as_what_counted(data: st.DataObject) -> None:
    asked = data.draw(forms())
    answers = data.draw(answers_to(asked))
    response = loads(dumps({"item": write_items(asked, answers)}))
    assert read_response(asked, response) == _numbered_anew(asked, enabled_answers(asked, answers))


@thoroughly
@given(st.data())
def test_what_is_written_belongs_where_it_stands(data: st.DataObject) -> None:
    """What may be wrong with it is its answers: too many of them, or a missing one."""
    asked = data.draw(forms())
    items = write_items(asked, data.draw(answers_to(asked)))
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", **({"item": items} if items else {})}
    codes = {issue.code for issue in check_response(asked, response, strictness="submit")}
    assert codes <= {"required", "too-few", "too-many", "twice"}


@thoroughly
@given(st.data())
def test_answers_that_can_be_submitted_are_not_refused_when_they_are(data: st.DataObject) -> None:
    asked = data.draw(forms())
    answers = data.draw(answers_to(asked))
    items = write_items(asked, answers)
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", **({"item": items} if items else {})}
    of_answers = check_answers(asked, answers, strictness="submit")
    of_response = check_response(asked, response, strictness="submit")
    assert [issue.code for issue in of_response] == [issue.code for issue in of_answers]


@thoroughly
@given(json() | objects())
def test_no_response_stops_the_check(response: Any) -> None:
    for strictness in ("draft", "submit"):
        check_response(ALL_TYPES, response, strictness=strictness)


@thoroughly
@given(st.lists(objects(), max_size=4))
def test_no_item_of_a_response_stops_the_check(items: list[Any]) -> None:
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
    check_response(ALL_TYPES, response, strictness="submit")


PATHS = st.sampled_from(
    [*ALL_TYPES.places, "g[0]/q14", "g[1]/q14", "g[0]/q14[0]/q15", "g[9999]/q14", "other", "g[x]/q14"]
)


@thoroughly
@given(st.dictionaries(PATHS, st.lists(objects(), max_size=3).map(tuple), max_size=6))
def test_no_answer_stops_the_engine(answers: Answers) -> None:
    """Neither the checks, nor what is asked, nor scores, lights and acute answers, nor what is written."""
    for strictness in ("draft", "submit"):
        check_answers(ALL_TYPES, answers, strictness=strictness)
    enabled_paths(ALL_TYPES, answers)
    assess(ALL_TYPES, VIEW, answers, questionnaire="urn:q", view_reference=None)
    acute_hits(ALL_TYPES, VIEW, answers)
    write_items(ALL_TYPES, answers)


@thoroughly
@given(st.lists(acute_rules, min_size=2, max_size=2), st.integers(0, 10))
def test_what_meets_a_rule_meets_every_rule_that_covers_it(rules: list[AcuteRule], answer: int) -> None:
    rule, other = rules
    given = ({"valueInteger": answer},)
    if covers(rule, other) and holds(other.operator, other.value, given):
        assert holds(rule.operator, rule.value, given)


def test_an_answer_whose_path_has_no_number_lies_in_no_instance() -> None:
    asked = form("g: group; repeats\n  a: integer")
    answers: Answers = {"g[x]/a": ({"valueInteger": 1},), "g[2]/a": ({"valueInteger": 1},)}
    assert enabled_paths(asked, answers) == ("g", "g[2]/a")


_GROUP = re.compile(r"([^/\[]+)\[(\d+)\]/")


def _numbered_anew(asked: Form, counted: Answers) -> Answers:
    """Number the instances of groups from 0, as a response does; the instances of questions are their answers."""
    numbers: dict[str, dict[str, int]] = {}
    anew: dict[str, Any] = {}
    for path in sorted(
        counted, key=lambda path: [int(each) if each.isdigit() else 0 for each in re.split(r"[\[\]]", path)]
    ):
        prefix = ""
        for link_id, number in _GROUP.findall(path):
            known = numbers.setdefault(f"{prefix}{link_id}", {})
            if asked.item(link_id).is_question:
                known[number] = int(number)
            prefix += f"{link_id}[{known.setdefault(number, len(known))}]/"
        anew[prefix + path.rsplit("/", 1)[-1]] = counted[path]
    return anew


def _numbers(path: str) -> list[int]:
    return [int(number) for _, number in _GROUP.findall(path)]
