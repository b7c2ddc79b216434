"""`$update-care-teams`: who sees to a plan or a course of care changes, and so does who sees the citizen."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import transaction, update_entry
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, PreconditionFailed, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import LATER
from tests.gateway.marks import NOT_CHANGED, NOT_CREATED
from tests.people import NANCY
from tests.store.others import at_the_same_time
from tests.unit.care.world import MONDAY

AT = to_datetime(LATER)
BEGUN = to_datetime(MONDAY)
"""When Nancy's course of care was opened, and her plan made."""


def update(world, target, by=SYSTEM, **named):
    """`addCareTeams=[…]`: keys of teams, or addresses."""
    given = [
        {"name": name, "valueReference": {"reference": world.teams[each].url if each in world.teams else each}}
        for name, teams in named.items()
        for each in teams
    ]
    gateway, key = world.gateway, Reference.parse(target).key
    return gateway.operation("$update-care-teams", parameters(*given), target=key, by=by, now=LATER)


def told(refused):
    return [each.coding[1] for each in refused.value.issues]


def read(world, url, by=SYSTEM):
    return world.gateway.read(url, by=by, now=LATER)


def teams(world, resource):
    found = [each["reference"] for each in resource.get("careTeam", resource.get("team", ()))]
    return [next(key for key, team in world.teams.items() if team.url == url) for url in found]


def history(world, resource):
    """Give (team, start, end) of each entry."""
    found = []
    for each in extensions(resource, ehealth.TEAM_HISTORY):
        url, period = extension_value(each, "careTeam")["reference"], extension_value(each, "period")
        key = next(key for key, team in world.teams.items() if team.url == url)
        found.append((key, period.get("start"), period.get("end")))
    return found


def sees(nancy, who, url):
    by = nancy.world.staff[who].principal.within(patient=nancy.patient, episode_of_care=nancy.episode)
    try:
        return bool(read(nancy.world, url, by))
    except NotFound:
        return False


def plan_of(nancy):
    nancy.gets()
    [entry] = nancy.world.gateway.search("CarePlan", [("episodeOfCare", nancy.episode)], by=SYSTEM, now=LATER)["entry"]
    return entry["fullUrl"]


def under(world, parent, *, keys=("nord",)):
    """Make a sub-plan of a plan."""
    plan = read(world, parent)
    below = {name: each for name, each in plan.items() if name not in ("id", "activity", "meta", "careTeam")}
    found = {"careTeam": [{"reference": world.teams[each].url} for each in keys]} if keys else {}
    below |= {"partOf": [{"reference": parent}], **found}
    return own_url(world.gateway.base_url, world.gateway.create(below, by=SYSTEM, now=LATER))


def without_teams(nancy):
    """Take the teams off the course of care, as who may write it by hand could."""
    episode = read(nancy.world, nancy.episode)
    bare = {name: each for name, each in episode.items() if name != "team"}
    nancy.world.gateway.update(bare, if_match=episode["meta"]["versionId"], by=SYSTEM, now=LATER)


@pytest.fixture
def plan(nancy):
    """The plan that Nancy follows; her own team, nord, is on it."""
    return plan_of(nancy)


@pytest.fixture
def asta(nancy):
    """Asta, in Nancy's course of care."""
    return nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)


def test_a_team_that_is_put_on_a_plan_sees_the_citizen_from_then_on(world, nancy, plan, asta):
    assert not sees(nancy, "bo", plan)
    changed = update(world, plan, asta, addCareTeams=["syd"])
    assert changed == read(world, plan)
    assert teams(world, changed) == ["nord", "syd"]
    assert history(world, changed) == [("nord", BEGUN, None), ("syd", AT, None)]
    assert all(sees(nancy, "bo", url) for url in (plan, nancy.episode, nancy.patient))
    assert not sees(nancy, "kim", plan)


def test_a_team_that_is_taken_off_sees_the_citizen_no_more(world, nancy, plan):
    update(world, plan, addCareTeams=["syd"])
    changed = update(world, plan, removeCareTeams=["syd"])
    assert teams(world, changed) == ["nord"]
    assert history(world, changed) == [("nord", BEGUN, None), ("syd", AT, AT)]
    assert not any(sees(nancy, "bo", url) for url in (plan, nancy.episode, nancy.patient))


