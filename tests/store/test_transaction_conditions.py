"""Transactions: conditions, conditional references, patches and reads among their entries."""

from dataclasses import replace

import pytest

from kommunalpro.fhir.outcome import (
    BadRequest,
    Malformed,
    NotFound,
    PreconditionFailed,
)
from kommunalpro.fhirserver import conditional
from kommunalpro.fhirserver.offers import Offers
from tests.resources import (
    goal,
    organization,
    practitioner,
    related_person,
    to,
)
from tests.store.cast import BASE, stored
from tests.store.entries import PLAN, delete, patch, post, put, run_batch


def test_a_placeholder_means_what_its_condition_found(store):
    mother = store.create(organization("Moder"))
    child = organization("Barn") | {"partOf": to(PLAN)}
    found = {**post(organization("Moder"), PLAN)}
    found["request"]["ifNoneExist"] = "name=Moder"
    answer = store.transact(post(child), found)
    assert [each["response"]["status"] for each in answer["entry"]] == ["201", "200"]
    assert answer["entry"][0]["resource"]["partOf"]["reference"] == f"{BASE}/Organization/{mother['id']}"
    assert store.search("Organization", ("name", "moder"))["total"] == 1


def test_what_refers_to_an_entry_whose_condition_failed_is_not_told_of_beside_it(store):
    for _ in range(2):
        store.create(organization("Moder"))
    found = post(organization("Moder"), PLAN)
    found["request"]["ifNoneExist"] = "name=Moder"
    with pytest.raises(PreconditionFailed) as refused:
        store.transact(found, post(organization("Barn") | {"partOf": to(PLAN)}))
    assert [issue.expression for issue in refused.value.issues] == ["Bundle.entry[0]"]


def test_an_update_of_what_a_query_finds_replaces_it_or_makes_it(store):
    def entry(name):
        return {"resource": organization(name), "request": {"method": "PUT", "url": f"Organization?name={name}"}}

    store.create(organization("Birk"))
    answer = store.transact(entry("Birk"), entry("Eg"))
    assert [each["response"]["status"] for each in answer["entry"]] == ["200", "201"]
    assert [each["resource"]["meta"]["versionId"] for each in answer["entry"]] == ["2", "1"]


def test_what_an_update_makes_may_be_named_by_what_is_created(clinic):
    wanted = {"method": "PUT", "url": "RelatedPerson?identifier=https://naboer.example|1"}
    identifier = [{"system": "https://naboer.example", "value": "1"}]
    max_ = {"fullUrl": PLAN, "resource": related_person("nancy", identifier=identifier), "request": wanted}
    answer = clinic.transact(max_, post(goal("nancy", expressedBy=to(PLAN))))
    made, named = (each["resource"] for each in answer["entry"])
    assert named["expressedBy"]["reference"] == f"{BASE}/RelatedPerson/{made['id']}"


def test_a_condition_is_looked_up_after_what_is_deleted(clinic):
    old = clinic.create(practitioner("Ravn"))
    again = post(practitioner("Ravn"))
    again["request"]["ifNoneExist"] = "family=Ravn"
    answer = clinic.transact(again, delete(f"Practitioner/{old['id']}"))
    assert [each["response"]["status"] for each in answer["entry"]] == ["201", "204"]


def test_a_patch_comes_in_a_binary(clinic):
    change = {"op": "replace", "path": "/name", "value": "Nordvest"}
    answer = clinic.transact(patch("CareTeam/nord", change, if_match='W/"1"'))
    assert answer["entry"][0]["resource"]["name"] == "Nordvest"
    with pytest.raises(PreconditionFailed):
        clinic.transact(patch("CareTeam/nord", change, if_match='"1"'))
    assert clinic.transact(patch("CareTeam?_id=syd", change))["entry"][0]["resource"]["id"] == "syd"
    with pytest.raises(NotFound):
        clinic.transact(patch("CareTeam?_id=nobody", change))


def test_what_is_read_shows_what_was_written(clinic):
    def get(url, **condition):
        return {"request": {"method": "GET", "url": url, **condition}}

    team = clinic.read("CareTeam", "nord")
    answer = clinic.transact(
        get("CareTeam/nord"),
        get("CareTeam/nord/_history/1"),
        get("CareTeam?_id=nord"),
        get("CareTeam/syd", ifNoneMatch='W/"1"'),
        put(team | {"name": "Nordvest"}),
    )
    now, then, found, same, _ = answer["entry"]
    assert (now["resource"]["name"], then["resource"]) == ("Nordvest", team)
    assert found["resource"]["entry"][0]["resource"] == now["resource"]
    assert (same["response"]["status"], "resource" in same) == ("304", False)
    with pytest.raises(NotFound):
        clinic.transact(get("CareTeam/nobody"))


