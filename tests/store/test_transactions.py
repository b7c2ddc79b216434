"""Transactions: all or nothing, placeholders resolved wherever they stand, all that is wrong told at once."""

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
from kommunalpro.fhirserver import transactions
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
    value_set,
)
from tests.store.cast import BASE, house, staff, stored
from tests.store.entries import PLAN, REQUEST, delete, get, patch, post, put
from tests.store.test_oracle import AnyR4


def test_placeholders_become_the_new_addresses_wherever_they_stand(store):
    house(store)
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


def test_a_relative_address_is_looked_for_where_the_entry_itself_stands(store):
    """R4 bundle.html#references. A stranger here has the same id."""
    store.create(organization(), id="x")
    elsewhere = "http://elsewhere.example/fhir/Organization"
    part = {**organization(), "partOf": {"reference": "Organization/x"}}
    answer = store.transact(post(part, f"{elsewhere}/y"), post(organization(), f"{elsewhere}/x"))
    made, whole = (entry["resource"] for entry in answer["entry"])
    assert made["partOf"]["reference"] == f"{BASE}/Organization/{whole['id']}"
    stays = store.transact(post(part, f"{elsewhere}/z"))["entry"][0]["resource"]
    assert stays["partOf"]["reference"] == f"{BASE}/Organization/x", "what did not come along is ours"


def test_a_canonical_of_an_entry_becomes_its_address_too(store):
    store = replace(store, server=replace(store.server, rules=AnyR4()))
    uuid = "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120009"
    map = {"resourceType": "ConceptMap", "status": "active", "sourceUri": f"{uuid}|1"}
    answer = store.transact(post(map), post(value_set("http://example.org/vs", "a"), uuid))
    made, meant = (entry["resource"] for entry in answer["entry"])
    assert made["sourceUri"] == f"{BASE}/ValueSet/{meant['id']}|1"


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
    before = stored()
    with pytest.raises(PreconditionFailed):
        clinic.transact(post(practitioner()), put(team | {"name": "Syd"}, tag))
    assert stored() == before


def test_one_broken_entry_stores_nothing_and_every_reason_is_told_in_its_place(clinic):
    before = stored()
    with pytest.raises(RuleBroken) as refused:
        clinic.transact(
            post(practitioner()),
            post({"resourceType": "Organization", "name": "x"}),
            post(organization()),
            post(task("nancy", "nancys") | {"for": to("Patient/tjoern")}),
        )
    assert stored() == before
    entries = {issue.expression.partition("]")[0] for issue in refused.value.issues}
    assert entries == {"Bundle.entry[1", "Bundle.entry[3"}
    assert "Bundle.entry[1].resource.identifier" in {issue.expression for issue in refused.value.issues}


def test_what_refers_to_something_refused_is_told_only_what_is_wrong_with_it_in_itself(store):
    house(store)
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


def test_of_more_than_one_answer_holds_nothing_is_read_nor_stored(clinic, monkeypatch):
    """A hundred searches of the largest pages would take all the memory there is."""
    reading = get("CareTeam/nord"), get("CareTeam?_id=nord"), get("CareTeam/nord/_history/1"), get("Patient/nancy")
    answers = clinic.transact(*reading)["entry"]
    size = sum(len(dumps(each["resource"])) for each in answers)
    monkeypatch.setattr(transactions, "MOST_READ", size)
    had = {"request": {"method": "GET", "url": "CareTeam/nord", "ifNoneMatch": 'W/"1"'}}
    told = clinic.transact(post(practitioner()), *reading, had)["entry"]
    assert [each["response"]["status"] for each in told] == ["201", "200", "200", "200", "200", "304"]
    before = stored()
    monkeypatch.setattr(transactions, "MOST_READ", size - len(dumps(answers[3]["resource"])) - 1)
    with pytest.raises(BadRequest) as refused:
        clinic.transact(post(practitioner()), *reading)
    assert stored() == before
    issues = [(issue.text, issue.code, issue.expression) for issue in refused.value.issues]
    assert issues == [("Svaret bliver for stort.", "too-costly", f"Bundle.entry[{number}]") for number in (3, 4)]
    assert str(transactions.MOST_READ) in refused.value.issues[0].diagnostics


POST = {"method": "POST", "url": "Organization"}


@pytest.mark.parametrize(
    "entry",
    [
        {"resource": organization("Nord"), "request": {**POST, "ifNoneExist": "name:exact=Nord"}},
        {"resource": organization("Nord"), "request": {"method": "PUT", "url": "Organization?name:exact=Nord"}},
        patch("Organization/nord", {"op": "add", "path": "/alias", "value": ["endnu længere"]}),
    ],
    ids=["found instead of made", "found to be changed", "changed in part"],
)
def test_nor_is_more_found_or_changed_in_part(store, monkeypatch, entry):
    """Of a few words each, a Bundle would read and answer gigabytes."""
    made = store.create({**organization("Nord"), "alias": ["lang"]}, id="nord")
    monkeypatch.setattr(transactions, "MOST_READ", len(dumps(made)) - 1)
    before = stored()
    with pytest.raises(BadRequest) as refused:
        store.transact(entry)
    assert [issue.code for issue in refused.value.issues] == ["too-costly"]
    assert stored() == before


def test_what_is_not_foreseen_stores_nothing_either(clinic, monkeypatch):
    before = stored()
    monkeypatch.setattr("kommunalpro.fhirserver.transactions._answer", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clinic.transact(post(practitioner()))
    assert stored() == before


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
    before = stored()
    with pytest.raises(BadRequest, match=detail):
        clinic.transact(*entries)
    assert stored() == before


@pytest.mark.parametrize(
    ("method", "url", "said"),
    [
        (
            "GET",
            "CareTeam/nord?_elements=name",
            "No parameters where one resource is read: GET takes Type/id",
        ),
        ("GET", "CareTeam/nord/_history", "No histories in a Bundle: GET takes Type/id, Type/id/_history/version or"),
        ("GET", "CareTeam/nord/_history?_count=1", "No histories in a Bundle: GET takes"),
        ("GET", "CareTeam/nord/$meta", "An address that cannot be read: GET takes"),
        ("DELETE", "CareTeam?name=Nord", "No conditionals to delete by: DELETE takes Type/id"),
        ("PUT", "CareTeam", "An address that it is not for: PUT takes Type/id or Type?condition"),
    ],
)
def test_an_address_that_is_not_for_its_method_is_refused_with_what_is_wrong_and_those_that_are(
    clinic, method, url, said
):
    team = clinic.read("CareTeam", "nord")
    with pytest.raises(BadRequest) as refused:
        clinic.transact({"request": {"method": method, "url": url}, **({"resource": team} if method == "PUT" else {})})
    [issue] = refused.value.issues
    assert issue.diagnostics.startswith(said)
    assert issue.expression == "Bundle.entry[0].request.url"


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
    before = stored()
    with transaction.atomic():
        clinic.create(practitioner())
        transaction.set_rollback(True)
    assert stored() == before


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
