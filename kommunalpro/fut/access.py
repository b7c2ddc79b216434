"""Who may do what, about whom: FUT's privileges and context rules, as refusals before any lookup.

Where the token's context and the request do not fit, or the user may not have that context at all, the answer is 403
with FUT's text. What is then left to be seen, `reach.py` tells.

A token of user type SYSTEM carries no context, and no rule of context holds for it; it acts by its privileges as every
other does, and sees the types that they let it read or search. The guide says no more of it, so nobody gets more by
that word alone. The installation itself is no exception: `contexts.SYSTEM` has every privilege that there is.

Source: `fut.md` 5.1 and 5.2.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.access import AllOf, AnyOf, AsOf, Everything, Filter, Interaction, Nothing, Request
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fhirserver.search.values import moment_text
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut import access_consents, content
from kommunalpro.fut.errors import forbidden
from kommunalpro.fut.owners import owner, patient_of
from kommunalpro.fut.privileges import accepted, opens, privileges_to, shows
from kommunalpro.fut.profiles.materials import is_about_nobody
from kommunalpro.fut.reach import OF_ALL_TEAMS, READS_CITIZENS, id_of, reach, reach_across_teams, reach_newcomers
from kommunalpro.fut.search_context import check_search, cross_team_codes
from kommunalpro.fut.task_codes import is_open
from kommunalpro.fut.token_context import ENROLS, check_token_context

# Reading or changing these as a practitioner takes the episode in the token, 403 otherwise (fut.md 5.2 rule 2).
_NEEDS_EPISODE = frozenset({"EpisodeOfCare", "CarePlan", "ServiceRequest", "Condition"})

_PLANS = "PlanDefinition"

# Types that are of two kinds, each with privileges of its own: how to tell which one is, and the rows of each.
_KINDS: Mapping[str, tuple[Callable[[Json], str], Mapping[str, Filter]]] = {
    "Consent": (access_consents.kind_of, access_consents.ROWS),
    "Basic": (content.kind_of, content.ROWS),
}


class EHealthAccess:
    """FUT's rules of access (implements `fhirserver.access.Access`)."""

    def authorise(self, request: Request, principal: Principal) -> None:
        """Refuse by privilege and by context, before any lookup."""
        if not accepted(request) & principal.privileges:
            wanted = ", ".join(sorted(accepted(request)))
            if principal.user_type == "PRACTITIONER" and principal.context == Context():
                # Most privileges come with the team that one has chosen.
                wanted = f"{wanted}; no context is chosen yet"
            raise forbidden("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", wanted)
        if principal.user_type == "SYSTEM":
            return
        if request.interaction == "search":
            check_search(request, principal)
        elif request.interaction in ("read", "vread", "history", "update", "patch") and request.type in _NEEDS_EPISODE:
            _check_episode(request, principal)
        elif request.type == "Patient" and request.id and request.interaction != "operation":
            _check_same("Patient", request.id, principal.context.patient)

    def visible(
        self,
        type: str,
        principal: Principal,
        now: datetime,
        *,
        is_held: bool = False,
        to_write: bool = False,
        search: Request | None = None,
    ) -> Filter:
        """Give the rows of a type that this user may know of; of a type that they may not read or search, none.

        Whoever may only write it knows of what they write, and of whom and of what it is a part: any privilege of the
        type is enough there.
        """
        found = _visible(type, principal, is_held, to_write, _doing(type, search))
        is_across = search is not None and type in OF_ALL_TEAMS and not isinstance(found, Nothing)
        if search and is_across and (codes := cross_team_codes(search, principal)):
            found = reach_across_teams(codes, principal, is_held=is_held)
        is_some = not isinstance(found, Everything | Nothing)
        if type == "Patient" and is_some and not to_write and _knows_whom(principal, search):
            found = AnyOf((found, reach_newcomers(principal, is_held=is_held)))
        return found if isinstance(found, Everything | Nothing) else AsOf(found, moment_text(now))

    def check_context(self, session: Session) -> None:
        """Refuse a context that a token names and its user may not have."""
        check_token_context(session)

    def authorise_write(self, resource: Json, previous: Json | None, principal: Principal) -> None:
        """Refuse content about another patient or episode than the context's, and a kind of resource not theirs."""
        if resource["resourceType"] in _KINDS:
            kind, _ = _KINDS[resource["resourceType"]]
            _check_kinds({kind(resource), kind(previous or resource)}, principal, is_new=previous is None)
        if principal.user_type == "SYSTEM":
            return
        whose = owner(resource)
        if resource["resourceType"] == "DocumentReference":
            _check_material(resource, previous, principal)
        context = principal.context
        if principal.user_type == "PATIENT":
            _check_citizens(resource, previous, whose.patient, principal)
        if whose.patient and context.patient and whose.patient != id_of(context.patient):
            raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", "Patient")
        if whose.episode and context.episode_of_care and whose.episode != id_of(context.episode_of_care):
            raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", "EpisodeOfCare")