@pytest.mark.parametrize("tag", ['W/""', "", "*", "W/1", '"1", "2"'])
def test_a_version_tag_that_names_no_version_overwrites_nothing(clinic, tag):
    team = clinic.read("CareTeam", "nord")
    entry = {"resource": team | {"name": "Vest"}, "request": {"method": "PUT", "url": "CareTeam/nord", "ifMatch": tag}}
    with pytest.raises(BadRequest) as refused:
        clinic.transact(entry)
    assert [each.expression for each in refused.value.issues] == ["Bundle.entry[0].request.ifMatch"]
    assert clinic.read("CareTeam", "nord") == team


@pytest.mark.parametrize("tags", ["", "W/1", '"1', '"1" "2"'])
def test_tags_that_cannot_be_read_overwrite_nothing(clinic, tags):
    team = clinic.read("CareTeam", "nord")
    entries = put(team | {"name": "Vest"}), patch("CareTeam/syd"), delete("Practitioner/bo")
    with pytest.raises(BadRequest) as refused:
        clinic.transact(*(each | {"request": {**each["request"], "ifNoneMatch": tags}} for each in entries))
    assert [each.expression for each in refused.value.issues] == [
        f"Bundle.entry[{number}].request.ifNoneMatch" for number in range(3)
    ]
    assert clinic.read("CareTeam", "nord") == team


@pytest.mark.parametrize("condition", [{"ifNoneMatch": 'W/"1"'}, {"ifModifiedSince": "2026-11-23T09:00:00Z"}])
def test_a_search_has_no_version_that_a_reader_could_have(clinic, condition):
    """What would be left unheard is refused by its place, beside a read of which it is heard."""
    read, found = (
        {"request": {"method": "GET", "url": f"CareTeam{which}", **condition}} for which in ("/nord", "?_id=nord")
    )
    assert clinic.transact(read)["entry"][0]["response"]["status"] == "304"
    with pytest.raises(BadRequest) as refused:
        clinic.transact(read, found)
    [name] = condition
    assert [each.expression for each in refused.value.issues] == [f"Bundle.entry[1].request.{name}"]


@pytest.mark.parametrize(("tags", "status"), [('"7", W/"1"', "304"), ("*", "304"), ('W/""', "200"), ('"11"', "200")])
def test_a_reader_tells_which_versions_it_has_as_in_a_header(clinic, tags, status):
    entry = {"request": {"method": "GET", "url": "CareTeam/nord", "ifNoneMatch": tags}}
    assert clinic.transact(entry)["entry"][0]["response"]["status"] == status


def test_a_condition_that_says_nothing_makes_nothing(store):
    made = post(practitioner())
    made["request"]["ifNoneExist"] = ""
    with pytest.raises(BadRequest):
        store.transact(made)
    assert store.search("Practitioner")["total"] == 0


@pytest.mark.parametrize("query", ["name=a%00", "%FF=x"])
def test_a_search_that_cannot_be_read_is_refused_by_its_place(store, query):
    with pytest.raises(BadRequest) as refused:
        store.transact({"request": {"method": "GET", "url": f"Organization?{query}"}})
    assert [each.expression for each in refused.value.issues] == ["Bundle.entry[0]"]


def test_what_is_named_in_two_ways_is_not_written_twice(clinic):
    team = clinic.read("CareTeam", "nord")
    by_name = {"resource": {**team, "name": "B"}, "request": {"method": "PUT", "url": "CareTeam?_id=nord"}}
    before = stored()
    with pytest.raises(BadRequest, match="written twice"):
        clinic.transact(put(team | {"name": "A"}), by_name)
    assert stored() == before


def created_unless(name, full_url):
    entry = post(organization(name), full_url)
    return entry | {"request": {**entry["request"], "ifNoneExist": f"name={name}"}}


def test_what_is_there_is_found_by_every_create_that_looks_for_it(clinic):
    """As programs write that send each thing with whatever it belongs to."""
    known = clinic.create(organization("Nord"))
    first, second = created_unless("Nord", "urn:uuid:1"), created_unless("Nord", "urn:uuid:2")
    below = post(organization("Under") | {"partOf": {"reference": "urn:uuid:2"}})
    *found, made = clinic.transact(first, second, below)["entry"]
    assert [(each["response"]["status"], each["resource"]["id"]) for each in found] == [("200", known["id"])] * 2
    assert made["resource"]["partOf"]["reference"].endswith(f"Organization/{known['id']}")


