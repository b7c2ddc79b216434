"""Operations over HTTP: whatever is sent instead of what is meant is told as an OperationOutcome."""

from dataclasses import replace

import pytest

from kommunalpro.fhir.parameters import parameters
from tests.people import ASTA, NANCY
from tests.resources import care_team, practitioner

OPERATIONS = {
    "/$submit-measurement": "measurement",
    "/$create-episode-of-care": "episodeOfCareAndProvenances",
    "/$get-patient-procedures": "patient",
    "/Patient/$createPatient": "crn",
    "/ClinicalImpression/$set-measurement-validity": "clinicalImpression",
    "/$search-measurements": "period",
    "/$search-measurements-bundle-limit": "count",
    "/PlanDefinition/$import": "planDefinitionPackage",
}
INSTEAD = [
    {"valueString": "hej"},
    {"valueInteger": 7},
    {"valueBoolean": True},
    {"valueReference": {"display": "nobody"}},
    {"valueReference": {"reference": "nobody"}},
    {"resource": {"resourceType": "Bundle", "type": "transaction"}},
    {"resource": {"resourceType": "Patient"}},
    {"part": [{"name": "x", "valueString": "y"}]},
    {},
]


@pytest.mark.parametrize("instead", INSTEAD, ids=[str(number) for number in range(len(INSTEAD))])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_something_else_than_what_is_meant_is_refused(system, operation, instead):
    answer = system("POST", operation, parameters({"name": OPERATIONS[operation], **instead}))
    assert answer.status in (400, 404, 422)
    assert answer.json["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Parameters", "parameter": "x"},
        {"resourceType": "Parameters", "parameter": [{"valueString": "x"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "x", "valueString": 7}]},
        {"resourceType": "Bundle", "type": "transaction", "entry": "x"},
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"resource": {"resourceType": "Patient", "name": "x"}}],
        },
    ],
    ids=["parameter", "no-name", "value", "entry", "inside"],
)
def test_what_is_not_r4_is_refused_before_it_is_run(system, operation, body):
    answer = system("POST", operation, body)
    assert answer.status in (400, 422)
    assert answer.issue["severity"] == "error"


