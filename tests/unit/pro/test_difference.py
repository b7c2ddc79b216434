"""What two versions of a questionnaire differ in: what a table of short questionnaires cannot show."""

from dataclasses import replace
from typing import Any

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.pro.difference import VERDICT_WORDS, Change, Difference, Verdict, differences
from kommunalpro.pro.form import Form, compile_form
from kommunalpro.pro.item_expression import Expressions, ItemExpression
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import read_view
from tests.spec import forms, views
from tests.unit.pro.formulas import asked_if, begins, computed, variable
from tests.unit.pro.formulas import form as with_formulas
from tests.unit.pro.formulas import item as formula
from tests.unit.pro.scores import declared, integer, view

CONTROL = {"valueCodeableConcept": {"coding": [{"code": "drop-down"}]}}


def english(text: str) -> dict[str, Any]:
    parts = ({"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": text})
    return {"extension": [complex_extension(ehealth.TRANSLATION, *parts)]}


def asked(*extensions: dict[str, Any], **more: Any) -> Form:
    found = {"extension": list(extensions)} if extensions else {}
    return compile_form(forms.of(forms.item(**{**found, **more}), contained=[PICTURE]))


def picture() -> dict[str, Any]:
    content = {"url": "content", "valueReference": {"reference": "#krop"}}
    return complex_extension(ehealth.QUESTIONNAIRE_IMAGE, content)


def option(code: str, text: str = "Ja", **more: Any) -> dict[str, Any]:
    return {"valueCoding": {"system": "urn:s", "code": code, "display": text}, **more}


PICTURE = {"resourceType": "Binary", "id": "krop", "contentType": "image/png", "data": "AAAA"}
HELP = complex_extension(ehealth.QUESTIONNAIRE_HELP_TEXT, {"url": "text", "valueString": "Tænk på ugen"})
SHORT = {"url": ehealth.QUESTIONNAIRE_SHORT_TEXT, "valueString": "Kort"}
FEEDBACK = complex_extension(
    ehealth.QUESTIONNAIRE_FEEDBACK,
    {"url": "value", "valueString": "Godt"},
    {"url": "min", "valueInteger": 1},
    {"url": "max", "valueInteger": 2},
)


def one(changes: tuple[Change, ...]) -> Change:
    assert len(changes) == 1, changes
    return changes[0]


@pytest.mark.parametrize(
    ("after", "danish", "verdict"),
    [
        (asked(HELP), "Hjælpeteksten er tilføjet: ”Tænk på ugen”.", Verdict.DECIDE),
        (asked(SHORT), "Den korte tekst er tilføjet: ”Kort”.", Verdict.COMPARABLE),
        (asked(picture()), "Billedet er tilføjet.", Verdict.DECIDE),
        (asked({"url": ehealth.ITEM_CONTROL, **CONTROL}), "Måden at svare på er tilføjet.", Verdict.DECIDE),
        (asked(initial=[{"valueString": "x"}]), "Svaret, der står på forhånd, er tilføjet.", Verdict.DECIDE),
        (
            asked({"url": ehealth.ITEM_IS_COPYRIGHT, "valueBoolean": True}),
            "Vises nu som en oplysning om ophavsret.",
            Verdict.COMPARABLE,
        ),
    ],
)
def test_every_field_that_is_shown_is_told(after: Form, danish: str, verdict: Verdict) -> None:
    found = differences(asked(), after)
    assert one(found.citizen).text.da == danish
    assert found.answers["a"].verdict is verdict


def test_what_is_said_of_an_answer_at_once_may_change_it() -> None:
    found = differences(asked(type="integer"), asked(FEEDBACK, type="integer"))
    assert one(found.citizen).text.da == "Beskeden om svaret er tilføjet."
    assert found.answers["a"].verdict is Verdict.DECIDE


