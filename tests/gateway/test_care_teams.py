"""Care teams as they are written: by whom, with what, and who was in them when."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import Forbidden, Gone, PreconditionFailed, RuleBroken
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM, care_teams_of
from tests.gateway.answering import LATER
from tests.gateway.deadlines import all_of
from tests.gateway.test_update_care_teams import change_status
from tests.people import NANCY
from tests.resources import care_team, organization, practitioner_role
from tests.unit.care.world import BAD_PAIN


@pytest.fixture
def nord(world):
    return world.gateway.read(world.teams["nord"].url, by=SYSTEM, now=LATER)


def update(world, team, by, **changes):
    version = team["meta"]["versionId"]
    return world.gateway.update({**team, **changes}, if_match=version, by=by, now=LATER)


def told(refused):
    return [(each.coding[1], each.expression) for each in refused.value.issues]


def test_who_is_left_out_of_a_team_has_left_it_and_is_still_told_of(world, nord, lis):
    asta = world.asta.user
    staying = [each for each in nord["participant"] if each["member"]["reference"] != asta]
    changed = update(world, nord, lis, participant=staying)
    [gone] = [each for each in changed["participant"] if each["member"]["reference"] == asta]
    assert gone["period"]["end"] >= gone["period"]["start"]
    later = LATER.replace(minute=LATER.minute + 1)
    assert care_teams_of(world.gateway, asta, now=later) == ()
    assert [each.name for each in care_teams_of(world.gateway, lis.user, now=later)] == ["Sundhedscenter Nord"]


def test_only_who_runs_a_team_or_stands_above_changes_it(world, nord, lis):
    nord = update(world, nord, lis, name="Nord og omegn")
    assert nord["name"] == "Nord og omegn"
    new = {**care_team("Ny"), "managingOrganization": nord["managingOrganization"]}
    for outsider in (lis.within(organization=world.kim.context.organization), lis.within(organization=None)):
        hjerte = world.gateway.read(world.teams["hjerte"].url, by=SYSTEM, now=LATER)
        with pytest.raises(Forbidden) as refused:
            update(world, nord, outsider, name="Vores")
        assert told(refused)[0][0] == "KPRO_CARE_TEAM_NOT_MATCHING_TOKEN_CONTEXT"
        with pytest.raises(Forbidden):
            update(world, hjerte, lis, managingOrganization=nord["managingOrganization"])
        with pytest.raises(Forbidden):
            world.gateway.create(new, by=outsider, now=LATER)


def test_a_team_is_deleted_by_who_runs_it_alone(world, nord, lis):
    may = replace(lis, privileges=lis.privileges | {"CareTeam.delete"})
    url = own_url(world.gateway.base_url, nord)
    for outsider in (may.within(organization=world.kim.context.organization), may.within(organization=None)):
        with pytest.raises(Forbidden) as refused:
            world.gateway.delete(url, by=outsider, now=LATER)
        assert told(refused)[0][0] == "KPRO_CARE_TEAM_NOT_MATCHING_TOKEN_CONTEXT"
    assert world.gateway.read(url, by=SYSTEM, now=LATER)["name"] == nord["name"]
    world.gateway.delete(url, by=may, now=LATER)
    with pytest.raises(Gone):
        world.gateway.read(url, by=SYSTEM, now=LATER)


def test_a_team_that_is_on_a_course_of_care_is_not_deleted(world, nord, lis):
    """Nobody could see the course of care any more, nor put another team on it."""
    nancy, may = world.enrol(NANCY), replace(lis, privileges=lis.privileges | {"CareTeam.delete"})
    url, episode = own_url(world.gateway.base_url, nord), nancy.episode
    with pytest.raises(RuleBroken) as refused:
        world.gateway.delete(url, by=may, now=LATER)
    assert told(refused) == [("KPRO_CARE_TEAM_IN_USE", "CareTeam")]
    over = [{"op": "replace", "path": "/status", "value": "finished"}]
    world.gateway.patch(episode, over, if_match=None, by=SYSTEM, now=LATER)
    world.gateway.delete(url, by=may, now=LATER)
    with pytest.raises(Gone):
        world.gateway.read(url, by=SYSTEM, now=LATER)


def test_a_team_that_has_open_tasks_is_not_deleted(world, nord, lis):
    """They would stand on no list."""
    nancy, may = world.enrol(NANCY), replace(lis, privileges=lis.privileges | {"CareTeam.delete"})
    nancy.gets()
    nancy.answers(BAD_PAIN)
    plan, task = (own_url(world.gateway.base_url, all_of(world, type)[0]) for type in ("CarePlan", "Task"))
    change_status(world, plan, "completed")
    change_status(world, nancy.episode, "finished")
    with pytest.raises(RuleBroken) as refused:
        world.gateway.delete(own_url(world.gateway.base_url, nord), by=may, now=LATER)
    assert told(refused) == [("KPRO_CARE_TEAM_IN_USE", "CareTeam")]
    change_status(world, task, "completed")
    world.gateway.delete(own_url(world.gateway.base_url, nord), by=may, now=LATER)
    with pytest.raises(RuleBroken) as refused:
        change_status(world, task, "requested")
    assert [code for code, _ in told(refused)] == ["GENERAL_RESOURCE_NOT_FOUND"], "nor is one opened again"


def test_who_has_a_role_in_an_organisation_is_said_by_it_and_those_above_it_alone(world, lis):
    """By a role somebody may act in it: nobody takes one elsewhere."""
    own, other = lis.context.organization, world.kim.context.organization
    may = replace(lis, privileges=lis.privileges | {"PractitionerRole.delete"})

    def role_in(organization):
        return practitioner_role() | {
            "practitioner": {"reference": lis.user},
            "organization": {"reference": organization},
        }

    theirs = world.gateway.create(role_in(other), by=SYSTEM, now=LATER)
    ours = world.gateway.create(role_in(own), by=may, now=LATER)
    base = world.gateway.base_url
    for write in (
        lambda: world.gateway.create(role_in(other), by=may, now=LATER),
        lambda: update(world, ours, may, organization={"reference": other}),
        lambda: update(world, theirs, may, organization={"reference": own}),
        lambda: world.gateway.delete(own_url(base, theirs), by=may, now=LATER),
        lambda: world.gateway.create(role_in(own), by=may.within(organization=None), now=LATER),
    ):
        with pytest.raises(Forbidden) as refused:
            write()
        assert told(refused)[0][0] == "KPRO_PRACTITIONER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"
    assert update(world, ours, may, active=False)["active"] is False
    world.gateway.delete(own_url(base, ours), by=may, now=LATER)


def test_an_organisation_runs_the_teams_of_those_below_it(world, lis):
    base = world.gateway.base_url
    part_of = {"partOf": {"reference": lis.context.organization}}
    centre = own_url(base, world.gateway.create(organization("Centret") | part_of, by=SYSTEM, now=LATER))
    unit = own_url(
        base, world.gateway.create(organization("Enheden") | {"partOf": {"reference": centre}}, by=SYSTEM, now=LATER)
    )
    team = {**care_team("Ny"), "managingOrganization": [{"reference": unit}]}
    assert world.gateway.create(team, by=lis, now=LATER)["name"] == "Ny"
    with pytest.raises(Forbidden):
        world.gateway.create(team, by=lis.within(organization=world.kim.context.organization), now=LATER)


def test_neither_a_nurse_nor_a_citizen_makes_or_changes_a_team(world, nord, nancy):
    for by in (world.asta, nancy.self):
        with pytest.raises(Forbidden) as refused:
            update(world, nord, by, name="Vores")
        assert told(refused)[0][0] == "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"
        with pytest.raises(Forbidden):
            world.gateway.create(care_team("Ny"), by=by, now=LATER)


def test_what_a_team_lacks_is_told_all_at_once(world, nord, lis):
    codings = ({"system": "http://example.org", "code": "x"}, {"system": "urn:oid:1.2.208.176.2.4", "code": "DC50"})
    boss = {"coding": [{"system": ehealth.CARETEAM_PARTICIPANT_ROLE, "code": "boss"}]}
    who = {"reference": world.asta.user}
    with pytest.raises(RuleBroken) as refused:
        update(
            world,
            nord,
            lis,
            name="\u200b",
            reasonCode=[{"coding": [each]} for each in codings],
            participant=[{"member": who}, {"member": who, "role": [boss]}, {"role": nord["participant"][0]["role"]}],
            telecom=[{"system": "phone"}],
        )
    assert told(refused) == [
        ("GENERAL_VALIDATION_ERROR", "CareTeam.participant.role"),
        ("GENERAL_VALIDATION_ERROR", "CareTeam.name"),
        ("GENERAL_VALIDATION_ERROR", "CareTeam.participant[0].role"),
        ("GENERAL_VALIDATION_ERROR", "CareTeam.participant[2].member"),
        ("GENERAL_VALIDATION_ERROR", "CareTeam.reasonCode[0]"),
        ("GENERAL_VALIDATION_ERROR", "CareTeam.reasonCode[1]"),
        ("GENERAL_VALIDATION_ERROR", "CareTeam.telecom[0]"),
        ("KPRO_CARE_TEAM_LAST_ADMINISTRATOR", "CareTeam.participant"),
    ]


def test_a_team_is_known_by_its_own_number_for_ever(world, nord, lis):
    changed = {name: each for name, each in nord.items() if name != "identifier"}
    assert update(world, changed, lis)["identifier"] == nord["identifier"]


def test_of_two_who_change_a_team_at_once_the_second_is_told(world, nord, lis):
    update(world, nord, lis, name="Nord og omegn")
    with pytest.raises(PreconditionFailed):
        update(world, nord, lis, name="Vest")


def administrators(team):
    return [
        each
        for each in team["participant"]
        if "careteamAdministrator" in {coding["code"] for role in each["role"] for coding in role["coding"]}
    ]


def test_the_last_who_may_change_an_organisations_teams_stays_whichever_door_it_is(world, nord, lis):
    """Else nobody could change any team of the organisation any more, but for the system."""
    staying = [each for each in nord["participant"] if each not in administrators(nord)]
    with pytest.raises(RuleBroken) as refused:
        update(world, nord, lis, participant=staying)
    assert told(refused) == [("KPRO_CARE_TEAM_LAST_ADMINISTRATOR", "CareTeam.participant")]
    over = [{**each, "period": {**each["period"], "end": each["period"]["start"]}} for each in administrators(nord)]
    with pytest.raises(RuleBroken):
        update(world, nord, lis, participant=[*staying, *over])
    assert update(world, nord, SYSTEM, participant=staying)["participant"]


@pytest.mark.parametrize(("status", "may_leave"), [("active", True), ("inactive", False)])
def test_the_last_may_leave_when_a_team_that_is_in_use_has_another(world, nord, lis, status, may_leave):
    other = care_team("Ny") | {"status": status, "managingOrganization": nord["managingOrganization"]}
    world.gateway.create(other | {"participant": administrators(nord)}, by=SYSTEM, now=LATER)
    staying = [each for each in nord["participant"] if each not in administrators(nord)]
    if may_leave:
        assert update(world, nord, lis, participant=staying)["participant"]
        return
    with pytest.raises(RuleBroken):
        update(world, nord, lis, participant=staying)
