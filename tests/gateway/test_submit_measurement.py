"""`$submit-measurement`: answers come in whole, once, from whom they belong to, on what was asked, or not at all."""

import copy
from uuid import uuid4

import pytest

from kommunalpro.care.publishing import publish_questionnaire
from kommunalpro.care.sending import Now, send
from kommunalpro.config.commands.questionnaire import complete
from kommunalpro.fhir.bundle import transaction
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver.server import Server
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Principal
from tests.gateway.answering import BAD, GOOD, LATER, answers, asked_of, bundle_of
from tests.gateway.looking import all_of, audit, refusal, rows
from tests.gateway.marks import LOOKED_UP, R4_FIRST
from tests.people import NANCY, TJOERN
from tests.spec.forms import rule
from tests.unit.care.world import MONDAY

OUTSIDERS = ("bo", "kim")
SUBMIT = "MEASUREMENT_SUBMITMEASUREMENT_"
RESPONSE = {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "QuestionnaireResponse"}}


def item(response, link_id):
    """Find an item of a response, wherever it stands."""
    found = list(response["item"])
    for each in found:
        if each["linkId"] == link_id:
            return each
        found += each.get("item", ())
    raise LookupError(link_id)


# --- What comes in


def test_it_is_stored_with_where_it_came_from_what_it_says_and_what_is_to_be_done(asked):
    before = rows()
    answer = asked.submit(bundle_of(asked.response(answers(BAD))))
    assert (answer["type"], [entry["response"]["status"] for entry in answer["entry"]]) == (
        "transaction-response",
        ["201"],
    )
    made = {type: count - before.get(type, 0) for type, count in rows().items()}
    assert {type: count for type, count in made.items() if count} == {
        "QuestionnaireResponse": 1,
        "Provenance": 1,
        "ClinicalImpression": 1,
        "Task": 1,
    }
    [response] = all_of(asked, "QuestionnaireResponse")
    assert answer["entry"][0]["response"]["location"].endswith(f"QuestionnaireResponse/{response['id']}/_history/1")
    assert response["identifier"]["value"].startswith("urn:uuid:")
    assert response["meta"]["tag"][0]["code"] == "kpro", "the course of care's system tag comes along"
    [provenance] = [each for each in all_of(asked, "Provenance") if "QuestionnaireResponse" in str(each["target"])]
    assert provenance["target"] == [
        {"reference": f"{asked.nancy.world.gateway.base_url}/QuestionnaireResponse/{response['id']}/_history/1"}
    ]
    assert provenance["agent"][0]["who"] == {"reference": asked.nancy.patient}


def test_the_answers_are_stored_to_the_letter(asked):
    sent = asked.response(answers(BAD))
    asked.submit(bundle_of(sent))
    [stored] = all_of(asked, "QuestionnaireResponse")
    assert stored["item"] == sent["item"]


def test_two_responses_come_in_together(asked):
    answer = asked.submit(bundle_of(asked.response(answers(BAD)), asked.response(answers(GOOD))))
    assert len(answer["entry"]) == 2
    [provenance] = [each for each in all_of(asked, "Provenance") if "QuestionnaireResponse" in str(each["target"])]
    assert len(provenance["target"]) == 2
    assert len(all_of(asked, "Task")) == 2


def test_staff_may_answer_with_the_citizen(asked):
    by = asked.nancy.world.asta.within(patient=asked.nancy.patient, episode_of_care=asked.nancy.episode)
    assert asked.submit(bundle_of(asked.response(answers(GOOD), source={"reference": by.user})), by=by)["entry"]


@LOOKED_UP
def test_it_is_one_event_in_the_log_about_the_citizen(asked):
    before = len(audit())
    asked.submit(bundle_of(asked.response(answers(BAD))))
    [event] = audit()[before:]
    assert event["subtype"][0]["display"] == "$submit-measurement"
    assert event["agent"][0]["who"]["identifier"]["value"] == asked.nancy.patient
    named = {each["what"]["reference"] for each in event["entity"] if each["role"]["code"] == "4"}
    types = {url.removeprefix(asked.nancy.world.gateway.base_url).split("/")[1] for url in named}
    assert types >= {"QuestionnaireResponse", "Provenance", "ClinicalImpression", "Task"}


# --- What the answers must be


