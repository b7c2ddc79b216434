"""Who answers, and for whom: a citizen acts about themselves, and a form says whom it was made for."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language

from kommunalpro.care.citizens import OVER
from kommunalpro.care.drafts import OpenDraft, read_draft
from kommunalpro.fhir.ehealth import CAREMANAGER_ORGANIZATION
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fut.gateway import Principal
from kommunalpro.web.shared.reading import gateway_of, now_of


def citizen(request: HttpRequest) -> Principal:
    """Give the citizen, in their own context; `web.shared` lets nobody else in here."""
    principal: Principal = request.principal  # type: ignore[attr-defined]  # set by the session middleware
    return principal.within(patient=principal.user, episode_of_care=None)


def language() -> str:
    """Give the language of the page: `da` or `en`."""
    return get_language() or "da"


def draft_of(request: HttpRequest, draft: UUID) -> OpenDraft:
    """Read the draft that a page's address names; another citizen's is not found."""
    return read_draft(gateway_of(request), draft, by=citizen(request), now=now_of(request))


@dataclass(frozen=True, slots=True)
class Person:
    """The citizen, as the pages call them."""

    name: str

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]


def person(request: HttpRequest) -> Person:
    return Person(citizen(request).name)


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who is responsible for a course of care, and the care teams that work on it now: none, if all are closed.

    `is_over`: the course has ended, and nobody waits for answers.
    """

    organization: str
    name: str
    teams: tuple[str, ...]
    is_over: bool


def responsible(request: HttpRequest, episode: str) -> Responsible:
    """Tell who a citizen's answers go to. `episode` is the absolute URL of the course of care."""
    gateway, now, by = gateway_of(request), now_of(request), citizen(request)
    resource = gateway.read(episode, by=by.within(episode_of_care=episode), now=now)
    organization: str = extension_value(resource, CAREMANAGER_ORGANIZATION)["reference"]
    teams = (gateway.read(each["reference"], by=by, now=now) for each in resource.get("team", ()))
    return Responsible(
        organization=organization,
        name=gateway.read(organization, by=by, now=now)["name"],
        teams=tuple(team["name"] for team in teams if team["status"] == "active"),
        is_over=resource["status"] in OVER,
    )
