"""A course of care: how it is opened, by what it may not be, and when it begins (items 8 to 10).

Each refusal is looked at from without: the same fault, and nothing of it is there afterwards.
"""

from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from tests import resources as made
from tests.conformance.checklist.saying import JSON_PATCH, done, id_of, path_of, to, told
from tests.people import ASTA

NO_LAW, OTHER_POLICY = "EPISODEOFCARE_CREATE_NO_REQUIRED_PROVENANCE_POLICIES", "KPRO_EPISODEOFCARE_CREATE_LEGAL_BASIS"
NOT_PLANNED = "EPISODEOFCARE_CREATE_EPISODE_OF_CARE_IN_NON_PLANNED_STATUS"


@pytest.fixture
def opening(town):
    return town.opening(town.citizen())


def opened_for(town, patient):
    """Count the courses of care of a citizen."""
    return done(town.system("GET", f"/EpisodeOfCare?patient={quote(patient)}"))["total"]


@pytest.mark.checklist(8)
def test_it_is_planned_with_its_diagnosis_and_the_law_that_it_rests_on(town, opening):
    answer = done(opening.send())
    assert answer["type"] == "transaction-response"
    assert {entry["response"]["status"][:3] for entry in answer["entry"]} == {"201"}
    [episode], [condition] = (list(resources(answer, type)) for type in ("EpisodeOfCare", "Condition"))
    url = f"{town.base}/EpisodeOfCare/{episode['id']}"
    assert episode["status"] == "planned"
    assert [each["status"] for each in episode["statusHistory"]] == ["planned"]
    assert episode["diagnosis"][0]["condition"] == to(f"{town.base}/Condition/{condition['id']}")
    assert condition["subject"] == episode["patient"] == to(opening.patient)
    [law] = [each for each in resources(answer, "Provenance") if ehealth.POLICY_SUNDHEDSLOVEN in each.get("policy", ())]
    assert law["target"] == [to(url)]
    # Besides what came with it the server says itself that it was opened, and by whom.
    [origin] = [each for each in resources(answer, "Provenance") if each["id"] != law["id"]]
    assert (origin["target"], origin["agent"][0]["who"]) == ([to(url)], to(town.users["asta"]))
    assert {(each["system"], each["code"]) for each in episode["meta"]["tag"]} == {(ehealth.EHEALTH_SYSTEM, "kpro")}
    within = town.asta(patient=opening.patient, episode_of_care=url)
    assert done(within("GET", path_of(url))) == episode


@pytest.mark.checklist(8)
def test_on_which_law_it_rests_can_be_seen_by_its_team_and_its_citizen_and_by_nobody_else(town):
    course, other = (town.opens(town.citizen()) for _ in "12")
    found = done(course.asta("GET", f"/Provenance?target={quote(course.episode)}"))
    [law] = [each for each in resources(found, "Provenance") if ehealth.POLICY_SUNDHEDSLOVEN in each.get("policy", ())]
    for client in (course.asta, town.asta(patient=course.patient), course.herself):
        assert done(client("GET", path_of(law))) == law
    for client in (other.asta, town.asta(patient=other.patient), other.herself, town.bo(), town.kim()):
        assert client("GET", path_of(law)).status == 404


