"""Consents over HTTP: which are taken, what they open and when, and for whom they are not to give.

Source: `fut.md` 1B (ehealth-consent), 5.2 rule 4, and §9, 10 and 18.
"""

from datetime import timedelta
from urllib.parse import quote

import pytest

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from tests import resources as made
from tests.conformance.test_course_of_care import clinic, done, episode, nancy

__all__ = ["clinic", "episode", "nancy"]

RESTRICTIONS = ehealth.RESTRICTION_CATEGORY_CODES
PROFILE, BINDING = "GENERAL_VALIDATION_ERROR", "GENERAL_VALIDATION_ERROR"


@pytest.fixture
def shown(nancy, episode):
    """Nancy may see the lights."""
    return made.triage_consent(Reference.parse(nancy).id, Reference.parse(episode).id)


@pytest.fixture
def asta(clinic, nancy, episode):
    return clinic.asta(patient=nancy, episode_of_care=episode)


def told(answer):
    assert answer.status in (403, 422), answer.body
    return [(each["details"]["coding"][0]["code"], each.get("expression", [""])[0]) for each in answer.json["issue"]]


def coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


def test_what_a_consent_is_to_is_of_the_value_sets(asta, nancy, episode):
    agreed = made.consent(Reference.parse(nancy).id, Reference.parse(episode).id)
    wrong = {
        "scope": coded("http://ehealth.sundhed.dk/cs/ehealth-consent-scope", "everything"),
        "category": [coded("http://ehealth.sundhed.dk/cs/consent-category", "XYZ")],
        "policy": [{"uri": "http://ehealth.sundhed.dk/policy/ehealth/see-all"}],
        "provision": {
            "class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Patient"}],
            "code": [coded("http://ehealth.sundhed.dk/cs/clinicalimpression-codes", "MeasurementAssessment")],
        },
    }
    places = ("scope", "provision.class", "category", "policy.uri", "provision.code")
    assert told(asta("POST", "/Consent", {**agreed, **wrong})) == [(BINDING, f"Consent.{each}") for each in places]
    done(asta("POST", "/Consent", agreed), 201)


def test_to_be_treated_one_consents_to_a_course_of_care(asta, nancy, episode):
    agreed = made.consent(Reference.parse(nancy).id, Reference.parse(episode).id)
    to_none = {**agreed, "provision": {name: each for name, each in agreed["provision"].items() if name != "data"}}
    assert told(asta("POST", "/Consent", to_none)) == [(PROFILE, "Consent.provision.data")]