def test_a_text_that_changes_in_english_alone_is_a_change() -> None:
    found = differences(asked(_text=english("Pain")), asked(_text=english("Ache")))
    assert one(found.citizen).text.da == "Teksten er ændret på engelsk. Før: “Pain”. Nu: “Ache”."
    assert found.answers["a"].verdict is Verdict.DECIDE


def test_a_text_that_changes_in_danish_alone_is_not_repeated_in_english() -> None:
    before, after = asked(text="Smerte", _text=english("Pain")), asked(text="Smerter", _text=english("Pain"))
    assert one(differences(before, after).citizen).text == Text(
        "Teksten er ændret på dansk. Før: ”Smerte”. Nu: ”Smerter”.",
        "Text changed in Danish. Before: ”Smerte”. Now: ”Smerter”.",
    )


def test_markup_that_changes_without_its_words_is_a_change() -> None:
    def marked(xhtml: str) -> Form:
        return asked(_text={"extension": [{"url": ehealth.RENDERING_XHTML, "valueString": xhtml}]})

    assert one(differences(marked("<b>A</b>"), marked("<i>A</i>")).citizen).text.da == "Teksten er ændret."


def test_markup_of_an_option_that_changes_without_its_words_is_a_change() -> None:
    def marked(xhtml: str) -> Form:
        marks = {"extension": [{"url": ehealth.RENDERING_XHTML, "valueString": xhtml}]}
        return asked(type="choice", answerOption=[{"valueString": "A", "_valueString": marks}])

    found = one(differences(marked("<b>A</b>"), marked("<i>A</i>")).citizen)
    assert (found.code, found.text.da) == ("option-text", "Svarmuligheden er ændret.")


def test_a_question_without_words_is_called_by_its_link_id() -> None:
    found = differences(compile_form(forms.of()), asked(text=""))
    assert one(found.citizen).name == Text("a")


def test_markup_alone_is_a_text_that_has_no_words() -> None:
    marked = asked(text="", _text={"extension": [{"url": ehealth.RENDERING_XHTML, "valueString": "<b>A</b>"}]})
    assert one(differences(asked(text=""), marked).citizen).text.da == "Teksten er tilføjet."


def test_the_short_text_stands_for_a_text_that_is_not_there() -> None:
    found = differences(asked(SHORT, text=""), asked({**SHORT, "valueString": "Andet"}, text=""))
    assert [each.code for each in found.citizen] == ["text", "short-text"]
    assert found.answers["a"].verdict is Verdict.DECIDE


def test_the_title_is_the_questionnaire_s() -> None:
    before, after = forms.form("a: string", title="Skema"), forms.form("a: string", title="Nyt skema")
    found = one(differences(before, after).citizen)
    assert (found.about, found.name.da) == ("", "Nyt skema")
    assert found.text.da == "Titlen er ændret. Før: ”Skema”. Nu: ”Nyt skema”."
    assert one(differences(before, forms.form("a: string", title="")).citizen).text.da == (
        "Titlen er fjernet. Før: ”Skema”."
    )


def test_another_code_says_that_it_is_another_question() -> None:
    """Nobody sees it; a code that comes beside the old one says nothing."""
    codes = [{"system": "urn:s", "code": code} for code in ("x", "y")]
    other = differences(asked(code=codes[:1]), asked(code=codes[1:]))
    assert (other.citizen, other.answers["a"].verdict) == ((), Verdict.NOT_COMPARABLE)
    assert differences(asked(code=codes[:1]), asked(code=codes)).answers["a"].verdict is Verdict.COMPARABLE


def test_what_no_screen_shows_of_an_option_does_not_count_and_yet_bears_on_its_answers() -> None:
    hidden = {"url": ehealth.HIDDEN, "valueBoolean": True}
    before, after = (asked(hidden, type="choice", answerOption=[option("x", text)]) for text in ("Ja", "Jo"))
    found = differences(before, after)
    assert (found.citizen, found.answers["a"].verdict) == ((), Verdict.DECIDE)


