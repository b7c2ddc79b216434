"""Transactions: all or nothing, placeholders resolved wherever they stand, all that is wrong told at once."""

from base64 import b64encode
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import transaction

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import (
    BadRequest,
    FhirError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RuleBroken,
    Unprocessable,
)
from kommunalpro.fhirserver import conditional
from kommunalpro.fhirserver.http.batch import batch
from kommunalpro.fhirserver.offers import Offers
from kommunalpro.fut.contexts import SYSTEM
from tests.people import ASTA, OUTSIDERS
from tests.resources import (
    care_plan,
    communication,
    condition,
    episode_of_care,
    goal,
    organization,
    practitioner,
    task,
    to,
)
from tests.store.cast import BASE, counts, staff, without

PLAN, REQUEST = "urn:uuid:11111111-1111-4111-8111-111111111111", "urn:uuid:22222222-2222-4222-8222-222222222222"


def post(resource, full_url=None):
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(resource, if_match=None):
    request = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    return {"resource": resource, "request": {**request, **({"ifMatch": if_match} if if_match else {})}}


def delete(key):
    return {"request": {"method": "DELETE", "url": key}}


def test_placeholders_become_the_new_addresses_wherever_they_stand(store):
    episode = episode_of_care("nancy")
    episode["diagnosis"] = [{"condition": to(REQUEST)}]
    diagnosis = condition("nancy", "x")
    diagnosis["extension"][0]["valueReference"] = to(PLAN)
    answer = store.transact(post(diagnosis, REQUEST), post(episode, PLAN))
    stored_diagnosis, stored_episode = (entry["resource"] for entry in answer["entry"])
    episode_url = f"{BASE}/EpisodeOfCare/{stored_episode['id']}"
    assert UUID(stored_episode["id"]).version == 7
    assert stored_diagnosis["extension"][0]["valueReference"]["reference"] == episode_url
    assert stored_episode["diagnosis"][0]["condition"]["reference"] == f"{BASE}/Condition/{stored_diagnosis['id']}"
    assert [entry["fullUrl"] for entry in answer["entry"]] == [
        f"{BASE}/Condition/{stored_diagnosis['id']}",
        episode_url,
    ]


def test_the_answer_says_for_each_entry_what_became_of_it(clinic):
    team, plan = clinic.read("CareTeam", "nord"), clinic.create(care_plan("nancy", "nancys"))
    answer = clinic.transact(
        post(practitioner()),
        put(plan | {"title": "Ny"}, '"1"'),
        put(team | {"name": "Nordvest"}, 'W/"1"'),
        delete("CareTeam/syd"),
    )
    assert [entry["response"]["status"] for entry in answer["entry"]] == ["201", "200", "200", "204"]
    assert answer["entry"][1]["response"]["etag"] == 'W/"2"'
    assert answer["entry"][1]["response"]["location"] == f"{BASE}/CarePlan/{plan['id']}/_history/2"
    assert clinic.read("CareTeam", "nord")["name"] == "Nordvest"


@pytest.mark.parametrize("tag", ["1", '"1"', 'W/"1"'])
def test_an_old_version_stops_all_of_it_however_it_is_written(clinic, tag):
    team = clinic.read("CareTeam", "nord")
    clinic.update(team | {"name": "Nordvest"})
    before = counts()
    with pytest.raises(PreconditionFailed):
        clinic.transact(post(practitioner()), put(team | {"name": "Syd"}, tag))
    assert counts() == before


def test_one_broken_entry_stores_nothing_and_every_reason_is_told_in_its_place(clinic):
    before = counts()
    with pytest.raises(RuleBroken) as refused:
        clinic.transact(
            post(practitioner()),
            post({"resourceType": "Organization", "name": "x"}),
            post(organization()),
            post(task("nancy", "nancys") | {"for": to("Patient/tjoern")}),
        )
    assert counts() == before
    entries = {issue.expression.partition("]")[0] for issue in refused.value.issues}
    assert entries == {"Bundle.entry[1", "Bundle.entry[3"}
    assert "Bundle.entry[1].resource.identifier" in {issue.expression for issue in refused.value.issues}


def test_what_refers_to_something_refused_is_told_only_what_is_wrong_with_it_in_itself(store):
    episode, diagnosis, sick = episode_of_care("nancy"), condition("nancy", "x"), condition("nancy", "x")
    del episode["managingOrganization"]
    for each in (diagnosis, sick):
        each["extension"][0]["valueReference"] = to(PLAN)
    sick["recordedDate"] = "i går"
    with pytest.raises(FhirError) as refused:
        store.transact(post(diagnosis), post(sick), post(episode, PLAN))
    assert [issue.expression for issue in refused.value.issues] == [
        "Bundle.entry[2].resource.managingOrganization",
        "Bundle.entry[1].resource.recordedDate",
    ]


