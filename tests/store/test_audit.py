"""The log of who saw and wrote what: in the same transaction, one event for each request and citizen, and no number."""

from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import connection, transaction

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.outcome import Forbidden, NotFound, NotImplementedHere, PreconditionFailed, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver import writer
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.protocols import OperationDefinition
from kommunalpro.fut.contexts import SYSTEM
from tests.people import ASTA, BO, NANCY, OUTSIDERS, TJOERN
from tests.resources import care_plan, care_team, organization, patient, practitioner, task
from tests.store.cast import BASE, NOW, TRACE_ID, Store, citizen, counts, query, staff
from tests.store.others import at_the_same_time

ABOUT_NANCY = {"patient": "nancy", "episode_of_care": "nancys"}
INTERNAL = "INTERNAL_AUDIT_ONLY"
OF_THE_GUIDE = "http://ehealth.sundhed.dk"


def touched(event):
    """The resources that an event names, in order."""
    return [each["what"]["reference"] for each in event["entity"] if each["role"]["code"] == "4"]


def about(event):
    """Whom an event is about; None: nobody."""
    found = [each["what"]["reference"] for each in event["entity"] if each["role"]["code"] == "1"]
    return found[0].removeprefix(f"{BASE}/Patient/") if found else None


def purpose(event):
    return [coding["code"] for each in event.get("purposeOfEvent", ()) for coding in each["coding"]]


def searched(event):
    """What an event says of a search: what was asked, and the id of what was answered; None: it was refused."""
    [search] = [each for each in event["entity"] if each["role"]["code"] == "24"]
    return loads(b64decode(search["query"])), search.get("what", {}).get("identifier", {}).get("value")


def test_a_read_leaves_one_event_that_says_who_what_when_and_for_whom(clinic):
    clinic.read("EpisodeOfCare", "nancys", by=staff(ASTA, **ABOUT_NANCY))
    [event] = clinic.audit()
    assert event["action"] == "R"
    assert event["subtype"][0]["code"] == "read"
    assert event["outcome"] == "0"
    assert event["outcomeDesc"] == "EpisodeOfCare"
    assert event["recorded"] == "2026-11-23T09:00:00.000Z"
    [agent] = event["agent"]
    assert agent["requestor"] is True
    assert agent["who"]["identifier"] == {"system": OF_THE_GUIDE, "value": f"{BASE}/Practitioner/asta"}
    assert agent["extension"][0]["valueReference"]["reference"] == f"{BASE}/Organization/kommune"
    assert about(event) == "nancy"
    assert touched(event) == [f"{BASE}/EpisodeOfCare/nancys/_history/1"]
    [trace] = [each for each in event["entity"] if each["role"]["code"] == "21"]
    assert trace["what"]["identifier"] == {"system": OF_THE_GUIDE, "value": TRACE_ID}
    assert trace["type"]["code"] == "2"
    assert purpose(event) == []


def test_it_is_there_when_the_answer_leaves(clinic):
    with clinic.as_(staff(ASTA)) as session:
        session.read("Patient", "nancy")
        assert clinic.audit() == []
    assert len(clinic.audit()) == 1


def test_a_list_of_two_citizens_is_two_events_each_with_what_was_theirs(clinic):
    clinic.create(care_plan("tjoern", "tjoerns", "nord"), id="plan")
    clinic.forget_audit()
    answer = clinic.search("Patient", ("_revinclude", "CarePlan:patient"), by=staff(ASTA))
    assert answer["total"] == 2
    events = {about(event): event for event in clinic.audit()}
    assert events.keys() == {"nancy", "tjoern"}
    assert len(touched(events["nancy"])) == 1
    assert touched(events["tjoern"]) == [f"{BASE}/Patient/tjoern/_history/1", f"{BASE}/CarePlan/plan/_history/1"]
    for event in events.values():
        assert searched(event) == ({"_revinclude": "CarePlan:patient"}, answer["id"])


def test_what_is_asked_twice_stands_twice_in_the_log(clinic):
    clinic.search("Patient", ("_tag:not", "b"), ("_tag:not", "c"), ("_id", "nancy"), by=staff(ASTA))
    [event] = clinic.audit()
    assert searched(event)[0] == {"_tag:not": ["b", "c"], "_id": "nancy"}


def test_a_write_and_its_event_commit_together(clinic):
    made = clinic.create(task("nancy", "nancys"), by=staff(ASTA))
    [event] = clinic.audit()
    assert (event["action"], about(event)) == ("C", "nancy")
    assert f"{BASE}/Task/{made['id']}/_history/1" in touched(event)


