"""Which part of the site takes whom: checked before any view runs, and closed unless something here opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from kommunalpro.fhir.cpr_in_text import names_cpr
from kommunalpro.fhir.outcome import FhirError, Unauthenticated
from kommunalpro.identity.sessions import log_out
from kommunalpro.web.shared import errors
from kommunalpro.web.shared.life import refusals
from kommunalpro.web.shared.opened import opened_by_another
from kommunalpro.web.shared.reading import is_partial, is_saving
from kommunalpro.web.shared.visitor import TeamsOf, Visitor, visitor_of, visitor_on

RETURN = "videre"
"""The parameter that says where somebody was on their way to."""
LAPSED = "ubekraeftet"
"""The parameter that says that a login is, or came to, nothing."""


@dataclass(frozen=True, slots=True)
class Area:
    """One part of the site. `needs` are privileges of which one is enough; none for citizens.

    `others` are names of addresses that belong to it as well.
    """

    name: str
    words: str | Promise
    start: str
    needs: frozenset[str]
    others: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address of its first page."""
        return reverse(self.start)


SHARED = "shared"
OPENID = "openid"
"""The demo's OpenID provider: whoever comes there is on their way to another program."""

WAYS = frozenset({"shared:login", "shared:logout", "shared:sign-in", "shared:signed-in"})
"""The ways in and out: open also while the identity provider is silent."""

OPEN_TO_ALL = frozenset({SHARED, OPENID})
CITIZEN = Area("citizen", _("Dine spørgeskemaer"), "citizen:overview", frozenset())
STAFF_AREAS = (
    Area("staff", _("Arbejdsliste"), "staff:worklist", frozenset({"Task.search"})),
    Area(
        "administration",
        _("Administration"),
        "administration:questionnaires",
        frozenset({"Questionnaire.create", "View.write", "ActionGuidance.write"}),
        ("preview",),
    ),
    Area("kam", _("Klinisk administration"), "kam:plans", frozenset({"PlanDefinition.create", "CareTeam.create"})),
)


