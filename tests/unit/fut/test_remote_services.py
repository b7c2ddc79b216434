"""Which service the remote gateway asks, where several have a type, and what it makes of their answers."""

from urllib.parse import parse_qs

import pytest

from kommunalpro.fhir.ehealth import MESSAGE_CATEGORY
from kommunalpro.fhir.json import loads
from kommunalpro.fut.contexts import SYSTEM
from tests.unit.fut.wire import HERE, NOW, THERE, Wire, answered, searchset


def asked_at(wire: Wire) -> list[str]:
    return [each.full_url.removeprefix("https://").replace(".example.dk/fhir", "") for each in wire.sent]


MESSAGE = {"resourceType": "Communication", "category": [{"coding": [{"system": MESSAGE_CATEGORY, "code": "note"}]}]}
OWN = {"resourceType": "DocumentReference", "subject": {"reference": f"{HERE}/Patient/1"}}


@pytest.mark.parametrize(
    ("resource", "service"),
    [
        ({"resourceType": "Communication"}, "measurement"),
        (MESSAGE, "patient"),
        ({"resourceType": "DocumentReference"}, "plan"),
        (OWN, "careplan"),
    ],
)
def test_what_is_new_is_sent_to_the_service_that_is_for_its_kind(wired, resource, service):
    with wired(answered(resource | {"id": "7"})) as (gateway, wire):
        gateway.create(resource, by=SYSTEM, now=NOW)
    assert asked_at(wire) == [f"{service}/{resource['resourceType']}"]


def test_what_has_the_same_id_at_two_services_is_two(wired):
    with wired(answered(MESSAGE | {"id": "7"})) as (gateway, wire):
        message = gateway.read("Communication/patient.7", by=SYSTEM, now=NOW)
        assert message["id"] == "patient.7"
        gateway.update(message, if_match="1", by=SYSTEM, now=NOW)
        gateway.patch(f"{HERE}/Communication/patient.7", [], if_match=None, by=SYSTEM, now=NOW)
        gateway.delete("Communication/patient.7", by=SYSTEM, now=NOW)
        gateway.read("Communication/7", by=SYSTEM, now=NOW)
    assert asked_at(wire) == ["patient/Communication/7"] * 4 + ["measurement/Communication/7"]
    assert loads(wire.sent[1].data)["id"] == "7", "as its service calls it"


@pytest.mark.parametrize(
    ("type", "query", "services"),
    [
        ("Provenance", [("target", f"{HERE}/QuestionnaireResponse/1")], ["measurement"]),
        ("Provenance", [("target", f"{HERE}/EpisodeOfCare/1")], ["careplan"]),
        ("Provenance", [("target:CareTeam", "1")], ["organization"]),
        ("Provenance", [("target", f"{HERE}/Media/1,{HERE}/CarePlan/1")], ["measurement", "careplan"]),
        ("Provenance", [("agent", f"{HERE}/Patient/1")], ["measurement"]),
        ("Provenance", [("recorded", "2026")], ["measurement", "organization"]),
        ("DocumentReference", [("subject", f"{HERE}/Patient/1"), ("status", "current")], ["careplan"]),
        ("DocumentReference", [("status", "current"), ("_count", "5")], ["plan", "careplan"]),
        ("DocumentReference", [("_id", "7")], ["plan"]),
        ("Communication", [("category", f"{MESSAGE_CATEGORY}|note")], ["patient"]),
        ("Communication", [("category", "note")], ["patient", "careplan"]),
        ("Communication", [("category:not", f"{MESSAGE_CATEGORY}|note")], ["patient", "careplan"]),
        ("Communication", [("threadId", "7")], ["patient"]),
        ("Communication", [("instantiates-uri", "7"), ("senderCareTeam", "7")], ["measurement"]),
        ("Task", [("status", "ready")], ["task"]),
    ],
)
def test_a_search_goes_to_the_services_that_it_is_for(wired, type, query, services):
    with wired(searchset()) as (gateway, wire):
        gateway.search(type, query, by=SYSTEM, now=NOW)
    assert asked_at(wire) == [f"{each}/{type}/_search" for each in services]


def test_ids_are_asked_of_the_services_that_gave_them(wired):
    with wired(searchset()) as (gateway, wire):
        gateway.search("DocumentReference", [("_id", "1,careplan.1,2"), ("status", "current")], by=SYSTEM, now=NOW)
    assert asked_at(wire) == ["plan/DocumentReference/_search", "careplan/DocumentReference/_search"]
    assert [parse_qs(each.data.decode())["_id"] for each in wire.sent] == [["1,2"], ["1"]]


def test_what_is_found_at_two_services_is_one_page_and_so_is_what_follows(wired):
    one, two = {"resourceType": "DocumentReference", "id": "1"}, OWN | {"id": "1"}
    at_plan, at_careplan = (f"https://{name}.example.dk/fhir?_getpages=2" for name in ("plan", "careplan"))
    pages = searchset(one, total=2, following=at_plan), searchset(two, total=1, following=at_careplan)
    with wired(*pages, searchset(one), searchset(two)) as (gateway, wire):
        first = gateway.search("DocumentReference", [("status", "current")], by=SYSTEM, now=NOW)
        [link] = first["link"]
        second = gateway.page(link["url"], by=SYSTEM, now=NOW)
    assert [each["resource"]["id"] for each in first["entry"]] == ["1", "careplan.1"]
    assert [each["resource"]["id"] for each in second["entry"]] == ["1", "careplan.1"]
    assert (first["total"], "total" in second) == (3, False)
    assert [each.full_url for each in wire.sent[2:]] == [at_plan, at_careplan]
    assert "link" not in second


def test_what_is_told_of_a_measurement_comes_along_with_it_by_its_service_s_name(wired):
    told = {"resourceType": "Provenance", "id": "7", "target": [{"reference": f"{THERE}/QuestionnaireResponse/9"}]}
    with wired(searchset({"resourceType": "QuestionnaireResponse", "id": "9"}, told)) as (gateway, wire):
        query = [("subject", f"{HERE}/Patient/1"), ("_revinclude", "Provenance:target")]
        found = gateway.search("QuestionnaireResponse", query, by=SYSTEM, now=NOW)
    assert [each["resource"]["id"] for each in found["entry"]] == ["9", "measurement.7"]
    assert parse_qs(wire.sent[0].data.decode())["_revinclude"] == ["Provenance:target"]
