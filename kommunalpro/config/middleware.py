"""What config gives every page: the gateway and the time, and an answer when the database cannot."""

import sys
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kommunalpro.config import national, wiring
from kommunalpro.config.refusal import refusal
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, fault_of, kind_of
from kommunalpro.fhirserver.http.trace import current_trace_id
from kommunalpro.web.shared import errors

FAULT = "kommunalpro.fault"
"""Where the environ of a page says what the database could not do, for who counts it."""


def infrastructure(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.gateway`, `request.now`, and what tells a practitioner's teams; one request has one time."""

    def respond(request: HttpRequest) -> HttpResponse:
        now = wiring.clock().now()
        request.gateway = national.gateway_of(request.session)  # type: ignore[attr-defined]  # what a site adds
        request.now = now  # type: ignore[attr-defined]  # as above
        request.signing_in = national.signing_in()  # type: ignore[attr-defined]  # as above
        request.teams_of = national.teams_of(request.session, now)  # type: ignore[attr-defined]  # as above
        return get_response(request)

    return respond


def whole(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a form that the porch has cut: what was behind the end is gone, and no view would notice."""

    def respond(request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.REQUEST_LIMIT:
            return errors.too_large(request, settings.REQUEST_LIMIT)
        return get_response(request)

    return respond


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the database cannot, and when to try again; whatever else went wrong is worded by the pages."""
    wrong = sys.exc_info()[1]
    fault = fault_of(wrong) if wrong else None
    if wrong is None or fault is None:
        return errors.server_error(request)
    request.META[FAULT] = kind_of(wrong)
    try:
        texts = [issue.text for issue in fault.issues]
        response = errors.page(request, fault.status, texts, lost=errors.written(request))
    except DATABASE_ERRORS:
        # Even to say it takes the database, which knows who is signed in.
        answer = refusal(fault, request.path, current_trace_id())
        response = HttpResponse(answer.body, status=answer.status, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(fault.retry_after)
    return response
