"""A professional begins a course of care that is planned, goes on with one on pause, and opens a new one."""

import re

import pytest

from kommunalpro.care.bundles import url_id
from kommunalpro.care.citizens import episodes_of, find_or_create_citizen, plan_episode
from kommunalpro.config import wiring
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.deadlines import all_of
from tests.people import TJOERN
from tests.unit.care.world import MONDAY
from tests.unit.web.shared.conftest import words

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
LINK = re.compile(r'href="([^"]+)"')
RESUME = re.compile(r'href="([^"]+/genoptag/)"')
BEGIN = re.compile(r'href="([^"]+/begynd/)"')


@pytest.fixture
def by(world, nancy):
    return nancy.seen_by(world.asta)


@pytest.fixture
def page(nancy):
    return f"/medarbejder/borgere/{url_id(nancy.patient)}/"


@pytest.fixture
def planned(world, nancy, by):
    """A course of care to which Nancy has not agreed yet."""
    condition, now = world.teams[world.staff_team("asta")].conditions[0], wiring.clock().now()
    return plan_episode(world.gateway, nancy.patient, condition=condition, legal_basis="sundhedsloven", by=by, now=now)


def statuses(world, nancy, by):
    found = episodes_of(world.gateway, nancy.patient, by=by, now=wiring.clock().now())
    return {each.url: each.status for each in found}


def test_a_planned_course_of_care_begins_when_the_citizen_has_agreed(visit, world, nancy, by, planned, page):
    asta = visit("asta")
    seen = words(asta.get(page))
    assert "planlagt fra" in seen
    (place,) = BEGIN.findall(seen)
    read = words(asta.get(place))
    assert re.search(r"Begynd forløbet ”Type 2-diabetes, planlagt fra [^”]+” for Nancy Ann Berggren", read)
    fields = dict(HIDDEN.findall(read))
    refused = asta.post(place, fields)
    assert refused.status_code == 422
    assert "Sæt kryds, når borgeren har sagt ja til forløbet." in words(refused)
    assert statuses(world, nancy, by)[planned] == "planned"
    begun = words(asta.post(place, {**fields, "consent": "on"}, follow=True))
    assert statuses(world, nancy, by)[planned] == "active"
    assert not BEGIN.findall(begun)
    assert f"{page}forloeb/{url_id(planned)}/send/" in begun


def test_one_that_has_begun_or_is_over_is_left_as_it_is(visit, world, nancy, by, page):
    end(world, nancy, by)
    fields = {"stamped": url_id(nancy.patient), "consent": "on"}
    assert visit("asta").post(f"{page}forloeb/{url_id(nancy.episode)}/begynd/", fields).status_code == 302
    assert statuses(world, nancy, by)[nancy.episode] == "finished"


def test_one_that_another_solution_has_paused_goes_on_when_somebody_says_so(visit, world, nancy, by, page):
    nancy.gets(now=wiring.clock().now())
    becomes(world, nancy, by, "onhold")
    asta = visit("asta")
    seen = words(asta.get(page))
    assert ("på pause, begyndt" in seen, "Ingen spørgeskemaer venter på svar." in seen) == (True, True)
    (place,) = RESUME.findall(seen)
    read = words(asta.get(place))
    assert "Genoptag forløbet ”Type 2-diabetes” for Nancy Ann Berggren" in read
    assert ("samtykke" in read, "Disse planer er selv sat på pause" in read) == (False, False)
    again = words(asta.post(place, dict(HIDDEN.findall(read)), follow=True))
    assert statuses(world, nancy, by)[nancy.episode] == "active"
    assert (RESUME.findall(again), "Ingen spørgeskemaer venter på svar." in again) == ([], False), "it is asked again"
    assert asta.post(place, dict(HIDDEN.findall(read))).status_code == 302, "who comes too late changes nothing"


def test_plans_that_are_paused_themselves_are_told_and_stay_so(visit, world, nancy, by, page):
    nancy.gets(now=wiring.clock().now())
    [plan] = all_of(world, "CarePlan")
    pause = [{"op": "replace", "path": "/status", "value": "on-hold"}]
    world.gateway.patch(f"CarePlan/{plan['id']}", pause, if_match=None, by=SYSTEM, now=wiring.clock().now())
    becomes(world, nancy, by, "onhold")
    asta = visit("asta")
    (place,) = RESUME.findall(words(asta.get(page)))
    read = words(asta.get(place))
    assert f"<li>{plan['title']}</li>" in read.partition("Disse planer er selv sat på pause")[2]
    asta.post(place, dict(HIDDEN.findall(read)))
    assert statuses(world, nancy, by)[nancy.episode] == "active"
    assert [each["status"] for each in all_of(world, "CarePlan")] == ["on-hold"]


def test_a_citizen_who_has_taken_back_their_consent_is_asked_before_it_goes_on(visit, world, nancy, by, page):
    becomes(world, nancy, by, "onhold")
    takes_back_their_consent(world)
    asta = visit("asta")
    (place,) = RESUME.findall(words(asta.get(page)))
    fields = dict(HIDDEN.findall(words(asta.get(place))))
    refused = asta.post(place, fields)
    assert (refused.status_code, statuses(world, nancy, by)[nancy.episode]) == (422, "onhold")
    assert "Der er ikke længere et samtykke til forløbet." in words(refused)
    asta.post(place, {**fields, "consent": "on"})
    assert statuses(world, nancy, by)[nancy.episode] == "active"
    assert sorted(each["status"] for each in all_of(world, "Consent")) == ["active", "inactive"]


