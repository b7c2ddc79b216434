"""How citizens and organisations are reached, as the national profiles write it."""

import pytest

from kommunalpro.fut.profiles.contacts import organization_problems, patient_problems


@pytest.mark.parametrize(
    ("telecom", "is_taken"),
    [
        ({"system": "other", "value": "NemSMS"}, True),
        ({"system": "other", "value": "eBoks", "period": {"start": "2026-01-01"}}, True),
        ({"system": "phone", "value": "20304050", "use": "mobile", "rank": 1}, True),
        ({"system": "sms", "value": "NemSMS"}, False),
        ({"value": "NemSMS"}, False),
        ({"system": "other", "value": "eBoks", "use": "home"}, False),
        ({"system": "other", "value": "NemSMS", "rank": 1}, False),
    ],
)
def test_nemsms_and_eboks_are_named_and_no_more(telecom, is_taken):
    assert (list(patient_problems({"telecom": [telecom]})) == []) is is_taken


YDERNUMMER = {"identifier": {"system": "urn:oid:1.2.208.176.1.4", "value": "012345"}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"telecom": [{"system": "other", "value": "NemSMS"}] * 2},
        {"generalPractitioner": [YDERNUMMER, YDERNUMMER]},
        {"generalPractitioner": [{"reference": "https://fhir.example/fhir/Organization/1"}]},
        {"generalPractitioner": [{"identifier": {"system": "http://x", "value": "1"}}]},
    ],
)
def test_a_citizen_has_one_of_each_mailbox_and_one_doctor_by_number(wrong):
    assert [each.coding[1] for each in patient_problems(wrong)] == ["GENERAL_VALIDATION_ERROR"]


@pytest.mark.parametrize("system", ["urn:oid:1.2.208.176.1.4", "urn:oid.1.2.208.176.1.4"])
def test_a_doctors_number_is_taken_as_the_guide_writes_it_in_either_place(system):
    assert list(patient_problems({"generalPractitioner": [{"identifier": {"system": system, "value": "1"}}]})) == []


def test_an_organisations_contact_is_reached_by_extensions():
    contact = {"telecom": [{"extension": []}, {"system": "phone", "value": "20304050"}]}
    assert [each.expression for each in organization_problems({"contact": [contact]})] == [
        "Organization.contact[0].telecom[1].system",
        "Organization.contact[0].telecom[1].value",
    ]