def test_what_is_not_foreseen_stores_nothing_either(clinic, monkeypatch):
    before = counts()
    monkeypatch.setattr("kommunalpro.fhirserver.transactions._answer", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clinic.transact(post(practitioner()))
    assert counts() == before


@pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda person: person.key)
def test_it_opens_nothing_that_is_closed_one_by_one(clinic, outsider):
    plan = clinic.create(care_plan("nancy", "nancys", "nord"))
    by = staff(outsider, patient="nancy", episode_of_care="nancys")
    before = clinic.read("CarePlan", plan["id"])
    with pytest.raises(NotFound):
        clinic.transact(put(plan | {"title": "Ny"}), by=by)
    with pytest.raises(Forbidden):
        clinic.transact(post(care_plan("nancy", "nancys", outsider.team)), by=by)
    assert clinic.read("CarePlan", plan["id"]) == before


def test_the_own_team_may(clinic):
    by = staff(ASTA, patient="nancy", episode_of_care="nancys")
    answer = clinic.transact(post(care_plan("nancy", "nancys", "nord")), by=by)
    assert answer["entry"][0]["response"]["status"] == "201"


@pytest.mark.parametrize(
    ("entries", "detail"),
    [
        ([post(practitioner(), PLAN), post(practitioner(), PLAN)], "fullUrl stands twice"),
        ([delete("CareTeam/nord"), delete("CareTeam/nord")], "the same resource is written twice"),
        ([{"request": {"method": "HEAD", "url": "CareTeam/nord"}}], "method must be one of"),
        ([{"request": {"method": "POST", "url": "CareTeam"}}], "method must be one of"),
        ([{"request": {"method": "DELETE", "url": "CareTeam?status=x"}}], "No conditionals"),
        ([post(practitioner())] * 101, "At most 100"),
    ],
    ids=["fullUrl", "twice", "head", "empty", "conditional", "many"],
)
def test_what_cannot_be_a_transaction_is_refused(clinic, entries, detail):
    before = counts()
    with pytest.raises(BadRequest, match=detail):
        clinic.transact(*entries)
    assert counts() == before


def test_a_savepoint_takes_back_what_is_inside_and_nothing_else(clinic):
    def attempt(session):
        with session.savepoint():
            session.create(practitioner("Anden"))
            session.update(clinic_team | {"name": "Anden"}, if_match="1")
            assert session.elevated().read("CareTeam", "nord")["name"] == "Anden"
            raise RuleBroken("nej")

    clinic_team = clinic.read("CareTeam", "nord")
    with clinic.as_() as session:
        kept = session.create(practitioner())
        assert session.elevated().read("CareTeam", "nord")["name"] == "Nord"
        with pytest.raises(FhirError):
            attempt(session)
        assert session.elevated().read("CareTeam", "nord")["name"] == "Nord"
        assert session.update(clinic_team | {"name": "Nordvest"}, if_match="1")["meta"]["versionId"] == "2"
        assert session.elevated().read("CareTeam", "nord")["name"] == "Nordvest"
    assert clinic.read("Practitioner", kept["id"]) == kept
    assert clinic.read("CareTeam", "nord")["name"] == "Nordvest"
    assert clinic.search("Practitioner", ("family", "anden"))["total"] == 0


def test_a_transaction_that_fails_inside_a_unit_of_work_leaves_nothing_of_itself(clinic):
    entries = [post(practitioner("Anden")), post({"resourceType": "Organization", "name": "x"})]
    with clinic.as_() as session:
        kept = session.create(practitioner())
        with pytest.raises(RuleBroken):
            session.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert clinic.read("Practitioner", kept["id"]) == kept
    assert clinic.search("Practitioner", ("family", "anden"))["total"] == 0


def test_a_unit_of_work_in_a_larger_one_goes_with_it(clinic):
    before = counts()
    with transaction.atomic():
        clinic.create(practitioner())
        transaction.set_rollback(True)
    assert counts() == before


# --- Conditions, patches and reads
def test_a_placeholder_means_what_its_condition_found(store):
    mother = store.create(organization("Moder"))
    child = organization("Barn") | {"partOf": to(PLAN)}
    found = {**post(organization("Moder"), PLAN)}
    found["request"]["ifNoneExist"] = "name=Moder"
    answer = store.transact(post(child), found)
    assert [each["response"]["status"] for each in answer["entry"]] == ["201", "200"]
    assert answer["entry"][0]["resource"]["partOf"]["reference"] == f"{BASE}/Organization/{mother['id']}"
    assert store.search("Organization", ("name", "moder"))["total"] == 1


def test_an_update_of_what_a_query_finds_replaces_it_or_makes_it(store):
    def entry(name):
        return {"resource": organization(name), "request": {"method": "PUT", "url": f"Organization?name={name}"}}

    store.create(organization("Birk"))
    answer = store.transact(entry("Birk"), entry("Eg"))
    assert [each["response"]["status"] for each in answer["entry"]] == ["200", "201"]
    assert [each["resource"]["meta"]["versionId"] for each in answer["entry"]] == ["2", "1"]


