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


def test_an_organisations_contact_is_reached_by_extensions():
    contact = {"telecom": [{"extension": []}, {"system": "phone", "value": "20304050"}]}
    assert [each.expression for each in organization_problems({"contact": [contact]})] == [
        "Organization.contact[0].telecom[1].system",
        "Organization.contact[0].telecom[1].value",
    ]
