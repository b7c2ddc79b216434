"""What the profiles of FUT ask of Tasks, assessments, plans, organisations and people, seen at the door.

Each rule is tried in every way below the door (tests/unit/fut); here it is seen that it holds there: with FUT's code,
at its place, and nothing stored. Source: `fut.md` sections 1 and 2.
"""

from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from tests import resources as made
from tests.conformance.test_course_of_care import answer_of, asked, asks, clinic, done, episode, nancy, plan, publish
from tests.people import ASTA

__all__ = ["asked", "asks", "clinic", "episode", "nancy", "plan", "publish"]

FORM = "GENERAL_VALIDATION_ERROR"
HL7 = "http://terminology.hl7.org/CodeSystem"


@pytest.fixture
def asta(clinic, nancy, episode):
    return clinic.asta(patient=nancy, episode_of_care=episode)


def told(answer, status=422):
    assert answer.status == status, answer.body
    return [(each["details"]["coding"][0]["code"], each.get("expression", [""])[0]) for each in answer.json["issue"]]


def key(url):
    return Reference.parse(url).id


def coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


def slot(type, **ends):
    parts = [{"url": name, "valueDateTime": each} for name, each in ends.items()]
    parts += [{"url": "serviceRequestVersionId", "valueId": "1"}]
    parts += [{"url": "type", "valueCodeableConcept": coded(ehealth.RESOLVED_TIMING_TYPE, type)}]
    return {"url": ehealth.RESOLVED_TIMING, "extension": parts}


@pytest.mark.parametrize(
    "timing",
    [
        slot("Resolved", start="2026-11-20T08:00:00Z"),
        slot("Resolved", start="2026-11-20T08:00:00Z", end="2026-11-20T07:00:00Z"),
        slot("Adhoc", start="2026-11-20T08:00:00Z", end="2026-11-20T09:00:00Z"),
    ],
    ids=["without an end", "backwards", "of no slot"],
)
def test_a_task_about_a_time_says_a_whole_slot_or_none(clinic, asta, nancy, episode, timing):
    about = made.task(key(nancy), key(episode), team=key(clinic.team), extensions=(timing,))
    assert told(asta("POST", "/Task", about)) == [("GENERAL_TIMING_VALIDATION_ERROR", "Task.extension")]
    whole = slot("Resolved", start="2026-11-20T08:00:00Z", end="2026-11-20T09:00:00Z")
    done(asta("POST", "/Task", made.task(key(nancy), key(episode), team=key(clinic.team), extensions=(whole,))), 201)
    assert done(asta("GET", f"/Task?episodeOfCare={quote(episode)}"))["total"] == 1


def assessment(nancy, episode, answer, *decisions, plan=None):
    """What a professional makes of an answer."""
    found = made.clinical_impression(key(nancy), key(episode))
    found["code"] = coded(ehealth.CLINICALIMPRESSION_CODES, "MeasurementAssessment")
    for each in decisions:
        said = coded(ehealth.CLINICALIMPRESSION_DECISION_CODES, each)
        found["extension"].append({"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": said})
    if plan:
        found["extension"].append({"url": ehealth.CLINICALIMPRESSION_CAREPLAN, "valueReference": {"reference": plan}})
    code = coded(ehealth.CLINICALIMPRESSION_INVESTIGATION_ITEM_CODES, "item-for-investigation")
    items = [{"reference": f"{answer}/_history/1"}, {"reference": answer}]
    return found | {"investigation": [{"code": code, "item": items}]}


@pytest.fixture
def answered(clinic, nancy, episode, asked):
    """What Nancy has answered."""
    herself = clinic.nancy(nancy, episode_of_care=episode)
    request = done(herself("GET", f"/{Reference.parse(asked).key}"))
    [entry] = answer_of(herself, nancy, episode, request)["entry"]
    return entry["fullUrl"]


def test_an_assessment_is_of_what_is_here_and_of_this_course_of_care(clinic, asta, nancy, episode, answered):
    nothing = ("GENERAL_RESOURCE_NOT_FOUND", "ClinicalImpression.investigation.item")
    for id in ("nowhere", "01a21996-60e3-72d1-9631-15550b3e053e"):
        missing = assessment(nancy, episode, f"{clinic.base}/QuestionnaireResponse/{id}")
        assert told(asta("POST", "/ClinicalImpression", missing)) == [nothing]
    elsewhere = assessment(nancy, episode, answered, plan=f"{clinic.base}/CarePlan/nowhere")
    no_plan = ("CAREPLAN_NOT_FOUND", "ClinicalImpression.extension")
    assert told(asta("POST", "/ClinicalImpression", elsewhere)) == [no_plan]
    stored = done(asta("POST", "/ClinicalImpression", assessment(nancy, episode, answered)), 201)
    query = f"/CarePlan?episodeOfCare={quote(episode)}&care-team={quote(clinic.team)}"
    [entry] = done(asta("GET", query))["entry"]
    assert extension_value(stored, ehealth.CLINICALIMPRESSION_CAREPLAN) == {"reference": entry["fullUrl"]}


