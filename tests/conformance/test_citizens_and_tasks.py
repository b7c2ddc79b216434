"""A citizen's own tasks, as FUT's reference client of the citizen handles them; and what other searches must say.

Source: `fut.md` 4.4, 5.2 rules 1 and 4, and 7.4.
"""

from urllib.parse import quote

import pytest

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.reference import Reference
from tests import resources as made
from tests.conformance.test_course_of_care import clinic, done, episode, nancy

__all__ = ["clinic", "episode", "nancy"]

NOT_MATCHING = "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"
MANDATORY = "SECURITY_SEARCH_PARAMS_MANDATORY"
PATCH = {"Content_Type": "application/json-patch+json"}


@pytest.fixture
def hers(clinic, system, nancy, episode):
    """A task that is hers, and one of her team's about her; gives their paths."""
    patient, care, team = (Reference.parse(each).id for each in (nancy, episode, clinic.team))
    own = made.task(patient, care, team=team, owner={"reference": nancy}, restriction="none")
    about = (own, made.task(patient, care, team=team))
    return [f"/Task/{done(system('POST', '/Task', each), 201)['id']}" for each in about]


def refusals(answer):
    assert answer.status == 403, answer.body
    return [each["details"]["coding"][0]["code"] for each in answer.json["issue"]]


def replace(**elements):
    return [{"op": "replace", "path": f"/{name}", "value": value} for name, value in elements.items()]


def test_a_citizen_says_that_a_task_of_theirs_is_done(clinic, nancy, episode, hers):
    own, _ = hers
    herself = clinic.nancy(nancy, episode_of_care=episode)
    query = f"/Task?episodeOfCare={quote(episode)}&owner={quote(nancy)}&_count=200"
    assert [f"/Task/{each['id']}" for each in resources(done(herself("GET", query)))] == [own]
    assert done(herself("PATCH", own, replace(status="completed"), **PATCH))["status"] == "completed"


def test_a_citizen_changes_nothing_else_of_a_task_and_no_task_of_others(clinic, nancy, episode, hers):
    own, teams = hers
    herself = clinic.nancy(nancy, episode_of_care=episode)
    owner = {"reference": clinic.team}
    for more in ({"priority": "stat"}, {"owner": owner}, {"intent": "order"}):
        assert refusals(herself("PATCH", own, replace(status="completed", **more), **PATCH))
    assert herself("PATCH", teams, replace(status="completed"), **PATCH).status == 404
    assert done(herself("GET", own))["status"] == "requested"
    assert done(clinic.asta(patient=nancy, episode_of_care=episode)("GET", teams))["status"] == "requested"


@pytest.mark.parametrize(
    "status",
    ["in-progress", "accepted", "on-hold", "rejected", "cancelled", "failed", "entered-in-error", "draft"],
)
def test_nor_does_it_come_anywhere_else_than_to_its_end(clinic, nancy, episode, hers, status):
    """Whoever works on it, puts it off or gives it up is the team."""
    own, _ = hers
    herself = clinic.nancy(nancy, episode_of_care=episode)
    assert refusals(herself("PATCH", own, replace(status=status), **PATCH))
    assert done(herself("GET", own))["status"] == "requested"


@pytest.mark.parametrize("status", ["completed", "cancelled", "entered-in-error"])
def test_what_is_closed_stays_closed_for_its_citizen(clinic, system, nancy, episode, hers, status):
    own, _ = hers
    done(system("PATCH", own, replace(status=status), **PATCH))
    herself = clinic.nancy(nancy, episode_of_care=episode)
    for other in {"requested", "in-progress", "completed"} - {status}:
        assert refusals(herself("PATCH", own, replace(status=other), **PATCH))
    assert done(herself("PATCH", own, replace(status=status), **PATCH))["status"] == status


def test_a_citizen_searches_tasks_of_a_course_of_care_that_are_theirs_in_person(clinic, nancy, episode, hers):
    herself = clinic.nancy(nancy)
    assert refusals(herself("GET", f"/Task?owner={quote(nancy)}")) == [MANDATORY]
    assert refusals(herself("GET", f"/Task?episodeOfCare={quote(episode)}")) == [NOT_MATCHING]
    assert refusals(herself("GET", "/Task")) == [NOT_MATCHING, MANDATORY]
    other = quote(f"{clinic.base}/Patient/other,{nancy}")
    assert refusals(herself("GET", f"/Task?episodeOfCare={quote(episode)}&owner={other}")) == [NOT_MATCHING]
    found = done(herself("GET", f"/Task?episodeOfCare={quote(episode)}&owner={quote(nancy)}"))
    assert found["total"] == 1


def test_a_search_of_a_professional_names_the_course_of_care_or_the_citizen_of_their_token(clinic, nancy, episode):
    inside, about = clinic.asta(patient=nancy, episode_of_care=episode), clinic.asta(patient=nancy)
    for type in ("ClinicalImpression", "Task"):
        assert refusals(inside("GET", f"/{type}?status=completed")) == [NOT_MATCHING]
        assert done(inside("GET", f"/{type}?episodeOfCare={quote(episode)}"))["type"] == "searchset"
    responsible = f"/Task?responsible={quote(clinic.team)}"
    assert refusals(about("GET", responsible)) == [NOT_MATCHING]
    assert done(about("GET", f"{responsible}&patient={quote(nancy)}"))["type"] == "searchset"
    assert refusals(about("GET", "/ClinicalImpression")) == [NOT_MATCHING]
    assert refusals(about("GET", "/Goal")) == [NOT_MATCHING]


def test_answers_are_searched_by_whose_they_are_and_a_provenance_by_what_it_is_of(clinic, nancy, episode):
    asta = clinic.asta()
    for wrong in ("/QuestionnaireResponse", "/QuestionnaireResponse?status=completed", "/Provenance"):
        assert refusals(asta("GET", wrong)) == [MANDATORY]
    assert done(asta("GET", f"/QuestionnaireResponse?subject={quote(nancy)}"))["type"] == "searchset"
    law, origin = resources(done(asta("GET", f"/Provenance?target={quote(episode)}")))
    assert [each["target"] for each in (law, origin)] == [[{"reference": episode}]] * 2
