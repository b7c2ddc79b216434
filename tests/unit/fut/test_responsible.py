"""Who answers for a course of care or a plan is here: its teams, which are active as well, and its organisations."""

import pytest

from kommunalpro.fhir import ehealth
from tests.refusals import refusal
from tests.resources import care_plan, care_team, episode_of_care, to
from tests.store.cast import BASE, stored

NO_TEAM, NOT_HERE = "KPRO_CARE_TEAM_NOT_ACTIVE", "GENERAL_RESOURCE_NOT_FOUND"
WRONG = [
    to("CareTeam/nope"),
    to("CareTeam/lukket"),
    to("https://other.example/fhir/CareTeam/nord"),
    {"display": "Team Nord"},
]


@pytest.fixture
def closed(clinic):
    """A team that is not active any more."""
    return clinic.create(care_team("Team Vest") | {"status": "inactive"}, id="lukket")


@pytest.mark.parametrize("named", WRONG, ids=["nowhere", "closed", "elsewhere", "only called"])
def test_a_team_that_is_put_on_is_here_and_active(clinic, closed, named):
    """When it is opened, and when it is put there later: else the team would not find it."""
    plan, episode = care_plan("nancy", "nancys", "nord"), episode_of_care("nancy", "nord", condition="nancys-kol")
    for made, element in ((episode, "team"), (plan, "careTeam")):
        before, told = stored(), [(NO_TEAM, f"{made['resourceType']}.{element}[1]")]
        assert refusal(lambda made=made, by=element: clinic.create(made | {by: [to("CareTeam/nord"), named]})) == told
        assert stored() == before
        kept = clinic.create(made)
        assert refusal(lambda kept=kept, by=element: clinic.update(kept | {by: [*kept[by], named]})) == told


def test_its_organisations_are_here_and_all_that_are_not_are_told_at_once(clinic):
    nowhere, made = to("Organization/nope"), episode_of_care("nancy", "nope", condition="nancys-kol")
    managed = [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": nowhere}]
    assert refusal(lambda: clinic.create(made | {"managingOrganization": nowhere, "extension": managed})) == [
        (NO_TEAM, "EpisodeOfCare.team[0]"),
        (NOT_HERE, "EpisodeOfCare.managingOrganization"),
        (NOT_HERE, "EpisodeOfCare.extension"),
    ]
    assert clinic.create(episode_of_care("nancy", "syd", condition="nancys-kol", organization="region"))["id"]


def test_a_team_that_is_closed_stays_on_what_it_was_on(clinic):
    """Teams are closed while the course of care goes on, and the team that takes over changes it."""
    nord = clinic.read("CareTeam", "nord")
    plan = clinic.create(care_plan("nancy", "nancys", "nord"))
    clinic.update(nord | {"status": "inactive"})
    assert clinic.update(plan | {"title": "KOL"})["careTeam"] == [to(f"{BASE}/CareTeam/nord")]
    episode = clinic.read("EpisodeOfCare", "nancys")
    assert len(clinic.update(episode | {"team": [*episode["team"], to("CareTeam/syd")]})["team"]) == 2


@pytest.mark.parametrize(
    "called",
    [{"display": "Team Nord"}, {"type": "CareTeam"}, to("CareTeam/nord"), to(f"{BASE}/CareTeam/nord/_history/1")],
)
def test_it_is_the_same_team_however_it_is_written(clinic, called):
    """Else a plan whose team is closed could not be paused by whoever writes the team's name beside its address."""
    plan = clinic.create(care_plan("nancy", "nancys", "nord"))
    clinic.update(clinic.read("CareTeam", "nord") | {"status": "inactive"})
    team = plan["careTeam"][0] | called
    assert clinic.update(plan | {"status": "on-hold", "careTeam": [team]})["status"] == "on-hold"


def test_a_plan_has_the_team_of_the_plan_that_it_is_part_of_though_that_is_closed(clinic):
    nord = clinic.read("CareTeam", "nord")
    whole = clinic.create(care_plan("nancy", "nancys", "nord"))
    clinic.update(nord | {"status": "inactive"})
    part = care_plan("nancy", "nancys", "nord")
    assert refusal(lambda: clinic.create(part)) == [(NO_TEAM, "CarePlan.careTeam[0]")]
    assert clinic.create(part | {"partOf": [to(f"CarePlan/{whole['id']}")]})["careTeam"] == whole["careTeam"]


def test_not_the_team_of_another_citizens_plan_which_is_not_told(clinic, closed):
    others = clinic.create(care_plan("tjoern", "tjoerns", "syd"))
    clinic.update(clinic.read("CareTeam", "syd") | {"status": "inactive"})
    for team in ("syd", "lukket"):
        part = care_plan("nancy", "nancys", team, partOf=[to(f"CarePlan/{others['id']}")])
        told = [("CAREPLAN_NOT_FOUND", "CarePlan.partOf"), (NO_TEAM, "CarePlan.careTeam[0]")]
        assert refusal(lambda part=part: clinic.create(part)) == told
