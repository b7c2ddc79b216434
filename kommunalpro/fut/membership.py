"""Who is in a care team: a participant is a member until its period ends; one without an end goes on."""

from datetime import datetime

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.json import Json
from kommunalpro.fut.timing import DENMARK


def is_current(participant: Json, now: datetime) -> bool:
    """Tell whether a membership has not ended."""
    end = participant.get("period", {}).get("end")
    return end is None or parse_interval(end, DENMARK).end > now


def memberships_of(team: Json, user: str, now: datetime) -> list[Json]:
    """Give a user's memberships of a team that have not ended, one for each time that they stand there."""
    return [
        each
        for each in team.get("participant", ())
        if each.get("member", {}).get("reference") == user and is_current(each, now)
    ]
