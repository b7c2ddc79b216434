"""Who acts, and about whom: the session gives user and team, the page's own URL the citizen."""

from uuid import UUID

from django.http import HttpRequest

from kommunalpro.care.citizens import episodes_of
from kommunalpro.fut.gateway import Principal
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.staff.presenters.citizen import course_names


def staff(request: HttpRequest) -> Principal:
    """Give the acting professional in their team's context, in no citizen's."""
    principal: Principal = request.principal  # type: ignore[attr-defined]  # set by the session middleware
    return principal.within(patient=None, episode_of_care=None)


def may_follow_up(by: Principal) -> bool:
    """Tell whether somebody may take a task and close it."""
    return "Task.patch" in by.privileges


def about(request: HttpRequest, patient: UUID) -> Principal:
    """Give the acting professional in the context of the citizen that the page's URL names."""
    return staff(request).within(patient=url_of(request, "Patient", patient))


def url_of(request: HttpRequest, type: str, id: UUID) -> str:
    """Give the absolute FHIR URL of a resource that a page's URL names."""
    return f"{gateway_of(request).base_url}/{type}/{id}"


def course(request: HttpRequest, patient: UUID, episode: str) -> str:
    """Name a course of care of a citizen. `episode` is its absolute URL; empty: the team sees it not."""
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    every = episodes_of(gateway, by.context.patient or "", by=by, now=now)
    return course_names(every, now).get(episode, "")
