"""The templates' environment, and what every page knows besides its own values.

Texts are gettext's old style (`_("Hej %(name)s")|format(name=...)`): a text without values may hold a percent sign.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined

from kommunalpro.web.shared.doors import Area, open_areas
from kommunalpro.web.shared.opened import form_input
from kommunalpro.web.shared.visitor import Visitor, visitor_on

LANGUAGE_NAMES = {"da": "Dansk", "en": "English"}


@dataclass(frozen=True, slots=True)
class Site:
    """What the frame of a page shows. `here` is where to come back to after a change of language."""

    visitor: Visitor | None
    areas: tuple[Area, ...]
    area: str
    language: str
    languages: tuple[tuple[str, str], ...]
    here: str


def environment(**options: Any) -> Environment:
    """Give Jinja's environment; a name that no view gave is an error and never an empty text."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "extensions": ["jinja2.ext.i18n"]}
    made = Environment(**options)  # noqa: S701  (Django's backend says autoescape=True in the options)
    made.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]  # by the extension
    made.globals.update(url=url, static=static)
    return made


def url(name: str, **values: Any) -> str:
    """Give the address of a page."""
    return reverse(name, kwargs=values)


def site(request: HttpRequest) -> dict[str, Any]:
    """Give every template `site`, and what its forms carry (a context processor)."""
    visitor = visitor_on(request)
    match = request.resolver_match
    return {
        "csrf_input": form_input(request),
        "site": Site(
            visitor=visitor,
            areas=open_areas(visitor),
            area=match.app_name if match else "",
            language=get_language() or settings.LANGUAGE_CODE,
            languages=tuple(LANGUAGE_NAMES.items()),
            here=_here(request),
        ),
    }


def _here(request: HttpRequest) -> str:
    """Give an address that can be opened again: a form that came back to be mended is opened where it was shown."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return request.headers.get("Referer", "") or "/"
