"""What a questionnaire offers by naming a ValueSet is put into it when it is written, and stays as it was."""

from datetime import timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.pro.form import compile_form
from tests.resources import questionnaire, value_set
from tests.store.cast import NOW

URL = "https://kommune.example/fhir/ValueSet/symptomer"
SYSTEM = "https://kommune.example/fhir/CodeSystem/symptomer"
ORDINAL = {"url": ehealth.ORDINAL_VALUE, "valueDecimal": 2}


def asking(named, **changes):
    """Make a questionnaire with one question, in a group, whose answers a ValueSet lists."""
    question = {"linkId": "q", "text": "Hvad mærker du?", "type": "choice", "answerValueSet": named}
    return questionnaire(item=[{"linkId": "g", "type": "group", "text": "Symptomer", "item": [question]}], **changes)


def offered(stored):
    return [(option.text.da, option.ordinal) for option in compile_form(stored).item("q").options]


def of_system(**changes):
    return value_set(URL) | {"compose": {"include": [{"system": SYSTEM, **changes}]}}


def code_system(**changes):
    nested = [{"code": "knæ", "display": "Knæet", "extension": [ORDINAL]}]
    heading = {"code": "ben", "property": [{"code": "notSelectable", "valueBoolean": True}], "concept": nested}
    return {
        "resourceType": "CodeSystem", "url": SYSTEM, "status": "active", "content": "complete",
        "property": [{"code": "notSelectable", "type": "boolean"}],
        "concept": [heading, {"code": "ryg", "display": "Ryggen"}], **changes,
    }  # fmt: skip


def test_what_a_value_set_lists_can_be_chosen(store):
    store.create(value_set(URL, "knæ", "ryg"))
    made = store.create(asking(URL, status="active"))
    assert offered(made) == [("knæ", None), ("ryg", None)]


def test_what_is_published_stays_as_it_was_when_the_value_set_changes(store):
    stored = store.create(value_set(URL, "knæ", "ryg"))
    made = store.create(asking(URL, status="active"))
    store.update(stored | {"compose": value_set(URL, "hofte")["compose"]})
    assert [text for text, _ in offered(made)] == ["knæ", "ryg"]
    retired = store.update(made | {"status": "retired"})
    assert retired["contained"] == made["contained"]


def test_the_version_that_is_named_is_the_one_that_is_offered(store):
    store.create(value_set(URL, "knæ") | {"version": "1"})
    store.create(value_set(URL, "ryg") | {"version": "2"}, now=NOW + timedelta(days=1))
    store.create(value_set(URL, "hofte") | {"version": "3", "status": "draft"}, now=NOW + timedelta(days=2))
    assert offered(store.create(asking(f"{URL}|1", status="active"))) == [("knæ", None)]
    assert offered(store.create(asking(URL, status="active"))) == [("ryg", None)], "the active one, written last"


def test_of_two_whose_long_addresses_begin_alike_the_one_that_is_named_is_offered(store):
    for end in ("knæ", "ryg"):
        store.create(value_set(f"{URL}{'-' * 300}{end}", end))
    assert offered(store.create(asking(f"{URL}{'-' * 300}knæ", status="active"))) == [("knæ", None)]


@pytest.mark.parametrize("named", [f"{URL},urn:x", f"urn:x,{URL}", f"{URL}|7,1"])
def test_a_comma_in_a_name_is_of_the_name_and_names_no_second_one(store, named):
    store.create(value_set(URL, "knæ") | {"version": "1"})
    with pytest.raises(RuleBroken) as refused:
        store.create(asking(named, status="active"))
    assert named in refused.value.issues[0].diagnostics


def test_a_draft_goes_on_to_name_it_and_what_is_published_tells_what_it_named(store):
    store.create(value_set(URL, "knæ"))
    draft = store.create(asking(URL))
    assert "contained" not in draft
    assert draft["item"][0]["item"][0]["answerValueSet"] == URL
    question = store.update(draft | {"status": "active"})["item"][0]["item"][0]
    assert question["answerValueSet"] == "#value-set-1"
    assert extension_value(question["_answerValueSet"], ehealth.NAMED_VALUE_SET) == URL


