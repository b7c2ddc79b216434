"""Signing in at another program by the demo's OpenID provider, in a browser."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.program import Program, Registered

PROGRAM = Registered.clinician()


@pytest.mark.parametrize("width", [1366, 320])
def test_a_nurse_chooses_herself_and_is_back_at_her_program(live, visitor, width):
    asks = Program(live.request, PROGRAM)
    tab = visitor(width=width, height=768).tab()
    tab.open(asks.path("end_session_endpoint")).reads("Du er logget af programmet")
    tab.open(asks.asks()).reads("Asta Holm", "Sygeplejerske i Sundhedscenter Nord.")
    assert tab.heading() == "Hvem vil du være i Klinikerklienten?"
    # The program itself is not there; what counts is that the browser is let go to it.
    with tab.page.expect_request(f"{PROGRAM.redirect_uri}?**") as way_back:
        tab.press("Asta Holm")
    brought = parse_qs(urlsplit(way_back.value.url).query)
    assert brought["state"] == [asks.state]
    assert asks.redeem(brought["code"][0]).status == 200
