"""What the remote gateway does when a service is slow, busy or silent: it reads again, and writes once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from kommunalpro.fhir.ehealth import MESSAGE_CATEGORY
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.outcome import (
    BadRequest,
    Conflict,
    FhirError,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Unanswered, expected, service
from kommunalpro.fut.gateway.remote import RemoteGateway
from kommunalpro.fut.gateway.service import Services
from kommunalpro.fut.operations import OPERATIONS
from kommunalpro.fut.service_urls import ServiceUrls
from kommunalpro.fut.services import SERVICE_NAMES
from kommunalpro.identity.fetching import HttpAnswer, NoAnswer
from tests.resources import practitioner

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE = "https://pro.example.dk/fhir"
URLS = ServiceUrls(HERE, {name: f"https://{name}.example.dk/fhir" for name in SERVICE_NAMES})
THERE = "https://measurement.example.dk/fhir"
FOUND = {"resourceType": "Practitioner", "id": "7", "meta": {"versionId": "3"}}
BUSY, SILENT = HttpAnswer(503, {}, b""), NoAnswer("nothing came")
NOTHING = {"resourceType": "Bundle", "type": "searchset"}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}


def answered(body: Any, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status, {}, dumps(body))


@dataclass
class Wire:
    """Answers in turn, the last for ever; `sent` is what was asked."""

    answers: list[HttpAnswer | NoAnswer]
    sent: list[Any] = field(default_factory=list)
    refused: list[str | None] = field(default_factory=list)

    def __call__(self, request: Any, *, deadline: float, largest: int) -> HttpAnswer:
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    def token(self, by: Any, now: datetime, *, refused: str | None = None) -> str:
        self.refused.append(refused)
        return "old" if refused is None else "new"


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch):
    @contextmanager
    def wire(*answers: HttpAnswer | NoAnswer) -> Iterator[tuple[RemoteGateway, Wire]]:
        wire = Wire(list(answers))
        monkeypatch.setattr(service, "exchange", wire)
        monkeypatch.setattr(service, "PAUSES", (0.001, 0.001))
        yield RemoteGateway(URLS, Services(wire)), wire

    return wire


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


def test_what_was_submitted_with_another_content_is_a_conflict_still(wired):
    said = answered(Conflict("Det er allerede sendt med et andet indhold.").to_fhir(), 409)
    with wired(answered(NOTHING), said) as (gateway, _), pytest.raises(Conflict):
        submit(gateway)


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
        with pytest.raises(BadRequest):
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


# --- What several services have


def searchset(*resources: Any, total: int | None = None, following: str = "") -> HttpAnswer:
    page = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}
    links = {"link": [{"relation": "next", "url": following}]} if following else {}
    return answered(page | links | ({} if total is None else {"total": total}))


def asked_at(wire: Wire) -> list[str]:
    return [each.full_url.removeprefix("https://").replace(".example.dk/fhir", "") for each in wire.sent]


MESSAGE = {"resourceType": "Communication", "category": [{"coding": [{"system": MESSAGE_CATEGORY, "code": "note"}]}]}
OWN = {"resourceType": "DocumentReference", "subject": {"reference": f"{HERE}/Patient/1"}}


@pytest.mark.parametrize(
    ("resource", "service"),
    [
        ({"resourceType": "Communication"}, "measurement"),
        (MESSAGE, "patient"),
        ({"resourceType": "DocumentReference"}, "plan"),
        (OWN, "careplan"),
    ],
)
def test_what_is_new_is_sent_to_the_service_that_is_for_its_kind(wired, resource, service):
    with wired(answered(resource | {"id": "7"})) as (gateway, wire):
        gateway.create(resource, by=SYSTEM, now=NOW)
    assert asked_at(wire) == [f"{service}/{resource['resourceType']}"]


def test_what_has_the_same_id_at_two_services_is_two(wired):
    with wired(answered(MESSAGE | {"id": "7"})) as (gateway, wire):
        message = gateway.read("Communication/patient.7", by=SYSTEM, now=NOW)
        assert message["id"] == "patient.7"
        gateway.update(message, if_match="1", by=SYSTEM, now=NOW)
        gateway.patch(f"{HERE}/Communication/patient.7", [], if_match=None, by=SYSTEM, now=NOW)
        gateway.delete("Communication/patient.7", by=SYSTEM, now=NOW)
        gateway.read("Communication/7", by=SYSTEM, now=NOW)
    assert asked_at(wire) == ["patient/Communication/7"] * 4 + ["measurement/Communication/7"]
    assert loads(wire.sent[1].data)["id"] == "7", "as its service calls it"


@pytest.mark.parametrize(
    ("type", "query", "services"),
    [
        ("Provenance", [("target", f"{HERE}/QuestionnaireResponse/1")], ["measurement"]),
        ("Provenance", [("target", f"{HERE}/EpisodeOfCare/1")], ["careplan"]),
        ("Provenance", [("target:CareTeam", "1")], ["organization"]),
        ("Provenance", [("target", f"{HERE}/Media/1,{HERE}/CarePlan/1")], ["measurement", "careplan"]),
        ("Provenance", [("agent", f"{HERE}/Patient/1")], ["measurement"]),
        ("Provenance", [("recorded", "2026")], ["measurement", "organization"]),
        ("DocumentReference", [("subject", f"{HERE}/Patient/1"), ("status", "current")], ["careplan"]),
        ("DocumentReference", [("status", "current"), ("_count", "5")], ["plan", "careplan"]),
        ("DocumentReference", [("_id", "7")], ["plan"]),
        ("Communication", [("category", f"{MESSAGE_CATEGORY}|note")], ["patient"]),
        ("Communication", [("category", "note")], ["patient", "careplan"]),
        ("Communication", [("category:not", f"{MESSAGE_CATEGORY}|note")], ["patient", "careplan"]),
        ("Communication", [("threadId", "7")], ["patient"]),
        ("Communication", [("instantiates-uri", "7"), ("senderCareTeam", "7")], ["measurement"]),
        ("Task", [("status", "ready")], ["task"]),
    ],
)
def test_a_search_goes_to_the_services_that_it_is_for(wired, type, query, services):
    with wired(searchset()) as (gateway, wire):
        gateway.search(type, query, by=SYSTEM, now=NOW)
    assert asked_at(wire) == [f"{each}/{type}/_search" for each in services]


def test_ids_are_asked_of_the_services_that_gave_them(wired):
    with wired(searchset()) as (gateway, wire):
        gateway.search("DocumentReference", [("_id", "1,careplan.1,2"), ("status", "current")], by=SYSTEM, now=NOW)
    assert asked_at(wire) == ["plan/DocumentReference/_search", "careplan/DocumentReference/_search"]
    assert [parse_qs(each.data.decode())["_id"] for each in wire.sent] == [["1,2"], ["1"]]


def test_what_is_found_at_two_services_is_one_page_and_so_is_what_follows(wired):
    one, two = {"resourceType": "DocumentReference", "id": "1"}, OWN | {"id": "1"}
    at_plan, at_careplan = (f"https://{name}.example.dk/fhir?_getpages=2" for name in ("plan", "careplan"))
    pages = searchset(one, total=2, following=at_plan), searchset(two, total=1, following=at_careplan)
    with wired(*pages, searchset(one), searchset(two)) as (gateway, wire):
        first = gateway.search("DocumentReference", [("status", "current")], by=SYSTEM, now=NOW)
        [link] = first["link"]
        second = gateway.page(link["url"], by=SYSTEM, now=NOW)
    assert [each["resource"]["id"] for each in first["entry"]] == ["1", "careplan.1"]
    assert [each["resource"]["id"] for each in second["entry"]] == ["1", "careplan.1"]
    assert (first["total"], "total" in second) == (3, False)
    assert [each.full_url for each in wire.sent[2:]] == [at_plan, at_careplan]
    assert "link" not in second


def test_what_is_told_of_a_measurement_comes_along_with_it_by_its_service_s_name(wired):
    told = {"resourceType": "Provenance", "id": "7", "target": [{"reference": f"{THERE}/QuestionnaireResponse/9"}]}
    with wired(searchset({"resourceType": "QuestionnaireResponse", "id": "9"}, told)) as (gateway, wire):
        query = [("subject", f"{HERE}/Patient/1"), ("_revinclude", "Provenance:target")]
        found = gateway.search("QuestionnaireResponse", query, by=SYSTEM, now=NOW)
    assert [each["resource"]["id"] for each in found["entry"]] == ["9", "measurement.7"]
    assert parse_qs(wire.sent[0].data.decode())["_revinclude"] == ["Provenance:target"]


# --- A submission

ANSWER = {
    "resourceType": "QuestionnaireResponse",
    "basedOn": [{"reference": f"{HERE}/ServiceRequest/1"}],
    "authored": "2026-11-23T10:00:00+01:00",
    "source": {"reference": f"{HERE}/Patient/1"},
    "item": [{"linkId": "1"}],
}
SUBMITTED = {
    "resourceType": "Parameters",
    "parameter": [{"name": "measurement", "resource": {"resourceType": "Bundle", "entry": [{"resource": ANSWER}]}}],
}


def found(*responses: Any) -> HttpAnswer:
    return answered(
        {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in responses]}
    )


def stored(**changes: Any) -> dict[str, Any]:
    return loads(dumps({**ANSWER, "id": "9", "meta": {"versionId": "1"}, **changes}))


def submit(gateway: RemoteGateway) -> Any:
    return gateway.operation("$submit-measurement", SUBMITTED, by=SYSTEM, now=NOW)


def sends(wire: Wire) -> int:
    return len([each for each in wire.sent if each.full_url.endswith("$submit-measurement")])


CUT = HttpAnswer(200, {}, b'{"resourceType": "Bundle", "type": "transaction-resp')
NO_WORD = [
    SILENT,
    CUT,
    BUSY,
    answered({}),
    answered(OUTCOME),
    *(HttpAnswer(each, {}, b"<html>Bad Gateway</html>") for each in (302, 403, 404, 408, 413, 500, 502, 504)),
    answered(OUTCOME, 500),
]


@pytest.mark.parametrize("lost", NO_WORD)
def test_an_answer_that_was_not_heard_of_is_looked_for_and_not_sent_again(wired, lost):
    with wired(found(), lost, found(stored())) as (gateway, wire):
        result = submit(gateway)
    assert result["entry"][0]["response"]["location"] == f"{HERE}/QuestionnaireResponse/9/_history/1"
    assert sends(wire) == 1


@pytest.mark.parametrize("looked", [found(), BUSY, SILENT, *(answered({}, each) for each in (400, 401, 403, 408, 500))])
def test_it_is_not_sent_again_where_it_is_not_found_for_it_may_be_on_its_way(wired, looked):
    with wired(found(), SILENT, looked) as (gateway, wire), pytest.raises(Unanswered):
        submit(gateway)
    assert sends(wire) == 1


@pytest.mark.parametrize("status", [401, 403, 408, 500, 503])
def test_who_presses_again_sends_nothing_as_long_as_it_cannot_be_told(wired, status):
    with wired(answered({}, status)) as (gateway, wire), pytest.raises(FhirError):
        submit(gateway)
    assert sends(wire) == 0


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_is_wrong_with_it_is_told_by_the_submission(wired, status):
    with wired(answered({}, status), answered({}, 422)) as (gateway, wire), pytest.raises(Unprocessable):
        submit(gateway)
    assert sends(wire) == 1


def test_who_presses_again_later_gets_what_the_first_press_stored(wired):
    with wired(found(stored(authored="2026-11-23T09:00:00Z"))) as (gateway, wire):
        assert submit(gateway)["entry"]
    assert sends(wire) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"authored": "2026-11-23T10:00:01+01:00"},
        {"item": [{"linkId": "2"}]},
        {"source": {"reference": f"{HERE}/RelatedPerson/1"}},
    ],
)
def test_another_answer_is_not_taken_for_it(wired, other):
    done = answered({"resourceType": "Bundle", "type": "transaction-response"})
    with wired(found(stored(**other)), done) as (gateway, wire):
        submit(gateway)
    assert sends(wire) == 1


def test_where_nobody_can_tell_it_is_not_sent_at_all(wired):
    with wired(SILENT) as (gateway, wire), pytest.raises(Unavailable):
        submit(gateway)
    assert sends(wire) == 0
