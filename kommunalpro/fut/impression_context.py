"""What the server adds to an assessment: of which CarePlan it is, and for which organisation it approves of sharing.

The plan has to be named wherever what is looked at leads to one; who does not name it is spared that. Which
organisation approves is nobody's to say: it is the one that the professional works for. Where nobody does, and an
approval comes from the system, it is the author of the plan, where that is an organisation, else the one that is
responsible for the treatment.

What an operation writes it has completed itself.

Source: the guide's page of ehealth-clinicalimpression ("Required if CarePlan is known", "Used for manual approval of
measurement sharing"); `fut.md` 1A, 2.3 and section 3.
"""

from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.owners import episode_of
from kommunalpro.fut.profiles.impressions import named_plan, plan_within_reach
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.validity import approves_sharing

_APPROVER = ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION


def with_context(impression: dict[str, Any], previous: Json | None, session: Session) -> dict[str, Any]:
    """Give an impression with the plan that it is of and the organisation that approves; `previous` None: it is new."""
    if session.is_elevated:
        return impression
    completed = _with_plan(impression, session) if previous is None else impression
    return _with_approver(completed, previous, session) if approves_sharing(completed) else completed


def _with_plan(impression: dict[str, Any], session: Session) -> dict[str, Any]:
    if extension(impression, ehealth.CLINICALIMPRESSION_CAREPLAN) is not None:
        return impression
    plan = plan_within_reach(impression, session)
    return _with(impression, ehealth.CLINICALIMPRESSION_CAREPLAN, plan) if plan else impression


def _with_approver(impression: dict[str, Any], previous: Json | None, session: Session) -> dict[str, Any]:
    """What was approved before stays approved by who did it."""
    others = [each for each in impression.get("extension", ()) if each.get("url") != _APPROVER]
    if previous is not None and approves_sharing(previous):
        kept = extension(previous, _APPROVER)
        return {**impression, "extension": [*others, *([kept] if kept else [])]}
    organization = _approver(impression, session)
    bare = {**impression, "extension": others}
    return _with(bare, _APPROVER, organization) if organization else bare


def _approver(impression: Json, session: Session) -> str | None:
    if session.principal.user_type != "SYSTEM":
        return session.principal.context.organization
    url = named_plan(impression, session)
    author = ((read_if_there(session, url) or {}) if url else {}).get("author", {}).get("reference", "")
    reference = Reference.parse(author)
    if reference and reference.type == "Organization":
        return str(author)
    responsible = extension_value(episode_of(impression, session) or {}, ehealth.CAREMANAGER_ORGANIZATION)
    return responsible.get("reference") if isinstance(responsible, dict) else None


def _with(impression: dict[str, Any], url: str, reference: str) -> dict[str, Any]:
    added = {"url": url, "valueReference": {"reference": reference}}
    return {**impression, "extension": [*impression.get("extension", ()), added]}
