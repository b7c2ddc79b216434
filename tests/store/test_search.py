"""Search, by every kind of parameter that the slice uses, on rows that the system may see."""

from base64 import urlsafe_b64encode

import pytest

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.outcome import BadRequest, UnknownParameter
from tests.people import NANCY, Citizen
from tests.resources import (
    care_plan,
    condition,
    episode_of_care,
    organization,
    patient,
    practitioner,
)
from tests.store.cast import BASE, LATER, NOW, house, ids

AAGE = Citizen("aage", "Aage Ægir", "Aagaard", "2512489988")


def found(store, type, *parameters):
    return set(ids(store.search(type, *parameters)))


PERIODS = {
    "open": {"start": "2026-11-01T08:00:00+01:00"},
    "november": {"start": "2026-11-01", "end": "2026-11-30"},
    "afternoon": {"start": "2026-11-23T12:00:00+01:00", "end": "2026-11-23T16:00:00+01:00"},
    "past": {"start": "2025-01-01", "end": "2025-12-31"},
}


@pytest.fixture(scope="module")
def library(shelf):
    """Two people, and a course of care for each of the periods."""
    house(shelf)
    shelf.create(patient(NANCY), id="nancy")
    aage = patient(AAGE) | {"gender": "male", "active": False}
    shelf.create(aage | {"identifier": [*aage["identifier"], {"value": "7"}]}, id="aage")
    for key, period in PERIODS.items():
        shelf.create(episode_of_care("nancy", period=period), id=key)
    return shelf


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("identifier", "urn:oid:1.2.208.176.1.2|2512489996", "nancy"),
        ("identifier", "2512489996", "nancy"),
        ("identifier", "urn:oid:1.2.208.176.1.2|", "aage nancy"),
        ("identifier", "|7", "aage"),
        ("identifier", "|2512489996", ""),
        ("identifier", "urn:oid:1.2.3|2512489996", ""),
        ("gender", "male,unknown", "aage nancy"),
        ("gender:not", "male", "nancy"),
        ("identifier:not", "urn:oid:1.2.208.176.1.2|,7", ""),
        ("active", "false", "aage"),
        ("gender", "Male", ""),
        ("gender", "http://hl7.org/fhir/administrative-gender|male", "aage"),
        ("gender", "http://hl7.org/fhir/administrative-gender|", "aage nancy"),
        ("gender", "http://hl7.org/fhir/other|male", ""),
    ],
)
def test_by_code(library, name, value, expected):
    assert found(library, "Patient", (name, value)) == set(expected.split())


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("family", "berg", "nancy"),
        ("family", "BERGGREN", "nancy"),
        ("family", "erg", ""),
        ("family", "a", "aage"),
        ("family", "aagaard", "aage"),
        ("family:contains", "GAARD", "aage"),
        ("family:contains", "%", ""),
        ("family:exact", "Berggren", "nancy"),
        ("family:exact", "berggren", ""),
        ("given", "ægir", "aage"),
        ("given", "Æ", "aage"),
        ("name", "ann", "nancy"),
        ("name", "aage,nancy", "aage nancy"),
        ("family", "Berggren\\,", ""),
    ],
)
def test_by_words(library, name, value, expected):
    assert found(library, "Patient", (name, value)) == set(expected.split())


def test_an_escaped_comma_is_a_comma(store):
    made = store.create(organization("Sår, ben og fod"))
    assert found(store, "Organization", ("name", "Sår\\, ben")) == {made["id"]}
    assert found(store, "Organization", ("name:exact", "Sår\\, ben og fod")) == {made["id"]}
    assert found(store, "Organization", ("name", "Xyz\\, ben,nobody")) == set()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23", "afternoon"),
        ("eq2026-11", "november afternoon"),
        ("ne2026-11", "open past"),
        ("eq2025", "past"),
        ("gt2026-11-29", "open november"),
        ("gt2026-11-30", "open"),
        ("lt2026", "past"),
        ("ge2026-11-23", "open november afternoon"),
        ("le2026-11-23", "open november afternoon past"),
        ("le2025-12-31", "past"),
        ("sa2026-11-22", "afternoon"),
        ("eb2026", "past"),
        ("ge2026-11-23T15:00:00Z", "open november"),
        ("2025,2026-11-23", "past afternoon"),
    ],
)
def test_by_time_an_interval_is_as_wide_as_it_is_vague(library, value, expected):
    assert found(library, "EpisodeOfCare", ("date", value)) == set(expected.split())


def test_a_day_is_a_danish_day(store):
    house(store)
    store.create(
        episode_of_care("nancy", period={"start": "2026-11-22T23:30:00Z", "end": "2026-11-22T23:40:00Z"}), id="x"
    )
    assert found(store, "EpisodeOfCare", ("date", "2026-11-23")) == {"x"}
    assert found(store, "EpisodeOfCare", ("date", "2026-11-22")) == set()


