from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kommunalpro.care.in_force import Change, coming, going, take_in, take_out
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import PreconditionFailed, RuleBroken
from kommunalpro.fut.content import content_of, is_national
from kommunalpro.fut.modifier_roles import owner_of
from kommunalpro.web.administration.presenters import acute, basics, labels, questionnaires
from kommunalpro.web.administration.views import guidance, views
from kommunalpro.web.administration.views.heading import heading, questionnaire_of, use
from kommunalpro.web.shared.life import refusals
from kommunalpro.web.shared.reading import gateway_of, now_of, one, owners, reader

_asked_or_done = require_http_methods(["GET", "HEAD", "POST"])


@_asked_or_done
def begin(request: HttpRequest, basic: UUID) -> HttpResponse:
    """Tell what changes when the draft of a view or guidance comes into use, and then take it into use."""
    return _step(request, basic, "begin", coming, take_in)


@_asked_or_done
def end(request: HttpRequest, basic: UUID) -> HttpResponse:
    """Tell what changes when a view or guidance goes out of use, and then take it out."""
    return _step(request, basic, "end", going, take_out)


def _step(
    request: HttpRequest, id: UUID, step: str, foresee: Callable[..., Change], take: Callable[..., None]
) -> HttpResponse:
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    basic = one(request, "Basic", id)
    if request.method == "POST":
        try:
            take(gateway, basic, request.POST.get("seen", ""), by=by, now=now)
        except RuleBroken as wrong:
            return _ask(request, basic, step, foresee(gateway, basic, by=by, now=now), refusals(wrong))
        except PreconditionFailed:
            show = views.page if basics.kind(basic) == "view" else guidance.page
            return show(request, one(request, "Basic", id), overtaken=())
    elif step in use(request, basic)["steps"]:
        return _ask(request, basic, step, foresee(gateway, basic, by=by, now=now))
    return redirect(f"administration:{basics.kind(basic)}", id)


def _ask(request: HttpRequest, basic: Json, step: str, change: Change, refused: tuple[str, ...] = ()) -> HttpResponse:
    questionnaire = questionnaire_of(request, basic)
    lost = acute.lost(change.before, change.after) if basics.kind(basic) == "view" else ()
    page: dict[str, Any] = {
        **heading(request, basic),
        "id": basic["id"],
        "kind": basics.kind(basic),
        "seen": change.seen,
        "questionnaire": questionnaire,
        "questionnaire_title": labels.title(questionnaire) if questionnaire else None,
        "questionnaire_version": labels.version(questionnaire) if questionnaire else None,
        "questionnaire_status": labels.status(questionnaire),
        "is_national": is_national(basic),
        "owner": owners(request, [basic]).get(owner_of(basic) or "", {}).get("name"),
        "replaces": len((content_of(basic) or {}).get("replaces", ())),
        "before": basics.named(change.before),
        "after": basics.named(change.after),
        "retired": [basics.named(each) for each in change.retired],
        "kept": [basics.named(each) for each in change.kept],
        "has_rules": any(each.rules for topic in questionnaires.topics(questionnaire) for each in topic.questions),
        "lost": acute.lines(lost, questionnaires.items(questionnaire)),
        "refused": refused,
    }
    return render(request, f"administration/{step}.html", page, status=422 if refused else 200)
