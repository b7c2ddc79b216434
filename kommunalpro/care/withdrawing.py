"""Withdrawing what was sent: the plan is revoked with all that it asks, and the citizen is asked no more.

So are the plans in it, and the goals that came with them are cancelled.

What was answered stays. A draft that the citizen has begun can no longer be submitted; a scheduled change of status
comes to nothing, for what is over stays over.
"""

from datetime import datetime

from kommunalpro.care.parts import goals_of, requests_of, with_parts
from kommunalpro.fhir.bundle import transaction, update_entry
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, NotFound, PreconditionFailed, Unavailable
from kommunalpro.fut.gateway import Gateway, Principal, Unanswered

_OVER = ("revoked", "completed", "entered-in-error")
_DECIDED = ("completed", "cancelled", "rejected", "entered-in-error")
"""States of a goal that is reached, or was given up before."""


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
    """Revoke a plan that was sent with the plans in it, and all that they ask and that has not ended, or nothing.

    `version` is that which the user has seen; `by` stands in its course of care.

    Raises:
        PreconditionFailed: somebody has changed the plan since.
        NotFound: it has ended, or was withdrawn before.
    """
    plan = read_sent(gateway, care_plan, by=by, now=now)
    if plan["meta"]["versionId"] != version:
        raise PreconditionFailed("En anden har ændret planen imens.", diagnostics="The CarePlan has another version")
    plans = list(with_parts(gateway, plan, by=by, now=now))
    requests = [gateway.read(url, by=by, now=now) for each in plans for url in requests_of(each)]
    goals = [gateway.read(url, by=by, now=now) for each in plans for url in goals_of(each)]
    changed = [
        *({**each, "status": "revoked"} for each in (*plans, *requests) if each["status"] not in _OVER),
        *({**each, "lifecycleStatus": "cancelled"} for each in goals if each["lifecycleStatus"] not in _DECIDED),
    ]
    entries = [update_entry(each, if_match=each["meta"]["versionId"]) for each in changed]
    gateway.transaction(transaction(entries), by=by, now=now)


def take_back(
    gateway: Gateway, care_plan: str, wrong: FhirError, *, version: str, by: Principal, now: datetime
) -> None:
    """Revoke a draft that was not activated because of what was `wrong`; raise nothing if it was, all the same.

    `version` is the draft's. Once it has another, an activation that is on its way still comes to nothing. If it cannot
    be revoked either, it stays a draft: nobody is asked anything by it.

    Raises:
        Unavailable: nobody knew how the activation went, and it will not come.
        FhirError: `wrong`, where it says what is so.
    """
    try:
        withdraw(gateway, care_plan, version=version, by=by, now=now)
    except PreconditionFailed:
        if isinstance(wrong, Unanswered) and gateway.read(care_plan, by=by, now=now)["status"] == "active":
            return
        raise wrong from None
    except FhirError:
        raise wrong from None
    if isinstance(wrong, Unanswered):
        raise Unavailable("Planen er ikke sendt. Prøv igen om lidt.", diagnostics="The draft is taken back.") from None
    raise wrong
