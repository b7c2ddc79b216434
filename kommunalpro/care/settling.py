"""Closing what is overdue again and again: one row for whoever saw to it, and one Task for each time (`fut.md` 4.8)."""

from contextlib import suppress
from datetime import datetime
from itertools import islice

from kommunalpro.care.bundles import all_pages, versionless
from kommunalpro.care.follow_up import close_task
from kommunalpro.care.team_due import slot_of
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.outcome import Conflict, PreconditionFailed
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.task_codes import MISSING, OPEN

_AT_ONCE = 500
"""Tasks that are closed before the page answers, at most; the others stay on the list."""


def settle_all(gateway: Gateway, task: str, *, version: str, until: datetime, by: Principal, now: datetime) -> None:
    """Close a Task about what is missing, and those of the same activity up to the slot that opens at `until`.

    Of the others, one that somebody changes meanwhile stays as they left it.

    Raises:
        PreconditionFailed: somebody else has changed the first.
        Conflict: it is closed.
    """
    first = gateway.read(task, by=by, now=now)
    close_task(gateway, task, version=version, by=by, now=now)
    query = [
        ("responsible", by.context.care_team or ""),
        ("focus", versionless(first["focus"]["reference"])),
        ("category", f"{ehealth.TASK_CATEGORY_CODES}|{MISSING}"),
        ("status", OPEN),
        ("_count", "200"),
    ]
    since = slot_of(first)[0]
    pages = list(all_pages(gateway, "Task", query, by=by.within(patient=None), now=now))
    others = (each for page in pages for each in resources(page, "Task") if since <= slot_of(each)[0] <= until)
    for each in islice(others, _AT_ONCE):
        with suppress(Conflict, PreconditionFailed):
            url = own_url(gateway.base_url, each)
            close_task(gateway, url, version=each["meta"]["versionId"], by=by, now=now)