@lru_cache(maxsize=4096)
def _visible(type: str, principal: Principal, is_held: bool, to_write: bool, doing: tuple[Interaction, ...]) -> Filter:
    """Remembered, for to say which rows they are hangs on who asks alone; whether there are any, nobody remembers."""
    if type not in _KINDS:
        return reach(type, principal, is_held=is_held) if shows(type, principal.privileges, to_write) else Nothing()
    _, rows = _KINDS[type]
    able = [kind for kind in rows if opens(kind, principal.privileges, to_write, doing)]
    return _of_kinds(rows, {kind: reach(kind, principal, is_held=is_held) for kind in able})


def _of_kinds(rows: Mapping[str, Filter], reached: Mapping[str, Filter]) -> Filter:
    """Give those of some kinds, of each as far as it is reached; of others none."""
    if reached.keys() == rows.keys() and set(reached.values()) == {Everything()}:
        return Everything()
    parts = tuple(AllOf((rows[kind], each)) for kind, each in reached.items())
    return AnyOf(parts) if parts else Nothing()


def _knows_whom(principal: Principal, search: Request | None) -> bool:
    """Tell whether somebody who opens courses of care asks for a citizen whom they know already: by id, or context.

    A parameter without a value, and so without an id, is passed over by the search, and says nothing.
    """
    asked = search.parameters if search is not None and search.type == "Patient" else ()
    by_id = any(name == "_id" and value.strip(", ") for name, value in asked)
    return ENROLS in principal.privileges and (by_id or principal.context.patient is not None)


def _doing(type: str, search: Request | None) -> tuple[Interaction, ...]:
    """Give of which a right is asked for: what comes along with a search of another type takes either."""
    if search is None:
        return ("read",)
    return ("search",) if search.type == type else ("read", "search")


def _check_material(document: Json, previous: Json | None, principal: Principal) -> None:
    """One privilege is for material for all and for one citizen's (ours: what else each takes).

    Who may not see citizens writes none of theirs; what is for all is a part of plans, made and changed by who does so
    with them.
    """
    of_citizens, of_plans = frozenset({READS_CITIZENS}), privileges_to("update" if previous else "create", _PLANS)
    is_for_all = is_about_nobody(previous or document)
    for wanted in (*((of_citizens,) if patient_of(document) else ()), *((of_plans,) if is_for_all else ())):
        if not wanted & principal.privileges:
            raise forbidden("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", ", ".join(sorted(wanted)))


def _check_citizens(resource: Json, previous: Json | None, patient: str | None, principal: Principal) -> None:
    """A citizen writes of themselves; of an open Task that is theirs, that it is done, and no more (fut.md 7.4)."""
    if patient != id_of(principal.user):
        raise forbidden("SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT", "Patient")
    if resource["resourceType"] != "Task" or previous is None:
        return
    if _without_status(resource) != _without_status(previous):
        raise forbidden("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", "A citizen changes Task.status alone")
    is_done = is_open(previous) and resource["status"] == "completed"
    if not (is_done or resource["status"] == previous["status"]):
        raise forbidden("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", "A citizen says of an open Task that it is completed")


def _without_status(task: Json) -> dict[str, Any]:
    """Give all of a Task but its status, and its meta, which no patch changes."""
    return {name: value for name, value in task.items() if name not in ("status", "meta")}


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
