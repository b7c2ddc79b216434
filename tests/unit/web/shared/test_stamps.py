"""A form is refused from anybody but who opened it, in another team than theirs then, and about another citizen."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import override_settings

from kommunalpro import web
from kommunalpro.care.bundles import url_id
from kommunalpro.care.citizens import episodes_of
from kommunalpro.config import wiring
from kommunalpro.web.shared.visitor import OPENED_BY
from tests.unit.care.world import BAD_PAIN
from tests.unit.web.shared.conftest import words
from tests.unit.web.shared.test_doors import take_off

WRITTEN = "Talte med borgeren i telefon, vi ses torsdag."
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ROOMS = Path(web.__file__).parent
NEW_PLAN = "/kam/planer/ny/"


@pytest.fixture
def wrong_pages():
    with override_settings(ROOT_URLCONF="tests.unit.web.shared.addresses"):
        yield


def form_of(browser, place):
    return dict(HIDDEN.findall(words(browser.get(place))))


def courses(world, nancy, key):
    by = nancy.seen_by(world.staff[key].principal)
    return len(episodes_of(world.gateway, nancy.patient, by=by, now=wiring.clock().now()))


def test_what_one_nurse_wrote_is_not_stored_as_the_words_of_another(visit, world, nancy):
    now = wiring.clock().now()
    nancy.gets(now=now)
    id = url_id(nancy.answers(BAD_PAIN, now=now))
    place, browser = f"/medarbejder/borgere/{url_id(nancy.patient)}/svar/{id}/", visit("asta")
    form = {**form_of(browser, place), "note": WRITTEN}
    browser.post("/log-ind/", {"person": "eva"})
    browser.post("/vaelg-team/", {"team": world.teams["nord"].url})
    told = browser.post(f"{place}opgave/afslut/", form)
    assert (told.status_code, WRITTEN in words(browser.get(place))) == (409, False)
    for text in ("Nu er en anden logget ind", "Skrevet af Asta Holm. Det er ikke gemt.", WRITTEN):
        assert text in words(told)
    assert "Det, du skrev" not in words(told), "Eva has not written it"


def test_a_citizen_who_logs_in_next_does_not_read_what_a_nurse_wrote(visit, nancy):
    browser = visit("asta")
    form = {**form_of(browser, f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/"), "note": WRITTEN}
    browser.post("/log-ind/", {"person": "nancy"})
    told = browser.post(f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/", form)
    assert (told.status_code, WRITTEN in words(told)) == (409, False)


@pytest.mark.parametrize("next_one", ["eva", "kim", "bo", "lis"])
def test_what_a_nurse_wrote_is_not_shown_to_who_may_not_read_of_the_citizen(visit, nancy, next_one):
    """Eva has chosen no team yet, Kim and Bo are in others, and Lis's role in the same team sees no citizens."""
    browser, place = visit("asta"), f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/"
    form = {**form_of(browser, place), "note": WRITTEN}
    browser.post("/log-ind/", {"person": next_one})
    told = browser.post(place, form)
    assert (told.status_code, WRITTEN in words(told)) == (409, False)
    assert "Det, du skrev" not in words(told)


def test_who_logs_in_again_and_has_chosen_no_team_yet_is_told_that_it_was_not_done(visit, world, nancy):
    eva, place = visit("eva"), f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/"
    eva.post("/vaelg-team/", {"team": world.teams["nord"].url})
    form = form_of(eva, place)
    eva.post("/log-ind/", {"person": "eva"})
    for note in ("", "Ringet"):
        told = eva.post(place, {**form, "note": note})
        assert told.status_code == 403
        for text in ("Det blev ikke gemt eller sendt", "Du har ikke valgt team endnu.", note):
            assert text in words(told)