class Doors:
    """Middleware: knows the visitor of every request, and lets them into the parts that are theirs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        teams_of: TeamsOf = request.teams_of  # type: ignore[attr-defined]  # set by config's middleware
        _knows(request, None)
        try:
            _knows(request, visitor_of(request.session, teams_of))
        except Unauthenticated:
            # What they signed in with is worth nothing any more.
            log_out(request.session)
            request.has_lapsed = True  # type: ignore[attr-defined]  # as below
        except FhirError as wrong:
            if not _is_way_in_or_out(request.path_info):
                lost = errors.written(request)
                return errors.page(request, wrong.status, refusals(wrong), lost=lost, may_leave=True)
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, values: Any) -> HttpResponse | None:
        """Turn away whoever may not come in here."""
        area = request.resolver_match.app_name if request.resolver_match else ""
        if area in OPEN_TO_ALL:
            return None
        asked = (each for _name, many in request.GET.lists() for each in many)
        if request.method in ("GET", "HEAD") and any(map(names_cpr, asked)):
            # Somebody looks by a CPR number where names are looked for: no address holds one, nor remembers it.
            return redirect(request.path)
        visitor = visitor_on(request)
        if visitor is None:
            return _logged_out(request, has_lapsed=getattr(request, "has_lapsed", False))
        is_let_in = may_enter(visitor, area)
        if request.method == "POST" and (refusal := opened_by_another(request, visitor, is_let_in=is_let_in)):
            return refusal
        if not visitor.is_citizen and visitor.team is None:
            return _without_team(request, visitor)
        return None if is_let_in else _refusal(request, visitor, area)

    def process_exception(self, request: HttpRequest, wrong: Exception) -> HttpResponse | None:
        """Send whoever must log in there, and say so."""
        return _logged_out(request, has_lapsed=True, in_doubt=True) if isinstance(wrong, Unauthenticated) else None


def _knows(request: HttpRequest, visitor: Visitor | None) -> None:
    request.visitor = visitor  # type: ignore[attr-defined]  # Django's request takes what a site adds
    request.principal = visitor.principal if visitor else None  # type: ignore[attr-defined]  # as above


def open_areas(visitor: Visitor | None) -> tuple[Area, ...]:
    """Give the parts of the site that somebody may enter, their own first."""
    if visitor is None:
        return ()
    if visitor.is_citizen:
        return (CITIZEN,)
    may = visitor.principal.privileges
    return tuple(area for area in STAFF_AREAS if visitor.team and area.needs & may)


def may_enter(visitor: Visitor, name: str) -> bool:
    """Tell whether a part of the site takes this visitor."""
    return any(name in (area.name, *area.others) for area in open_areas(visitor))


def way_on(request: HttpRequest, visitor: Visitor | None) -> str:
    """Give where to go next: where one was on the way to, if that is ours and open to them; else their own start."""
    if visitor is None:
        return reverse("shared:login")
    if not visitor.is_citizen and visitor.team is None:
        return _with_return("shared:team", returning(request))
    wanted = returning(request)
    if wanted and _is_open(wanted, visitor):
        return wanted
    areas = open_areas(visitor)
    return areas[0].address if areas else reverse("shared:team")


def returning(request: HttpRequest) -> str:
    """Give the local address that the visitor was on the way to; empty when there is none, or it leads away."""
    wanted = request.POST.get(RETURN) or request.GET.get(RETURN) or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith("/") else ""


def _is_way_in_or_out(path: str) -> bool:
    """Tell whether an address is one that everybody can use, also while nobody can tell who they are."""
    try:
        return resolve(path).view_name in WAYS
    except Resolver404:
        return False


def _is_open(address: str, visitor: Visitor) -> bool:
    try:
        return may_enter(visitor, resolve(address.split("?")[0]).app_name)
    except Resolver404:
        return False


def _logged_out(request: HttpRequest, *, has_lapsed: bool, in_doubt: bool = False) -> HttpResponse:
    """Send to log in; who pressed a button is told that it did nothing, and can copy what they wrote.

    `in_doubt`: a view has begun, and may have done it.
    """
    lost = errors.written(request)
    if is_partial(request) and lost:
        # The form stays there to be sent.
        return HttpResponse(status=403)
    if request.method != "POST" or is_partial(request) or is_saving(request):
        return _to("shared:login", request, has_lapsed=has_lapsed)
    advice = _("Det, du har gemt før, er der stadig. Log ind igen, åbn siden, og gør det om.")
    if in_doubt:
        advice = _("Log ind igen, og se, om det er gjort, før du gør det om.")
    elif lost:
        advice = _("Kopiér teksten. Log ind igen, og sæt den ind på siden.")
    return _not_done(request, _("Du er logget af."), advice, lost, in_doubt=in_doubt)


def _without_team(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    lost = errors.written(request)
    if request.method != "POST" or is_partial(request) or is_saving(request):
        return _to("shared:team", request)
    if visitor.teams:
        advice = _("Kopiér teksten. Vælg team, og sæt den ind på siden.") if lost else _("Vælg team, og gør det om.")
        return _not_done(request, _("Du har ikke valgt team endnu."), advice, lost)
    return _not_done(request, *errors.HAS_LEFT, lost)


def _not_done(
    request: HttpRequest,
    text: str | Promise,
    advice: str | Promise,
    lost: tuple[str, ...],
    *,
    in_doubt: bool = False,
) -> HttpResponse:
    heading = "" if in_doubt else errors.NOT_DONE
    return errors.page(request, 403, (text,), lost=lost, heading=heading, advice=advice, in_doubt=in_doubt)


def _to(name: str, request: HttpRequest, *, has_lapsed: bool = False) -> HttpResponse:
    """Send somewhere first; a script that asked for a part of a page makes the whole page go there."""
    said = {LAPSED: "1"} if has_lapsed else {}
    if is_partial(request):
        return HttpResponse(headers={"HX-Redirect": _address(name, said)})
    comes_back = request.method in ("GET", "HEAD") and not _is_way_in_or_out(request.path_info)
    return redirect(_address(name, said | ({RETURN: request.get_full_path()} if comes_back else {})))


def _with_return(name: str, wanted: str) -> str:
    return _address(name, {RETURN: wanted} if wanted else {})


def _address(name: str, said: dict[str, str]) -> str:
    return reverse(name) + (f"?{urlencode(said)}" if said else "")


def _refusal(request: HttpRequest, visitor: Visitor, area: str) -> HttpResponse:
    if visitor.is_citizen:
        text = _("Siden er for medarbejdere. Du er logget ind som borger.")
        advice = _("Arbejder du her også, så log af, og log ind som medarbejder.")
    elif area == CITIZEN.name:
        text = _("Siden er for borgere. Du er logget ind som medarbejder.")
        advice = _("Vil du se dine egne spørgeskemaer, så log af, og log ind som borger.")
    else:
        text = _("Din rolle i teamet giver ikke adgang til denne del.")
        advice = _("Skal du arbejde her, så tal med den, der administrerer teamet.")
        if len(visitor.teams) > 1:
            advice = _("Har du rollen i et andet team, så skift team øverst på siden.")
    return errors.page(request, 403, (text,), lost=errors.written(request), advice=advice)
