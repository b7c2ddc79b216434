from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kommunalpro.care.sending import send as send_questionnaire
from kommunalpro.care.sending import sendable_plans
from kommunalpro.web.staff.context import about, gateway_of, now_of, url_of
from kommunalpro.web.staff.forms.sending import SendQuestionnaire
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.citizen import person
from kommunalpro.web.staff.presenters.sending import sentence


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, patient: UUID, episode: UUID) -> HttpResponse:
    """Send a questionnaire: choose it, say when, read the sentence, send."""
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    who = person(gateway.read(url_of(request, "Patient", patient), by=by, now=now))
    plans = {each.plan.rsplit("/", 1)[-1]: each for each in sendable_plans(gateway, by=by, now=now)}
    today = now.astimezone(dates.DENMARK).date()
    form = SendQuestionnaire(request.POST or None, plans=[(id, each.title) for id, each in plans.items()], today=today)
    page = {"form": form, "person": who, "episode_id": str(episode), "today": today, "sentence": None}
    if request.method == "POST" and form.is_valid():
        chosen = plans[form.cleaned_data["plan"]]
        if "send" not in request.POST:
            page["sentence"] = sentence(chosen.title, who.name, form.when(), now)
            return render(request, "staff/send.html", page)
        episode_url, patient_url = url_of(request, "EpisodeOfCare", episode), url_of(request, "Patient", patient)
        send_questionnaire(gateway, patient_url, episode_url, chosen.plan, form.when(), by=by, now=now)
        return redirect("staff:citizen", patient=patient)
    return render(request, "staff/send.html", page)
