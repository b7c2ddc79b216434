"""What is sent in: whole, of one citizen and course of care, on what was asked, or not at all (items 15 and 16)."""

from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction
from kommunalpro.fhir.datetime import to_datetime
from tests import resources as made
from tests.conformance.checklist.saying import answer, done, now, path_of, period, to, told
from tests.gateway.measuring import WEIGHT, concept, quality
from tests.gateway.test_reuse import QUOTATION, criteria

SUBMIT = "MEASUREMENT_SUBMITMEASUREMENT_"


@pytest.fixture(scope="module")
def asked(town, course):
    """She may answer when she likes, one question once and another up to three times."""
    once = {"linkId": "soevn", "text": "Sover du godt?", "type": "boolean", "required": True}
    many = {"linkId": "ondt", "text": "Hvor har du ondt?", "type": "string", "repeats": True}
    bounds = [{"url": ehealth.MIN_OCCURS, "valueInteger": 2}, {"url": ehealth.MAX_OCCURS, "valueInteger": 3}]
    plan = town.plan(item=[once, {**many, "extension": bounds}])
    return course.asked(plan, occurrencePeriod={"start": period()["start"]})


def slept():
    return answer("soevn", valueBoolean=True)


def hurts(*places):
    return {"linkId": "ondt", "answer": [{"valueString": each} for each in places]}


def whole(asked, **changes):
    return asked.response(slept(), hurts("ryg", "knæ"), **changes)


def responses_of(course):
    found = done(course.asta("GET", f"/QuestionnaireResponse?episodeOfCare={quote(course.episode)}"))
    return {each["id"]: each for each in resources(found, "QuestionnaireResponse")}


@pytest.fixture
def refusal(course):
    """Give FUT's codes of a submission that is refused, after seeing that nothing of it is there."""

    def send(*measurements, by=None):
        before = responses_of(course)
        codes = told(course.submits(*measurements, by=by))
        assert responses_of(course) == before
        return [each.removeprefix(SUBMIT) for each in codes]

    return send


@pytest.mark.checklist(15)
def test_what_comes_in_is_stored_and_that_it_came_in_together_is_told(course, asked):
    told_of = done(course.submits(whole(asked), whole(asked)))
    assert told_of["type"] == "transaction-response"
    assert [entry["response"]["status"][:3] for entry in told_of["entry"]] == ["201", "201"]
    urls = [entry["fullUrl"] for entry in told_of["entry"]]
    assert [f"{url}/_history/1" for url in urls] == [entry["response"]["location"] for entry in told_of["entry"]]
    for url in urls:
        stored = done(course.herself("GET", path_of(url)))
        assert (stored["status"], stored["subject"]) == ("completed", to(course.patient))
        assert stored["identifier"]["system"] == ehealth.EHEALTH_IDENTIFIER
        assert {each["code"] for each in stored["meta"]["tag"]} == {"kpro"}
        [provenance] = resources(done(course.asta("GET", f"/Provenance?target={quote(url)}")), "Provenance")
        assert provenance["policy"] == [ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT]
        assert {each["reference"].partition("/_history")[0] for each in provenance["target"]} == set(urls)


@pytest.mark.checklist(15)
def test_what_a_professional_sends_in_with_the_citizen_is_told_to_have_come_in_together_too(town, course, asked):
    sent = whole(asked, source=to(town.users["asta"]))
    [entry] = done(course.submits(sent, by=course.asta))["entry"]
    found = done(course.asta("GET", f"/Provenance?target={quote(entry['fullUrl'])}"))
    [provenance] = resources(found, "Provenance")
    assert provenance["agent"][0]["who"] == to(town.users["asta"])


@pytest.mark.checklist(15)
def test_what_is_sent_in_twice_is_there_once(course, asked):
    bundle = transaction([create_entry(whole(asked), f"urn:uuid:{uuid4()}")])
    first, again = (done(course.submits(bundle=bundle)) for _ in "12")
    assert first == again
    bundle["entry"][0]["resource"]["item"][0]["answer"] = [{"valueBoolean": False}]
    assert course.submits(bundle=bundle).status == 409


@pytest.mark.checklist(15)
def test_another_questionnaire_than_the_one_that_is_asked_is_not_answered(town, asked, refusal):
    other = town.publishes(town.questionnaire())
    assert refusal(whole(asked, questionnaire=other)) == ["INVALID_QUESTIONNAIRE_REFERENCE"]


@pytest.mark.checklist(15)
def test_what_is_no_longer_asked_is_not_answered(town, course, refusal):
    asked = course.asked(town.plan())
    done(course.asta("PUT", path_of(asked.request), asked.request | {"status": "revoked"}))
    assert refusal(asked.response()) == ["PROCEDURE_REQUEST_IS_NOT_ACTIVE"]


