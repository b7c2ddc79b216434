"""The one exit for what goes wrong on a page: words in Danish, what to do, the right status, nothing lost.

A `FhirError` keeps all its issues. What somebody had written is shown again, so that it can be copied.
"""

from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kommunalpro.fhir.outcome import FhirError, Unauthenticated
from kommunalpro.fut.gateway import Unanswered
from kommunalpro.web.shared.life import refusals
from kommunalpro.web.shared.visitor import visitor_on

WORDS: dict[int, tuple[str | Promise, str | Promise]] = {
    400: (_("Det kunne vi ikke læse"), _("Gå tilbage til siden, du kom fra, og prøv igen.")),
    403: (
        _("Det har du ikke adgang til"),
        _("Skal du bruge adgang, så tal med din leder eller it-afdeling."),
    ),
    404: (_("Siden findes ikke"), _("Adressen er forkert, siden er flyttet, eller du har ikke adgang til den.")),
    405: (_("Siden kan ikke åbnes på den måde"), _("Gå tilbage, og brug knappen på siden.")),
    409: (_("Det er allerede gjort"), _("Åbn siden igen, og se, hvad der er gemt.")),
    410: (_("Det er her ikke mere"), _("Gå til forsiden, og se, hvad der er.")),
    412: (_("En anden har ændret det imens"), _("Åbn siden igen, se, hvad der er ændret, og gør det så om.")),
    413: (_("Det fylder for meget"), _("Gør det mindre, og prøv igen.")),
    422: (_("Det kunne ikke gemmes"), _("Ret det, der står ovenfor, og prøv igen.")),
    429: (_("Der er travlt lige nu"), _("Vent et øjeblik, og prøv igen.")),
    500: (
        _("Noget gik galt hos os"),
        _("Det er ikke din skyld. Det, du har gemt, er der stadig. Prøv igen om lidt."),
    ),
    501: (_("Det kan vi ikke endnu"), _("Gå tilbage, og gør det på en anden måde.")),
}
_NOT_SHOWN = (_("Siden kan ikke vises"), _("Gå tilbage til siden, du kom fra, og prøv igen."))
_FOR_CITIZENS = {403: _("Mener du, at det er en fejl, så kontakt din kommune.")}
"""What a citizen is told to do, who has no manager to ask."""
_IN_DOUBT = (
    _("Vi ved ikke, om det blev gjort"),
    _("Vent et par minutter, åbn siden igen, og se, om det er gjort, før du gør det en gang til."),
)
NOT_DONE = _("Det blev ikke gemt eller sendt")
HAS_LEFT = (
    _("Du er ikke med i det team mere, som du arbejdede i."),
    _("Kopiér det, du skrev, og giv det til en kollega i teamet."),
)
"""What is said to whoever was taken off the team meanwhile, and what to do."""

_NOT_WRITTEN = frozenset({"stamped_name", "opened_as", "opened_in"})
"""Fields that our pages fill in themselves, and that can hold more than one word."""
_WRITTEN = frozenset({"note"})
"""Fields in which one word is somebody's own as well."""


def page(
    request: HttpRequest,
    status: int,
    issues: Iterable[str | Promise] = (),
    *,
    lost: Iterable[str] = (),
    lost_by: str = "",
    heading: str | Promise = "",
    advice: str | Promise = "",
    may_leave: bool = False,
    in_doubt: bool = False,
) -> HttpResponse:
    """Render what went wrong. `issues` are whole sentences; `lost` is what somebody wrote that was not saved.

    `lost_by` names who wrote it, where that is somebody else than who is logged in.
    `heading` and `advice` empty: as the status says.
    `may_leave`: somebody is logged in, though nobody can tell who: they can log out from here.
    `in_doubt`: what they asked for may have been done.
    """
    usual, what_to_do = _IN_DOUBT if in_doubt else _words(request, status)
    shown = {
        "heading": heading or usual,
        "issues": tuple(dict.fromkeys(issues)),
        "advice": advice or what_to_do,
        "lost": tuple(lost),
        "lost_by": lost_by,
        "may_leave": may_leave,
        "in_doubt": in_doubt,
    }
    return render(request, "shared/error.html", shown, status=status)


def _words(request: HttpRequest, status: int) -> tuple[str | Promise, str | Promise]:
    if status == 422 and request.method in ("GET", "HEAD"):
        return _NOT_SHOWN
    heading, what_to_do = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    visitor = visitor_on(request)
    return heading, _FOR_CITIZENS.get(status, what_to_do) if visitor and visitor.is_citizen else what_to_do


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """Say that a form is larger than the bytes that are taken in; what was in it is not known."""
    words = _("Der kan højst sendes %(most)s på én gang. Gå tilbage, og vælg en mindre fil.")
    return page(request, 413, advice=str(words) % {"most": filesizeformat(most)})


class Failures:
    """Middleware: makes a page of a `FhirError` that a view let go, and of Django's bare 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            shown = page(request, 405)
            shown["Allow"] = response["Allow"]
            return shown
        return response

    def process_exception(self, request: HttpRequest, wrong: Exception) -> HttpResponse | None:
        """Give the page for a `FhirError`; everything else is Django's to log and ours to word in `server_error`.

        Whoever must log in is sent there by the doors.
        """
        if not isinstance(wrong, FhirError) or isinstance(wrong, Unauthenticated):
            return None
        lost, in_doubt = written(request), isinstance(wrong, Unanswered)
        return page(request, wrong.status, refusals(wrong), lost=lost, in_doubt=in_doubt)


def written(request: HttpRequest) -> tuple[str, ...]:
    """Give the sentences, and the notes, that were posted: what somebody would have to write again."""
    if request.method != "POST":
        return ()
    posted = ((name, value.strip()) for name, values in request.POST.lists() for value in values)
    return tuple(
        value for name, value in posted if name not in _NOT_WRITTEN and (" " in value or (value and name in _WRITTEN))
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500, lost=written(request))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form came without its proof; only what came from our own page is shown again."""
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    text = _("Siden har ligget for længe, eller den er åbnet et andet sted fra.")
    advice = _("Det, du har gemt før, er der stadig. Åbn siden igen, og prøv en gang til.")
    lost = written(request) if is_ours else ()
    return page(request, 403, (text,), lost=lost, heading=NOT_DONE, advice=advice)
