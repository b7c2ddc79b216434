"""`PlanDefinition/$apply`: from a published plan to a draft CarePlan for one citizen, stored by POST."""

import copy
from datetime import datetime

import pytest

from kommunalpro.care.sending import AsPlanned, send, sendable_plans
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import LATER
from tests.gateway.looking import rows
from tests.people import NANCY

TIMING = {
    "repeat": {
        "boundsPeriod": {"start": "2026-12-01T08:00:00+01:00"},
        "frequency": 1,
        "period": 1,
        "periodUnit": "wk",
    }
}


def apply(nancy, *, plan=None, by=None, episode=None):
    asked = parameters({"name": "episodeOfCare", "valueReference": {"reference": episode or nancy.episode}})
    by = by or nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    return nancy.world.gateway.operation("$apply", asked, target=plan or nancy.world.published.plan, by=by, now=LATER)


def another_plan(world, change):
    """Publish a plan like the published one, but for a change."""
    lis = world.staff["lis"].principal
    original = world.gateway.read(world.published.plan, by=lis, now=LATER)
    plan = {name: value for name, value in copy.deepcopy(original).items() if name not in ("id", "meta", "identifier")}
    plan["extension"] = [each for each in plan["extension"] if "ehealth-base" not in each["url"]]
    change(plan)
    made = world.gateway.create(plan, by=lis, now=LATER)
    return f"{world.gateway.base_url}/PlanDefinition/{made['id']}"


def requests_of(world, care_plan):
    return [world.gateway.read(each["reference"]["reference"], by=SYSTEM, now=LATER) for each in care_plan["activity"]]


def test_the_plan_becomes_a_draft_for_this_citizen_in_this_course_of_care(nancy):
    care_plan = apply(nancy)
    assert (care_plan["status"], care_plan["intent"]) == ("draft", "option")
    assert care_plan["subject"] == {"reference": nancy.patient}
    assert extension_value(care_plan, ehealth.WORKFLOW_EPISODE_OF_CARE) == {"reference": nancy.episode}
    assert care_plan["instantiatesCanonical"] == [f"{nancy.world.published.plan}/_history/1"]
    assert care_plan["careTeam"] == [{"reference": nancy.world.teams["nord"].url}]
    [request] = requests_of(nancy.world, care_plan)
    assert request["status"] == "draft"
    assert request["instantiatesCanonical"] == [f"{nancy.world.published.activity}/_history/1"]
    policy = extension_value(request, ehealth.SHARING_POLICY)
    assert policy["coding"][0]["code"] == "noSharing"
    assert extension_value(request, ehealth.INCLUDE_AS_EXTRA) is False


def test_the_plan_may_be_named_instead_of_asked(nancy):
    """As FUT's careplan service takes it, by an address or by the reference alone."""
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)

    def ask(*named):
        asked = parameters({"name": "episodeOfCare", "valueReference": {"reference": nancy.episode}}, *named)
        return nancy.world.gateway.operation("$apply", asked, by=by, now=LATER)

    plan = nancy.world.published.plan
    for each in (plan, plan.removeprefix(f"{nancy.world.gateway.base_url}/")):
        care_plan = ask({"name": "planDefinition", "valueString": each})
        assert care_plan["instantiatesCanonical"] == [f"{plan}/_history/1"]
    before = rows()
    for named, code in (
        ((), "CAREPLAN_APPLY_PLAN_DEFINITION_REFERENCE_NOT_SPECIFIED"),
        (({"name": "planDefinition", "valueString": "PlanDefinition/nobody"},), "CAREPLAN_APPLY_NO_PLANDEFINITION"),
    ):
        with pytest.raises(RuleBroken) as refused:
            ask(*named)
        assert [each.coding[1] for each in refused.value.issues] == [code]
    assert rows() == before


def test_it_is_the_same_plan_that_the_team_reads_afterwards(nancy):
    care_plan = apply(nancy)
    within = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    assert nancy.world.gateway.read(f"CarePlan/{care_plan['id']}", by=within, now=LATER) == care_plan


def test_the_time_of_the_plan_goes_before_that_of_the_activity(nancy):
    plan = another_plan(nancy.world, lambda plan: plan["action"][0].update(timingTiming=TIMING))
    [request] = requests_of(nancy.world, apply(nancy, plan=plan))
    assert request["occurrenceTiming"] == TIMING


