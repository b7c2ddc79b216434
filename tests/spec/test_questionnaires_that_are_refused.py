"""Questionnaires that are refused

A questionnaire that cannot be answered, or cannot mean what it says, is refused before it is published: with all that
is wrong at once, each with its place, in Danish and English.
"""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.json import loads
from kommunalpro.pro.form import FormError, compile_form
from kommunalpro.pro.problems import TEXTS
from tests.spec.forms import item, of, problems
from tests.spec.tables import table


@table("""
    type        | accepted
    group       | yes
    display     | yes
    boolean     | yes
    decimal     | yes
    integer     | yes
    date        | yes
    dateTime    | yes
    time        | yes
    string      | yes
    text        | yes
    url         | yes
    choice      | yes
    open-choice | yes
    attachment  | yes
    reference   | yes
    quantity    | yes
    question    | no
    coding      | no
""")
def test_every_type_of_R4_is_accepted_and_no_other(type, accepted):  # noqa: N802
    """`question` is abstract in R4, and `coding` is R5's."""
    options = [{"valueCoding": {"code": "x"}}] if type == "choice" else []
    found = problems(of(item(type=type, **({"answerOption": options} if options else {}))))
    assert found == ("–" if accepted == "yes" else "a type")


@table("""
    linkIds | refused
    a, b    | –
    a, a    | a link-id-twice
    a, –    | link-id-missing
    a/b     | a/b link-id-form
    a[0]    | a[0] link-id-form
    a.1-b_c | –
""")
def test_every_question_has_a_name_of_its_own(linkids, refused):
    """Slash and brackets are kept for the places of answers: `medicine[0]/dose`."""
    items = [item(linkId=each) if each != "–" else {"type": "string"} for each in linkids.split(", ")]
    assert problems(of(*items)) == refused


@table("""
    options                                                                           | refused
    {"valueCoding": {"code": "x"}}                                                    | –
    –                                                                                 | a options-missing
    {"valueCoding": {"display": "X"}}                                                 | a option-code
    {"valueCoding": {"code": ""}}                                                     | a option-value
    {"valueCoding": {"code": "x"}}, {"valueCoding": {"code": "x", "display": "Igen"}} | a option-twice
    {"valueCoding": {"code": "x"}}, {"valueCoding": {"code": "x", "system": "urn:other"}} | –
    {"valueString": "Ja"}, {"valueString": "Nej"}                                     | –
    {"valueString": "Ja"}, {"valueString": "Ja"}                                      | a option-twice
    {"valueInteger": 1}, {"valueInteger": 2}                                          | –
    {"valueInteger": "1"}                                                             | a option-value
    {"valueDate": "2026-02-30"}                                                       | a option-value
    {"valueBoolean": true}                                                            | a option-kind
    {}                                                                                | a option-kind
""")
def test_every_option_of_a_choice_can_be_chosen(options, refused):
    written = loads(f"[{options}]") if options != "–" else []
    assert problems(of(item(type="choice", **({"answerOption": written} if written else {})))) == refused


def test_a_question_has_options_of_its_own_type():
    assert problems(of(item(type="integer", answerOption=[{"valueInteger": 1}]))) == "–"
    assert problems(of(item(type="integer", answerOption=[{"valueString": "1"}]))) == "a option-kind"
    assert problems(of(item(type="boolean", answerOption=[{"valueString": "1"}]))) == "a option-kind"