@pytest.mark.checklist(15)
def test_what_is_not_finished_is_not_sent_in(asked, refusal):
    assert refusal(whole(asked, status="in-progress")) == ["INVALID_STATUS"]


@pytest.mark.checklist(15)
@pytest.mark.parametrize(
    ("type", "ends"),
    [
        ("Resolved", ("start",)),
        ("Resolved", ("end",)),
        ("Resolved", ()),
        *((each, ("start",)) for each in ("Adhoc", "Extra", "Unresolved")),
    ],
)
def test_the_time_that_was_asked_for_is_whole_or_is_none(asked, refusal, type, ends):
    response = whole(asked)
    response["extension"][1] = asked.timing(type, **{name: each for name, each in period().items() if name in ends})
    assert refusal(response) == ["INVALID_RESOLVED_TIMING"]


@pytest.mark.checklist(15)
def test_what_was_answered_after_it_was_finished_is_not_taken_in(asked, refusal):
    """R4 itself has it so, before any rule of FUT is asked; it is told by FUT's code."""
    response = whole(asked)
    when = {"start": to_datetime(now()), "end": to_datetime(now() - timedelta(minutes=5))}
    response["extension"].append({"url": ehealth.EFFECTIVE_PERIOD, "valuePeriod": when})
    assert refusal(response) == ["QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_START_AFTER_END"]


@pytest.mark.checklist(15)
def test_answers_of_two_citizens_do_not_come_in_together(town, course, asked, refusal):
    other = whole(asked, subject=to(town.citizen()))
    assert refusal(whole(asked), other) == ["INPUT_FOR_DIFFERENT_PATIENTS"]


@pytest.mark.checklist(15)
def test_answers_of_two_courses_of_care_do_not_come_in_together(town, course, asked, refusal):
    other = whole(asked)
    other["extension"][0] = {**other["extension"][0], "valueReference": to(town.opens(course.patient).episode)}
    assert refusal(whole(asked), other) == ["INPUT_NOT_PART_OF_SAME_EPISODEOFCARE"]


@pytest.mark.checklist(15)
def test_the_citizen_is_the_one_of_the_course_of_care(town, course, asked, refusal):
    other = town.citizen()
    within = town.asta(patient=other, episode_of_care=course.episode)
    refused = course.submits(whole(asked, subject=to(other)), by=within)
    assert refused.status in (403, 422), refused.body
    assert refusal(whole(asked, subject=to(other))) == ["KPRO_SUBMIT_PATIENT"]


@pytest.mark.checklist(15)
@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([slept(), hurts("ryg")], "TOO_FEW_ANSWERS"),
        ([slept(), hurts("ryg", "knæ", "nakke", "fod")], "TOO_MANY_ANSWERS"),
        ([hurts("ryg", "knæ")], "TOO_FEW_ANSWERS"),
        ([{"linkId": "soevn", "answer": [{"valueBoolean": True}] * 2}, hurts("ryg", "knæ")], "TOO_MANY_ANSWERS"),
    ],
    ids=["one of two", "four of three", "none of one", "two of one"],
)
def test_a_question_is_answered_as_often_as_it_asks(asked, refusal, items, code):
    assert refusal(asked.response(*items)) == [code]


@pytest.mark.checklist(15)
def test_nothing_but_measurements_is_sent_in(course, asked, refusal):
    stranger = made.task(*course.keys)
    assert refusal(whole(asked), stranger) == ["INPUT_BUNDLE_CONTAINS_INVALID_RESOURCES"]


