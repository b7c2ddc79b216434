"""`EpisodeOfCare/$is-context-allowed`: whether an episode of care may be chosen as the context of a token.

Supported: `patient` (a citizen, of themselves) or `careTeam` (a practitioner, of a team that they are in) → Parameters
with what gives access: Patient, or CareTeam and EpisodeOfCare or CarePlan. The system, as which an identity provider
asks, may ask for anybody; whether somebody is in the team it asks itself. The answer for practitioners is the filter
that reading will meet, so that no context is allowed in which nothing is seen.
Not supported: both at once, GET (400, 405).

The guide names no privilege: to read an EpisodeOfCare is ours.

Source: `fut.md` 5.2 rule 3; OperationDefinition EpisodeOfCare-i-is-context-allowed.
"""

from dataclasses import replace
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.parameters import parameters as make_parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import rule_broken
from kommunalpro.fut.operations.arguments import references
from kommunalpro.fut.reading import read_if_there

_ASKS_BY = {"PATIENT": "patient", "PRACTITIONER": "careTeam"}


def is_context_allowed(session: Session, parameters: Json, target: str | None) -> Json:
    """Give what makes the episode a valid context.

    Raises:
        RuleBroken: nothing does, or there is no such episode: which of the two is not told.
    """
    given = {name: list(references(parameters, name)) for name in ("patient", "careTeam")}
    named = [(name, reference) for name, found in given.items() for reference in found]
    wanted = _ASKS_BY.get(session.principal.user_type)
    if len(named) != 1 or (wanted and named[0][0] != wanted):
        raise BadRequest(
            "Angiv enten borgeren eller teamet.",
            diagnostics=f"exactly one {wanted}" if wanted else "exactly one of patient and careTeam",
        )
    [(name, reference)] = named
    url = f"{session.server.base_url}/{reference.key}"
    found = None
    if reference.base in (None, session.server.base_url):
        found = _of_patient(session, str(target), url) if name == "patient" else _of_team(session, str(target), url)
    if found is None:
        raise rule_broken("EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND", "", "EpisodeOfCare")
    return make_parameters(*(_named(each) for each in found))


def _named(url: str) -> dict[str, Any]:
    return {"name": url.split("/")[-2], "valueReference": {"reference": url}}


def _of_patient(session: Session, episode: str, patient: str) -> list[str] | None:
    """Give the patient whose own episode it is; None means that it is not theirs."""
    if session.principal.user_type == "PATIENT" and session.principal.user != patient:
        return None
    found = read_if_there(session, episode)
    return [patient] if found and _refers_to([found["patient"]], patient) else None


def _of_team(session: Session, episode: str, team: str) -> list[str] | None:
    """Give the team, and the episode or its plan that names it; None means that it gives no access.

    Whoever asks for themselves is held against the filter of access, as if they had chosen the team already.
    """
    care_team = read_if_there(session, f"CareTeam/{team.rpartition('/')[2]}") if "/CareTeam/" in team else None
    if care_team is None or care_team["status"] != "active":
        return None
    principal = session.principal.within(care_team=team, patient=None, episode_of_care=None)
    type, _, id = episode.partition("/")
    if session.principal.user_type != "SYSTEM" and replace(session, principal=principal).unseen([(type, id)]):
        return None
    found = read_if_there(session, episode)
    if found is None:
        return None
    base = session.server.base_url
    if _refers_to(found.get("team", ()), team):
        return [team, f"{base}/{episode}"]
    asked = [("episodeOfCare", f"{base}/{episode}"), ("care-team", team), ("_count", "1")]
    plans = session.elevated().search("CarePlan", asked).get("entry", ())
    return next(([team, entry["fullUrl"]] for entry in plans), None)


def _refers_to(found: Any, url: str) -> bool:
    wanted = Reference.parse(url)
    parsed = (Reference.parse(each.get("reference", "")) for each in found)
    return any(each is not None and wanted is not None and each.url == wanted.url for each in parsed)