@pytest.mark.parametrize(
    "value",
    ["Patient/nancy", f"{BASE}/Patient/nancy", f"{BASE}/Patient/nancy/_history/1", "nancy", "Patient/x,Patient/nancy"],
)
def test_by_reference_however_it_is_written(library, value):
    assert found(library, "EpisodeOfCare", ("patient", value)) == set(PERIODS)


@pytest.mark.parametrize("value", ["https://other.example/fhir/Patient/nancy", "Practitioner/nancy", "Patient/nanc"])
def test_another_reference_is_another(library, value):
    assert found(library, "EpisodeOfCare", ("patient", value)) == set()


def test_by_missing(store):
    house(store, "nord")
    store.create(episode_of_care("nancy", "nord"), id="with")
    with store.as_() as session:
        for id, team in (("without", {"display": "Nord"}), ("by-number", {"identifier": {"value": "7"}})):
            session.elevated().create(episode_of_care("nancy") | {"team": [team]}, id=id)
    assert found(store, "EpisodeOfCare", ("team:missing", "true")) == {"without"}
    assert found(store, "EpisodeOfCare", ("team:missing", "false")) == {"with", "by-number"}


def test_repeated_parameters_narrow_and_commas_widen(library):
    assert found(library, "EpisodeOfCare", ("date", "ge2026"), ("date", "le2026-11-02"), ("patient", "nancy")) == {
        "open",
        "november",
    }


def test_by_id_and_by_when_it_was_written(store):
    first = store.create(practitioner(), now=NOW)["id"]
    second = store.create(practitioner(), now=LATER)["id"]
    assert found(store, "Practitioner", ("_id", f"{first},nobody")) == {first}
    assert found(store, "Practitioner", ("_lastUpdated", "ge2026-11-23T10:00:00Z")) == {second}
    assert found(store, "Practitioner", ("_lastUpdated", "lt2026-11-23T10:00:00Z")) == {first}
    assert found(store, "Practitioner", ("_lastUpdated", "2026-11-23")) == {first, second}
    assert found(store, "Practitioner", ("_lastUpdated", "ne2026-11-23")) == set()


def test_through_a_link(store):
    house(store)
    store.create(episode_of_care("nancy", condition="kol"), id="lungs")
    store.create(episode_of_care("nancy", condition="diabetes"), id="sugar")
    store.create(condition("nancy", "lungs"), id="kol")
    store.create(condition("nancy", "sugar", "DE11"), id="diabetes")
    assert found(store, "EpisodeOfCare", ("condition.code", "DJ44")) == {"lungs"}
    assert found(store, "EpisodeOfCare", ("condition:Condition.code", "DE11,DJ44")) == {"lungs", "sugar"}
    store.delete("Condition", "kol")
    assert found(store, "EpisodeOfCare", ("condition.code", "DJ44")) == set()


@pytest.fixture
def plans(store):
    store.create(patient(NANCY), id="nancy")
    house(store)
    store.create(episode_of_care("nancy"), id="nancys")
    store.create(condition("nancy", "nancys"), id="kol")
    for key in ("one", "two"):
        store.create(care_plan("nancy", "nancys"), id=key)
    return store


def test_what_is_referred_to_comes_along_once(plans):
    answer = plans.search(
        "CarePlan",
        ("_include", "CarePlan:subject"),
        ("_include", "CarePlan:patient"),
        ("_include", "CarePlan:condition"),
    )
    assert set(ids(answer)) == {"one", "two"}
    assert sorted(ids(answer, "include")) == ["kol", "nancy"]
    assert answer["total"] == 2


def test_only_the_type_that_was_asked_for_comes_along(plans):
    assert ids(plans.search("CarePlan", ("_include", "CarePlan:subject:Patient")), "include") == ["nancy"]
    assert ids(plans.search("CarePlan", ("_include", "CarePlan:subject:Group")), "include") == []


def test_what_refers_to_it_comes_along(plans):
    answer = plans.search("EpisodeOfCare", ("_revinclude", "CarePlan:episodeOfCare"))
    assert ids(answer, "include") == ["one", "two"]


def test_newest_first_unless_another_order_is_asked_for(store):
    for key, name, moment in (("a", "Beta", NOW), ("b", "Alfa", LATER)):
        store.create(organization(name), id=key, now=moment)
    assert ids(store.search("Organization")) == ["b", "a"]
    assert ids(store.search("Organization", ("_sort", "_lastUpdated"))) == ["a", "b"]
    assert ids(store.search("Organization", ("_sort", "name"))) == ["b", "a"]
    assert ids(store.search("Organization", ("_sort", "-name"))) == ["a", "b"]


def test_only_counting(plans):
    answer = plans.search("CarePlan", ("_summary", "count"))
    assert answer["total"] == 2
    assert "entry" not in answer


