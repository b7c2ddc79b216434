"""A clinical administrator makes a care team, puts people in it, and closes it; nobody else does."""

import re

import pytest

from kommunalpro.config import wiring
from kommunalpro.fhir.ehealth import SKS_DIAGNOSES as SKS
from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.membership import is_current
from kommunalpro.fut.treatment_area import FSIII
from tests.unit.web.shared.conftest import words

DIABETES = f"{SKS}|DE11"
ROLES = {"roles": ["clinicalViewer", "citizenEnroller"]}


def stored(team):
    return wiring.gateway().read(team, by=SYSTEM, now=wiring.clock().now())


def path_of(team):
    return f"/kam/team/{team.rpartition('/')[2]}/"


def version(team):
    return {"version": stored(team)["meta"]["versionId"]}


def id_of(person):
    return person.principal.user.rpartition("/")[2]


def id_of_town(world):
    """Give the id of Lis's own organisation."""
    return world.teams["nord"].organization.rpartition("/")[2]


@pytest.fixture
def team(lis, world):
    """A team that Lis has made for her organisation."""
    given = {"name": "Team Øst", "conditions": [DIABETES], "organization": id_of_town(world)}
    made = lis.post("/kam/team/nyt/", given)
    assert made.status_code == 302
    return f"{wiring.gateway().base_url}/CareTeam/{made.url.strip('/').rpartition('/')[2]}"


def test_of_a_second_team_of_one_name_it_is_asked_once_whether_it_is_meant(lis, world, team):
    given = {"name": "team  øst", "conditions": [DIABETES], "organization": id_of_town(world)}
    assert "Opret et team mere" not in words(lis.get("/kam/team/nyt/"))
    asked = lis.post("/kam/team/nyt/", given)
    page = words(asked)
    assert (asked.status_code, 'name="is_meant"' in page, 'value="team  øst"' in page) == (422, True, True)
    assert "Organisationen har allerede et team med det navn." in page
    assert lis.post("/kam/team/nyt/", given | {"is_meant": "on"}).status_code == 302
    assert lis.post("/kam/team/nyt/", given | {"name": "Team Østerbro"}).status_code == 302


@pytest.mark.parametrize(
    "name",
    ["Team\u200b Øst", "\ufeffTeam Øst\u2060", "Te\u00adam\u00a0Øst", "Team\u3164Øst", "Ｔeam Øst"],
    ids=["no width", "at its ends", "a hyphen that is not shown", "a letter like a space", "full width"],
)
def test_a_name_that_looks_the_same_is_the_same(lis, world, team, name):
    given = {"name": name, "conditions": [DIABETES], "organization": id_of_town(world)}
    assert lis.post("/kam/team/nyt/", given).status_code == 422


def test_it_is_asked_too_when_a_team_gets_the_name_of_another(lis, world, team):
    nord = stored(world.teams["nord"].url)["name"]
    given = {"name": nord.upper(), "conditions": [DIABETES], **version(team)}
    assert "Lad de to team" not in words(lis.get(f"{path_of(team)}ret/"))
    asked = lis.post(f"{path_of(team)}ret/", given)
    page = words(asked)
    assert (asked.status_code, 'name="is_meant"' in page, f'value="{nord.upper()}"' in page) == (422, True, True)
    assert "Organisationen har allerede et team med det navn." in page
    assert stored(team)["name"] == "Team Øst"
    assert lis.post(f"{path_of(team)}ret/", given | {"is_meant": "on"}).status_code == 302
    assert stored(team)["name"] == nord.upper()


def test_who_changes_something_else_about_a_team_is_not_asked_about_the_name_it_has(lis, world, team):
    same = {"name": "Team Øst", "conditions": [DIABETES], "organization": id_of_town(world), "is_meant": "on"}
    assert lis.post("/kam/team/nyt/", same).status_code == 302
    given = {"name": "Team Øst", "conditions": [f"{SKS}|DJ44"], **version(team)}
    assert lis.post(f"{path_of(team)}ret/", given).status_code == 302


def test_a_team_that_is_closed_takes_no_name(lis, world, team):
    lis.post(f"{path_of(team)}status/", {"do": "inactive", **version(team)})
    given = {"name": "Team Øst", "conditions": [DIABETES], "organization": id_of_town(world)}
    assert lis.post("/kam/team/nyt/", given).status_code == 302


