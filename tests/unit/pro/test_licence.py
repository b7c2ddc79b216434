"""No questionnaire with a licensed instrument is published before its organisation has confirmed the licence."""

from datetime import date

from kommunalpro.pro.licence import LicenceConfirmation, licences_to_confirm
from tests.unit.pro.instruments import instrument

OURS, OTHERS = "https://example.org/fhir/Organization/1", "https://example.org/fhir/Organization/2"


def licence(state, identifier):
    terms = {"state": state, "text": {"da": "Vilkår", "en": "Terms"}, "url": "https://example.org/licence"}
    return instrument(identifier=identifier, licence=terms)


FREE, LICENSED, UNCLEAR = licence("free", "fri"), licence("licensed", "licens"), licence("unclear", "uklar")


def confirmed(identifier, organization=OURS):
    return LicenceConfirmation(identifier, organization, "https://example.org/fhir/Practitioner/1", date(2026, 11, 2))


def open_questions(*confirmations):
    found = licences_to_confirm([FREE, LICENSED, UNCLEAR], confirmations, organization=OURS)
    return [each.instrument for each in found]


def test_what_is_licensed_or_unclear_must_be_confirmed_and_what_is_free_need_not():
    assert open_questions() == ["licens", "uklar"]
    assert open_questions(confirmed("licens")) == ["uklar"]
    assert open_questions(confirmed("licens"), confirmed("uklar")) == []


def test_another_organisations_licence_is_not_ours():
    assert open_questions(confirmed("licens", OTHERS), confirmed("uklar", OTHERS)) == ["licens", "uklar"]


def test_the_question_says_what_is_asked_and_what_is_known():
    licensed, unclear = licences_to_confirm([LICENSED, UNCLEAR], (), organization=OURS)
    assert licensed.question.da == (
        "Bekræft, at organisationen har en licens til Prøve, som gælder elektronisk brug på dansk."
    )
    assert licensed.question.en.startswith("Confirm that the organisation has a licence for Test")
    assert "rettighedshaveren" in unclear.question.da
    assert (licensed.terms.da, licensed.url) == ("Vilkår", "https://example.org/licence")


def test_an_instrument_is_asked_about_once_and_its_versions_share_a_confirmation():
    later = instrument(identifier="licens", version="2.0")
    assert len(licences_to_confirm([LICENSED, later], (), organization=OURS)) == 1
    assert licences_to_confirm([later], [confirmed("licens")], organization=OURS) == ()
