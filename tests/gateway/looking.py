"""Looking at what is stored, behind everybody's back."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import FhirError, RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Principal
from tests.gateway.answering import LATER, Asked, bundle_of


def rows() -> dict[str, int]:
    """How many resources there are of each type; the log, which a refusal writes to, is left out."""
    sql = "SELECT type, count(*) FROM fhir_resource WHERE NOT deleted AND type <> 'AuditEvent' GROUP BY type"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def audit() -> list[Any]:
    """Give the AuditEvents, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_updated, id, json FROM fhir_resource WHERE type = 'AuditEvent'")
        return [loads(text) for *_, text in sorted(cursor.fetchall())]


def all_of(asked: Asked, type: str) -> list[Any]:
    """Give all resources of a type, oldest first."""
    return oldest_first(asked.nancy.world.gateway.search(type, [("_count", "100")], by=SYSTEM, now=LATER))


def oldest_first(found: Any) -> list[Any]:
    """Give what a search found in the order in which it was written: by that, FUT sorts only some types."""
    resources = [entry["resource"] for entry in found.get("entry", ())]
    return sorted(resources, key=lambda each: datetime.fromisoformat(each["meta"]["lastUpdated"]))


def refusal(
    asked: Asked, *responses: Any, by: Principal | None = None, kind: type[FhirError] = RuleBroken
) -> list[tuple[str | None, str | None, str | None]]:
    """Give (code, FHIRPath, English) of each issue of a refused submission, after seeing that it left nothing."""
    before = rows()
    with pytest.raises(kind) as refused:
        asked.submit(bundle_of(*responses), by=by)
    assert rows() == before
    return [
        (each.coding[1] if each.coding else None, each.expression, each.diagnostics) for each in refused.value.issues
    ]
