"""Who sees to a course of care: a team on it, or one on each of its plans that is not over.

Without either, a plan would go on that nobody follows, and without any team at all nobody would see the course of care
any more. Ours: the guide says nothing of it.
"""

from collections.abc import Iterable, Mapping, Sequence

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.owners import owner
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.team_history import teams_on

GOING_ON: Mapping[str, tuple[str, Sequence[str]]] = {
    "EpisodeOfCare": ("team", ("planned", "waitlist", "active", "onhold")),
    "CarePlan": ("care-team", ("draft", "active", "on-hold", "unknown")),
}
"""What a team is on: by which parameter it is found, and in which statuses it is not over."""


def goes_on(resource: Json) -> bool:
    """Tell whether a course of care, or a plan, is not over."""
    _, statuses = GOING_ON[resource["resourceType"]]
    return resource["status"] in statuses


def take_turns(session: Session, resource: Json) -> None:
    """Wait for who else changes the teams of a course of care, or of its plans: each would count on the other's."""
    session.take_turns(f"care-teams|{owner(resource).episode}")


def take_turns_on(session: Session, teams: Iterable[str]) -> None:
    """Wait for who else puts these teams on something, or deletes one; what is read of them after it holds."""
    references = {Reference.parse(url) for url in teams}
    for name in sorted({each.key for each in references if each}):
        session.take_turns(f"care-team|{name}")


def course_of(resource: Json, session: Session) -> tuple[list[Json], list[Json]]:
    """Give the course of care that something belongs to (none or one), and all plans of it."""
    url = f"{session.server.base_url}/EpisodeOfCare/{owner(resource).episode}"
    episode = read_if_there(session, url)
    plans = session.elevated().search_all("CarePlan", [("episodeOfCare", url), ("_count", "200")])
    return [episode] if episode else [], list(plans)


def loses_its_last(course: Iterable[Json], changed: Iterable[Json]) -> bool:
    """Tell whether somebody saw to all of a course of care, and nobody does when these of it are changed."""
    before, after = list(course), {key_of(each): each for each in changed}
    return bool(_unattended(after.get(key_of(each), each) for each in before) - _unattended(before))


def key_of(resource: Json) -> str:
    """Give type and id: what a resource is, in whichever version."""
    return own_url("", resource)[1:]


def _unattended(course: Iterable[Json]) -> set[str]:
    """Give what no team sees to: plans that are not over, and the course of care when no plan of it has a team."""
    found = list(course)
    if any(teams_on(each) for each in found if each["resourceType"] == "EpisodeOfCare"):
        return set()
    without = {key_of(each) for each in found if not teams_on(each)}
    is_seen = len(without) < len(found)
    return {
        key_of(each)
        for each in found
        if key_of(each) in without and (not is_seen if each["resourceType"] == "EpisodeOfCare" else goes_on(each))
    }
