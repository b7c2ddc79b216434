"""Every kind of page that staff and editors can reach by links, wide and narrow, checked as each page is."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from tests.people import ASTA, LIS, Staff
from tests.system.browser import Tab
from tests.system.stories import Visits, logs_in

IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
WIDTHS = {"desk": 1366, "phone": 320}
KINDS = {
    "asta": {
        "/medarbejder/",
        "/medarbejder/borgere/*/",
        "/medarbejder/borgere/*/svar/*/",
        "/medarbejder/borgere/*/over-tid/",
    },
    "lis": {
        "/administration/spoergeskemaer/*/forhaandsvisning/",
        "/kam/planer/*/",
        "/kam/team/*/",
        "/kam/organisationer/*/",
    },
}
"""Some that must be among those found, so that a link that is gone is noticed."""


@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
@pytest.mark.parametrize("who", [ASTA, LIS], ids=lambda who: who.key)
def test_every_page_can_be_read_by_everybody(visitor: Visits, who: Staff, width: int):
    found = walk(logs_in(visitor(width=width), who))
    assert KINDS[who.key] <= found.keys()
    assert {kind: status for kind, status in found.items() if status != 200} == {}


def walk(tab: Tab) -> dict[str, int]:
    """Open one page of every kind that links lead to; gives the kind (`/borgere/*/`) and how it was answered."""
    found: dict[str, int] = {}
    waiting = [urlsplit(tab.page.url).path]
    while waiting:
        address = waiting.pop(0)
        kind = IDENTIFIER.sub("*", address)
        if kind not in found:
            tab.open(address)
            found[kind] = tab.status
            waiting += addresses(tab)
    return found


def addresses(tab: Tab) -> list[str]:
    """Give where the page's links lead, on this site."""
    here = urlsplit(tab.page.url)
    links = tab.page.locator("a[href]").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    parts = [urlsplit(urljoin(tab.page.url, link)) for link in links]
    return [part.path for part in parts if part.netloc == here.netloc and part.scheme == here.scheme]
