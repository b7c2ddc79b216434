"""A plan made whole: a plan in it, goals, material and what waits, from the administrator to the citizen."""

import copy
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kommunalpro.care import drafts, planning
from kommunalpro.care.already_sent import AlreadySent, running_plans
from kommunalpro.care.current_plans import current_plans
from kommunalpro.care.due import due_for
from kommunalpro.care.goals import Aim, Measure, aim_of, with_aim, without_goal
from kommunalpro.care.materials import (
    Document,
    document_of,
    linked,
    materials_of,
    read_documents,
    uploaded,
    with_material,
    without_material,
)
from kommunalpro.care.planning import Titles
from kommunalpro.care.regime import Length
from kommunalpro.care.sending import AsPlanned, OnDate, send, sendable_plans
from kommunalpro.care.sub_plans import can_be_taken_in
from kommunalpro.care.waiting import can_be_waited_for, named, waiting, who_wait_for
from kommunalpro.care.withdrawing import withdraw
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.outcome import NotFound, RuleBroken, Unprocessable
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.triggers import Condition, Trigger
from tests.people import TJOERN
from tests.unit.care.world import MONDAY, REQUIRED

WALK = Aim(
    "Du kan gå en tur hver dag", Measure("Gang", ">=", Decimal(30), "min/d", "minutter om dagen"), Length(12, "wk")
)
SECOND_ANSWER = Trigger(
    (Condition("trin-1", 1),), True, {"value": 7, "system": "http://unitsofmeasure.org", "code": "d"}
)


@contextmanager
def refused(code):
    """Be refused by this rule, among others or alone."""
    with pytest.raises(RuleBroken) as wrong:
        yield
    assert code in {issue.coding[1] for issue in wrong.value.issues if issue.coding}


@pytest.fixture
def lis(world):
    return world.staff["lis"].principal


@pytest.fixture
def elsewhere(world, lis):
    """An administrator like Lis, of another organisation."""
    return lis.within(organization=world.kim.context.organization)


def made_of(world, lis, title, *urls):
    """Give the draft of a plan of these definitions, not stored."""
    read = [(world.gateway.read(url, by=lis, now=MONDAY), url) for url in urls]
    draft = planning.new_plan(Titles(title), *read[0], lis.context.organization)
    for definition, url in read[1:]:
        draft = planning.with_step(draft, definition, url)
    return draft


def stored(world, lis, draft):
    return planning.create(world.gateway, draft, by=lis, now=MONDAY)


def read(world, url, by):
    return world.gateway.read(url, by=by, now=MONDAY)


def use(world, url, by):
    definition = read(world, url, by)
    planning.set_status(world.gateway, definition, "active", definition["meta"]["versionId"], by=by, now=MONDAY)


@pytest.fixture
def whole(world, lis):
    """A plan in use: two activities of which the second waits, another plan, a goal and two pieces of material."""
    below = stored(world, lis, with_aim(made_of(world, lis, "Sov godt", world.published.activity), 0, Aim("Du sover")))
    use(world, below, lis)
    draft = made_of(world, lis, "Godt i gang", world.published.activity, world.published.activity, below)
    draft["action"][1] = waiting(draft["action"][1], SECOND_ANSWER)
    draft = with_aim(draft, 0, WALK)
    organization = lis.context.organization
    for material in (
        linked("Sov bedre", "https://material.example/sov", organization),
        uploaded("Øvelser", Document("x.pdf", "application/pdf", b"%PDF-1.4"), organization),
    ):
        draft = with_material(draft, material["description"], stored(world, lis, material))
    url = stored(world, lis, draft)
    use(world, url, lis)
    return url


@pytest.fixture
def sent(world, nancy, whole):
    when = AsPlanned(date(2026, 11, 30), days=10)
    return send(world.gateway, nancy.patient, nancy.episode, whole, when, by=world.asta, now=MONDAY)


def test_a_plan_with_a_plan_in_it_is_offered_with_all_that_it_asks(world, whole):
    offered = {each.plan: each for each in sendable_plans(world.gateway, by=world.asta, now=MONDAY)}
    assert (offered[whole].title, offered[whole].activities) == ("Godt i gang", 3)


def test_it_is_not_sent_when_a_plan_in_it_has_been_taken_out_of_use(world, whole, lis):
    below = next(each["definitionCanonical"] for each in read(world, whole, lis)["action"] if "id" not in each)
    plan = read(world, below, lis)
    planning.set_status(world.gateway, plan, "retired", plan["meta"]["versionId"], by=lis, now=MONDAY)
    assert whole not in {each.plan for each in sendable_plans(world.gateway, by=world.asta, now=MONDAY)}


def test_all_of_it_is_sent_as_it_says_and_never_at_one_time(world, nancy, whole):
    when = OnDate(date(2026, 11, 30))
    with pytest.raises(Unprocessable):
        send(world.gateway, nancy.patient, nancy.episode, whole, when, by=world.asta, now=MONDAY)


