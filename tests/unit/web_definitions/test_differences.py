"""An editor reads what a version changes: by what it is about, and what can still be compared."""

from kommunalpro.pro.difference import differences
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.text import Text
from kommunalpro.web.administration.presenters.differences import changes, doubts
from kommunalpro.web.administration.presenters.questionnaires import predecessor


def pain(**more):
    item = {"linkId": "1", "type": "integer", "text": "Har du ondt?", **more}
    return compile_form({"resourceType": "Questionnaire", "title": "Smerte", "item": [item]})


def test_all_that_changes_about_a_question_stands_together():
    (part,) = changes(differences(pain(), pain(text="Gør det ondt?", required=True)))
    assert part.title == "For borgeren"
    ((name, sentences),) = part.lines
    assert name == "Gør det ondt?"
    assert len(sentences) == 2


def test_what_a_person_must_decide_is_told_with_the_reason():
    found = differences(pain(), pain(text="Gør det ondt om natten?"))
    (doubt,) = doubts(found, {"1": Text("Gør det ondt om natten?")})
    assert (doubt.name, doubt.verdict) == ("Gør det ondt om natten?", "en fagperson skal afgøre det")
    assert doubt.reasons


def test_what_is_the_same_has_no_parts_and_no_doubts():
    found = differences(pain(), pain())
    assert (changes(found), doubts(found, {})) == ((), ())


def test_a_version_is_found_by_the_identifier_of_the_one_it_was_made_from():
    before = {"id": "a", "identifier": [{"value": "urn:uuid:1"}]}
    url = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-predecessor"
    after = {"id": "b", "extension": [{"url": url, "valueIdentifier": {"value": "urn:uuid:1"}}]}
    assert predecessor(after, [after, before]) == before
    assert predecessor(before, [after, before]) is None
