from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from kommunalpro.web.kam.forms.definition import TitlesForm
from kommunalpro.web.kam.forms.merged import changed_meanwhile, merged
from kommunalpro.web.kam.presenters.written import written
from kommunalpro.web.kam.views import plan_page, plans
from kommunalpro.web.kam.views.drafts import Overtaken
from kommunalpro.web.kam.views.refused import REFUSED
from kommunalpro.web.shared.life import life, refusals
from kommunalpro.web.shared.reading import one, reader


def back_to_plan(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead whom somebody else was faster than back to the plan as it is now, with what they have written.

    Who pressed a button and was refused is led there too, and told why.
    """

    @wraps(view)
    def led(request: HttpRequest, plan: UUID, **named: int) -> HttpResponse:
        try:
            return view(request, plan, **named)
        except Overtaken as wrong:
            return _back(request, plan, wrong)
        except REFUSED as wrong:
            if request.method != "POST" or not refusals(wrong):
                raise
            draft = one(request, "PlanDefinition", plan)
            return plan_page.page(request, draft, plan_page.titles_on(request, draft), refused=refusals(wrong))

    return led


def _back(request: HttpRequest, plan: UUID, wrong: Overtaken) -> HttpResponse:
    now = one(request, "PlanDefinition", plan)
    lines = written(wrong.form) if wrong.form else ()
    if not life(now, reader(request)).edits:
        return plans.page(request, now, overtaken=lines)
    if not isinstance(wrong.form, TitlesForm):
        return plan_page.page(request, now, overtaken=lines)
    begun = plan_page.begun(now)
    titles, meanwhile = TitlesForm(merged(wrong.form, begun), initial=begun), changed_meanwhile(wrong.form, begun)
    return plan_page.page(request, now, titles, overtaken=lines, meanwhile=meanwhile)
