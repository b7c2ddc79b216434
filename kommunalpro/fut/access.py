"""Who may do what, about whom: FUT's privileges and context rules, as refusals before any lookup.

Where the token's context and the request do not fit, or the user may not have that context at all, the answer is 403
with FUT's text. What is then left to be seen, `reach.py` tells.

Source: `fut.md` 5.2.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import AllOf, AnyOf, AsOf, Everything, Filter, Nothing, Request
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.search.values import moment_text
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.access_consents import ROWS, kind_of
from kommunalpro.fut.content import is_view
from kommunalpro.fut.errors import forbidden
from kommunalpro.fut.owners import owner
from kommunalpro.fut.privileges import accepted, has_any_privilege, privileges_to
from kommunalpro.fut.reach import PERSONAL, id_of, key_of, reach
from kommunalpro.fut.token_context import check_token_context

# Reading or changing these as a practitioner takes the episode in the token, 403 otherwise (fut.md 5.2 rule 2).
_NEEDS_EPISODE = frozenset({"EpisodeOfCare", "CarePlan", "ServiceRequest", "Condition"})

# By which search parameter each dimension of the context must be carried (fut.md 5.2 rule 1, 7.3).
_EPISODE_PARAMETERS = {
    "CarePlan": ("episodeOfCare",),
    "QuestionnaireResponse": ("episodeOfCare",),
    "Task": ("episodeOfCare",),
    "Consent": ("data", "affiliation"),
    "Observation": ("episodeOfCare",),
    "Media": ("episodeOfCare",),
    "Communication": ("episodeOfCare",),
    "CommunicationRequest": ("episodeOfCare",),
}
_TEAM_PARAMETERS = {"CarePlan": ("care-team",), "EpisodeOfCare": ("team",), "Task": ("responsible",)}
_PATIENT_PARAMETERS = {
    "CarePlan": ("patient", "subject"),
    "EpisodeOfCare": ("patient",),
    "Consent": ("patient",),
    "QuestionnaireResponse": ("subject", "patient"),
    "ClinicalImpression": ("subject", "patient"),
    "Observation": ("subject", "patient"),
    "Media": ("subject",),
    "Communication": ("subject", "patient"),
    "CommunicationRequest": ("subject", "patient"),
    "Goal": ("subject", "patient"),
    "RelatedPerson": ("patient",),
}

# Types that are of two kinds, each with privileges of its own, and how to tell them.
_KINDS: dict[str, Callable[[Json], str]] = {
    "Consent": kind_of,
    "Basic": lambda basic: "View" if is_view(basic) else "ActionGuidance",
}


class EHealthAccess:
    """FUT's rules of access (implements `fhirserver.access.Access`)."""

    def authorise(self, request: Request, principal: Principal) -> None:
        """Refuse by privilege and by context, before any lookup."""
        if principal.user_type == "SYSTEM":
            return
        if not accepted(request) & principal.privileges:
            wanted = ", ".join(sorted(accepted(request)))
            raise forbidden("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", wanted)
        if request.interaction == "search":
            _check_search(request, principal)
        elif request.interaction in ("read", "vread", "history", "update", "patch") and request.type in _NEEDS_EPISODE:
            _check_episode(request, principal)
        elif request.type == "Patient" and request.id and request.interaction != "operation":
            _check_same("Patient", request.id, principal.context.patient)

    def visible(self, type: str, principal: Principal, now: datetime, *, is_held: bool = False) -> Filter:
        """Give the rows of a type that this user may know of; of a type that no privilege of theirs names, none."""
        found = _visible(type, principal, is_held)
        return found if isinstance(found, Everything | Nothing) else AsOf(found, moment_text(now))

    def check_context(self, session: Session) -> None:
        """Refuse a context that a token names and its user may not have."""
        check_token_context(session)

    def authorise_write(self, resource: Json, previous: Json | None, principal: Principal) -> None:
        """Refuse content about another patient or episode than the context's, and a kind of resource not theirs."""
        if principal.user_type == "SYSTEM":
            return
        if kind := _KINDS.get(resource["resourceType"]):
            _check_kinds({kind(resource), kind(previous or resource)}, principal, is_new=previous is None)
        whose = owner(resource)
        context = principal.context
        if principal.user_type == "PATIENT" and whose.patient != id_of(principal.user):
            raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", "Patient")
        if whose.patient and context.patient and whose.patient != id_of(context.patient):
            raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", "Patient")
        if whose.episode and context.episode_of_care and whose.episode != id_of(context.episode_of_care):
            raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", "EpisodeOfCare")


