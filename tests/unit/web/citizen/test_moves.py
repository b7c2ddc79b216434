"""What the buttons of a page say."""

import pytest

from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.web.citizen.forms.moves import Move, instances_of, read_move
from tests.unit.web.citizen.forms import definition

NAME = {"linkId": "navn", "type": "string"}
DOSE = {"linkId": "dosis", "type": "group", "repeats": True, "item": [{"linkId": "antal", "type": "integer"}]}
FORM = definition({"linkId": "medicin", "type": "group", "repeats": True, "item": [NAME, DOSE]}).form


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("", Move("naeste")),
        ("forrige", Move("forrige")),
        ("senere", Move("senere")),
        ("emne:5", Move("emne", "5")),
        ("ryd:medicin[0]/navn", Move("ryd", "medicin[0]/navn")),
        ("tilfoej:medicin[1]", Move("tilfoej", "medicin[1]")),
        ("fjern:medicin[1]/dosis[0]", Move("fjern", "medicin[1]/dosis[0]")),
    ],
)
def test_buttons_that_the_page_has(text, move):
    assert read_move(FORM, text) == move


@pytest.mark.parametrize(
    "text",
    [
        "slet",
        "emne:",
        "emne:x",
        "emne:-1",
        "emne:99999999",
        "naeste:1",
        "ryd:findes-ikke",
        "fjern:medicin",
        "fjern:navn[0]",
        "fjern:medicin[0]/navn",
        "tilfoej:medicin[1000]",
        "tilfoej:../medicin[0]",
    ],
)
def test_buttons_that_it_does_not_have_are_refused(text):
    with pytest.raises(BadRequest):
        read_move(FORM, text)


def test_instances_are_found_in_paths():
    assert instances_of(frozenset({"medicin[0]/navn", "medicin[1]/dosis[2]/antal", "andet"})) == {
        "medicin[0]",
        "medicin[1]",
        "medicin[1]/dosis[2]",
    }
