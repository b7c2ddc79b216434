from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kommunalpro.care.readings import read_reading
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.context import about, url_of
from kommunalpro.web.staff.presenters.citizen import person
from kommunalpro.web.staff.presenters.measurement import measurement_page


@require_safe
def show(request: HttpRequest, patient: UUID, kind: str, measurement: UUID) -> HttpResponse:
    """One number with its limits, or one picture: what a citizen has sent in, and nothing has assessed."""
    if kind not in ("Observation", "Media"):
        raise Http404
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    reading = read_reading(gateway, url_of(request, kind, measurement), by=by, now=now)
    citizen = gateway.read(url_of(request, "Patient", patient), by=by, now=now)
    shown = {"measured": measurement_page(reading), "person": person(citizen)}
    return render(request, "staff/measurement.html", shown)
