"""What a query may say over HTTP: unknown parameters by name, parts of a resource, a search by POST."""

import pytest

from tests.resources import practitioner


def test_an_unknown_search_parameter_is_400_and_named(system):
    answer = system("GET", "/Practitioner?shoe-size=42")
    assert (answer.status, answer.issue["code"]) == (400, "not-supported")
    assert "shoe-size" in answer.issue["diagnostics"]


def test_an_unknown_parameter_is_400_for_who_would_rather_have_it_passed_over_too(system):
    answer = system("GET", "/Practitioner?shoe-size=42", Prefer="handling=lenient")
    assert (answer.status, answer.issue["code"]) == (400, "not-supported")


def test_an_unknown_parameter_on_a_read_is_400(system, stored):
    assert system("GET", f"/Practitioner/{stored['id']}?shoe-size=42").status == 400


@pytest.mark.parametrize("version", ["", "/_history/1"])
def test_a_reader_can_ask_for_a_part_that_says_it_is_one(system, stored, version):
    place = f"/Practitioner/{stored['id']}{version}"
    whole = system("GET", place)
    assert stored.keys() == {"resourceType", "id", "meta", "active", "name"}
    for query, elements in [
        ("_summary=data", {"active", "name"}),
        ("_summary=true", {"active", "name"}),
        ("_summary=text", set()),
        ("_elements=active,gender", {"active"}),
        ("_elements=Practitioner.name", {"name"}),
    ]:
        part = system("GET", f"{place}?{query}")
        assert part.json.keys() == {"resourceType", "id", "meta"} | elements
        assert "SUBSETTED" in {each["code"] for each in part.json["meta"]["tag"]}
        assert part.json["meta"]["versionId"] == "1"
        assert part.headers["etag"] == whole.headers["etag"]
        assert system("GET", f"{place}?{query}", If_None_Match='W/"1"').status == 304
    assert system("GET", f"{place}?_summary=false").json == stored


@pytest.mark.parametrize("query", ["_summary=count", "_summary=some", "_summary:exact=true", "_elements=$", "_count=1"])
def test_a_part_that_there_is_not_is_400(system, stored, query):
    assert system("GET", f"/Practitioner/{stored['id']}?{query}").status == 400


def test_search_by_post_is_search_by_get(system):
    system("POST", "/Practitioner", practitioner("Lindegaard"))
    got = system("GET", "/Practitioner?family=Lindegaard")
    posted = system(
        "POST", "/Practitioner/_search", b"family=Lindegaard", Content_Type="application/x-www-form-urlencoded"
    )
    assert [each["resource"]["id"] for each in got.json["entry"]] == [
        each["resource"]["id"] for each in posted.json["entry"]
    ]
    assert got.json["total"] == posted.json["total"] == 1


@pytest.mark.parametrize("query", ["name=%00", "name=%FF", "&".join(f"name={n}" for n in range(300))])
def test_a_query_that_cannot_be_read_is_400(system, query):
    assert system("GET", f"/Practitioner?{query}").status == 400


@pytest.mark.parametrize("version", ["", "/_history/1"])
def test_an_element_that_there_is_not_is_named_on_a_read_too(system, stored, version):
    answer = system("GET", f"/Practitioner/{stored['id']}{version}?_elements=name,shoe")
    assert answer.status == 400
    assert answer.issue["diagnostics"].startswith("_elements: shoe is no element of Practitioner")


def test_a_time_with_a_plus_sign_is_told_how_to_send_it(system):
    answer = system("GET", "/Practitioner?_lastUpdated=ge2026-01-01T00:00:00+01:00")
    assert answer.status == 400
    assert answer.issue["diagnostics"].endswith("a + is sent as %2B, else it arrives as a space")
    assert system("GET", "/Practitioner?_lastUpdated=ge2026-01-01T00:00:00%2B01:00").status == 200
