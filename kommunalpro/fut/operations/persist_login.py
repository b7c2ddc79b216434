"""`$persist-login`: what an identity provider says of somebody who logs in, kept in care teams and PractitionerRoles.

Supported: `careTeam`, by its id, from whose participants those are put on the stored team that are new there, one for
each member and role; `practitionerRole`, which is made where there is none of that practitioner in that organisation.
Nothing else of what is sent is used. Gives an empty Bundle, as in the guide's example. All or nothing. What is ours:
who has been on the team, and is no more, does not get back by a login, in whatever role; whoever ended it did so here.
Not supported: to hold what is sent against the login itself. It comes from a SAML token that only the identity provider
has, and the token that comes with the call has privileges in it, not roles in teams (`fut.md` 5.1). So it is for who
may change every team and role by hand: nobody gets by it what they could not take already. What is no longer in a login
stays; the guide tells of what is new only.
Also takes: `CareTeam.update` for a team that is changed, `PractitionerRole.create` for a role that is made.

Source: `fut.md` 5.3; OperationDefinition -s-persist-login.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import collection
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhir.parameters import values
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, refuse
from kommunalpro.fut.membership import is_current
from kommunalpro.fut.profiles.requirements import is_code
from kommunalpro.fut.reading import read_if_there

_MOST = 100
"""Teams and roles of one login: ours."""


def persist_login(session: Session, parameters: Json, target: str | None) -> Json:
    """Check all at once, then write what is new, as the user."""
    teams, roles = list(values(parameters, "careTeam")), list(values(parameters, "practitionerRole"))
    if len(teams) + len(roles) > _MOST:
        raise BadRequest("Det er for meget for ét login.", diagnostics=f"At most {_MOST} careTeam and practitionerRole")
    refuse((*_team_problems(session, teams), *_role_problems(session, roles)))
    # In one order for all, so that no two logins wait for each other.
    for name in sorted({*(f"CareTeam/{each['id']}" for each in teams), *(_whose(session, each) for each in roles)}):
        session.take_turns(f"persist-login|{name}")
    for team in teams:
        _join(session, team)
    for role in roles:
        _hold(session, role)
    return collection([])


def _join(session: Session, asked: Json) -> None:
    """Put those on a team who are not on it yet in the role that they have."""
    stored = session.elevated().read("CareTeam", asked["id"])
    participants = stored.get("participant", ())
    known = {each for participant in participants for each in _places(session, participant)}
    gone = _members(session, participants) - _members(
        session, (each for each in participants if is_current(each, session.now))
    )
    new: dict[tuple[str, str], dict[str, Any]] = {}
    for participant in asked.get("participant", ()):
        for member, code in _places(session, participant):
            if (member, code) not in known and member not in gone:
                new[member, code] = _participant(session, participant, member, code)
    if new:
        changed = {**stored, "participant": [*participants, *new.values()]}
        session.update(changed, if_match=stored["meta"]["versionId"])


def _members(session: Session, participants: Iterable[Json]) -> set[str]:
    return {_address(session, each.get("member")) for each in participants}


def _places(session: Session, participant: Json) -> Iterator[tuple[str, str]]:
    """Give the member and each role of a participant."""
    member = _address(session, participant.get("member"))
    yield from ((member, code) for code in _codes(participant.get("role", ())))


def _participant(session: Session, asked: Json, member: str, code: str) -> dict[str, Any]:
    role = {"coding": [{"system": ehealth.CARETEAM_PARTICIPANT_ROLE, "code": code}]}
    organization = _address(session, asked.get("onBehalfOf"))
    return {
        "role": [role],
        "member": {"reference": member},
        **({"onBehalfOf": {"reference": organization}} if organization else {}),
        "period": {"start": to_datetime(session.now)},
    }


def _hold(session: Session, asked: Json) -> None:
    """Make a role of a practitioner in an organisation where there is none."""
    practitioner, organization = (_address(session, asked[name]) for name in ("practitioner", "organization"))
    pairs = [("practitioner", practitioner), ("organization", organization), ("_count", "1")]
    if not session.elevated().search("PractitionerRole", pairs).get("entry"):
        session.create(
            {
                "resourceType": "PractitionerRole",
                "practitioner": {"reference": practitioner},
                "organization": {"reference": organization},
                "code": asked["code"],
            }
        )


def _whose(session: Session, role: Json) -> str:
    return f"{_address(session, role['practitioner'])}|{_address(session, role['organization'])}"


def _team_problems(session: Session, teams: list[Json]) -> Iterator[Issue]:
    for team in teams:
        if read_if_there(session, f"CareTeam/{team.get('id', '')}") is None:
            yield _problem("no such team", "CareTeam.id")
        for each in team.get("participant", ()):
            yield from _reference_problems(session, each.get("member"), "Practitioner", "CareTeam.participant.member")
            yield from _code_problems(each.get("role", ()), "CareTeam.participant.role")
            if "onBehalfOf" in each:
                path = "CareTeam.participant.onBehalfOf"
                yield from _reference_problems(session, each["onBehalfOf"], "Organization", path)


def _role_problems(session: Session, roles: list[Json]) -> Iterator[Issue]:
    for role in roles:
        for name in ("practitioner", "organization"):
            yield from _reference_problems(session, role.get(name), name.capitalize(), f"PractitionerRole.{name}")
        yield from _code_problems(role.get("code", ()), "PractitionerRole.code")


def _reference_problems(session: Session, reference: Json | None, type: str, path: str) -> Iterator[Issue]:
    address = _address(session, reference)
    if f"/{type}/" not in address or read_if_there(session, address) is None:
        yield _problem(f"a {type} of this server", path)


def _code_problems(concepts: Any, path: str) -> Iterator[Issue]:
    codes = _codes(concepts)
    if not codes or not all(is_code(ehealth.CARETEAM_PARTICIPANT_ROLE, each) for each in codes):
        yield _problem(f"codes of {ehealth.CARETEAM_PARTICIPANT_ROLE}", path)


def _problem(detail: str, path: str) -> Issue:
    return issue("KPRO_PERSIST_LOGIN", detail, path)


def _codes(concepts: Any) -> list[str]:
    codings = (coding for each in concepts for coding in each.get("coding", ()))
    return [each.get("code", "") for each in codings if each.get("system") == ehealth.CARETEAM_PARTICIPANT_ROLE]


def _address(session: Session, reference: Json | None) -> str:
    """Give the absolute address that is referred to, without a version; empty when there is none."""
    parsed = Reference.parse((reference or {}).get("reference", ""))
    return parsed.at(session.server.base_url) if parsed else ""
