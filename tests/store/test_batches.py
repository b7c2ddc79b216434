"""Batches, where they are offered: each entry stands alone."""

import pytest

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import (
    Forbidden,
)
from kommunalpro.fhirserver import transactions
from tests.people import OUTSIDERS
from tests.resources import (
    care_plan,
    practitioner,
)
from tests.store.cast import BASE, staff, without
from tests.store.entries import get, post, put, run_batch


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


def test_what_one_answer_does_not_hold_is_refused_by_itself_and_nothing_more_is_read(clinic, monkeypatch):
    size = len(dumps(clinic.read("Patient", "nancy")))
    monkeypatch.setattr(transactions, "MOST_READ", 2 * size - 1)
    answers = run_batch(clinic, *[get("Patient/nancy")] * 2, get("CareTeam?_summary=count"), post(practitioner("Ravn")))
    assert [each["response"]["status"] for each in answers] == ["200", "400", "400", "201"]
    [issue] = answers[2]["response"]["outcome"]["issue"]
    assert (issue["code"], "resource" in answers[1]) == ("too-costly", False)


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
    plan = care_plan("nancy", "nancys")
    entry = {"resource": plan, "request": {"method": "PUT", "url": "CarePlan?_id=nobody"}}
    [refused] = run_batch(clinic, entry)
    assert (refused["response"]["status"], clinic.search("CarePlan")["total"]) == ("404", 0)
    assert clinic.transact(entry)["entry"][0]["response"]["status"] == "201"
