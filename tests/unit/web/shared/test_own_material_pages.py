"""What is written for one citizen alone: who follows them sees it, and who administers plans for all does not."""

from uuid import UUID

import pytest
from django.urls import reverse

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.materials import Document, uploaded
from kommunalpro.care.planning import Titles
from kommunalpro.config import wiring
from kommunalpro.fhir import ehealth
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.profiles import plans
from tests.unit.web.shared.conftest import words

PDF = b"%PDF-1.4 \x00\xff"


@pytest.fixture
def now():
    return wiring.clock().now()


@pytest.fixture
def exercises(world, nancy, now):
    """Nancy's own exercises, written by her team; gives the URL."""
    coded = {"coding": [{"system": ehealth.MATERIAL_CATEGORIES, "code": "patient-specific-material"}]}
    about = {"subject": {"reference": nancy.patient}, "context": {"encounter": [{"reference": nancy.episode}]}}
    paper = uploaded("Nancys øvelser", Document("x.pdf", "application/pdf", PDF), str(world.asta.context.organization))
    return planning.create(world.gateway, {**paper, **about, "category": [coded]}, by=SYSTEM, now=now)


def test_who_administers_plans_does_not_fetch_it_though_they_are_in_the_citizens_team(world, visit, nancy, exercises):
    lis = world.staff["lis"].principal
    assert lis.context.care_team == world.asta.context.care_team
    answered = visit("lis").get(f"/kam/materiale/{url_id(exercises)}/")
    assert (answered.status_code, PDF in answered.content) == (404, False)


@pytest.mark.parametrize("who", ["citizen", "staff", "kam"])
def test_what_the_careplan_service_has_stands_under_its_name(who):
    assert reverse(f"{who}:material", args=[f"careplan.{UUID(int=7)}"]).endswith(f"/materiale/careplan.{UUID(int=7)}/")


def test_a_plan_that_names_it_shows_nothing_of_it_to_anybody(world, visit, nancy, exercises, now, monkeypatch):
    """It was stored when a plan could name it."""
    lis = world.staff["lis"].principal
    activity = world.gateway.read(world.published.activity, by=lis, now=now)
    draft = planning.new_plan(Titles("Godt i gang"), activity, world.published.activity, lis.context.organization)
    names = {"relatedArtifact": [{"type": "documentation", "resource": exercises}]}
    with monkeypatch.context() as former:
        former.setattr(plans, "documentation_problems", lambda plan, session: ())
        page = f"/kam/planer/{url_id(planning.create(world.gateway, {**draft, **names}, by=SYSTEM, now=now))}/"
    for address in (page, f"{page}ret/"):
        shown = words(visit("lis").get(address))
        assert "Godt i gang" in shown
        assert ("Nancys" in shown, url_id(exercises) in shown) == (False, False)


def test_the_team_that_follows_the_citizen_sees_what_they_see_and_other_teams_do_not(world, visit, nancy, exercises):
    page, document = f"/medarbejder/borgere/{url_id(nancy.patient)}/", f"materiale/{url_id(exercises)}/"
    for who, place, address in (("nancy", "/borger", "/borger/maal-og-materiale/"), ("asta", "/medarbejder", page)):
        came = visit(who)
        shown = words(came.get(address))
        assert ("Nancys øvelser" in shown, f'href="{place}/{document}"' in shown) == (True, True)
        assert came.get(f"{place}/{document}").content == PDF
    bo = visit("bo")
    assert "Nancys øvelser" not in words(bo.get(page))
    assert bo.get(f"/medarbejder/{document}").status_code == 404
