"""A browser without a window: reads pages, and posts forms that say who opened them, as those on the pages do."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from kommunalpro.web.shared.opened import OPENED_AS, OPENED_IN
from kommunalpro.web.shared.visitor import OPENED_BY

SESSION = "sessionid"
_STAMP = re.compile(rf'name="({OPENED_BY}|{OPENED_AS}|{OPENED_IN})" value="([^"]*)"')
_CHANGE_WHO = ("/log-ind/", "/vaelg-team/")


class Browser(Client):
    """What is posted carries what the page that was opened last says, unless it says something else itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._opened: dict[str, str] = {}

    def get(self, path: str, *given: Any, **named: Any) -> HttpResponse:  # type: ignore[override]  # Client's is untyped
        """Open a page."""
        response = super().get(path, *given, **named)
        if not response.streaming and (found := _STAMP.findall(response.content.decode(errors="replace"))):
            self._opened = dict(found)
        return response

    def post(self, path: str, data: Any = None, *given: Any, **named: Any) -> HttpResponse:  # type: ignore[override]
        """Press a button; of a form alone, for a body of another kind has no room for it."""
        if path.startswith(_CHANGE_WHO):
            self._opened = {}
            return super().post(path, data, *given, **named)
        if not self._opened and SESSION in self.cookies:
            self.get("/", follow=True)
        return super().post(path, {**self._opened, **(data or {})}, *given, **named)