def test_an_unknown_question_is_refused_in_its_place(asked):
    response = asked.response(answers(GOOD))
    item(response, "smerte")["item"].append({"linkId": "smerte-farve", "answer": [{"valueString": "blå"}]})
    [(code, expression, english)] = refusal(asked, response)
    assert code == "KPRO_SUBMIT_ANSWER"
    assert expression.startswith("Bundle.entry[0].resource.item[")
    assert english.startswith("unknown")


def test_an_answer_of_another_type_is_refused(asked):
    response = asked.response(answers(GOOD))
    item(response, "smerte-styrke")["answer"] = [{"valueString": "meget"}]
    [(code, _, english)] = refusal(asked, response)
    assert code == "KPRO_SUBMIT_ANSWER"
    assert "type" in english


@pytest.mark.parametrize("number", [-1, 11])
def test_a_number_beside_the_scale_is_refused(asked, number):
    response = asked.response(answers(GOOD))
    item(response, "soevn-kvalitet")["answer"] = [{"valueInteger": number}]
    assert [code for code, _, _ in refusal(asked, response)] == ["KPRO_SUBMIT_ANSWER"]


def test_an_answer_to_a_question_that_was_not_asked_is_refused(asked):
    response = asked.response(answers(GOOD) | {"smerte-styrke": [{"valueInteger": 0}]})
    item(response, "smerte")["item"].append({"linkId": "smerte-hverdag", "answer": [{"valueInteger": 3}]})
    assert [english.split(":")[0] for _, _, english in refusal(asked, response)] == ["disabled"]


def test_a_missing_answer_is_refused_and_it_is_told_which(asked):
    """It stands nowhere in the response, so that its place cannot tell."""
    given = answers(GOOD)
    del given["soevn-kvalitet"]
    [(_, _, english)] = refusal(asked, asked.response(given))
    assert english.startswith("required: linkId soevn-kvalitet: ")


def test_everything_that_is_wrong_is_told_at_once_in_danish_and_english(asked):
    response = asked.response(answers(GOOD), status="in-progress")
    item(response, "soevn-kvalitet")["answer"] = [{"valueInteger": 11}]
    item(response, "smerte-styrke")["answer"] = [{"valueString": "meget"}]
    item(response, "trivsel")["item"].append({"linkId": "x", "answer": [{"valueString": "x"}]})
    found = refusal(asked, response)
    assert len(found) == 4
    assert {code for code, _, _ in found} == {"MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS", "KPRO_SUBMIT_ANSWER"}


def test_one_wrong_response_keeps_the_other_out_too(asked):
    wrong = asked.response(answers(GOOD))
    item(wrong, "soevn-kvalitet")["answer"] = [{"valueInteger": 11}]
    [(_, expression, _)] = refusal(asked, asked.response(answers(GOOD)), wrong)
    assert expression.startswith("Bundle.entry[1].resource.item[")


def test_both_wrong_are_told_both(asked):
    wrong = asked.response(answers(GOOD))
    item(wrong, "soevn-kvalitet")["answer"] = [{"valueInteger": 11}]
    places = [expression.partition("]")[0] for _, expression, _ in refusal(asked, wrong, copy.deepcopy(wrong))]
    assert places == ["Bundle.entry[0", "Bundle.entry[1"]


# --- What was asked


def test_answers_to_another_questionnaire_than_the_one_that_was_sent_are_refused(asked):
    world = asked.nancy.world
    lis = world.staff["lis"].principal
    original = world.gateway.read(world.published.questionnaire, by=lis, now=LATER)
    other = {name: value for name, value in original.items() if name not in ("id", "meta", "identifier")}
    other["extension"] = [each for each in other["extension"] if "ehealth-base" not in each["url"]]
    created = world.gateway.create(other | {"version": "2"}, by=lis, now=LATER)
    url = f"{world.gateway.base_url}/Questionnaire/{created['id']}"
    found = refusal(asked, asked.response(answers(GOOD), questionnaire=url))
    assert [code for code, _, _ in found] == ["MEASUREMENT_SUBMITMEASUREMENT_INVALID_QUESTIONNAIRE_REFERENCE"]


def pain(*rules):
    extensions = [rule("integer", each) for each in rules]
    return {"linkId": "smerte", "type": "integer", "text": "Hvor ondt har du?", "extension": extensions}


