"""A reference to a version, or a canonical with one, means that version for ever."""

from dataclasses import replace

import pytest

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhirserver.facts import rebase
from kommunalpro.fhirserver.search import including
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway.local import LocalGateway
from tests.people import ASTA, BO
from tests.resources import activity_definition, observation, plan_definition, questionnaire, service_request
from tests.store.cast import BASE, NOW, ids, make_server, staff
from tests.store.test_oracle import AnyR4

NEW = "https://another.example/fhir"


def item(text):
    return [{"linkId": "soevn", "text": text, "type": "boolean"}]


def textof(resource):
    return resource["item"][0]["text"]


@pytest.fixture
def shelf(store):
    """A Questionnaire: 1.0 as a draft in two wordings, then 1.1."""
    made = store.create(questionnaire(item=item("første")), id="q")
    store.update({**made, "item": item("anden")})
    store.update({**made, "version": "1.1", "item": item("tredje")})
    return store


PINNED = {
    f"{BASE}/Questionnaire/q/_history/1": "første",
    f"{BASE}/Questionnaire/q/_history/2": "anden",
    f"{BASE}/Questionnaire/q|1.0": "anden",
    f"{BASE}/Questionnaire/q|1.1": "tredje",
    f"{BASE}/Questionnaire/q/_history/1|1.1": "første",
    "Questionnaire/q|1.0": "anden",
}
ABSOLUTE = {name: text for name, text in PINNED.items() if name.startswith(BASE)}
"""As an activity must name it."""


def resolved(store, base=BASE):
    with store.as_() as session:
        return {name: textof(session.system_read(name.replace(BASE, base))) for name in PINNED}


def test_it_means_that_version_and_not_the_current_one(shelf):
    assert resolved(shelf) == PINNED
    with shelf.as_() as session:
        assert textof(session.system_read(f"{BASE}/Questionnaire/q")) == "tredje"


def test_it_still_does_when_there_is_a_later_one(shelf):
    current = shelf.read("Questionnaire", "q")
    shelf.update({**current, "version": "2.0", "item": item("fjerde")})
    assert resolved(shelf) == PINNED


def test_it_still_does_when_the_resource_is_deleted(shelf):
    shelf.delete("Questionnaire", "q")
    assert resolved(shelf) == PINNED


def test_it_still_does_under_another_base_url(shelf):
    rebase(BASE, NEW)
    assert resolved(replace(shelf, server=make_server(NEW)), NEW) == PINNED


def test_its_stamp_is_that_versions(shelf):
    with shelf.as_() as session:
        assert session.system_stamp(f"{BASE}/Questionnaire/q|1.0").url == f"{BASE}/Questionnaire/q/_history/2"


def test_a_user_reads_the_same(shelf):
    gateway = LocalGateway(shelf.server)
    assert {name: textof(gateway.read(name, by=SYSTEM, now=NOW)) for name in PINNED} == PINNED


@pytest.mark.parametrize(
    "name",
    ["Questionnaire/q|9", "Questionnaire/q/_history/9", "Questionnaire/x|1.0", "https://x.dk/Questionnaire/q|1.0"],
)
def test_a_version_that_never_was_is_not_another(shelf, name):
    with pytest.raises(NotFound), shelf.as_() as session:
        session.system_read(name)


# --- What comes along
def along(store, *asked):
    """Give the wordings of the Questionnaires that come along with the activities."""
    found = store.search("ActivityDefinition", *(asked or [("_include", "ActivityDefinition:depends-on")]))
    return [textof(each["resource"]) for each in found["entry"] if each["search"]["mode"] == "include"]


@pytest.mark.parametrize(("name", "text"), [*ABSOLUTE.items(), (f"{BASE}/Questionnaire/q", "tredje")])
@pytest.mark.parametrize(
    "include", ["ActivityDefinition:depends-on", "ActivityDefinition:depends-on:Questionnaire", "*"]
)
def test_what_comes_along_comes_in_the_version_that_is_referred_to(shelf, name, text, include):
    shelf.create(activity_definition(name))
    assert along(shelf, ("_include", include)) == [text]


def test_what_is_referred_to_in_several_versions_comes_in_each_of_them_once(shelf):
    for name in ("Questionnaire/q/_history/2", "Questionnaire/q|1.0", "Questionnaire/q", "Questionnaire/q/_history/1"):
        shelf.create(activity_definition(f"{BASE}/{name}"))
    assert along(shelf) == ["første", "anden", "tredje"]


@pytest.mark.parametrize("name", ["Questionnaire/q|9", "Questionnaire/q/_history/9", "Questionnaire/q/_history/x"])
def test_a_version_that_never_was_does_not_come_along_as_another(shelf, name):
    shelf.create(activity_definition(f"{BASE}/{name}"))
    assert along(shelf) == []


