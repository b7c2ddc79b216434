"""What is written down of who saw and did what: one AuditEvent for each request and citizen (item 26)."""

from base64 import b64decode
from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources, transaction, update_entry
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.parameters import parameters
from tests.conformance.checklist.saying import JSON_PATCH, done, named, path_of, to
from tests.conformance.checklist.town import OPERATION, numbered

OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
PATIENT, RESOURCE, SEARCH = "1", "4", "24"


def entities(event, role):
    return [each for each in event["entity"] if each["role"] == {"system": OBJECT_ROLE, "code": role}]


def named_by(event, role):
    """Give what the entities of a role refer to, or are called."""
    found = [each.get("what", {}) for each in entities(event, role)]
    return [each.get("reference") or each.get("identifier", {}).get("value") for each in found]


def code_of(event):
    return event["subtype"][0]["code"]


@pytest.mark.checklist(26)
def test_each_interaction_leaves_one_event_that_says_who_what_and_of_whom(town, course, logged):
    asta, patient = course.asta, course.patient
    care_plan = course.applied(town.plan())
    [request] = course.requests_of(care_plan)
    agreed = course.agrees()
    plans = f"/CarePlan?episodeOfCare={quote(course.episode)}&care-team={quote(town.team)}"
    note = [{"op": "add", "path": "/type", "value": [{"text": "Hjemmebesøg"}]}]
    without_id = {name: each for name, each in agreed.items() if name not in ("id", "meta")}
    for action, subtype, type, sent in (
        ("R", "read", "EpisodeOfCare", ("GET", path_of(course.episode))),
        ("R", "vread", "EpisodeOfCare", ("GET", f"{path_of(course.episode)}/_history/1")),
        ("R", "search-type", "CarePlan", ("GET", plans)),
        ("C", "create", "Consent", ("POST", "/Consent", without_id)),
        ("U", "update", "ServiceRequest", ("PUT", path_of(request), {**request, "note": [{"text": "Ny tid"}]})),
        ("U", "patch", "EpisodeOfCare", ("PATCH", path_of(course.episode), note)),
    ):
        answer, [event] = logged(asta, *sent, **(JSON_PATCH if subtype == "patch" else {}))
        assert answer.status in (200, 201), answer.body
        assert (event["action"], code_of(event), event["outcome"], event["outcomeDesc"]) == (action, subtype, "0", type)
        assert named_by(event, PATIENT) == [patient]
        [agent] = event["agent"]
        assert (agent["requestor"], agent["who"]["identifier"]["value"]) == (True, town.users["asta"])
        assert extension_value(agent, ehealth.RESPONSIBLE_ORGANIZATION) == to(town.organization)
        assert all("/_history/" in url for url in named_by(event, RESOURCE))
        assert named_by(event, RESOURCE)


@pytest.mark.checklist(26)
def test_a_transaction_is_an_event_about_a_type(town, course, logged):
    care_plan = course.applied(town.plan())
    _, [event] = logged(course.asta, "POST", "/", transaction([update_entry(care_plan, if_match="1")]))
    assert (event["action"], code_of(event)) == ("E", "transaction")
    assert event["outcomeDesc"] in {url.split("/")[-4] for url in named_by(event, RESOURCE)}


@pytest.mark.checklist(26)
def test_an_operation_is_an_event_under_its_name(town, course, logged):
    plan = town.plan()
    for client, path, body in (
        (course.asta, f"{path_of(plan)}/$apply", parameters(named("episodeOfCare", course.episode))),
        (
            course.herself,
            f"{path_of(course.episode)}/$is-context-allowed",
            parameters(named("patient", course.patient)),
        ),
    ):
        answer, [event] = logged(client, "POST", path, body)
        assert answer.status == 200, answer.body
        assert event["action"] == "E"
        assert path.rpartition("$")[2] in str(event["subtype"])
        assert named_by(event, PATIENT) == [course.patient]


@pytest.mark.checklist(26)
def test_a_search_is_written_down_and_by_which_words(town, course, logged):
    _, [event] = logged(course.asta, "GET", f"/Consent?data={quote(course.episode)}")
    [searched] = entities(event, SEARCH)
    assert course.episode.encode() in b64decode(searched["query"])


@pytest.mark.checklist(26)
def test_who_is_shown_two_citizens_leaves_an_event_for_each(town, logged):
    courses = [town.opens(town.citizen()) for _ in "12"]
    answer, events = logged(town.asta(), "GET", f"/EpisodeOfCare?team={quote(town.team)}&_count=100")
    shown = {each["patient"]["reference"] for each in resources(done(answer), "EpisodeOfCare")}
    assert {each.patient for each in courses} <= shown
    assert sorted(url for event in events for url in named_by(event, PATIENT)) == sorted(shown)
    assert len(events) == len(shown)


@pytest.mark.checklist(26)
def test_who_is_refused_is_in_the_log_that_citizens_do_not_see(town, course, logged):
    answer, [event] = logged(town.bo(), "GET", path_of(course.episode))
    assert (answer.status, event["outcome"]) == (403, "4")
    assert [each["code"] for one in event["purposeOfEvent"] for each in one["coding"]] == ["INTERNAL_AUDIT_ONLY"]


@pytest.mark.checklist(26)
def test_no_number_of_a_citizen_is_in_the_log(town, logged):
    """Neither from a search by it, nor from an operation that takes it, nor where somebody puts it into an address."""
    number = numbered()["value"]
    name = {"resourceType": "Patient", "name": [{"family": "Berggren"}]}
    crn = {"name": "crn", "valueIdentifier": {"system": ehealth.CPR, "value": number}}
    asked = parameters(crn, {"name": "patient", "resource": name})
    answer, found = logged(town.asta(), "POST", "/Patient/$createPatient", asked)
    assert answer.status == 200, answer.body
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    words = f"identifier={quote(ehealth.CPR)}|{number}"
    for sent in (("POST", "/Patient/_search", words.encode()), ("GET", f"/Patient?{words}")):
        _, events = logged(town.asta(), *sent, **(form if sent[0] == "POST" else {}))
        found += events
    assert found
    for event in found:
        told = str(event) + "".join(b64decode(each["query"]).decode() for each in entities(event, SEARCH))
        assert number not in told


@pytest.mark.checklist(26)
def test_who_asks_wrongly_is_in_the_log_too(course, logged):
    wrong = parameters({"name": OPERATION, "resource": transaction([])})
    answer, events = logged(course.asta, "POST", "/$create-episode-of-care", wrong)
    assert answer.status in (400, 422), answer.body
    [event] = events
    assert (event["outcome"], event["agent"][0]["who"]["identifier"]["value"]) == ("4", course.town.users["asta"])