@pytest.fixture
def sent_after_a_draft(nancy):
    """Pain, where a draft called everything green and asked for nothing else; what was sent does not."""
    gateway, by = nancy.world.gateway, nancy.world.asta
    asked = {"resourceType": "Questionnaire", "status": "draft", "title": "Smerte", "item": [pain("green >= 0")]}
    draft, _ = complete(asked, by.context.organization)
    first = gateway.create(draft, by=SYSTEM, now=MONDAY)
    mandatory = {"linkId": "tanker", "type": "boolean", "text": "Har du tanker om døden?", "required": True}
    changed = {**first, "item": [pain("red >= 7", "green < 7"), mandatory]}
    second = gateway.update(changed, if_match=first["meta"]["versionId"], by=SYSTEM, now=MONDAY)
    published = publish_questionnaire(gateway, second, by=SYSTEM, now=MONDAY)
    send(gateway, nancy.patient, nancy.episode, published.plan, Now(), by=by, now=MONDAY)
    return asked_of(nancy)


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("", "MEASUREMENT_SUBMITMEASUREMENT_TOO_FEW_ANSWERS"),
        ("/_history/3", "MEASUREMENT_SUBMITMEASUREMENT_TOO_FEW_ANSWERS"),
        ("/_history/1", "MEASUREMENT_SUBMITMEASUREMENT_INVALID_QUESTIONNAIRE_REFERENCE"),
        ("/_history/9", "MEASUREMENT_SUBMITMEASUREMENT_INVALID_QUESTIONNAIRE_REFERENCE"),
    ],
)
def test_answers_are_held_against_what_was_asked_and_not_against_a_draft_of_it(sent_after_a_draft, version, code):
    url = sent_after_a_draft.due.questionnaire.partition("/_history/")[0] + version
    items = [{"linkId": "smerte", "answer": [{"valueInteger": 10}]}]
    found = refusal(sent_after_a_draft, sent_after_a_draft.response({}, item=items, questionnaire=url))
    assert [said for said, _, _ in found] == [code]


@pytest.mark.parametrize("version", ["0", "9", "99999999999", "x", pytest.param("²", marks=R4_FIRST)])
def test_a_version_that_the_request_never_had_is_refused(asked, version):
    response = asked.response(answers(GOOD))
    response["extension"][1] = asked.timing(version=version)
    told = {code: english for code, _, english in refusal(asked, response)}
    said = told["MEASUREMENT_SUBMITMEASUREMENT_INVALID_RESOLVED_TIMING"]
    assert f"{version} is no version of the ServiceRequest" in said
    assert "start" not in said, "its times are right"


def test_answers_to_an_earlier_version_of_what_was_sent_still_come_in(asked):
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    request = gateway.read(url, by=SYSTEM, now=LATER)
    gateway.update(
        request | {"note": [{"text": "Ny tid"}]}, if_match=request["meta"]["versionId"], by=SYSTEM, now=LATER
    )
    assert asked.submit(bundle_of(asked.response(answers(GOOD))))["entry"]
    [stored] = all_of(asked, "QuestionnaireResponse")
    assert asked.due.service_request_version in str(stored["extension"][1])


def test_what_is_no_longer_asked_cannot_be_answered(asked):
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    request = gateway.read(url, by=SYSTEM, now=LATER)
    gateway.update(request | {"status": "revoked"}, if_match=request["meta"]["versionId"], by=SYSTEM, now=LATER)
    assert [code for code, _, _ in refusal(asked, asked.response(answers(GOOD)))] == [
        "MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE"
    ]


@pytest.mark.parametrize(
    "based_on",
    [
        pytest.param([], marks=R4_FIRST),
        [{"reference": "ServiceRequest/nowhere"}],
        [{"display": "x"}],
    ],
)
def test_what_was_never_asked_cannot_be_answered(asked, based_on):
    found = refusal(asked, asked.response(answers(GOOD), basedOn=based_on))
    assert [code for code, _, _ in found] == ["MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE"]


def test_a_plan_is_not_what_was_asked(asked):
    found = refusal(asked, asked.response(answers(GOOD), basedOn=[{"reference": "CarePlan/7"}]))
    not_active = "MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE"
    assert [code for code, _, _ in found] == ["GENERAL_VALIDATION_ERROR", not_active]


# --- Whose it is


@pytest.mark.parametrize("outsider", OUTSIDERS)
def test_another_team_cannot_send_in_her_answers(asked, outsider):
    by = asked.nancy.world.staff[outsider].principal
    within = by.within(patient=asked.nancy.patient, episode_of_care=asked.nancy.episode)
    assert refusal(asked, asked.response(answers(GOOD)), by=within, kind=NotFound)


