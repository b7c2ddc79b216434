"""Who comes in where, with what rights, and how one comes to where one was going."""

import pytest
from django.test import override_settings

from kommunalpro.config import wiring
from kommunalpro.fut.contexts import SYSTEM
from tests.unit.care.world import MONDAY
from tests.unit.web.shared.conftest import words

WORKLIST, EDITOR, PLANS, CITIZEN = "/medarbejder/", "/administration/spoergeskemaer/", "/kam/planer/", "/borger/"


@pytest.mark.parametrize("path", [WORKLIST, EDITOR, PLANS, CITIZEN, "/medarbejder/borgere/find/"])
def test_nobody_comes_in_without_logging_in(visit, path):
    response = visit().get(path + "?fane=alle")
    assert response.status_code == 302
    assert response.url == f"/log-ind/?videre={path.replace('/', '%2F')}%3Ffane%3Dalle"


@pytest.mark.parametrize(
    ("who", "opens"),
    [("asta", {WORKLIST}), ("lis", {EDITOR, PLANS}), ("nancy", {CITIZEN})],
)
def test_everybody_comes_into_their_own_part_and_no_other(visit, who, opens):
    client = visit(who)
    answers = {path: client.get(path).status_code for path in (WORKLIST, EDITOR, PLANS, CITIZEN)}
    assert answers == {path: 200 if path in opens else 403 for path in answers}


@pytest.mark.parametrize(
    ("who", "path", "advice"),
    [
        ("asta", PLANS, "Skal du arbejde her, så tal med den, der administrerer teamet."),
        ("asta", CITIZEN, "Vil du se dine egne spørgeskemaer, så log af, og log ind som borger."),
        ("nancy", PLANS, "Arbejder du her også, så log af, og log ind som medarbejder."),
    ],
)
def test_whoever_does_not_come_in_reads_what_they_can_do(visit, who, path, advice):
    page = words(visit(who).get(path))
    assert advice in page
    assert "it-afdeling" not in page


@pytest.mark.parametrize(("who", "start"), [("asta", WORKLIST), ("lis", EDITOR), ("nancy", CITIZEN)])
def test_the_front_page_leads_to_where_one_belongs(visit, who, start):
    assert visit(who).get("/").url == start


def test_after_logging_in_one_comes_to_where_one_was_going(visit):
    going = "/medarbejder/?fane=alle"
    assert visit().post("/log-ind/", {"person": "asta", "videre": going}).url == going


@pytest.mark.parametrize(
    "astray",
    ["https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)", "/borger/", "/findes-ikke/"],
)
def test_nobody_is_led_away_or_to_what_is_not_theirs(visit, astray):
    assert visit().post("/log-ind/", {"person": "asta", "videre": astray}).url == WORKLIST


def test_the_principal_carries_the_rights_of_the_team(visit, world):
    request = visit("asta").get(WORKLIST).wsgi_request
    assert request.principal.context == world.asta.context
    assert request.principal.privileges == world.asta.privileges
    assert request.principal.user == world.asta.user


def test_whoever_leaves_the_team_is_out_at_the_next_request(visit, world):
    client = visit("asta")
    assert client.get(WORKLIST).status_code == 200
    take_off(world, "nord", "asta")
    assert client.get(WORKLIST).url.startswith("/vaelg-team/")
    assert "Du er ikke med i noget team" in words(client.get("/vaelg-team/"))


def test_whoever_is_taken_off_the_team_while_they_write_can_copy_it(visit, world):
    client = visit("asta")
    take_off(world, "nord", "asta")
    answer = client.post(f"{WORKLIST}borgere/find/", {"note": "Talte med borgeren i telefon."})
    assert answer.status_code == 403
    assert "Du er ikke med i det team mere" in words(answer)
    assert "Talte med borgeren i telefon." in words(answer)


def test_whoever_has_not_chosen_a_team_yet_is_not_said_to_have_left_one(visit, world):
    """She has logged in again in another tab."""
    _put_on(world, "syd", "asta")
    answer = visit("asta").post(f"{WORKLIST}borgere/find/", {"note": "Talte med borgeren i telefon."})
    assert answer.status_code == 403
    assert "Du har ikke valgt team endnu." in words(answer)
    assert "Talte med borgeren i telefon." in words(answer)


def test_who_presses_a_button_when_they_are_logged_out_is_told_that_it_did_nothing(visit):
    answer = visit().post(f"{WORKLIST}borgere/find/", {"choice": "1"})
    assert answer.status_code == 403
    for text in ("Det blev ikke gemt eller sendt", "Log ind igen, åbn siden, og gør det om."):
        assert text in words(answer)