@pytest.mark.parametrize("order", ["_lastUpdated", "-_lastUpdated", "name", "-name"])
def test_pages_hold_every_row_once_though_others_write_meanwhile(store, order):
    made = [store.create(organization(f"Team {number % 4}"))["id"] for number in range(9)]
    seen, query = [], [("_sort", order), ("_count", "2")]
    for _ in range(40):
        answer = store.search("Organization", *query)
        seen += ids(answer)
        cursor = (link(answer, "next") or "").partition("_page=")[2]
        if not cursor:
            break
        query = [("_sort", order), ("_count", "2"), ("_page", cursor)]
        store.create(organization("Team 1"), now=LATER)
        if len(seen) == 2:
            store.delete("Organization", seen[0])
    assert cursor == "", "the pages come to an end"
    assert sorted(id for id in seen if id in made) == sorted(made)


@pytest.mark.parametrize(
    "cursor", ["", "x", "æ", "[]", "5", "[1,2]", '["a","b"]', '[1e99,"b"]', f'[{10**30},"b"]', '[true,"b"]', '{"a":1}']
)
def test_a_page_that_was_not_made_here_is_refused(store, cursor):
    for page in (cursor, urlsafe_b64encode(cursor.encode()).decode()):
        with pytest.raises(BadRequest):
            store.search("Organization", ("_page", page))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shoe-size", "42"),
        ("name:near", "x"),
        ("_sort", "shoe-size"),
        ("_sort", "name,shoe-size"),
        ("_include", "Organization:name"),
        ("_include", "Patient:*"),
        ("_include:never", "Organization:partof"),
        ("_revinclude", "*"),
        ("_include", "CareTeam:participant"),
        ("_revinclude", "CareTeam:status"),
        ("_revinclude", "CareTeam:participant:Practitioner"),
        ("_count:exact", "5"),
        ("_total:not", "none"),
        ("name:not", "x"),
        ("partof:exact", "x"),
        ("partof.partof.name", "x"),
        ("name.partof", "x"),
        ("_has:CareTeam:managingOrganization:shoe-size", "x"),
        ("_has:CareTeam:status:status", "x"),
        ("_has:CareTeam:managingOrganization:_has:X:y:z", "x"),
        ("_content", "x"),
    ],
)
def test_what_is_not_offered_is_refused_by_its_name(store, name, value):
    with pytest.raises(UnknownParameter) as refused:
        store.search("Organization", (name, value))
    assert name.partition(":")[0].partition(".")[0] in refused.value.issues[0].diagnostics


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("_summary", "short", "_summary must be one of count, data, false, text, true"),
        ("_elements", "name,x y", "_elements must be names of elements of the top level, parted by commas"),
        ("_total", "none-at-all", "_total must be one of accurate, estimate, none"),
        ("_count", "many", "_count must be a number"),
        ("name:missing", "maybe", "name:missing must be true or false"),
    ],
)
def test_a_known_parameter_with_another_value_is_told_what_it_takes(store, name, value, said):
    with pytest.raises(BadRequest) as refused:
        store.search("Organization", (name, value))
    [issue] = refused.value.issues
    assert (issue.diagnostics, issue.code) == (said, "value")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_count", "many"),
        ("_count", "²"),
        ("date", "yesterday"),
        ("date", "ge"),
        ("status", "active,"),
        ("status", ",".join(["active"] * 201)),
        ("_id", ",".join(["x"] * 201)),
    ],
)
def test_what_cannot_be_read_is_refused(store, name, value):
    with pytest.raises(BadRequest):
        store.search("CareTeam", (name, value))


@pytest.mark.parametrize(
    ("type", "name"),
    [
        ("CareTeam", "status"),
        ("CareTeam", "_id"),
        ("CareTeam", "_lastUpdated"),
        ("CareTeam", "participant:identifier"),
        ("Organization", "name:exact"),
        ("Observation", "code-value-quantity"),
        ("EpisodeOfCare", "patient.identifier"),
    ],
)
def test_of_too_many_values_the_parameter_is_named_and_no_value(store, type, name):
    with pytest.raises(BadRequest) as refused:
        store.search(type, (name, ",".join(["2512489996"] * 201)))
    [issue] = refused.value.issues
    named = name.partition(":")[0].rpartition(".")[2]
    assert (issue.diagnostics, issue.code) == (f"{named} takes at most 200 values", "too-costly")


def test_a_search_of_more_conditions_than_anybody_means_is_refused(store):
    with pytest.raises(BadRequest) as refused:
        store.search("CareTeam", *[("status", "active")] * 51)
    assert refused.value.issues[0].code == "too-costly"
    store.search("CareTeam", *[("status", ",".join(["active"] * 200))] * 50)


def test_more_than_a_statement_takes_is_refused_and_not_tried(clinic):
    # A bare id may be of any type that the reference may be to.
    asked = [("target", ",".join(f"x{number}-{each}" for each in range(200))) for number in range(50)]
    with pytest.raises(BadRequest) as refused:
        clinic.search("Provenance", *asked)
    assert refused.value.issues[0].code == "too-costly"
