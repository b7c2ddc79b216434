"""What an answer is found to say, who is to look, and who sees the light (items 17 to 19).

The record is made at once: nothing has to be waited for between an answer and what it is found to say.
"""

from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.extension import extension, extension_value, extensions
from tests import resources as made
from tests.conformance.checklist.saying import answer, coded, done, id_of, path_of, period, to, told
from tests.spec.forms import rule

RULES = ("red >= 7", "yellow >= 4 and < 7", "green < 4")
FINDINGS = ehealth.CLINICALIMPRESSION_FINDING_CODES


@pytest.fixture(scope="module")
def asks(town, course):
    """Give what asks for a number, and whether there is something to talk about, by the rules of both."""

    def ask(*rules, talk=()):
        pain = {"linkId": "smerte", "text": "Hvor ondt har du?", "type": "integer"}
        subject = {"linkId": "tale", "text": "Hvad vil du tale om?", "type": "string"}
        pain |= {"extension": [rule("integer", each) for each in rules]} if rules else {}
        subject |= {"extension": [rule("string", each) for each in talk]} if talk else {}
        return course.asked(town.plan(item=[pain, subject]), occurrencePeriod={"start": period()["start"]})

    return ask


@pytest.fixture(scope="module")
def asked(asks):
    return asks(*RULES, talk=("yellow exists yes",))


def hurts(number):
    return answer("smerte", valueInteger=number)


TALKS = answer("tale", valueString="Min søvn")


def lights_of(client, course, response):
    """Find what a response was found to say."""
    query = f"/ClinicalImpression?subject={quote(course.patient)}&episodeOfCare={quote(course.episode)}"
    found = resources(done(client("GET", f"{query}&investigation={quote(response)}")), "ClinicalImpression")
    return [each for each in found if code_of(each["code"]) == "TriagingResult"]


def tasks_about(course, url):
    query = f"/Task?episodeOfCare={quote(course.episode)}&focus={quote(url)}"
    return list(resources(done(course.asta("GET", query)), "Task"))


def code_of(concept):
    return concept["coding"][0]["code"]


def findings(impression):
    return [code_of(each["itemCodeableConcept"]) for each in impression["finding"]]


@pytest.mark.checklist(17)
@pytest.mark.parametrize(
    ("items", "light", "priority", "reasons"),
    [
        ([hurts(7)], "red", "asap", {"smerte": "red-question-answer"}),
        ([hurts(10), TALKS], "red", "asap", {"smerte": "red-question-answer", "tale": "yellow-question-answer"}),
        ([hurts(6)], "yellow", "urgent", {"smerte": "yellow-question-answer"}),
        ([hurts(4)], "yellow", "urgent", {"smerte": "yellow-question-answer"}),
        ([hurts(3), TALKS], "yellow", "urgent", {"smerte": "green-question-answer", "tale": "yellow-question-answer"}),
    ],
    ids=["at the bound", "and something to talk about", "below the bound", "the other bound", "answered at all"],
)
def test_an_answer_is_found_to_be_what_its_rules_say_and_why(course, asked, items, light, priority, reasons):
    response = asked.submitted(*items)
    [impression] = lights_of(course.asta, course, response)
    assert light in findings(impression)
    basis = extensions(impression, ehealth.FINDING_BASIS)
    found = {extension_value(each, "linkId"): code_of(extension_value(each, "finding")) for each in basis}
    assert found == reasons
    [task] = tasks_about(course, f"{course.town.base}{path_of(impression)}")
    assert code_of(extension_value(task, ehealth.TASK_CATEGORY)) == "MeasurementForAssessment"
    assert (task["priority"], task["for"], task["status"]) == (priority, to(course.patient), "requested")
    assert {each["valueReference"]["reference"] for each in extensions(task, ehealth.TASK_RESPONSIBLE)} == {
        course.town.team
    }


@pytest.mark.checklist(17)
def test_all_that_is_asked_and_nothing_wrong_is_green(course, asks):
    asked = asks(*RULES)
    [impression] = lights_of(course.asta, course, asked.submitted(hurts(0)))
    assert "green" in findings(impression)
    [task] = tasks_about(course, f"{course.town.base}{path_of(impression)}")
    assert task["priority"] == "routine"


@pytest.mark.checklist(17)
def test_the_light_names_what_it_looked_at_and_the_rule_that_gave_it(course, asked):
    response = asked.submitted(hurts(8))
    [impression] = lights_of(course.asta, course, response)
    assert impression["status"] == "completed"
    assert impression["subject"] == to(course.patient)
    assert extension_value(impression, ehealth.WORKFLOW_EPISODE_OF_CARE) == to(course.episode)
    assert extension_value(impression, ehealth.CLINICALIMPRESSION_CAREPLAN) == to(asked.care_plan)
    [investigation] = impression["investigation"]
    assert {each["reference"] for each in investigation["item"]} == {response, f"{response}/_history/1"}
    [basis] = extensions(impression, ehealth.FINDING_BASIS)
    assert extension(basis, "value")["valueInteger"] == 8
    kept = extension(basis, ehealth.ANSWER_SIGNIFICANCE)
    assert kept == extension({"extension": [rule("integer", RULES[0])]}, ehealth.ANSWER_SIGNIFICANCE)


@pytest.mark.checklist(17)
def test_an_answer_without_a_rule_that_is_met_is_not_green(course, asks):
    asked = asks("red >= 7")
    [impression] = lights_of(course.asta, course, asked.submitted(hurts(2)))
    assert "no-effective-answer-significance" in findings(impression)
    assert not {"green", "yellow", "red"}.intersection(findings(impression))


