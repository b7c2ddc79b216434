"""An editor reads what a version changes: by what it is about, and what can still be compared."""

from kommunalpro.fhir import ehealth
from kommunalpro.fut.descent import version_before
from kommunalpro.pro.difference import differences
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.text import Text
from kommunalpro.web.administration.presenters.differences import changes, doubts


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


PREDECESSOR = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-predecessor"


def version(id, made_from=None, **more):
    """Make a version; `made_from`: the id of the one before."""
    named = {"extension": [{"url": PREDECESSOR, "valueIdentifier": {"value": f"urn:uuid:{made_from}"}}]}
    own = {"identifier": [{"system": ehealth.UUID, "value": f"urn:uuid:{id}"}]}
    return {"id": id, "status": "active", **own, **(named if made_from else {}), **more}


def test_a_version_is_found_by_the_identifier_of_the_one_it_was_made_from():
    before, after = version("a"), version("b", "a")
    assert version_before(after, [after, before]) == before
    assert version_before(before, [after, before]) is None


def test_a_draft_that_was_given_up_is_passed_over_to_the_version_before_it():
    used, gone = version("a"), version("b", "a", status="retired")
    assert version_before(version("c", "b"), [used, gone]) == used
    taken_out = gone | {"approvalDate": "2026-11-01"}
    assert version_before(version("c", "b"), [used, taken_out]) == taken_out


def test_versions_that_name_each_other_or_themselves_come_from_none():
    """It may be said later what a draft was made from, and nobody looks whether that leads in a circle."""
    one, other = version("a", "b", status="retired"), version("b", "a", status="retired")
    assert version_before(one, [one, other]) is None
    assert version_before(version("c", "a"), [one, other]) is None
    itself = version("d", "d", status="retired")
    assert version_before(itself, [itself]) is None