@pytest.mark.parametrize(
    ("call", "action"),
    [
        (lambda session: session.update(session.read("Task", "opgave") | {"status": "accepted"}, if_match="1"), "R"),
        (
            lambda session: session.patch(
                "Task", "opgave", [{"op": "add", "path": "/note", "value": [{"text": "x"}]}], if_match="1"
            ),
            "U",
        ),
        (lambda session: session.vread("Task", "opgave", "1"), "R"),
        (lambda session: session.transaction({"type": "transaction", "entry": []}), None),
    ],
    ids=["read-then-update", "patch", "vread", "empty-transaction"],
)
def test_a_request_is_what_was_asked_for_first_whatever_it_led_to(clinic, call, action):
    clinic.create(task("nancy", "nancys"), id="opgave")
    clinic.forget_audit()
    by = replace(staff(ASTA), privileges=staff(ASTA).privileges | {"Task.update"})
    with clinic.as_(by) as session:
        call(session)
    assert [event["action"] for event in clinic.audit()] == ([action] if action else [])


def test_a_write_that_breaks_a_rule_leaves_no_row_and_an_event_that_says_so(clinic):
    without_category = task("nancy", "nancys")
    del without_category["extension"][1:]
    with pytest.raises(RuleBroken):
        clinic.create(without_category, by=staff(ASTA, **ABOUT_NANCY))
    assert clinic.search("Task")["total"] == 0
    [event] = clinic.audit()
    assert (event["action"], event["outcome"], event["outcomeDesc"]) == ("C", "4", "Task")
    assert (about(event), touched(event), purpose(event)) == ("nancy", [], [INTERNAL])


def test_who_writes_over_what_another_has_written_is_in_the_log(clinic):
    clinic.create(task("nancy", "nancys"), id="opgave")
    clinic.forget_audit()
    by = replace(staff(ASTA), privileges=staff(ASTA).privileges | {"Task.update"})
    with pytest.raises(PreconditionFailed), clinic.as_(by) as session:
        session.update(task("nancy", "nancys") | {"id": "opgave"}, if_match="7")
    [event] = clinic.audit()
    assert (event["action"], event["outcome"], touched(event)) == ("U", "4", [f"{BASE}/Task/opgave"])


def test_what_we_do_not_offer_yet_is_not_held_against_anybody(clinic):
    def not_done(session, parameters, target):
        raise NotImplementedHere("Ikke endnu.")

    with pytest.raises(NotImplementedHere), with_operation(clinic, not_done).as_(staff(ASTA)) as session:
        session.operate("$look-around", {"resourceType": "Parameters"})
    assert clinic.audit() == []


def test_a_write_that_breaks_afterwards_leaves_neither_row_nor_event(clinic):
    before = counts()
    with pytest.raises(PowerCut):
        lose_power_after(clinic, task("nancy", "nancys"))
    assert counts() == before


class PowerCut(Exception):
    """What no rule foresees."""


def lose_power_after(clinic, resource):
    with clinic.as_(staff(ASTA)) as session:
        session.create(resource)
        raise PowerCut


def test_what_is_rolled_back_inside_is_not_named_and_what_was_read_there_is(clinic):
    def attempt(session):
        with session.savepoint():
            session.read("Patient", "nancy")
            session.create(task("nancy", "nancys"))
            session.create(task("tjoern", "tjoerns"))
            raise PowerCut

    with clinic.as_() as session, pytest.raises(PowerCut):
        attempt(session)
    named = {about(event): touched(event) for event in clinic.audit()}
    assert named["nancy"] == [f"{BASE}/Patient/nancy/_history/1", f"{BASE}/EpisodeOfCare/nancys/_history/1"]
    assert named["tjoern"] == [f"{BASE}/EpisodeOfCare/tjoerns/_history/1"]


def read_only(clinic, trace_id=TRACE_ID, *, by=None):
    with clinic.server.session(by or staff(ASTA), now=NOW, trace_id=trace_id, only_reads=True) as session:
        return session.read("Patient", "nancy")


def noted(trace_id):
    """How many events of a request there are."""
    return query("SELECT count(*) FROM fhir_resource WHERE type = 'AuditEvent' AND json LIKE %s", (f"%{trace_id}%",))


def test_of_readers_at_once_each_finds_its_event_when_its_answer_leaves(clinic):
    def read_on(number):
        found = []
        for turn in range(10):
            trace_id = f"{number:016x}{turn:016x}"
            read_only(clinic, trace_id)
            found += noted(trace_id)
        return found

    assert at_the_same_time(*[read_on] * 6) == [[(1,)] * 10] * 6
    assert len(clinic.audit()) == 60


