"""What a compiled questionnaire keeps of the words, pictures and options that the questionnaire has."""

from decimal import Decimal
from typing import Any

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.pro.explanation import answer_words, plain_words
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.item import Feedback, Image, Item
from kommunalpro.pro.text import Text
from tests.spec.forms import item, of


def english(text: str) -> dict[str, Any]:
    parts = ({"url": "lang", "valueCode": "en-GB"}, {"url": "content", "valueString": text})
    return {"extension": [complex_extension(ehealth.TRANSLATION, *parts)]}


def read(**more: Any) -> Item:
    return compile_form(of(item(**more))).item("a")


class TestWords:
    def test_texts_have_their_translation(self):
        short = {"url": ehealth.QUESTIONNAIRE_SHORT_TEXT, "valueString": "Søvn", "_valueString": english("Sleep")}
        asked = read(text="Hvordan sover du?", _text=english("How do you sleep?"), extension=[short])
        assert asked.text == Text("Hvordan sover du?", "How do you sleep?")
        assert asked.short_text == Text("Søvn", "Sleep")
        assert asked.name == asked.short_text

    def test_a_unit_has_its_translation_and_is_told_in_it(self):
        coding = {"code": "{tbl}", "display": "tabletter", "_display": english("tablets")}
        asked = read(type="integer", extension=[{"url": ehealth.UNIT, "valueCoding": coding}])
        assert (asked.unit, asked.unit_text) == ("tabletter", Text("tabletter", "tablets"))
        assert answer_words(asked, {"valueInteger": 2}).say("en") == "2 tablets"
        bare = read(type="integer", extension=[{"url": ehealth.UNIT, "valueCoding": {"code": "kg"}}])
        assert bare.unit_text == Text("kg")

    def test_a_translation_to_another_language_is_none(self):
        german = complex_extension(
            ehealth.TRANSLATION, {"url": "lang", "valueCode": "de"}, {"url": "content", "valueString": "Schlaf"}
        )
        asked = read(text="Søvn", _text={"extension": [german]})
        assert asked.text == Text("Søvn", "")
        assert asked.text.say("en") == "Søvn"
        assert asked.name == asked.text

    def test_a_text_that_is_translated_into_danish_is_the_english(self):
        danish = complex_extension(
            ehealth.TRANSLATION, {"url": "lang", "valueCode": "da-DK"}, {"url": "content", "valueString": "Søvn"}
        )
        assert read(text="Sleep", _text={"extension": [danish]}).text == Text("Søvn", "Sleep")
        both = [danish, *english("Sleep")["extension"]]
        assert read(text="Schlaf", _text={"extension": both}).text == Text("Søvn", "Sleep")

    def test_what_stands_before_a_text_is_read_with_it(self):
        assert read(prefix="1a", text="Søvn").text == Text("1a Søvn")
        both = read(prefix="1a", _prefix=english("Q1a"), text="Søvn", _text=english("Sleep"))
        assert both.text == Text("1a Søvn", "Q1a Sleep")
        markup = {"extension": [{"url": ehealth.RENDERING_XHTML, "valueString": "<b>Søvn</b>"}]}
        assert read(prefix="<1>", text="Søvn", _text=markup).xhtml == "&lt;1&gt; <b>Søvn</b>"
        assert read(prefix="1a", text="Søvn", _text=english("Sleep")).xhtml is None
        assert read(prefix="1a", text="").text == Text("")

    def test_a_form_without_a_title_is_called_by_its_name(self):
        assert compile_form(of(name="soevn")).title == Text("soevn")
        assert compile_form(of(name="soevn", title="Søvn", _title=english("Sleep"))).title == Text("Søvn", "Sleep")

    def test_help_and_markup_are_cleaned_of_what_could_do_harm(self):
        help_text = complex_extension(
            ehealth.QUESTIONNAIRE_HELP_TEXT,
            {"url": "text", "valueString": "Tænk på ugen."},
            {"url": "xhtml", "valueString": "<p onclick='x()'>Tænk på <b>ugen</b>.<script>y()</script></p>"},
        )
        markup = {"extension": [{"url": ehealth.RENDERING_XHTML, "valueString": "<i>Hvad?</i><img src=x onerror=z()>"}]}
        asked = read(extension=[help_text], _text=markup)
        assert asked.help_text == Text("Tænk på ugen.")
        assert asked.help_xhtml == "<p>Tænk på <b>ugen</b>.</p>"
        assert asked.xhtml is not None
        assert asked.xhtml.startswith("<i>Hvad?</i>")
        assert "onerror" not in asked.xhtml

    def test_help_without_markup_has_none(self):
        help_text = complex_extension(ehealth.QUESTIONNAIRE_HELP_TEXT, {"url": "text", "valueString": "Tænk."})
        assert (read(extension=[help_text]).help_xhtml, read().help_text) == (None, None)