@pytest.mark.checklist(15)
def test_a_mark_of_another_solution_is_not_taken_in(asked, refusal):
    marked = {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": code} for code in ("xa",)]}
    assert refusal(whole(asked, meta=marked)) == ["SYSTEM_TAG_UNEXPECTED_TAG"]


@pytest.mark.checklist(15)
def test_a_mark_of_another_solution_beside_the_courses_own_is_not_taken_in(asked, refusal):
    marked = {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": code} for code in ("kpro", "xa")]}
    assert refusal(whole(asked, meta=marked)) == ["SYSTEM_TAG_UNEXPECTED_TAG"]


@pytest.mark.checklist(15)
def test_one_wrong_answer_keeps_the_others_out(asked, refusal):
    wrong = asked.response(answer("soevn", valueString="ja"), hurts("ryg", "knæ"), status="in-progress")
    assert set(refusal(whole(asked), wrong)) == {"INVALID_STATUS", "KPRO_SUBMIT_ANSWER"}


@pytest.mark.checklist(15)
def test_a_response_comes_in_by_the_operation_alone(course, asked):
    before = responses_of(course)
    assert 400 <= course.asta("POST", "/QuestionnaireResponse", whole(asked)).status < 500
    assert responses_of(course) == before


# --- Reuse of what was measured before


@pytest.fixture(scope="module")
def weighs(town, course):
    """Give what asks the citizen's weight, by what it says of reuse."""

    def ask(*extensions):
        activity = town.activity("x", *extensions, code=concept(WEIGHT))
        del activity["relatedArtifact"]
        plan = town.publishes(town.plan_of(town.publishes(activity)))
        return course.asked(plan, occurrencePeriod={"start": period()["start"]})

    return ask


def weight(asked, *qualities, ago=timedelta(0)):
    measured = made.observation(*asked.course.keys, code=concept(WEIGHT))
    measured["extension"] = [measured["extension"][0], asked.timing(), *qualities]
    return measured | {"basedOn": [to(asked.url)], "effectiveDateTime": to_datetime(BEFORE - ago)}


BEFORE = now()
SITTING, LYING = (quality("SQ", ehealth.SITUATION_QUALITY, code) for code in ("sitting", "lying-down"))


def reuses(asked, original, *qualities, ago=timedelta(0)):
    """Send a copy in, with what says of which measurement it is one."""
    copy = f"urn:uuid:{uuid4()}"
    quoted = {"role": "quotation", "what": to(original)}
    told_of = made.provenance(copy, entity=[quoted], agent=[{"who": to(asked.course.patient)}])
    told_of |= {
        "policy": [ehealth.POLICY_REUSE_CHOSEN_BY_CITIZEN],
        "activity": concept(QUOTATION),
        "target": [to(copy)],
    }
    entries = [create_entry(weight(asked, *qualities, ago=ago), copy), create_entry(told_of, f"urn:uuid:{uuid4()}")]
    return asked.course.submits(bundle=transaction(entries))


@pytest.fixture(scope="module")
def original(weighs, course):
    """What she has measured for another plan."""
    return done(course.submits(weight(weighs())))["entry"][0]["fullUrl"]


def codes(answer):
    return [each.removeprefix(SUBMIT) for each in told(answer)]


@pytest.mark.checklist(16)
def test_what_was_measured_before_counts_again_where_that_is_allowed(course, weighs, original):
    copied, provenance = done(reuses(weighs(criteria()), original))["entry"]
    stored = done(course.asta("GET", path_of(provenance["fullUrl"])))
    assert stored["target"] == [to(copied["fullUrl"])]
    assert stored["entity"][0]["what"] == to(original)
    assert done(course.asta("GET", path_of(copied["fullUrl"])))["valueQuantity"]["value"] == 97


@pytest.mark.checklist(16)
@pytest.mark.parametrize("said", [(), (criteria(allowed=False),)], ids=["nothing is said", "it is not allowed"])
def test_where_it_is_not_allowed_it_does_not(weighs, original, said):
    assert codes(reuses(weighs(*said), original)) == ["REUSE_NOT_ALLOWED"]


@pytest.mark.checklist(16)
def test_what_is_too_old_does_not(course, weighs):
    for ago, refused in ((timedelta(days=8), True), (timedelta(days=6), False)):
        old = done(course.submits(weight(weighs(), ago=ago)))["entry"][0]["fullUrl"]
        answer = reuses(weighs(criteria()), old, ago=ago)
        assert (codes(answer) == ["RESOURCE_TO_OLD_TO_BE_USED_FOR_REUSE"]) if refused else done(answer)


@pytest.mark.checklist(16)
@pytest.mark.parametrize(
    ("qualities", "code"),
    [((), "ASSOCIATED_QUALITY_NOT_PRESENT"), ((LYING,), "QUALITY_IS_NOT_SUBSUMED"), ((SITTING,), None)],
    ids=["not told", "another", "as asked for"],
)
def test_what_is_not_good_enough_does_not(weighs, original, qualities, code):
    asked = weighs(criteria(("situationQuality", ehealth.SITUATION_QUALITY, "sitting")))
    answer = reuses(asked, original, *qualities)
    assert codes(answer) == [code] if code else done(answer)


@pytest.mark.checklist(16)
def test_what_counts_again_already_is_not_used_once_more(weighs, original):
    copied, _ = done(reuses(weighs(criteria()), original))["entry"]
    assert codes(reuses(weighs(criteria()), copied["fullUrl"])) == ["INPUT_PROVENANCE_ENTITY_IS_REUSING"]


@pytest.mark.checklist(16)
def test_another_citizens_is_not_used(town, weighs):
    theirs = town.opens(town.citizen())
    activity = town.activity("x", code=concept(WEIGHT))
    del activity["relatedArtifact"]
    plan = town.publishes(town.plan_of(town.publishes(activity)))
    asked = theirs.asked(plan, occurrencePeriod={"start": period()["start"]})
    original = done(theirs.submits(weight(asked)))["entry"][0]["fullUrl"]
    assert codes(reuses(weighs(criteria()), original)) == ["INPUT_PROVENANCE_INVALID"], "it is not there, for her"
