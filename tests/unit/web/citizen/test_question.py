"""How each kind of question is shown."""

from decimal import Decimal

import pytest
from django.utils import translation
from markupsafe import Markup

from kommunalpro.web.citizen.forms.answers import Typed
from kommunalpro.web.citizen.presenters.question import QuestionBlock, control_of, points, question_block
from tests.unit.web.citizen.forms import between, control, option, question

OPTIONS = [option("ja"), option("nej")]
STEP = "http://hl7.org/fhir/StructureDefinition/questionnaire-sliderStepValue"
HALVES = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-sliderStepValueDecimal"


def block(item, answers=(), **more) -> QuestionBlock:
    told = {"begins": item.initial, "typed": None, "error": "", "is_new": False, **more}
    return question_block(item, item.link_id, "s1", answers, **told)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (question("boolean"), "radios"),
        (question("integer", extension=between(0, 10)), "scale"),
        (question("integer", extension=[*between(0, 10), control("slider")]), "scale"),
        (question("integer", extension=between(0, 100)), "number"),
        (question("integer", extension=[*between(0, 100), control("slider")]), "slider"),
        (question("integer", extension=[*between(0, 100), {"url": STEP, "valueInteger": 10}]), "scale"),
        (question("integer"), "number"),
        (question("decimal", extension=between(Decimal(0), Decimal(10))), "number"),
        (question("quantity"), "number"),
        (question("choice", answerOption=OPTIONS), "radios"),
        (question("choice", repeats=True, answerOption=OPTIONS), "checks"),
        (question("choice", answerOption=OPTIONS, extension=[control("drop-down")]), "select"),
        (question("choice", answerOption=[option(f"nr-{n}") for n in range(20)]), "select"),
        (question("choice", answerOption=[option(str(n)) for n in range(8)], extension=[control("slider")]), "scale"),
        (question("choice", answerOption=OPTIONS, extension=[control("slider")]), "scale"),
        (question("open-choice", answerOption=OPTIONS, extension=[control("drop-down")]), "radios"),
        (question("string"), "line"),
        (question("text"), "area"),
        (question("url"), "line"),
        (question("date"), "date"),
        (question("dateTime"), "moment"),
        (question("time"), "time"),
        (question("attachment"), "unanswerable"),
        (question("reference"), "unanswerable"),
        (question("integer", readOnly=True), "read-only"),
    ],
)
def test_every_type_has_a_control(item, expected):
    assert control_of(item) == expected


def test_a_scale_has_eleven_points_at_most():
    assert points(question("integer", extension=between(0, 10))) == tuple(Decimal(n) for n in range(11))
    assert points(question("integer", extension=between(0, 11))) == ()
    assert points(question("integer", extension=between(1, 1))) == ()


def test_what_is_answered_is_chosen():
    shown = block(question("integer", extension=between(0, 10)), ({"valueInteger": 8},))
    assert [choice.words for choice in shown.choices if choice.is_chosen] == ["8"]
    assert shown.digest


def test_what_was_typed_wrongly_stays_on_the_page():
    shown = block(question("integer"), ({"valueInteger": 8},), typed=Typed(("mange",)), error="Skriv et helt tal.")
    assert shown.values == ("mange",)
    assert shown.error == "Skriv et helt tal."
    assert shown.digest == block(question("integer"), ({"valueInteger": 8},)).digest


def test_several_texts_have_a_line_more_than_what_is_written():
    shown = block(question("string", repeats=True), ({"valueString": "Panodil"},))
    assert shown.values == ("Panodil", "")


def test_an_answer_that_cannot_be_unchosen_may_be_taken_away_unless_it_must_be_given():
    answer = ({"valueBoolean": True},)
    assert block(question("boolean"), answer).is_clearable
    assert not block(question("boolean")).is_clearable
    assert not block(question("boolean", required=True), answer).is_clearable
    assert not block(question("text"), ({"valueString": "x"},)).is_clearable


