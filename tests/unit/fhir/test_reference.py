"""References: absolute addresses, with or without a version."""

import pytest

from kommunalpro.fhir.reference import Reference, own_url, versioned_url

BASE = "https://fhir.example.dk/fhir"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{BASE}/Patient/1", Reference("Patient", "1", BASE)),
        (f"{BASE}/Patient/1/_history/2", Reference("Patient", "1", BASE, "2")),
        ("Patient/1", Reference("Patient", "1")),
        ("Patient/1/_history/2", Reference("Patient", "1", version="2")),
    ],
)
def test_a_reference_reads_and_writes_itself(text, expected):
    assert Reference.parse(text) == expected
    assert str(expected) == text
    assert expected.to_fhir() == {"reference": text}
    assert expected.key == "Patient/1"
    assert expected.url == text.partition("/_history")[0]


@pytest.mark.parametrize("text", ["Patient/1", "Patient/1/_history/2", f"{BASE}/Patient/1"])
def test_a_relative_one_is_of_the_server_where_it_is_read_and_an_absolute_one_of_its_own(text):
    read = Reference.parse(text)
    assert read.at("https://other.example/fhir") == f"{read.base or 'https://other.example/fhir'}/Patient/1"
    assert read.at(BASE) == f"{BASE}/Patient/1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#skov",
        "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002",
        "Patient",
        "patient/1",
        "Patient/a b",
        "ftp://a/Patient/1",
    ],
)
def test_what_points_to_no_resource_by_address_is_none(text):
    assert Reference.parse(text) is None


def test_a_stored_resource_has_an_address_and_each_version_its_own():
    patient = {"resourceType": "Patient", "id": "1", "meta": {"versionId": "3"}}
    assert own_url(BASE, patient) == f"{BASE}/Patient/1"
    assert versioned_url(BASE, patient) == f"{BASE}/Patient/1/_history/3"
