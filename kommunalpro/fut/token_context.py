"""Whether somebody may have the context that their token names: whoever issued it may have known less.

A practitioner is in an active care team, which works for the organisation, or they do; the team follows the patient, or
they may open a course of care for whoever is here; the course of care is the patient's, and the team's by itself or by
one of its plans. A citizen is about themselves. Of what is not so each is told, and not whether it is there at all.

It takes one statement, and what it reads is at hand for what comes after. A reading that comes in a context which was
its user's the last time goes by that until it ends: the statement that writes its AuditEvent looks whether it is so
still, and nobody is told anything before (docs/adr/0030). Pages choose from what is here, and are not asked; what they
may not see they do not find.

Source: `fut.md` 5.2 rule 3, as `EpisodeOfCare/$is-context-allowed` and `choosing.py` have it when a context is chosen.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from kommunalpro.fhir.outcome import Forbidden, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import AllOf, AsOf, Everything, Exists, Filter
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fhirserver.search.values import moment_text
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.trail import Trail
from kommunalpro.fut.errors import forbidden, issue
from kommunalpro.fut.membership import memberships_of
from kommunalpro.fut.reach import id_of, key_of, reach
from kommunalpro.fut.standings import ACTIVE_MEMBER, MEMBER, TEAM_AND_PATIENT, together

ENROLS = "EpisodeOfCare$create-episode-of-care"
"""The privilege by which one may choose a patient whom the team does not follow yet."""

_held_last: set[tuple[str, Principal]] = set()
"""Whose context was theirs the last time, and on which server. It opens nothing: each time it is looked at anew."""
_MOST = 1_000
"""With its privileges, one takes some 10 KB."""


def check_token_context(session: Session) -> None:
    """Hold the context of a token against what is here.

    Raises:
        Forbidden: all of it that is not the user's; or the user is not of this server.
    """
    principal = session.principal
    if principal.user_type == "SYSTEM":
        return
    if not principal.user.startswith(f"{session.server.base_url}/{principal.user_type.title()}/"):
        raise _nobody_here(principal, session.server.base_url)
    if principal.context == Context():
        return
    if (session.server.base_url, principal) in _held_last and session.presume(_now(_directly(principal), session)):
        return
    problems = _citizen_problems if principal.user_type == "PATIENT" else _practitioner_problems
    if issues := [*_shape_problems(session)] or [*problems(session)]:
        raise Forbidden(issues=issues)


def _nobody_here(principal: Principal, base: str) -> Forbidden:
    """Make the refusal of a user who is none here: who has the same id on another server is somebody else."""
    if not principal.user.startswith(f"{base}/"):
        return forbidden("SECURITY_USER_NOT_ALLOWED", "of another server")
    why = f"user_type {principal.user_type} goes with a user_id that is a {principal.user_type.title()}"
    text = "Dit login siger to ting om, hvem du er."
    return Forbidden(issues=[issue("SECURITY_USER_NOT_ALLOWED", why, text=text)])


def _shape_problems(session: Session) -> Iterator[Issue]:
    """What a context names is here, by its absolute address; a citizen names nobody but themselves, and no team."""
    principal, context = session.principal, session.principal.context
    for type, url in _named(context):
        reference = Reference.parse(url)
        is_ours = reference and reference.type == type and url == f"{session.server.base_url}/{reference.key}"
        if not is_ours or (principal.user_type == "PATIENT" and type != "EpisodeOfCare" and url != principal.user):
            yield _refused(type)
    is_about_somebody = context.patient or context.episode_of_care
    if principal.user_type == "PRACTITIONER" and is_about_somebody and not context.care_team:
        yield _refused("CareTeam", "a patient or an EpisodeOfCare is reached through a care team")


def _named(context: Context) -> Iterator[tuple[str, str]]:
    for type, url in (
        ("Organization", context.organization),
        ("CareTeam", context.care_team),
        ("Patient", context.patient),
        ("EpisodeOfCare", context.episode_of_care),
    ):
        if url:
            yield type, url


def _citizen_problems(session: Session) -> Iterator[Issue]:
    if session.principal.context.episode_of_care and not _is_direct(session):
        yield _refused("EpisodeOfCare")


def _practitioner_problems(session: Session) -> Iterator[Issue]:
    """Give what is not theirs; of a team that is not, nothing more is said: they reach nobody in it."""
    context = session.principal.context
    if context.care_team and (context.episode_of_care or not context.patient) and _is_direct(session):
        return
    unmet = _unmet(session, is_managed=True)
    if context.organization and (not context.care_team or "CareTeam" in unmet):
        unmet = _unmet(session, is_managed=False)
        if not _works_for(session, context.organization):
            yield _refused("Organization")
    for type in ("CareTeam",) if "CareTeam" in unmet else sorted(unmet):
        yield _refused(type)


def _is_direct(session: Session) -> bool:
    """Tell whether what a context names is the user's by itself; if so, it is remembered that it was."""
    principal, context = session.principal, session.principal.context
    type, url = (
        ("EpisodeOfCare", context.episode_of_care) if context.episode_of_care else ("CareTeam", context.care_team)
    )
    if session.unmet([((type, id_of(str(url))), _now(_directly(principal), session))]):
        _held_last.discard((session.server.base_url, principal))
        return False
    if len(_held_last) >= _MOST:
        _held_last.clear()
    _held_last.add((session.server.base_url, principal))
    return True


