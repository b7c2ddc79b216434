from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kommunalpro.care.over_time import trends
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.context import about, url_of
from kommunalpro.web.staff.presenters.citizen import person
from kommunalpro.web.staff.presenters.over_time import tabs, topic_trends


@require_safe
def show(request: HttpRequest, patient: UUID) -> HttpResponse:
    """A citizen's answers over time, one questionnaire at a time: charts, and the same numbers as tables."""
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url = url_of(request, "Patient", patient)
    found = trends(gateway, url, by=by, now=now)
    chosen = next((each for each in found if each.base == request.GET.get("skema")), found[0] if found else None)
    forms = tabs(found, chosen) if chosen else ()
    page = {
        "person": person(gateway.read(url, by=by, now=now)),
        "forms": forms,
        "chosen": next((tab for tab in forms if tab.is_chosen), None),
        "topics": topic_trends(chosen) if chosen else (),
        "is_computed": chosen is not None and any(each.computed for each in chosen.past),
    }
    return render(request, "staff/over_time.html", page)
