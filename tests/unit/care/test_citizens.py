"""Finding, creating and enrolling a citizen."""

import pytest

from kommunalpro.care.citizens import (
    activate_episode,
    episodes_of,
    find_citizen,
    find_or_create_citizen,
    plan_episode,
    read_cpr,
)
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import BadRequest, NotFound
from tests.people import NANCY, TJOERN
from tests.unit.care.world import MONDAY


@pytest.mark.parametrize("typed", ["251248-9996", "2512489996", " 251248 9996 "])
def test_a_cpr_number_is_read_as_people_type_it(typed):
    number = read_cpr(typed)
    assert number is not None
    assert number.digits == NANCY.cpr


@pytest.mark.parametrize("typed", ["", "251248", "251248-99960", "25124899AB", "2512489996; DROP"])
def test_what_is_no_cpr_number_is_not_read_as_one(typed):
    assert read_cpr(typed) is None


def test_nobody_is_found_under_a_number_that_is_new(world):
    assert find_citizen(world.gateway, NANCY.cpr, by=world.asta, now=MONDAY) is None


def test_the_same_number_is_the_same_citizen_whoever_asks(world, nancy):
    found = find_citizen(world.gateway, "251248-9996", by=world.kim, now=MONDAY)
    assert found is not None
    assert (found.patient, found.name) == (nancy.patient, NANCY.name)


def test_a_wrong_number_is_refused_and_not_repeated_in_the_error(world):
    with pytest.raises(BadRequest) as refused:
        find_or_create_citizen(world.gateway, "251248", by=world.asta, now=MONDAY)
    assert "251248" not in str(refused.value)
    assert "251248" not in str(refused.value.to_fhir())


def test_creating_takes_a_name(world):
    with pytest.raises(NotFound):
        find_or_create_citizen(world.gateway, TJOERN.cpr, by=world.asta, now=MONDAY)


def test_an_opened_course_of_care_is_active_and_says_what_it_is_about(world, nancy):
    (episode,) = episodes_of(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=MONDAY)
    assert (episode.url, episode.status, episode.condition) == (nancy.episode, "active", "Type 2-diabetes")


def test_the_consent_is_written_before_the_course_of_care_is_activated(world, nancy):
    by = nancy.seen_by(world.asta).within(episode_of_care=nancy.episode)
    found = world.gateway.search("Consent", [("data", nancy.episode)], by=by, now=MONDAY)
    (consent,) = [entry["resource"] for entry in found["entry"]]
    assert consent["status"] == "active"
    assert consent["category"][0]["coding"][0]["code"] == "PITEOC"


def test_a_consent_to_something_else_is_not_taken_for_it(world, nancy):
    by = nancy.seen_by(world.asta).within(episode_of_care=nancy.episode)
    asked = [("data", nancy.episode)]
    found = world.gateway.search("Consent", asked, by=by, now=MONDAY)["entry"][0]["resource"]
    other = {"coding": [{"system": ehealth.CONSENT_CATEGORY, "code": "SSLPCI"}]}
    world.gateway.update({**found, "category": [other]}, if_match="1", by=by, now=MONDAY)
    activate_episode(world.gateway, nancy.patient, nancy.episode, by=nancy.seen_by(world.asta), now=MONDAY)
    again = world.gateway.search("Consent", asked, by=by, now=MONDAY)["entry"]
    assert {each["resource"]["category"][0]["coding"][0]["code"] for each in again} == {"SSLPCI", "PITEOC"}


@pytest.fixture
def planned(world, nancy):
    """A course of care to which Nancy has not agreed yet."""
    condition, by = world.teams[world.staff_team("asta")].conditions[0], nancy.seen_by(world.asta)
    return plan_episode(
        world.gateway, nancy.patient, condition=condition, legal_basis="sundhedsloven", by=by, now=MONDAY
    )


def without_period(consent):
    return {**consent, "provision": {key: value for key, value in consent["provision"].items() if key != "period"}}


def denied(consent):
    return {**consent, "provision": {**consent["provision"], "type": "deny"}}


@pytest.mark.parametrize(
    "starts_nothing",
    [
        lambda consent: {**consent, "status": "draft"},
        lambda consent: {**consent, "status": "rejected"},
        without_period,
        denied,
    ],
    ids=["a draft", "rejected", "for no time", "a denial"],
)
def test_beside_a_consent_that_starts_nothing_one_is_written_that_does(world, nancy, planned, starts_nothing):
    by = nancy.seen_by(world.asta)
    within = by.within(episode_of_care=nancy.episode)
    given = world.gateway.search("Consent", [("data", nancy.episode)], by=within, now=MONDAY)["entry"][0]["resource"]
    data = [{"meaning": "authoredby", "reference": {"reference": planned}}]
    of_planned = {**given, "provision": {**given["provision"], "data": data}}
    world.gateway.create(starts_nothing(of_planned), by=by.within(episode_of_care=planned), now=MONDAY)
    activate_episode(world.gateway, nancy.patient, planned, by=by, now=MONDAY)
    assert {each.url: each.status for each in episodes_of(world.gateway, nancy.patient, by=by, now=MONDAY)} == {
        nancy.episode: "active",
        planned: "active",
    }


def test_a_consent_that_starts_care_is_not_written_again(world, nancy):
    by = nancy.seen_by(world.asta)
    activate_episode(world.gateway, nancy.patient, nancy.episode, by=by, now=MONDAY)
    within = by.within(episode_of_care=nancy.episode)
    found = world.gateway.search("Consent", [("data", nancy.episode)], by=within, now=MONDAY)
    assert len(found["entry"]) == 1


def test_another_team_sees_no_course_of_care(world, nancy):
    assert episodes_of(world.gateway, nancy.patient, by=nancy.seen_by(world.bo), now=MONDAY) == ()