def test_another_citizen_cannot_either(asked):
    tjoern = asked.nancy.world.enrol(TJOERN)
    own = tjoern.self.within(episode_of_care=tjoern.episode)
    assert [code for code, _, _ in refusal(asked, asked.response(answers(GOOD)), by=own)] == ["KPRO_SUBMIT_PATIENT"]
    hers = tjoern.self.within(episode_of_care=asked.nancy.episode)
    refusal(asked, asked.response(answers(GOOD)), by=hers, kind=NotFound)


def test_another_course_of_care_than_the_contexts_is_refused(asked):
    second = asked.nancy.world.enrol(NANCY)
    by = asked.by.within(episode_of_care=second.episode)
    assert [code for code, _, _ in refusal(asked, asked.response(answers(GOOD)), by=by)] == ["KPRO_SUBMIT_PATIENT"]


def test_without_a_course_of_care_in_the_context_nothing_is_taken_in(asked):
    found = refusal(asked, asked.response(answers(GOOD)), by=asked.nancy.self, kind=Forbidden)
    assert [code for code, _, _ in found] == ["SECURITY_TOKEN_CONTEXT_MISSING"]


def test_without_the_privilege_nothing_is_taken_in(asked):
    by = Principal(asked.by.user, "PATIENT", context=asked.by.context)
    found = refusal(asked, asked.response(answers(GOOD)), by=by, kind=Forbidden)
    assert [code for code, _, _ in found] == ["SECURITY_TOKEN_INSUFFICIENT_PERMISSION"]


def test_who_answered_is_the_citizen_or_somebody_who_is_here_and_may_speak_for_her(asked):
    tjoern, asta = asked.nancy.world.enrol(TJOERN), asked.nancy.world.asta
    with_her = asta.within(patient=asked.nancy.patient, episode_of_care=asked.nancy.episode)
    base = asked.nancy.world.gateway.base_url
    elsewhere = asked.nancy.patient.replace(base, "https://other.example/fhir")
    for by, source in (
        (asked.by, tjoern.patient),
        (asked.by, elsewhere),
        (asked.by, asta.user),
        (with_her, tjoern.patient),
        (with_her, f"{base}/Practitioner/nobody"),
        (with_her, f"{base}/RelatedPerson/nobody"),
    ):
        found = refusal(asked, asked.response(answers(GOOD), source={"reference": source}), by=by)
        assert [code for code, _, _ in found] == ["KPRO_SUBMIT_SOURCE"], source


@pytest.mark.parametrize("place", ["subject", "episode"])
def test_the_same_ids_on_another_server_are_somebody_else(asked, place):
    response = asked.response(answers(GOOD))
    base = asked.nancy.world.gateway.base_url
    if place == "subject":
        response["subject"] = {"reference": asked.nancy.patient.replace(base, "https://other.example/fhir")}
    else:
        foreign = asked.nancy.episode.replace(base, "https://other.example/fhir")
        response["extension"][0]["valueReference"] = {"reference": foreign}
    assert refusal(asked, response)


@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        ("subject", [f"{SUBMIT}INPUT_SHOULD_REFERENCE_PATIENT"]),
        ("episode", [f"{SUBMIT}INPUT_SHOULD_REFERENCE_EPISODEOFCARE"]),
        ("basedOn", ["GENERAL_VALIDATION_ERROR"]),
    ],
)
def test_of_what_it_does_not_say_it_is_told_once_and_nothing_else(asked, lacks, told):
    """That it is no longer asked is not known of what does not say what was asked."""
    response = asked.response(answers(GOOD))
    if lacks == "episode":
        response["extension"] = response["extension"][1:]
    else:
        del response[lacks]
    assert [code for code, _, _ in refusal(asked, response)] == told


@pytest.mark.parametrize("place", ["author", "item", "extension"])
def test_it_names_no_other_citizen(asked, place):
    tjoern = {"reference": asked.nancy.world.enrol(TJOERN).patient}
    response = asked.response(answers(GOOD))
    if place == "author":
        response["author"] = tjoern
    elif place == "item":
        response["item"][0]["extension"] = [{"url": "https://kommune.example/om", "valueReference": tjoern}]
    else:
        response["extension"].append({"url": "https://kommune.example/om", "valueReference": tjoern})
    [(code, told, _)] = refusal(asked, response)
    assert (code, told.startswith(f"Bundle.entry[0].resource.{place}")) == ("GENERAL_VALIDATION_ERROR", True)
    own = asked.response(answers(GOOD), author={"reference": asked.nancy.patient})
    assert asked.submit(bundle_of(own))["entry"]


