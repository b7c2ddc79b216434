"""What the server adds on write: profiles, identities across versions, approval dates, value sets, tags and histories.

It takes away what a picture tells besides.

Source: `fut.md` §0.4, §0.5 and 1A.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut import status_history
from kommunalpro.fut.access_consents import is_access_consent
from kommunalpro.fut.content import is_view
from kommunalpro.fut.impression_context import with_context
from kommunalpro.fut.membership import with_all_members
from kommunalpro.fut.owners import episode_of, system_tags, with_episode, with_tags_of
from kommunalpro.fut.pictures import with_bare_picture
from kommunalpro.fut.profiles.identities import VERSIONED, identify
from kommunalpro.fut.profiles.provenances import is_access_provenance
from kommunalpro.fut.protection import with_security_label
from kommunalpro.fut.team_history import TEAM_ELEMENTS, with_team_history
from kommunalpro.fut.timing_history import with_timing_history
from kommunalpro.fut.triggers import held
from kommunalpro.fut.value_sets import as_named, with_value_sets

# Of Communication FUT has three profiles, and which of them is the sender's to say; the rest has none.
_UNPROFILED = frozenset({"Binary", "Bundle", "Parameters", "CodeSystem", "ValueSet", "ConceptMap", "Communication"})
# Which of them have another profile than the one that their type is named by.
_OTHER_PROFILES: tuple[tuple[str, Callable[[Json], bool], str], ...] = (
    ("Basic", is_view, ehealth.profile("View")),
    ("Basic", lambda resource: True, ehealth.profile("ActionGuidance")),
    ("Consent", is_access_consent, ehealth.ACCESS_CONSENT_PROFILE),
    ("Provenance", is_access_provenance, ehealth.ACCESS_PROVENANCE_PROFILE),
)


def complete(resource: dict[str, Any], previous: Json | None, session: Session) -> dict[str, Any]:
    """Give the resource with what the server adds; the given one is left as it is."""
    type = resource["resourceType"]
    completed = _with_profile(resource)
    if type in VERSIONED:
        completed = identify(completed, previous, environment_of(session.server.base_url), new_id())
        completed = _with_approval_date(completed, previous, session.now)
    if type == "CareTeam":
        completed = with_all_members(_with_urn(completed, previous), previous, session.now)
    if type == "Questionnaire" and (previous is None or previous.get("status") == "draft"):
        is_published = completed.get("status") == "active"
        completed = with_value_sets(completed, session) if is_published else as_named(completed)
    if type in _OF_TYPE:
        completed = _OF_TYPE[type](completed, previous, session)
    if type == "ServiceRequest":
        completed = with_timing_history(completed, previous, session.now)
    if type in status_history.KEPT:
        completed = status_history.with_status_history(completed, previous, session)
    if type in TEAM_ELEMENTS:
        completed = with_team_history(completed, previous, session.now)
    episode = None if system_tags(completed) else episode_of(completed, session)
    return with_tags_of(completed, episode) if episode else completed


def _in_course(condition: dict[str, Any], previous: Json | None, session: Session) -> dict[str, Any]:
    """A new Condition that says of no course of care is of the one in the token: else nobody would ever see it."""
    chosen = session.principal.context.episode_of_care
    return with_episode(condition, chosen) if chosen and previous is None else condition


def _without_words_in_picture(media: dict[str, Any], previous: Json | None, session: Session) -> dict[str, Any]:
    with suppress(ValueError):  # which the rules tell of
        return with_bare_picture(media)
    return media


_OF_TYPE: dict[str, Callable[[dict[str, Any], Json | None, Session], dict[str, Any]]] = {
    "ServiceRequest": lambda request, previous, session: held(request),
    "Condition": _in_course,
    "Media": _without_words_in_picture,
    "Patient": lambda patient, previous, session: with_security_label(patient, previous, session.now),
    "ClinicalImpression": with_context,
}
"""Type → what is added to it alone, before its histories are."""


def environment_of(base_url: str) -> str:
    """Give the name of this environment in base identifiers: the host of FHIR_BASE_URL."""
    return base_url.split("/")[2]


def _with_approval_date(definition: dict[str, Any], previous: Json | None, now: datetime) -> dict[str, Any]:
    """`approvalDate` is the day on which it was published, whatever a draft says; that of what is published stays."""
    if previous and previous.get("status") in ("active", "retired"):
        kept = {name: each for name, each in previous.items() if name == "approvalDate"}
        return {**kept, **definition}
    others = {name: each for name, each in definition.items() if name != "approvalDate"}
    return {**others, "approvalDate": now.date().isoformat()} if definition.get("status") == "active" else others


def _with_profile(resource: dict[str, Any]) -> dict[str, Any]:
    type = resource["resourceType"]
    if type in _UNPROFILED or resource.get("meta", {}).get("profile"):
        return dict(resource)
    profile = next((url for other, applies, url in _OTHER_PROFILES if type == other and applies(resource)), None)
    return {**resource, "meta": {**resource.get("meta", {}), "profile": [profile or ehealth.profile(type)]}}


def _with_urn(resource: dict[str, Any], previous: Json | None) -> dict[str, Any]:
    if any(each.get("system") == ehealth.UUID for each in resource.get("identifier", ())):
        return resource
    known = (each for each in (previous or {}).get("identifier", ()) if each.get("system") == ehealth.UUID)
    urn = next(known, None) or {"system": ehealth.UUID, "value": f"urn:uuid:{new_id()}"}
    return {**resource, "identifier": [*resource.get("identifier", ()), urn]}
