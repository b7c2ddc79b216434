"""A posted page: what is saved, what is not, and what is refused."""

import pytest

from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.web.citizen.forms.names import anchor, digest, digest_of_all
from kommunalpro.web.citizen.forms.page import read_page
from tests.unit.web.citizen.forms import HIDDEN, definition, option, posted

NUMBER = {"linkId": "tal", "type": "integer", "text": "Hvor meget?"}
WORDS = {"linkId": "ord", "type": "text", "text": "Hvorfor?"}
CHOICE = {
    "linkId": "valg",
    "type": "choice",
    "text": "Hvilke?",
    "repeats": True,
    "answerOption": [option("a"), option("b")],
}
GROUP = {
    "linkId": "medicin",
    "type": "group",
    "repeats": True,
    "item": [{"linkId": "navn", "type": "string", "text": "Hvad hedder den?"}],
}
EIGHT = digest([{"valueInteger": 8}])


def test_what_was_changed_is_saved_and_what_was_not_is_left_alone():
    page = read_page(definition(NUMBER, WORDS), posted({"tal": "8", "ord": "Fordi"}, shown={"tal": EIGHT, "ord": ""}))
    assert page.changes == {"ord": ({"valueString": "Fordi"},)}
    assert page.errors == {}


def test_an_old_page_takes_nothing_away_that_was_answered_elsewhere():
    page = read_page(definition(NUMBER, WORDS), posted({"tal": "", "ord": "Fordi"}))
    assert page.changes == {"ord": ({"valueString": "Fordi"},)}


def test_an_emptied_field_takes_its_answer_away():
    page = read_page(definition(NUMBER), posted({"tal": ""}, shown={"tal": EIGHT}))
    assert page.changes == {"tal": ()}


def test_boxes_that_are_all_unchecked_are_an_answer_taken_away():
    page = read_page(definition(CHOICE), posted({}, shown={"valg": "noget"}))
    assert page.changes == {"valg": ()}


def test_a_wrong_value_is_told_and_keeps_nothing_else_from_being_saved():
    page = read_page(definition(NUMBER, WORDS), posted({"tal": "mange", "ord": "Fordi"}))
    assert page.errors == {"tal": "Skriv et helt tal."}
    assert page.typed["tal"].values == ("mange",)
    assert page.changes == {"ord": ({"valueString": "Fordi"},)}


def test_instances_of_a_group_are_told_apart():
    fields = posted({"medicin[0]/navn": "Panodil", "medicin[2]/navn": "Ipren"})
    page = read_page(definition(GROUP), fields)
    assert set(page.changes) == {"medicin[0]/navn", "medicin[2]/navn"}


@pytest.mark.parametrize(
    "fields",
    [
        posted({"findes-ikke": "1"}),
        posted({"medicin": "1"}),
        posted({"navn": "1"}),
        posted({"medicin[1000]/navn": "1"}),
        posted({"tal[0]/navn": "1"}),
        {"svar:tal": ["8"]},
        {"andet:tal": ["8"]},
        {"vist:tal": [""], "klokken:ord": ["10"]},
        {"vist:tal": [""], "svar:tal": ["1", "2"]},
        posted({"valg": "7"}),
        posted({"skjult": "1"}),
        posted({"laest": "1"}),
    ],
)
def test_a_forged_form_is_refused_whole(fields):
    hidden = {"linkId": "skjult", "type": "integer", "extension": [{"url": HIDDEN, "valueBoolean": True}]}
    read_only = {"linkId": "laest", "type": "integer", "readOnly": True}
    with pytest.raises(BadRequest):
        read_page(definition(NUMBER, WORDS, CHOICE, GROUP, hidden, read_only), fields)


def test_other_fields_of_a_form_are_nobodys_answers():
    page = read_page(definition(NUMBER), {"csrfmiddlewaretoken": ["x"], "stamped": ["y"], **posted({"tal": "1"})})
    assert set(page.changes) == {"tal"}


def test_anchors_are_short_and_tell_instances_apart():
    form = definition(NUMBER, GROUP).form
    assert anchor(form, "tal") == "s0"
    assert anchor(form, "medicin") == "s1"
    assert anchor(form, "medicin[2]") == "s1-2"
    assert anchor(form, "medicin[2]/navn") == "s2-2"


def test_the_mark_of_all_answers_knows_no_order_but_every_change():
    one = {"tal": ({"valueInteger": 8},), "ord": ({"valueString": "Fordi"},)}
    assert digest_of_all(one) == digest_of_all(dict(reversed(one.items())))
    assert digest_of_all(one) == digest_of_all({**one, "valg": ()})
    assert digest_of_all(one) != digest_of_all({**one, "tal": ({"valueInteger": 9},)})
