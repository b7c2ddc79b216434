from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from kommunalpro.web.shared.doors import way_on
from kommunalpro.web.shared.visitor import visitor_on


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The front door: everybody is sent to where they belong."""
    return redirect(way_on(request, visitor_on(request)))
