"""What the remote gateway does when a service is slow, busy or silent: it reads again, and writes once."""

from urllib.parse import parse_qs

import pytest

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import (
    FhirError,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
)
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Unanswered, expected
from kommunalpro.fut.operations import OPERATIONS
from kommunalpro.identity.fetching import HttpAnswer
from tests.resources import practitioner
from tests.unit.fut.wire import BUSY, FOUND, HERE, NOTHING, NOW, OUTCOME, SILENT, answered


@pytest.mark.parametrize("first", [BUSY, SILENT])
def test_a_read_is_asked_again(wired, first):
    with wired(first, first, answered(FOUND)) as (gateway, wire):
        assert gateway.read(f"{HERE}/Practitioner/7", by=SYSTEM, now=NOW) == FOUND
    assert {each.full_url for each in wire.sent} == {"https://organization.example.dk/fhir/Practitioner/7"}
    assert len(wire.sent) == 3


@pytest.mark.parametrize("always", [BUSY, SILENT])
def test_a_service_that_is_down_is_unavailable_and_not_asked_for_ever(wired, always):
    with wired(always) as (gateway, wire), pytest.raises(Unavailable):
        gateway.search("Practitioner", [("name", "Holm")], by=SYSTEM, now=NOW)
    assert len(wire.sent) == 3


@pytest.mark.parametrize("always", [BUSY, SILENT])
@pytest.mark.parametrize(
    "write",
    [
        lambda gateway: gateway.create(practitioner(), by=SYSTEM, now=NOW),
        lambda gateway: gateway.update(FOUND, if_match="3", by=SYSTEM, now=NOW),
        lambda gateway: gateway.patch("Practitioner/7", [], if_match=None, by=SYSTEM, now=NOW),
        lambda gateway: gateway.delete("Practitioner/7", by=SYSTEM, now=NOW),
        lambda gateway: gateway.transaction({"resourceType": "Bundle"}, by=SYSTEM, now=NOW),
        lambda gateway: gateway.operation("$create-episode-of-care", by=SYSTEM, now=NOW),
    ],
)
def test_a_write_is_sent_once(wired, write, always):
    with wired(always) as (gateway, wire), pytest.raises(Unanswered if always is SILENT else Unavailable):
        write(gateway)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [302, 400, 403, 404, 405, 408, 413, 500, 501, 502, 503, 504])
def test_what_somebody_on_the_way_says_of_a_write_leaves_it_in_doubt(wired, status):
    with wired(HttpAnswer(status, {}, b"<html>Request rejected</html>")) as (gateway, wire), pytest.raises(Unanswered):
        gateway.create(practitioner(), by=SYSTEM, now=NOW)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [400, 404, 410])
def test_that_it_is_not_there_only_the_service_can_say(wired, status):
    """A proxy whose address is wrong says so of everything; what is a citizen's would stand as gone."""
    with wired(HttpAnswer(status, {}, b"<html>Not here</html>")) as (gateway, _), pytest.raises(Unavailable):
        gateway.read("Practitioner/7", by=SYSTEM, now=NOW)
    with wired(answered(OUTCOME, status)) as (gateway, _), pytest.raises(FhirError) as wrong:
        gateway.read("Practitioner/7", by=SYSTEM, now=NOW)
    assert wrong.value.status == status


def test_a_service_that_broke_may_have_done_it_before_it_did(wired):
    with wired(answered(OUTCOME, 500)) as (gateway, wire), pytest.raises(Unanswered):
        gateway.create(practitioner(), by=SYSTEM, now=NOW)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 413, 422, 429, 501])
def test_what_the_service_itself_refuses_is_not_done(wired, status):
    with wired(answered(OUTCOME, status)) as (gateway, wire), pytest.raises(FhirError) as wrong:
        gateway.create(practitioner(), by=SYSTEM, now=NOW)
    assert not isinstance(wrong.value, Unanswered)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [401, 409, 412, 422, 429])
def test_what_only_the_service_can_mean_is_not_done_in_whatever_words(wired, status):
    with wired(HttpAnswer(status, {}, b"<html>No</html>")) as (gateway, _), pytest.raises(FhirError) as wrong:
        gateway.create(practitioner(), by=SYSTEM, now=NOW)
    assert not isinstance(wrong.value, Unanswered)


