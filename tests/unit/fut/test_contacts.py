"""How citizens and organisations are reached, as the national profiles write it."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.profiles.contacts import organization_problems, patient_problems

CPR = {"system": ehealth.CPR, "value": "2512489996"}


def wrong_with(**elements):
    """What is wrong with a citizen who has a number, and this."""
    return [(each.coding[1], each.expression) for each in patient_problems({"identifier": [CPR], **elements})]


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
    assert (wrong_with(telecom=[telecom]) == []) is is_taken


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
    assert [code for code, _ in wrong_with(**wrong)] == ["GENERAL_VALIDATION_ERROR"]


@pytest.mark.parametrize("system", ["urn:oid:1.2.208.176.1.4", "urn:oid.1.2.208.176.1.4"])
def test_a_doctors_number_is_taken_as_the_guide_writes_it_in_either_place(system):
    assert wrong_with(generalPractitioner=[{"identifier": {"system": system, "value": "1"}}]) == []


@pytest.mark.parametrize("numbers", [[], [{"system": ehealth.SOR, "value": "1"}], [CPR, CPR]])
def test_a_citizen_has_one_number(numbers):
    assert wrong_with(identifier=numbers) == [("PATIENT_MUST_HAVE_CRN_IDENTIFIER", "Patient.identifier")]


def test_a_citizen_lives_at_one_address_and_may_have_others():
    home, elsewhere = {"use": "home", "city": "Birkelund"}, {"use": "temp", "city": "Skagen"}
    assert wrong_with(address=[home, elsewhere]) == []
    assert wrong_with(address=[home, home]) == [("GENERAL_VALIDATION_ERROR", "Patient.address")]


SYSTEM, VALUE, CUSTODIAN = (
    ehealth.ORGANIZATION_TELECOM_SYSTEM,
    ehealth.ORGANIZATION_TELECOM_VALUE,
    ehealth.ORGANIZATION_TELECOM_CUSTODIAN,
)


def telephone(**changes):
    """How the contact of an organisation is reached: by telephone, as it says itself."""
    said = {
        SYSTEM: coded("http://hl7.org/fhir/contact-point-system", "phone"),
        VALUE: {"valueString": "20304050"},
        CUSTODIAN: coded(f"{ehealth.CS}contactpoint-custodian", "ORG"),
    }
    names = {"system": SYSTEM, "value": VALUE, "custodian": CUSTODIAN}
    said |= {names[name]: each for name, each in changes.items()}
    return {"extension": [{"url": url, **each} for url, each in said.items() if each]}


def coded(system, code):
    return {"valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}


def told(telecom):
    """What is wrong with one telecom of the one contact: where in it, once for each."""
    prefix = "Organization.contact[0].telecom[0]."
    found = organization_problems({"contact": [{"telecom": [telecom]}]})
    return [str(each.expression).removeprefix(prefix) for each in found]


def test_an_organisations_contact_is_reached_by_three_extensions_and_by_nothing_else():
    assert told(telephone()) == []
    assert told({**telephone(), "system": "phone", "value": "20304050"}) == ["system", "value"]


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        ({"system": None}, ["extension"]),
        ({"value": None}, ["extension"]),
        ({"custodian": None}, ["extension"]),
        ({"custodian": coded(f"{ehealth.CS}contactpoint-custodian", "KOMMUNE")}, ["extension"]),
        ({"system": coded(f"{ehealth.CS}contactpoint-system", "pigeon")}, ["extension"]),
        ({"value": {"valueInteger": 20304050}}, ["extension[1]"]),
    ],
)
def test_each_of_them_is_there_once_and_in_the_words_of_the_guide(wrong, places):
    assert told(telephone(**wrong)) == places


def test_none_of_them_is_there_twice():
    twice = telephone()
    twice["extension"].append(twice["extension"][2])
    assert told(twice) == ["extension"]