@lru_cache(maxsize=4096)
def _directly(principal: Principal) -> Filter:
    """Give by what a context is its user's, where the team and the course of care themselves say so."""
    context, found = principal.context, list[Filter]()
    patient = principal.user if principal.user_type == "PATIENT" else context.patient
    team, organization, whose = (key_of(each or "") for each in (context.care_team, context.organization, patient))
    if context.care_team:
        working = together(key_of(principal.user), organization)
        found.append(Exists("CareTeam", id_of(team), ACTIVE_MEMBER, working, may_end=True))
    if context.episode_of_care:
        name = TEAM_AND_PATIENT if team and whose else "team" if team else "patient"
        found.append(Exists("EpisodeOfCare", id_of(context.episode_of_care), name, together(team, whose)))
    return AllOf(tuple(found))


def _of_team(principal: Principal, care_team: str, *, is_managed: bool) -> Iterator[Filter]:
    """Give what makes a team its user's. `is_managed`: the organisation's, too."""
    team, organization = id_of(care_team), principal.context.organization
    yield Exists("CareTeam", team, MEMBER, key_of(principal.user), may_end=True)
    yield Exists("CareTeam", team, "status", "active")
    if organization and is_managed:
        yield Exists("CareTeam", team, "managingOrganization", key_of(organization))


def _unmet(session: Session, *, is_managed: bool) -> set[str]:
    """Give the types of what is not the user's. `is_managed`: the team is to be the organisation's, too."""
    wanted = [(key, _now(limit, session)) for key, limit in _limits(session.principal, is_managed=is_managed)]
    return {type for type, _ in session.unmet(wanted)}


def _now(filter: Filter, session: Session) -> AsOf:
    return AsOf(filter, moment_text(session.now))


def _limits(principal: Principal, *, is_managed: bool) -> Iterator[tuple[tuple[str, str], Filter]]:
    """Give what a practitioner's context names, each with what it must be."""
    context = principal.context
    if context.care_team:
        team = AllOf(tuple(_of_team(principal, context.care_team, is_managed=is_managed)))
        yield ("CareTeam", id_of(context.care_team)), team
    if context.episode_of_care:
        yield _reached("EpisodeOfCare", context.episode_of_care, principal)
    elif context.patient and ENROLS in principal.privileges:
        # To open a course of care one chooses somebody whom nobody follows yet.
        yield ("Patient", id_of(context.patient)), Everything()
    elif context.patient:
        yield _reached("Patient", context.patient, principal)


def _reached(type: str, url: str, principal: Principal) -> tuple[tuple[str, str], Filter]:
    return (type, id_of(url)), reach(type, principal)


def _works_for(session: Session, organization: str) -> bool:
    """Tell whether somebody is in a care team of an organisation, or has a role in it; asked where the team says no."""
    user = session.principal.user
    # What is looked at here is not what the user asked for, and stands in no AuditEvent.
    quiet = replace(session.elevated(), trail=Trail())
    of_teams = [("participant", user), ("status", "active"), ("managingOrganization", organization)]
    if any(memberships_of(team, user, session.now) for team in quiet.search_all("CareTeam", of_teams)):
        return True
    of_roles = [("practitioner", user), ("organization", organization)]
    return any(role.get("active", True) for role in quiet.search_all("PractitionerRole", of_roles))


def _refused(type: str, why: str = "") -> Issue:
    if type == "EpisodeOfCare":
        return issue("EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND", why, type)
    return issue("SECURITY_TOKEN_CONTEXT_NOT_ALLOWED", f"{type} {why}".strip())
