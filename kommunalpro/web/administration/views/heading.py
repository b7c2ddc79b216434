"""What the page of any definition opens with: its name, whose it is, whether it is in use."""

from typing import Any

from django.http import HttpRequest

from kommunalpro.care.bundles import url_id
from kommunalpro.care.in_force import going
from kommunalpro.fhir.json import Json
from kommunalpro.fut.content import content_of, status_of
from kommunalpro.web.administration.presenters import basics, labels
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, owners, reader


def heading(request: HttpRequest, resource: Json) -> dict[str, Any]:
    """Give title, version, status and origin of a definition."""
    organizations = owners(request, [resource])
    return {
        "title": labels.title(resource),
        "version": labels.version(resource),
        "status_label": labels.status(resource),
        "origin_label": labels.origin(resource, reader(request).context.organization, organizations),
    }


def use(request: HttpRequest, basic: Json) -> dict[str, Any]:
    """Give what may be done with a View or ActionGuidance, and which others are in use in the same place (`beside`).

    `decides`: which of them does. What is in another application's format is for that to take into use.
    """
    by, kind = reader(request), basics.kind(basic)
    shown = {"id": basic["id"], "kind": kind, "steps": (), "beside": (), "decides": None}
    if content_of(basic) is None:
        return shown
    may = life(basic, by)
    shown["steps"] = tuple(step for step, is_open in (("begin", may.edits), ("end", may.retires)) if is_open)
    if status_of(basic) == "active":
        change = going(gateway_of(request), basic, by=by, now=now_of(request))
        shown |= {"beside": tuple(map(basics.named, change.kept)), "decides": basics.named(change.before)}
    return shown


def questionnaire_of(request: HttpRequest, basic: Json) -> Json:
    """Give the Questionnaire that a View or ActionGuidance belongs to; empty when there is none to see."""
    url = basics.questionnaire_url(basic) or ""
    return everything(request, "Questionnaire", ("_id", url_id(url))).get(url, {}) if url else {}