DATED = {
    "timingDateTime": ("occurrenceDateTime", "2026-12-01T08:00:00+01:00"),
    "timingPeriod": ("occurrencePeriod", {"start": "2026-12-01T08:00:00+01:00", "end": "2026-12-31T12:00:00+01:00"}),
}


def occurs(request):
    return {name: each for name, each in request.items() if name.startswith("occurrence")}


@pytest.mark.parametrize("name", DATED)
def test_a_time_that_a_plan_says_by_its_date_is_asked_for_and_not_the_activity_s_regime(nancy, name):
    becomes, time = DATED[name]
    plan = another_plan(nancy.world, lambda plan: plan["action"][0].update({name: time}))
    [request] = requests_of(nancy.world, apply(nancy, plan=plan))
    assert occurs(request) == {becomes: time}


@pytest.mark.parametrize(
    ("name", "sent", "ends"),
    [
        ("timingPeriod", "2026-11-24T10:00+01:00", "2026-12-31T12:00:00+01:00"),
        ("timingPeriod", "2026-12-24T10:00+01:00", "2026-12-31T12:00:00+01:00"),
        ("timingPeriod", "2026-12-31T13:00+01:00", None),
        ("timingDateTime", "2026-11-24T10:00+01:00", "2026-12-15T23:59:00+01:00"),
        ("timingDateTime", "2026-12-01T10:00+01:00", "2026-12-15T23:59:00+01:00"),
        ("timingDateTime", "2026-12-16T00:30+01:00", None),
    ],
)
def test_what_has_a_date_in_the_plan_is_open_from_then_whatever_day_it_is_sent_for(nancy, name, sent, ends):
    """A moment is open as many days as what the plan says nothing of; when that is over it is not sent."""
    world, now = nancy.world, datetime.fromisoformat(sent)
    plan = another_plan(world, lambda plan: plan["action"][0].update({name: DATED[name][1]}))

    def send_it():
        when = AsPlanned(now.date(), days=14)
        return send(world.gateway, nancy.patient, nancy.episode, plan, when, by=world.asta, now=now, beside=None)

    if ends is None:
        with pytest.raises(RuleBroken, match="over"):
            send_it()
        return
    [url] = send_it().service_requests
    expected = {"start": "2026-12-01T08:00:00+01:00", "end": ends}
    assert occurs(world.gateway.read(url, by=SYSTEM, now=now)) == {"occurrencePeriod": expected}


@pytest.mark.parametrize("runs", ["a plan", "other steps"])
def test_a_time_of_a_step_that_asks_nothing_is_refused_when_it_is_published(nancy, runs):
    """It would be heard by nobody: each plan and step in it has its own."""

    def time(plan):
        inner = {"action": [plan["action"][0]]}
        step = {"definitionCanonical": nancy.world.published.plan} if runs == "a plan" else inner
        plan["action"].append({"title": "Bagefter", "timingTiming": {"repeat": {"frequency": 1}}, **step})

    with pytest.raises(RuleBroken) as refused:
        another_plan(nancy.world, time)
    told = [(each.coding[1], each.expression) for each in refused.value.issues]
    assert told == [("GENERAL_TIMING_VALIDATION_ERROR", "PlanDefinition.action[1].timing")]


def test_actions_in_actions_become_requests_too(nancy):
    def nest(plan):
        inner = copy.deepcopy(plan["action"][0])
        plan["action"].append({"title": "Bagefter", "action": [inner, inner]})

    assert len(requests_of(nancy.world, apply(nancy, plan=another_plan(nancy.world, nest)))) == 3


def test_a_plan_in_a_plan_becomes_a_part_of_it(nancy):
    def contain(plan):
        plan["action"].append({"title": "Bagefter", "definitionCanonical": nancy.world.published.plan})

    care_plan = apply(nancy, plan=another_plan(nancy.world, contain))
    url = f"{nancy.world.gateway.base_url}/CarePlan/{care_plan['id']}"
    found = nancy.world.gateway.search("CarePlan", [("part-of", url)], by=SYSTEM, now=LATER)
    [part] = [entry["resource"] for entry in found["entry"]]
    assert part["instantiatesCanonical"] == [f"{nancy.world.published.plan}/_history/1"]


