from typing import Literal, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.care.team_due import team_due
from kommunalpro.care.worklist import Ownership, worklist
from kommunalpro.web.staff.context import gateway_of, now_of, staff
from kommunalpro.web.staff.presenters.worklist import due_row, work_row

Tab = Literal["nye", "forfaldne", "kommende", "alle"]

_OWNERSHIP: dict[str, Ownership] = {"alle": "all", "ledige": "free", "mine": "mine"}


def show(request: HttpRequest) -> HttpResponse:
    """What waits for the team, red first."""
    by, now = staff(request), now_of(request)
    tab = cast("Tab", request.GET.get("fane", "nye"))
    ownership = _OWNERSHIP.get(request.GET.get("ejer", "alle"), "all")
    work = worklist(gateway_of(request), by=by, now=now, ownership=ownership)
    due = team_due(gateway_of(request), by=by, now=now)
    missed = [due_row(each, now=now) for each in due if each.state == "missed"]
    coming = [due_row(each, now=now) for each in due if each.state != "missed"]
    page = {
        "tab": tab if tab in ("nye", "forfaldne", "kommende", "alle") else "nye",
        "ownership": ownership,
        "rows": [work_row(item, user=by.user, now=now) for item in work.items],
        "total": work.total,
        "missed": missed,
        "coming": coming,
    }
    return render(request, "staff/worklist.html", page)
