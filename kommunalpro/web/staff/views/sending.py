from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kommunalpro.care.already_sent import AlreadySent, running_plans
from kommunalpro.care.bundles import url_id
from kommunalpro.care.sending import send as send_questionnaire
from kommunalpro.care.sending import sendable_plans
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.web.shared.reading import gateway_of, is_partial, now_of
from kommunalpro.web.staff.context import about, course, url_of
from kommunalpro.web.staff.forms.sending import SendQuestionnaire
from kommunalpro.web.staff.presenters.citizen import person
from kommunalpro.web.staff.presenters.sending import already, sentence, told_apart


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, patient: UUID, episode: UUID) -> HttpResponse:
    """Send a questionnaire: choose it, say when, read the sentence, send.

    Without `send` among the fields the form is read back as a sentence; a script asks for the sentence alone. What the
    citizen follows already is asked about once more: `once_more` names what was told of, and is sent beside no other.
    """
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url, episode_url = url_of(request, "Patient", patient), url_of(request, "EpisodeOfCare", episode)
    who = person(gateway.read(url, by=by, now=now))
    plans = {url_id(each.plan): each for each in sendable_plans(gateway, by=by, now=now)}
    form = SendQuestionnaire(
        request.POST if request.method == "POST" else None,
        plans=plans,
        words=told_apart(tuple(plans.values())),
        today=now.astimezone(DENMARK).date(),
    )
    page = {"form": form, "person": who, "episode_id": str(episode), "sentence": "", "already": (), "refused": ()}
    if not is_partial(request):
        page["course"] = course(request, patient, episode_url)
    if form.is_valid():
        chosen, when = form.cleaned_data["plan"], form.when()
        plan = plans[chosen].plan
        try:
            page["sentence"] = sentence(plans[chosen], who.name, when, now)
            if "send" in request.POST and not is_partial(request):
                beside = {f"{gateway.base_url}/CarePlan/{id}" for id in request.POST.getlist("once_more")}
                send_questionnaire(gateway, url, episode_url, plan, when, by=by, now=now, beside=beside)
                return redirect(reverse("staff:citizen", kwargs={"patient": patient}) + "?sendt")
        except AlreadySent as found:
            page["already"] = already(found.running, who.name, now)
            page["beside"] = [url_id(each.care_plan) for each in found.running]
            return render(request, "staff/send_once_more.html", page, status=found.status)
        except RuleBroken as refused:
            for issue in refused.issues:
                form.add_error(None, issue.text or _("Det kunne ikke gemmes"))
        running = running_plans(gateway, url, episode_url, plan, by=by, now=now)
        page["already"] = already(running, who.name, now)
    if is_partial(request):
        page["refused"] = form.non_field_errors()
        return render(request, "staff/_sentence.html", page)
    return render(request, "staff/send.html", page, status=422 if form.is_bound and form.errors else 200)
