"""`$persist-login`: who logs in is put in the teams and roles that the identity provider says; nobody is let back.

Nobody gets by it what they could not take by hand.
"""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import BadRequest, Forbidden, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM, care_teams_of
from tests import resources as made
from tests.gateway.answering import LATER
from tests.gateway.looking import rows
from tests.gateway.marks import R4_FIRST
from tests.store.others import at_the_same_time

VIEWER, ADJUSTER = "clinicalViewer", "monitoring_adjuster"


def role(code, system=ehealth.CARETEAM_PARTICIPANT_ROLE):
    return {"coding": [{"system": system, "code": code}]}


def team(url, *participants, **changes):
    """Give a team as a container of participants, each (member, role, …): the guide has one for each role."""
    found = [{"role": [role(code)], "member": {"reference": member}, **rest} for member, code, rest in participants]
    container = {"id": url.rpartition("/")[2], "status": "active", "name": "Name", "participant": found, **changes}
    return {"name": "careTeam", "resource": {"resourceType": "CareTeam", **container}}


def holds(member, organization, *codes):
    found = made.practitioner_role() | {
        "practitioner": {"reference": member},
        "organization": {"reference": organization},
        "code": [role(code) for code in codes],
    }
    return {"name": "practitionerRole", "resource": found}


def log_in(world, *given, by=SYSTEM):
    asked = parameters(*given) if given else {"resourceType": "Parameters"}
    return world.gateway.operation("$persist-login", asked, by=by, now=LATER)


def read(world, url):
    return world.gateway.read(url, by=SYSTEM, now=LATER)


def newcomer(world):
    resource = world.gateway.create(made.practitioner("Lund", "Ida"), by=SYSTEM, now=LATER)
    return own_url(world.gateway.base_url, resource)


def roles_in(world, user):
    return {each.care_team: each.roles for each in care_teams_of(world.gateway, user, now=LATER)}


@pytest.fixture
def ida(world):
    """Somebody who has not been here before."""
    return newcomer(world)


@pytest.fixture
def nord(world):
    return world.teams["nord"]


def test_who_logs_in_is_in_the_teams_that_are_named_in_the_roles_they_have_there(world, ida, nord):
    before = read(world, nord.url)
    syd = world.teams["syd"].url
    for_them = {"onBehalfOf": {"reference": nord.organization}}
    first = team(nord.url, (ida, VIEWER, for_them), (ida, ADJUSTER, {}), name="Andet navn", status="inactive")
    answer = log_in(world, first, team(syd, (ida, VIEWER, {})))
    assert answer == {"resourceType": "Bundle", "type": "collection"}
    assert roles_in(world, ida) == {nord.url: (VIEWER, ADJUSTER), syd: (VIEWER,)}
    after = read(world, nord.url)
    # Nothing else of what is sent is used, and nobody else is touched.
    assert {name: after[name] for name in ("name", "status", "reasonCode")} == {
        name: before[name] for name in ("name", "status", "reasonCode")
    }
    assert after["participant"][: len(before["participant"])] == before["participant"]
    assert after["participant"][-2]["onBehalfOf"] == for_them["onBehalfOf"]


def test_what_is_so_already_is_not_written_and_only_what_is_new_is(world, ida, nord):
    log_in(world, team(nord.url, (ida, VIEWER, {})))
    before = read(world, nord.url)
    log_in(world, team(nord.url, (ida, VIEWER, {}), (ida, VIEWER, {})))
    assert read(world, nord.url) == before
    log_in(world, team(nord.url, (ida, VIEWER, {}), (ida, ADJUSTER, {}), (ida, ADJUSTER, {})))
    assert roles_in(world, ida)[nord.url] == (VIEWER, ADJUSTER)


def test_who_was_taken_off_a_team_does_not_get_back_by_logging_in(world, nord):
    current, asta = read(world, nord.url), world.asta.user
    over = [
        each | ({"period": {"end": "2026-11-01"}} if each["member"]["reference"] == asta else {})
        for each in current["participant"]
    ]
    ended = {**current, "participant": over}
    world.gateway.update(ended, if_match=current["meta"]["versionId"], by=SYSTEM, now=LATER)
    log_in(world, team(nord.url, (asta, VIEWER, {}), (asta, "reportUser", {})))
    assert roles_in(world, asta) == {}