@pytest.mark.parametrize("is_bare", [True, False])
def test_every_fault_in_a_response_is_told_at_once_in_its_place_in_what_was_sent(system, is_bare):
    response = {"resourceType": "QuestionnaireResponse", "status": "done", "basedOn": "x", "item": [{"answer": []}]}
    entry = {
        "fullUrl": "urn:uuid:1",
        "resource": response,
        "request": {"method": "POST", "url": "QuestionnaireResponse"},
    }
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    sent = bundle if is_bare else parameters({"name": "measurement", "resource": bundle})
    answer = system("POST", "/$submit-measurement", sent)
    assert answer.status == 422
    places = {each["expression"][0] for each in answer.json["issue"]}
    where = ("Bundle" if is_bare else "Parameters.parameter[0].resource") + ".entry[0].resource"
    assert {f"{where}.{each}" for each in ("status", "basedOn", "item[0].linkId", "item[0].answer")} <= places


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/$nothing", 501),
        ("POST", "/Patient/$submit-measurement", 405),
        ("POST", "/PlanDefinition/$apply", 405),
        ("GET", "/$submit-measurement", 405),
        ("POST", "/PlanDefinition/nobody/$apply", 422),
        ("POST", "/$apply", 422),
        ("POST", "/PlanDefinition/$export", 405),
        ("POST", "/PlanDefinition/nobody/$export", 404),
        ("GET", "/PlanDefinition/nobody/$export", 404),
        ("POST", "/ActivityDefinition/nobody/$export", 405),
        ("POST", "/PlanDefinition/$import", 400),
        ("GET", "/PlanDefinition/$import", 405),
        ("POST", "/PlanDefinition/nobody/$import", 405),
        ("POST", "/Questionnaire/$import", 405),
        ("POST", "/Library/$evaluate", 501),
        ("POST", "/Library/nobody/$evaluate", 501),
        ("POST", "/EpisodeOfCare/nobody/$is-context-allowed", 400),
        ("POST", "/EpisodeOfCare/$is-context-allowed", 405),
        ("GET", "/EpisodeOfCare/nobody/$is-context-allowed", 405),
        ("GET", "/$persist-login", 405),
        ("POST", "/CareTeam/$persist-login", 405),
        ("POST", "/EpisodeOfCare/nobody/$update-care-teams", 400),
        ("POST", "/CarePlan/$update-care-teams", 405),
        ("GET", "/CarePlan/nobody/$update-care-teams", 405),
        ("POST", "/CarePlan/nobody/$suggest-care-teams", 400),
        ("POST", "/EpisodeOfCare/nobody/$suggest-care-teams", 405),
        ("GET", "/CarePlan/nobody/$suggest-care-teams?regionCode=DK-82", 405),
    ],
)
def test_what_is_not_offered_there_or_not_so_says_so(system, method, path, status):
    answer = system(method, path, {"resourceType": "Parameters"} if method == "POST" else None)
    assert answer.status == status
    assert answer.json["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_an_operation_does_not_take_is_refused_by_name_all_at_once(system, operation):
    known = {"name": OPERATIONS[operation], "valueString": "x"}
    answer = system(
        "POST",
        operation,
        parameters({"name": "petient", "valueString": "x"}, known, {"name": "colour", "valueString": "x"}, known),
    )
    assert answer.status == 400
    told = [each["diagnostics"] for each in answer.json["issue"]]
    assert "does not take 'petient'" in told[0]
    assert f"Parameter {OPERATIONS[operation]} is given 2 times, at most 1" in told[1]
    assert "does not take 'colour'" in told[2]


def test_what_a_plan_is_applied_with_is_looked_at_by_get_too(system):
    answer = system("GET", "/PlanDefinition/nobody/$apply?episode=EpisodeOfCare/1&_format=json")
    assert (answer.status, answer.issue["code"]) == (400, "not-supported")
    assert "does not take 'episode'; it takes: episodeOfCare" in answer.issue["diagnostics"]
    assert system("GET", "/PlanDefinition/nobody/$apply?episodeOfCare=EpisodeOfCare/1&_format=json").status == 404
    unsaid = system("GET", "/PlanDefinition/nobody/$apply")
    code = unsaid.issue["details"]["coding"][0]["code"]
    assert (unsaid.status, code) == (422, "CAREPLAN_APPLY_EPISODE_OF_CARE_REFERENCE_NOT_SPECIFIED")


def test_a_resource_that_is_no_parameters_is_refused_where_none_may_be_sent_bare(system):
    answer = system("POST", "/Patient/$createPatient", {"resourceType": "Patient"})
    assert answer.status == 400
    assert answer.issue["diagnostics"] == "$createPatient takes Parameters, not Patient"


def test_who_may_not_call_an_operation_is_not_told_what_it_takes(as_somebody, live):
    nancy = as_somebody(NANCY.at(f"{live.url}/fhir"))
    assert nancy("POST", "/Patient/$createPatient", parameters({"name": "x", "valueString": "x"})).status == 403


def test_a_login_is_kept_once_as_in_the_guide_s_example(system, live):
    """The answer is an empty Bundle; whom it is about is then in the team."""
    nurse, team = (
        system("POST", f"/{each['resourceType']}", each).json for each in (practitioner(), care_team("Nord"))
    )
    member = f"{live.base_url}/Practitioner/{nurse['id']}"
    [role] = care_team("Nord", replace(ASTA, roles=("monitoring_adjuster",)))["participant"][0]["role"]
    asked = {name: team[name] for name in ("resourceType", "id", "status", "name", "reasonCode")} | {
        "participant": [{"role": [role], "member": {"reference": member}}]
    }
    for _ in range(2):
        answer = system("POST", "/$persist-login", parameters({"name": "careTeam", "resource": asked}))
        assert (answer.status, answer.json) == (200, {"resourceType": "Bundle", "type": "collection"})
    stored = system("GET", f"/CareTeam/{team['id']}").json
    assert [each["member"]["reference"] for each in stored["participant"]] == [member]
    assert stored["meta"]["versionId"] == "2"
