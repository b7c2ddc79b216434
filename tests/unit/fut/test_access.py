"""FUT's context rules: what is refused before any lookup."""

from datetime import UTC, datetime

import pytest

from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhirserver.access import Everything, Nothing, Request
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.access import EHealthAccess
from kommunalpro.fut.privileges import privileges_of

BASE = "https://fhir.example/fhir"
TEAM, PATIENT, EPISODE = f"{BASE}/CareTeam/7", f"{BASE}/Patient/78", f"{BASE}/EpisodeOfCare/314"
ASTA = Principal(
    f"{BASE}/Practitioner/1", "PRACTITIONER", "Asta Holm", privileges_of(["clinicalViewer"]), Context(care_team=TEAM)
)
NANCY = Principal(PATIENT, "PATIENT", "Nancy", privileges_of(["citizen"]), Context(patient=PATIENT))
access = EHealthAccess()
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def search(type, *parameters):
    return Request("search", type, parameters=parameters)


def refusal(request, principal):
    with pytest.raises(Forbidden) as refused:
        access.authorise(request, principal)
    return refused.value.issues[0].coding[1]


def test_without_the_privilege_nothing_is_done():
    assert refusal(Request("create", "Consent"), ASTA) == "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"


def test_the_refusal_names_the_privilege_that_is_missing():
    with pytest.raises(Forbidden, match=r"Consent\.create"):
        access.authorise(Request("create", "Consent"), ASTA)


def test_a_search_carries_the_team_of_the_context():
    assert refusal(search("CarePlan"), ASTA) == "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"
    access.authorise(search("CarePlan", ("care-team", TEAM)), ASTA)


def test_a_search_carries_the_episode_and_the_team():
    within = ASTA.within(patient=PATIENT, episode_of_care=EPISODE)
    assert refusal(search("CarePlan", ("care-team", TEAM)), within)
    assert refusal(search("CarePlan", ("episodeOfCare", EPISODE)), within)
    access.authorise(search("CarePlan", ("care-team", TEAM), ("episodeOfCare", f"{EPISODE}/_history/2")), within)


@pytest.mark.parametrize(
    "other", [f"{BASE}/CareTeam/8", "https://evil.example/fhir/CareTeam/7", f"{TEAM},{BASE}/CareTeam/8"]
)
def test_another_team_does_not_fit_the_context(other):
    assert refusal(search("EpisodeOfCare", ("team", other)), ASTA)


@pytest.mark.parametrize("type", ["EpisodeOfCare", "CarePlan", "ServiceRequest", "Condition"])
def test_a_practitioner_reads_an_episode_only_with_it_in_the_context(type):
    assert refusal(Request("read", type, "314"), ASTA) == "SECURITY_TOKEN_CONTEXT_MISSING"


def test_another_episode_than_the_context_s_is_refused_before_any_lookup():
    within = ASTA.within(patient=PATIENT, episode_of_care=EPISODE)
    assert refusal(Request("read", "EpisodeOfCare", "315"), within) == "SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT"


def test_a_citizen_searches_their_own():
    assert refusal(search("QuestionnaireResponse"), NANCY)
    assert refusal(search("QuestionnaireResponse", ("subject", f"{BASE}/Patient/79")), NANCY)
    access.authorise(search("QuestionnaireResponse", ("subject", PATIENT)), NANCY)


def test_a_citizen_searches_tasks_that_are_theirs_in_person():
    assert refusal(search("Task", ("episodeOfCare", EPISODE)), NANCY)
    access.authorise(search("Task", ("owner", PATIENT)), NANCY)


def test_nobody_writes_about_another_patient_than_the_context_s():
    other = {"resourceType": "Task", "for": {"reference": f"{BASE}/Patient/79"}}
    with pytest.raises(Forbidden):
        access.authorise_write(other, None, ASTA.within(patient=PATIENT))
    with pytest.raises(Forbidden):
        access.authorise_write(other, None, NANCY)


def test_without_a_team_a_practitioner_sees_nobody():
    assert access.visible("Patient", ASTA.within(care_team=None), NOW) == Nothing()
    assert access.visible("Questionnaire", ASTA.within(care_team=None), NOW) == Everything()


def test_a_citizen_sees_no_audit_events_here():
    assert access.visible("AuditEvent", NANCY, NOW) == Nothing()


def test_an_unknown_role_gives_no_privilege_of_its_own():
    assert privileges_of(["king"]) == privileges_of([])
