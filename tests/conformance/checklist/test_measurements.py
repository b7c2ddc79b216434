"""What has come in: found as it was sent in, and invalid when somebody says so (items 23 and 24)."""

from datetime import timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.parameters import parameters
from tests.conformance.checklist.saying import done, named, now, path_of, period, to, told
from tests.conformance.test_course_of_care import validity

INVALID, TAKEN_BACK = "measurement-invalidated", "measurement-invalidation-retracted"
FULFILS, FULFILS_NOT = "invalidated-fulfills", "invalidated-is-not-fulfillment"
BY_COUNT = "/$search-measurements-bundle-limit"
LONG_AGO = "2016-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def asked(town, course):
    return course.asked(town.plan(), occurrencePeriod={"start": period()["start"]})


def says(course, response, finding, decision=None, version="1"):
    return validity(course.patient, course.episode, response, finding, decision, version)


def set_validity(course, *said, by=None):
    return (by or course.asta)("POST", "/ClinicalImpression/$set-measurement-validity", says(course, *said))


def status_of(course, url):
    return done(course.asta("GET", path_of(url)))["status"]


@pytest.mark.checklist(23)
@pytest.mark.parametrize("decision", [FULFILS, FULFILS_NOT])
def test_a_measurement_is_invalidated_and_that_is_taken_back(town, course, asked, decision):
    response = asked.submitted()
    first = done(set_validity(course, response, INVALID, decision))
    assert (first["status"], first["assessor"]) == ("completed", to(town.users["asta"]))
    assert status_of(course, response) == "entered-in-error"

    second = done(set_validity(course, response, TAKEN_BACK, None, "2"))
    assert status_of(course, response) == "completed"
    earlier = done(course.asta("GET", path_of(first)))
    assert (earlier["status"], second["status"]) == ("entered-in-error", "completed")


@pytest.mark.checklist(23)
def test_invalidity_says_whether_the_citizen_is_asked_again(course, asked):
    response = asked.submitted()
    assert told(set_validity(course, response, INVALID))
    assert status_of(course, response) == "completed"


@pytest.mark.checklist(23)
def test_what_is_invalid_becomes_so_once_and_what_is_not_cannot_be_taken_back(course, asked):
    response = asked.submitted()
    assert told(set_validity(course, response, TAKEN_BACK)) == ["TASK_MEASUREMENT_VALIDITY_MISSING_PREVIOUS"]
    done(set_validity(course, response, INVALID, FULFILS_NOT))
    assert told(set_validity(course, response, INVALID, FULFILS_NOT, "2")) == [
        "TASK_MEASUREMENT_VALIDITY_INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION"
    ]


@pytest.mark.checklist(23)
def test_validity_is_said_by_its_operation_alone(course, asked):
    response = asked.submitted()
    whole = says(course, response, INVALID, FULFILS_NOT)
    assert told(course.asta("POST", "/ClinicalImpression", whole)) == ["KPRO_MEASUREMENT_VALIDITY_BY_OPERATION"]
    as_another = whole["code"] | {"coding": [{**whole["code"]["coding"][0], "code": "MeasurementAssessment"}]}
    assert told(course.asta("POST", "/ClinicalImpression", whole | {"code": as_another})) == [
        "CLINICAL_IMPRESSION_VALIDATION_STATE_FINDING_CODE_NOT_ALLOWED",
        "KPRO_MEASUREMENT_VALIDITY_BY_OPERATION",
    ]
    assert status_of(course, response) == "completed"


@pytest.mark.checklist(23)
def test_neither_a_citizen_nor_another_team_says_what_is_invalid(town, course, asked):
    response = asked.submitted()
    for client in (course.herself, town.bo(**course.context), town.kim(**course.context)):
        assert set_validity(course, response, INVALID, FULFILS_NOT, by=client).status == 403
    assert status_of(course, response) == "completed"


# --- Found as it was sent in


def limits(count=10, **ends):
    said = [{"name": name, "valueDateTime": at} for name, at in ends.items()]
    return [*said, {"name": "count", "valueInteger": count}]