def test_readers_whose_events_cannot_be_written_all_hear_of_it_and_none_waits_for_ever(clinic):
    before = counts()
    with refusing_events():
        assert all(isinstance(each, DATABASE_ERRORS) for each in at_the_same_time(*[lambda _: read_only(clinic)] * 6))
    assert counts() == before
    assert {each["id"] for each in at_the_same_time(*[lambda _: read_only(clinic)] * 6)} == {"nancy"}
    assert len(clinic.audit()) == 6


@contextmanager
def refusing_events():
    """The database takes no AuditEvents while this lasts."""
    if connection.vendor == "sqlite":
        query(
            "CREATE TRIGGER refuse BEFORE INSERT ON fhir_resource WHEN new.type = 'AuditEvent'"
            " BEGIN SELECT raise(ABORT, 'no'); END"
        )
        yield
        query("DROP TRIGGER refuse")
    else:
        query("ALTER TABLE fhir_resource ADD CONSTRAINT refuse CHECK (type <> 'AuditEvent') NOT VALID")
        yield
        query("ALTER TABLE fhir_resource DROP CONSTRAINT refuse")


def test_a_read_within_another_transaction_is_noted_in_it(clinic):
    with transaction.atomic():
        read_only(clinic)
        assert len(clinic.audit()) == 1
        transaction.set_rollback(True)
    assert clinic.audit() == []


@dataclass(frozen=True)
class FullDisk:
    """A log that cannot be written."""

    def event(self, facts: Any) -> dict[str, Any]:
        raise PowerCut


def test_without_its_event_nothing_is_written_and_nothing_is_read(clinic):
    broken = Store(replace(clinic.server, audit_shape=FullDisk()), clinic.url)
    before = counts()
    with pytest.raises(PowerCut):
        broken.create(task("nancy", "nancys"), by=staff(ASTA))
    with pytest.raises(PowerCut):
        broken.read("Patient", "nancy", by=staff(ASTA))
    assert counts() == before


@pytest.mark.parametrize("how", [("_summary", "count"), ("_count", "0")])
def test_how_many_there_are_is_told_of_too(clinic, how):
    """Nothing is shown of Nancy; that she has a plan is."""
    asta = staff(ASTA, patient="nancy", episode_of_care="nancys")
    asked = ("care-team", str(asta.context.care_team)), ("episodeOfCare", f"{BASE}/EpisodeOfCare/nancys")
    clinic.search("CarePlan", *asked, how, by=asta)
    [event] = clinic.audit()
    assert (about(event), touched(event)) == ("nancy", [])
    clinic.search("Organization", how, by=asta)
    assert len(clinic.audit()) == 1, "organisations are nobody's data"


def test_how_many_there_are_is_told_of_in_a_transaction_with_what_was_asked(clinic):
    asta = staff(ASTA, patient="nancy", episode_of_care="nancys")
    team = f"care-team={asta.context.care_team}&episodeOfCare={BASE}/EpisodeOfCare/nancys"
    counted, read = (
        {"request": {"method": "GET", "url": url}} for url in (f"CarePlan?{team}&_summary=count", "Patient/nancy")
    )
    for entries in ([counted], [read, counted]):
        clinic.transact(*entries, by=asta)
        event = clinic.audit()[-1]
        assert about(event) == "nancy"
        assert "CarePlan._summary" in str(searched(event))


def test_what_was_counted_of_nobody_by_name_is_told_of_beside_what_was_read(clinic):
    asta = staff(ASTA)
    urls = (f"CarePlan?care-team={asta.context.care_team}&_summary=count", "Patient/nancy")
    clinic.transact(*({"request": {"method": "GET", "url": url}} for url in urls), by=asta)
    nancys, nobodys = clinic.audit()
    assert (about(nancys), about(nobodys)) == ("nancy", None)
    assert "CarePlan._summary" in str(searched(nobodys))


def test_that_somebody_has_answered_is_told_of_too(clinic):
    asta = staff(ASTA, patient="nancy", episode_of_care="nancys")
    clinic.search("Questionnaire", ("_has:QuestionnaireResponse:questionnaire:patient", "nancy"), by=asta)
    assert [about(event) for event in clinic.audit()] == ["nancy"]


