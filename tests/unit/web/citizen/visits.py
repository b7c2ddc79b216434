"""Somebody at a browser without JavaScript: reads pages, fills in what stands on them, presses a button."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.test import Client

from kommunalpro.web.citizen.forms.names import SHOWN
from kommunalpro.web.shared.opened import OPENED_AS
from kommunalpro.web.shared.visitor import OPENED_BY

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Visit:
    """A citizen at a browser. `page` is what they see, `path` where they are, `status` the last answer's."""

    client: Client
    name: str
    page: str = ""
    path: str = ""
    status: int = 0
    fields: dict[str, list[str]] = field(default_factory=dict)

    def open(self, path: str) -> "Visit":
        """Go to a page."""
        return self._arrive(self.client.get(path, follow=True), path)

    def begin(self) -> "Visit":
        """Begin the first thing that is due."""
        self.open("/borger/")
        (address,) = re.findall(r'action="(/borger/begynd/[^"]+)"', self.page)
        return self.post(address)

    def answer(self, go: str = "naeste", /, **answers: str | list[str]) -> "Visit":
        """Answer on this page (`_` for `-` in linkIds) and press a button."""
        given = {f"svar:{name.replace('_', '-')}": value for name, value in answers.items()}
        return self.press(go, given)

    def press(self, go: str, given: dict[str, Any] | None = None, /) -> "Visit":
        """Press a button of the page of questions, with these fields filled in."""
        carried = {name: value for name, value in self.fields.items() if name.startswith(SHOWN) or name == "ret"}
        return self.post(self.path.split("?")[0].split("#")[0], {**carried, **(given or {}), "gaa": go})

    def post(self, path: str, given: dict[str, Any] | None = None) -> "Visit":
        """Send a form of this page, which says who opened it."""
        stamp = {name: self.fields[name][0] for name in (OPENED_BY, OPENED_AS) if name in self.fields}
        return self._arrive(self.client.post(path, {**stamp, **(given or {})}, follow=True), path)

    def reads(self, *texts: str) -> "Visit":
        """See these texts."""
        assert [text for text in texts if text not in self.page] == []
        return self

    def does_not_read(self, *texts: str) -> "Visit":
        """See none of these texts."""
        assert [text for text in texts if text in self.page] == []
        return self

    @property
    def main(self) -> str:
        """What stands between header and footer."""
        return self.page.split("<main", 1)[1].split("</main>", 1)[0]

    @property
    def draft(self) -> str:
        """The draft's address: `/borger/svar/<id>/`."""
        found = re.match(r"/borger/svar/[0-9a-f-]{36}/", self.path)
        assert found, self.path
        return found[0]

    def _arrive(self, response: Any, path: str) -> "Visit":
        self.path = response.redirect_chain[-1][0] if response.redirect_chain else path
        self.status, self.page = response.status_code, unescape(response.content.decode())
        self.fields = {name: [value] for name, value in _HIDDEN.findall(self.page)}
        return self
