"""What the index has of who works where, and whom which team follows: what a context is held against.

What a context names together stands in one entry, so that one look at the index answers what would take three. A
database that was indexed before there were such entries is asked by the parts, until `kommunalpro reindex`.
"""

from collections.abc import Iterable, Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.search.values import interval, reference_key
from kommunalpro.fhirserver.writer import IndexRow

MEMBER = "member"
"""Index entry of a CareTeam for each member, until their membership ends."""

ACTIVE_MEMBER = "active-member"
"""Of an active CareTeam: each member, alone and with each organisation that runs it, until their membership ends."""

TEAM_AND_PATIENT = "team-and-patient"
"""Of an EpisodeOfCare: each team that is on it, with the patient."""


def standings(resource: Json, base_url: str) -> Iterator[IndexRow]:
    """Give these entries of a CareTeam or an EpisodeOfCare; anything else has none."""
    if resource["resourceType"] == "CareTeam":
        found = _memberships(resource, base_url)
        yield from (IndexRow(MEMBER, member, end) for member, end in found.items())
        if resource.get("status") == "active":
            organizations = ("", *_own(resource.get("managingOrganization", ()), base_url))
            ours = ((member, end) for member, end in found.items() if _is_own(member))
            for member, end in ours:
                yield from (IndexRow(ACTIVE_MEMBER, together(member, each), end) for each in organizations)
    if resource["resourceType"] == "EpisodeOfCare":
        for patient in _own((resource.get("patient", {}),), base_url):
            teams = _own(resource.get("team", ()), base_url)
            yield from (IndexRow(TEAM_AND_PATIENT, together(team, patient)) for team in teams)


def together(*keys: str) -> str:
    """Give how things stand in one entry, each as `Type/id`; an empty one is left out."""
    return " ".join(filter(None, keys))


def _memberships(care_team: Json, base_url: str) -> dict[str, str]:
    """Give each member, and until when (empty: for good); who is in it twice is in it for the longer."""
    ends: dict[str, list[str]] = {}
    for participant in care_team.get("participant", ()):
        if reference := participant.get("member", {}).get("reference"):
            end = participant.get("period", {}).get("end")
            ends.setdefault(reference_key(reference, base_url), []).append(interval(end)[1] if end else "")
    return {member: "" if "" in many else max(many) for member, many in ends.items()}


def _own(references: Iterable[Json], base_url: str) -> list[str]:
    keys = (reference_key(each["reference"], base_url) for each in references if "reference" in each)
    return list(filter(_is_own, keys))


def _is_own(key: str) -> bool:
    """Tell whether something is of this server: nobody else has a context here, and addresses may be long."""
    return ":" not in key
