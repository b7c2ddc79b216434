"""What stands on a page: groups, groups that repeat, texts, and questions below questions."""

from kommunalpro.web.citizen.presenters.blocks import Told, page_blocks
from tests.unit.web.citizen.forms import definition, opened, option

NAME = {"linkId": "navn", "type": "string", "text": "Hvad hedder den?", "required": True}
DOSE = {
    "linkId": "dosis",
    "type": "integer",
    "text": "Hvor mange?",
    "enableWhen": [{"question": "navn", "operator": "exists", "answerBoolean": True}],
}
MEDICINE = {"linkId": "medicin", "type": "group", "repeats": True, "text": "Medicin", "item": [NAME, DOSE]}
PANODIL = ({"valueString": "Panodil"},)


def blocks(form, answers=None, told=None):
    return page_blocks(opened(form, answers), form.form.items, told or Told())


def paths(these):
    return [block.path for block in these if block.kind == "question"]


def test_a_group_that_repeats_stands_there_once_to_begin_with():
    (group,) = blocks(definition(MEDICINE))
    assert group.kind == "repeated"
    assert [paths(each.blocks) for each in group.instances] == [["medicin[0]/navn"]]
    assert group.instances[0].removes == ""
    assert group.adds == "medicin[1]"


def test_each_instance_asks_by_its_own_answers():
    (group,) = blocks(definition(MEDICINE), {"medicin[0]/navn": PANODIL, "medicin[2]/navn": ()})
    assert [paths(each.blocks) for each in group.instances] == [
        ["medicin[0]/navn", "medicin[0]/dosis"],
        ["medicin[2]/navn"],
    ]
    assert [each.title for each in group.instances] == ["Nummer 1", "Nummer 2"]
    assert [each.removes for each in group.instances] == ["medicin[0]", "medicin[2]"]
    assert group.adds == "medicin[3]"


def test_an_instance_that_was_just_added_is_there_before_it_is_answered():
    told = Told(instances=("medicin[0]", "medicin[1]"))
    (group,) = blocks(definition(MEDICINE), told=told)
    assert [paths(each.blocks) for each in group.instances] == [["medicin[0]/navn"], ["medicin[1]/navn"]]


def test_no_more_instances_than_the_questionnaire_takes():
    most = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs", "valueInteger": 1}
    (group,) = blocks(definition({**MEDICINE, "extension": [most]}))
    assert group.adds == ""


def test_groups_within_groups_have_their_headings_below():
    inner = {"linkId": "inde", "type": "group", "text": "Inde", "item": [NAME]}
    outer = {
        "linkId": "ude",
        "type": "group",
        "text": "Ude",
        "item": [{"linkId": "t", "type": "display", "text": "Læs"}, inner],
    }
    (group,) = blocks(definition(outer))
    assert (group.title, group.level) == ("Ude", 2)
    assert [block.kind for block in group.blocks] == ["text", "group"]
    assert group.blocks[1].level == 3


def test_a_group_in_which_nothing_is_asked_leaves_no_heading():
    asked_never = {**DOSE, "enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}]}
    form = definition(
        {"linkId": "a", "type": "boolean", "text": "A?"}, {"linkId": "g", "type": "group", "item": [asked_never]}
    )
    assert [block.kind for block in blocks(form)] == ["question"]


def test_what_is_below_a_question_is_asked_when_the_question_is_answered():
    below = {"linkId": "hvilken", "type": "text", "text": "Hvilken?"}
    form = definition({"linkId": "a", "type": "boolean", "text": "A?", "item": [below]})
    assert paths(blocks(form)) == ["a"]
    assert paths(blocks(form, {"a": ({"valueBoolean": True},)})) == ["a", "hvilken"]


def test_what_is_below_a_question_with_several_answers_is_asked_for_each():
    below = {"linkId": "hvor-tit", "type": "integer", "text": "Hvor tit?"}
    options = [option("ryg"), option("knae")]
    form = definition(
        {"linkId": "hvor", "type": "choice", "text": "Hvor?", "repeats": True, "answerOption": options, "item": [below]}
    )
    chosen = tuple({"valueCoding": {"code": code}} for code in ("ryg", "knae"))
    question, first, second = blocks(form, {"hvor": chosen})
    assert paths([question]) == ["hvor"]
    assert [(each.title, paths(each.blocks)) for each in (first, second)] == [
        ("Ryg", ["hvor[0]/hvor-tit"]),
        ("Knae", ["hvor[1]/hvor-tit"]),
    ]


def test_what_a_page_is_told_stands_at_its_question():
    (question,) = blocks(definition(NAME), told=Told(errors={"navn": "Svar på spørgsmålet."}, new={"navn"}))
    assert question.error == "Svar på spørgsmålet."
    assert question.is_new
