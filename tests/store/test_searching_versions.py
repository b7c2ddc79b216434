"""A search where references are to versions: R4 search.html#versions, and what FUT's clients ask by."""

from dataclasses import replace

import pytest

from kommunalpro.fhir.bundle import resources
from tests.people import BO
from tests.resources import activity_definition, observation, plan_definition, questionnaire
from tests.store.cast import BASE, ids, staff
from tests.store.test_oracle import AnyR4

Q = f"{BASE}/Questionnaire/q"
NAMES = {"as such": Q, "first": f"{Q}/_history/1", "second": f"{Q}/_history/2", "one": f"{Q}|1.0", "nine": f"{Q}|9"}


@pytest.fixture
def shelf(store):
    """A Questionnaire in two versions, both of them its 1.0, and an activity for each way of naming it."""
    store.update(store.create(questionnaire(title="Søvn"), id="q") | {"title": "Nattesøvn"})
    for id, name in NAMES.items():
        store.create(activity_definition(name), id=id.replace(" ", "-"))
    return store


def found(shelf, *asked):
    return set(ids(shelf.search("ActivityDefinition", *asked)))


def warned(bundle):
    """Give the parameters that did not go by a version."""
    said = [each["resource"] for each in bundle["entry"] if each["search"]["mode"] == "outcome"]
    return [issue["expression"] for each in said for issue in each["issue"]]


# --- By an address with a version
def test_by_an_address_without_a_version_every_version_is_found(shelf):
    assert found(shelf, ("depends-on", Q)) == {"as-such", "first", "second", "one", "nine"}


def test_by_an_address_with_a_version_that_version_is_found_and_what_names_none(shelf):
    """FUT's clients ask by whatever address they hold (fut.md, search parameters): most references name no version."""
    assert found(shelf, ("depends-on", f"{Q}/_history/1")) == {"as-such", "first", "one", "nine"}
    assert found(shelf, ("depends-on", "Questionnaire/q/_history/3")) == {"as-such", "one", "nine"}


def test_by_a_canonical_with_a_business_version_that_one_is_found(shelf):
    assert found(shelf, ("depends-on", f"{Q}|1.0")) == {"one"}


def test_what_is_named_in_a_version_and_as_such_too_is_found_by_another_version(shelf):
    twice = activity_definition(Q)
    twice["relatedArtifact"].append({"type": "depends-on", "resource": f"{Q}/_history/2"})
    shelf.create(twice, id="twice")
    assert "twice" in found(shelf, ("depends-on", f"{Q}/_history/1"))


def test_a_list_of_addresses_finds_what_any_of_them_does(shelf):
    assert found(shelf, ("depends-on", f"{Q}/_history/2,{Q}|9")) == {"as-such", "second", "one", "nine"}
    assert found(shelf, ("depends-on", f"{Q}/_history/2,{Q}")) == {"as-such", "first", "second", "one", "nine"}


# --- What is searched is what things are now
def test_a_chain_goes_by_the_current_version_and_says_so_where_another_is_named(shelf):
    bundle = shelf.search("ActivityDefinition", ("depends-on:Questionnaire.title", "Nattesøvn"))
    assert set(ids(bundle)) == {"as-such", "first", "second", "one", "nine"}
    assert warned(bundle) == [["http.depends-on:Questionnaire.title"]]


@pytest.mark.parametrize(("id", "says"), [("as-such", 0), ("first", 1), ("second", 0), ("one", 0), ("nine", 1)])
def test_it_says_so_of_what_it_found_alone(shelf, id, says):
    bundle = shelf.search("ActivityDefinition", ("_id", id), ("depends-on:Questionnaire.title", "Natte"))
    assert ids(bundle) == [id]
    assert len(warned(bundle)) == says


def test_what_has_no_chain_says_nothing(shelf):
    assert warned(shelf.search("ActivityDefinition", ("depends-on", Q), ("_include", "*"))) == []


@pytest.mark.parametrize(
    "asked", [("_has:ActivityDefinition:depends-on:status", "draft"), ("_revinclude", "ActivityDefinition:depends-on")]
)
def test_the_way_back_goes_by_the_current_version_and_says_so_where_another_is_named(shelf, asked):
    bundle = shelf.search("Questionnaire", asked)
    assert "q" in ids(bundle)
    assert warned(bundle) == [[f"http.{asked[0]}"]]