def test_options_have_words_and_pictures() -> None:
    before = asked(type="choice", answerOption=[option("x", extension=[picture()])])
    after = asked(type="choice", answerOption=[option("x", "Jo")])
    assert [each.text.da for each in differences(before, after).citizen] == [
        "Svarmuligheden er ændret. Før: ”Ja”. Nu: ”Jo”.",
        "Billedet ved ”Jo” er ændret.",
    ]


def test_what_an_option_counts_is_for_the_scores_with_or_without_a_view() -> None:
    before, after = forms.form("a: choice; of x=1/y"), forms.form("a: choice; of x=2/y=0")
    assert [each.text.da for each in differences(before, after).score] == [
        "”x” tæller nu 2 i stedet for 1.",
        "”y” tæller nu 0 i stedet for ingenting.",
    ]


NUMBER = integer("n")
FIRST, TENTH = "%resource.item.where(linkId='n').answer.value", "%resource.item.where(linkId='n').answer.value * 10"


def test_what_an_answer_is_computed_by_changes_it() -> None:
    before, after = (with_formulas(NUMBER, formula("s", "integer", computed(text))) for text in (FIRST, TENTH))
    found = differences(before, after)
    assert one(found.score).text.da == "Svaret regnes ud på en anden måde."
    assert found.answers["s"].verdict is Verdict.NOT_COMPARABLE
    assert found.answers["n"].verdict is Verdict.COMPARABLE


def test_a_variable_is_part_of_what_is_computed() -> None:
    def computing(text: str) -> Form:
        item = formula("s", "integer", computed("%ti + %dobbelt"))
        return with_formulas(NUMBER, item, variables=[variable("ti", text), variable("dobbelt", "%ti * 2")])

    assert differences(computing(FIRST), computing(FIRST)).changes == ()
    assert one(differences(computing(FIRST), computing(TENTH)).score).about == "s"


def test_what_is_computed_is_no_more_comparable_than_what_it_is_computed_from() -> None:
    item = formula("s", "integer", computed(FIRST))
    found = differences(with_formulas(NUMBER, item), with_formulas({**NUMBER, "text": "Hvor mange?"}, item))
    assert found.answers["s"].verdict is Verdict.DECIDE
    assert found.answers["s"].reasons == (
        Text("Svar, som det regnes ud fra, er ændret.", "Answers that it is computed from are changed."),
    )


def test_an_expression_sees_what_options_count() -> None:
    """So a question may be asked in other cases though its condition reads as before."""
    seen = "%resource.item.where(linkId='v').answer.value.ordinal() > 1"

    def counting(ordinal: int) -> Form:
        extension = {"url": ehealth.ORDINAL_VALUE, "valueDecimal": ordinal}
        choice = formula("v", "choice", answerOption=[option("x", extension=[extension])])
        return with_formulas(choice, formula("s", "string", asked_if(seen)))

    assert differences(counting(1), counting(2)).answers["s"].verdict is Verdict.DECIDE
    assert differences(counting(1), counting(1)).answers["s"].verdict is Verdict.COMPARABLE


def test_a_condition_that_is_an_expression_is_told_as_it_is_written() -> None:
    text = f"{FIRST} > 3"
    before, after = (with_formulas(NUMBER, formula("s", "string", *more)) for more in ((), (asked_if(text),)))
    assert one(differences(before, after).citizen).text.da == (
        f"Vises nu, når udtrykket {text} er sandt. Før: uanset hvad der er svaret."
    )


def test_an_expression_of_unknown_making_is_the_same_as_itself_alone() -> None:
    asking = with_formulas(NUMBER, formula("s", "string", asked_if(f"{FIRST} > 3")))

    def unknown() -> Form:
        made = ItemExpression(("n",), (), lambda resource, run: [])
        return replace(asking, expressions=Expressions(enabling={"s": made}))

    form = unknown()
    assert differences(form, form).answers["s"].verdict is Verdict.COMPARABLE
    assert differences(form, unknown()).answers["s"].verdict is Verdict.DECIDE


