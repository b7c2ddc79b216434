from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.context import about, course, may_follow_up, staff, url_of
from kommunalpro.web.staff.forms.task import CompleteTask
from kommunalpro.web.staff.presenters.response import ResponsePage, response_page
from kommunalpro.web.staff.presenters.summary import summary_text


@require_safe
def show(request: HttpRequest, patient: UUID, response: UUID) -> HttpResponse:
    """One answer, interpreted: what to talk about, lights, guidance, every raw answer."""
    return page_of_response(request, patient, response, CompleteTask())


@require_safe
def summary(request: HttpRequest, patient: UUID, response: UUID) -> HttpResponse:
    """A text to copy to the journal."""
    page = _page(request, patient, response)
    return render(request, "staff/summary.html", {"page": page, "person": page.person, "text": summary_text(page)})


def page_of_response(
    request: HttpRequest,
    patient: UUID,
    response: UUID,
    form: CompleteTask,
    *,
    told: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the interpreted answer with the form that closes its task. `told`: how closing it went, in sentences."""
    page = _page(request, patient, response)
    form.word_agreement(page.light)
    status = 422 if form.is_bound and form.errors else status
    context = {"page": page, "person": page.person, "form": form, "now": now_of(request), "told": told}
    context["may_follow_up"] = may_follow_up(staff(request))
    return render(request, "staff/response.html", context, status=status)


def _page(request: HttpRequest, patient: UUID, response: UUID) -> ResponsePage:
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url = url_of(request, "QuestionnaireResponse", response)
    interpreted = read_interpreted(gateway, url, by=by, now=now, language=get_language() or "da")
    return response_page(interpreted, course(request, patient, interpreted.response.episode_of_care), user=by.user)