def test_a_plan_whose_part_the_citizen_follows_already_is_not_sent_by_mistake(world, nancy, whole, lis):
    below = next(each["definitionCanonical"] for each in read(world, whole, lis)["action"] if "id" not in each)
    when = AsPlanned(date(2026, 11, 30), days=10)
    for plan, told in ((below, ["Sov godt"]), (whole, ["Sov godt", "Godt i gang"])):
        before = [each.care_plan for each in running_plans(*_there(world, nancy, plan), by=world.asta, now=MONDAY)]
        send(*_there(world, nancy, plan), when, by=world.asta, now=MONDAY, beside=before)
        with pytest.raises(AlreadySent) as refused:
            send(*_there(world, nancy, whole), when, by=world.asta, now=MONDAY)
        assert sorted(each.title for each in refused.value.running) == sorted(told), "a part is told with its whole"


def _there(world, nancy, plan):
    return world.gateway, nancy.patient, nancy.episode, plan


def test_the_citizen_is_asked_what_does_not_wait_in_the_plan_and_in_the_plan_within_it(world, nancy, sent):
    due = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert sorted((each.plan_title, f"{each.slot_start:%d/%m}") for each in due) == [
        ("Godt i gang", "30/11"),
        ("Sov godt", "30/11"),
    ]


def test_what_waits_begins_seven_days_after_the_other_is_answered_and_waits_no_more(world, nancy, sent):
    answered = datetime(2026, 12, 1, 9, tzinfo=UTC)
    due = due_for(world.gateway, nancy.patient, by=nancy.self, now=answered)
    first = next(each for each in due if each.plan_title == "Godt i gang")
    draft = drafts.open_draft(world.gateway, first, by=nancy.self, now=answered).id
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=answered)
    drafts.submit(world.gateway, draft, by=nancy.self, now=answered)
    due = due_for(world.gateway, nancy.patient, by=nancy.self, now=answered)
    (second,) = (each for each in due if each.plan_title == "Godt i gang")
    assert second.slot_start == datetime(2026, 12, 8, tzinfo=DENMARK), "the midnight of that day"
    assert not any(each.waiting for each in current_plans(world.gateway, nancy.patient, by=nancy.self, now=answered))


@pytest.mark.parametrize("who", ["the citizen", "the nurse"])
def test_goals_and_material_are_seen_by_the_citizen_and_the_team(world, nancy, sent, who):
    by = nancy.self if who == "the citizen" else nancy.seen_by(world.asta)
    whole, below = current_plans(world.gateway, nancy.patient, by=by, now=MONDAY)
    if whole.title != "Godt i gang":
        whole, below = below, whole
    (goal,), (inner,) = whole.goals, below.goals
    assert (goal["lifecycleStatus"], goal["startDate"]) == ("active", "2026-11-30")
    assert goal["target"][0]["dueDate"] == "2027-02-22"
    assert inner["description"]["text"] == "Du sover"
    link, document = whole.materials
    assert (link.title, link.link) == ("Sov bedre", "https://material.example/sov")
    assert (document.title, document.size) == ("Øvelser", len(b"%PDF-1.4"))
    (waits,) = whole.waiting
    assert (waits.trigger.conditions, waits.names[waits.trigger.conditions[0].action]) == (
        SECOND_ANSWER.conditions,
        "Hverdagen med kronisk sygdom",
    )


def test_withdrawing_it_takes_the_plan_in_it_and_the_goals_along(world, nancy, sent):
    by = nancy.seen_by(world.asta).within(episode_of_care=nancy.episode)
    plan = world.gateway.read(sent.care_plan, by=by, now=MONDAY)
    withdraw(world.gateway, sent.care_plan, version=plan["meta"]["versionId"], by=by, now=MONDAY)
    assert due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY) == ()
    assert current_plans(world.gateway, nancy.patient, by=nancy.self, now=MONDAY) == ()
    assert {read(world, url, by)["status"] for url in sent.service_requests} == {"revoked"}
    assert read(world, plan["goal"][0]["reference"], by)["lifecycleStatus"] == "cancelled"


def test_of_a_course_of_care_that_has_ended_nothing_goes_on(world, nancy, sent):
    """Another solution has ended the course, and left its plans as they were."""
    course = world.gateway.read(nancy.episode, by=SYSTEM, now=MONDAY)
    ended = {**course, "status": "finished"}
    world.gateway.update(ended, if_match=course["meta"]["versionId"], by=SYSTEM, now=MONDAY)
    for by in (nancy.self, nancy.seen_by(world.asta)):
        assert current_plans(world.gateway, nancy.patient, by=by, now=MONDAY) == ()


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_another_team_sees_none_of_it(world, nancy, sent, outsider):
    by = nancy.seen_by(world.staff[outsider].principal)
    assert current_plans(world.gateway, nancy.patient, by=by, now=MONDAY) == ()