@pytest.fixture(scope="module")
def sent(town):
    """Three submissions of one course of care, the second with two responses; the last is about the day before."""
    course = town.opens(town.citizen())
    asked = course.asked(town.plan(), occurrencePeriod={"start": period()["start"]})
    yesterday = asked.response(authored=to_datetime(now() + timedelta(minutes=3)))
    when = {"start": to_datetime(now() - timedelta(days=1)), "end": to_datetime(now() - timedelta(hours=23))}
    yesterday["extension"].append({"url": ehealth.EFFECTIVE_PERIOD, "valuePeriod": when})
    alone, one, other = (asked.response(authored=to_datetime(now() + timedelta(minutes=each))) for each in range(3))
    submissions = [(alone,), (one, other), (yesterday,)]
    urls = [[entry["fullUrl"] for entry in done(course.submits(*each))["entry"]] for each in submissions]
    return course, urls


def found_by(client, *asked):
    """Give the URLs of the measurements of each nested Bundle, in order."""
    answer = done(client("POST", BY_COUNT, parameters(*asked)))
    assert answer["type"] == "collection"
    nested = list(resources(answer, "Bundle"))
    assert {each["type"] for each in nested} <= {"collection"}
    return [
        [entry["fullUrl"] for entry in each["entry"] if entry["resource"]["resourceType"] == "QuestionnaireResponse"]
        for each in nested
    ]


@pytest.mark.checklist(24)
@pytest.mark.parametrize("count", [0, 101, -1])
def test_from_one_to_a_hundred_are_asked_for(sent, count):
    course, _ = sent
    asked = parameters(named("episodeOfCare", course.episode), *limits(count, start=LONG_AGO))
    refused = course.asta("POST", BY_COUNT, asked)
    assert (refused.status, refused.json["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.checklist(24)
@pytest.mark.parametrize("ends", [{"start": LONG_AGO, "end": LONG_AGO}, {}], ids=["both", "neither"])
def test_one_asks_from_a_moment_on_or_back_from_one(sent, ends):
    course, _ = sent
    asked = parameters(named("episodeOfCare", course.episode), *limits(**ends))
    assert course.asta("POST", BY_COUNT, asked).status == 400


@pytest.mark.checklist(24)
def test_one_says_whose_or_of_what(sent):
    course, _ = sent
    assert course.asta("POST", BY_COUNT, parameters(*limits(start=LONG_AGO))).status == 400


@pytest.mark.checklist(24)
def test_what_was_sent_in_together_is_found_together_in_order_of_when_it_is_about(sent):
    course, (alone, both, yesterday) = sent
    for client in (course.asta, course.herself):
        for whose in (named("episodeOfCare", course.episode), named("patient", course.patient)):
            oldest_first = found_by(client, whose, *limits(start=LONG_AGO))
            assert [set(each) for each in oldest_first] == [set(yesterday), set(alone), set(both)]
            later = to_datetime(now() + timedelta(days=1))
            newest_first = found_by(client, whose, *limits(end=later))
            assert [set(each) for each in newest_first] == [set(both), set(alone), set(yesterday)]


@pytest.mark.checklist(24)
def test_no_more_are_found_than_are_asked_for(sent):
    course, (alone, both, yesterday) = sent
    whose, later = named("episodeOfCare", course.episode), to_datetime(now() + timedelta(days=1))
    assert found_by(course.asta, whose, *limits(2, start=LONG_AGO)) == [yesterday, alone]
    [newest] = found_by(course.asta, whose, *limits(1, end=later))
    assert set(newest) == set(both)


@pytest.mark.checklist(24)
def test_each_submission_comes_with_what_says_that_it_is_one(sent):
    course, (_, both, _) = sent
    asked = parameters(named("episodeOfCare", course.episode), *limits(start=LONG_AGO))
    nested = list(resources(done(course.asta("POST", BY_COUNT, asked)), "Bundle"))
    told_of = [[*resources(each, "Provenance")] for each in nested]
    assert [len(each) for each in told_of] == [1, 1, 1]
    [provenance] = told_of[2]
    assert {each["reference"].partition("/_history")[0] for each in provenance["target"]} == set(both)


@pytest.mark.checklist(24)
def test_another_team_finds_none_of_it(town, sent):
    course, _ = sent
    asked = parameters(named("episodeOfCare", course.episode), *limits(start=LONG_AGO))
    assert "entry" not in done(town.bo()("POST", BY_COUNT, asked))
    assert town.bo(**course.context)("POST", BY_COUNT, asked).status == 403
