"""FUT's URLs and codes: each under one name."""

from collections import Counter

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.structure.primitives import PRIMITIVES

URLS = {
    name: value for name, value in vars(ehealth).items() if name.isupper() and isinstance(value, str) and ":" in value
}


def test_every_constant_is_a_uri_and_has_one_name():
    assert all(PRIMITIVES["uri"].test(url) for url in URLS.values())
    assert [url for url, count in Counter(URLS.values()).items() if count > 1] == []


def test_a_profile_is_named_as_in_the_guide():
    assert (
        ehealth.profile("Questionnaire") == "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire"
    )
