"""Citizens come from the register, and what every resource is asked and changed by (items 28 and 29)."""

import pytest

from kommunalpro.fhir.parameters import parameters
from tests.conformance.checklist.saying import JSON_PATCH, done, path_of, told
from tests.conformance.checklist.town import numbered

HOME = {"use": "home", "line": ["Skovvej 1"], "postalCode": "9000", "city": "Aalborg"}


def looked_up(client, number, family="Berggren"):
    person = {"resourceType": "Patient", "name": [{"family": family}]}
    asked = parameters({"name": "crn", "valueIdentifier": number}, {"name": "patient", "resource": person})
    return client("POST", "/Patient/$createPatient", asked)


@pytest.mark.checklist(28)
def test_the_same_number_is_the_same_citizen_whoever_asks(town):
    number = numbered()
    first = done(looked_up(town.asta(), number))
    for client, family in ((town.asta(), "Berggren"), (town.bo(), "Anden"), (town.kim(), "Tredje")):
        found = done(looked_up(client, number, family))
        assert (found["id"], found["name"]) == (first["id"], first["name"])
    assert done(looked_up(town.asta(), numbered()))["id"] != first["id"]


@pytest.mark.checklist(28)
@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"op": "add", "path": "/address", "value": [HOME]}, "PATIENT_HOME_ADDRESS_CHANGE_IS_NOT_ALLOWED"),
        ({"op": "replace", "path": "/name/0/family", "value": "Anden"}, "PATIENT_OFFICIAL_NAME_CHANGE_NOT_ALLOWED"),
        ({"op": "replace", "path": "/identifier/0/value", "value": None}, "PATIENT_CPR_CHANGE_IS_NOT_ALLOWED"),
        ({"op": "remove", "path": "/name"}, "PATIENT_OFFICIAL_NAME_CHANGE_NOT_ALLOWED"),
    ],
    ids=["home address", "official name", "number", "no name"],
)
def test_what_the_register_says_of_a_citizen_is_not_changed_here(town, patch, code):
    course = town.opens(town.citizen())
    asta = town.asta(more=frozenset({"Patient.patch"}), **course.context)
    before = done(asta("GET", path_of(course.patient)))
    if patch["path"].startswith("/identifier"):
        patch = patch | {"value": numbered()["value"]}
    assert told(asta("PATCH", path_of(course.patient), [patch], **JSON_PATCH)) == [code]
    assert done(asta("GET", path_of(course.patient))) == before


@pytest.mark.checklist(28)
def test_what_a_citizen_tells_of_themselves_is_changed_here(town):
    course = town.opens(town.citizen())
    asta = town.asta(more=frozenset({"Patient.patch"}), **course.context)
    phone = [{"op": "add", "path": "/telecom", "value": [{"system": "phone", "value": "20304050", "use": "mobile"}]}]
    changed = done(asta("PATCH", path_of(course.patient), phone, **JSON_PATCH))
    assert changed["telecom"][0]["value"] == "20304050"


@pytest.mark.checklist(29)
def test_a_search_by_what_a_type_does_not_have_is_refused_by_name(live, town):
    """Of every type that is searched, as the server's own statement names them."""
    [rest] = done(live.request("GET", "/fhir/metadata"))["rest"]
    searched = [
        each["type"] for each in rest["resource"] if "search-type" in {one["code"] for one in each["interaction"]}
    ]
    assert len(searched) > 20
    for type in searched:
        refused = town.system("GET", f"/{type}?shoe-size=42")
        assert (refused.status, refused.json["resourceType"]) == (400, "OperationOutcome"), type
        assert "shoe-size" in refused.issue["diagnostics"]


@pytest.mark.checklist(29)
@pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"'], ids=["as FUT writes it", "as R4 writes it"])
def test_who_has_not_seen_the_last_version_changes_nothing(town, tag):
    course = town.opens(town.citizen())
    [request] = course.requests_of(course.applied(town.plan()))
    changed = {**request, "note": [{"text": "Ny tid"}]}
    patch = [{"op": "replace", "path": "/status", "value": "onhold"}]
    for old in ("0", "9"):
        assert course.asta("PUT", path_of(request), changed, If_Match=tag.format(old)).status in (409, 412)
        headers = JSON_PATCH | {"If_Match": tag.format(old)}
        assert course.asta("PATCH", path_of(course.episode), patch, **headers).status in (409, 412)
    assert done(course.asta("GET", path_of(request))) == request
    assert done(course.asta("GET", path_of(course.episode)))["status"] == "active"

    stored = done(course.asta("PUT", path_of(request), changed, If_Match=tag.format("1")))
    assert stored["meta"]["versionId"] == "2"
    seen = done(course.asta("GET", path_of(course.episode)))["meta"]["versionId"]
    paused = course.asta("PATCH", path_of(course.episode), patch, **JSON_PATCH, If_Match=tag.format(seen))
    assert done(paused)["status"] == "onhold"


@pytest.mark.checklist(29)
def test_a_patch_is_a_json_patch(town):
    course = town.opens(town.citizen())
    for media, status in (
        ("application/json-patch+json", 200),
        ("text/plain", 415),
        ("application/merge-patch+json", 415),
    ):
        patch = [{"op": "replace", "path": "/status", "value": "onhold"}]
        assert course.asta("PATCH", path_of(course.episode), patch, Content_Type=media).status == status
