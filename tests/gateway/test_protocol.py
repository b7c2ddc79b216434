"""What every implementation of the gateway promises pages and care."""

import inspect
from datetime import timedelta

import pytest

from kommunalpro.care.bundles import all_pages
from kommunalpro.fhir.bundle import link, resources
from kommunalpro.fhir.outcome import (
    BadRequest,
    Forbidden,
    Gone,
    NotFound,
    NotImplementedHere,
    PreconditionFailed,
    Unavailable,
)
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway.local import LocalGateway
from kommunalpro.fut.gateway.protocol import Gateway
from tests.gateway.looking import audit, rows
from tests.gateway.marks import NO_TRANSACTION
from tests.people import TJOERN
from tests.resources import organization, practitioner, questionnaire, task
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(hours=1)
METHODS = ("read", "search", "page", "create", "update", "patch", "delete", "transaction", "operation")
outsiders = pytest.mark.parametrize("outsider", ["bo", "kim"])


@pytest.fixture
def gateway(world):
    return world.gateway


def by_team(principal):
    return ("team", principal.context.care_team)


@pytest.mark.parametrize("method", METHODS)
def test_the_local_gateway_speaks_the_protocol_to_the_letter(method):
    promised, kept = (inspect.signature(getattr(each, method)) for each in (Gateway, LocalGateway))
    assert kept == promised


# --- Reading


def test_a_url_reads_what_is_there_now_and_a_versioned_one_that_version(gateway):
    made = gateway.create(practitioner(), by=SYSTEM, now=MONDAY)
    url = f"{gateway.base_url}/Practitioner/{made['id']}"
    changed = gateway.update(made | {"active": False}, if_match="1", by=SYSTEM, now=LATER)
    assert gateway.read(url, by=SYSTEM, now=LATER) == changed
    assert gateway.read(f"{url}/_history/1", by=SYSTEM, now=LATER) == made
    assert gateway.read(f"Practitioner/{made['id']}", by=SYSTEM, now=LATER) == changed


def test_the_same_id_on_another_server_is_not_ours(gateway):
    made = gateway.create(practitioner(), by=SYSTEM, now=MONDAY)
    foreign = f"https://other.example/fhir/Practitioner/{made['id']}"
    for attempt in (
        lambda: gateway.read(foreign, by=SYSTEM, now=LATER),
        lambda: gateway.patch(foreign, [], if_match=None, by=SYSTEM, now=LATER),
        lambda: gateway.delete(foreign, by=SYSTEM, now=LATER),
        lambda: gateway.operation("$apply", target=foreign, by=SYSTEM, now=LATER),
        lambda: gateway.page(f"https://other.example/fhir/Practitioner?_id={made['id']}", by=SYSTEM, now=LATER),
    ):
        with pytest.raises((NotFound, BadRequest, Unavailable)):
            attempt()


def test_a_part_of_each_can_be_asked_for_and_the_next_page_gives_as_little(gateway):
    """A list of plans says what a questionnaire is called, and needs none of its questions."""
    for _ in range(2):
        gateway.create(questionnaire(title="Hverdagen"), by=SYSTEM, now=MONDAY)
    asked = [("_elements", "status,title,version,extension"), ("_count", "1")]
    found = [
        each for page in all_pages(gateway, "Questionnaire", asked, by=SYSTEM, now=LATER) for each in resources(page)
    ]
    assert [each.get("title") for each in found].count("Hverdagen") == 2
    for each in found:
        assert {"status", "version", "extension", "meta"} <= each.keys()
        assert "item" not in each


@pytest.mark.parametrize("reference", ["", "urn:uuid:5d1a", "#contained", "Practitioner", "../etc"])
def test_what_is_no_reference_is_refused(gateway, reference):
    with pytest.raises(BadRequest):
        gateway.read(reference, by=SYSTEM, now=LATER)


def test_pages_follow_each_other_to_the_end(gateway):
    made = {gateway.create(organization(f"Ny {number}"), by=SYSTEM, now=MONDAY)["id"] for number in range(5)}
    page = gateway.search("Organization", [("name", "Ny"), ("_count", "2")], by=SYSTEM, now=LATER)
    seen, pages = [], 0
    while page:
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        pages += 1
        following = link(page, "next")
        page = gateway.page(following, by=SYSTEM, now=LATER) if following else None
    assert sorted(seen) == sorted(made)
    assert pages == 3


# --- Writing


def test_two_editors_of_one_thing_are_not_mixed(gateway):
    made = gateway.create(practitioner(), by=SYSTEM, now=MONDAY)
    gateway.update(made | {"active": False}, if_match="1", by=SYSTEM, now=LATER)
    with pytest.raises(PreconditionFailed):
        gateway.update(made | {"active": True}, if_match="1", by=SYSTEM, now=LATER)


def test_what_is_deleted_is_gone(gateway):
    made = gateway.create(practitioner(), by=SYSTEM, now=MONDAY)
    gateway.delete(f"Practitioner/{made['id']}", by=SYSTEM, now=LATER)
    with pytest.raises(Gone):
        gateway.read(f"Practitioner/{made['id']}", by=SYSTEM, now=LATER)


