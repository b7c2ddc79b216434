"""What a resource is called here and at FUT's services: exact both ways, and nobody is taken for somebody else."""

from dataclasses import replace
from functools import partial

import pytest

from kommunalpro.fut.service_urls import ServiceUrls, everywhere, in_query, with_ids
from kommunalpro.fut.services import OPERATIONS_OF_SERVICES, SERVICE_NAMES, SERVICES, TRANSACTIONS

HERE = "https://pro.example.dk/fhir"
URLS = ServiceUrls(HERE, {name: f"https://{name}.example.dk/fhir" for name in SERVICE_NAMES})


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("/Patient/7", "https://patient.example.dk/fhir/Patient/7"),
        ("/CarePlan/7/_history/2", "https://careplan.example.dk/fhir/CarePlan/7/_history/2"),
        ("/Questionnaire/7|1.0", "https://questionnaire.example.dk/fhir/Questionnaire/7|1.0"),
        ("/Task?_page=x", "https://task.example.dk/fhir/Task?_page=x"),
        ("/Organization", "https://organization.example.dk/fhir/Organization"),
    ],
)
def test_each_type_is_called_by_its_service_there_and_by_us_here(ours, theirs):
    assert URLS.there(HERE + ours) == theirs
    assert URLS.here(theirs) == HERE + ours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Patient/7",
        "urn:uuid:5d1a2e7c-0000-4000-8000-000000000000",
        "https://other.example.dk/fhir/Patient/7",
        "https://pro.example.dk/fhirPatient/7",
        f"{HERE}/Appointment/7",
        f"{HERE}/patient/7",
        f"Se {HERE}/Patient/7",
        "https://task.example.dk/fhir/Communication/7",
        "https://patient.example.dk/fhir/Communication?_getpages=7",
    ],
)
def test_what_names_nothing_of_ours_keeps_its_name(text):
    assert URLS.there(text) == text
    assert URLS.here(text) == text


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("measurement.example.dk/fhir/Communication/7", "Communication/7"),
        ("patient.example.dk/fhir/Communication/7/_history/2", "Communication/patient.7/_history/2"),
        ("careplan.example.dk/fhir/Communication/7", "Communication/careplan.7"),
        ("plan.example.dk/fhir/DocumentReference/7", "DocumentReference/7"),
        ("careplan.example.dk/fhir/DocumentReference/7", "DocumentReference/careplan.7"),
        ("measurement.example.dk/fhir/Provenance/7", "Provenance/measurement.7"),
        ("measurement.example.dk/fhir/Observation/7", "Observation/7"),
    ],
)
def test_a_message_of_another_service_is_not_taken_for_an_annotation(theirs, ours):
    """FUT has Communications in three services: by our one name, seven of each would be one."""
    assert URLS.here(f"https://{theirs}") == f"{HERE}/{ours}"
    assert URLS.there(f"{HERE}/{ours}") == f"https://{theirs}"


def test_an_id_bears_the_name_of_its_service_where_that_tells_it_from_another():
    page = "https://measurement.example.dk/fhir?_getpages=7"
    inner = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation", "id": "7"}}]}
    contained = {"resourceType": "Provenance", "id": "a"}
    told = {"resourceType": "Provenance", "id": "7", "contained": [contained]}
    found = {"resourceType": "Bundle", "id": "7", "entry": [{"resource": inner}, {"resource": told}, {}]}
    moved = with_ids(found, partial(URLS.id_here, url=page))
    assert moved["entry"] == [{"resource": inner}, {"resource": told | {"id": "measurement.7"}}, {}]
    assert with_ids(moved, URLS.id_there) == found


def test_a_strict_server_calls_by_the_service_that_is_asked_what_that_has():
    """Its ids are each of one resource: they stay as they are."""
    at = replace(URLS, at="careplan")
    assert at.there(f"{HERE}/Provenance/7") == "https://careplan.example.dk/fhir/Provenance/7"
    assert at.there(f"{HERE}/DocumentReference/7") == "https://careplan.example.dk/fhir/DocumentReference/7"
    assert at.there(f"{HERE}/Observation/7") == "https://measurement.example.dk/fhir/Observation/7"
    for name in ("measurement", "patient", "careplan"):
        assert at.here(f"https://{name}.example.dk/fhir/Communication/7") == f"{HERE}/Communication/7"


def test_every_text_in_json_is_moved_and_nothing_else():
    there = {"a": [f"{HERE}/Task/1", 1, None, True], "b": {"reference": f"{HERE}/Patient/2"}, "c": "ord"}
    moved = everywhere(there, URLS.there)
    assert moved["a"][0] == "https://task.example.dk/fhir/Task/1"
    assert moved["b"]["reference"] == "https://patient.example.dk/fhir/Patient/2"
    assert everywhere(moved, URLS.here) == there


def test_a_list_of_values_is_moved_one_by_one():
    given = f"{HERE}/Patient/1,{HERE}/Patient/2,7"
    assert (
        in_query(given, URLS.there)
        == "https://patient.example.dk/fhir/Patient/1,https://patient.example.dk/fhir/Patient/2,7"
    )


@pytest.mark.parametrize(
    ("url", "is_there"),
    [
        ("https://task.example.dk/fhir?_getpages=7", True),
        ("https://task.example.dk/fhir/Task?x=1", True),
        ("https://task.example.dk/fhirx/Task", False),
        ("https://task.example.dk.evil.dk/fhir/Task", False),
        (f"{HERE}/Task", False),
    ],
)
def test_a_token_goes_to_the_services_alone(url, is_there):
    assert URLS.is_there(url) is is_there


def test_every_operation_and_transaction_is_of_a_service_that_has_an_address():
    assert {*OPERATIONS_OF_SERVICES.values(), TRANSACTIONS} <= set(SERVICE_NAMES)
    assert {row.name for rows in SERVICES.values() for row in rows if row.in_transaction} == {TRANSACTIONS}