@table("""
    value set                                                                       | refused
    {"expansion": {"contains": [{"system": "urn:s", "code": "x"}]}}                 | –
    {"expansion": {"total": 1, "contains": [{"system": "urn:s", "code": "x"}]}}     | –
    {"expansion": {"total": 9, "contains": [{"system": "urn:s", "code": "x"}]}}     | a value-set-listing
    {"expansion": {"contains": []}}                                                 | a value-set-listing
    {"compose": {"include": [{"system": "urn:s", "concept": [{"code": "x"}]}]}}     | –
    {"compose": {"include": [{"system": "urn:s"}]}}                                 | a value-set-listing
    {"compose": {"include": [{"system": "urn:s", "filter": [{}], "concept": [{"code": "x"}]}]}} | a value-set-listing
    {"compose": {"include": [{"valueSet": ["urn:v"], "concept": [{"code": "x"}]}]}} | a value-set-listing
    {"compose": {"include": [{"concept": [{"code": "x"}]}], "exclude": [{}]}}       | a value-set-listing
    {"compose": {"include": [{"concept": [{"code": "x"}, {"code": "x"}]}]}}         | a option-twice
    {}                                                                              | a value-set-listing
    {"implicitRules": "urn:r", "expansion": {"contains": [{"code": "x"}]}}          | a implicit-rules
    {"modifierExtension": [{}], "expansion": {"contains": [{"code": "x"}]}}         | a modifier
    {"expansion": {"contains": [{"code": "x", "modifierExtension": [{}]}]}}         | a modifier
    {"expansion": {"modifierExtension": [{}], "contains": [{"code": "x"}]}}         | a modifier
    {"compose": {"modifierExtension": [{}], "include": [{"concept": [{"code": "x"}]}]}} | a modifier
    {"compose": {"include": [{"modifierExtension": [{}], "concept": [{"code": "x"}]}]}} | a modifier
    {"compose": {"include": [{"concept": [{"code": "x", "modifierExtension": [{}]}]}]}} | a modifier
    {"resourceType": "Binary", "expansion": {"contains": [{"code": "x"}]}}          | a value-set
    –                                                                               | a value-set
""")
def test_a_value_set_is_contained_and_lists_all_that_can_be_chosen(value_set, refused):
    """What it only hints at (a whole code system, a filter, another value set, exceptions) would be offered wrongly."""
    contained = [] if value_set == "–" else [{"resourceType": "ValueSet", "id": "v", **loads(value_set)}]
    assert problems(of(item(type="choice", answerValueSet="#v"), contained=contained)) == refused


def test_a_value_set_that_is_only_named_is_refused():
    """Who stores a questionnaire puts its value sets into it, if it has them."""
    assert problems(of(item(type="choice", answerValueSet="urn:vs"))) == "a value-set"


@table("""
    picture                                                                   | refused
    {"resourceType": "Binary", "contentType": "image/png", "data": "AAAA"}     | –
    {"resourceType": "Binary", "contentType": "image/jpeg", "data": "AAAA"}    | –
    {"resourceType": "Binary", "contentType": "image/svg+xml", "data": "AAAA"} | –
    {"resourceType": "Binary", "contentType": "image/tiff", "data": "AAAA"}    | a image-type
    {"resourceType": "Binary", "data": "AAAA"}                                 | a image-type
    {"resourceType": "Binary", "contentType": "image/png"}                     | a image
    {"resourceType": "ValueSet", "contentType": "image/png", "data": "AAAA"}   | a image
    {"resourceType": "Binary", "contentType": "image/png", "data": "AAAA", "implicitRules": "urn:r"} | a implicit-rules
    –                                                                          | a image
""")
def test_a_picture_is_contained_and_one_that_browsers_show(picture, refused):
    """The question may be about it: *Where on the drawing does it hurt?*"""
    contained = [] if picture == "–" else [{"id": "p", **loads(picture)}]
    content = {"url": "content", "valueReference": {"reference": "#p"}}
    shown = [complex_extension(ehealth.QUESTIONNAIRE_IMAGE, content)]
    assert problems(of(item(extension=shown), contained=contained)) == refused
    option = {"valueCoding": {"code": "x"}, "extension": shown}
    assert problems(of(item(type="choice", answerOption=[option]), contained=contained)) == refused


def test_rules_that_must_be_understood_and_are_not_are_refused():
    """R4: whoever reads `implicitRules` must know them, since they may change what everything means."""
    assert problems(of(item(), implicitRules="urn:other-rules")) == "implicit-rules"