@NO_TRANSACTION
def test_a_transaction_is_all_or_nothing(gateway):
    good = {"resource": practitioner(), "request": {"method": "POST", "url": "Practitioner"}}
    bad = {"resource": {"resourceType": "Practitioner"}, "request": {"method": "POST", "url": "Practitioner"}}
    before = rows()
    with pytest.raises(Exception, match="name is required"):
        gateway.transaction(
            {"resourceType": "Bundle", "type": "transaction", "entry": [good, bad]}, by=SYSTEM, now=LATER
        )
    assert rows() == before
    answer = gateway.transaction(
        {"resourceType": "Bundle", "type": "transaction", "entry": [good]}, by=SYSTEM, now=LATER
    )
    assert answer["entry"][0]["resource"]["name"] == practitioner()["name"]


@pytest.mark.parametrize(
    ("name", "target"),
    [("$nothing", None), ("$create-clone", None), ("$apply", "PlanDefinition"), ("$createPatient", None)],
)
def test_an_operation_that_is_not_offered_there_is_refused_by_name(gateway, name, target):
    with pytest.raises(NotImplementedHere, match=f"\\{name}"):
        gateway.operation(name, target=target, by=SYSTEM, now=LATER)


# --- Who


def test_every_call_is_one_event_about_whom_it_touched(nancy):
    gateway, asta = nancy.world.gateway, nancy.world.asta
    within = asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    opgave = task("x", "x")
    opgave["extension"][0]["valueReference"] = {"reference": nancy.episode}
    opgave["extension"][3]["valueReference"] = {"reference": asta.context.care_team}
    opgave["for"] = {"reference": nancy.patient}
    calls = {
        "R": lambda: gateway.read(nancy.patient, by=within, now=LATER),
        "R search": lambda: gateway.search(
            "EpisodeOfCare", [("patient", nancy.patient), by_team(asta)], by=within, now=LATER
        ),
        "C": lambda: gateway.create(opgave, by=within, now=LATER),
        "E": lambda: gateway.operation("$get-patient-procedures", _procedures(nancy), by=nancy.self, now=LATER),
    }
    for action, call in calls.items():
        before = len(audit())
        call()
        [event] = audit()[before:]
        assert event["action"] == action[0]
        [about] = [each["what"]["reference"] for each in event["entity"] if each["role"]["code"] == "1"]
        assert about == nancy.patient


def _procedures(nancy):
    return parameters(
        {"name": "patient", "valueReference": {"reference": nancy.patient}},
        {"name": "start", "valueDateTime": "2026-11-01T00:00:00Z"},
        {"name": "end", "valueDateTime": "2026-12-01T00:00:00Z"},
    )


@outsiders
def test_what_the_filter_hides_is_not_found(nancy, outsider):
    gateway, by = nancy.world.gateway, nancy.world.staff[outsider].principal
    within = by.within(patient=nancy.patient, episode_of_care=nancy.episode)
    for reference in (nancy.patient, nancy.episode, f"{nancy.episode}/_history/1"):
        with pytest.raises(NotFound):
            gateway.read(reference, by=within, now=LATER)
    assert gateway.search("Patient", [], by=by, now=LATER)["total"] == 0
    assert gateway.search("EpisodeOfCare", [by_team(by)], by=by, now=LATER)["total"] == 0


@outsiders
def test_what_the_context_does_not_fit_is_refused_whether_it_exists_or_not(nancy, outsider):
    gateway, by = nancy.world.gateway, nancy.world.staff[outsider].principal
    for episode in (nancy.episode, f"{gateway.base_url}/EpisodeOfCare/nowhere"):
        with pytest.raises(Forbidden):
            gateway.read(episode, by=by, now=LATER)
    with pytest.raises(Forbidden):
        gateway.search("EpisodeOfCare", [by_team(nancy.world.asta)], by=by, now=LATER)


def test_a_context_narrows_and_never_widens(nancy):
    gateway, asta = nancy.world.gateway, nancy.world.asta
    tjoern = nancy.world.enrol(TJOERN)
    assert gateway.search("Patient", [], by=asta, now=LATER)["total"] == 2
    assert gateway.search("Patient", [], by=nancy.seen_by(asta), now=LATER)["total"] == 1
    with pytest.raises(Forbidden):
        gateway.read(tjoern.patient, by=nancy.seen_by(asta), now=LATER)
    with pytest.raises(NotFound):
        gateway.read(nancy.patient, by=tjoern.self.within(patient=nancy.patient), now=LATER)


def test_a_refusal_is_noted_with_who_and_what(nancy):
    gateway, bo = nancy.world.gateway, nancy.world.bo
    with pytest.raises(NotFound):
        gateway.read(nancy.patient, by=bo, now=LATER)
    event = audit()[-1]
    assert event["agent"][0]["who"]["identifier"]["value"] == bo.user
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "INTERNAL_AUDIT_ONLY"
    assert nancy.patient in str(event["entity"])
