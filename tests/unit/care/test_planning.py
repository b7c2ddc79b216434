"""A clinical administrator makes a plan, takes it into use, and makes its next version; a citizen follows it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kommunalpro.care import planning
from kommunalpro.care.due import due_for
from kommunalpro.care.planning import Sharing, Titles
from kommunalpro.care.publishing import make_plan
from kommunalpro.care.regime import Length, Regime, may_never_open, overlaps, regime_of
from kommunalpro.care.sending import AsPlanned, Now, send, sendable_plans
from kommunalpro.care.team_due import team_due
from kommunalpro.care.withdrawing import withdraw
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import Forbidden, PreconditionFailed, RuleBroken, Unprocessable
from tests.gateway.deadlines import round_at
from tests.unit.care.world import MONDAY

WEEKLY = Regime(Length(1, "wk"), ("mon",), answer_within=Length(5, "d"), lasts=Length(3, "wk"))


@pytest.fixture
def lis(world):
    return world.staff["lis"].principal


@pytest.fixture
def activity(world, lis):
    """A draft of an activity that asks the published questionnaire."""
    url = world.published.questionnaire
    questionnaire = world.gateway.read(url, by=lis, now=MONDAY)
    draft = planning.new_activity(Titles("Hver uge", "Ugeskema"), questionnaire, url, lis.context.organization)
    return planning.create(world.gateway, planning.timed(draft, WEEKLY), by=lis, now=MONDAY)


@pytest.fixture
def plan(world, lis, activity):
    """A draft of a plan: every week, and once as the published plan does."""
    first = world.gateway.read(activity, by=lis, now=MONDAY)
    draft = planning.new_plan(Titles("Det første år"), first, activity, lis.context.organization)
    once = world.gateway.read(world.published.activity, by=lis, now=MONDAY)
    draft = planning.with_step(draft, once, world.published.activity)
    return planning.create(world.gateway, draft, by=lis, now=MONDAY)


def use(world, url, by):
    """Take a stored definition into use."""
    definition = world.gateway.read(url, by=by, now=MONDAY)
    planning.set_status(world.gateway, definition, "active", definition["meta"]["versionId"], by=by, now=MONDAY)


def test_a_plan_is_not_taken_into_use_before_its_activities(world, lis, activity, plan):
    with pytest.raises(RuleBroken):
        use(world, plan, lis)
    use(world, activity, lis)
    use(world, plan, lis)
    assert world.gateway.read(plan, by=lis, now=MONDAY)["status"] == "active"


def test_a_citizen_is_asked_for_everything_in_a_plan_when_it_says(world, nancy, lis, activity, plan):
    use(world, activity, lis)
    use(world, plan, lis)
    offered = {each.plan: each for each in sendable_plans(world.gateway, by=world.asta, now=MONDAY)}
    assert (offered[plan].activities, len(offered[plan].times)) == (2, 1)
    assert not offered[world.published.plan].times
    when = AsPlanned(date(2026, 11, 24), days=10)
    sent = send(world.gateway, nancy.patient, nancy.episode, plan, when, by=world.asta, now=MONDAY)
    assert len(sent.service_requests) == 2
    found = due_for(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    opens = [(each.service_request, f"{each.slot_start:%d/%m}", f"{each.slot_end:%d/%m}") for each in found]
    weekly, once = sent.service_requests
    assert sorted(opens, key=lambda each: each[1:]) == [
        (weekly, "07/12", "12/12"),
        (weekly, "14/12", "19/12"),
        (once, "24/11", "04/12"),
        (weekly, "30/11", "05/12"),
    ]


def test_what_is_overdue_of_several_activities_is_told_apart_also_when_the_plan_is_withdrawn(
    world, nancy, lis, activity, plan
):
    use(world, activity, lis)
    use(world, plan, lis)
    when, later = AsPlanned(date(2026, 11, 24), days=10), MONDAY + timedelta(days=13)
    sent = send(world.gateway, nancy.patient, nancy.episode, plan, when, by=world.asta, now=MONDAY)
    round_at(later)

    def overdue():
        found = team_due(world.gateway, by=world.asta, now=later)
        return {each.title for each in found if each.state == "missed"}

    told = overdue()
    assert len(told) == 2
    by = world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    version = world.gateway.read(sent.care_plan, by=by, now=later)["meta"]["versionId"]
    withdraw(world.gateway, sent.care_plan, version=version, by=by, now=later)
    assert overdue() == told


def test_a_plan_of_several_activities_is_not_sent_at_one_time(world, nancy, lis, activity, plan):
    use(world, activity, lis)
    use(world, plan, lis)
    with pytest.raises(Unprocessable):
        send(world.gateway, nancy.patient, nancy.episode, plan, Now(), by=world.asta, now=MONDAY)


def test_a_plan_that_would_never_ask_is_not_sent(world, nancy, lis, activity, plan):
    draft = world.gateway.read(activity, by=lis, now=MONDAY)
    never = planning.timed(draft, replace(WEEKLY, lasts=Length(3, "d")))
    planning.save(world.gateway, never, draft["meta"]["versionId"], by=lis, now=MONDAY)
    use(world, activity, lis)
    use(world, plan, lis)
    tuesday = AsPlanned(date(2026, 11, 24))
    with pytest.raises(RuleBroken, match="No slot"):
        send(world.gateway, nancy.patient, nancy.episode, plan, tuesday, by=world.asta, now=MONDAY)


def test_who_asks_twice_for_a_questionnaires_plan_gets_one(world, lis):
    questionnaire = world.gateway.read(world.published.questionnaire, by=lis, now=MONDAY)
    assert make_plan(world.gateway, questionnaire, by=lis, now=MONDAY).plan == world.published.plan


@pytest.mark.parametrize(
    ("regime", "is_twice_at_once", "is_perhaps_never"),
    [
        (WEEKLY, False, False),
        (Regime(Length(1, "d"), answer_within=Length(7, "d")), True, False),
        (Regime(Length(1, "d"), times=("08:00:00", "20:00:00"), answer_within=Length(13, "h")), True, False),
        (Regime(Length(1, "d"), times=("08:00:00", "20:00:00"), answer_within=Length(12, "h")), False, False),
        (Regime(Length(1, "mo"), answer_within=Length(1, "mo")), False, False),
        (replace(WEEKLY, lasts=Length(3, "d")), False, True),
    ],
)
def test_a_rhythm_asks_for_one_at_a_time_and_asks_at_all(regime, is_twice_at_once, is_perhaps_never):
    assert (overlaps(regime), may_never_open(regime)) == (is_twice_at_once, is_perhaps_never)


def test_steps_are_moved_named_timed_and_taken_out(world, lis, plan):
    draft = world.gateway.read(plan, by=lis, now=MONDAY)
    titles = [each["title"] for each in draft["action"]]
    changed = planning.moved(draft, 1, -1)
    assert [each["title"] for each in changed["action"]] == titles[::-1]
    assert planning.moved(draft, 1, 1) == planning.moved(draft, 0, -1) == draft
    changed = planning.with_changed_step(changed, 0, planning.timed({**changed["action"][0], "title": "Først"}, WEEKLY))
    assert (changed["action"][0]["title"], regime_of(changed["action"][0])) == ("Først", WEEKLY)
    assert regime_of(planning.timed(changed["action"][0], None)) is None
    stored = planning.save(
        world.gateway, planning.without_step(changed, 1), draft["meta"]["versionId"], by=lis, now=MONDAY
    )
    assert [each["title"] for each in stored["action"]] == ["Først"]


def test_who_saves_what_another_has_changed_is_told_so(world, lis, plan):
    draft = world.gateway.read(plan, by=lis, now=MONDAY)
    version = draft["meta"]["versionId"]
    planning.save(world.gateway, planning.titled(draft, Titles("Et")), version, by=lis, now=MONDAY)
    with pytest.raises(PreconditionFailed):
        planning.save(world.gateway, planning.titled(draft, Titles("To")), version, by=lis, now=MONDAY)


def test_a_version_has_its_number_and_a_copy_a_life_of_its_own(world, lis):
    url = world.published.plan
    version = world.gateway.read(
        planning.clone(world.gateway, url, "minor-version", by=lis, now=MONDAY), by=lis, now=MONDAY
    )
    copy = world.gateway.read(planning.clone(world.gateway, url, "copy", by=lis, now=MONDAY), by=lis, now=MONDAY)
    published = world.gateway.read(url, by=lis, now=MONDAY)
    assert (version["status"], copy["status"], copy["version"]) == ("draft", "draft", "1.0")
    assert version["version"] != published["version"]


def test_only_who_owns_a_plan_changes_it(world, lis, plan):
    draft = world.gateway.read(plan, by=lis, now=MONDAY)
    with pytest.raises(Forbidden):
        planning.save(world.gateway, draft, draft["meta"]["versionId"], by=world.asta, now=MONDAY)


def test_titles_are_told_apart_and_a_translation_goes_with_its_title():
    definition = {"title": "Svar", "_title": {"extension": []}, "extension": [{"url": "other"}], "description": "Før"}
    kept = planning.titled(definition, Titles("Svar", "Skema"))
    assert "_title" in kept
    assert "description" not in kept
    assert planning.titles_of(kept) == Titles("Svar", "Skema")
    changed = planning.titled(kept, Titles("Svar nu", "", "Efter"))
    assert "_title" not in changed
    assert changed["extension"] == [{"url": "other"}]
    assert planning.titles_of(changed) == Titles("Svar nu", "", "Efter")


def test_an_activity_says_what_it_asks_and_where_answers_may_go(world, lis, activity):
    draft = world.gateway.read(activity, by=lis, now=MONDAY)
    assert planning.sharing_of(draft) == Sharing("noSharing", "manual")
    wanted = Sharing("sharingAllowedDestinationMunicipalData", "automatic")
    changed = planning.asking(planning.shared(draft, wanted), "https://example.dk/fhir/Questionnaire/1")
    assert planning.sharing_of(changed) == wanted
    assert [each["resource"] for each in changed["relatedArtifact"]] == ["https://example.dk/fhir/Questionnaire/1"]


def test_a_published_questionnaire_gets_its_plan_though_it_is_anothers(world):
    kim = world.staff["kim"].principal
    by = world.staff["lis"].principal.within(organization=kim.context.organization, care_team=kim.context.care_team)
    questionnaire = world.gateway.read(world.published.questionnaire, by=by, now=MONDAY)
    made = make_plan(world.gateway, questionnaire, by=by, now=MONDAY)
    assert made.plan in {each.plan for each in sendable_plans(world.gateway, by=kim, now=MONDAY)}


@pytest.mark.parametrize(
    "regime",
    [
        WEEKLY,
        Regime(Length(2, "d"), times=("08:00:00", "20:00:00"), answer_within=Length(4, "h")),
        Regime(Length(3, "mo"), answer_within=Length(2, "wk"), lasts=Length(1, "a")),
    ],
)
def test_what_an_editor_says_of_time_is_read_back_as_it_was_said(regime):
    assert regime_of(planning.timed({}, regime)) == regime


@pytest.mark.parametrize(
    "repeat",
    [
        {"frequency": 2, "period": 1, "periodUnit": "d"},
        {"period": 1, "periodUnit": "h"},
        {"when": ["MORN"], "period": 1, "periodUnit": "d"},
        {"count": 3},
    ],
)
def test_what_an_editor_cannot_say_is_not_read_as_something_else(repeat):
    assert regime_of({"timingTiming": {"repeat": repeat}}) is None


def test_who_approves_that_a_picture_is_shared_is_not_said_for_it_is_not():
    picture = {"code": {"coding": [{"system": "urn:oid:1.2.208.176.2.4", "code": "ZZ7011"}]}}
    said = [each["url"] for each in planning.shared(picture, Sharing())["extension"]]
    assert said == [ehealth.SHARING_POLICY]
    assert len(planning.shared({}, Sharing())["extension"]) == 2