def test_a_course_of_care_is_handed_over_and_who_did_it_is_then_outside(world, nancy, asta):
    changed = update(world, nancy.episode, asta, addCareTeams=["syd"], removeCareTeams=["nord"])
    assert changed["resourceType"] == "EpisodeOfCare"
    assert teams(world, changed) == ["syd"]
    assert history(world, changed) == [("nord", BEGUN, AT), ("syd", AT, None)]
    assert sees(nancy, "bo", nancy.patient)
    assert not sees(nancy, "asta", nancy.patient)
    assert not sees(nancy, "asta", nancy.episode)


def test_who_comes_back_gets_a_period_of_its_own(world, plan):
    update(world, plan, addCareTeams=["syd"])
    update(world, plan, removeCareTeams=["syd"])
    came = history(world, update(world, plan, addCareTeams=["syd"]))
    assert came == [("nord", BEGUN, None), ("syd", AT, AT), ("syd", AT, None)]


@NOT_CHANGED
def test_by_whatever_door_a_team_comes_or_goes_the_server_writes_its_history(world, nancy, plan):
    gateway, syd = world.gateway, {"reference": world.teams["syd"].url}
    said = {"url": ehealth.TEAM_HISTORY, "extension": [{"url": "careTeam", "valueReference": syd}]}
    for url, element in ((plan, "careTeam"), (nancy.episode, "team")):
        stored = read(world, url)
        begun = [("nord", BEGUN, None)]
        assert history(world, stored) == begun
        forged = {**stored, "extension": [*stored["extension"], said]}
        updated = gateway.update(forged, if_match=stored["meta"]["versionId"], by=SYSTEM, now=LATER)
        assert history(world, updated) == begun
        coming = [{"op": "add", "path": f"/{element}/-", "value": syd}]
        patched = gateway.patch(url, coming, if_match=None, by=SYSTEM, now=LATER)
        assert history(world, patched) == [*begun, ("syd", AT, None)]
        alone = transaction([update_entry({**patched, element: [syd]}, if_match=patched["meta"]["versionId"])])
        gateway.transaction(alone, by=SYSTEM, now=LATER)
        assert history(world, read(world, url)) == [("nord", BEGUN, AT), ("syd", AT, None)]


def test_the_plans_of_a_course_of_care_keep_their_teams(world, nancy, plan):
    update(world, nancy.episode, addCareTeams=["syd"], removeCareTeams=["nord"])
    assert teams(world, read(world, plan)) == ["nord"]
    assert sees(nancy, "asta", plan)


@NOT_CREATED
def test_sub_plans_follow_at_every_depth_and_nothing_else_does(world, plan):
    below = under(world, plan, keys=("nord", "hjerte"))
    deepest, beside = under(world, below), under(world, plan, keys=("syd",))
    update(world, below, addCareTeams=["syd"], removeCareTeams=["nord"])
    assert [teams(world, read(world, url)) for url in (plan, below, deepest, beside)] == [
        ["nord"],
        ["hjerte", "syd"],
        ["syd"],
        ["syd"],
    ]
    assert history(world, read(world, deepest)) == [("nord", AT, AT), ("syd", AT, None)]
    update(world, plan, addCareTeams=["syd"])
    assert [read(world, url)["meta"]["versionId"] for url in (below, deepest, beside)] == ["2", "2", "1"]
    update(world, plan, removeCareTeams=["syd"], addCareTeams=["hjerte"])
    assert [teams(world, read(world, url)) for url in (plan, below, deepest, beside)] == [
        ["nord", "hjerte"],
        ["hjerte"],
        ["hjerte"],
        ["hjerte"],
    ]


def test_what_is_so_already_is_not_written(world, nancy, plan):
    for target in (plan, nancy.episode):
        before = read(world, target)
        assert update(world, target, addCareTeams=["nord"], removeCareTeams=["hjerte"]) == before
        assert read(world, target) == before


def test_both_spellings_are_taken_together(world, plan):
    changed = update(world, plan, addCareTeams=["syd"], addCareteams=["hjerte"], removeCareteams=["nord"])
    assert teams(world, changed) == ["syd", "hjerte"]


