"""From a plan to what a citizen is asked: applied, edited, activated, all at once or not at all (items 11 and 12)."""

from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources, transaction, update_entry
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.parameters import parameters
from tests.conformance.checklist.saying import done, named, path_of, period, told

EXTRA = {"url": ehealth.INCLUDE_AS_EXTRA, "valueBoolean": True}


@pytest.fixture(scope="module")
def plan(town):
    return town.plan()


def plans_in(course):
    query = f"/CarePlan?episodeOfCare={quote(course.episode)}&care-team={quote(course.town.team)}"
    return {each["id"]: each for each in resources(done(course.asta("GET", query)), "CarePlan")}


def versions(course, *stored):
    return [done(course.asta("GET", path_of(each)))["meta"]["versionId"] for each in stored]


@pytest.mark.checklist(11)
def test_a_plan_that_is_applied_is_a_draft_that_asks_what_its_activities_say(town, course, plan):
    made = course.applied(plan)
    assert (made["status"], made["intent"]) == ("draft", "option")
    assert plans_in(course)[made["id"]] == made
    assert made["instantiatesCanonical"] == [f"{plan}/_history/1"]
    assert extension_value(made, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"] == course.episode
    [entry] = extensions(made, ehealth.CAREPLAN_STATUS_HISTORY)
    assert extension_value(entry, "status")["coding"][0]["code"] == "draft"

    [request] = course.requests_of(made)
    [action] = done(course.asta("GET", path_of(plan)))["action"]
    activity = done(course.asta("GET", path_of(action["definitionCanonical"])))
    assert request["status"] == "draft"
    assert request["instantiatesCanonical"][0].startswith(action["definitionCanonical"])
    for url in (ehealth.SHARING_POLICY, ehealth.SHARING_APPROVAL_POLICY):
        assert extension(request, url) == extension(activity, url)
    assert extension_value(request, ehealth.INCLUDE_AS_EXTRA) is False


@pytest.mark.checklist(11)
def test_an_activity_that_may_be_answered_besides_says_so(town, course):
    activity = town.publishes(town.activity(town.publishes(town.questionnaire())))
    extra = town.plan_of(activity)
    extra["action"][0]["extension"] = [EXTRA]
    [request] = course.requests_of(course.applied(town.publishes(extra)))
    assert extension_value(request, ehealth.INCLUDE_AS_EXTRA) is True


@pytest.mark.checklist(11)
def test_a_plan_that_is_only_looked_at_leaves_nothing_and_can_be_sent_as_it_is(course, plan):
    before = plans_in(course)
    bundle = done(course.asta("GET", f"{path_of(plan)}/$apply?episodeOfCare={quote(course.episode)}"))
    assert bundle["type"] == "transaction"
    assert sorted(each["resourceType"] for each in resources(bundle)) == ["CarePlan", "ServiceRequest"]
    assert {entry["request"]["method"] for entry in bundle["entry"]} == {"POST"}
    assert plans_in(course) == before

    done(course.asta("POST", "/", bundle))
    [sent] = set(plans_in(course)) - set(before)
    made = plans_in(course)[sent]
    assert made["status"] == "draft"
    assert [each["status"] for each in course.requests_of(made)] == ["draft"]


@pytest.mark.checklist(11)
def test_only_a_published_plan_is_applied(town, course):
    activity = town.publishes(town.activity(town.publishes(town.questionnaire())))
    draft = done(town.lis()("POST", "/PlanDefinition", town.plan_of(activity)), 201)
    asked = parameters(named("episodeOfCare", course.episode))
    before = plans_in(course)
    assert told(course.asta("POST", f"{path_of(draft)}/$apply", asked)) == ["CAREPLAN_APPLY_NOT_ACTIVE_PLANDEFINITION"]
    retired = town.publishes(town.plan_of(activity))
    stored = done(town.lis()("GET", path_of(retired)))
    done(town.lis()("PUT", path_of(retired), stored | {"status": "retired"}))
    assert told(course.asta("POST", f"{path_of(retired)}/$apply", asked)) == [
        "CAREPLAN_APPLY_NOT_ACTIVE_PLANDEFINITION"
    ]
    assert plans_in(course) == before


@pytest.mark.checklist(12)
def test_a_plan_and_what_it_asks_become_active_together(course, plan):
    draft = course.applied(plan)
    [request] = course.requests_of(draft)
    answer = done(course.activates(draft, {**request, "occurrencePeriod": period()}))
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["200", "200"]
    stored = [done(course.asta("GET", path_of(each))) for each in (draft, request)]
    assert [each["status"] for each in stored] == ["active", "active"]
    for each, url in zip(stored, (ehealth.CAREPLAN_STATUS_HISTORY, ehealth.SERVICEREQUEST_STATUS_HISTORY), strict=True):
        codes = [extension_value(one, "status")["coding"][0]["code"] for one in extensions(each, url)]
        assert codes == ["draft", "active"]


@pytest.mark.checklist(12)
@pytest.mark.parametrize(
    "occurrence",
    [
        {},
        {"occurrencePeriod": {"start": "2026-11-01"}},
        {
            "occurrenceTiming": {
                "repeat": {"boundsPeriod": {"start": "2026-11-01T08:00:00+01:00"}, "dayOfWeek": ["mon"]}
            }
        },
    ],
    ids=["no time", "a day", "how often is not said"],
)
def test_one_time_that_is_none_and_nothing_is_changed(course, plan, occurrence):
    draft, other = course.applied(plan), course.applied(plan)
    [first], [second] = course.requests_of(draft), course.requests_of(other)
    before = versions(course, draft, first, second)
    whole = {**first, "occurrencePeriod": period()}
    faulty = {name: each for name, each in second.items() if not name.startswith("occurrence")} | occurrence
    assert told(course.activates(draft, whole, faulty))[0].startswith("GENERAL_")
    assert versions(course, draft, first, second) == before


@pytest.mark.checklist(12)
def test_a_hundred_entries_are_a_transaction_and_one_more_are_none(course, plan):
    requests = [course.requests_of(course.applied(plan))[0] for _ in "12"]
    [one, other] = requests
    before = versions(course, one, other)
    many = transaction([update_entry(one, if_match="1")] * 101)
    refused = course.asta("POST", "/", many)
    assert 400 <= refused.status < 500, refused.body
    assert "100" in refused.issue["diagnostics"]
    assert versions(course, one, other) == before
    reads = [{"request": {"method": "GET", "url": f"CarePlan/{course.applied(plan)['id']}"}}] * 100
    assert len(done(course.asta("POST", "/", transaction(reads)))["entry"]) == 100


@pytest.mark.checklist(12)
def test_a_batch_is_no_transaction(course, plan):
    draft = course.applied(plan)
    batch = {**transaction([update_entry({**draft, "status": "active"}, if_match="1")]), "type": "batch"}
    refused = course.asta("POST", "/", batch)
    assert 400 <= refused.status < 500, refused.body
    assert versions(course, draft) == ["1"]
