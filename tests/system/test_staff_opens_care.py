"""The nurse: another solution has ended a course of care, and she opens the next; or paused it, and she goes on."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.live import LiveServer
from tests.people import NANCY
from tests.system.stories import Visits, asta_has_found_nancy, choose, given_another_solution_sets_it_to

AGREED = "Borgeren er informeret og har sagt ja til forløbet"


sizes = pytest.mark.parametrize(
    "size", [{}, {"width": 320}, {"scripted": False}], ids=["desk", "phone", "without script"]
)


@sizes
def test_where_all_is_over_she_opens_a_new_course_of_care_when_the_citizen_has_agreed(
    visitor: Visits, live: LiveServer, size: dict[str, Any]
):
    asta = asta_has_found_nancy(lambda: visitor(**size))
    given_another_solution_sets_it_to("finished", live, asta)
    asta.open(urlsplit(asta.page.url).path).reads("afsluttet, begyndt")
    asta.follow("Åbn nyt forløb").follow("Åbn forløb")
    assert (asta.status, NANCY.name in asta.heading()) == (422, True)
    asta.reads("Sæt kryds, når borgeren har sagt ja til forløbet.")
    choose(asta, AGREED)
    asta.follow("Åbn forløb").reads("i gang siden", "afsluttet, begyndt")
    asta.follow("Send spørgeskema")
    assert "Send spørgeskema til" in asta.heading()


@sizes
def test_where_one_is_on_pause_she_goes_on_with_it_and_can_send_again(
    visitor: Visits, live: LiveServer, size: dict[str, Any]
):
    asta = asta_has_found_nancy(lambda: visitor(**size))
    given_another_solution_sets_it_to("onhold", live, asta)
    asta.open(urlsplit(asta.page.url).path).reads("på pause, begyndt", "Ingen spørgeskemaer venter på svar.")
    asta.follow("Genoptag forløbet").reads("Det, der sluttede i pausen, skal ikke besvares.")
    asta.follow("Genoptag forløbet").reads("i gang siden")
    asta.follow("Send spørgeskema")
    assert "Send spørgeskema til" in asta.heading()
