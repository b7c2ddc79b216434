from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kommunalpro.web.citizen.context import person


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What answers are used for, who reads them, and what a citizen may ask for."""
    return render(request, "citizen/about.html", {"person": person(request)})