def test_a_team_that_is_not_here_is_refused_and_the_others_with_it(world, plan):
    before = read(world, plan)
    for wrong in ("CareTeam/nothing", "Organization/nothing", "https://other.example/fhir/CareTeam/1"):
        with pytest.raises(RuleBroken) as refused:
            update(world, plan, addCareTeams=["syd", wrong])
        assert told(refused) == ["KPRO_CARE_TEAM_NOT_ACTIVE"]
        with pytest.raises(RuleBroken) as refused:
            update(world, plan, addCareTeams=["syd"], removeCareTeams=[wrong])
        assert told(refused) == ["KPRO_CARE_TEAM_UNKNOWN"]
    assert read(world, plan) == before


def test_a_team_that_is_closed_is_not_put_on_but_taken_off(world, nancy, plan):
    update(world, plan, addCareTeams=["syd"])
    closed = read(world, world.teams["syd"].url)
    world.gateway.update({**closed, "status": "inactive"}, if_match="1", by=SYSTEM, now=LATER)
    with pytest.raises(RuleBroken) as refused:
        update(world, nancy.episode, addCareTeams=["syd"])
    assert told(refused) == ["KPRO_CARE_TEAM_NOT_ACTIVE"]
    assert teams(world, update(world, plan, removeCareTeams=["syd"])) == ["nord"]


def test_a_team_that_was_deleted_can_be_taken_off(world, plan):
    update(world, plan, addCareTeams=["syd"])
    world.gateway.delete(world.teams["syd"].url, by=SYSTEM, now=LATER)
    assert teams(world, update(world, plan, removeCareTeams=["syd"])) == ["nord"]


def change_status(world, url, status):
    """Change it by the door that FUT has for it: a plan is written whole."""
    if "/CarePlan/" in url:
        plan = read(world, url)
        world.gateway.update({**plan, "status": status}, if_match=plan["meta"]["versionId"], by=SYSTEM, now=LATER)
    else:
        change = [{"op": "replace", "path": "/status", "value": status}]
        world.gateway.patch(url, change, if_match=None, by=SYSTEM, now=LATER)


@pytest.mark.parametrize(("what", "over"), [("plan", "completed"), ("plan", "revoked"), ("course", "finished")])
def test_what_was_over_does_not_go_on_with_a_team_that_was_deleted_meanwhile(world, nancy, plan, what, over):
    """Else its tasks would stand on no list."""
    url = plan if what == "plan" else nancy.episode
    update(world, url, addCareTeams=["syd"])
    change_status(world, url, over)
    world.gateway.delete(world.teams["syd"].url, by=SYSTEM, now=LATER)
    with pytest.raises(RuleBroken) as refused:
        change_status(world, url, "active")
    assert told(refused) == ["KPRO_CARE_TEAM_NOT_ACTIVE"]
    update(world, url, removeCareTeams=["syd"])
    change_status(world, url, "active")
    assert (read(world, url)["status"], teams(world, read(world, url))) == ("active", ["nord"])


def put_on(world, url, team):
    if "/CarePlan/" in url:
        plan = read(world, url)
        with_it = {**plan, "careTeam": [*plan["careTeam"], team]}
        world.gateway.update(with_it, if_match=plan["meta"]["versionId"], by=SYSTEM, now=LATER)
    else:
        add = [{"op": "add", "path": "/team/-", "value": team}]
        world.gateway.patch(url, add, if_match=None, by=SYSTEM, now=LATER)


@pytest.mark.parametrize("what", ["plan", "course"])
@pytest.mark.parametrize("gone", ["deleted", "closed"])
def test_a_team_is_what_it_is_now_whichever_version_is_named(world, nancy, plan, what, gone):
    team = world.teams["syd"].url
    stored = read(world, team)
    if gone == "deleted":
        world.gateway.delete(team, by=SYSTEM, now=LATER)
    else:
        closed = {**stored, "status": "inactive"}
        world.gateway.update(closed, if_match=stored["meta"]["versionId"], by=SYSTEM, now=LATER)
    pinned = {"reference": f"{team}/_history/{stored['meta']['versionId']}"}
    with pytest.raises(RuleBroken) as refused:
        put_on(world, plan if what == "plan" else nancy.episode, pinned)
    assert told(refused) == ["KPRO_CARE_TEAM_NOT_ACTIVE"]


