"""Who is in a care team, since when and until when; and that a team forgets nobody who has been in it.

A participant is a member until its period ends; one without an end goes on. The server gives a beginning to who comes
without one, and keeps who is no longer written down, with the end of their membership: ours, the guide says nothing of
it. So whichever door a team is changed by, it tells who was in it when, and as what.
"""

from datetime import datetime, timedelta
from typing import Any

from kommunalpro.fhir.datetime import parse_interval, to_datetime, to_instant
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference


def is_current(participant: Json, now: datetime) -> bool:
    """Tell whether a membership has not ended."""
    end = participant.get("period", {}).get("end")
    return end is None or parse_interval(end).end > now


def memberships_of(team: Json, user: str, now: datetime) -> list[Json]:
    """Give a user's memberships of a team that have not ended, one for each time that they stand there."""
    return [each for each in team.get("participant", ()) if member_url(each) == user and is_current(each, now)]


def member_url(participant: Json) -> str:
    """Give the version-less URL of a member; empty when it is referred to in another way."""
    reference = Reference.parse(str(participant.get("member", {}).get("reference", "")))
    return reference.url if reference else ""


def role_codes(participant: Json) -> tuple[str, ...]:
    """Give the codes of what a member may do in the team."""
    return tuple(coding.get("code", "") for role in participant.get("role", ()) for coding in role.get("coding", ()))


def with_all_members(team: Json, previous: Json | None, now: datetime) -> dict[str, Any]:
    """Give a team with a beginning for who is new in it, and those who have left it since `previous` (None: it is new).

    Whose roles are other ones than before has left, and come again as what they are now.
    """
    before, participants = list((previous or {}).get("participant", ())), []
    for each in team.get("participant", ()):
        known = next((old for old in before if _is_same(old, each, now)), None)
        if known is not None:
            before.remove(known)
        participants.append(_begun(each, known, now))
    left = (_ended(each, now) if is_current(each, now) else each for each in before)
    gone = [each for each in left if each is not None]
    return {**team, "participant": [*participants, *gone]} if participants or gone else dict(team)


def _begun(participant: Json, known: Json | None, now: datetime) -> Json:
    """Give a membership its beginning, where that is known: now, or as before; of who is over already it is not."""
    period = participant.get("period", {})
    if known is None:
        begins = {} if "end" in period else {"start": to_datetime(now)}
    else:
        begins = {name: each for name, each in known.get("period", {}).items() if name == "start"}
    period = {**begins, **period}
    return {**participant, "period": period} if period else participant


def _ended(participant: Json, now: datetime) -> Json | None:
    """Give a membership an end: the millisecond before, so that it is over now; None: it had not begun yet."""
    period, end = participant.get("period", {}), now - timedelta(milliseconds=1)
    if "start" in period and parse_interval(period["start"]).start > end:
        return None
    return {**participant, "period": {**period, "end": to_instant(end)}}


def _is_same(old: Json, each: Json, now: datetime) -> bool:
    """Tell whether two are one membership: a beginning that is not said is the known one, an end is for good."""
    was, says = old.get("period", {}), each.get("period", {})
    return (
        member_url(old) == member_url(each)
        and sorted(role_codes(old)) == sorted(role_codes(each))
        and says.get("start", was.get("start")) == was.get("start")
        and (is_current(old, now) or says.get("end") == was.get("end"))
    )
