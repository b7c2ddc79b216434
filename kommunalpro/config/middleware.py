"""What config gives every page: the gateway and the time."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kommunalpro.config import wiring


def infrastructure(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.gateway` and `request.now`; one request has one time."""

    def respond(request: HttpRequest) -> HttpResponse:
        request.gateway = wiring.gateway()  # type: ignore[attr-defined]  # Django's request takes what a site adds
        request.now = wiring.clock().now()  # type: ignore[attr-defined]  # as above
        return get_response(request)

    return respond
