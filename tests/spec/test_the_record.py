"""The record

What was found is kept with the response for ever, as it was: lights, scores, findings, acute answers, and by which
versions. A later rule never changes it. The rules that were met stand beside it, in FUT's finding-basis.
"""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.structure import validate
from kommunalpro.pro.record import RecordError, read_record, write_record
from kommunalpro.pro.triage import Assessment
from tests.spec.forms import form
from tests.spec.tables import table
from tests.spec.views import QUESTIONNAIRE, assessed

RULES = "; red >= 7; yellow >= 4 and <= 6; green <= 3"
ASKED = f"""
pain: integer{RULES}
fever: decimal; red > 38.5
smoker: choice; of never/daily; red = daily; green = never
weight: quantity; unit kg; red < 50 kg
fell: date; yellow exists yes
m: group; repeats
  dose: integer{RULES}
note: text
"""
VIEW = """
score mean: mean of pain, fever; by 3; missing at least 1; scale 0 to 100
score total: sum of pain, fever; red 13 to 60; yellow 7 to 12; green 0 to 6
topic body: pain, fever, weight, fell; total, mean
topic rest: smoker, dose, note
acute much: dose >= 9
"""


def without_rules(assessment: Assessment) -> Assessment:
    """Leave out which rule each finding comes from, which FUT's finding-basis says."""
    return replace(assessment, findings=tuple(msgspec.structs.replace(each, rule=None) for each in assessment.findings))


def kept(assessment: Assessment) -> Assessment:
    """Write an assessment down as FHIR JSON and read it back."""
    return read_record(loads(dumps(write_record(assessment))))


@table(
    """
    answers                                                                                        | View
    –                                                                                              | with
    –                                                                                              | without
    pain: 8                                                                                        | with
    pain: 8                                                                                        | without
    pain: 1, fever: 36.9, smoker: never, weight: 70.5 kg, fell: 2026-03-10, m[0]/dose: 1           | with
    pain: 5, fever: 39.25, smoker: daily, weight: 49.9 kg, m[0]/dose: 9, m[2]/dose: 10, note: Træt | with
    m[0]/dose: 9, m[1]/dose: 9                                                                     | with
""",
    form=f"{ASKED}\n{VIEW}",
)
def test_a_record_reads_back_as_it_was_written(answers, view):
    assessment = assessed(form(ASKED), VIEW if view == "with" else None, answers)
    assert kept(assessment) == without_rules(assessment)


@pytest.mark.parametrize("view", [VIEW, None], ids=["with a View", "without"])
def test_a_record_says_by_which_questionnaire(view):
    assert kept(assessed(form(ASKED), view, "pain: 8")).source.questionnaire == QUESTIONNAIRE


def test_a_record_is_valid_fhir():
    assessment = assessed(form(ASKED), VIEW, "pain: 8, fever: 39.25, smoker: daily, m[0]/dose: 9")
    assert validate(write_record(assessment)) == ()


def test_a_score_keeps_its_digits_and_one_without_a_value_stays_without():
    assessment = assessed(form(ASKED), VIEW, "pain: 7")
    scores = kept(assessment).scores
    assert scores["total"].value is None
    assert scores["mean"].value == assessment.scores["mean"].value
    assert str(scores["mean"].value).startswith(str(Decimal(7) / 3)[:20])


def test_a_score_that_has_no_lights_still_has_none():
    scores = kept(assessed(form(ASKED), VIEW, "pain: 7, fever: 37")).scores
    assert (scores["mean"].carries_rule, scores["total"].carries_rule) == (False, True)


def test_whether_there_were_rules_is_known_of_a_record_too():
    assert not kept(assessed(form("a: integer"), "score s: sum of a\ntopic t: a; s", "a: 5")).has_rules
    assert kept(assessed(form(ASKED), None, "pain: 8")).has_rules


@table("""
    schema version | read
    valueInteger 1 | yes
    valueInteger 2 | yes
    valueInteger 3 | no
    valueInteger 0 | no
    valueString 1  | no
    valueCoding 1  | no
    –              | no
""")
def test_a_record_of_an_unknown_version_is_refused(schema_version, read):
    record = write_record(assessed(form(ASKED), VIEW, "pain: 8"))
    kind, _, value = schema_version.partition(" ")
    written = {"valueInteger": int, "valueString": str, "valueCoding": lambda code: {"code": code}}
    version = {} if kind == "–" else {kind: written[kind](value)}
    record["parameter"][0] = {"name": "schemaVersion", **version}
    if read == "yes":
        assert read_record(record).light.code == "red"
    else:
        with pytest.raises(RecordError, match="schemaVersion"):
            read_record(record)


@pytest.mark.parametrize("name", ["light", "topic", "score", "finding"])
def test_a_record_that_is_not_whole_is_refused(name):
    record = write_record(assessed(form(ASKED), VIEW, "pain: 8"))
    broken = [{"name": name} if each["name"] == name else each for each in record["parameter"]]
    with pytest.raises(RecordError, match="not whole"):
        read_record({**record, "parameter": broken})


@pytest.mark.parametrize(
    "foreign", [{}, {"resourceType": "Parameters"}, {"resourceType": "Parameters", "parameter": []}]
)
def test_parameters_of_another_application_are_no_record(foreign):
    with pytest.raises(RecordError):
        read_record(foreign)
