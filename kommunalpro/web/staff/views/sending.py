from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kommunalpro.care.bundles import url_id
from kommunalpro.care.sending import send as send_questionnaire
from kommunalpro.care.sending import sendable_plans
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.context import about, url_of
from kommunalpro.web.staff.forms.sending import SendQuestionnaire
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.citizen import person
from kommunalpro.web.staff.presenters.sending import sentence, told_apart


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, patient: UUID, episode: UUID) -> HttpResponse:
    """Send a questionnaire: choose it, say when, read the sentence, send.

    Without `send` among the fields the form is read back as a sentence; a script asks for the sentence alone.
    """
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url, episode_url = url_of(request, "Patient", patient), url_of(request, "EpisodeOfCare", episode)
    who = person(gateway.read(url, by=by, now=now))
    plans = {url_id(each.plan): each for each in sendable_plans(gateway, by=by, now=now)}
    form = SendQuestionnaire(
        request.POST if request.method == "POST" else None,
        plans=plans,
        words=told_apart(tuple(plans.values())),
        today=now.astimezone(dates.DENMARK).date(),
    )
    said = ""
    if form.is_valid():
        plan = plans[form.cleaned_data["plan"]]
        if "send" in request.POST and not _is_partial(request):
            send_questionnaire(gateway, url, episode_url, plan.plan, form.when(), by=by, now=now)
            return redirect(reverse("staff:citizen", kwargs={"patient": patient}) + "?sendt")
        said = sentence(plan, who.name, form.when(), now)
    if _is_partial(request):
        return render(request, "staff/_sentence.html", {"sentence": said})
    page = {"form": form, "person": who, "episode_id": str(episode), "sentence": said}
    return render(request, "staff/send.html", page, status=422 if form.is_bound and form.errors else 200)


def _is_partial(request: HttpRequest) -> bool:
    """Tell whether a script asks for the sentence alone."""
    return request.headers.get("HX-Request") == "true"
