"""A plan as a package that somebody takes along, and one that somebody comes with: looked at first, then brought in."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.parameters import parameters, values
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal


@dataclass(frozen=True, slots=True)
class Looked:
    """What would come of a package: what would be made, is here and is used, and was found here.

    `problems` are all that keep it out; none: it can be brought in.
    """

    made: tuple[Json, ...]
    here: tuple[Json, ...]
    matched: tuple[Json, ...]
    problems: tuple[Issue, ...]


def take_out(gateway: Gateway, plan: str, *, by: Principal, now: datetime) -> bytes:
    """Give the zip of a plan, by its URL."""
    binary = gateway.operation("$export", target=plan, by=by, now=now)
    return b64decode(binary["data"])


def look(gateway: Gateway, package: bytes, *, by: Principal, now: datetime) -> Looked:
    """Tell what would come of a package; nothing is stored.

    Raises:
        RuleBroken: it is no package; all that is wrong with it.
    """
    looked = _import(gateway, package, {"name": "preview", "valueBoolean": True}, by=by, now=now)
    made, here, matched = (tuple(values(looked, name)) for name in ("made", "here", "matched"))
    issues = [_issue(each) for outcome in values(looked, "problem") for each in outcome["issue"]]
    return Looked(made, here, matched, tuple(issues))


def _issue(told: Json) -> Issue:
    details = told["details"]
    coding = next(((each["system"], each["code"]) for each in details.get("coding", ())), None)
    return Issue(details["text"], diagnostics=told.get("diagnostics"), coding=coding)


def bring_in(gateway: Gateway, package: bytes, *, by: Principal, now: datetime) -> str | None:
    """Make what is new in a package, all or nothing; gives the URL of its plan, None when that was here already.

    Raises:
        RuleBroken: all that keeps it out.
        Forbidden: there is something in it that the user may not make.
    """
    return plan_in(resources(_import(gateway, package, by=by, now=now)), gateway.base_url)


def plan_in(brought: Iterable[Json], base_url: str) -> str | None:
    """Give the URL of the outermost plan, which comes before its parts; None: there is none."""
    plans = (each for each in brought if each["resourceType"] == "PlanDefinition")
    return next((own_url(base_url, each) for each in plans), None)


def _import(gateway: Gateway, package: bytes, *more: Json, by: Principal, now: datetime) -> dict[str, Any]:
    binary = {"resourceType": "Binary", "contentType": "application/zip", "data": b64encode(package).decode()}
    asked = parameters({"name": "planDefinitionPackage", "resource": binary}, *more)
    return gateway.operation("$import", asked, target="PlanDefinition", by=by, now=now)
