"""A professional withdraws what was sent, after reading what that is and whose."""

import re
from datetime import timedelta

import pytest

from kommunalpro.config import wiring
from kommunalpro.fut.contexts import SYSTEM
from tests.unit.web.shared.conftest import words

LINK = re.compile(r'href="([^"]+/traek-tilbage/)"')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def page(nancy):
    """Nancy's page, when she is asked something."""
    nancy.gets(now=wiring.clock().now())
    return f"/medarbejder/borgere/{nancy.patient.rsplit('/', 1)[-1]}/"


def test_what_is_withdrawn_is_asked_no_more(visit, page):
    asta = visit("asta")
    (place,) = set(LINK.findall(words(asta.get(page))))
    read = words(asta.get(place))
    assert "Træk ”Hverdagen med kronisk sygdom” tilbage fra Nancy Ann Berggren?" in read
    assert "kan ikke se eller besvare det mere" in read
    answered = asta.post(place, dict(HIDDEN.findall(read)), follow=True)
    assert "Det er trukket tilbage." in words(answered)
    assert "Ingen spørgeskemaer venter på svar." in words(answered)
    assert asta.get(place).status_code == 404


def test_what_is_asked_in_several_courses_of_care_is_told_apart(visit, world, nancy, page):
    asta, now = visit("asta"), wiring.clock().now()
    assert "i gang siden" not in words(asta.get(page)).partition('id="sendt"')[2], "there is one alone"
    other = world.enrol(nancy.person, now=now - timedelta(days=40))
    other.gets(now=now)
    listed = words(asta.get(page)).partition('id="sendt"')[2]
    told = set(re.findall(r"(Type 2-diabetes, i gang siden [^<]+)</span></span>", listed))
    assert len(told) == 2
    headers = (re.search(r"Forløb:\s+([^<]+)<", words(asta.get(place))) for place in set(LINK.findall(listed)))
    assert {each[1].strip() for each in headers} == told


def test_two_courses_of_care_about_the_same_that_began_on_one_day_are_told_apart_by_number(visit, world, nancy, page):
    world.enrol(nancy.person).gets(now=wiring.clock().now())
    courses, _, sent = words(visit("asta").get(page)).partition('id="sendt"')
    for listed in (courses, sent):
        assert set(re.findall(r"Type 2-diabetes, (nr. \d)", listed)) == {"nr. 1", "nr. 2"}


def test_the_number_of_a_course_of_care_stays_when_another_ends(visit, world, nancy, page):
    second = world.enrol(nancy.person)
    end = [{"op": "replace", "path": "/status", "value": "finished"}]
    first, _ = sorted((nancy.episode, second.episode))
    world.gateway.patch(first, end, if_match=None, by=SYSTEM, now=wiring.clock().now())
    listed, *_ = words(visit("asta").get(page)).partition('id="sendt"')
    rows = re.findall(r"Type 2-diabetes, (nr. \d)</span>\s*<span[^>]*>(\w+ ?\w*)", listed)
    assert {number: standing.split()[0] for number, standing in rows} == {"nr. 1": "afsluttet", "nr. 2": "i"}


def test_a_page_that_somebody_has_overtaken_withdraws_nothing(visit, page):
    asta = visit("asta")
    (place,) = set(LINK.findall(words(asta.get(page))))
    fields = dict(HIDDEN.findall(words(asta.get(place))))
    assert asta.post(place, {**fields, "version": "1"}).status_code == 412
    assert place in words(asta.get(page))


@pytest.mark.parametrize(("who", "status"), [("kim", 404), ("nancy", 403), (None, 302)])
def test_nobody_else_reads_or_withdraws(visit, page, who, status):
    (place,) = set(LINK.findall(words(visit("asta").get(page))))
    assert visit(who).get(place).status_code == status
    pressed = visit(who).post(place, {"stamped": page.split("/")[-2], "version": "2"})
    assert pressed.status_code == (status if who else 403)
