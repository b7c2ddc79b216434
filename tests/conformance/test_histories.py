"""What was: every version of a resource, of a type and of everything, in pages."""

import pytest

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.structure import validate


def test_history_tells_what_was_done_and_pages(system, stored):
    place = f"/Practitioner/{stored['id']}"
    system("PUT", place, stored | {"active": False})
    system("DELETE", place)
    first = system("GET", f"{place}/_history?_count=2").json
    assert [each["request"]["method"] for each in first["entry"]] == ["DELETE", "PUT"]
    following = {each["relation"]: each["url"] for each in first["link"]}["next"].partition("/fhir")[2]
    last = system("GET", following).json
    assert [(each["request"]["method"], each["resource"]) for each in last["entry"]] == [("POST", stored)]
    for bundle in (first, last):
        assert validate(bundle) == ()
    assert f"Practitioner/{stored['id']}" in str(system("GET", "/Practitioner/_history").json)
    assert system("GET", "/_history?_count=1&_since=2026").status == 200


def test_a_page_is_of_its_history(system, stored):
    system("PUT", f"/Practitioner/{stored['id']}", stored | {"active": False})
    first = system("GET", f"/Practitioner/{stored['id']}/_history?_count=1").json
    page = link(first, "next").partition("_page=")[2]
    for other in ("/Practitioner/_history?", "/_history?", f"/Practitioner/{stored['id']}/_history?_since=2026&"):
        answer = system("GET", f"{other}_page={page}")
        assert (answer.status, "not for this query" in answer.issue["diagnostics"]) == (400, True)
    rest = system("GET", f"/Practitioner/{stored['id']}/_history?_count=9&_page={page}").json
    assert [each["resource"] for each in rest["entry"]] == [stored]


@pytest.mark.parametrize(
    "query", ["_since=yesterday", "_count=x", "_count=0", "_page=x", "name=x", "_since=1&_since=2"]
)
def test_a_history_that_cannot_be_read_is_400(system, query):
    assert system("GET", f"/Practitioner/_history?{query}").status == 400