@pytest.mark.checklist(8)
def test_two_courses_of_care_are_not_opened_at_once(town, opening):
    assert told(opening.send(opening.episode)) == ["EPISODEOFCARE_CREATE_WRONG_EOC_COUNT"]
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
@pytest.mark.parametrize("law", ["none", "of no law"])
def test_it_rests_on_a_law(town, opening, law):
    opening.law = None if law == "none" else opening.law | {"policy": [ehealth.POLICY_MEASUREMENT_REUSE]}
    assert told(opening.send()) == ([NO_LAW] if law == "none" else [NO_LAW, OTHER_POLICY])
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
@pytest.mark.parametrize("status", ["active", "waitlist", "finished"])
def test_it_is_planned_before_it_is_anything_else(town, opening, status):
    opening.episode["status"] = status
    assert told(opening.send()) == [NOT_PLANNED]
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
def test_the_diagnosis_is_the_citizens_own(town, opening):
    opening.condition["subject"] = to(town.citizen())
    assert told(opening.send()) == ["EPISODEOFCARE_CREATE_INCORRECT_CONDITION_SUBJECT"]
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
def test_it_is_for_the_citizen_who_was_chosen(town, opening):
    other = town.asta(patient=town.citizen())
    assert told(opening.send(by=other)) == ["EPISODEOFCARE_CREATE_PATIENT_DOESNT_MATCH_CONTEXT"]
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
@pytest.mark.parametrize("dead", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-01-01"}])
def test_it_is_for_somebody_who_lives(town, opening, dead):
    patch = [{"op": "add", "path": f"/{name}", "value": said} for name, said in dead.items()]
    done(town.system("PATCH", path_of(opening.patient), patch, **JSON_PATCH))
    assert told(opening.send()) == ["EPISODEOFCARE_CREATE_PATIENT_MUST_NOT_BE_DECEASED"]
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
def test_it_is_opened_by_a_program_that_says_for_which_solution(town, opening):
    chosen = Context(town.organization, town.team, opening.patient)
    untagged = town.knock(Principal(town.users["asta"], "PRACTITIONER", "Asta", privileges_of(ASTA.roles), chosen))
    assert "MISSING_COEXISTENCE_TAGS" in told(opening.send(by=untagged))
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
def test_the_diagnosis_is_one_that_the_solution_is_for(town, opening):
    opening.condition["code"]["coding"][0]["code"] = "DC509"
    assert told(opening.send()) == ["KPRO_EPISODEOFCARE_TREATMENT_AREA"]
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(8)
def test_all_that_is_wrong_with_it_is_told_at_once(opening):
    opening.condition["code"]["coding"][0]["code"] = "DC509"
    opening.episode["status"] = "active"
    opening.law["policy"] = [ehealth.POLICY_MEASUREMENT_REUSE]
    assert set(told(opening.send())) == {
        NOT_PLANNED,
        NO_LAW,
        OTHER_POLICY,
        "KPRO_EPISODEOFCARE_TREATMENT_AREA",
    }


@pytest.mark.checklist(9)
def test_a_course_of_care_is_opened_by_its_operation_alone(town, opening):
    whole = opening.episode | {"diagnosis": [{"condition": to("Condition/1")}]}
    for client in (town.asta(patient=opening.patient), town.system):
        assert client("POST", "/EpisodeOfCare", whole).status in (403, 405)
    bundle = transaction([create_entry(whole, opening.urn)])
    assert 400 <= town.asta(patient=opening.patient)("POST", "/", bundle).status < 500
    assert opened_for(town, opening.patient) == 0


@pytest.mark.checklist(9)
def test_a_care_plan_is_made_by_applying_a_plan_or_in_a_transaction(town):
    course = town.opens(town.citizen())
    plan = made.care_plan(*course.keys, id_of(town.team))
    assert 400 <= course.asta("POST", "/CarePlan", plan).status < 500
    query = f"/CarePlan?episodeOfCare={quote(course.episode)}&care-team={quote(town.team)}"
    assert done(course.asta("GET", query))["total"] == 0


@pytest.mark.checklist(10)
def test_it_begins_when_the_citizen_has_agreed_and_its_history_says_when(town):
    course = town.opens(town.citizen(), begins=False)
    assert told(course.begins()) == ["EPISODEOFCARE_PATCH_NO_CONSENT"]
    assert done(course.asta("GET", path_of(course.episode)))["status"] == "planned"
    course.agrees()
    begun = done(course.begins())
    assert begun["status"] == "active"
    planned, active = begun["statusHistory"]
    assert (planned["status"], active["status"]) == ("planned", "active")
    assert planned["period"]["start"] <= planned["period"]["end"] == active["period"]["start"]
    assert "end" not in active["period"]


@pytest.mark.checklist(10)
@pytest.mark.parametrize(
    "change",
    [
        {"status": "inactive"},
        {"provision": {"period": {"start": "2020-01-01", "end": "2020-12-31"}}},
        {"provision": {"period": {"start": "2020-01-01"}, "type": "deny"}},
        {"provision": {"provision": [{"type": "deny"}]}},
    ],
    ids=["withdrawn", "expired", "denied", "denied within"],
)
def test_a_consent_that_is_not_in_force_lets_nothing_begin(town, change):
    course = town.opens(town.citizen(), begins=False)
    agreed = made.consent(*course.keys)
    provision = agreed["provision"] | change.get("provision", {})
    done(course.asta("POST", "/Consent", agreed | change | {"provision": provision}), 201)
    assert told(course.begins()) == ["EPISODEOFCARE_PATCH_NO_CONSENT"]


@pytest.mark.checklist(10)
def test_a_consent_to_another_course_of_care_lets_nothing_begin(town):
    patient = town.citizen()
    first, second = (town.opens(patient, begins=False) for _ in "12")
    first.agrees()
    assert told(second.begins()) == ["EPISODEOFCARE_PATCH_NO_CONSENT"]
    assert done(first.begins())["status"] == "active"


@pytest.mark.checklist(10)
def test_what_the_server_keeps_of_a_course_is_not_written_by_others(town):
    course = town.opens(town.citizen())
    history = [{"status": "active", "period": {"start": "2020-01-01"}}]
    patch = [{"op": "replace", "path": "/statusHistory", "value": history}]
    answer = course.asta("PATCH", path_of(course.episode), patch, **JSON_PATCH)
    stored = done(course.asta("GET", path_of(course.episode)))
    assert [each["status"] for each in stored["statusHistory"]] == ["planned", "active"], answer.body
    [team] = extensions(stored, ehealth.TEAM_HISTORY)
    assert extension_value(team, "careTeam") == to(town.team)
