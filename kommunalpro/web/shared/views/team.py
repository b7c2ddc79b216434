from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kommunalpro.fut.contexts import as_practitioner
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.doors import RETURN, returning, way_on
from kommunalpro.web.shared.visitor import Visitor, remember_team, visitor_on


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the team to act in, among those one is a member of right now."""
    visitor = visitor_on(request)
    if visitor is None or visitor.is_citizen:
        return redirect(way_on(request, visitor))
    if request.method == "POST":
        return _choose(request, visitor)
    page = {"teams": visitor.teams, "return_name": RETURN, "returning": returning(request)}
    return render(request, "shared/team.html", page)


def _choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    wanted = request.POST.get("team", "")
    team = next((each for each in visitor.teams if each.care_team == wanted), None)
    if team is None:
        return errors.page(request, 403, (_("Du er ikke med i det team nu."),))
    remember_team(request.session, team)
    acting = as_practitioner(visitor.principal.user, visitor.name, team)
    return redirect(way_on(request, Visitor(acting, team, visitor.teams)))
