from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kommunalpro.care import drafts
from kommunalpro.care.drafts import OpenDraft
from kommunalpro.care.half_written import read_standing
from kommunalpro.fhir.outcome import Unprocessable
from kommunalpro.pro.response import AnswerIssue, check_answers
from kommunalpro.web.citizen.context import citizen, draft_of, person
from kommunalpro.web.citizen.forms.names import digest_of_all
from kommunalpro.web.citizen.presenters.review import review_page
from kommunalpro.web.citizen.views.acute import acute_texts
from kommunalpro.web.citizen.views.topic import MISSING
from kommunalpro.web.shared.reading import gateway_of, now_of


@require_safe
def show(request: HttpRequest, draft: UUID) -> HttpResponse:
    """All answers, before they are sent."""
    opened = draft_of(request, draft)
    if opened.submitted_at is not None:
        return redirect("citizen:receipt", draft=draft)
    if MISSING not in request.GET:
        return _page(request, opened)
    issues = check_answers(opened.definition.form, opened.answers, strictness="submit")
    return _page(request, opened, issues=issues, is_mended=not issues)


@require_POST
def submit(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Send the answers that were read. Sent already, by this press or another's: the receipt is the same.

    What is missing is told all at once; what was changed elsewhere since is read again before it is sent.
    """
    opened = draft_of(request, draft)
    if opened.submitted_at is not None:
        return redirect("citizen:receipt", draft=draft)
    if request.POST.get("laest") != digest_of_all(opened.answers):
        notice = _("Svarene er ændret, siden du åbnede siden. Læs dem igennem igen, før du sender dem.")
        return _page(request, opened, notices=(notice,), status=409)
    issues = check_answers(opened.definition.form, opened.answers, strictness="submit")
    if issues:
        return _page(request, opened, issues=issues, status=422)
    try:
        drafts.submit(gateway_of(request), draft, by=citizen(request), now=now_of(request))
    except Unprocessable as refused:
        told = tuple(issue.text for issue in refused.issues if issue.text)
        return _page(request, opened, notices=(_("Svarene er ikke sendt, men de er gemt her."), *told), status=422)
    return redirect("citizen:receipt", draft=draft)


def _page(
    request: HttpRequest,
    opened: OpenDraft,
    *,
    issues: tuple[AnswerIssue, ...] = (),
    notices: tuple[str, ...] = (),
    is_mended: bool = False,
    status: int = 200,
) -> HttpResponse:
    page = {
        "page": review_page(opened, issues),
        "person": person(request),
        "notices": notices,
        "is_mended": is_mended,
        "standing": read_standing(gateway_of(request), opened, by=citizen(request), now=now_of(request)),
        "acute": acute_texts(request, opened),
    }
    return render(request, "citizen/review.html", page, status=status)
