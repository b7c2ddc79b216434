from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kommunalpro.web.shared.material import download
from kommunalpro.web.shared.reading import one


@require_safe
def show(request: HttpRequest, material: str) -> HttpResponse:
    """Fetch a document that goes with a plan, or is for one citizen of the team's alone."""
    return download(one(request, "DocumentReference", material))
