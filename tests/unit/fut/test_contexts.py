"""Which teams somebody may choose to work in, and who they then act as."""

from datetime import timedelta

from kommunalpro.fut.contexts import as_citizen, as_practitioner, care_teams_of
from kommunalpro.fut.gateway.local import LocalGateway
from kommunalpro.fut.privileges import privileges_of
from tests.people import ASTA, BO, KIM
from tests.resources import care_team, organization, practitioner
from tests.store.cast import BASE, LATER, NOW

USER = f"{BASE}/Practitioner/asta"


def choices(store, *, now=NOW):
    return care_teams_of(LocalGateway(store.server), USER, now=now)


def test_the_choice_is_ones_own_active_teams_by_name_with_their_organisation(clinic):
    clinic.create(care_team("Aften", ASTA, BO, organization="region"), id="aften")
    clinic.create(care_team("Lukket", ASTA) | {"status": "inactive"})
    clinic.create(care_team("Andre", BO, KIM))
    found = [(each.name, each.care_team, each.organization_name) for each in choices(clinic)]
    assert found == [
        ("Aften", f"{BASE}/CareTeam/aften", "Region Øst"),
        ("Nord", f"{BASE}/CareTeam/nord", "Birkelund Kommune"),
    ]


def test_the_roles_are_those_one_has_in_that_team(clinic):
    [nord] = choices(clinic)
    assert nord.roles == ASTA.roles


def test_a_membership_that_has_ended_is_no_choice_and_its_roles_are_none(clinic):
    ended = care_team("Nord", ASTA, ASTA)
    ended["participant"][0]["role"] = ended["participant"][0]["role"][:1]
    ended["participant"][1]["period"] = {"end": LATER.isoformat()}
    clinic.update(ended | {"id": "nord"})
    after = LATER + timedelta(seconds=1)
    assert len(choices(clinic)[0].roles) == 1 + len(ASTA.roles)
    assert choices(clinic, now=after)[0].roles == ASTA.roles[:1]
    del ended["participant"][0]
    clinic.update(ended | {"id": "nord"})
    assert choices(clinic, now=after) == ()


def test_a_team_without_organisation_is_a_choice_too(store):
    store.create(practitioner(), id="asta")
    alone = {name: value for name, value in care_team("Alene", ASTA).items() if name != "managingOrganization"}
    store.create(alone)
    [choice] = choices(store)
    assert (choice.organization, choice.organization_name) == (None, "")


def test_a_practitioner_acts_in_the_team_with_its_roles_and_without_one_as_everybody(clinic):
    [nord] = choices(clinic)
    asta = as_practitioner(USER, "Asta Holm", nord)
    assert asta.context.care_team == f"{BASE}/CareTeam/nord"
    assert asta.context.organization == f"{BASE}/Organization/kommune"
    assert asta.privileges == privileges_of(ASTA.roles)
    nobody = as_practitioner(USER, "Asta Holm", None)
    assert nobody.privileges == privileges_of(())
    assert nobody.context.care_team is None


def test_a_citizen_acts_about_themselves():
    nancy = as_citizen(f"{BASE}/Patient/nancy", "Nancy")
    assert nancy.context.patient == nancy.user == f"{BASE}/Patient/nancy"
    assert nancy.user_type == "PATIENT"


def test_what_is_on_another_server_is_no_team_here(store):
    store.create(organization(), id="kommune")
    team = care_team("Fremmed", ASTA)
    team["participant"][0]["member"] = {"reference": "https://other.example/fhir/Practitioner/asta"}
    store.create(team)
    assert choices(store) == ()
