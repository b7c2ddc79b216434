from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kommunalpro.care.bundles import url_id
from kommunalpro.care.citizens import (
    Citizen,
    Episode,
    activate_episode,
    episodes_of,
    find_citizen,
    find_or_create_citizen,
    has_agreed,
    paused_plans,
)
from kommunalpro.care.current_plans import current_plans
from kommunalpro.care.due import due_for
from kommunalpro.care.history import responses_of
from kommunalpro.care.opening import AlreadyOpen
from kommunalpro.care.opening import open_episode as open_course
from kommunalpro.care.own_materials import own_materials
from kommunalpro.fhir.json import Json
from kommunalpro.fut.treatment_area import condition_name
from kommunalpro.web.shared.plan_rows import material_row, plan_rows
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.shared.stamps import NAME
from kommunalpro.web.staff.context import about, staff, url_of
from kommunalpro.web.staff.forms.citizen import BeginEpisode, FindCitizen, OpenEpisode
from kommunalpro.web.staff.presenters.citizen import EpisodeRow, Person, answer_row, asked_rows, episode_rows, person


@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Find a citizen by CPR number, or create one. The number is posted, and kept nowhere."""
    form = FindCitizen(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "staff/citizen_find.html", {"form": form, "is_unknown": False}, status=status)
    citizen = _found(request, form.cleaned_data)
    if citizen is None:
        form.miss_names()
        status = 422 if form.errors else 200
        return render(request, "staff/citizen_find.html", {"form": form, "is_unknown": True}, status=status)
    by = staff(request).within(patient=citizen.patient)
    if episodes_of(gateway_of(request), citizen.patient, by=by, now=now_of(request)):
        return redirect("staff:citizen", patient=url_id(citizen.patient))
    return _ask_for_episode(request, citizen, OpenEpisode())


@require_safe
def show(request: HttpRequest, patient: UUID) -> HttpResponse:
    """One citizen: courses of care, what is asked and was answered, what their plans say, and what is theirs alone."""
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url = url_of(request, "Patient", patient)
    episodes = episodes_of(gateway, url, by=by, now=now)
    rows = episode_rows(episodes, now, lacking={each.url for each in episodes if _lacks_consent(request, url, each)})
    page = {
        "person": person(gateway.read(url, by=by, now=now)),
        "is_sent": "sendt" in request.GET,
        "is_withdrawn": "trukket" in request.GET,
        "may_send": "PlanDefinition$apply" in by.privileges,
        "may_withdraw": "CarePlan.update" in by.privileges,
        "may_open": "EpisodeOfCare$create-episode-of-care" in by.privileges and all(each.is_over for each in episodes),
        "may_begin": "EpisodeOfCare.patch" in by.privileges,
        "episodes": rows,
        "own": [material_row(each) for each in own_materials(gateway, url, by=by, now=now)],
        "plans": plan_rows(current_plans(gateway, url, by=by, now=now)),
        "asked": asked_rows(due_for(gateway, url, by=by, now=now), now, rows),
        "answers": [answer_row(each, now) for each in reversed(responses_of(gateway, url, by=by, now=now))],
    }
    return render(request, "staff/citizen.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def open_episode(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Open a course of care; those that the team has with the citizen are shown first.

    About the same as one of them it is asked once more: `once_more` names what was told of, and is opened beside no
    other.
    """
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url, conditions = url_of(request, "Patient", patient), _conditions(request)
    there = episodes_of(gateway, url, by=by, now=now)
    if request.method != "POST" and not there:
        # The team sees nobody whom it has never followed; they are found by their number.
        return redirect("staff:citizen-find")
    who = person(gateway.read(url, by=by, now=now)) if there else None
    citizen = Citizen(url, who.name if who else request.POST.get(NAME, ""))
    form = OpenEpisode(request.POST if request.method == "POST" else None)
    if not form.offer([(code, words) for code, (words, _) in conditions.items()]).is_valid():
        return _ask_for_episode(request, citizen, form, who, there)
    beside = {f"{gateway.base_url}/EpisodeOfCare/{id}" for id in request.POST.getlist("once_more")}
    condition, legal_basis = conditions[form.cleaned_data["condition"]][1], form.cleaned_data["legal_basis"]
    try:
        open_course(gateway, url, condition=condition, legal_basis=legal_basis, by=by, now=now, beside=beside)
    except AlreadyOpen as found:
        page = _page_about(citizen, who) | {"form": form, "there": episode_rows(found.there, now)}
        return render(request, "staff/episode_once_more.html", page, status=found.status)
    return redirect("staff:citizen", patient=patient)


