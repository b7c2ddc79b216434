"""A form is refused from anybody but who opened it, in another team than theirs then, and about another citizen."""

import re
from uuid import uuid4

import pytest
from django.test import override_settings

from kommunalpro.care.bundles import url_id
from kommunalpro.care.citizens import episodes_of
from kommunalpro.config import wiring
from kommunalpro.web.shared.stamps import OPENED_BY
from tests.unit.web.shared.conftest import words

WRITTEN = "Talte med borgeren i telefon, vi ses torsdag."
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
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
    place, browser = (
        f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/{url_id(nancy.episode)}/send/",
        visit("asta"),
    )
    form = form_of(browser, place)
    browser.post("/log-ind/", {"person": "eva"})
    browser.post("/vaelg-team/", {"team": world.teams["nord"].url})
    told = browser.post(place, {**form, "note": WRITTEN, "send": "1"})
    assert told.status_code == 409
    for text in (
        "Nu er en anden logget ind",
        "Asta Holm (Sundhedscenter Nord)",
        "Eva Demo (Sundhedscenter Nord)",
        WRITTEN,
    ):
        assert text in words(told)


def test_what_was_begun_in_one_team_is_not_done_in_another(visit, world, nancy):
    place, eva = f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/", visit("eva")
    eva.post("/vaelg-team/", {"team": world.teams["nord"].url})
    condition = re.findall(r'value="([^"]+)"', words(eva.get(place)).partition('name="condition"')[2])[0]
    form = {**form_of(eva, place), "condition": condition, "legal_basis": "sundhedsloven", "consent": "on"}
    eva.post("/vaelg-team/", {"team": world.teams["syd"].url})
    told = eva.post(place, form)
    assert (told.status_code, courses(world, nancy, "bo")) == (409, 0)
    for text in (
        "Du har skiftet team",
        "Eva Demo (Sundhedscenter Nord)",
        "Eva Demo (Sundhedscenter Syd)",
        "Intet er gemt",
    ):
        assert text in words(told)


def test_an_administrators_form_is_theirs_as_well(visit, lis):
    form = form_of(lis, NEW_PLAN)
    assert OPENED_BY in form
    other = visit("lis")
    assert other.post(NEW_PLAN, {**form, OPENED_BY: f"{uuid4()}|{uuid4()}"}).status_code == 409


def test_a_form_that_does_not_say_who_opened_it_is_refused(lis):
    told = lis.post(NEW_PLAN, {OPENED_BY: "", "title": WRITTEN})
    assert told.status_code == 400
    assert ("hvem der åbnede den" in words(told), WRITTEN in words(told)) == (True, True)


def test_who_changes_team_or_logs_out_from_an_old_page_does_so(visit, world):
    eva = visit("eva")
    old = {OPENED_BY: f"{uuid4()}|"}
    assert eva.post("/vaelg-team/", {**old, "team": world.teams["syd"].url}).status_code == 302
    assert eva.post("/log-ud/", old).status_code == 302


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
