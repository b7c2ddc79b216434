"""Withdrawing what was sent: the plan is revoked with all that it asks, and the citizen is asked no more.

What was answered stays. A draft that the citizen has begun can no longer be submitted; a scheduled change of status
comes to nothing, for what is over stays over.
"""

from datetime import datetime

from kommunalpro.fhir.bundle import transaction, update_entry
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotFound, PreconditionFailed
from kommunalpro.fut.gateway import Gateway, Principal

_OVER = ("revoked", "completed", "entered-in-error")


def read_sent(gateway: Gateway, care_plan: str, *, by: Principal, now: datetime) -> Json:
    """Read a plan that was sent and may still be withdrawn. `by` stands in its course of care.

    Raises:
        NotFound: it has ended, or was withdrawn before.
    """
    plan = gateway.read(care_plan, by=by, now=now)
    if plan["status"] in _OVER:
        raise NotFound("Planen er slut eller trukket tilbage.", diagnostics=f"CarePlan.status is {plan['status']}")
    return plan


def withdraw(gateway: Gateway, care_plan: str, *, version: str, by: Principal, now: datetime) -> None:
    """Revoke a plan that was sent, and all that it asks and that has not ended, together or not at all.

    `version` is that which the user has seen; `by` stands in its course of care.

    Raises:
        PreconditionFailed: somebody has changed the plan since.
        NotFound: it has ended, or was withdrawn before.
    """
    plan = read_sent(gateway, care_plan, by=by, now=now)
    if plan["meta"]["versionId"] != version:
        raise PreconditionFailed("En anden har ændret planen imens.", diagnostics="The CarePlan has another version")
    requests = [gateway.read(url, by=by, now=now) for url in _requests(plan)]
    left = [plan, *(each for each in requests if each["status"] not in _OVER)]
    revoked = (update_entry({**each, "status": "revoked"}, if_match=each["meta"]["versionId"]) for each in left)
    gateway.transaction(transaction(revoked), by=by, now=now)


def _requests(plan: Json) -> list[str]:
    return [each["reference"]["reference"] for each in plan.get("activity", ())]