def test_to_show_the_lights_takes_category_scope_class_and_the_course_of_care(asta, shown):
    bare = {name: each for name, each in shown.items() if name != "extension"} | {
        "category": [coded("http://ehealth.sundhed.dk/cs/consent-category", "SSLPCI")],
        "scope": coded("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "provision": {"period": shown["provision"]["period"]},
    }
    places = ("category", "scope", "provision.class", "extension")
    assert told(asta("POST", "/Consent", bare)) == [(PROFILE, f"Consent.{each}") for each in places]
    # The guide's example has another code than its value set: both are taken.
    example = coded("http://ehealth.sundhed.dk/cs/ehealth-consent-provision-code", "display-triage-result")
    for provision in (shown["provision"], {**shown["provision"], "code": [example]}):
        done(asta("POST", "/Consent", {**shown, "provision": provision}), 201)


def test_a_consent_that_permits_less_than_the_lights_it_names_is_not_taken_for_more(asta, shown, nancy, episode):
    course, relative = {"reference": episode}, {"reference": "RelatedPerson/7"}
    hl7 = "http://terminology.hl7.org/CodeSystem"
    her = {"role": coded(f"{hl7}/contractsignertypecodes", "PRIMAUTH")}
    for narrower, place in (
        ({"actor": [{**her, "reference": relative}]}, "actor"),
        ({"data": [{"meaning": "instance", "reference": {"reference": "CarePlan/7"}}]}, "data"),
        ({"dataPeriod": {"start": "2020-01-01"}}, "dataPeriod"),
        ({"securityLabel": [{"system": f"{hl7}/v3-Confidentiality", "code": "R"}]}, "securityLabel"),
        ({"purpose": [{"system": f"{hl7}/v3-ActReason", "code": "HRESCH"}]}, "purpose"),
        ({"action": [coded(f"{hl7}/consentaction", "collect")]}, "action"),
    ):
        answer = asta("POST", "/Consent", {**shown, "provision": {**shown["provision"], **narrower}})
        assert (PROFILE, f"Consent.provision.{place}") in told(answer)
    whole = {
        "actor": [{**her, "reference": {"reference": nancy}}],
        "data": [{"meaning": "instance", "reference": course}],
        "action": [coded(f"{hl7}/consentaction", "access")],
    }
    done(asta("POST", "/Consent", {**shown, "provision": {**shown["provision"], **whole}}), 201)


@pytest.mark.checklist(18)
def test_a_citizen_sees_the_light_while_the_consent_is_in_force(clinic, system, asta, shown, nancy, episode):
    light = made.clinical_impression(Reference.parse(nancy).id, Reference.parse(episode).id)
    done(system("POST", "/ClinicalImpression", light), 201)
    herself, now = clinic.nancy(nancy), SystemClock().now()

    def sees():
        return done(herself("GET", f"/ClinicalImpression?subject={quote(nancy)}&episodeOfCare={quote(episode)}"))[
            "total"
        ]

    assert sees() == 0
    stored = done(asta("POST", "/Consent", shown), 201)
    assert sees() == 1
    ended, later = to_datetime(now - timedelta(minutes=1)), to_datetime(now + timedelta(days=1))
    for provision in (
        {"period": {"start": "2020-01-01", "end": ended}},
        {"period": {"start": later}},
        {"period": {"start": "2020-01-01"}, "type": "deny"},
    ):
        path, held = f"/Consent/{stored['id']}", {**shown["provision"], **provision}
        stored = done(asta("PUT", path, {**stored, "provision": held}))
        assert sees() == 0
        stored = done(asta("PUT", path, {**stored, "provision": shown["provision"]}))
        assert sees() == 1
    done(asta("PUT", f"/Consent/{stored['id']}", {**stored, "status": "inactive"}))
    assert sees() == 0


def test_a_citizen_gives_themselves_no_light_and_takes_none_back(clinic, asta, shown, nancy):
    stored = done(asta("POST", "/Consent", shown), 201)
    rights = privileges_of(["citizen"]) | {"Consent.create", "Consent.update"}
    herself = clinic.as_somebody(Principal(nancy, "PATIENT", "Nancy", rights, Context(patient=nancy)))
    hidden = {name: each for name, each in stored.items() if name != "policy"}
    for answer in (
        herself("POST", "/Consent", shown),
        herself("PUT", f"/Consent/{stored['id']}", {**stored, "status": "inactive"}),
        herself("PUT", f"/Consent/{stored['id']}", hidden),
    ):
        assert told(answer) == [("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", "Consent.policy")]


def test_a_citizen_searches_their_own_consents_and_no_others(clinic, asta, shown, nancy):
    done(asta("POST", "/Consent", shown), 201)
    herself = clinic.nancy(nancy)
    assert done(herself("GET", f"/Consent?patient={quote(nancy)}"))["entry"]
    assert told(herself("GET", "/Consent"))[0][0] == "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"
    other = quote(f"{clinic.base}/Patient/other")
    assert told(herself("GET", f"/Consent?patient={other}"))[0][0] == "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"


def test_a_consent_to_assisted_login_is_another_thing_than_the_consents_to_care(clinic, nancy, episode):
    """It takes AccessConsent.read and .write; to everybody else it is not there, and they may not make one."""
    told_by, context = Reference.parse(clinic.nurse).id, Context(clinic.organization, clinic.team, nancy)
    assisted, asked = (
        made.access_consent(Reference.parse(nancy).id, told_by),
        f"/Consent?patient={quote(nancy)}&_count=100",
    )
    asta, herself = clinic.asta(patient=nancy), clinic.nancy(nancy)
    rights = privileges_of(["clinicalViewer"]) | {"Consent.create", "Consent.update"}
    colleague = clinic.as_somebody(Principal(clinic.nurse, "PRACTITIONER", "Asta", rights, context))
    stored = done(asta("POST", "/Consent", assisted), 201)
    path = f"/Consent/{stored['id']}"
    assert stored["id"] in {each["id"] for each in resources(done(asta("GET", asked)), "Consent")}
    for other in (colleague, herself):
        assert [other("GET", each).status for each in (path, f"{path}/_history/1", f"{path}/_history")] == [404] * 3
        seen = done(other("GET", asked))
        assert seen["total"] == len(seen["entry"])
        assert stored["id"] not in {each["id"] for each in resources(seen, "Consent")}
        assert other("POST", "/Consent", assisted).status == 403
    ended = {**stored, "status": "inactive"}
    hidden, absent = colleague("PUT", path, ended), colleague("PUT", "/Consent/nowhere", {**ended, "id": "nowhere"})
    assert (hidden.status, hidden.json) == (absent.status, absent.json)
    assert told(colleague("POST", "/Consent", assisted))[0][0] == "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"
    done(asta("PUT", path, ended))


def test_nobody_says_over_the_door_that_a_citizen_has_logged_in(clinic, system, nancy):
    login = made.access_provenance(Reference.parse(nancy).id, "mitid-login")
    for somebody in (clinic.asta(patient=nancy), clinic.nancy(nancy)):
        assert somebody("POST", "/Provenance", login).status in (403, 405)


@pytest.mark.checklist(21)
def test_a_task_of_a_category_that_is_closed_to_somebody_is_neither_seen_nor_made(clinic, system, nancy, episode):
    """And `none` stands alone."""
    ids, team = (Reference.parse(nancy).id, Reference.parse(episode).id), Reference.parse(clinic.team).id
    opened, closed = "measurement-monitoring", "measuring-support"
    for restriction in (opened, closed):
        done(system("POST", "/Task", made.task(*ids, team=team, restriction=restriction)), 201)
    context = Context(clinic.organization, clinic.team, nancy, episode)
    rights = privileges_of(["clinicalViewer"]) | {"Task.create"}
    viewer = clinic.as_somebody(Principal(clinic.nurse, "PRACTITIONER", "Asta", rights, context))
    found = done(viewer("GET", f"/Task?episodeOfCare={quote(episode)}"))
    seen = {
        each["valueCodeableConcept"]["coding"][0]["code"]
        for entry in found["entry"]
        for each in entry["resource"]["extension"]
        if each["url"].endswith("restriction-category")
    }
    assert seen == {opened}
    refused = viewer("POST", "/Task", made.task(*ids, team=team, restriction=closed))
    assert told(refused)[0][0] == "TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT"
    none = {"url": ehealth.RESTRICTION_CATEGORY, "valueCodeableConcept": coded(RESTRICTIONS, "none")}
    mixed = viewer("POST", "/Task", made.task(*ids, team=team, extensions=(none,)))
    assert told(mixed)[0][0] == "TASK_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED"