@pytest.mark.parametrize("conditions", [("name=Ny", "name=Ny"), ("name=Ny&active=true", "active=true&name=Ny")])
def test_what_is_not_there_is_created_by_none_of_them(clinic, conditions):
    """Which of them was meant to be it, nobody can tell."""
    before, entries = stored(), [created_unless("Ny", f"urn:uuid:{number}") for number in (1, 2)]
    for entry, condition in zip(entries, conditions, strict=True):
        entry["request"]["ifNoneExist"] = condition
    with pytest.raises(BadRequest, match="written twice"):
        clinic.transact(*entries)
    assert stored() == before


def test_what_is_found_is_not_written_beside(clinic):
    known = clinic.create(organization("Nord"))
    with pytest.raises(BadRequest, match="written twice"):
        clinic.transact(created_unless("Nord", "urn:uuid:1"), put(known | {"name": "Syd"}))


def test_a_reference_that_finds_none_or_several_stops_all_and_is_named_by_its_place(clinic):
    clinic.create(organization("To"))
    clinic.create(organization("To"))
    before = stored()
    with pytest.raises(PreconditionFailed) as refused:
        clinic.transact(
            post(organization() | {"partOf": to("Organization?name=Ingen")}),
            post(organization() | {"partOf": to("Organization?name=To")}),
            post(practitioner()),
        )
    assert [(each.expression, each.code) for each in refused.value.issues] == [
        ("Bundle.entry[0].resource.partOf.reference", "conflict"),
        ("Bundle.entry[1].resource.partOf.reference", "conflict"),
    ]
    assert stored() == before


def test_a_reference_with_a_condition_that_only_looks_like_one_is_not_stored(clinic):
    """By a space before it nothing is looked for, and who reads it is told of another."""
    before = stored()
    with pytest.raises(Malformed) as refused:
        clinic.transact(post(goal("nancy", expressedBy=to(" Patient?family=Holm"))))
    assert [(each.expression, each.code) for each in refused.value.issues] == [
        ("Bundle.entry[0].resource.expressedBy", "value")
    ]
    assert stored() == before


def test_a_reference_is_looked_for_once_however_often_it_stands_in_an_entry(clinic, monkeypatch):
    asked, find = [], conditional.find
    monkeypatch.setattr(conditional, "find", lambda *wanted: asked.append(wanted[1:]) or find(*wanted))
    given, about = organization()["extension"], _about(*("_id=kommune", "_id=region") * 500)
    answer = clinic.transact(post(organization() | {"extension": [*given, *about]}))
    stored = answer["entry"][0]["resource"]["extension"]
    assert sorted(asked) == [("Organization", "_id=kommune"), ("Organization", "_id=region")]
    assert {each["valueReference"]["reference"] for each in stored if "valueReference" in each} == {
        f"{BASE}/Organization/kommune",
        f"{BASE}/Organization/region",
    }
    with pytest.raises(PreconditionFailed) as refused:
        clinic.transact(post(organization() | {"extension": _about("_id=kommune", "_id=x", "_id=x")}))
    place = "Bundle.entry[0].resource.extension[{}].valueReference.reference"
    assert [each.expression for each in refused.value.issues] == [place.format(1), place.format(2)]


@pytest.mark.parametrize("run", ["transact", "batch"])
def test_more_different_references_than_entries_are_refused(clinic, run):
    many = [post(organization() | {"extension": _about(*(f"_id={n}-{each}" for each in range(51)))}) for n in range(2)]
    before = stored()
    with pytest.raises(BadRequest, match="At most 100 different"):
        clinic.transact(*many) if run == "transact" else run_batch(clinic, *many)
    assert stored() == before


@pytest.mark.parametrize("run", ["transact", "batch"])
def test_references_that_are_looked_for_anew_in_each_entry_are_counted_in_each(clinic, run):
    def organizations(many):
        return [post(organization() | {"extension": _about(*(f"_id={each}" for each in range(51)))})] * many

    before = stored()
    with pytest.raises(BadRequest, match="and 500 counted in each entry"):
        clinic.transact(*organizations(10)) if run == "transact" else run_batch(clinic, *organizations(10))
    assert stored() == before
    with pytest.raises(PreconditionFailed):
        clinic.transact(*organizations(9))


def _about(*conditions):
    return [{"url": "http://example.org/about", "valueReference": to(f"Organization?{each}")} for each in conditions]