@pytest.mark.parametrize(
    "asked", [("_has:ActivityDefinition:depends-on:status", "draft"), ("_revinclude", "ActivityDefinition:depends-on")]
)
def test_the_way_back_says_nothing_where_only_the_current_version_is_named(store, asked):
    store.create(questionnaire(), id="q")
    for name in (Q, f"{Q}/_history/1", f"{Q}|1.0"):
        store.create(activity_definition(name))
    assert warned(store.search("Questionnaire", asked)) == []


def test_of_several_ways_back_the_one_is_named_that_went_by_another_version(shelf):
    both = ("_revinclude", "ActivityDefinition:depends-on"), ("_revinclude:iterate", "PlanDefinition:definition")
    assert warned(shelf.search("Questionnaire", *both)) == [["http._revinclude"]]
    shelf.update(shelf.read("ActivityDefinition", "one") | {"title": "Søvn"})
    shelf.create(plan_definition(f"{BASE}/ActivityDefinition/one/_history/1"), id="plan")
    assert warned(shelf.search("Questionnaire", *both)) == [["http._revinclude"], ["http._revinclude:iterate"]]


def test_the_largest_page_is_looked_at_too(store):
    many = {f"q{number}": questionnaire() for number in range(300)}
    with store.as_() as session:
        session.create_all(list(many.items()))
        session.create_all([(f"a{id}", activity_definition(f"{BASE}/Questionnaire/{id}/_history/1")) for id in many])
    asked = ("_has:ActivityDefinition:depends-on:status", "draft"), ("_count", "1000")
    assert warned(store.search("Questionnaire", *asked)) == []
    store.update(store.read("Questionnaire", "q7") | {"title": "Søvn"})
    assert warned(store.search("Questionnaire", *asked)) == [["http._has:ActivityDefinition:depends-on:status"]]


def test_whom_the_caller_may_not_see_no_warning_tells_of(clinic):
    """Nancy has changed since Tjørn's measurement named her: whom Bo helps with Tjørn alone does not learn of it."""
    measured = observation("tjoern", "tjoerns", performer=[{"reference": f"{BASE}/Patient/nancy/_history/1"}])
    measured["performer"].append({"reference": f"{BASE}/Patient/tjoern/_history/1"})
    clinic = replace(clinic, server=replace(clinic.server, rules=AnyR4()))
    clinic.create(measured, id="maaling")
    clinic.update(clinic.read("Patient", "nancy") | {"gender": "other"})
    asked = ("subject", "Patient/tjoern"), ("episodeOfCare", "EpisodeOfCare/tjoerns"), ("performer:Patient.family", "S")
    assert warned(clinic.search("Observation", *asked)) == [["http.performer:Patient.family"]]
    bo = staff(BO, patient="tjoern", episode_of_care="tjoerns")
    seen = clinic.search("Observation", *asked, by=bo)
    assert (ids(seen), warned(seen)) == (["maaling"], [])


def test_the_warning_is_no_part_of_what_is_found(shelf):
    bundle = shelf.search("ActivityDefinition", ("depends-on:Questionnaire.title", "Nattesøvn"))
    assert {each["resourceType"] for each in resources(bundle)} == {"ActivityDefinition"}
    assert bundle["total"] == len(NAMES)


def test_a_match_that_is_named_in_another_version_comes_along_in_that_one(shelf):
    draft = shelf.create(activity_definition(Q), id="b")
    shelf.update(draft | {"title": "Anden"})
    before = {"type": "predecessor", "resource": f"{BASE}/ActivityDefinition/b/_history/1"}
    shelf.create(activity_definition(Q) | {"relatedArtifact": [*draft["relatedArtifact"], before]}, id="c")
    found = shelf.search("ActivityDefinition", ("_id", "b,c"), ("_include", "ActivityDefinition:predecessor"))
    entries = [(each["resource"], each["search"]["mode"]) for each in found["entry"]]
    versions = {(each["id"], mode): each["meta"]["versionId"] for each, mode in entries}
    assert versions == {("b", "match"): "2", ("c", "match"): "1", ("b", "include"): "1"}