def test_a_transaction_is_one_event_for_each_citizen(clinic):
    entries = [
        {"resource": task(*whose), "request": {"method": "POST", "url": "Task"}}
        for whose in (("nancy", "nancys"), ("tjoern", "tjoerns"), ("nancy", "nancys"))
    ]
    clinic.transact(*entries)
    events = clinic.audit()
    assert [(event["action"], about(event)) for event in events] == [("E", "nancy"), ("E", "tjoern")]
    assert len([url for url in touched(events[0]) if "/Task/" in url]) == 2
    assert [event["subtype"][0]["code"] for event in events] == ["transaction", "transaction"]
    assert [event["outcomeDesc"] for event in events] == ["Task", "Task"]


def test_of_the_searches_of_a_transaction_an_event_has_those_that_found_its_citizen(clinic):
    """Whom else somebody looked for in the same Bundle is no matter of hers, nor of theirs who asks what is hers."""
    of_all, of_nancy, of_tjoern, of_nobody = (
        "Patient?_id=nancy,tjoern", "Patient?_id=nancy", "Patient?_id=tjoern", "Patient?_id=ukendt"
    )  # fmt: skip
    clinic.create(care_plan("tjoern", "tjoerns", "nord"), id="plan")
    clinic.forget_audit()
    asked = [{"request": {"method": "GET", "url": url}} for url in (of_nancy, of_tjoern, of_all, of_nobody, of_nancy)]
    clinic.transact(*asked, by=staff(ASTA))
    events = {about(event): searched(event) for event in clinic.audit()}
    assert events == {
        "nancy": ({"Patient._id": ["nancy", "nancy,tjoern", "nancy"]}, None),
        "tjoern": ({"Patient._id": ["tjoern", "nancy,tjoern"]}, None),
    }


def test_of_a_transaction_that_is_refused_all_that_was_searched_for_is_kept(clinic):
    asked = [{"request": {"method": "GET", "url": url}} for url in ("Patient?_id=nancy", "Patient/ukendt")]
    with pytest.raises(NotFound):
        clinic.transact(*asked, by=staff(ASTA))
    [event] = clinic.audit()
    assert (event["outcome"], searched(event)) == ("4", ({"Patient._id": "nancy"}, None))


def test_what_an_operation_does_inside_is_one_event_under_its_name(clinic):
    def look_around(session, parameters, target):
        session.read("Patient", "nancy")
        session.elevated().search("EpisodeOfCare", [("patient", "nancy")])
        return {"resourceType": "Parameters"}

    asking = with_operation(clinic, look_around)
    with asking.as_(staff(ASTA)) as session:
        session.operate("$look-around", {"resourceType": "Parameters"})
    [event] = clinic.audit()
    assert (event["action"], event["subtype"][0]["code"]) == ("E", "look-around")
    assert event["outcomeDesc"] == "Patient", "what it read first"
    assert len(touched(event)) == 2
    assert purpose(event) == []


def test_an_operation_that_touches_nothing_is_about_whom_the_context_is_about(clinic):
    asking = with_operation(clinic, lambda session, parameters, target: {"resourceType": "Parameters"})
    with asking.as_(citizen(NANCY)) as session:
        session.operate("$look-around", {"resourceType": "Parameters"})
    assert [about(event) for event in clinic.audit()] == ["nancy"]


def test_an_operation_on_a_type_that_shows_nobodys_data_is_about_nobody(clinic):
    """What is looked up in a value set while a citizen is chosen stands in no citizen's log."""
    asked = parameters({"name": "url", "valueUri": "http://ehealth.sundhed.dk/vs/conditions"})
    with clinic.as_(staff(ASTA, **ABOUT_NANCY)) as session:
        session.operate("$expand", asked, target="ValueSet")
    [event] = clinic.audit()
    assert (event["action"], event["subtype"][0]["code"], event["outcome"]) == ("E", "expand", "0")
    assert (about(event), "Patient/nancy" in dumps(event).decode()) == (None, False)


def with_operation(clinic, run):
    class Anybody(type(clinic.server.access)):
        def authorise(self, request, principal):
            if request.interaction != "operation":
                super().authorise(request, principal)

    definition = OperationDefinition("$look-around", "system", run)
    return Store(replace(clinic.server, access=Anybody(), operations={"$look-around": (definition,)}), clinic.url)


@pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda person: person.key)
def test_who_may_not_see_it_is_noted_with_what_they_asked_for_and_only_internally(clinic, outsider):
    with pytest.raises(NotFound):
        clinic.read("Patient", "nancy", by=staff(outsider))
    with pytest.raises(Forbidden):
        clinic.read("EpisodeOfCare", "nancys", by=staff(outsider))
    hidden, refused = clinic.audit()
    assert (hidden["outcome"], refused["outcome"]) == ("4", "4")
    assert purpose(hidden) == purpose(refused) == [INTERNAL]
    assert touched(hidden) == [f"{BASE}/Patient/nancy"]
    assert touched(refused) == [f"{BASE}/EpisodeOfCare/nancys"]
    assert hidden["agent"][0]["who"]["identifier"]["value"] == f"{BASE}/Practitioner/{outsider.key}"


def test_a_refused_search_keeps_what_was_searched_for(clinic):
    with pytest.raises(Forbidden):
        clinic.search("EpisodeOfCare", ("team", f"{BASE}/CareTeam/nord"), by=staff(BO))
    [event] = clinic.audit()
    assert searched(event) == ({"team": f"{BASE}/CareTeam/nord"}, None)


def test_the_systems_own_calls_are_internal(clinic):
    clinic.read("Patient", "nancy")
    clinic.create(task("nancy", "nancys"))
    assert [purpose(event) for event in clinic.audit()] == [[INTERNAL], [INTERNAL]]


def test_what_is_about_nobody_is_noted_when_it_is_written_and_not_when_it_is_read(clinic):
    made = clinic.create(practitioner())
    clinic.read("Practitioner", made["id"], by=staff(ASTA))
    clinic.search("CareTeam", by=staff(ASTA))
    [event] = clinic.audit()
    assert (event["action"], about(event)) == ("C", None)


def test_who_reads_the_log_stands_in_it(clinic):
    clinic.read("Patient", "nancy", by=citizen(NANCY))
    [event] = clinic.audit()
    assert clinic.read("AuditEvent", event["id"]) == event
    assert clinic.vread("AuditEvent", event["id"], "1") == event
    assert [about(each) for each in clinic.audit()] == ["nancy"] * 3


def test_the_log_is_found_by_citizen_and_by_time(clinic):
    clinic.read("Patient", "nancy", by=citizen(NANCY))
    clinic.read("Patient", "tjoern", by=citizen(TJOERN))
    found = clinic.search("AuditEvent", ("patient", "Patient/nancy"), ("date", "2026-11-23"))
    assert [about(each["resource"]) for each in found["entry"]] == ["nancy"]


def test_a_cpr_number_comes_into_no_event(clinic):
    clinic.search("Patient", ("identifier", f"urn:oid:1.2.208.176.1.2|{NANCY.cpr}"), by=staff(ASTA))
    written = (NANCY.cpr, f"{NANCY.cpr[:6]}-{NANCY.cpr[6:]}")
    for id in written:
        with pytest.raises(NotFound):
            clinic.read("Patient", id, by=staff(ASTA))
    assert searched(clinic.audit()[0])[0] == {"identifier": "urn:oid:1.2.208.176.1.2|xxxxxxxxxx"}
    for event in clinic.audit():
        text = dumps(event).decode()
        queries = [b64decode(each["query"]).decode() for each in event["entity"] if "query" in each]
        assert not any(number in each for number in written for each in (text, *queries))
    index = query("SELECT value FROM fhir_index WHERE type = 'AuditEvent'")
    assert not any(number in value for number in written for (value,) in index)


def test_more_than_fifty_resources_are_still_one_event(clinic):
    with clinic.as_() as session:
        for _ in range(60):
            session.create(task("nancy", "nancys"))
    [event] = clinic.audit()
    assert len(touched(event)) == 50


def test_teams_and_organisations_are_no_citizens(clinic):
    clinic.transact(
        *(
            {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}}
            for each in (organization(), care_team("X"))
        )
    )
    assert [about(event) for event in clinic.audit()] == [None]


def test_of_however_many_citizens_a_list_is_each_has_an_event(clinic, monkeypatch):
    """A statement takes so many values and no more: the events of a long list are written in several, all or none."""
    monkeypatch.setattr(writer, "AT_ONCE", 2)
    people = [f"p{number}" for number in range(5)]
    for key in people:
        clinic.create(patient(replace(NANCY, key=key, cpr=f"25124899{people.index(key):02}")), id=key)
    clinic.forget_audit()
    with clinic.server.session(SYSTEM, now=NOW, only_reads=True) as session:
        session.search("Patient", [("_id", ",".join(people))])
    about = {
        each["what"]["reference"] for event in clinic.audit() for each in event["entity"] if each["role"]["code"] == "1"
    }
    assert about == {f"{BASE}/Patient/{key}" for key in people}
