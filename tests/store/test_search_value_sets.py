"""What is coded by a value set is found by its address (`:in`), stored here or FUT's own: as `$expand` tells it."""

import pytest

from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver.search.value_sets import codes_of
from kommunalpro.fut.at_hand import ALSO_FSIII, FSIII
from tests.people import ASTA
from tests.resources import condition, organization, task, value_set
from tests.store.cast import ids, staff

CATEGORIES = "http://ehealth.sundhed.dk/vs/task-category"
PARTS = "http://example.org/cs/parts"
BODY = "http://example.org/vs/body"


def made_of(url, **compose):
    return {"resourceType": "ValueSet", "url": url, "status": "active", "compose": compose}


def organizations(store, *pairs):
    return ids(store.search("Organization", *pairs))


@pytest.fixture(scope="module")
def body(shelf):
    """A code system with a heading, and an organisation of each code."""
    concepts = [
        {
            "code": "limb",
            "property": [{"code": "notSelectable", "valueBoolean": True}],
            "concept": [{"code": "arm"}, {"code": "leg"}],
        },
        {"code": "head"},
    ]
    system = {"resourceType": "CodeSystem", "url": PARTS, "status": "active", "content": "complete"}
    shelf.create({**system, "property": [{"code": "notSelectable", "type": "boolean"}], "concept": concepts})
    without = [{"system": PARTS, "concept": [{"code": "head"}]}]
    for each in (
        made_of(BODY, include=[{"system": PARTS}]),
        made_of(f"{BODY}-but-head", include=[{"valueSet": [BODY]}], exclude=without),
        value_set(CATEGORIES, "leg", system=PARTS),
        {**value_set(f"{BODY}-next", "arm", system=PARTS), "status": "draft", "version": "2"},
    ):
        shelf.create(each)
    for code in ("limb", "arm", "leg", "head"):
        shelf.create({**organization(code), "type": [{"coding": [{"system": PARTS, "code": code}]}]}, id=code)
    return shelf


def test_tasks_are_found_by_the_categories_that_fut_has(clinic):
    clinic.create(task("nancy", "nancys"), id="opgave")
    asked = ("responsible", staff(ASTA).context.care_team)
    for value in (CATEGORIES, f"{CATEGORIES}|0.6.0"):
        assert ids(clinic.search("Task", asked, ("category:in", value), by=staff(ASTA))) == ["opgave"]
        assert ids(clinic.search("Task", asked, ("category:not-in", value), by=staff(ASTA))) == []
    assert ids(clinic.search("Patient", ("_has:Task:patient:category:in", CATEGORIES))) == ["nancy"]


def test_a_condition_of_fsiii_is_found_by_whichever_of_its_urls_it_is_coded_with(clinic):
    for number, system in enumerate((FSIII, ALSO_FSIII)):
        coded = {"code": {"coding": [{"system": system, "code": "J1.1"}]}}
        clinic.create(condition("nancy", "nancys") | coded, id=f"vask-{number}")
    conditions = "http://ehealth.sundhed.dk/vs/conditions"
    found = ids(clinic.search("Condition", ("code:in", conditions), ("_id", "vask-0,vask-1")))
    assert sorted(found) == ["vask-0", "vask-1"]


@pytest.mark.parametrize("name", ["task-category", "careteam-participant-role", "clinicalimpression-finding-codes"])
def test_the_codes_are_those_that_expand_tells(store, name):
    url = f"http://ehealth.sundhed.dk/vs/{name}"
    with store.as_() as session:
        told = session.operate("$expand", parameters({"name": "url", "valueUri": url}), target="ValueSet")
        found = codes_of(url, store.server.rules, session.visible)
    assert found == sorted(f"{each['system']}|{each['code']}" for each in told["expansion"]["contains"])


def test_one_that_is_put_together_of_many_has_the_codes_of_all(store):
    """Each list of codes is its own, however many have been read and let go before it."""
    names = [f"http://example.org/vs/{number}" for number in range(24)]
    for number, name in enumerate(names):
        store.create(value_set(name, f"{number}a", f"{number}b"))
    store.create(made_of("http://example.org/vs/all", include=[{"valueSet": [each]} for each in names]))
    with store.as_() as session:
        found = codes_of("http://example.org/vs/all", store.server.rules, session.visible)
    assert found == sorted(f"http://example.org/cs/symptoms|{number}{which}" for number in range(24) for which in "ab")


def test_nothing_is_coded_by_a_heading(body):
    assert organizations(body, ("type:in", BODY), ("_sort", "_id")) == ["arm", "head", "leg"]
    assert organizations(body, ("type:not-in", BODY)) == ["limb"]


@pytest.mark.parametrize(
    ("value_set", "found"),
    [
        (f"{BODY}-but-head", ["arm", "leg"]),  # put together of others, less some
        (CATEGORIES, ["leg"]),  # what is stored goes before what is shipped
        (f"{BODY}-next|2", ["arm"]),  # a draft, by its version
    ],
)
def test_a_value_set_is_what_is_at_hand_under_its_address(body, value_set, found):
    assert organizations(body, ("type:in", value_set), ("_sort", "_id")) == found


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.org/vs/none", "No active ValueSet http://example.org/vs/none is here"),
        (f"{BODY}-next", "No active ValueSet"),
        (f"{CATEGORIES}|1", "task-category|1 is here"),
        ("http://ehealth.sundhed.dk/vs/ehealth-consent-scope", "ValueSet http://hl7.org/fhir/ValueSet/consent-scope"),
    ],
)
def test_one_whose_codes_cannot_be_told_is_refused_by_what_is_missing(body, url, says):
    with pytest.raises(BadRequest) as refused:
        organizations(body, ("type:in", url), ("active", "true"))
    [issue] = refused.value.issues
    assert says in issue.diagnostics
    assert issue.text