def test_sharing_is_approved_for_the_organisation_of_the_token(clinic, asta, nancy, episode, answered):
    claimed = assessment(nancy, episode, answered, "approved", "approved-for-sharing")
    theirs = {"reference": f"{clinic.base}/Organization/somebody-elses"}
    approver = ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION
    claimed["extension"].append({"url": approver, "valueReference": theirs})
    stored = done(asta("POST", "/ClinicalImpression", claimed), 201)
    assert extension_value(stored, approver) == {"reference": clinic.organization}


def test_a_view_is_approved_for_an_answer_and_only_by_an_approval(asta, nancy, episode, answered):
    wrong = assessment(nancy, episode, answered, "citizen-view-approved")
    assert told(asta("POST", "/ClinicalImpression", wrong)) == [(FORM, "ClinicalImpression.code")]
    bare = wrong | {"code": coded(ehealth.CLINICALIMPRESSION_CODES, "approved-view")}
    assert told(asta("POST", "/ClinicalImpression", bare)) == [(FORM, "ClinicalImpression.investigation.extension")]


def test_a_sub_plan_stays_in_its_plan(system, nancy, episode, asked, clinic):
    query = f"/CarePlan?episodeOfCare={quote(episode)}&care-team={quote(clinic.team)}"
    asta = clinic.asta(patient=nancy, episode_of_care=episode)
    [whole] = done(asta("GET", query))["entry"]
    part = made.care_plan(key(nancy), key(episode), partOf=[{"reference": whole["fullUrl"]}])
    part["addresses"] = whole["resource"]["addresses"]
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": part, "request": {"method": "POST", "url": "CarePlan"}}],
    }
    [entry] = done(system("POST", "/", bundle))["entry"]
    path = "/" + entry["response"]["location"].partition("/fhir/")[2].partition("/_history")[0]
    stored = done(system("GET", path))
    alone = {name: each for name, each in stored.items() if name != "partOf"}
    assert told(system("PUT", path, alone)) == [("KPRO_CAREPLAN_PART_OF", "CarePlan.partOf")]
    assert done(system("GET", path)) == stored


@pytest.mark.parametrize(("code", "is_taken"), [("J1.1", True), ("F3", True), ("F99", False), ("G1.34", False)])
def test_a_diagnosis_of_fsiii_is_one_that_there_is(system, nancy, episode, code, is_taken):
    fsiii = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"
    answer = system("POST", "/Condition", made.condition(key(nancy), key(episode)) | {"code": coded(fsiii, code)})
    if is_taken:
        done(answer, 201)
    else:
        assert told(answer) == [(FORM, "Condition.code")]


def test_how_an_organisation_is_reached_is_said_with_who_says_so(system):
    def reached(*without):
        said = {
            "telecomSystem": {"valueCodeableConcept": coded("http://hl7.org/fhir/contact-point-system", "phone")},
            "telecomValue": {"valueString": "20304050"},
            "telecomCustodian": {"valueCodeableConcept": coded(f"{ehealth.CS}contactpoint-custodian", "MAN")},
        }
        given = {name: each for name, each in said.items() if name not in without}
        extensions = [{"url": f"{ehealth.SD}ehealth-organization-{name}", **each} for name, each in given.items()]
        return made.organization() | {"contact": [{"telecom": [{"extension": extensions}]}]}

    done(system("POST", "/Organization", reached()), 201)
    place = "Organization.contact[0].telecom[0].extension"
    assert told(system("POST", "/Organization", reached("telecomCustodian"))) == [(FORM, place)]
    assert told(system("POST", "/Organization", reached("telecomSystem", "telecomValue"))) == [(FORM, place)] * 2


def test_a_protected_citizen_is_labelled_and_no_professional_takes_that_away(clinic, system, nancy, episode):
    path, patch = f"/Patient/{key(nancy)}", {"Content_Type": "application/json-patch+json"}
    protection = {"url": ehealth.NAME_AND_ADDRESS_PROTECTION, "valuePeriod": {"start": "2026-01-01"}}
    added = [{"op": "add", "path": "/extension", "value": [protection]}]
    stored = done(system("PATCH", path, added, **patch))
    assert stored["meta"]["security"] == [{"system": f"{HL7}/v3-Confidentiality", "code": "R"}]
    chosen = Context(clinic.organization, clinic.team, nancy, episode)
    rights = privileges_of(ASTA.roles) | {"Patient.patch"}
    asta = clinic.as_somebody(Principal(clinic.nurse, "PRACTITIONER", ASTA.name, rights, chosen))
    assert done(asta("GET", path))["meta"]["security"] == stored["meta"]["security"]
    removed = asta("PATCH", path, [{"op": "remove", "path": "/extension"}], **patch)
    assert told(removed) == [("KPRO_PATIENT_PROTECTION", "Patient.extension")]