def test_another_citizen_sees_neither_the_plan_nor_its_goals(world, nancy, sent):
    tjoern = world.enrol(TJOERN)
    assert current_plans(world.gateway, tjoern.patient, by=tjoern.self, now=MONDAY) == ()
    plan = world.gateway.read(sent.care_plan, by=nancy.self, now=MONDAY)
    with pytest.raises(NotFound):
        world.gateway.read(plan["goal"][0]["reference"], by=tjoern.self, now=MONDAY)


def test_a_new_version_carries_all_of_it_and_a_change_there_leaves_the_one_in_use(world, whole, lis):
    made = planning.clone(world.gateway, whole, "minor-version", by=lis, now=MONDAY)
    draft, before = read(world, made, lis), read(world, whole, lis)
    assert all(draft[name] == before[name] for name in ("action", "goal", "relatedArtifact"))
    changed = without_material(without_goal(draft, 0), 1)
    planning.save(world.gateway, changed, draft["meta"]["versionId"], by=lis, now=MONDAY)
    after = read(world, made, lis)
    assert ("goal" not in after, [each["display"] for each in after["relatedArtifact"]]) == (True, ["Sov bedre"])
    assert read(world, whole, lis) == before


def test_another_organisation_changes_neither_the_plan_nor_its_material(world, whole, lis, elsewhere):
    draft = read(world, planning.clone(world.gateway, whole, "minor-version", by=lis, now=MONDAY), lis)
    for changed in (with_aim(draft, 0, Aim("Andet")), with_material(draft, "Andet", "https://pro.example/x")):
        with refused("KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"):
            planning.save(world.gateway, changed, draft["meta"]["versionId"], by=elsewhere, now=MONDAY)
    document = next(iter(read_documents(world.gateway, [draft], by=lis, now=MONDAY).values()))
    with refused("KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"):
        planning.save(
            world.gateway, {**document, "description": "Andet"}, document["meta"]["versionId"], by=elsewhere, now=MONDAY
        )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ([{"attachment": {"title": "Ingen adresse"}}], "KPRO_MATERIAL_ADDRESS"),
        ([{"attachment": {"url": "https://a.example"}}] * 2, "DOCUMENT_REFERENCE_CONTENT_MANDATORY"),
    ],
)
def test_material_has_exactly_one_address(world, lis, content, code):
    made = {**linked("Sov bedre", "https://material.example/sov", lis.context.organization), "content": content}
    with refused(code):
        stored(world, lis, made)


def test_a_plan_is_not_taken_into_use_with_material_that_is_not_there(world, lis):
    draft = made_of(world, lis, "Godt i gang", world.published.activity)
    nowhere = f"{world.gateway.base_url}/DocumentReference/01a21996-60e3-72d1-9631-15550b3e053e"
    url = stored(world, lis, with_material(draft, "Sov bedre", nowhere))
    with refused("KPRO_MATERIAL_ADDRESS"):
        use(world, url, lis)


def test_a_plan_never_contains_itself_not_even_through_another(world, lis):
    outer = stored(world, lis, made_of(world, lis, "Ydre", world.published.activity))
    inner = stored(world, lis, made_of(world, lis, "Indre", world.published.activity, outer))
    for taken in (outer, inner):
        draft = read(world, outer, lis)
        circle = planning.with_step(draft, read(world, taken, lis), taken)
        with refused("KPRO_SUB_PLAN"):
            planning.save(world.gateway, circle, draft["meta"]["versionId"], by=lis, now=MONDAY)
    plans = {url: read(world, url, lis) for url in (outer, inner)}
    assert can_be_taken_in(plans[outer], outer, plans) == {}
    assert can_be_taken_in(plans[inner], inner, plans).keys() == {outer}


def test_plans_nest_five_deep_and_no_deeper(world, lis):
    url = stored(world, lis, made_of(world, lis, "Inderst", world.published.activity))
    plans = {url: read(world, url, lis)}
    for depth in range(5):
        url = stored(world, lis, made_of(world, lis, f"{depth}", url))
        plans[url] = read(world, url, lis)
    assert url not in can_be_taken_in({}, "", plans)
    with refused("KPRO_SUB_PLAN"):
        stored(world, lis, made_of(world, lis, "Yderst", url))


def test_a_version_of_the_plan_itself_is_not_offered_to_be_put_into_it(world, whole, lis):
    draft = planning.clone(world.gateway, whole, "minor-version", by=lis, now=MONDAY)
    plans = {url: read(world, url, lis) for url in (whole, draft)}
    assert can_be_taken_in(plans[draft], draft, plans) == {}