def test_a_team_is_made_proposed_by_ones_own_organisation(lis, world, team):
    made = stored(team)
    assert (made["status"], made["name"]) == ("proposed", "Team Øst")
    assert made["managingOrganization"] == [{"reference": world.teams["nord"].organization}]
    assert made["reasonCode"][0]["coding"][0]["display"] == "Type 2-diabetes"
    page = words(lis.get(path_of(team)))
    assert "Foreslået" in page
    assert "Teamet har ingen medlemmer endnu." in page


def test_a_condition_without_a_name_has_the_registers_on_every_page_and_is_danish_on_an_english_one(lis, team):
    made = stored(team)
    coded = [{"coding": [{"system": SKS, "code": "DE11"}]}, {"coding": [{"system": FSIII, "code": "J1.1"}]}]
    wiring.gateway().update(
        made | {"reasonCode": coded}, if_match=made["meta"]["versionId"], by=SYSTEM, now=wiring.clock().now()
    )
    lis.cookies["django_language"] = "en"
    named = "Type 2-diabetes · Vaske sig"
    assert f'<span lang="da">{named}</span>' in words(lis.get("/kam/team/"))
    assert f'<dd lang="da">{named}</dd>' in words(lis.get(path_of(team)))
    edit = words(lis.get(f"{path_of(team)}ret/"))
    assert re.search(r'<label for="conditions-1-\d+" lang="da">Type 2-diabetes</label>', edit)
    assert ">DE11<" not in edit


@pytest.mark.parametrize("name", ["\u200b", "\u00ad \ufeff", "\u2800\u3164"])
def test_a_name_that_nobody_sees_is_none(lis, world, name):
    given = {"name": name, "conditions": [DIABETES], "organization": id_of_town(world)}
    assert "Skriv, hvad teamet hedder." in words(lis.post("/kam/team/nyt/", given))


def test_what_a_new_team_lacks_is_told_all_at_once_and_a_condition_is_one_that_there_is(lis, world):
    other = world.teams["hjerte"].organization.rpartition("/")[2]
    given = {"name": "", "conditions": [f"{FSIII}|F99"], "organization": other}
    refused = lis.post("/kam/team/nyt/", given)
    assert refused.status_code == 422
    page = words(refused)
    for told in ("Skriv, hvad teamet hedder.", "Vælg på listen.", "Vælg en på listen."):
        assert told in page
    assert "Vælg mindst én tilstand" in words(lis.post("/kam/team/nyt/", {"name": "Team"}))


def test_somebody_is_found_added_gets_other_roles_and_leaves_and_the_team_remembers_it_all(lis, world, team):
    bo, members = id_of(world.staff["bo"]), f"{path_of(team)}medlemmer/"
    found = words(lis.get(members, {"navn": "bo de"}))
    assert "Bo Demo, Sundhedscenter Syd" in found
    assert "Borgeropretter: Opretter borgere i forløb" in found
    assert "Ingen medarbejder hedder noget med Xyz" in words(lis.get(members, {"navn": "Xyz"}))
    refused = words(lis.post(members, {"navn": "bo", **version(team)}))
    assert "Find og vælg den, der skal være medlem." in refused
    assert "Vælg mindst én rolle." in refused

    assert lis.post(members, {"navn": "bo", "person": bo, **ROLES, **version(team)}).status_code == 302
    assert lis.post(f"{members}{bo}/", {"roles": ["clinicalViewer"], **version(team)}).status_code == 302
    warned = words(lis.get(f"{members}{bo}/"))
    assert "Bo Demo er det sidste medlem" in warned
    assert "Teamet er ikke på nogen åbne forløb eller planer." in warned
    assert lis.post(f"{members}{bo}/", {"do": "leave", **version(team)}).status_code == 302

    kept = [[role["coding"][0]["code"] for role in each["role"]] for each in stored(team)["participant"]]
    assert sorted(kept) == [["clinicalViewer"], ["clinicalViewer", "citizenEnroller"]]
    assert not any(is_current(each, wiring.clock().now()) for each in stored(team)["participant"])
    page = words(lis.get(path_of(team)))
    assert "Teamet har ingen medlemmer nu." in page
    assert page.count("Bo Demo") == len(kept)
    assert lis.get(f"{members}{bo}/").status_code == 404


def test_before_a_team_is_closed_it_is_told_who_and_how_many_it_concerns(lis, nancy, world):
    nancy.gets()
    nord = world.teams["nord"].url
    warned = words(lis.get(f"{path_of(nord)}luk/"))
    assert re.search(r"Teamet er på 1 åbent forløb\s+og 1 plan\.", warned)
    assert "3 medlemmer kan ikke mere arbejde i teamet:" in warned
    assert "Asta Holm" in warned
    assert nancy.person.family not in warned