TWELVE_WEEKS = {"value": 12, "system": "http://unitsofmeasure.org", "code": "wk"}
WALK = {
    "category": {"text": "motion"},
    "description": {"text": "Du kan gå en tur hver dag"},
    "priority": {"text": "vigtigt"},
    "addresses": [{"coding": [{"system": "urn:oid:1.2.208.176.2.4", "code": "DE11"}], "text": "Type 2-diabetes"}],
    "target": [
        {"detailQuantity": {"value": 30, "comparator": ">="}, "due": TWELVE_WEEKS},
        {"measure": {"text": "Vægt"}, "detailRange": {"high": {"value": 80}}},
    ],
}


def test_the_goals_of_a_plan_become_the_citizens_own_proposed_until_it_is_activated(nancy):
    sleep = {"description": {"text": "Du sover bedre"}, "start": {"text": "når du er klar"}}
    care_plan = apply(nancy, plan=another_plan(nancy.world, lambda plan: plan.update(goal=[WALK, sleep])))
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    goals = [nancy.world.gateway.read(each["reference"], by=by, now=LATER) for each in care_plan["goal"]]
    said = [{name: each for name, each in goal.items() if name not in ("id", "meta")} for goal in goals]
    kept = {name: WALK[name] for name in ("description", "priority")}
    mine = {"resourceType": "Goal", "lifecycleStatus": "proposed", "subject": {"reference": nancy.patient}}
    assert said == [
        {
            **mine,
            **kept,
            "category": [WALK["category"]],
            "target": [
                {
                    "measure": WALK["description"],
                    "detailQuantity": {"value": 30, "comparator": ">="},
                    "dueDuration": TWELVE_WEEKS,
                },
                WALK["target"][1],
            ],
        },
        {**mine, "description": sleep["description"], "startCodeableConcept": sleep["start"]},
    ]


@pytest.mark.parametrize(
    ("retired", "code"),
    [
        ("questionnaire", "KPRO_QUESTIONNAIRE_NOT_ACTIVE"),
        (
            "activity",
            "PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE",
        ),
    ],
)
@pytest.mark.parametrize("is_within", [False, True], ids=["the plan's own", "a plan's in it"])
def test_what_is_out_of_use_is_not_begun_anew(nancy, retired, code, is_within):
    """The pages do not offer such a plan, nor does the server apply it."""
    world = nancy.world
    plan = world.published.plan
    if is_within:
        action = [{"title": "Del", "definitionCanonical": plan}]
        plan = another_plan(world, lambda made: made.update(action=action))
    sent = {each.plan for each in sendable_plans(world.gateway, by=world.asta, now=LATER)}
    definition = world.gateway.read(getattr(world.published, retired), by=SYSTEM, now=LATER)
    version = definition["meta"]["versionId"]
    world.gateway.update({**definition, "status": "retired"}, if_match=version, by=SYSTEM, now=LATER)
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        apply(nancy, plan=plan)
    assert [each.coding[1] for each in refused.value.issues] == [code]
    assert rows() == before
    assert sent - {each.plan for each in sendable_plans(world.gateway, by=world.asta, now=LATER)} >= {plan}


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_another_team_does_not_see_her_goals(nancy, outsider):
    care_plan = apply(nancy, plan=another_plan(nancy.world, lambda plan: plan.update(goal=[WALK])))
    by = nancy.world.staff[outsider].principal.within(patient=nancy.patient)
    with pytest.raises(NotFound):
        nancy.world.gateway.read(care_plan["goal"][0]["reference"], by=by, now=LATER)


def test_who_came_to_the_course_of_care_by_another_plan_finds_what_they_make_the_plans_in_it_too(nancy):
    world, syd = nancy.world, nancy.world.teams["syd"].url
    first = apply(nancy)
    world.gateway.update(
        {**first, "careTeam": [*first["careTeam"], {"reference": syd}]},
        if_match=first["meta"]["versionId"],
        by=SYSTEM,
        now=LATER,
    )

    def contain(plan):
        plan["action"].append({"title": "Bagefter", "definitionCanonical": world.published.plan})

    bo = world.bo.within(patient=nancy.patient, episode_of_care=nancy.episode)
    care_plan = apply(nancy, plan=another_plan(world, contain), by=bo)
    assert {"reference": syd} in care_plan["careTeam"]
    query = [("part-of", f"CarePlan/{care_plan['id']}"), ("episodeOfCare", nancy.episode), ("care-team", syd)]
    assert len(world.gateway.search("CarePlan", query, by=bo, now=LATER)["entry"]) == 1