def test_what_was_begun_in_one_team_is_not_done_in_another(visit, world, nancy):
    place, eva = f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/", visit("eva")
    eva.post("/vaelg-team/", {"team": world.teams["nord"].url})
    condition = re.findall(r'value="([^"]+)"', words(eva.get(place)).partition('name="condition"')[2])[0]
    form = {**form_of(eva, place), "condition": condition, "legal_basis": "sundhedsloven", "consent": "on"}
    eva.post("/vaelg-team/", {"team": world.teams["syd"].url})
    told = eva.post(place, form)
    assert (told.status_code, courses(world, nancy, "bo")) == (409, 0)
    for text in ("Du har skiftet team", "åbnet i Sundhedscenter Nord, men nu arbejder du i Sundhedscenter Syd"):
        assert text in words(told)


def test_who_was_taken_off_the_team_meanwhile_is_not_told_to_change_back(visit, world, nancy):
    place, eva = f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/", visit("eva")
    eva.post("/vaelg-team/", {"team": world.teams["nord"].url})
    form = {**form_of(eva, place), "note": WRITTEN}
    take_off(world, "nord", "eva")
    told = eva.post(place, form)
    assert (told.status_code, WRITTEN in words(told)) == (403, True)
    assert "Du er ikke med i det team mere" in words(told)


def test_an_administrators_form_is_theirs_as_well(visit, lis):
    form = form_of(lis, NEW_PLAN)
    assert OPENED_BY in form
    other = visit("lis")
    assert other.post(NEW_PLAN, {**form, OPENED_BY: f"{uuid4()}|{uuid4()}"}).status_code == 409


def test_a_form_that_does_not_say_who_opened_it_is_refused(lis):
    told = lis.post(NEW_PLAN, {OPENED_BY: "", "title": WRITTEN})
    assert told.status_code == 400
    assert ("Siden er for gammel" in words(told), WRITTEN in words(told)) == (True, True)


def test_who_changes_team_or_logs_out_from_an_old_page_does_so(visit, world):
    eva = visit("eva")
    old = {OPENED_BY: f"{uuid4()}|"}
    assert eva.post("/vaelg-team/", {**old, "team": world.teams["syd"].url}).status_code == 302
    assert eva.post("/log-ud/", old).status_code == 302


def test_every_form_that_changes_something_carries_who_opened_it():
    """By the macros' parameters too, which are given it."""
    carried = re.compile(r"csrf_input|\{\{ (token|fields) \}\}")
    for template in ROOMS.rglob("*.html"):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', template.read_text(), re.DOTALL):
            assert carried.search(form), template


@pytest.mark.usefixtures("wrong_pages")
def test_a_form_for_one_citizen_is_refused_at_another_with_both_names(visit, nancy):
    other = {"stamped": str(uuid4()), "stamped_name": "Tjørn Egon Simonsen", "note": WRITTEN}
    response = visit("asta").post(_address(nancy), other)
    assert response.status_code == 409
    for text in ("Tjørn Egon Simonsen", "Nancy Ann Berggren", "Intet er gemt", WRITTEN):
        assert text in words(response)


@pytest.mark.usefixtures("wrong_pages")
def test_whom_one_may_not_see_is_not_named_by_a_mismatch(visit, nancy):
    response = visit("bo").post(_address(nancy), {"stamped": str(uuid4()), "stamped_name": "Tjørn"})
    assert response.status_code == 409
    assert "Nancy" not in words(response)


@pytest.mark.usefixtures("wrong_pages")
def test_a_form_that_is_not_stamped_is_refused(visit, nancy):
    assert visit("asta").post(_address(nancy), {"note": WRITTEN}).status_code == 400


@pytest.mark.usefixtures("wrong_pages")
def test_a_form_with_its_own_stamp_passes(visit, nancy):
    stamp = {"stamped": nancy.patient.rsplit("/", 1)[-1]}
    assert visit("asta").post(_address(nancy), stamp).status_code == 200


def _address(nancy):
    return f"/om-borger/{nancy.patient.rsplit('/', 1)[-1]}/"