# --- Who waits for whom
STEP = {"title": "Skema", "definitionCanonical": "https://pro.example/fhir/ActivityDefinition/a"}


def three():
    """Give a plan of which the second step waits for the first, and the third for the second."""
    plan = named({"action": [copy.deepcopy(STEP), {"title": "Gruppe", "action": [copy.deepcopy(STEP)]}, dict(STEP)]})
    first, group, third = plan["action"]
    second = waiting(group["action"][0], Trigger((Condition(first["id"], 1),), True, None))
    third = waiting(third, Trigger((Condition(second["id"], 2),), True, None))
    return {"action": [first, {**group, "action": [second]}, third]}


def test_every_activity_gets_a_name_and_keeps_the_one_it_has():
    plan = named({"action": [{**STEP, "id": "trin-1"}, STEP, {"action": [STEP]}]})
    first, second, group = plan["action"]
    assert (first["id"], second["id"], group["action"][0]["id"]) == ("trin-1", "trin-2", "trin-3")
    assert "id" not in group
    assert named(plan) == plan


def test_a_step_cannot_wait_for_what_waits_for_it():
    plan = three()
    first, group, third = plan["action"]
    assert can_be_waited_for(plan, first) == ()
    assert [each["id"] for each in can_be_waited_for(plan, group["action"][0])] == [first["id"]]
    assert [each["id"] for each in can_be_waited_for(plan, third)] == [first["id"], group["action"][0]["id"]]


def test_what_others_wait_for_is_known_before_it_is_taken_out():
    plan = three()
    first, group, third = plan["action"]
    assert who_wait_for(plan, first) == (group["action"][0],)
    assert who_wait_for(plan, group) == (third,)
    assert who_wait_for(plan, third) == ()


def test_a_step_that_waits_no_more_keeps_what_else_it_says():
    other = {"url": "https://other.example", "valueBoolean": True}
    step = waiting({**STEP, "extension": [other]}, SECOND_ANSWER)
    assert waiting(step, None) == {**STEP, "extension": [other]}
    assert waiting(waiting(STEP, SECOND_ANSWER), None) == STEP


# --- Goals and material as they are written
@pytest.mark.parametrize("aim", [Aim("Du sover bedre"), WALK, Aim("Du sover", None, Length(2, "mo"))])
def test_a_goal_is_read_as_it_was_written(aim):
    assert aim_of(with_aim({}, 0, aim)["goal"][0]) == aim


@pytest.mark.parametrize(
    "target",
    [
        [{"due": {"value": 1, "code": "wk"}}, {"due": {"value": 2, "code": "wk"}}],
        [{"measure": {"text": "Vægt"}, "detailRange": {"low": {"value": 70}}}],
        [{"measure": {"coding": [{"code": "NPU03804"}]}, "detailQuantity": {"value": 70}}],
        [{"due": {"value": 90, "code": "min"}}],
        [{"measure": {"text": "Vægt"}}],
    ],
)
def test_a_target_that_cannot_be_said_is_kept_when_the_words_are_changed(target):
    plan = {"goal": [{"description": {"text": "Før"}, "priority": {"text": "vigtigt"}, "target": target}]}
    assert aim_of(plan["goal"][0]) is None
    (changed,) = with_aim(plan, 0, Aim("Efter"), keeps_target=True)["goal"]
    assert changed == {"description": {"text": "Efter"}, "priority": {"text": "vigtigt"}, "target": target}
    assert "target" not in with_aim(plan, 0, Aim("Efter"))["goal"][0]


def test_material_without_an_address_or_with_one_that_is_no_page_cannot_be_read():
    plan = with_material({}, "Sov bedre", "https://pro.example/fhir/DocumentReference/d")
    for document in (
        {},
        {"id": "d", "content": [{"attachment": {"url": "javascript:alert(1)"}}]},
        {"id": "d", "status": "entered-in-error", "content": [{"attachment": {"url": "https://a.example"}}]},
    ):
        (found,) = materials_of(plan, {"https://pro.example/fhir/DocumentReference/d": document})
        assert (found.title, found.has_address) == ("Sov bedre", False)


def test_a_file_is_given_as_it_was_uploaded():
    document = Document("Øvelser", "application/pdf", b"%PDF-1.4 \x00\xff")
    assert document_of(uploaded("Øvelser", document, "https://pro.example/fhir/Organization/k")) == document
    assert document_of(linked("Øvelser", "https://a.example", "https://pro.example/fhir/Organization/k")) is None


def test_a_plan_of_which_a_part_waits_still_runs_when_all_that_was_asked_is_over(world, nancy, whole, sent):
    long_after = MONDAY + timedelta(days=60)
    [known] = running_plans(world.gateway, nancy.patient, nancy.episode, whole, by=world.asta, now=long_after)
    assert (known.care_plan, known.title) == (sent.care_plan, "Godt i gang")