def test_what_an_answer_begins_with_may_be_an_expression() -> None:
    before, after = (with_formulas(formula("s", "date", *more)) for more in ((), (begins("%patient.birthDate"),)))
    assert one(differences(before, after).citizen).code == "initial"


def test_conditions_work_through_chains_of_questions() -> None:
    chain = "a: integer\nb: integer{}\nc: integer; if b > 1\nd: integer; if c > 1; red > 3"
    found = differences(forms.form(chain.format("")), forms.form(chain.format("; if a > 1")))
    assert [each.about for each in found.citizen] == ["b"]
    assert one(found.light).about == "d"
    assert {link_id for link_id, each in found.answers.items() if each.reasons} == {"b", "c", "d"}


def test_a_question_that_moves_under_a_condition_is_asked_in_other_cases() -> None:
    before = forms.form("a: integer\ng: group; if a > 1\nh: group\n  b: integer; red > 3")
    after = forms.form("a: integer\ng: group; if a > 1\n  b: integer; red > 3\nh: group")
    for found in (differences(before, after), differences(after, before)):
        assert [each.code for each in found.light] == ["asked"]


def test_a_copyright_notice_does_not_frame_a_question() -> None:
    is_copyright = {"url": ehealth.ITEM_IS_COPYRIGHT, "valueBoolean": True}
    notice = forms.item(linkId="c", type="display", extension=[is_copyright])
    before, after = (compile_form(forms.of({**notice, "text": text}, forms.item())) for text in ("2025", "2026"))
    assert differences(before, after).answers["a"].verdict is Verdict.COMPARABLE


def test_what_stands_at_the_ends_of_a_scale_frames_it() -> None:
    """FUT writes the ends of a slider as texts inside the question."""
    before, after = (forms.form(f"a: integer\n  low: display; text {text}") for text in ("Slet ikke", "Lidt"))
    assert differences(before, after).answers["a"].verdict is Verdict.DECIDE


def test_a_question_that_became_a_group_has_old_answers_too() -> None:
    found = differences(forms.form("a: string"), forms.form("a: group"))
    assert found.answers["a"].verdict is Verdict.NOT_COMPARABLE


def test_a_date_cannot_be_reversed_and_fails_nothing() -> None:
    how = views.view("score s: sum of -a")
    asked_ = forms.form("a: date; from 2026-01-01")
    assert differences(asked_, asked_, how, how).rescored == ()


def test_scores_come_and_go_with_their_views() -> None:
    asked_, how = forms.form("a: integer"), views.view("score s: sum of a; red 0 to 10")
    new, gone = differences(asked_, asked_, None, how), differences(asked_, asked_, how, None)
    assert [each.text.da for each in (*new.score, *gone.score)] == ["Scoren er tilføjet.", "Scoren er fjernet."]
    assert new.light[0].text.da == "Visningen er tilføjet: ”Skemaets emner”."
    assert [each.code for each in gone.light] == ["view", "score", "topic"]
    assert (new.scores, new.rescored) == ({}, ())


def test_a_score_s_name_is_told_and_changes_no_value() -> None:
    before = read_view(view(declared("a")))
    after = read_view(view(declared("a", title={"da": "Sum", "en": "Sum"})))
    found = differences(forms.form("a: integer"), forms.form("a: integer"), before, after)
    assert one(found.score).text.da == "Navnet er ændret. Før: ”Score”. Nu: ”Sum”."
    assert (found.rescored, found.scores["score"].verdict) == ((), Verdict.DECIDE)


def test_the_least_change_that_is_important_is_told_and_changes_no_value() -> None:
    before = read_view(view(declared("a")))
    after = read_view(view(declared("a", minimalImportantChange={"value": "10", "source": "Test"})))
    asked_ = forms.form("a: integer")
    found = differences(asked_, asked_, before, after)
    assert one(found.score).text.da == "Den mindste vigtige ændring er tilføjet: 10."
    assert (found.rescored, found.scores["score"].verdict) == ((), Verdict.COMPARABLE)
    assert one(differences(asked_, asked_, after, before).score).text.da.startswith(
        "Den mindste vigtige ændring er fjern"
    )


