from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def site(request: HttpRequest) -> HttpResponse:
    """What the site is, what it is not, and what it keeps."""
    return render(request, "shared/about.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the site is made accessible, and where to say that it is not."""
    return render(request, "shared/accessibility.html")
