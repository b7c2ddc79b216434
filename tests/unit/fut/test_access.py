"""FUT's context rules: what is refused before any lookup."""

from dataclasses import replace
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
NOT_MATCHING = "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"
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
    "other",
    [
        f"{BASE}/CareTeam/8",
        "https://evil.example/fhir/CareTeam/7",
        f"{BASE.removesuffix('/fhir')}/careplan/fhir/CareTeam/7",
        f"{TEAM},{BASE}/CareTeam/8",
        f"{BASE}/CareTeam/8,{TEAM}",
    ],
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


def test_a_citizen_searches_tasks_of_a_course_of_care_that_are_theirs_in_person():
    assert refusal(search("Task", ("episodeOfCare", EPISODE)), NANCY) == NOT_MATCHING
    assert refusal(search("Task", ("owner", PATIENT)), NANCY) == "SECURITY_SEARCH_PARAMS_MANDATORY"
    for name in ("owner", "requester", "responsible"):
        access.authorise(search("Task", ("episodeOfCare", EPISODE), (name, PATIENT)), NANCY)


def test_a_citizen_searches_their_own_consents_whatever_else_is_asked():
    within = NANCY.within(episode_of_care=EPISODE)
    assert refusal(search("Consent", ("data", EPISODE)), within) == NOT_MATCHING
    access.authorise(search("Consent", ("data", EPISODE), ("patient", PATIENT)), within)


@pytest.mark.parametrize(
    ("type", "parameter"),
    [
        ("ClinicalImpression", "episodeOfCare"),
        ("Task", "episodeOfCare"),
        ("Consent", "data"),
        ("Media", "episodeOfCare"),
        ("Communication", "episodeOfCare"),
        ("Communication", "communicationRelatesTo"),  # the patient service, which has messages, declares no other
    ],
)
def test_a_search_carries_the_course_of_care(type, parameter):
    within = ASTA.within(patient=PATIENT, episode_of_care=EPISODE)
    assert refusal(search(type, ("status", "completed")), within) == NOT_MATCHING
    assert refusal(search(type, (parameter, f"{BASE}/EpisodeOfCare/315")), within) == NOT_MATCHING
    access.authorise(search(type, (parameter, EPISODE)), within)


def test_without_a_course_of_care_a_search_carries_the_citizen():
    within = ASTA.within(patient=PATIENT)
    responsible = ("responsible", TEAM)
    assert refusal(search("Task", responsible), within) == NOT_MATCHING
    access.authorise(search("Task", responsible, ("patient", PATIENT)), within)
    assert refusal(search("ClinicalImpression", ("status", "completed")), within) == NOT_MATCHING
    assert refusal(search("Goal"), within.within(episode_of_care=EPISODE)) == NOT_MATCHING


@pytest.mark.parametrize("name", ["subject", "patient", "subject:Patient"])
def test_who_names_the_course_of_care_names_no_other_citizen_than_the_context_s(name):
    within, course = ASTA.within(patient=PATIENT, episode_of_care=EPISODE), ("episodeOfCare", EPISODE)
    for other in (f"{BASE}/Patient/79", "79", f"{PATIENT},{BASE}/Patient/79"):
        assert refusal(search("ClinicalImpression", course, (name, other)), within) == NOT_MATCHING
    for same in (PATIENT, "78", ""):
        access.authorise(search("ClinicalImpression", course, (name, same)), within)


@pytest.mark.parametrize(
    ("type", "names"),
    [
        ("QuestionnaireResponse", ("subject", "subject:Patient", "episodeOfCare:EpisodeOfCare")),
        ("Provenance", ("target", "target:QuestionnaireResponse", "entity")),
    ],
)
def test_of_some_types_a_search_says_whose_or_of_what_they_are(type, names):
    viewer = replace(ASTA, privileges=ASTA.privileges | {f"{type}.search"})
    assert refusal(search(type), viewer) == "SECURITY_SEARCH_PARAMS_MANDATORY"
    assert refusal(search(type, (names[0], "")), viewer) == "SECURITY_SEARCH_PARAMS_MANDATORY"
    assert refusal(search(type, (f"{names[1]}.name", "Nancy")), viewer) == "SECURITY_SEARCH_PARAMS_MANDATORY"
    for name in names:
        access.authorise(search(type, (name, f"{BASE}/Patient/1,{BASE}/Patient/2")), viewer)


def test_all_that_a_search_does_not_carry_is_told_at_once():
    within = ASTA.within(patient=PATIENT, episode_of_care=EPISODE)
    with pytest.raises(Forbidden) as refused:
        access.authorise(search("CarePlan"), within)
    assert [each.diagnostics.rpartition(": ")[2] for each in refused.value.issues] == ["episodeOfCare", "care-team"]


def test_of_a_task_that_is_theirs_a_citizen_changes_the_status_alone():
    task = {
        "resourceType": "Task",
        "for": {"reference": PATIENT},
        "status": "requested",
        "owner": {"reference": PATIENT},
    }
    access.authorise_write(task | {"status": "completed"}, task, NANCY)
    for other in ({"priority": "stat"}, {"owner": {"reference": TEAM}}, {"note": [{"text": "Nej tak"}]}):
        with pytest.raises(Forbidden):
            access.authorise_write(task | {"status": "completed"} | other, task, NANCY)


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