@lru_cache(maxsize=4096)
def _visible(type: str, principal: Principal, is_held: bool) -> Filter:
    """Remembered, for to say which rows they are hangs on who asks alone; whether there are any, nobody remembers."""
    if principal.user_type == "SYSTEM":
        return Everything()
    if not has_any_privilege(type, principal.privileges):
        return Nothing()
    return _consents(principal, is_held) if type == "Consent" else reach(type, principal, is_held=is_held)


def _consents(principal: Principal, is_held: bool) -> Filter:
    """Give the consents that somebody may know of: each kind takes the right to read or to search that very kind."""
    found = tuple(
        AllOf((rows, reach(kind, principal, is_held=is_held)))
        for kind, rows in ROWS.items()
        if (privileges_to("read", kind) | privileges_to("search", kind)) & principal.privileges
    )
    return AnyOf(found) if found else Nothing()


def _check_kinds(kinds: set[str], principal: Principal, *, is_new: bool) -> None:
    """Before the lookup one privilege of either kind was enough, for nobody knew yet which it would be."""
    for kind in sorted(kinds):
        wanted = privileges_to("create" if is_new else "patch", kind)
        if not wanted & principal.privileges:
            raise forbidden("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", ", ".join(sorted(wanted)))


def _check_episode(request: Request, principal: Principal) -> None:
    if principal.user_type != "PRACTITIONER":
        return
    if principal.context.episode_of_care is None:
        raise forbidden("SECURITY_TOKEN_CONTEXT_MISSING", "EpisodeOfCare")
    if request.type == "EpisodeOfCare" and request.id:
        _check_same("EpisodeOfCare", request.id, principal.context.episode_of_care)


def _check_same(type: str, id: str, chosen: str | None) -> None:
    if chosen is not None and id_of(chosen) != id:
        raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", type)


def _check_search(request: Request, principal: Principal) -> None:
    """Every dimension of the context must be carried by the search; an episode implies its patient."""
    for names, value in dimensions(request.type or "", principal):
        if not any(name in names and _same(given, value) for name, given in request.parameters):
            raise forbidden("SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT", " or ".join(names))


def dimensions(type: str, principal: Principal) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give what a search must carry of its context: (parameters of which one must be there, the value it must have)."""
    context = principal.context
    patient = principal.user if principal.user_type == "PATIENT" else context.patient
    if context.episode_of_care and type in _EPISODE_PARAMETERS:
        yield _EPISODE_PARAMETERS[type], context.episode_of_care
    elif patient and type in _PATIENT_PARAMETERS:
        yield _PATIENT_PARAMETERS[type], patient
    if context.care_team and type in _TEAM_PARAMETERS and not (type == "Task" and context.episode_of_care):
        yield _TEAM_PARAMETERS[type], context.care_team
    if principal.user_type == "PATIENT" and type == "Task":
        yield PERSONAL, principal.user


def _same(given: str, value: str) -> bool:
    """Compare a search value with a URL of the context; a list of values never fits, an id or a version does."""
    reference = Reference.parse(given)
    return given == id_of(value) or (reference is not None and reference.key == key_of(value) and _host(given, value))


def _host(given: str, value: str) -> bool:
    return not urlsplit(given).netloc or urlsplit(given).netloc == urlsplit(value).netloc