@require_http_methods(["GET", "HEAD", "POST"])
def begin_episode(request: HttpRequest, patient: UUID, episode: UUID) -> HttpResponse:
    """Begin a planned course of care, when the citizen has agreed to it, or go on with one that they agree to anew."""
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url, (course, row) = url_of(request, "Patient", patient), _course(request, patient, episode)
    if course is None or not (course.is_planned or _lacks_consent(request, url, course)):
        return redirect("staff:citizen", patient=patient)
    form = BeginEpisode(request.POST if request.method == "POST" else None)
    if form.is_valid():
        activate_episode(gateway, url, course.url, by=by, now=now)
        return redirect("staff:citizen", patient=patient)
    page = {
        "form": form,
        "person": person(gateway.read(url, by=by, now=now)),
        "episode": row,
    }
    return render(request, "staff/episode_begin.html", page, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def resume_episode(request: HttpRequest, patient: UUID, episode: UUID) -> HttpResponse:
    """Go on with a course of care that is on pause; a citizen who agrees to it no more is asked anew."""
    by, now, gateway = about(request, patient), now_of(request), gateway_of(request)
    url, (paused, row) = url_of(request, "Patient", patient), _course(request, patient, episode)
    if paused is None or not paused.is_paused:
        return redirect("staff:citizen", patient=patient)
    form = None
    if not has_agreed(gateway, url, paused.url, by=by, now=now):
        form = BeginEpisode(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form is None or form.is_valid()):
        activate_episode(gateway, url, paused.url, by=by, now=now)
        return redirect("staff:citizen", patient=patient)
    page = {
        "form": form,
        "person": person(gateway.read(url, by=by, now=now)),
        "episode": row,
        "paused_plans": [each for each in paused_plans(gateway, url, paused.url, by=by, now=now) if each],
    }
    return render(request, "staff/episode_resume.html", page, status=422 if form and form.is_bound else 200)


def _lacks_consent(request: HttpRequest, patient: str, course: Episode) -> bool:
    """Tell whether a course of care goes on though no consent to it holds any more; who may not look is not told."""
    by, now = staff(request), now_of(request)
    if course.status != "active" or "Consent.search" not in by.privileges:
        return False
    return not has_agreed(gateway_of(request), patient, course.url, by=by, now=now)


def _course(request: HttpRequest, patient: UUID, episode: UUID) -> tuple[Episode | None, EpisodeRow | None]:
    """Give one of the courses of care that the team has with a citizen, and its row; None: it is none of these."""
    url, asked = url_of(request, "Patient", patient), url_of(request, "EpisodeOfCare", episode)
    found = episodes_of(gateway_of(request), url, by=about(request, patient), now=now_of(request))
    both = zip(found, episode_rows(found, now_of(request)), strict=True)
    return next(((each, row) for each, row in both if each.url == asked), (None, None))


def _found(request: HttpRequest, given: dict[str, Any]) -> Citizen | None:
    by, now, gateway = staff(request), now_of(request), gateway_of(request)
    if given["given"] and given["family"]:
        names = {"given": given["given"], "family": given["family"]}
        return find_or_create_citizen(gateway, given["cpr"], **names, by=by, now=now)
    return find_citizen(gateway, given["cpr"], by=by, now=now)


def _ask_for_episode(
    request: HttpRequest, citizen: Citizen, form: OpenEpisode, who: Person | None = None, there: Iterable[Episode] = ()
) -> HttpResponse:
    """Ask what it is about. `who`: the citizen as those see them who have followed them before."""
    offered = [(code, words) for code, (words, _) in _conditions(request).items()]
    there = list(there)
    rows = [row for each, row in zip(there, episode_rows(there, now_of(request)), strict=True) if not each.is_over]
    page = _page_about(citizen, who) | {"form": form.offer(offered), "there": rows}
    return render(request, "staff/episode_open.html", page, status=422 if form.is_bound else 200)


def _page_about(citizen: Citizen, who: Person | None) -> dict[str, Any]:
    return {"citizen": citizen, "patient_id": url_id(citizen.patient)} | ({"person": who} if who else {})


def _conditions(request: HttpRequest) -> dict[str, tuple[str, Json]]:
    """Give what the acting team works with: code → (words, coding)."""
    by = staff(request)
    team = gateway_of(request).read(by.context.care_team or "", by=by, now=now_of(request))
    codings = [coding for reason in team.get("reasonCode", ()) for coding in reason.get("coding", ())]
    return {coding["code"]: (condition_name({"coding": [coding]}), coding) for coding in codings}