def test_a_score_over_a_question_that_is_gone_cannot_be_compared() -> None:
    how = views.view("score s: sum of a")
    found = differences(forms.form("a: integer"), forms.form("b: integer"), how, how)
    assert found.scores["s"].reasons[0].da == "”A” findes ikke i begge versioner."
    assert differences(forms.form("b: integer"), forms.form("b: integer"), how, how).scores["s"].reasons[0].da == (
        "”a” findes ikke i begge versioner."
    )


def test_bands_are_told_with_their_names() -> None:
    bands = [{"low": "0", "high": "100", "light": "red", "text": {"da": "Svær", "en": "Severe"}}]
    before, after = read_view(view(declared("a"))), read_view(view(declared("a", bands=bands)))
    found = differences(forms.form("a: integer"), forms.form("a: integer"), before, after)
    assert one(found.light).text.da == "Grænserne for lys er tilføjet: rød 0–100 ”Svær”."


def test_a_direction_on_a_question_is_the_view_s() -> None:
    items = [{"item": "a", "direction": "high-is-worse"}]
    before, after = read_view(view(items=["a"])), read_view(view(items=items))
    found = differences(forms.form("a: integer"), forms.form("a: integer"), before, after)
    assert one(found.light).text.da == "Retningen er tilføjet: højt er værst."


def test_topics_have_a_name() -> None:
    content = view(items=["a"])
    renamed = {**content, "topics": [{**content["topics"][0], "title": {"da": "Søvn", "en": "Sleep"}}]}
    found = differences(forms.form("a: integer"), forms.form("a: integer"), read_view(content), read_view(renamed))
    assert one(found.light).text.da == "Emnets navn er ændret. Før: ”Emne”. Nu: ”Søvn”."


def test_what_the_citizen_reads_at_an_acute_answer_is_for_the_citizen() -> None:
    how = views.content("acute k: a >= 9")
    other = {**how, "acute": [{**how["acute"][0], "text": {"da": "Ring 113", "en": "Call 113"}}]}
    asked_ = forms.form("a: integer")
    found = differences(asked_, asked_, read_view(how), read_view(other))
    assert one(found.citizen).text.da == (
        "Teksten ved et akut svar er ændret. Før: ”Ring 112, hvis du er i fare.”. Nu: ”Ring 113”."
    )
    assert found.light == ()


def test_an_acute_rule_holds_in_other_cases_when_its_question_does() -> None:
    how = views.view("acute k: a >= 9")
    before, after = forms.form("b: integer\na: integer"), forms.form("b: integer\na: integer; if b > 1")
    assert one(differences(before, after, how, how).light).code == "acute-asked"
    wider = forms.form("b: integer\na: integer; to 100")
    assert one(differences(before, wider, how, how).light).code == "acute-scale"


def test_acute_rules_are_told_whatever_they_are_about() -> None:
    """A View may name a question that neither version has; checking it is not done here."""
    asked_ = forms.form("a: string")
    none = views.view("topic t: a")
    about_z = views.view("topic t: a\nacute k: z = x")
    unknown = differences(asked_, asked_, none, about_z).light
    assert differences(asked_, asked_, about_z, about_z).light == ()
    words = differences(asked_, asked_, none, views.view("topic t: a\nacute k: a = x")).light
    assert [each.text.da for each in (*unknown, *words)] == [
        "Den akutte regel er tilføjet: ”z”.",
        "Den akutte regel er tilføjet: ”A” er x.",
    ]


def test_all_changes_and_verdicts_can_be_read() -> None:
    found: Difference = differences(forms.form("a: integer"), forms.form("a: decimal; red > 3"))
    assert [each.code for each in found.changes] == ["type", "rules"]
    assert {each.da for each in VERDICT_WORDS.values()} == {
        "kan sammenlignes",
        "en fagperson skal afgøre det",
        "kan ikke sammenlignes",
    }
