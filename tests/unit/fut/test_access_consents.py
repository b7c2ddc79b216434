"""What an access consent and an access provenance say, and what they never count as.

Source: `fut.md` 1B (ehealth-access-consent, ehealth-access-provenance).
"""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry
from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.treatment_area import TAG
from tests.people import ASTA, NANCY
from tests.refusals import refusal
from tests.resources import (
    access_consent,
    access_provenance,
    clinical_impression,
    condition,
    consent,
    episode_of_care,
    provenance,
    to,
    triage_consent,
)
from tests.store.cast import citizen, staff

PROFILE = "GENERAL_VALIDATION_ERROR"
IS_ACCESS = {"meta": {"profile": [ehealth.ACCESS_CONSENT_PROFILE]}}
IN_ITS_VERSION = {"meta": {"profile": [f"{ehealth.ACCESS_CONSENT_PROFILE}|8.0.0"]}}


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def test_an_access_consent_says_who_by_whom_to_what_and_by_which_rule(clinic):
    wrong = access_consent("nancy", performer=[to("Patient/nancy")], provision={"type": "deny"})
    wrong |= {"scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "research")}
    wrong |= {"policyRule": concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "cric")}
    places = ("performer", "scope", "policyRule", "provision.type")
    assert refusal(lambda: clinic.create(wrong)) == [(PROFILE, f"Consent.{each}") for each in places]
    without = {name: each for name, each in access_consent("nancy").items() if name not in ("performer", "provision")}
    assert refusal(lambda: clinic.create(without)) == [
        (PROFILE, "Consent.performer"),
        (PROFILE, "Consent.provision.type"),
    ]
    assert clinic.create(access_consent("nancy"))["id"]


def test_by_its_profile_alone_it_is_one_as_well_and_is_checked_as_one(clinic):
    found = refusal(lambda: clinic.create(consent("nancy", "nancys") | IS_ACCESS))
    places = ("category", "performer", "policyRule", "provision.type", "category", "provision.data")
    assert found == [(PROFILE, f"Consent.{each}") for each in places]


def test_it_is_no_other_consent_besides(clinic):
    both = access_consent("nancy")
    both["category"].append(concept(ehealth.CONSENT_CATEGORY, "PITEOC"))
    both |= {"policy": [{"uri": ehealth.POLICY_DISPLAY_TRIAGE_RESULT}]}
    both["provision"] |= {
        "code": [concept(ehealth.CLINICALIMPRESSION_CODES, "TriagingResult")],
        "data": [{"meaning": "instance", "reference": to("EpisodeOfCare/nancys")}],
    }
    places = ("category", "policy", "provision.code", "provision.data")
    assert refusal(lambda: clinic.create(both)) == [(PROFILE, f"Consent.{each}") for each in places]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (access_consent("nancy"), consent("nancy", "nancys")),
        (consent("nancy", "nancys"), access_consent("nancy")),
        (consent("nancy", "nancys"), consent("nancy", "nancys") | IS_ACCESS),
        (consent("nancy", "nancys"), consent("nancy", "nancys") | IN_ITS_VERSION),
    ],
    ids=["from access", "to access", "to access by its profile", "by its profile in a version"],
)
def test_neither_becomes_the_other(clinic, before, after):
    stored = clinic.create(before)
    found = refusal(lambda: clinic.update(after | {"id": stored["id"]}, if_match="1"))
    assert ("KPRO_CONSENT_KIND_IMMUTABLE", "Consent.category") in found


def test_it_starts_no_course_of_care_and_shows_no_light(clinic):
    """Also one that says so all the same, as it may have been stored before it was told apart."""
    clinic.create(clinical_impression("nancy", "nancys"))
    says_all = consent("nancy", "nancys", policy=[{"uri": ehealth.POLICY_DISPLAY_TRIAGE_RESULT}])
    says_all["category"] += access_consent("nancy")["category"]
    _store_unchecked(clinic, says_all | {"extension": triage_consent("nancy", "nancys")["extension"]})
    start = refusal(lambda: clinic.update(clinic.read("EpisodeOfCare", "nancys") | {"status": "active"}))
    assert start == [("EPISODEOFCARE_PATCH_NO_CONSENT", "EpisodeOfCare.status")]
    nancy = citizen(NANCY)
    asked = ("subject", nancy.user)
    assert clinic.search("ClinicalImpression", asked, by=nancy)["total"] == 0
    clinic.create(triage_consent("nancy", "nancys"))
    assert clinic.search("ClinicalImpression", asked, by=nancy)["total"] == 1


def _store_unchecked(clinic, resource):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(clinic.server.rules), "check", lambda *_: None)
        clinic.create(resource)


def test_an_access_provenance_says_who_logged_in_and_how(clinic):
    assert clinic.create(access_provenance("nancy"))["id"]
    assert clinic.create(access_provenance("nancy", "mitid-login"))["id"]
    wrong = access_provenance("nancy", "by-heart", target=[to("EpisodeOfCare/nancys")])
    wrong |= {"meta": {"profile": [f"{ehealth.ACCESS_PROVENANCE_PROFILE}|8.0.0"]}}
    wrong |= {"activity": concept(ehealth.CS + "access-provenance-activity", "sign")}
    places = ("activity", "target", "agent.role")
    assert refusal(lambda: clinic.create(wrong)) == [(PROFILE, f"Provenance.{each}") for each in places]
    two = access_provenance("nancy", target=[to("Patient/nancy"), to("Patient/tjoern")])
    elsewhere = access_provenance("nancy", target=[{"reference": "https://other.example/fhir/Patient/nancy"}])
    for each in (two, elsewhere):
        assert refusal(lambda made=each: clinic.create(made)) == [(PROFILE, "Provenance.target")]


def test_any_other_provenance_names_a_policy(clinic):
    bare = {name: each for name, each in provenance("EpisodeOfCare/nancys").items() if name != "policy"}
    assert refusal(lambda: clinic.create(bare)) == [(PROFILE, "Provenance.policy")]


def test_nobody_smuggles_a_login_in_with_a_course_of_care(clinic):
    """The system writes what an operation is given, and yet it is not the system that says so."""
    urns = [f"urn:uuid:6e2f0a35-0000-4000-8000-00000000000{number}" for number in range(1, 4)]
    told = provenance("x") | {"target": [{"reference": urns[1]}], "activity": access_provenance("nancy")["activity"]}
    kol = {name: each for name, each in condition("nancy", "x").items() if name != "extension"}
    begun = episode_of_care("nancy", "nord") | {"diagnosis": [{"condition": {"reference": urns[0]}}]}
    made = zip(urns, (kol, begun, told), strict=True)
    entries = [create_entry(each, urn) for urn, each in made]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    asked = parameters({"name": "episodeOfCareAndProvenances", "resource": bundle})
    by = _tagged(staff(ASTA, patient="nancy"))
    with pytest.raises(Forbidden, match="at login"), clinic.as_(by) as session:
        session.operate("$create-episode-of-care", asked)
    assert clinic.search("EpisodeOfCare")["total"] == 2
    told.pop("activity")
    with clinic.as_(by) as session:
        assert session.operate("$create-episode-of-care", asked)["type"] == "transaction-response"


def _tagged(principal):
    return replace(principal, system_tags=frozenset({TAG}))


def test_who_logged_in_is_the_citizens_to_know(clinic):
    stored = clinic.create(access_provenance("nancy", "mitid-login"))
    assert clinic.read("Provenance", stored["id"], by=citizen(NANCY))["id"] == stored["id"]