def test_a_plan_that_is_not_published_is_refused_and_leaves_nothing(nancy):
    draft = another_plan(nancy.world, lambda plan: plan.update(status="draft"))
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        apply(nancy, plan=draft)
    assert refused.value.issues[0].coding[1] == "CAREPLAN_APPLY_NOT_ACTIVE_PLANDEFINITION"
    assert rows() == before


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_another_team_applies_nothing_to_her(nancy, outsider):
    by = nancy.world.staff[outsider].principal
    before = rows()
    with pytest.raises(Forbidden):
        apply(nancy, by=by)
    with pytest.raises(NotFound):
        apply(nancy, by=by.within(patient=nancy.patient, episode_of_care=nancy.episode))
    assert rows() == before


def test_it_takes_the_privilege(nancy):
    with pytest.raises(Forbidden):
        apply(nancy, by=nancy.self.within(episode_of_care=nancy.episode))


UNREADABLE = "Parameter episodeOfCare must be a literal reference"
NOT_NAMED = "CAREPLAN_APPLY_EPISODE_OF_CARE_REFERENCE_NOT_SPECIFIED"


@pytest.mark.parametrize(
    ("asked", "kind", "told"),
    [
        ({"valueString": "x"}, BadRequest, UNREADABLE),
        ({"valueInteger": 7}, BadRequest, UNREADABLE),
        ({"valueReference": {"display": "x"}}, BadRequest, UNREADABLE),
        ({"valueString": "Patient/7"}, RuleBroken, NOT_NAMED),
    ],
)
def test_what_is_no_course_of_care_is_refused(nancy, asked, kind, told):
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    with pytest.raises(kind) as refused:
        nancy.world.gateway.operation(
            "$apply",
            parameters({"name": "episodeOfCare", **asked}),
            target=nancy.world.published.plan,
            by=by,
            now=LATER,
        )
    [issue] = refused.value.issues
    assert (issue.coding[1] if issue.coding else issue.diagnostics).endswith(told)


def named_plan(nancy, plan, episode=None):
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    course = {"name": "episodeOfCare", "valueReference": {"reference": episode or nancy.episode}}
    asked = parameters(course, {"name": "planDefinition", "valueString": plan})
    return nancy.world.gateway.operation("$apply", asked, by=by, now=LATER)


def test_a_plan_may_be_named_in_its_current_version_and_in_no_other(nancy):
    plan = nancy.world.published.plan
    for current in (f"{plan}/_history/1", f"{plan}|1.0"):
        assert named_plan(nancy, current)["instantiatesCanonical"] == [f"{plan}/_history/1"]
    for other in (f"{plan}/_history/99", f"{plan}|9"):
        with pytest.raises(RuleBroken) as refused:
            named_plan(nancy, other)
        assert refused.value.issues[0].coding[1] == "CAREPLAN_APPLY_NO_PLANDEFINITION"


def test_a_course_of_care_elsewhere_is_not_the_one_with_the_same_id_here(nancy):
    elsewhere = nancy.episode.replace(nancy.world.gateway.base_url, "https://other.example/fhir")
    with pytest.raises(NotFound):
        named_plan(nancy, nancy.world.published.plan, episode=elsewhere)


def test_all_that_is_not_named_is_told_at_once(nancy):
    with pytest.raises(RuleBroken) as refused:
        nancy.world.gateway.operation("$apply", parameters(), by=nancy.world.asta, now=LATER)
    assert [each.coding[1] for each in refused.value.issues] == [
        "CAREPLAN_APPLY_EPISODE_OF_CARE_REFERENCE_NOT_SPECIFIED",
        "CAREPLAN_APPLY_PLAN_DEFINITION_REFERENCE_NOT_SPECIFIED",
    ]


def test_what_somebody_writes_as_an_id_is_not_said_again(nancy):
    """It may be a CPR number by mistake, and refusals are logged."""
    with pytest.raises(RuleBroken) as refused:
        named_plan(nancy, f"PlanDefinition/{NANCY.cpr}")
    assert NANCY.cpr not in str(refused.value.to_fhir())


def test_an_id_as_a_string_is_taken_as_fut_describes_it(nancy):
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    asked = parameters({"name": "episodeOfCare", "valueString": nancy.episode})
    plan = nancy.world.published.plan
    assert nancy.world.gateway.operation("$apply", asked, target=plan, by=by, now=LATER)["status"] == "draft"
