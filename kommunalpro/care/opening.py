"""Opening a course of care, unless the team has one with the citizen about the same.

Two about the same can be right, when somebody says so. By mistake they come easily: the button pressed twice, or an
answer lost on the way.
"""

from collections.abc import Collection
from datetime import datetime

from kommunalpro.care.bundles import url_id
from kommunalpro.care.citizens import Episode, activate_episode, code_of, episodes_of, plan_episode
from kommunalpro.care.turns import in_turn
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Conflict
from kommunalpro.fut.gateway import Gateway, Principal


class AlreadyOpen(Conflict):
    """The team has it already, begun or planned, and nobody has said that another is opened. `there`, the open ones."""

    def __init__(self, there: tuple[Episode, ...]) -> None:
        super().__init__(
            "I har allerede et forløb med borgeren om det samme.", diagnostics="An open EpisodeOfCare about the same."
        )
        self.there = there


def open_episode(
    gateway: Gateway,
    patient: str,
    *,
    condition: Json,
    legal_basis: str,
    by: Principal,
    now: datetime,
    beside: Collection[str] = (),
) -> str:
    """Open a course of care with legal basis and consent, and activate it; gives its absolute URL.

    `beside` are those about the same that it is opened beside.

    Raises:
        AlreadyOpen: there is another than those; nothing is opened.
        Unanswered: nobody knows whether this press opened it, or another that may be at it still.
    """
    with in_turn(f"open-episode|{url_id(patient)}", now):
        open_ones = (each for each in episodes_of(gateway, patient, by=by, now=now) if not each.is_over)
        same = tuple(each for each in open_ones if code_of(condition) in each.codes)
        if any(each.url not in beside for each in same):
            raise AlreadyOpen(same)
        episode = plan_episode(gateway, patient, condition=condition, legal_basis=legal_basis, by=by, now=now)
        activate_episode(gateway, patient, episode, by=by, now=now)
    return episode
