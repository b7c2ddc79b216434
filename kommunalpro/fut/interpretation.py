"""Which View and which ActionGuidance hold for a questionnaire in an organisation: local over national.

The View active for the episode's caremanagerOrganization decides the light of record (ARCHITECTURE §5).
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, versioned_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.stamp import Stamp
from kommunalpro.fut.content import content_of
from kommunalpro.fut.profiles.lifecycle import owner_of
from kommunalpro.fut.versions import OncePerVersion
from kommunalpro.pro.view import View, read_view

_read_views: OncePerVersion[View | None] = OncePerVersion(200)


def view_of_record(session: Session, questionnaire: str, episode: Json) -> tuple[View, str] | None:
    """Give the View that decides, and the URL of exactly its version; None means that no View is active.

    A local View counts only in the organisation that owns it. Of several that hold, the newest decides.
    """
    responsible = extension_value(episode, ehealth.CAREMANAGER_ORGANIZATION)["reference"]
    found = list(active_views(session, questionnaire))
    local = [each for each in found if each[1].level == "local" and _same(owner_of(each[0]), responsible)]
    national = [each for each in found if each[1].level == "national"]
    for basic, view in (*local, *national):
        return view, versioned_url(session.server.base_url, basic)
    return None


def active_views(session: Session, questionnaire: str) -> Iterator[tuple[dict[str, Any], View]]:
    """Give the Views of a questionnaire that are active anywhere, each with its resource, the newest first."""
    reference = Reference.parse(questionnaire)
    query = [
        ("viewForReference", reference.url if reference else questionnaire),
        ("code", "view"),
        ("status", "active"),
        ("_sort", "-_lastUpdated"),
    ]
    for entry in session.elevated().search("Basic", query).get("entry", ()):
        basic = entry["resource"]
        view = _read_views.get(Stamp.of(basic, session.server.base_url), partial(_view_in, basic))
        if view is not None:
            yield basic, view


def _view_in(basic: Json) -> View | None:
    """Read a View; None: its content is in a format that is not ours."""
    content = content_of(basic)
    return None if content is None else read_view(content)


def _same(one: str | None, other: str) -> bool:
    first, second = Reference.parse(one or ""), Reference.parse(other)
    return first is not None and second is not None and first.key == second.key
