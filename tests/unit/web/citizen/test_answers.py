"""What a page sends for one question, and the FHIR answers it is."""

from decimal import Decimal

import pytest

from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.web.citizen.forms.answers import Typed, as_typed, read_answers
from kommunalpro.web.citizen.forms.values import Wrong
from tests.unit.web.citizen.forms import between, option, question

OPTIONS = [option("ja"), option("nej"), option("ingen", is_exclusive=True)]


def typed(*values: str, **more: str) -> Typed:
    return Typed(values, **more)


def coding(code: str) -> dict[str, object]:
    return {"valueCoding": {"code": code, "display": code.capitalize()}}


@pytest.mark.parametrize(
    ("type", "given", "answer"),
    [
        ("boolean", typed("ja"), {"valueBoolean": True}),
        ("boolean", typed("nej"), {"valueBoolean": False}),
        ("integer", typed("7"), {"valueInteger": 7}),
        ("decimal", typed("37,5"), {"valueDecimal": Decimal("37.5")}),
        ("string", typed(" Ondt i ryggen "), {"valueString": "Ondt i ryggen"}),
        ("text", typed("To\r\nlinjer"), {"valueString": "To\nlinjer"}),
        ("date", typed("26-11-2026"), {"valueDate": "2026-11-26"}),
        ("time", typed("10.42"), {"valueTime": "10:42:00"}),
        ("dateTime", typed("26-11-2026", clock="10.42"), {"valueDateTime": "2026-11-26T10:42:00+01:00"}),
        ("url", typed("sundhed.dk"), {"valueUri": "https://sundhed.dk"}),
    ],
)
def test_every_kind_of_answer_is_read_and_shown_again_as_it_was(type, given, answer):
    item = question(type)
    assert read_answers(item, given) == (answer,)
    assert read_answers(item, as_typed(item, (answer,))) == (answer,)


@pytest.mark.parametrize("type", ["boolean", "integer", "text", "date", "time", "dateTime", "url"])
def test_an_empty_field_is_no_answer(type):
    assert read_answers(question(type), typed("  ")) == ()
    assert read_answers(question(type), Typed()) == ()


def test_a_quantity_carries_its_unit():
    unit = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption",
        "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kg"},
    }
    item = question("quantity", extension=[unit])
    assert read_answers(item, typed("72,50")) == (
        {
            "valueQuantity": {
                "value": Decimal("72.50"),
                "unit": "kg",
                "system": "http://unitsofmeasure.org",
                "code": "kg",
            }
        },
    )


def test_a_quantity_is_given_in_one_of_its_units():
    url = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"
    item = question("quantity", extension=[{"url": url, "valueCoding": {"code": code}} for code in ("cm", "m")])
    (answer,) = read_answers(item, typed("1,72", unit="1"))
    assert answer == {"valueQuantity": {"value": Decimal("1.72"), "code": "m"}}
    assert as_typed(item, (answer,)) == typed("1,72", unit="1")
    for forged in ("2", "m", "-1"):
        with pytest.raises(BadRequest):
            read_answers(item, typed("1,72", unit=forged))


def test_an_option_is_posted_by_its_place():
    assert read_answers(question("choice", answerOption=OPTIONS), typed("1")) == (coding("nej"),)


def test_several_options_come_in_the_questionnaires_order():
    item = question("choice", repeats=True, answerOption=OPTIONS)
    assert read_answers(item, typed("1", "0")) == (coding("ja"), coding("nej"))


def test_an_option_that_stands_alone_cannot_be_chosen_with_another():
    item = question("choice", repeats=True, answerOption=OPTIONS)
    assert read_answers(item, typed("2")) == (coding("ingen"),)
    with pytest.raises(Wrong, match="”Ingen” sammen med andet"):
        read_answers(item, typed("0", "2"))


@pytest.mark.parametrize("value", ["3", "-1", "ja", "٣", "1.0", "0x0", " 0"])
def test_an_option_that_does_not_exist_is_a_forged_form(value):
    with pytest.raises(BadRequest):
        read_answers(question("choice", answerOption=OPTIONS), typed(value))


@pytest.mark.parametrize("type", ["attachment", "reference"])
def test_what_a_page_cannot_ask_cannot_be_answered(type):
    with pytest.raises(BadRequest):
        read_answers(question(type), typed("x"))


def test_two_answers_to_a_question_that_takes_one_are_a_forged_form():
    with pytest.raises(BadRequest):
        read_answers(question("integer"), typed("1", "2"))
    with pytest.raises(BadRequest):
        read_answers(question("boolean"), typed("måske"))


def test_several_texts_are_several_answers_and_empty_lines_none():
    assert read_answers(question("string", repeats=True), typed("Panodil", "", "Ipren")) == (
        {"valueString": "Panodil"},
        {"valueString": "Ipren"},
    )


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        (typed("0"), [coding("ja")]),
        (typed("andet", other="En hund"), [{"valueString": "En hund"}]),
        (typed(other="En hund"), [{"valueString": "En hund"}]),
        (typed("0", other="En hund"), [coding("ja")]),
    ],
)
def test_an_open_choice_takes_an_option_or_ones_own_words(given, answers):
    item = question("open-choice", answerOption=OPTIONS)
    assert list(read_answers(item, given)) == answers
    assert list(read_answers(item, as_typed(item, tuple(answers)))) == answers


def test_an_open_choice_of_several_takes_both():
    item = question("open-choice", repeats=True, answerOption=OPTIONS)
    answers = (coding("ja"), {"valueString": "En hund"})
    assert read_answers(item, typed("0", "andet", other="En hund")) == answers
    assert read_answers(item, as_typed(item, answers)) == answers


def test_something_else_without_words_is_asked_for():
    with pytest.raises(Wrong, match="Andet"):
        read_answers(question("open-choice", answerOption=OPTIONS), typed("andet"))


def test_ones_own_words_in_a_closed_choice_are_a_forged_form():
    with pytest.raises(BadRequest):
        read_answers(question("choice", answerOption=OPTIONS), typed("0", other="En hund"))


@pytest.mark.parametrize(
    ("type", "low", "high", "advice"),
    [
        ("integer", 0, 10, "Skriv et helt tal mellem 0 og 10."),
        ("decimal", Decimal("0.5"), None, "Skriv et tal på mindst 0,5."),
        ("decimal", None, Decimal(10), "Skriv et tal på højst 10."),
        ("integer", None, None, "Skriv et helt tal."),
    ],
)
def test_a_wrong_number_is_met_with_what_to_write(type, low, high, advice):
    with pytest.raises(Wrong) as told:
        read_answers(question(type, extension=between(low, high)), typed("mange"))
    assert str(told.value) == advice
