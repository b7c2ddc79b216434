from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kommunalpro.care.team_due import team_due
from kommunalpro.care.worklist import worklist
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.context import may_follow_up, staff
from kommunalpro.web.staff.presenters.worklist import OWNERSHIP, due_rows, owners, tabs, work_row


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What waits for the team, red first."""
    by, now = staff(request), now_of(request)
    owner = request.GET.get("ejer", "alle")
    work = worklist(gateway_of(request), by=by, now=now, ownership=OWNERSHIP.get(owner, "all"))
    due = team_due(gateway_of(request), by=by, now=now)
    missed = due_rows((each for each in due if each.state == "missed"), now=now)
    coming = due_rows((each for each in due if each.state != "missed"), now=now)
    offered = tabs(request.GET.get("fane", ""), new=work.total, missed=len(missed), coming=len(coming))
    page = {
        "tabs": offered,
        "tab": next(tab.key for tab in offered if tab.is_chosen),
        "owners": owners(owner),
        "owner": owner if owner in OWNERSHIP else "alle",
        "rows": [work_row(item, user=by.user, now=now) for item in work.items],
        "missed": missed,
        "coming": coming,
        "may_follow_up": may_follow_up(by),
        "is_closed": "afsluttet" in request.GET,
        "may_find": "Patient$createPatient" in by.privileges,
    }
    return render(request, "staff/worklist.html", page)