def test_nobody_closes_the_team_they_work_in_and_locks_themselves_out(lis, world):
    nord, syd = world.teams["nord"].url, world.teams["syd"].url
    refused = lis.post(f"{path_of(nord)}status/", {"do": "inactive", **version(nord)})
    assert refused.status_code == 422
    assert "Skift til et andet team, og luk det derfra." in words(refused)
    assert stored(nord)["status"] == "active"
    assert lis.post(f"{path_of(syd)}status/", {"do": "inactive", **version(syd)}).status_code == 302
    assert stored(syd)["status"] == "inactive"
    assert stored(syd)["participant"]


def test_what_nobody_may_count_is_not_told_to_be_nothing(lis, nancy, world, monkeypatch):
    nancy.gets()
    search = type(wiring.gateway()).search

    def as_there(self, type, parameters, *, by, now):
        if by == SYSTEM and type in ("EpisodeOfCare", "CarePlan"):
            raise Forbidden("Det har du ikke adgang til at gøre.", diagnostics="Somebody else is signed in")
        return search(self, type, parameters, by=by, now=now)

    monkeypatch.setattr(type(wiring.gateway()), "search", as_there)
    warned = words(lis.get(f"{path_of(world.teams['nord'].url)}luk/"))
    assert "Vi kan ikke tælle her, hvor mange åbne forløb og planer teamet er på." in warned
    assert "ikke på nogen" not in warned


def test_a_team_is_taken_into_use_closed_and_opened_again(lis, team):
    for status, offered in (("active", "Luk teamet"), ("inactive", "Åbn teamet igen"), ("active", "Luk teamet")):
        assert lis.post(f"{path_of(team)}status/", {"do": status, **version(team)}).status_code == 302
        assert stored(team)["status"] == status
        assert offered in words(lis.get(path_of(team)))
    assert lis.post(f"{path_of(team)}status/", {"do": "entered-in-error", **version(team)}).status_code == 400


def test_who_comes_second_keeps_what_they_wrote_and_sees_what_stands_there(lis, team):
    opened = version(team)
    lis.post(f"{path_of(team)}ret/", {"name": "Team Østerbro", "conditions": [DIABETES], **opened})
    second = lis.post(f"{path_of(team)}ret/", {"name": "Team Vest", "conditions": [DIABETES], **opened})
    assert second.status_code == 412
    page = words(second)
    assert "En anden har ændret det imens" in page
    assert "Navn: Team Østerbro" in page
    assert 'value="Team Vest"' in page
    assert stored(team)["name"] == "Team Østerbro"
    [now] = re.findall(r'name="version" value="(\d+)"', page)
    again = lis.post(f"{path_of(team)}ret/", {"name": "Team Vest", "conditions": [DIABETES], "version": now})
    assert again.status_code == 302
    assert stored(team)["name"] == "Team Vest"


@pytest.fixture
def bo_in(lis, world, team):
    """Bo is a member who may look and enrol; gives his page, and the version that two administrators have opened."""
    bo, members = id_of(world.staff["bo"]), f"{path_of(team)}medlemmer/"
    lis.post(members, {"navn": "bo", "person": bo, "roles": ["clinicalViewer", "citizenEnroller"]})
    return f"{members}{bo}/", version(team)


def roles_now(team):
    return {
        role["coding"][0]["code"]
        for each in stored(team)["participant"]
        if is_current(each, wiring.clock().now())
        for role in each["role"]
    }


def test_a_role_that_somebody_else_took_away_is_not_given_back_by_who_gives_another(lis, team, bo_in):
    page, opened = bo_in
    assert lis.post(page, {"roles": ["clinicalViewer"], **opened}).status_code == 302
    second = lis.post(page, {"roles": ["clinicalViewer", "citizenEnroller", "monitoringAssistor"], **opened})
    shown = words(second)
    assert second.status_code == 412
    assert "Roller: Klinisk se adgang" in shown
    ticked = {each.split('value="')[1].split('"')[0] for each in re.findall(r"<input[^>]*checked[^>]*>", shown)}
    assert ticked == {"clinicalViewer", "monitoringAssistor"}
    [now] = re.findall(r'name="version" value="(\d+)"', shown)[:1]
    assert lis.post(page, {"roles": sorted(ticked), "version": now}).status_code == 302
    assert roles_now(team) == ticked


def test_who_left_meanwhile_is_told_to_have(lis, team, bo_in):
    page, opened = bo_in
    assert lis.post(page, {"do": "leave", **opened}).status_code == 302
    second = lis.post(page, {"roles": ["clinicalViewer"], **opened})
    assert second.status_code == 422
    assert "Bo Demo er ikke med i teamet mere." in words(second)
    assert roles_now(team) == set()