def test_a_new_version_has_what_the_value_set_says_when_it_is_published(store):
    stored = store.create(value_set(URL, "knæ"))
    made = store.create(asking(URL, status="active"))
    copy = {name: value for name, value in made.items() if name not in ("id", "meta", "identifier", "approvalDate")}
    draft = store.create(copy | {"status": "draft"})
    assert draft["item"] == asking(URL)["item"]
    assert "contained" not in draft
    store.update(stored | {"compose": value_set(URL, "hofte")["compose"]})
    assert offered(store.update(draft | {"status": "active"})) == [("hofte", None)]
    assert offered(made) == [("knæ", None)]


def test_a_code_system_that_is_here_is_listed_but_for_its_headings(store):
    store.create(code_system())
    store.create(of_system())
    assert offered(store.create(asking(URL, status="active"))) == [("Knæet", 2), ("Ryggen", None)]


def test_one_of_fut_s_own_value_sets_is_offered_without_being_stored_here(store):
    made = store.create(asking("http://ehealth.sundhed.dk/vs/ehealth-program", status="active"))
    assert [text for text, _ in offered(made)] == ["Kommunal PRO", "Telma", "Telma Supportteam"]


def test_a_value_set_that_is_put_together_of_others_is_offered_as_their_codes(store):
    store.create(code_system())
    store.create(value_set("urn:knees", "knæ", system=SYSTEM))
    of_both = {"include": [{"system": SYSTEM}], "exclude": [{"valueSet": ["urn:knees"]}]}
    store.create(value_set(URL) | {"compose": of_both})
    store.create(value_set("urn:two") | {"compose": {"include": [{"valueSet": [URL]}, {"valueSet": ["urn:knees"]}]}})
    assert offered(store.create(asking(URL, status="active"))) == [("Ryggen", None)]
    two = store.create(asking("urn:two", status="active"))
    assert offered(two) == [("Ryggen", None), ("Knæet", 2)], "with the numbers that the code system has for them"


@pytest.mark.parametrize(
    "system",
    [None, code_system(content="fragment"), code_system(implicitRules="https://kommune.example/rules")],
    ids=["not-here", "not-whole", "of-other-rules"],
)
def test_a_code_system_that_is_not_whole_is_not_offered(store, system):
    if system:
        store.create(system)
    store.create(of_system())
    with pytest.raises(RuleBroken) as refused:
        store.create(asking(URL, status="active"))
    assert [each.diagnostics for each in refused.value.issues] == [
        "q: The value set #value-set-1 does not list all its concepts, as it must."
    ]


def test_a_draft_may_wait_for_a_value_set_and_is_not_published_without_it(store):
    draft = store.create(asking(URL))
    with pytest.raises(RuleBroken) as refused:
        store.update(draft | {"status": "active"})
    assert URL in refused.value.issues[0].diagnostics
    store.create(value_set(URL, "knæ"))
    assert offered(store.update(draft | {"status": "active"})) == [("knæ", None)]


def test_a_value_set_is_put_beside_what_the_questionnaire_holds_already(store):
    store.create(value_set(URL, "knæ"))
    mine = value_set("https://kommune.example/fhir/ValueSet/egen", "x") | {"id": "value-set-1"}
    other = {"linkId": "r", "text": "Og?", "type": "choice", "answerValueSet": "#value-set-1"}
    made = asking(URL, status="active")
    made["item"].append(other)
    stored = store.create(made | {"contained": [mine]})
    assert [each["id"] for each in stored["contained"]] == ["value-set-1", "value-set-2"]
    assert offered(stored) == [("knæ", None)]
    again = store.create({**made, "status": "draft", "contained": stored["contained"], "item": stored["item"]})
    assert again["contained"] == [mine], "what it held itself it goes on to hold"
    assert again["item"] == made["item"]