@pytest.mark.checklist(17)
def test_where_there_is_no_rule_somebody_is_asked_to_look_all_the_same(course, asks):
    response = asks().submitted(hurts(2))
    about = [
        response,
        *(f"{course.town.base}{path_of(each)}" for each in lights_of(course.asta, course, response)),
    ]
    [task] = [task for url in about for task in tasks_about(course, url)]
    assert code_of(extension_value(task, ehealth.TASK_CATEGORY)) == "MeasurementForAssessmentNotTriaged"
    assert task["priority"] == "routine"


@pytest.mark.checklist(18)
def test_a_citizen_sees_the_light_when_it_is_agreed_that_they_may(town):
    course = town.opens(town.citizen())
    pain = {
        "linkId": "smerte",
        "text": "Hvor ondt har du?",
        "type": "integer",
        "extension": [rule("integer", "red >= 7")],
    }
    response = course.asked(town.plan(item=[pain])).submitted(hurts(9))
    [light] = lights_of(course.asta, course, response)
    herself, path = course.herself, path_of(light)

    assert (lights_of(herself, course, response), herself("GET", path).status) == ([], 404)
    agreed = done(course.asta("POST", "/Consent", made.triage_consent(*course.keys)), 201)
    assert lights_of(herself, course, response) == [light]
    assert done(herself("GET", path)) == light
    done(course.asta("PUT", path_of(agreed), agreed | {"status": "inactive"}))
    assert (lights_of(herself, course, response), herself("GET", path).status) == ([], 404)


@pytest.mark.checklist(18)
def test_a_consent_in_another_course_of_care_shows_nothing_of_this_one(town):
    patient = town.citizen()
    course, other = town.opens(patient), town.opens(patient)
    response = course.asked(town.plan()).submitted()
    done(other.asta("POST", "/Consent", made.triage_consent(*other.keys)), 201)
    assert lights_of(course.asta, course, response)
    assert lights_of(course.herself, course, response) == []


@pytest.mark.checklist(18)
def test_a_citizen_does_not_agree_with_themselves(town, course):
    rights = frozenset({"Consent.create", "Consent.update"})
    herself = town.herself(course.patient, more=rights, episode_of_care=course.episode)
    consent = made.triage_consent(*course.keys)
    assert told(herself("POST", "/Consent", consent), 403) == ["SECURITY_TOKEN_INSUFFICIENT_PERMISSION"]
    stored = done(course.asta("POST", "/Consent", consent | {"status": "inactive"}), 201)
    assert herself("PUT", path_of(stored), stored | {"status": "active"}).status == 403


# --- Views that a citizen is shown


def approval(course, response, view, **changes):
    """Say that a citizen may be shown a response as a View shows it."""
    decided = coded(ehealth.CLINICALIMPRESSION_DECISION_CODES, "citizen-view-approved")
    return {
        "resourceType": "ClinicalImpression",
        "extension": [
            {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": to(course.episode)},
            {"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": decided},
        ],
        "status": "completed",
        "code": coded(ehealth.CLINICALIMPRESSION_CODES, "approved-view"),
        "subject": to(course.patient),
        "investigation": [
            {
                "extension": [{"url": ehealth.VIEW_INVESTIGATION_ITEM, "valueReference": to(view)}],
                "code": coded(ehealth.CLINICALIMPRESSION_INVESTIGATION_ITEM_CODES, "item-for-investigation"),
                "item": [to(f"{response}/_history/1"), to(response)],
            }
        ],
    } | changes


@pytest.fixture(scope="module")
def view(town):
    """A View of the team's own organisation, of no questionnaire in particular; gives its URL."""
    draft = made.basic({}, owner=id_of(town.organization))
    draft["contained"][0] |= {"contentType": "application/json", "data": "e30="}
    return f"{town.base}/Basic/{done(town.lis()('POST', '/Basic', draft), 201)['id']}"


def views_of(client, course, response):
    """Find the Views that somebody may be shown of a response."""
    query = f"/ClinicalImpression?subject={quote(course.patient)}&episodeOfCare={quote(course.episode)}"
    found = resources(done(client("GET", f"{query}&investigation={quote(response)}")), "ClinicalImpression")
    return [
        extension_value(each["investigation"][0], ehealth.VIEW_INVESTIGATION_ITEM)["reference"]
        for each in found
        if code_of(each["code"]) == "approved-view"
    ]


@pytest.mark.checklist(19)
def test_a_view_that_is_approved_is_the_citizens_for_that_answer_alone(town, course, asked, view):
    shown, other = asked.submitted(hurts(5)), asked.submitted(hurts(6))
    stored = done(course.asta("POST", "/ClinicalImpression", approval(course, shown, view)), 201)
    assert views_of(course.herself, course, shown) == [view]
    assert views_of(course.herself, course, other) == []
    assert done(course.herself("GET", path_of(view)))["resourceType"] == "Basic"
    stranger = town.herself(town.citizen())
    assert stranger("GET", path_of(stored)).status == 404


@pytest.mark.checklist(19)
def test_a_citizen_does_not_approve_a_view_for_themselves(town, course, asked, view):
    response = asked.submitted(hurts(5))
    herself = course.herself
    assert herself("POST", "/ClinicalImpression", approval(course, response, view)).status == 403
    assert views_of(course.asta, course, response) == []


@pytest.mark.checklist(19)
def test_what_is_shown_is_an_answer_in_the_version_that_was_looked_at(course, asked, view):
    said = approval(course, asked.submitted(hurts(5)), view)
    said["investigation"][0]["item"].pop(0)
    assert told(course.asta("POST", "/ClinicalImpression", said)) == [
        "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
    ]