def test_a_member_is_added_though_somebody_else_changed_the_team_meanwhile(lis, world, team):
    opened = version(team)
    lis.post(f"{path_of(team)}ret/", {"name": "Team Øst", "conditions": [DIABETES], **opened})
    given = {"navn": "bo", "person": id_of(world.staff["bo"]), "roles": ["clinicalViewer"], **opened}
    assert lis.post(f"{path_of(team)}medlemmer/", given).status_code == 302
    assert (stored(team)["name"], roles_now(team)) == ("Team Øst", {"clinicalViewer"})


def test_a_condition_of_fsiii_is_chosen_and_has_the_name_that_it_has_there(lis, team):
    given = {"name": "Team Øst", "conditions": [f"{FSIII}|J1.1"], **version(team)}
    assert lis.post(f"{path_of(team)}ret/", given).status_code == 302
    [reason] = stored(team)["reasonCode"]
    assert reason["coding"] == [{"system": FSIII, "code": "J1.1", "display": "Vaske sig"}]
    assert re.search(r"\|J1\.1\" checked", words(lis.get(f"{path_of(team)}ret/")))


def test_what_a_team_works_with_beside_the_list_stays_when_it_is_chosen_again(lis, team):
    local = {"coding": [{"system": "urn:lokal", "code": "x"}, {"system": SKS, "code": "DE11"}], "text": "Vores"}
    made = stored(team)
    wiring.gateway().update(
        made | {"reasonCode": [local]}, if_match=made["meta"]["versionId"], by=SYSTEM, now=wiring.clock().now()
    )
    page = words(lis.get(f"{path_of(team)}ret/"))
    assert re.search(r">Andet</legend>.*urn:lokal\|x\" checked.*>Vores<", page, re.DOTALL)
    given = {"name": "Team Øst", "conditions": ["urn:lokal|x"], **version(team)}
    assert lis.post(f"{path_of(team)}ret/", given).status_code == 302
    assert stored(team)["reasonCode"] == [local]


def test_who_is_a_member_themselves_is_warned(lis, world):
    page = words(lis.get(f"{path_of(world.teams['nord'].url)}medlemmer/{id_of(world.staff['lis'])}/"))
    assert "Det er dig selv." in page
    assert "er det sidste medlem" not in page


@pytest.mark.parametrize("gives", [{"roles": ["clinicalAdministrator"]}, {"do": "leave"}])
def test_the_last_who_may_change_teams_stays_until_somebody_else_may(lis, world, gives):
    """Else nobody could change any team of the organisation any more, and no page could help them."""
    own, members = world.teams["nord"].url, f"{path_of(world.teams['nord'].url)}medlemmer/"
    self, other = (f"{members}{id_of(world.staff[name])}/" for name in ("lis", "asta"))
    refused = lis.post(self, gives | version(own))
    assert refused.status_code == 422
    assert "Så kan ingen ændre organisationens team. Gør først en anden til Care Team Administrator." in words(refused)
    assert lis.post(other, {"roles": ["clinicalViewer", "careteamAdministrator"], **version(own)}).status_code == 302
    assert lis.post(self, gives | version(own)).status_code == 302


def test_a_team_of_another_organisation_is_read_only(lis, world):
    hjerte = world.teams["hjerte"].url
    page = words(lis.get(path_of(hjerte)))
    assert "Tilføj medlem" not in page
    assert "Luk teamet" not in page
    for place in ("ret/", "luk/", "medlemmer/", f"medlemmer/{id_of(world.staff['kim'])}/"):
        assert lis.get(f"{path_of(hjerte)}{place}").status_code == 403
    before = stored(hjerte)
    for place, given in (("ret/", {"name": "Vores", "conditions": [DIABETES]}), ("status/", {"do": "inactive"})):
        assert lis.post(f"{path_of(hjerte)}{place}", {**given, **version(hjerte)}).status_code == 403
    assert stored(hjerte) == before


@pytest.mark.parametrize("who", ["asta", "nancy"])
def test_a_nurse_and_a_citizen_do_not_come_in(visit, world, who):
    somebody, nord = visit(who), world.teams["nord"].url
    for place in ("/kam/team/nyt/", path_of(nord), f"{path_of(nord)}medlemmer/"):
        assert somebody.get(place).status_code == 403
    assert somebody.post(f"{path_of(nord)}status/", {"do": "inactive", **version(nord)}).status_code == 403
    assert stored(nord)["status"] == "active"
