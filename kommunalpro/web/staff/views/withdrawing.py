from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kommunalpro.care.due import due_for
from kommunalpro.care.parts import with_parts
from kommunalpro.care.withdrawing import read_sent
from kommunalpro.care.withdrawing import withdraw as withdraw_plan
from kommunalpro.fhir.reference import own_url
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.context import about, course, url_of
from kommunalpro.web.staff.presenters.citizen import asked_rows, person


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, patient: UUID, episode: UUID, plan: UUID) -> HttpResponse:
    """Withdraw what was sent, after reading what that is."""
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url, care_plan = url_of(request, "Patient", patient), url_of(request, "CarePlan", plan)
    within = by.within(episode_of_care=url_of(request, "EpisodeOfCare", episode))
    if request.method == "POST":
        withdraw_plan(gateway, care_plan, version=request.POST.get("version", ""), by=within, now=now)
        return redirect(reverse("staff:citizen", kwargs={"patient": patient}) + "?trukket")
    sent = read_sent(gateway, care_plan, by=within, now=now)
    gone = {own_url(gateway.base_url, each) for each in with_parts(gateway, sent, by=within, now=now)}
    asked = [each for each in due_for(gateway, url, by=by, now=now) if each.care_plan in gone]
    rows = asked_rows(asked, now)
    page = {
        "person": person(gateway.read(url, by=by, now=now)),
        "course": course(request, patient, url_of(request, "EpisodeOfCare", episode)),
        "episode": str(episode),
        "plan": sent["id"],
        "title": sent.get("title") or (rows[0].title if rows else ""),
        "version": sent["meta"]["versionId"],
        "asked": rows,
        "is_begun": any(each.progress is not None and each.progress.is_begun for each in asked),
    }
    return render(request, "staff/withdraw.html", page)