class TestHowItIsShown:
    def test_the_control_is_the_first_code_of_item_control(self):
        control = {"url": ehealth.ITEM_CONTROL, "valueCodeableConcept": {"coding": [{"code": "slider"}]}}
        ends = ({"url": ehealth.MIN_VALUE, "valueInteger": 0}, {"url": ehealth.MAX_VALUE, "valueInteger": 9})
        assert read(type="integer", extension=[control, *ends]).control == "slider"
        assert read(type="integer").control is None

    def test_a_unit_is_shown_by_its_display_and_else_by_its_code(self):
        def unit(**coding: str) -> dict[str, Any]:
            return {"url": ehealth.UNIT, "valueCoding": coding}

        assert read(type="decimal", extension=[unit(code="Cel", display="°C")]).unit == "°C"
        asked = read(type="quantity", extension=[unit(code="kg")])
        assert (asked.unit, asked.units) == ("kg", ({"code": "kg"},))
        assert read(type="decimal", extension=[unit(code="kg")]).units == ()

    def test_a_copyright_text_is_known_as_one(self):
        copyright = {"url": ehealth.ITEM_IS_COPYRIGHT, "valueBoolean": True}
        assert read(type="display", extension=[copyright]).is_copyright
        assert not read(type="display").is_copyright

    def test_feedback_has_its_words_and_both_ends(self):
        parts = (
            {"url": "value", "valueString": "Flot", "_valueString": english("Fine")},
            {"url": "min", "valueInteger": 0},
            {"url": "max", "valueInteger": 3},
        )
        asked = read(type="integer", extension=[complex_extension(ehealth.QUESTIONNAIRE_FEEDBACK, *parts)])
        assert asked.feedback == (Feedback(Text("Flot", "Fine"), Decimal(0), Decimal(3)),)

    def test_a_picture_is_one_that_the_questionnaire_holds(self):
        def picture(reference: str, *more: dict[str, Any]) -> dict[str, Any]:
            content = {"url": "content", "valueReference": {"reference": reference}}
            return complex_extension(ehealth.QUESTIONNAIRE_IMAGE, content, *more)

        binary = {"resourceType": "Binary", "id": "knee", "contentType": "image/png", "data": "aGVq"}
        terms = {"url": "terms", "valueString": "CC BY 4.0"}
        form = compile_form(of(item(extension=[picture("#knee", terms)]), contained=[binary]))
        assert form.item("a").images == (Image("image/png", "aGVq", "CC BY 4.0"),)


AYE = {"language": "en", "value": "Aye"}