def test_it_comes_in_its_version_along_with_what_came_along_too(shelf):
    shelf.create(activity_definition(f"{BASE}/Questionnaire/q|1.0"), id="aktivitet")
    shelf.create(plan_definition(f"{BASE}/ActivityDefinition/aktivitet"))
    asked = ("_include", "PlanDefinition:definition"), ("_include:iterate", "ActivityDefinition:depends-on")
    found = [each["resource"] for each in shelf.search("PlanDefinition", *asked)["entry"][1:]]
    assert [textof(each) for each in found if each["resourceType"] == "Questionnaire"] == ["anden"]


@pytest.mark.parametrize(("name", "text"), ABSOLUTE.items())
def test_it_comes_along_in_its_version_for_ever_though_it_is_deleted(shelf, name, text):
    shelf.create(activity_definition(name))
    shelf.delete("Questionnaire", "q")
    for include in ("ActivityDefinition:depends-on:Questionnaire", "*"):
        assert along(shelf, ("_include", include)) == [text]
    assert along(shelf, ("_include", "ActivityDefinition:depends-on:Library")) == []


@pytest.mark.parametrize("name", ["Questionnaire/q", "Questionnaire/q/_history/4", "Questionnaire/q|9"])
def test_what_is_deleted_does_not_come_along_as_it_is_now_nor_its_deletion(shelf, name):
    shelf.create(activity_definition(f"{BASE}/{name}"))
    shelf.delete("Questionnaire", "q")
    assert along(shelf) == []


def test_it_comes_in_its_version_along_with_what_came_along_though_it_is_deleted(shelf):
    shelf.create(activity_definition(f"{BASE}/Questionnaire/q/_history/1"), id="aktivitet")
    shelf.create(plan_definition(f"{BASE}/ActivityDefinition/aktivitet"))
    shelf.delete("Questionnaire", "q")
    asked = ("_include", "PlanDefinition:definition"), ("_include:iterate", "ActivityDefinition:depends-on")
    found = [each["resource"] for each in shelf.search("PlanDefinition", *asked)["entry"]]
    assert [textof(each) for each in found if each["resourceType"] == "Questionnaire"] == ["første"]


def test_what_is_deleted_counts_among_what_may_come_along(shelf, monkeypatch):
    for version in ("1", "2"):
        shelf.create(activity_definition(f"{BASE}/Questionnaire/q/_history/{version}"))
    shelf.delete("Questionnaire", "q")
    assert along(shelf) == ["første", "anden"]
    monkeypatch.setattr(including, "MOST_INCLUDED", 1)
    with pytest.raises(BadRequest) as refused:
        along(shelf)
    assert refused.value.issues[0].code == "too-costly"


@pytest.mark.parametrize("is_deleted", [False, True])
def test_each_version_takes_room_among_what_comes_along(shelf, monkeypatch, is_deleted):
    for version in ("1", "2"):
        shelf.create(activity_definition(f"{BASE}/Questionnaire/q/_history/{version}"))
    if is_deleted:
        shelf.delete("Questionnaire", "q")
    # The current one is read to be looked at.
    versions = ("1", "2") if is_deleted else ("1", "2", "3")
    size = sum(len(dumps(shelf.vread("Questionnaire", "q", each))) for each in versions)
    monkeypatch.setattr(including, "MOST_ALONG", size)
    assert along(shelf) == ["første", "anden"]
    monkeypatch.setattr(including, "MOST_ALONG", size - 1)
    with pytest.raises(BadRequest) as refused:
        along(shelf)
    assert refused.value.issues[0].code == "too-costly"


def test_a_citizens_deleted_version_comes_along_for_those_alone_who_might_read_it(clinic):
    """Asta's team has Nancy's course of care and may read the version by itself; Bo's has Tjørn's, not hers."""
    clinic = replace(clinic, server=replace(clinic.server, rules=AnyR4()))
    clinic.create(service_request("nancy", "nancys"), id="maal")
    for citizen in ("nancy", "tjoern"):
        named = {"basedOn": [{"reference": f"{BASE}/ServiceRequest/maal/_history/1"}]}
        clinic.create(observation(citizen, f"{citizen}s") | named, id=f"af-{citizen}")
    clinic.delete("ServiceRequest", "maal")
    asked = ("_include", "Observation:based-on")
    for person, seen, along in ((ASTA, "af-nancy", ["maal"]), (BO, "af-tjoern", [])):
        found = clinic.search("Observation", asked, by=staff(person))
        assert (ids(found), ids(found, "include")) == ([seen], along)