def test_a_condition_is_looked_up_after_what_is_deleted(clinic):
    old = clinic.create(practitioner("Ravn"))
    again = post(practitioner("Ravn"))
    again["request"]["ifNoneExist"] = "family=Ravn"
    answer = clinic.transact(again, delete(f"Practitioner/{old['id']}"))
    assert [each["response"]["status"] for each in answer["entry"]] == ["201", "204"]


def patch(url, *operations, if_match=None):
    data = b64encode(dumps(list(operations))).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    return {
        "resource": binary,
        "request": {"method": "PATCH", "url": url, **({"ifMatch": if_match} if if_match else {})},
    }


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
    before = counts()
    with pytest.raises(BadRequest, match="written twice"):
        clinic.transact(put(team | {"name": "A"}), by_name)
    assert counts() == before


def test_a_reference_that_finds_none_or_several_stops_all_and_is_named_by_its_place(clinic):
    clinic.create(organization("To"))
    clinic.create(organization("To"))
    before = counts()
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
    assert counts() == before


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
    before = counts()
    with pytest.raises(BadRequest, match="At most 100 different"):
        clinic.transact(*many) if run == "transact" else run_batch(clinic, *many)
    assert counts() == before


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


# --- Batches
def run_batch(store, *entries, by=SYSTEM):
    with store.as_(by) as session:
        return batch(session, {"resourceType": "Bundle", "type": "batch", "entry": list(entries)})["entry"]


def test_of_a_batch_each_entry_stands_alone(clinic):
    team = clinic.read("CareTeam", "nord")
    clinic.forget_audit()
    answers = run_batch(
        clinic,
        post(practitioner("Ravn")),
        post({"resourceType": "Organization", "name": "x"}),
        "x",
        put(team | {"name": "Nordvest"}, 'W/"7"'),
        post(care_plan("nancy", "nancys")),
        {"request": {"method": "GET", "url": "Practitioner?family=Ravn"}},
        {"request": {"method": "GET", "url": "Patient/nancy"}},
    )
    statuses = [each["response"]["status"] for each in answers]
    assert statuses == ["201", "422", "400", "412", "400", "200", "200"]
    assert all(
        ("outcome" in each["response"]) == (status[0] == "4") for each, status in zip(answers, statuses, strict=True)
    )
    assert answers[5]["resource"]["total"] == 1
    assert clinic.read("CareTeam", "nord")["name"] == "Nord"
    assert any(f"{BASE}/Patient/nancy" in str(event["entity"]) for event in clinic.audit())


def test_a_batch_opens_nothing_that_is_closed_and_tells_the_audit_of_each_refusal(clinic):
    clinic.forget_audit()
    by = staff(OUTSIDERS[0])
    [hidden] = run_batch(clinic, {"request": {"method": "GET", "url": "Patient/nancy"}}, by=by)
    [absent] = run_batch(clinic, {"request": {"method": "GET", "url": "Patient/nobody"}}, by=by)
    assert hidden["response"]["status"] == "404"
    assert hidden == absent
    assert [event["outcome"] for event in clinic.audit()] == ["4", "4"]
    with pytest.raises(Forbidden):
        run_batch(clinic, by=without(by, "FHIR.transaction"))


def test_a_batch_makes_no_plan_by_a_condition_that_finds_none_and_a_transaction_does(clinic):
    plan = care_plan("nancy", "nancys", condition="nancys-kol")
    entry = {"resource": plan, "request": {"method": "PUT", "url": "CarePlan?_id=nobody"}}
    [refused] = run_batch(clinic, entry)
    assert (refused["response"]["status"], clinic.search("CarePlan")["total"]) == ("404", 0)
    assert clinic.transact(entry)["entry"][0]["response"]["status"] == "201"


def test_what_only_looks_like_a_placeholder_is_kept_and_a_foreign_address_of_an_entry_is_resolved(clinic):
    placeholder, foreign = "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002", "http://ven.example/fhir/Goal/77"
    about = communication("nancy", "nancys", identifier=[{"value": placeholder}], note=[{"text": placeholder}])
    about["about"] = [{"reference": placeholder}, {"reference": foreign}]
    answer = clinic.transact(
        {"fullUrl": placeholder, "resource": goal("nancy"), "request": {"method": "POST", "url": "Goal"}},
        {"fullUrl": foreign, "resource": goal("nancy"), "request": {"method": "POST", "url": "Goal"}},
        {"resource": about, "request": {"method": "POST", "url": "Communication"}},
    )
    made = [each["resource"] for each in answer["entry"]]
    assert made[2]["identifier"] == [{"value": placeholder}]
    assert made[2]["note"] == [{"text": placeholder}]
    assert made[2]["about"] == [{"reference": f"{BASE}/Goal/{each['id']}"} for each in made[:2]]


def test_a_conditional_reference_is_never_stored(clinic):
    with pytest.raises(Unprocessable):
        clinic.create(goal("nancy", addresses=[{"reference": "Condition?identifier=x"}]))