def test_two_citizens_in_one_bundle_are_refused(asked):
    other = asked.response(answers(GOOD), subject={"reference": asked.nancy.world.enrol(TJOERN).patient})
    found = refusal(asked, asked.response(answers(GOOD)), other)
    assert [(code, expression) for code, expression, _ in found] == [
        ("MEASUREMENT_SUBMITMEASUREMENT_INPUT_FOR_DIFFERENT_PATIENTS", "Bundle.entry[1].resource.subject")
    ]


# --- How it is stored


@pytest.mark.embedded("it is about how the server itself writes")
def test_answers_that_set_nothing_else_off_are_written_in_one_statement(asked, monkeypatch):
    """And so is what they mean: begun anew in a transaction, a submission would take twice as long."""
    begun, session = [], Server.session

    def counted(server, principal, **how):
        begun.append(how.get("only_creates", False))
        return session(server, principal, **how)

    bundle = bundle_of(asked.response(answers(BAD)))
    monkeypatch.setattr(Server, "session", counted)
    asked.submit(bundle)
    assert begun == [True]


# --- What is no submission


@R4_FIRST
@pytest.mark.parametrize(
    ("bundle", "code"),
    [
        ({"resourceType": "Bundle", "type": "transaction"}, f"{SUBMIT}EMPTY_INPUT_BUNDLE"),
        ({"resourceType": "Bundle", "type": "batch", "entry": []}, "KPRO_SUBMIT_BUNDLE"),
        (transaction([{"fullUrl": "urn:uuid:1"}]), f"{SUBMIT}EMPTY_INPUT_BUNDLE"),
        (transaction([RESPONSE, {"fullUrl": "urn:uuid:2"}]), "KPRO_SUBMIT_BUNDLE"),
        (transaction([RESPONSE, RESPONSE]), "KPRO_SUBMIT_BUNDLE"),
        (transaction([RESPONSE | {"fullUrl": "x"}]), "KPRO_SUBMIT_BUNDLE"),
        (
            transaction([RESPONSE | {"resource": {"resourceType": "Patient"}}]),
            f"{SUBMIT}INPUT_BUNDLE_CONTAINS_INVALID_RESOURCES",
        ),
        ({"resourceType": "Patient"}, "KPRO_SUBMIT_BUNDLE"),
    ],
    ids=["empty", "batch", "no-resource", "one-without", "twice", "no-uuid", "patient", "no-bundle"],
)
def test_what_is_no_bundle_of_measurements_is_refused(asked, bundle, code):
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        asked.submit(bundle)
    assert [each.coding[1] for each in refused.value.issues] == [code]
    assert rows() == before


NOT_TO_CREATE = [
    {"method": "PUT", "url": "QuestionnaireResponse/1"},
    {"method": "DELETE", "url": "QuestionnaireResponse/1"},
    {"method": "POST", "url": "Patient"},
    {"method": "POST", "url": "QuestionnaireResponse", "ifNoneExist": "_id=1"},
]


@pytest.mark.parametrize("request_", NOT_TO_CREATE, ids=lambda each: " ".join(each.values()))
def test_who_means_something_else_than_to_send_it_in_is_told(asked, request_):
    """They would have two where they meant one."""
    bundle = bundle_of(asked.response(answers(GOOD)))
    bundle["entry"][0]["request"] = request_
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        asked.submit(bundle)
    assert [(each.coding[1], each.expression) for each in refused.value.issues] == [
        ("KPRO_BUNDLE_CREATES", "Bundle.entry[0].request")
    ]
    assert rows() == before


def test_a_word_instead_of_a_bundle_is_refused(asked):
    said = parameters({"name": "measurement", "valueString": "hej"})
    with pytest.raises(BadRequest, match="measurement"):
        asked.nancy.world.gateway.operation("$submit-measurement", said, by=asked.by, now=LATER)


def test_what_stands_for_an_entry_is_told_in_its_place_with_all_else_that_is_wrong(asked):
    whole = asked.response(answers(GOOD))
    stray = asked.response(answers(GOOD), author={"reference": f"urn:uuid:{uuid4()}"}, status="in-progress")
    told = refusal(asked, whole, stray)
    author, status = "Bundle.entry[1].resource.author.reference", "Bundle.entry[1].resource.status"
    assert [expression for _, expression, _ in told] == [author, status]
    for (_, _, said), expected in zip(
        told,
        (
            "No entry that writes something has this fullUrl",
            "A submitted measurement must be completed or final: in-progress",
        ),
        strict=True,
    ):
        assert said.endswith(expected), "over HTTP after what the service says itself"