def test_what_a_busy_service_says_itself_leaves_nothing_in_doubt(wired):
    busy = answered(Unavailable("Prøv igen om lidt.").to_fhir(), 503)
    with wired(busy) as (gateway, _), pytest.raises(Unavailable) as wrong:
        gateway.create(practitioner(), by=SYSTEM, now=NOW)
    assert not isinstance(wrong.value, Unanswered)


def test_a_write_names_the_version_that_it_was_made_from(wired):
    with wired(answered(FOUND)) as (gateway, wire):
        gateway.update(FOUND, if_match="3", by=SYSTEM, now=NOW)
    assert wire.sent[0].get_header("If-match") == 'W/"3"'


@pytest.mark.parametrize("status", [409, 412])
@pytest.mark.parametrize("body", [b"", dumps(OUTCOME)])
@pytest.mark.parametrize(
    "change",
    [
        lambda gateway: gateway.update(FOUND, if_match="3", by=SYSTEM, now=NOW),
        lambda gateway: gateway.patch("Practitioner/7", [], if_match="3", by=SYSTEM, now=NOW),
        lambda gateway: gateway.transaction({"resourceType": "Bundle"}, by=SYSTEM, now=NOW),
    ],
)
def test_somebody_has_written_since_whichever_way_a_service_says_it(wired, change, body, status):
    with wired(HttpAnswer(status, {}, body)) as (gateway, _), pytest.raises(PreconditionFailed) as wrong:
        change(gateway)
    assert wrong.value.issues[0].text == "En anden har ændret det imens. Hent siden igen."


def test_a_token_that_is_not_taken_is_replaced_once(wired):
    with wired(answered({}, 401), answered(FOUND)) as (gateway, wire):
        gateway.create(practitioner(), by=SYSTEM, now=NOW)
    assert wire.refused == [None, "old"]
    assert [each.get_header("Authorization") for each in wire.sent] == ["Bearer old", "Bearer new"]
    with wired(answered({}, 401)) as (gateway, wire), pytest.raises(Unauthenticated):
        gateway.read("Practitioner/7", by=SYSTEM, now=NOW)
    assert len(wire.sent) == 2


def test_nothing_about_a_person_stands_in_the_address_of_a_search(wired):
    with wired(answered(NOTHING)) as (gateway, wire):
        gateway.search("Patient", [("identifier", "urn:oid:1.2.208.176.1.2|2512489996")], by=SYSTEM, now=NOW)
    [sent] = wire.sent
    assert (sent.method, sent.full_url) == ("POST", "https://patient.example.dk/fhir/Patient/_search")
    assert b"2512489996" in sent.data


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Log ind</html>",
        b"{}",
        b"",
        b"[]",
        dumps(OUTCOME),
        dumps({**FOUND, "id": "8"}),
        dumps({"resourceType": "Bundle", "type": "collection"}),
        dumps({"resourceType": ["Bundle"], "type": "searchset"}),
    ],
)
@pytest.mark.parametrize(
    "read",
    [
        lambda gateway: gateway.read("Practitioner/7", by=SYSTEM, now=NOW),
        lambda gateway: gateway.search("Task", [("status", "ready")], by=SYSTEM, now=NOW),
        lambda gateway: gateway.page("https://task.example.dk/fhir?_getpages=2", by=SYSTEM, now=NOW),
    ],
)
def test_a_success_that_is_not_what_was_asked_for_is_no_answer_and_never_nothing(wired, read, body):
    with wired(HttpAnswer(200, {}, body)) as (gateway, _), pytest.raises(Unavailable) as wrong:
        read(gateway)
    assert not isinstance(wrong.value, Unanswered)


def test_what_each_operation_gives_is_known():
    assert expected.OPERATIONS.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("name", sorted(expected.OPERATIONS.keys() - {"$persist-login"}))
def test_an_outcome_is_not_what_an_operation_gives(wired, name):
    target = "Patient" if name == "$createPatient" else "CarePlan/7"
    with wired(answered(OUTCOME)) as (gateway, _), pytest.raises(Unavailable) as wrong:
        gateway.operation(name, target=target, by=SYSTEM, now=NOW)
    assert isinstance(wrong.value, Unanswered) is not expected.OPERATIONS[name].is_read