def test_a_server_as_futs_takes_no_conditions(clinic):
    strict = replace(clinic, server=replace(clinic.server, offers=Offers(conditionals=False)))
    conditional_create = post(practitioner())
    conditional_create["request"]["ifNoneExist"] = "family=Holm"
    for entry in (
        conditional_create,
        {"resource": practitioner(), "request": {"method": "PUT", "url": "Practitioner?family=Holm"}},
        post(organization() | {"partOf": to("Organization?name=x")}),
    ):
        with pytest.raises(BadRequest, match="No conditional"):
            strict.transact(entry)


def test_what_must_not_be_there_is_not_written_over_and_each_is_named_by_its_place(clinic):
    team, made = clinic.read("CareTeam", "nord"), clinic.create(practitioner("Ravn"))
    by_name = {"resource": team | {"name": "B"}, "request": {"method": "PUT", "url": "CareTeam?_id=syd"}}
    entries = put(team | {"name": "A"}), by_name, delete(f"Practitioner/{made['id']}")
    changed = patch(f"Organization/{made['id']}", {"op": "replace", "path": "/name", "value": "C"})
    changed["request"]["url"] = "Organization/kommune"
    by_name["resource"] = clinic.read("CareTeam", "syd") | {"name": "B"}
    for tags in ("*", 'W/"1"'):
        asked = [each | {"request": {**each["request"], "ifNoneMatch": tags}} for each in (*entries, changed)]
        with pytest.raises(PreconditionFailed) as refused:
            clinic.transact(*asked)
        assert sorted(each.expression for each in refused.value.issues) == [f"Bundle.entry[{n}]" for n in range(4)]
        assert {run["response"]["status"] for run in run_batch(clinic, *asked)} == {"412"}
    others = [each | {"request": {**each["request"], "ifNoneMatch": 'W/"7"'}} for each in (*entries, changed)]
    assert [each["response"]["status"] for each in clinic.transact(*others)["entry"]] == ["200", "200", "204", "200"]


def test_what_a_condition_does_not_find_has_no_version_to_replace(clinic):
    entry = {"resource": organization("Ny"), "request": {"method": "PUT", "url": "Organization?name=Ny"}}
    meant = entry | {"request": {**entry["request"], "ifMatch": 'W/"3"'}}
    with pytest.raises(PreconditionFailed) as refused:
        clinic.transact(post(practitioner()), meant)
    assert [each.expression for each in refused.value.issues] == ["Bundle.entry[1]"]
    assert clinic.search("Organization", ("name", "Ny"))["total"] == 0
    unless = entry | {"request": {**entry["request"], "ifNoneMatch": "*"}}
    assert clinic.transact(unless)["entry"][0]["response"]["status"] == "201"


def test_a_reader_tells_when_it_last_read(clinic):
    def status(since):
        url = {"method": "GET", "url": "CareTeam/nord"}
        return clinic.transact({"request": {**url, "ifModifiedSince": since}})["entry"][0]["response"]["status"]

    assert [status(each) for each in ("2099-01-01T00:00:00Z", "2026-11-23T09:00:00Z")] == ["304", "304"]
    assert status("2026-11-23T08:59:59.999Z") == "200"
    clinic.update(clinic.read("CareTeam", "nord") | {"name": "Nordvest"})
    assert status("2026-11-23T09:00:00.000Z") == "200"


def test_a_condition_that_a_method_does_not_hang_on_is_refused_by_its_place(clinic):
    team = clinic.read("CareTeam", "nord")
    every = {
        "ifMatch": 'W/"1"',
        "ifNoneMatch": 'W/"7"',
        "ifModifiedSince": "2026-11-23T09:00:00Z",
        "ifNoneExist": "name=x",
    }
    entries = (
        post(practitioner()),
        put(team),
        patch("CareTeam/syd"),
        delete("Practitioner/bo"),
        {"request": {"method": "GET", "url": "CareTeam/nord"}},
    )
    before = stored()
    with pytest.raises(BadRequest) as refused:
        clinic.transact(*(each | {"request": {**each["request"], **every}} for each in entries))
    wrong = [["ifMatch", "ifNoneMatch", "ifModifiedSince"], *[["ifModifiedSince", "ifNoneExist"]] * 3]
    assert [each.expression for each in refused.value.issues] == [
        f"Bundle.entry[{number}].request.{name}"
        for number, names in enumerate([*wrong, ["ifMatch", "ifNoneExist"]])
        for name in names
    ]
    assert stored() == before