@NOT_CREATED
def test_the_last_team_stays_where_nobody_else_would_see_to_it(world, nancy, plan):
    below = under(world, plan, keys=("syd",))
    # The course of care has its team, and who is on it sees to a plan that has none.
    assert "careTeam" not in update(world, plan, removeCareTeams=["nord", "syd"])
    update(world, plan, addCareTeams=["nord"])
    without_teams(nancy)
    for url, key in ((below, "nord"), (plan, "nord")):
        with pytest.raises(RuleBroken) as refused:
            update(world, url, removeCareTeams=[key])
        assert told(refused) == ["KPRO_CARE_TEAM_LAST"]
    assert teams(world, update(world, plan, addCareTeams=["syd"], removeCareTeams=["nord"])) == ["syd"]


@NOT_CREATED
def test_the_last_team_of_a_course_of_care_may_go_when_every_plan_has_its_own(world, nancy):
    with pytest.raises(RuleBroken) as refused:
        update(world, nancy.episode, removeCareTeams=["nord"])
    assert told(refused) == ["KPRO_CARE_TEAM_LAST"]
    plan = plan_of(nancy)
    unattended = under(world, plan, keys=())
    with pytest.raises(RuleBroken):
        update(world, nancy.episode, removeCareTeams=["nord"])
    over = read(world, unattended)
    world.gateway.update({**over, "status": "revoked"}, if_match="1", by=SYSTEM, now=LATER)
    assert "team" not in update(world, nancy.episode, removeCareTeams=["nord"])
    assert sees(nancy, "asta", plan)


def test_a_team_either_comes_or_goes_and_something_is_asked_for(world, plan):
    for asked in ({}, {"addCareTeams": ["syd"], "removeCareteams": ["syd"]}, {"addCareTeams": ["syd"] * 101}):
        with pytest.raises(BadRequest):
            update(world, plan, **asked)


def test_it_takes_its_privilege_and_that_one_sees_the_plan(world, nancy, plan, asta):
    chosen = {"patient": nancy.patient, "episode_of_care": nancy.episode}
    for by in (world.staff["lis"].principal.within(**chosen), nancy.self, world.asta):
        for target in (plan, nancy.episode):
            with pytest.raises(Forbidden):
                update(world, target, by, addCareTeams=["syd"])
    for outsider in (world.bo, world.kim):
        for target in (plan, nancy.episode):
            with pytest.raises(NotFound):
                update(world, target, outsider.within(**chosen), addCareTeams=["syd", "hjerte"])
    with pytest.raises(NotFound):
        update(world, "CarePlan/nothing", asta, addCareTeams=["syd"])


@NOT_CREATED
def test_it_is_done_for_all_sub_plans_or_for_none(world, plan, monkeypatch):
    below = under(world, plan)
    update_one = Session.update

    def somebody_was_first(session, resource, *, if_match):
        if resource["id"] == Reference.parse(below).id:
            raise PreconditionFailed("En anden var først.")
        return update_one(session, resource, if_match=if_match)

    monkeypatch.setattr(Session, "update", somebody_was_first)
    with pytest.raises(PreconditionFailed):
        update(world, plan, addCareTeams=["syd"])
    assert [teams(world, read(world, url)) for url in (plan, below)] == [["nord"], ["nord"]]


def test_of_those_who_change_a_plan_at_once_nobody_s_change_is_lost(real_world):
    plan = plan_of(real_world.enrol(NANCY))
    below = under(real_world, plan)
    jobs = [(plan, "syd"), (below, "hjerte"), (plan, "hjerte")]
    answers = at_the_same_time(
        *(lambda _, url=url, key=key: update(real_world, url, addCareTeams=[key]) for url, key in jobs)
    )
    assert all(isinstance(each, dict) for each in answers)
    assert {*teams(real_world, read(real_world, plan))} == {"nord", "syd", "hjerte"}
    found = read(real_world, below)
    assert {*teams(real_world, found)} == {"nord", "syd", "hjerte"}
    assert sorted(history(real_world, found)) == [("hjerte", AT, None), ("nord", AT, None), ("syd", AT, None)]