def test_while_it_goes_on_the_team_is_told_that_the_citizen_has_taken_back_their_consent(visit, world, nancy, page):
    asta, told = visit("asta"), "Der er ikke længere et samtykke til forløbet ”Type 2-diabetes”."
    assert told not in words(asta.get(page))
    takes_back_their_consent(world)
    seen = words(asta.get(page))
    assert told in seen
    (place,) = BEGIN.findall(seen)
    read = words(asta.get(place))
    assert "Samtykke til forløbet ”Type 2-diabetes” for Nancy Ann Berggren" in read
    assert "Forløbet er i gang, men der er ikke længere et samtykke til det." in read
    fields = dict(HIDDEN.findall(read))
    assert asta.post(place, fields).status_code == 422
    assert told in words(asta.get(page)), "who has not said yes has not"
    assert told not in words(asta.post(place, {**fields, "consent": "on"}, follow=True))
    assert sorted(each["status"] for each in all_of(world, "Consent")) == ["active", "inactive"]
    assert asta.post(place, {**fields, "consent": "on"}).status_code == 302
    assert len(all_of(world, "Consent")) == 2, "who comes too late changes nothing"


def test_a_new_one_is_opened_where_the_others_are_over(visit, world, nancy, by, page):
    asta = visit("asta")
    place = f"{page}forloeb/"
    seen = words(asta.get(page))
    assert (place in LINK.findall(seen), "i gang siden" in seen) == (False, True)
    end(world, nancy, by)
    seen = words(asta.get(page))
    assert (place in LINK.findall(seen), "afsluttet, begyndt" in seen) == (True, True), "not since when it is over"
    read = words(asta.get(place))
    assert ("Åbn et forløb for Nancy Ann Berggren" in read, nancy.person.cpr[-4:] in read) == (True, True)
    refused = asta.post(place, dict(HIDDEN.findall(read)))
    assert (refused.status_code, nancy.person.cpr[-4:] in words(refused)) == (422, True), "about whom, in the header"
    given = {"condition": re.findall(r'value="([^"]+)"', read.partition('name="condition"')[2])[0]}
    fields = {**dict(HIDDEN.findall(read)), **given, "legal_basis": "sundhedsloven", "consent": "on"}
    assert asta.post(place, fields).status_code == 302
    assert sorted(statuses(world, nancy, by).values()) == ["active", "finished"]


def takes_back_their_consent(world):
    [consent] = all_of(world, "Consent")
    world.gateway.update({**consent, "status": "inactive"}, if_match=None, by=SYSTEM, now=wiring.clock().now())


def end(world, nancy, by):
    becomes(world, nancy, by, "finished")


def becomes(world, nancy, by, status):
    """Pause or end the course of care, as another solution may."""
    within, now = by.within(episode_of_care=nancy.episode), wiring.clock().now()
    read = world.gateway.read(nancy.episode, by=within, now=now)
    change = [{"op": "replace", "path": "/status", "value": status}]
    world.gateway.patch(nancy.episode, change, if_match=read["meta"]["versionId"], by=within, now=now)


def test_where_there_is_one_it_is_shown_and_another_about_the_same_is_asked_about_once_more(
    visit, world, nancy, by, page
):
    asta, place = visit("asta"), f"{page}forloeb/"
    read = words(asta.get(place))
    assert "Borgeren har ikke noget åbent forløb" not in read
    assert "Åbn endnu et forløb for Nancy Ann Berggren?" in read
    assert "har allerede forløbet ”Type 2-diabetes” hos jeres team (i gang siden" in read
    assert page in LINK.findall(read.partition("<main")[2])
    given = {"condition": re.findall(r'value="([^"]+)"', read.partition('name="condition"')[2])[0]}
    fields = {**dict(HIDDEN.findall(read)), **given, "legal_basis": "sundhedsloven", "consent": "on"}
    asked = asta.post(place, fields)
    assert (asked.status_code, "Åbn endnu et forløb?" in words(asked)) == (409, True)
    assert list(statuses(world, nancy, by)) == [nancy.episode]
    once_more = dict(HIDDEN.findall(words(asked)))
    assert once_more["once_more"] == url_id(nancy.episode)
    assert asta.post(place, once_more).status_code == 302
    assert asta.post(place, once_more).status_code == 409, "the same page posted twice opens one"
    assert len(statuses(world, nancy, by)) == 2


def test_who_has_none_and_is_not_seen_is_found_by_number(visit, world):
    stranger = find_or_create_citizen(world.gateway, TJOERN.cpr, given="T", family="H", by=world.asta, now=MONDAY)
    led = visit("asta").get(f"/medarbejder/borgere/{url_id(stranger.patient)}/forloeb/")
    assert led.headers["Location"] == "/medarbejder/borgere/find/"
