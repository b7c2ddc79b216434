from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from kommunalpro.web.kam.forms.definition import TitlesForm
from kommunalpro.web.kam.presenters.written import written
from kommunalpro.web.kam.views import plan_page, plans
from kommunalpro.web.kam.views.drafts import Overtaken
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import one, reader


def back_to_plan(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead whom somebody else was faster than back to the plan as it is now, with what they have written."""

    @wraps(view)
    def led(request: HttpRequest, plan: UUID, **named: int) -> HttpResponse:
        try:
            return view(request, plan, **named)
        except Overtaken as wrong:
            return _back(request, plan, wrong)

    return led


def _back(request: HttpRequest, plan: UUID, wrong: Overtaken) -> HttpResponse:
    now = one(request, "PlanDefinition", plan)
    lines = written(wrong.form) if wrong.form else ()
    if not life(now, reader(request)).edits:
        return plans.page(request, now, overtaken=lines)
    titles = wrong.form if isinstance(wrong.form, TitlesForm) else None
    return plan_page.page(request, now, titles, overtaken=lines)
