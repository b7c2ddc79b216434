"""Rules of `ehealth-provenance` and `ehealth-access-provenance`: by which policy something is done, and who logged in.

An access provenance tells that somebody proved who a citizen is: by MitID, or a professional for them. Whoever could
write one could make it look so; so the system alone does, when somebody logs in. No login of ours does yet: in the demo
one chooses who to be, and proves nothing; MitID and assisted login are not here; at the national infrastructure it is
for that to tell.

Source: `fut.md` 1B.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.claimed import claimed
from kommunalpro.fut.errors import forbidden, issue, missing
from kommunalpro.fut.profiles.requirements import is_code

_LOGIN = (ehealth.ACCESS_PROVENANCE_ACTIVITY, "user-authentication")


def provenance_problems(provenance: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what a Provenance does not keep of its profile.

    Raises:
        Forbidden: it is an access provenance, and written by or for somebody else than the system.
    """
    if not (is_access_provenance(provenance) or is_access_provenance(previous or {})):
        if "policy" not in provenance:
            yield missing("policy", "Provenance.policy")
        return
    # An operation goes on as the system with what its user sent.
    if session.principal.user_type != "SYSTEM" or session.is_elevated:
        raise forbidden("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", "access provenances are made by the system, at login")
    yield from _access_problems(provenance, session.server.base_url)


def is_access_provenance(provenance: Json) -> bool:
    """Tell whether it is of a login, by its activity or by its profile: one of them is enough."""
    by_profile = ehealth.ACCESS_PROVENANCE_PROFILE in claimed(provenance)
    return by_profile or _LOGIN in _codings(provenance.get("activity", {}))


def _access_problems(provenance: Json, base_url: str) -> Iterator[Issue]:
    if _LOGIN not in _codings(provenance.get("activity", {})):
        yield _problem(f"activity of an access provenance is {'#'.join(_LOGIN)}", "activity")
    targets = [Reference.parse(each.get("reference", "")) for each in provenance["target"]]
    if [(each.base, each.type) for each in targets if each] != [(base_url, "Patient")] or None in targets:
        yield _problem("the one target of an access provenance is a Patient of this server", "target")
    if not all(any(map(_is_role, agent.get("role", ()))) for agent in provenance["agent"]):
        yield _problem(f"each agent has a role of {ehealth.ACCESS_PROVENANCE_AGENT_ROLE}", "agent.role")


def _is_role(concept: Json) -> bool:
    system = ehealth.ACCESS_PROVENANCE_AGENT_ROLE
    return any(one == system and is_code(system, code) for one, code in _codings(concept))


def _codings(concept: Json) -> set[tuple[str, str]]:
    return {(each.get("system", ""), each.get("code", "")) for each in concept.get("coding", ())}


def _problem(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, f"Provenance.{path}")
