from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kommunalpro.care.follow_up import NotClosed, complete_task, release_task, take_task
from kommunalpro.care.settling import settle_all
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fut.gateway import Principal
from kommunalpro.web.shared.life import refusals
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.context import about, url_of
from kommunalpro.web.staff.forms.task import CompleteTask
from kommunalpro.web.staff.views.response import page_of_response


@require_POST
def take(request: HttpRequest, patient: UUID, response: UUID) -> HttpResponse:
    """Take the task about a response oneself."""
    by, url, version = _task(request, patient)
    take_task(gateway_of(request), url, version=version, by=by, now=now_of(request))
    return redirect("staff:response", patient=patient, response=response)


@require_POST
def release(request: HttpRequest, patient: UUID, response: UUID) -> HttpResponse:
    """Give the task back to the team."""
    by, url, version = _task(request, patient)
    release_task(gateway_of(request), url, version=version, by=by, now=now_of(request))
    return redirect("staff:response", patient=patient, response=response)


@require_POST
def complete(request: HttpRequest, patient: UUID, response: UUID) -> HttpResponse:
    """Close the task with a note; where that is stored and the task is not closed, the form is there to try again."""
    form = CompleteTask(request.POST)
    if not form.is_valid():
        return page_of_response(request, patient, response, form)
    by, url, version = _task(request, patient)
    try:
        complete_task(
            gateway_of(request),
            url,
            version=version,
            note=form.cleaned_data["note"],
            light=form.chosen_light(),
            by=by,
            now=now_of(request),
        )
    except NotClosed as wrong:
        told = (_("Din vurdering er gemt, men opgaven blev ikke afsluttet."), *refusals(wrong))
        return page_of_response(request, patient, response, form, told=told, status=wrong.why.status)
    return redirect(reverse("staff:worklist") + "?afsluttet")


@require_POST
def settle(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Close a task that is about no assessment, or all those of a row: somebody has seen to it."""
    by, url, version = _task(request, patient)
    gateway, now = gateway_of(request), now_of(request)
    if "task_until" in request.POST:
        settle_all(gateway, url, version=version, until=_until(request), by=by, now=now)
    else:
        complete_task(gateway, url, version=version, note="", by=by, now=now)
    tab = "forfaldne" if request.POST.get("fane") == "forfaldne" else "nye"
    return redirect(f"{reverse('staff:worklist')}?fane={tab}")


def _until(request: HttpRequest) -> datetime:
    """Give when the last opens that the row has a task about."""
    try:
        return parse_datetime(request.POST["task_until"])
    except ValueError:
        raise BadRequest("Siden er ikke hel. Åbn arbejdslisten igen.", diagnostics="task_until is no time.") from None


def _task(request: HttpRequest, patient: UUID) -> tuple[Principal, str, str]:
    """Give who acts, the task's URL, and the version of it that the page showed."""
    try:
        task = UUID(request.POST["task"])
    except (KeyError, ValueError):
        raise BadRequest("Siden er ikke hel. Åbn svaret igen.", diagnostics="The form names no task.") from None
    return about(request, patient), url_of(request, "Task", task), request.POST.get("task_version", "")