def test_who_stays_in_one_role_may_get_another(world, nord):
    current, asta = read(world, nord.url), world.asta.user
    once = {"member": {"reference": asta}, "role": [role("orderPlacer")], "period": {"end": "2026-11-01"}}
    known = {**current, "participant": [*current["participant"], once]}
    world.gateway.update(known, if_match=current["meta"]["versionId"], by=SYSTEM, now=LATER)
    log_in(world, team(nord.url, (asta, "orderPlacer", {}), (asta, "reportUser", {})))
    assert "reportUser" in roles_in(world, asta)[nord.url]
    assert "orderPlacer" not in roles_in(world, asta)[nord.url]


def test_a_role_is_made_once_for_each_organisation(world, ida, nord):
    before = rows().get("PractitionerRole", 0)
    region = world.teams["hjerte"].organization
    log_in(world, holds(ida, nord.organization, VIEWER), holds(ida, region, VIEWER))
    log_in(world, holds(ida, nord.organization, ADJUSTER))
    assert rows()["PractitionerRole"] == before + 2
    asked = [("practitioner", ida), ("organization", nord.organization)]
    [entry] = world.gateway.search("PractitionerRole", asked, by=SYSTEM, now=LATER)["entry"]
    assert entry["resource"]["code"] == [role(VIEWER)]


@R4_FIRST
def test_what_is_not_here_is_refused_all_at_once_and_the_rest_with_it(world, ida, nord):
    before = read(world, nord.url), rows()
    elsewhere = "https://other.example/fhir/Practitioner/1"
    wrong = {"resourceType": "CareTeam", "participant": [{"member": {"reference": ida}, "role": [role("x", "y")]}]}
    with pytest.raises(RuleBroken) as refused:
        log_in(
            world,
            team(nord.url, (ida, VIEWER, {}), (elsewhere, VIEWER, {}), (nord.organization, VIEWER, {})),
            team("CareTeam/nothing", (ida, "king", {"onBehalfOf": {"reference": ida}})),
            {"name": "careTeam", "resource": wrong},
            holds("Practitioner/nobody", nord.organization),
        )
    assert {each.coding[1] for each in refused.value.issues} == {"KPRO_PERSIST_LOGIN"}
    assert [each.expression for each in refused.value.issues] == [
        "CareTeam.participant.member",
        "CareTeam.participant.member",
        "CareTeam.id",
        "CareTeam.participant.role",
        "CareTeam.participant.onBehalfOf",
        "CareTeam.id",
        "CareTeam.participant.role",
        "PractitionerRole.practitioner",
        "PractitionerRole.code",
    ]
    assert (read(world, nord.url), rows()) == before


def test_it_is_for_who_may_change_teams_by_hand(world, lis, ida, nord):
    asked = (team(nord.url, (ida, VIEWER, {})), holds(ida, nord.organization, VIEWER))
    knows_of_it = replace(world.asta, privileges=world.asta.privileges | {"$persist-login"})
    half = replace(knows_of_it, privileges=knows_of_it.privileges | {"CareTeam.write"})
    for by, given in ((world.asta, asked), (knows_of_it, asked[:1]), (knows_of_it, asked[1:]), (half, asked)):
        with pytest.raises(Forbidden):
            log_in(world, *given, by=by)
    assert roles_in(world, ida) == {}
    log_in(world, *asked, by=lis)
    assert roles_in(world, ida) == {nord.url: (VIEWER,)}


@R4_FIRST
def test_a_login_may_say_nothing_and_not_everything(world, nord):
    assert log_in(world) == {"resourceType": "Bundle", "type": "collection"}
    with pytest.raises(BadRequest):
        log_in(world, *[team(nord.url)] * 101)
    with pytest.raises(BadRequest):
        log_in(world, {"name": "careTeam", "valueReference": {"reference": nord.url}})


def test_of_those_who_log_in_at_once_everybody_is_in_the_team_and_a_role_is_made_once(real_world):
    url, organization = real_world.teams["nord"].url, real_world.teams["nord"].organization
    newcomers = [newcomer(real_world) for _ in range(3)]
    before = rows().get("PractitionerRole", 0)

    def job(user):
        asked = team(url, (user, VIEWER, {})), holds(newcomers[0], organization, VIEWER)
        return lambda _: log_in(real_world, *asked)

    answers = at_the_same_time(*map(job, newcomers))
    assert all(isinstance(each, dict) for each in answers)
    assert all(roles_in(real_world, each) == {url: (VIEWER,)} for each in newcomers)
    assert rows()["PractitionerRole"] == before + 1
