"""AuditEvents in FUT's shape: one per request and patient touched, never with a CPR number.

Left out of what the guide shows, for it says that they may be: `source.type`, and the lifecycle of what was accessed
(`action` tells it). Ours: what SYSTEM and HEAD ask is in the log too, and what was refused, outcome 4; the guide lets
them be. Not there: a read that is about nobody (a questionnaire, a team).

Source: `fut.md` 5.4; the guide's page on ehealth-auditevent, "Audit-log".
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import dumps
from kommunalpro.fhirserver.audit import MASKED
from kommunalpro.fhirserver.protocols import AuditFacts

_ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_EVENT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_SOURCE_TYPE = "http://terminology.hl7.org/CodeSystem/security-source-type"
_NAMED_BY = "http://ehealth.sundhed.dk"
"""The guide's system of users, services and traces; of operations' names ours, for it names none."""
_PURPOSE = "http://ehealth.sundhed.dk/fhir/PurposeOfUse"
_ACTIONS = {
    "create": "C",
    "read": "R",
    "vread": "R",
    "search": "R",
    "history": "R",
    "update": "U",
    "patch": "U",
    "delete": "D",
    "transaction": "E",
    "operation": "E",
}


@dataclass(frozen=True, slots=True)
class EHealthAudit:
    """FUT's shape of an AuditEvent (implements `fhirserver.protocols.AuditShape`).

    `observer` is the base URL of the service that was asked; empty: the server's own.
    """

    observer: str = ""

    def event(self, facts: AuditFacts) -> dict[str, Any]:
        """Make the AuditEvent of one request about one patient, or about nobody."""
        event: dict[str, Any] = {
            "resourceType": "AuditEvent",
            "type": {"system": _EVENT_TYPE, "code": "rest"},
            "subtype": [self._subtype(facts)],
            "action": _ACTIONS[facts.interaction],
            "recorded": to_instant(facts.now),
            "outcome": facts.outcome,
            "outcomeDesc": facts.primary_type,
            "agent": [_agent(facts)],
            "source": {"observer": {"identifier": {"system": _NAMED_BY, "value": self.observer or facts.base_url}}},
            "entity": self._entities(facts),
        }
        if facts.internal_only:
            event["purposeOfEvent"] = [{"coding": [{"system": _PURPOSE, "code": "INTERNAL_AUDIT_ONLY"}]}]
        return event

    def _subtype(self, facts: AuditFacts) -> dict[str, Any]:
        if facts.operation:
            return {"system": _NAMED_BY, "code": facts.operation.removeprefix("$"), "display": facts.operation}
        if facts.interaction == "history":
            return {"system": _INTERACTION, "code": f"history-{facts.level}"}
        return {"system": _INTERACTION, "code": "search-type" if facts.interaction == "search" else facts.interaction}

    def _entities(self, facts: AuditFacts) -> list[dict[str, Any]]:
        entities: list[dict[str, Any]] = []
        if facts.patient:
            reference = {"reference": mask_cpr(facts.patient, MASKED)}
            entities.append({"what": reference, "type": _type("1"), "role": _role("1")})
        for url in facts.touched:
            entities.append({"what": {"reference": url}, "type": _type("2"), "role": _role("4")})
        trace = {"identifier": {"system": _NAMED_BY, "value": facts.trace_id or "none"}}
        entities.append({"what": trace, "type": _source("2"), "role": _role("21")})
        if facts.query is not None:
            answer = {"what": {"identifier": {"value": facts.bundle}}} if facts.bundle else {}
            entities.append({**answer, "type": _source("4"), "role": _role("24"), "query": _written(facts.query)})
        return entities


def _agent(facts: AuditFacts) -> dict[str, Any]:
    user, organization = facts.principal.user, facts.principal.context.organization
    named = {"system": _NAMED_BY, "value": mask_cpr(user, MASKED)}
    agent: dict[str, Any] = {"requestor": True, "who": {"identifier": named}}
    if organization:
        responsible = {"reference": mask_cpr(organization, MASKED)}
        agent["extension"] = [{"url": ehealth.RESPONSIBLE_ORGANIZATION, "valueReference": responsible}]
    return agent


def _written(query: Sequence[tuple[str, str]]) -> str:
    """Give what was asked as base64 of JSON: parameter → value, or values where it was asked several times."""
    asked: dict[str, list[str]] = {}
    for pair in query:
        name, value = (mask_cpr(each, MASKED) for each in pair)
        asked.setdefault(name, []).append(value)
    return b64encode(dumps({name: many if len(many) > 1 else many[0] for name, many in asked.items()})).decode()


def _type(code: str) -> dict[str, str]:
    return {"system": _ENTITY_TYPE, "code": code}


def _source(code: str) -> dict[str, str]:
    return {"system": _SOURCE_TYPE, "code": code}


def _role(code: str) -> dict[str, str]:
    return {"system": _OBJECT_ROLE, "code": code}
