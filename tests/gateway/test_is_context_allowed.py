"""`EpisodeOfCare/$is-context-allowed`: who may choose a course of care to work in, and what lets them."""

import pytest

from kommunalpro.fhir.outcome import BadRequest, Forbidden, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import LATER
from tests.gateway.looking import audit
from tests.people import TJOERN


def ask(nancy, by, *, episode=None, **named):
    given = [{"name": name, "valueReference": {"reference": url}} for name, url in named.items()]
    target = Reference.parse(episode or nancy.episode).key
    gateway = nancy.world.gateway
    return gateway.operation("$is-context-allowed", parameters(*given), target=target, by=by, now=LATER)


def gives(answer):
    return {each["name"]: each["valueReference"]["reference"] for each in answer["parameter"]}


def is_refused(nancy, by, **named):
    with pytest.raises(RuleBroken) as refused:
        ask(nancy, by, **named)
    return [each.coding[1] for each in refused.value.issues] == ["EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND"]


def team(nancy, key):
    return nancy.world.teams[key].url


@pytest.fixture
def anew(nancy):
    """Asta, before she has chosen anybody."""
    return nancy.world.asta


def test_a_citizen_may_choose_their_own(nancy):
    assert gives(ask(nancy, nancy.self, patient=nancy.patient)) == {"Patient": nancy.patient}


def test_a_citizen_may_not_choose_another_s_nor_ask_for_another(nancy):
    tjoern = nancy.world.enrol(TJOERN)
    assert is_refused(nancy, tjoern.self, patient=tjoern.patient)
    assert is_refused(nancy, tjoern.self, patient=nancy.patient)


def test_a_nurse_may_choose_what_her_team_is_on(nancy, anew):
    found = gives(ask(nancy, anew, careTeam=team(nancy, "nord")))
    assert found == {"CareTeam": team(nancy, "nord"), "EpisodeOfCare": nancy.episode}


def test_a_plan_lets_its_team_in_and_is_named(nancy):
    nancy.gets()
    gateway, world = nancy.world.gateway, nancy.world
    [entry] = gateway.search("CarePlan", [("episodeOfCare", nancy.episode)], by=SYSTEM, now=LATER)["entry"]
    assert is_refused(nancy, world.bo, careTeam=team(nancy, "syd"))
    plan = {**entry["resource"], "careTeam": [{"reference": team(nancy, "syd")}]}
    gateway.update(plan, if_match=plan["meta"]["versionId"], by=SYSTEM, now=LATER)
    assert gives(ask(nancy, world.bo, careTeam=team(nancy, "syd"))) == {
        "CareTeam": team(nancy, "syd"),
        "CarePlan": entry["fullUrl"],
    }


@pytest.mark.parametrize(("outsider", "own"), [("bo", "syd"), ("kim", "hjerte")])
def test_another_team_may_not_nor_may_one_speak_for_a_team_one_is_not_in(nancy, outsider, own):
    by = nancy.world.staff[outsider].principal
    assert is_refused(nancy, by, careTeam=team(nancy, own))
    assert is_refused(nancy, by, careTeam=team(nancy, "nord"))


def test_a_team_that_is_closed_lets_nobody_in_whoever_asks(nancy, anew):
    gateway, url = nancy.world.gateway, team(nancy, "nord")
    closed = gateway.read(url, by=SYSTEM, now=LATER)
    gateway.update({**closed, "status": "inactive"}, if_match=closed["meta"]["versionId"], by=SYSTEM, now=LATER)
    assert is_refused(nancy, anew, careTeam=url)
    assert is_refused(nancy, SYSTEM, careTeam=url)


def test_what_was_chosen_before_does_not_matter(nancy, anew):
    elsewhere = anew.within(patient=nancy.world.enrol(TJOERN).patient)
    assert gives(ask(nancy, elsewhere, careTeam=team(nancy, "nord")))["EpisodeOfCare"] == nancy.episode


def test_an_identity_provider_asks_as_the_system_for_both(nancy):
    assert gives(ask(nancy, SYSTEM, patient=nancy.patient)) == {"Patient": nancy.patient}
    assert gives(ask(nancy, SYSTEM, careTeam=team(nancy, "nord")))["EpisodeOfCare"] == nancy.episode
    assert is_refused(nancy, SYSTEM, careTeam=team(nancy, "syd"))
    assert is_refused(nancy, SYSTEM, patient=nancy.world.enrol(TJOERN).patient)


def test_that_it_does_not_exist_is_told_as_that_it_is_not_allowed(nancy, anew):
    assert is_refused(nancy, anew, episode="EpisodeOfCare/nothing", careTeam=team(nancy, "nord"))
    assert is_refused(nancy, nancy.self, episode="EpisodeOfCare/nothing", patient=nancy.patient)
    assert is_refused(nancy, SYSTEM, episode="EpisodeOfCare/nothing", careTeam=team(nancy, "nord"))


@pytest.mark.parametrize("url", ["Organization/1", "CareTeam/nothing", "https://other.example/fhir/CareTeam/1"])
def test_what_is_no_team_here_gives_nothing(nancy, anew, url):
    assert is_refused(nancy, anew, careTeam=url)
    assert is_refused(nancy, SYSTEM, careTeam=url)


def test_one_asks_for_oneself_and_one_thing_at_a_time(nancy, anew):
    for by, named in (
        (anew, {"patient": nancy.patient}),
        (nancy.self, {"careTeam": team(nancy, "nord")}),
        (SYSTEM, {"patient": nancy.patient, "careTeam": team(nancy, "nord")}),
        (SYSTEM, {}),
        (anew, {}),
    ):
        with pytest.raises(BadRequest):
            ask(nancy, by, **named)


def test_it_takes_the_privilege_to_read_an_episode_and_is_noted(nancy, anew):
    with pytest.raises(Forbidden):
        ask(nancy, nancy.world.staff["lis"].principal, careTeam=team(nancy, "nord"))
    ask(nancy, anew, careTeam=team(nancy, "nord"))
    noted = [each for each in audit() if each["subtype"][0].get("display") == "$is-context-allowed"]
    assert any(nancy.patient in str(each["entity"]) for each in noted)
