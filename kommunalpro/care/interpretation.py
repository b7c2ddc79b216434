"""Which View and guidance read a questionnaire: national, and what the responsible organisation has of its own.

Both are Basic resources with their content in a contained Binary (`fut.md` 2.4, 2.5). A local View takes the place of a
national one; local guidance is added to national guidance, and may say what it replaces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kommunalpro.care.bundles import all_pages, versionless
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import versioned_url
from kommunalpro.fut.content import content_of
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro.guidance import Guidance, read_guidance
from kommunalpro.pro.view import View, read_view

Kind = Literal["view", "actionguidance"]
_BOUND_BY = {"view": "viewForReference", "actionguidance": "actionGuidanceForReference"}
AT_ONCE = "200"
"""Views or guidances of a questionnaire in one search: each municipality may have its own."""


@dataclass(frozen=True, slots=True)
class StoredView:
    """A View with the versioned URL of the resource that holds it."""

    url: str
    view: View


@dataclass(frozen=True, slots=True)
class GuidancePair:
    """What staff are advised by. None: there is none at that level."""

    national: Guidance | None
    local: Guidance | None


def read_stored_view(gateway: Gateway, url: str, *, by: Principal, now: datetime) -> StoredView:
    """Read one View, in exactly the version the URL names."""
    return _stored_view(gateway.base_url, gateway.read(url, by=by, now=now))


def active_view(
    gateway: Gateway, questionnaire: str, organization: str | None, *, by: Principal, now: datetime
) -> StoredView | None:
    """Find the View in force for a questionnaire at an organisation: its own, else the national one; None: neither."""
    chosen = _chosen(list(in_use(gateway, "view", questionnaire, by=by, now=now)), organization)
    return _stored_view(gateway.base_url, chosen) if chosen is not None else None


def active_guidance(
    gateway: Gateway, questionnaire: str, organization: str | None, *, by: Principal, now: datetime
) -> GuidancePair:
    """Find the national guidance for a questionnaire, and the organisation's own."""
    found = in_use(gateway, "actionguidance", questionnaire, by=by, now=now)
    read = [(basic, read_guidance(content)) for basic, content in found]
    national = (guidance for _, guidance in read if guidance.level == "national")
    local = (guidance for basic, guidance in read if guidance.level == "local" and organization in owners_of(basic))
    return GuidancePair(national=next(national, None), local=next(local, None))


def in_use(
    gateway: Gateway, kind: Kind, questionnaire: str, *, by: Principal, now: datetime
) -> Iterator[tuple[Json, Json]]:
    """Give what is in use for a questionnaire anywhere with its content, the newest first: it decides.

    What is in another application's format is not for us.
    """
    query = [
        ("code", f"{ehealth.BASIC_RESOURCE_TYPE}|{kind}"),
        ("status", "active"),
        (_BOUND_BY[kind], versionless(questionnaire)),
        ("_sort", "-_lastUpdated"),
        ("_count", AT_ONCE),
    ]
    for page in all_pages(gateway, "Basic", query, by=_general(by), now=now):
        for basic in resources(page, "Basic"):
            content = content_of(basic)
            if content is not None:
                yield basic, content


def owners_of(basic: Json) -> frozenset[str]:
    """Give the URLs of the organisations that own a definition (modifier-role `owner`)."""
    return frozenset(_owners(basic))


def _owners(basic: Json) -> Iterator[str]:
    for each in extensions(basic, ehealth.MODIFIER_ROLE):
        role = (extension_value(each, "role") or {}).get("coding", [{}])[0].get("code")
        if role == "owner":
            yield extension_value(each, "reference")["reference"]


def _chosen(found: list[tuple[Json, Json]], organization: str | None) -> Json | None:
    levels = [(basic, read_view(content).level) for basic, content in found]
    local = (basic for basic, level in levels if level == "local" and organization in owners_of(basic))
    national = (basic for basic, level in levels if level == "national")
    return next(local, None) or next(national, None)


def _stored_view(base_url: str, basic: Json) -> StoredView:
    return StoredView(url=versioned_url(base_url, basic), view=read_view(content_of(basic) or {}))


def _general(by: Principal) -> Principal:
    """Definitions are nobody's data: they are read outside any citizen's context."""
    return by.within(patient=None, episode_of_care=None)