class TestOptions:
    def test_options_are_called_by_their_words_and_else_by_what_they_are(self):
        options = [
            {"valueCoding": {"code": "x", "display": "Slet ikke", "_display": english("Not at all")}},
            {"valueCoding": {"code": "y"}},
            {"valueString": "Andet", "_valueString": english("Other")},
            {"valueInteger": 7},
            {"valueDate": "2026-03-10"},
            {"valueTime": "08:30:00"},
            {"valueReference": {"reference": "Organization/1", "display": "Hjemmeplejen", "_display": english("Care")}},
            {"valueReference": {"reference": "Organization/2"}},
        ]
        asked = read(type="choice", answerOption=options)
        assert [(option.text.da, option.text.say("en")) for option in asked.options] == [
            ("Slet ikke", "Not at all"),
            ("y", "y"),
            ("Andet", "Other"),
            ("7", "7"),
            ("10.3.2026", "2026-03-10"),
            ("8.30", "08:30"),
            ("Hjemmeplejen", "Care"),
            ("Organization/2", "Organization/2"),
        ]
        assert [asked.option_for(option) for option in options] == list(asked.options)

    @pytest.mark.parametrize(
        ("concept", "words"),
        [
            ({"display": "Ja", "designation": [{"language": "en", "value": "Yes"}]}, ("Ja", "Yes")),
            ({"display": "Yes", "designation": [{"language": "da-DK", "value": "Ja"}]}, ("Ja", "Yes")),
            ({"designation": [{"language": "da", "value": "Ja"}, {"language": "en", "value": "Yes"}]}, ("Ja", "Yes")),
            ({"display": "Ja", "_display": english("Yes"), "designation": [AYE]}, ("Ja", "Yes")),
            ({"display": "Ja", "designation": [{"language": "sv", "value": "Jo"}]}, ("Ja", "Ja")),
            ({"display": "Ja", "designation": [{**AYE, "use": {"code": "abbreviation"}}]}, ("Ja", "Ja")),
            ({"designation": [{"value": "Ja"}]}, ("x", "x")),
        ],
    )  # fmt: skip
    def test_a_concept_of_a_value_set_is_called_by_its_designation_in_each_language(
        self, concept: dict[str, Any], words: tuple[str, str]
    ) -> None:
        compose = {"include": [{"system": "urn:s", "concept": [{"code": "x", **concept}]}]}
        value_set = {"resourceType": "ValueSet", "id": "v", "compose": compose}
        form = compile_form(of(item(type="choice", answerValueSet="#v"), contained=[value_set]))
        (option,) = form.item("a").options
        assert (option.text.da, option.text.say("en")) == words

    def test_an_ordinal_stands_on_the_option_or_inside_its_coding(self):
        def ordinal(value: int) -> dict[str, Any]:
            return {"extension": [{"url": ehealth.ORDINAL_VALUE, "valueDecimal": Decimal(value)}]}

        options = [
            {"valueCoding": {"code": "x"}, **ordinal(1)},
            {"valueCoding": {"code": "y", **ordinal(2)}},
            {"valueCoding": {"code": "z"}},
        ]
        asked = read(type="choice", answerOption=options)
        assert [option.ordinal for option in asked.options] == [1, 2, None]

    def test_an_option_has_its_words_as_harmless_markup(self):
        def marked(xhtml: str) -> dict[str, Any]:
            return {"extension": [{"url": ehealth.RENDERING_XHTML, "valueString": xhtml}]}

        options = [
            {"valueCoding": {"code": "x", "display": "Slet ikke", **marked("<b>Slet</b> ikke<script>x()</script>")}},
            {"valueCoding": {"code": "y", "display": "Lidt", "_display": marked("<i>Lidt</i>")}},
            {"valueString": "Andet", "_valueString": marked("<u>Andet</u>")},
            {"valueInteger": 7},
            {"valueCoding": {"code": "z", "extension": [{"url": ehealth.ORDINAL_VALUE, "valueDecimal": Decimal(1)}]}},
        ]
        asked = read(type="choice", answerOption=options)
        assert [each.xhtml for each in asked.options] == ["<b>Slet</b> ikke", "<i>Lidt</i>", "<u>Andet</u>", None, None]

    def test_an_option_may_be_chosen_beforehand(self):
        asked = read(type="choice", answerOption=[{"valueCoding": {"code": "x"}, "initialSelected": True}])
        assert asked.options[0].is_initial
        assert asked.initial == ({"valueCoding": {"code": "x"}},)

    def test_an_expansion_is_read_in_order_with_what_is_inside_and_without_what_is_abstract(self):
        ordinal = {"extension": [{"url": ehealth.ORDINAL_VALUE, "valueDecimal": Decimal(3)}]}
        inner = {"system": "urn:s", "code": "inner", "display": "Inde", **ordinal}
        expansion = {
            "contains": [
                {"system": "urn:s", "code": "outer", "display": "Ude"},
                {"system": "urn:s", "code": "heading", "abstract": True, "contains": [inner]},
                {"code": "bare"},
            ]
        }
        value_set = {"resourceType": "ValueSet", "id": "v", "expansion": expansion}
        form = compile_form(of(item(type="choice", answerValueSet="#v"), contained=[value_set]))
        found = [(option.value["valueCoding"], option.text.da, option.ordinal) for option in form.item("a").options]
        assert found == [
            ({"system": "urn:s", "code": "outer", "display": "Ude"}, "Ude", None),
            ({"system": "urn:s", "code": "inner", "display": "Inde"}, "Inde", 3),
            ({"code": "bare"}, "bare", None),
        ]

    def test_what_chooses_no_option_has_none(self):
        asked = read(type="choice", answerOption=[{"valueCoding": {"code": "x"}}])
        for answer in ({"valueCoding": {"code": "z"}}, {"valueCoding": {"code": ["x"]}}, {"valueCoding": 1}, {}):
            assert asked.option_for(answer) is None
        assert read().option_for({"valueString": "x"}) is None

    def test_among_other_answers_one_stands_without_quotes_and_is_else_told_the_same(self):
        asked = read(type="open-choice", answerOption=[{"valueCoding": {"code": "x", "display": "Hjemme"}}])
        told = {"x": "Hjemme", "z": "Ude"}
        for code, words in told.items():
            answer = {"valueCoding": {"code": code, "display": words}}
            assert (plain_words(asked, answer), answer_words(asked, answer)) == (
                Text(words),
                Text(f"”{words}”", f"“{words}”"),
            )
        assert plain_words(asked, {"valueString": "På ferie"}) == Text("På ferie")


def test_a_form_knows_its_questions_in_order_and_names_what_it_lacks():
    form = compile_form(of(item(linkId="g", type="group", item=[item(linkId="b"), item(linkId="a")])))
    assert [question.link_id for question in form.questions()] == ["b", "a"]
    assert form.places["a"].order == 2