def test_with_two_teams_one_chooses_and_can_change(visit, world):
    _put_on(world, "syd", "asta")
    client = visit()
    client.post("/log-ind/", {"person": "asta"})
    assert client.get(WORKLIST).url.startswith("/vaelg-team/")
    client.post("/vaelg-team/", {"team": world.teams["syd"].url})
    assert "Sundhedscenter Syd" in words(client.get(WORKLIST))
    assert "skift team øverst på siden" in words(client.get(PLANS))
    assert 'href="/vaelg-team/"' in words(client.get(WORKLIST))


def test_a_team_one_is_not_in_cannot_be_chosen(visit, world):
    client = visit("asta")
    assert client.post("/vaelg-team/", {"team": world.teams["hjerte"].url}).status_code == 403
    assert "Sundhedscenter Nord" in words(client.get(WORKLIST))


def test_logging_in_gives_the_session_a_new_name(visit):
    client = visit("asta")
    first = client.cookies["sessionid"].value
    client.post("/log-ind/", {"person": "bo"})
    assert client.cookies["sessionid"].value != first


def test_logging_out_forgets_who_it_was(visit):
    client = visit("asta")
    assert "Du er logget af." in words(client.post("/log-ud/", follow=True))
    assert client.get(WORKLIST).status_code == 302


def test_logging_out_takes_a_press_and_not_a_link(visit):
    assert visit("asta").get("/log-ud/").status_code == 405


def test_the_demo_lists_everybody_by_full_name_on_a_button(visit, persons):
    page = words(visit().get("/log-ind/"))
    for person in persons.values():
        assert f">{person.name}</button>" in page


@override_settings(DEMO=False)
def test_production_lists_nobody_and_says_what_is_to_come(visit):
    client = visit()
    page = client.get("/log-ind/")
    assert "MitID" in words(page)
    assert "Asta" not in words(page)
    client.post("/log-ind/", {"person": "asta"})
    assert client.get(WORKLIST).status_code == 302


@pytest.mark.parametrize("written", ["251248-9996", "2512489996", "Nancy 251248 9996"])
def test_a_number_that_is_looked_for_as_a_name_stays_in_no_address(visit, written):
    lis = visit("lis")
    answer = lis.get("/kam/organisationer/", {"navn": written})
    assert (answer.status_code, answer.url) == (302, "/kam/organisationer/")
    assert lis.get("/kam/organisationer/", {"navn": "Sundhedscenter 12"}).status_code == 200


def test_who_was_logged_out_while_they_wrote_can_copy_it(visit):
    written = {"note": "Talte med borgeren i telefon."}
    answer = visit().post(f"{WORKLIST}borgere/find/", written)
    assert answer.status_code == 403
    for text in ("Det blev ikke gemt eller sendt", "Du er logget af.", "Kopiér teksten. Log ind", *written.values()):
        assert text in words(answer)
    script = visit().post(f"{WORKLIST}borgere/find/", written, headers={"HX-Request": "true"})
    assert (script.status_code, script.content, "HX-Redirect" in script.headers) == (403, b"", False)


def test_a_script_that_lost_its_session_makes_the_whole_page_go_to_the_log_in(visit):
    response = visit().post("/medarbejder/borgere/find/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "/log-ind/"


@pytest.mark.parametrize("path", ["/log-ind/", "/om/", "/findes-ikke/", WORKLIST])
def test_no_page_is_kept_by_a_browser_or_on_the_way(visit, path):
    assert visit("asta").get(path)["Cache-Control"] == "no-store"


def test_the_language_is_chosen_and_stays(visit):
    client = visit("asta")
    client.post("/sprog/", {"language": "en", "next": WORKLIST})
    page = words(client.get(WORKLIST))
    assert '<html lang="en">' in page
    assert "Worklist" in page


def take_off(world, team, person):
    _change(world, team, lambda members, url: [each for each in members if each["member"]["reference"] != url], person)


def _put_on(world, team, person):
    def added(members, url):
        return [*members, {**members[0], "member": {"reference": url}}]

    _change(world, team, added, person)


def _change(world, team, change, person):
    gateway = wiring.gateway()
    resource = gateway.read(world.teams[team].url, by=SYSTEM, now=MONDAY)
    resource["participant"] = change(resource["participant"], world.staff[person].principal.user)
    if not resource["participant"]:
        del resource["participant"]
    gateway.update(resource, if_match=resource["meta"]["versionId"], by=SYSTEM, now=MONDAY)
