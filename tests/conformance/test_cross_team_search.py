"""Courses of care of every team, by what is diagnosed: who has the privilege, and what they find.

Source: `fut.md` 5.2 rule 5.
"""

from dataclasses import replace
from urllib.parse import quote

import pytest

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.fut.treatment_area import TAG
from tests.conformance.test_course_of_care import asked, asks, clinic, done, episode, nancy, plan, publish
from tests.conformance.test_token_contexts import post, south, tjoern
from tests.people import BO

__all__ = ["asked", "asks", "clinic", "episode", "nancy", "plan", "post", "publish", "south", "tjoern"]

SKS = "urn:oid:1.2.208.176.2.4"
COPD, DIABETES, CANCER = (quote(f"{SKS}|{code}") for code in ("DJ44", "DE11", "DC509"))
NOT_MATCHING = "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"


@pytest.fixture
def bo(clinic, south):
    """Bo, of another team and another organisation, who may search across teams."""
    context = Context(organization=south["organization"], care_team=south["care_team"])
    able = privileges_of(BO.roles) | {"EpisodeOfCare$cross-team-search"}
    return Principal(south["user"], "PRACTITIONER", BO.name, able, context, frozenset({TAG}))


def refusals(answer):
    assert answer.status == 403, answer.body
    return [each["details"]["coding"][0]["code"] for each in answer.json["issue"]]


def found(answer):
    return {f"{each['resourceType']}/{each['id']}" for each in resources(done(answer))}


def test_who_may_finds_them_by_the_condition_with_their_plans_and_diagnoses(clinic, bo, nancy, episode, asked):
    client = clinic.as_somebody(bo)
    care = Reference.parse(episode).key
    assert care in found(client("GET", f"/EpisodeOfCare?condition.code={COPD},{DIABETES}&_count=500"))
    assert care not in found(client("GET", f"/EpisodeOfCare?condition.code={DIABETES}&_count=500"))
    along = "&_include=EpisodeOfCare:condition&_revinclude=CarePlan:episodeOfCare&_include=EpisodeOfCare:patient"
    whole = found(client("GET", f"/EpisodeOfCare?condition.code={COPD}&_count=500{along}"))
    inside = clinic.asta(patient=nancy, episode_of_care=episode)
    team = f"&care-team={quote(clinic.team)}"
    plans = found(inside("GET", f"/CarePlan?episodeOfCare={quote(episode)}{team}"))
    diagnosis = done(inside("GET", f"/{care}"))["diagnosis"][0]["condition"]["reference"]
    assert plans
    assert {care, Reference.parse(diagnosis).key, *plans} <= whole
    # Nothing but these comes from across: who the citizen is, is for those who follow them.
    assert Reference.parse(nancy).key not in whole


def test_what_is_found_so_is_not_opened(clinic, bo, nancy, episode, asked):
    client = clinic.as_somebody(bo)
    assert client("GET", f"/{Reference.parse(nancy).key}").status == 404
    assert client("GET", f"/{Reference.parse(episode).key}").status == 403
    inside = clinic.as_somebody(bo.within(episode_of_care=episode))
    assert inside("GET", f"/{Reference.parse(episode).key}").status == 403
    plans = f"/CarePlan?care-team={quote(bo.context.care_team)}"
    assert found(client("GET", plans)) == set()


def test_without_the_privilege_one_names_ones_own_team(clinic, bo, episode):
    client = clinic.as_somebody(replace(bo, privileges=privileges_of(BO.roles)))
    query = f"/EpisodeOfCare?condition.code={COPD}"
    assert refusals(client("GET", query)) == [NOT_MATCHING]
    assert found(client("GET", f"{query}&team={quote(bo.context.care_team)}")) == set()


def test_who_names_a_team_searches_in_it_alone(clinic, bo, episode):
    client = clinic.as_somebody(bo)
    query = f"/EpisodeOfCare?condition.code={COPD}&team={quote(clinic.team)}"
    assert refusals(client("GET", query)) == [NOT_MATCHING]
    assert found(client("GET", f"/EpisodeOfCare?condition.code={COPD}&team={quote(bo.context.care_team)}")) == set()


def test_it_names_conditions_and_only_those_that_the_solution_is_for(clinic, bo):
    client = clinic.as_somebody(bo)
    assert refusals(client("GET", "/EpisodeOfCare?status=active")) == ["SECURITY_SEARCH_PARAMS_MANDATORY"]
    for wrong in (CANCER, f"{COPD},{CANCER}", "DJ44", f"{COPD}&condition.code={CANCER}"):
        assert refusals(client("GET", f"/EpisodeOfCare?condition.code={wrong}")) == ["KPRO_SEARCH_TREATMENT_AREA"]
    untagged = clinic.as_somebody(replace(bo, system_tags=frozenset()))
    assert refusals(untagged("GET", f"/EpisodeOfCare?condition.code={COPD}")) == ["KPRO_SEARCH_TREATMENT_AREA"]


def test_it_is_for_members_of_the_team_and_about_the_citizen_of_the_token(clinic, bo, nancy, episode, tjoern):
    outside = clinic.as_somebody(replace(bo, user=clinic.nurse))
    assert refusals(outside("GET", f"/EpisodeOfCare?condition.code={COPD}"))
    about = clinic.as_somebody(bo.within(patient=tjoern))
    assert refusals(about("GET", f"/EpisodeOfCare?condition.code={COPD}")) == [NOT_MATCHING]
    assert found(about("GET", f"/EpisodeOfCare?condition.code={COPD}&patient={quote(tjoern)}")) == set()
