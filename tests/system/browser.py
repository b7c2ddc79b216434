"""A person at a browser. Each page they come to is checked: foreign addresses, forbidden scripts,
and accessibility, once for each way that a page is built and each size of screen.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response, expect

PROJECT = Path(__file__).resolve().parents[2]
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 15_000
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# Axe answers with what it found; each fault names the elements, so that one can mend it from the message.
RUN_AXE = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
  return found.violations.map((fault) => `${fault.id}: ${fault.help}\\n    ` +
    fault.nodes.map((node) => node.html.slice(0, 200)).join("\\n    "));
}"""
# How a page is built: its elements, what they are by name and class, and where there are words, whatever they say.
SKELETON = """() => {
  const telling = /^(class|role|type|lang|scope|tabindex|hidden|disabled|aria-(?!label|describedby|controls).*)$/;
  const attribute = ({ name, value }) => name + (telling.test(name) ? `=${value}` : value ? "" : "=");
  const node = (each) => each.nodeType === Node.TEXT_NODE ? (each.data.trim() ? "words" : "") : element(each);
  const inside = (each) => [...each.childNodes].map(node).join("");
  const element = (each) => each.nodeType === Node.ELEMENT_NODE
    ? `<${each.localName} ${[...each.attributes].map(attribute).join(" ")}>${inside(each)}</>`
    : "";
  return element(document.documentElement);
}"""
# What is under way ends, and whatever would try again then or later has nothing to try it with.
SEND_NO_MORE = """() => {
  for (let each = setTimeout(() => {}); each > 0; each -= 1) clearTimeout(each);
  window.fetch = navigator.sendBeacon = XMLHttpRequest.prototype.send = () => new Promise(() => {});
  window.stop();
}"""
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .filter((each) => !each.closest("[data-scrolls], .sr-only, svg"))
  .map((each) => each.outerHTML.slice(0, 120)).slice(0, 5)"""


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start Debian's Chromium, without a window."""
    place = shutil.which("chromium-headless-shell")
    assert place, "Chromium is not on this machine (Debian: apt-get install chromium-headless-shell)"
    # Proxies of the machine are not for us: everything here is on loopback.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    browser = playwright.chromium.launch(executable_path=place, args=list(CHROMIUM_OPTIONS), env=dict(environment))
    try:
        yield browser
    finally:
        browser.close()


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


class Checked:
    """Which pages have been checked, by any of the processes that have `directory` in common."""

    directory: Path | None = None

    def is_new(self, page: str) -> bool:
        """Note a page; tell whether nobody has noted it before."""
        assert self.directory
        try:
            (self.directory / sha256(page.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


_CHECKED = Checked()


def share_what_is_checked(directory: Path) -> None:
    """Check no page that another process has checked, among those that give the same directory."""
    _CHECKED.directory = directory / "checked"
    _CHECKED.directory.mkdir(exist_ok=True)


class Tab:
    """One tab. `follow` and `open` come to another page and check it; the other words stay where they are."""

    def __init__(self, page: Page, *, scripted: bool) -> None:
        self.page = page
        self.scripted = scripted
        self._seen: list[str] = []
        self.faults: list[str] = []
        self.status = 0
        page.on("request", self._note_request)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.faults.append(f"script failed: {error}"))

    def open(self, path: str) -> "Tab":
        """Go to a path of the site."""
        self._arrive(self.page.goto(path))
        return self

    def follow(self, name: str, *, within: str | None = None) -> "Tab":
        """Press a link or button that leads to another page. `within`: the words of the row or section it is in."""
        with self.page.expect_navigation() as arrival:
            self._control(name, within).click()
        self._arrive(arrival.value)
        return self

    def press(self, name: str, *, within: str | None = None) -> "Tab":
        """Press a link or button that does something on this page."""
        self._control(name, within).click()
        return self

    def send_key(self, key: str) -> "Tab":
        """Press a key that leads to another page."""
        with self.page.expect_navigation() as arrival:
            self.page.keyboard.press(key)
        self._arrive(arrival.value)
        return self

    def reads(self, *texts: str) -> "Tab":
        """See these texts on the page."""
        for text in texts:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(timeout=PATIENCE)
        return self

    def does_not_read(self, *texts: str) -> "Tab":
        """See none of these texts, shown or hidden."""
        content = self.page.content()
        assert [text for text in texts if text in content] == []
        return self

    def heading(self) -> str:
        """Give the page's one main heading."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def check(self) -> "Tab":
        """Check the page as it is now."""
        assert self.faults == []
        if self.scripted:
            assert self.page.evaluate(TOO_WIDE) == [], f"{urlsplit(self.page.url).path} is wider than the screen"
        if self.scripted and self._is_new():
            self.page.evaluate(_axe())
            faults = self.page.evaluate(RUN_AXE, list(WCAG))
            assert faults == [], f"{urlsplit(self.page.url).path}:\n" + "\n".join(faults)
        assert self.page.locator("h1").count() == 1, f"{urlsplit(self.page.url).path} has not one main heading"
        assert self.page.title().strip(), "a page without a title"
        return self

    def _is_new(self) -> bool:
        """Tell whether no story has been to a page that is built like this, on a screen of this size."""
        return _CHECKED.is_new(f"{self.page.viewport_size}{self.page.evaluate(SKELETON)}")

    def _arrive(self, response: Response | None) -> None:
        self.page.wait_for_load_state("load")
        self.status = response.status if response else 0
        self.check()

    def _control(self, name: str, within: str | None):  # type: ignore[no-untyped-def]
        place = (
            self.page.locator("li, tr, section, form, article").filter(has_text=within).last if within else self.page
        )
        link, button = (place.get_by_role(role, name=name) for role in ("link", "button"))
        return link.or_(button).locator("visible=true").first

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in ("127.0.0.1", "localhost"):
            self.faults.append(f"asks {address.hostname}")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.faults.append(message.text)


@dataclass(frozen=True)
class Place:
    """Where the pages are. `is_national`: with the national infrastructure behind them, where one logs in."""

    address: str
    is_national: bool = False


class Visitor:
    """One browser profile: its tabs share cookies, and nothing with other visitors."""

    def __init__(self, browser: Browser, place: Place, *, width: int = 1366, height: int = 768, scripted: bool = True):
        self.place = place
        self.scripted = scripted
        self._is_offline = False
        self.context: BrowserContext = browser.new_context(
            base_url=place.address,
            locale="da-DK",
            timezone_id="Europe/Copenhagen",
            viewport={"width": width, "height": height},
            java_script_enabled=scripted,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)

    def tab(self) -> Tab:
        """Open a tab."""
        return Tab(self.context.new_page(), scripted=self.scripted)

    def loses_the_connection(self) -> None:
        """Be without network from now on."""
        self._is_offline = True
        self.context.set_offline(True)

    def leaves(self) -> None:
        """Close everything; a page that is about to try again to save is kept from it.

        While a page is closed Chromium lets it have its network back: what it tries just then is saved after all.
        """
        for page in self.context.pages:
            if self._is_offline:
                page.evaluate(SEND_NO_MORE)
            page.close()
        self.context.close()
