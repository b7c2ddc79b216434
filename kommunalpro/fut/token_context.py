"""Whether somebody may have the context that their token names: whoever issued it may have known less.

A practitioner is in an active care team, which works for the organisation, or they do; the team follows the patient, or
they may open a course of care for whoever is here; the course of care is the patient's, and the team's by itself or by
one of its plans. A citizen is about themselves. Of what is not so each is told, and not whether it is there at all.

It takes one statement, and what it reads is at hand for what comes after: mostly the team and the course of care as
they stand, for they say by themselves that the one follows the other. Where they do not, the index is asked. Pages
choose from what is here, and are not asked; what they may not see they do not find.

Source: `fut.md` 5.2 rule 3, as `EpisodeOfCare/$is-context-allowed` and `choosing.py` have it when a context is chosen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Forbidden, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import AllOf, AsOf, Everything, Exists, Filter, Indexed
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fhirserver.search.values import moment_text, reference_key
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.trail import Trail
from kommunalpro.fut.errors import issue
from kommunalpro.fut.membership import memberships_of
from kommunalpro.fut.reach import MEMBER, id_of, key_of, reach

ENROLS = "EpisodeOfCare$create-episode-of-care"
"""The privilege by which one may choose a patient whom the team does not follow yet."""

_Key = tuple[str, str]


def check_token_context(session: Session) -> None:
    """Hold the context of a token against what is here.

    Raises:
        Forbidden: all of it that is not the user's.
    """
    principal, context = session.principal, session.principal.context
    if principal.user_type == "SYSTEM" or context == Context():
        return
    issues = [*_shape_problems(session)]
    if not issues:
        is_patient = principal.user_type == "PATIENT"
        if not is_patient and _follows_by_itself(session):
            return
        issues = [*(_citizen_problems(session) if is_patient else _practitioner_problems(session))]
    if issues:
        raise Forbidden(issues=issues)


def _shape_problems(session: Session) -> Iterator[Issue]:
    """What a context names is here, by its absolute address; a team or an organisation is nobody's but staff's."""
    principal, context = session.principal, session.principal.context
    for type, url in _named(context):
        reference = Reference.parse(url)
        is_ours = reference and reference.type == type and url == f"{session.server.base_url}/{reference.key}"
        if not is_ours or (principal.user_type == "PATIENT" and type in ("Organization", "CareTeam")):
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
    principal, context = session.principal, session.principal.context
    if context.patient not in (None, principal.user):
        yield _refused("Patient")
    if context.episode_of_care:
        key, limit = _reached("EpisodeOfCare", context.episode_of_care, principal)
        if session.unmet([(key, AsOf(limit, moment_text(session.now)))]):
            yield _refused("EpisodeOfCare")


def _follows_by_itself(session: Session) -> bool:
    """Tell whether what the context names says by itself that it is the user's; False: that is yet to be looked into.

    Two rows by their keys take half the time of the same two by all that they must be.
    """
    principal, context, moment = session.principal, session.principal.context, moment_text(session.now)
    limits, names = _limits(principal, is_managed=True), partial(_names, session.server.base_url)
    if not (context.care_team and context.episode_of_care) or session.unmet([(key, Everything()) for key, _ in limits]):
        return False
    team, episode = (session.known.rows[key].resource for key, _ in limits)
    follows = (
        team.get("status") == "active"
        and any(memberships_of(team, principal.user, session.now))
        and (not context.organization or names(team.get("managingOrganization", ()), context.organization))
        and names(episode.get("team", ()), context.care_team)
        and (not context.patient or names([episode["patient"]], context.patient))
    )
    if follows:
        session.met([(key, AsOf(limit, moment)) for key, limit in limits])
    return follows


def _names(base_url: str, references: Iterable[Json], url: str) -> bool:
    """Tell whether one of these references is to this, as the index has it: of another server is another's."""
    return any(reference_key(each.get("reference", ""), base_url) == key_of(url) for each in references)


def _practitioner_problems(session: Session) -> Iterator[Issue]:
    """Give what is not theirs; of a team that is not, nothing more is said: they reach nobody in it."""
    context = session.principal.context
    unmet = _unmet(session, is_managed=True)
    if context.organization and (not context.care_team or "CareTeam" in unmet):
        unmet = _unmet(session, is_managed=False)
        if not _works_for(session, context.organization):
            yield _refused("Organization")
    for type in ("CareTeam",) if "CareTeam" in unmet else sorted(unmet):
        yield _refused(type)


def _unmet(session: Session, *, is_managed: bool) -> set[str]:
    """Give the types of what is not the user's. `is_managed`: the team is to be the organisation's, too."""
    return {type for type, _ in session.unmet(list(_wanted(session, is_managed=is_managed)))}


def _wanted(session: Session, *, is_managed: bool) -> Iterator[tuple[_Key, Filter]]:
    moment = moment_text(session.now)
    for key, limit in _limits(session.principal, is_managed):
        yield key, AsOf(limit, moment)


@lru_cache(maxsize=4096)
def _limits(principal: Principal, is_managed: bool) -> tuple[tuple[_Key, Filter], ...]:
    """Give what a practitioner's context names, each with what it must be; remembered, as what is asked for is."""
    context, found = principal.context, list[tuple[_Key, Filter]]()
    if context.care_team:
        team = id_of(context.care_team)
        is_theirs: list[Filter] = [
            Exists("CareTeam", team, MEMBER, key_of(principal.user), may_end=True),
            Indexed("status", "active"),
        ]
        if context.organization and is_managed:
            is_theirs.append(Indexed("managingOrganization", key_of(context.organization)))
        found.append((("CareTeam", team), AllOf(tuple(is_theirs))))
    if context.episode_of_care:
        found.append(_reached("EpisodeOfCare", context.episode_of_care, principal))
    elif context.patient and ENROLS in principal.privileges:
        # To open a course of care one chooses somebody whom nobody follows yet.
        found.append((("Patient", id_of(context.patient)), Everything()))
    elif context.patient:
        found.append(_reached("Patient", context.patient, principal))
    return tuple(found)


def _reached(type: str, url: str, principal: Principal) -> tuple[_Key, Filter]:
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
