"""Pages are for the person in front of them: nothing that we render is kept by a browser or on the way."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def keep_nothing(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say `no-store` on every page (middleware; static files are answered before it)."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Cache-Control"] = "no-store"
        return response

    return respond