def test_an_open_choice_has_a_place_for_ones_own_words():
    shown = block(question("open-choice", answerOption=OPTIONS), ({"valueString": "En hund"},))
    assert [choice.words for choice in shown.choices] == ["Ja", "Nej", "Andet"]
    assert shown.has_other
    assert shown.other == "En hund"
    assert [choice.words for choice in shown.choices if choice.is_chosen] == ["Andet"]


def test_the_ends_of_a_scale_are_told_by_the_texts_below_it():
    ends = [
        {"linkId": "lav", "type": "display", "text": "ingen smerter", "extension": [control("lower")]},
        {"linkId": "hoej", "type": "display", "text": "værst tænkelige", "extension": [control("upper")]},
    ]
    shown = block(question("integer", extension=between(0, 10), item=ends))
    assert shown.ends == ("ingen smerter", "værst tænkelige")


def test_feedback_is_said_when_the_answer_lies_in_it():
    feedback = {
        "url": "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-feedback",
        "extension": [
            {"url": "value", "valueString": "Det er mange."},
            {"url": "min", "valueInteger": 20},
            {"url": "max", "valueInteger": 100},
        ],
    }
    item = question("integer", extension=[feedback])
    assert block(item, ({"valueInteger": 20},)).feedback == "Det er mange."
    assert block(item, ({"valueInteger": 19},)).feedback == ""


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        (question("date"), "For eksempel 26-11-2026"),
        (question("time"), "For eksempel 10.42"),
        (question("text", maxLength=2000), "Højst 2000 tegn"),
        (question("integer", extension=between(0, 100)), "Fra 0 til 100"),
        (question("integer"), ""),
        (question("choice", repeats=True, answerOption=OPTIONS), "Du kan vælge flere"),
        (question("choice", repeats=True, answerOption=OPTIONS, text="Hvor? Vælg gerne flere."), ""),
    ],
)
def test_hints_say_how_to_answer(item, hint):
    assert block(item).hint == hint


def test_markup_of_the_questionnaire_is_kept_clean_and_danish():
    xhtml = "<b>I dag</b><script>alert(1)</script>"
    url = "http://hl7.org/fhir/StructureDefinition/rendering-xhtml"
    english = {
        "url": "http://hl7.org/fhir/StructureDefinition/translation",
        "extension": [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": "Today?"}],
    }
    item = question("text", _text={"extension": [{"url": url, "valueString": xhtml}, english]})
    assert block(item).text == Markup("<b>I dag</b>")
    with translation.override("en"):
        assert block(item).text == "Today?"


def test_what_is_answered_beforehand_stands_there_until_something_is_answered():
    """An option that is marked so too; it is saved with the page, as if the citizen had chosen it."""
    marked = question("choice", answerOption=[option("ja"), {**option("nej"), "initialSelected": True}])
    assert [choice.is_chosen for choice in block(marked).choices] == [False, True]
    assert block(marked).digest == "?"
    assert block(marked).hint == "Det er et forslag: ret det, hvis det ikke passer."
    answered = block(marked, ({"valueCoding": {"code": "ja"}},))
    assert [choice.is_chosen for choice in answered.choices] == [True, False]
    assert answered.hint == ""
    assert block(question("integer", initial=[{"valueInteger": 3}])).values == ("3",)


def test_the_words_of_an_option_are_shown_as_their_editor_set_them():
    xhtml = {"url": "http://hl7.org/fhir/StructureDefinition/rendering-xhtml", "valueString": "<b>Ja</b>"}
    coding = {"code": "ja", "display": "Ja", "extension": [xhtml]}
    words = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": "Yes"}]
    translated = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": words}]}
    options = [{"valueCoding": coding}, {"valueCoding": {**coding, "code": "jo", "_display": translated}}]
    asked = question("choice", answerOption=options)
    assert [choice.words for choice in block(asked).choices] == [Markup("<b>Ja</b>")] * 2
    with translation.override("en"):
        assert [choice.words for choice in block(asked).choices] == [Markup("<b>Ja</b>"), "Yes"]
    folded = question("choice", answerOption=options, extension=[control("drop-down")])
    assert [choice.words for choice in block(folded).choices] == ["Ja", "Ja"]
