"""The words that stories are told in."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from babel.dates import format_date
from playwright.sync_api import expect

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir.datetime import DENMARK
from tests.live import LiveServer
from tests.people import ASTA, NANCY, Citizen, Staff
from tests.system.browser import Tab, Visitor

Visits = Callable[..., Visitor]
everywhere = pytest.mark.parametrize("place", ["here", "national"], indirect=True)
"""For stories that are told alike on the national infrastructure."""


def days_ahead(days: int) -> date:
    """Give a Danish day that lies so far ahead: the servers that pages are tried on go by the clock of the day."""
    return SystemClock().now().astimezone(DENMARK).date() + timedelta(days=days)


def in_words(day: date) -> str:
    """Say a day as pages do, `22. februar 2027`."""
    return format_date(day, "d. MMMM y", locale="da")


def logs_in(visitor: Visitor, who: Citizen | Staff) -> Tab:
    """Choose oneself from the demo's list of persons, here or at the provider; gives the tab one lands in."""
    return is_chosen(visitor, visitor.tab().open("/log-ind/"), who)


def is_chosen(visitor: Visitor, tab: Tab, who: Citizen | Staff) -> Tab:
    """Choose oneself where one is asked to log in."""
    if visitor.place.is_national:
        tab.follow(f"Log ind som {'borger' if isinstance(who, Citizen) else 'medarbejder'}")
        assert not tab.page.url.startswith(visitor.place.address)
    return tab.follow(who.name)


def asta_has_found_nancy(visitor: Visits) -> Tab:
    """Let the nurse find the citizen by her number, which no address tells."""
    asta = logs_in(visitor(), ASTA).open("/medarbejder/")
    asta.follow("Find borger")
    write(asta, "CPR-nummer", NANCY.cpr)
    asta.follow("Find borger")
    assert NANCY.name in asta.heading()
    assert NANCY.cpr[-4:] not in asta.page.url
    return asta


def given_another_solution_sets_it_to(status: str, live: LiveServer, asta: Tab) -> None:
    link = asta.page.get_by_role("link", name="Send spørgeskema").first.get_attribute("href") or ""
    patient, episode = (link.split("/")[number] for number in (3, 5))
    token = live.command("token", "--as", "asta", "--patient", patient, "--episode", episode).stdout.strip()
    change = [{"op": "replace", "path": "/status", "value": status}]
    headers = {"Content-Type": "application/json-patch+json"}
    assert live.request("PATCH", f"/fhir/EpisodeOfCare/{episode}", change, token=token, headers=headers).status == 200


def write(tab: Tab, label: str, text: str) -> None:
    """Write in the field with this label."""
    tab.page.get_by_label(label).first.fill(text)


def choose(tab: Tab, label: str, *, within: str | None = None) -> None:
    """Choose the option with this label. `within`: the question it answers."""
    place = tab.page.get_by_role("group", name=within) if within else tab.page
    place.get_by_label(label, exact=True).locator("visible=true").first.check()


def pick(tab: Tab, label: str, words: str) -> None:
    """Pick from a drop-down list."""
    tab.page.get_by_label(label).select_option(label=words)


def unfold(tab: Tab, words: str) -> None:
    """Open a part that is folded away."""
    tab.page.locator("summary", has_text=words).first.click()


def lights(tab: Tab) -> list[str]:
    """Give the lights of the worklist's rows from the top, in words."""
    return [text.strip() for text in tab.page.locator(".staff-row .staff-row-light").all_inner_texts()]


def is_at(tab: Tab, path: str) -> None:
    """Be at an address that begins so."""
    expect(tab.page).to_have_url(re.compile(f"^[^/]*//[^/]*{re.escape(path)}"))