@pytest.mark.parametrize("body", [b"", b"{}", b'{"resourceType": "Pra', dumps(OUTCOME), dumps({**FOUND, "id": "8"})])
def test_a_write_that_is_answered_with_something_else_may_have_been_done(wired, body):
    for write in (
        lambda gateway: gateway.update(FOUND, if_match="3", by=SYSTEM, now=NOW),
        lambda gateway: gateway.patch("Practitioner/7", [], if_match="3", by=SYSTEM, now=NOW),
        lambda gateway: gateway.transaction({"resourceType": "Bundle"}, by=SYSTEM, now=NOW),
    ):
        with wired(HttpAnswer(200, {}, body)) as (gateway, _), pytest.raises(Unanswered):
            write(gateway)


@pytest.mark.parametrize("body", [b"", dumps(OUTCOME)])
def test_what_is_deleted_is_told_of_by_the_status_alone(wired, body):
    with wired(HttpAnswer(200, {}, body)) as (gateway, _):
        gateway.delete("Practitioner/7", by=SYSTEM, now=NOW)


@pytest.mark.parametrize("first", [BUSY, SILENT])
def test_an_operation_that_only_reads_is_asked_again_and_leaves_nothing_in_doubt(wired, first):
    given = answered({"resourceType": "Bundle", "type": "collection"})
    with wired(first, given) as (gateway, wire):
        gateway.operation("$get-patient-procedures", by=SYSTEM, now=NOW)
    assert len(wire.sent) == 2


def test_what_the_services_do_not_have_is_asked_of_nobody(wired):
    with wired(answered(FOUND)) as (gateway, wire):
        for reference in ("AuditEvent/7", "Appointment/7"):
            with pytest.raises(NotFound):
                gateway.read(reference, by=SYSTEM, now=NOW)
        with pytest.raises(Unavailable):
            gateway.page("https://evil.example/fhir/Task?x=1", by=SYSTEM, now=NOW)
    assert wire.sent == []


def test_who_is_referred_to_in_another_service_comes_along_on_each_page(wired):
    task = {
        "resourceType": "Task",
        "id": "1",
        "owner": {"reference": "https://organization.example.dk/fhir/Practitioner/7"},
    }
    following = {"relation": "next", "url": "https://task.example.dk/fhir?_getpages=2"}
    page = {"resourceType": "Bundle", "type": "searchset", "link": [following], "entry": [{"resource": task}]}
    owner = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": FOUND}]}
    with wired(answered(page), answered(owner), answered(page), answered(owner)) as (gateway, wire):
        asked = [("status", "ready"), ("_include", "Task:owner"), ("_include", "Task:focus")]
        first = gateway.search("Task", asked, by=SYSTEM, now=NOW)
        [link] = first["link"]
        second = gateway.page(link["url"], by=SYSTEM, now=NOW)
    assert [each["resource"]["resourceType"] for each in first["entry"]] == ["Task", "Practitioner"]
    assert [each["search"]["mode"] for each in second["entry"] if "search" in each] == ["include"]
    assert parse_qs(wire.sent[0].data.decode())["_include"] == ["Task:focus"], "its own service follows it"
    assert [each.full_url for each in wire.sent[1:]] == [
        "https://organization.example.dk/fhir/Practitioner/_search",
        "https://task.example.dk/fhir?_getpages=2",
        "https://organization.example.dk/fhir/Practitioner/_search",
    ]


def test_a_service_is_asked_for_an_include_as_it_declares_it_and_of_others_only_for_what_is_wanted(wired):
    tasks = [
        {"resourceType": "Task", "id": type, "focus": {"reference": f"https://measurement.example.dk/fhir/{type}/7"}}
        for type in ("Observation", "QuestionnaireResponse")
    ]
    page = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in tasks]}
    wanted = [("_include", f"Task:focus:{type}") for type in ("ClinicalImpression", "Observation", "Media")]
    with wired(answered(page), answered(NOTHING)) as (gateway, wire):
        gateway.search("Task", [("status", "ready"), *wanted], by=SYSTEM, now=NOW)
    assert parse_qs(wire.sent[0].data.decode())["_include"] == ["Task:focus"]
    [observation] = wire.sent[1:]
    assert observation.full_url == "https://measurement.example.dk/fhir/Observation/_search"