def test_what_changes_the_meaning_and_is_not_understood_is_refused_wherever_it_stands():
    modifier = {"modifierExtension": [{"url": "urn:negated"}]}
    option = {"valueCoding": {"code": "x"}, **modifier}
    condition = {"question": "a", "operator": "exists", "answerBoolean": True, **modifier}
    hanging = item(linkId="b", enableWhen=[condition])
    begun = item(linkId="d", initial=[{"valueString": "x", **modifier}])
    asked = of(item(type="choice", answerOption=[option]), hanging, item(linkId="c", **modifier), begun, **modifier)
    assert problems(asked) == "modifier, a modifier, b modifier, c modifier, d modifier"


@table("""
    extension        | value                     | refused
    hidden           | {"valueString": "true"}   | a extension-kind
    hidden           | {"valueBoolean": true}    | –
    regex            | {"valueInteger": 1}       | a extension-kind
    minOccurs        | {"valueString": "1"}      | a extension-kind
    maxDecimalPlaces | {"valueDecimal": 1}       | –
    maxDecimalPlaces | {"valueString": "1"}      | a extension-kind
    sliderStepValue  | {"valueString": "1"}      | a extension-kind
    itemControl      | {"valueString": "slider"} | a extension-kind
    unit             | {"valueString": "kg"}     | a extension-kind
""")
def test_an_extension_has_a_value_of_its_type(extension, value, refused):
    """R4's own rules do not say what an extension's value is: a hidden question would be shown, or a limit be lost."""
    urls = {
        "hidden": ehealth.HIDDEN,
        "regex": ehealth.REGEX,
        "minOccurs": ehealth.MIN_OCCURS,
        "maxDecimalPlaces": ehealth.MAX_DECIMAL_PLACES,
        "sliderStepValue": ehealth.SLIDER_STEP_VALUE,
        "itemControl": ehealth.ITEM_CONTROL,
        "unit": ehealth.UNIT,
    }
    assert problems(of(item(type="decimal", extension=[{"url": urls[extension], **loads(value)}]))) == refused


def test_a_text_is_not_answered_and_holds_nothing():
    assert problems(of(item(type="display", required=True))) == "a display-content"
    assert problems(of(item(type="display", item=[item(linkId="b")]))) == "a display-content"
    assert problems(of(item(type="display", readOnly=True))) == "a display-content"
    assert problems(of(item(type="display", repeats=False))) == "a display-content"


@pytest.mark.parametrize("levels", [51, 10_000])
def test_questions_are_nested_at_most_fifty_deep(levels):
    inner = item(linkId="last")
    for number in range(levels - 1):
        inner = item(linkId=str(number), type="group", item=[inner])
    assert problems(of(inner)) == "depth"


def test_fifty_levels_are_accepted():
    inner = item(linkId="last")
    for number in range(49):
        inner = item(linkId=str(number), type="group", item=[inner])
    assert problems(of(inner)) == "–"


def test_there_are_at_most_ten_thousand_questions():
    assert problems(of(*(item(linkId=str(number)) for number in range(10_000)))) == "–"
    assert problems(of(*(item(linkId=str(number)) for number in range(10_001)))) == "size"


def test_everything_is_told_at_once_with_its_place_in_both_languages():
    with pytest.raises(FormError) as refused:
        compile_form(
            of(
                item(type="integer", extension=[{"url": ehealth.MIN_VALUE, "valueString": "0"}]),
                item(linkId="g", type="group", item=[item(linkId="a"), {"linkId": "c", "type": "choice"}]),
                item(linkId="b", enableWhen=[{"question": "x", "operator": "=", "answerString": "y"}]),
            )
        )
    told = [(each.expression, each.code, each.text.da, each.text.en) for each in refused.value.problems]
    assert told == [
        ("Questionnaire.item[0]", "bound-kind", TEXTS["bound-kind"].da, TEXTS["bound-kind"].en),
        (
            "Questionnaire.item[1].item[0]",
            "link-id-twice",
            "linkId bruges mere end én gang.",
            "The linkId is used more than once.",
        ),
        (
            "Questionnaire.item[1].item[1]",
            "options-missing",
            "Der er intet at vælge imellem.",
            "There is nothing to choose from.",
        ),
        (
            "Questionnaire.descendants().where(linkId='b')",
            "condition-unknown",
            "Betingelsen spørger til x, som ikke findes.",
            "The condition asks about x, which is not there.",
        ),
    ]
