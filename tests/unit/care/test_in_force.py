"""A view or guidance comes into use in the place of the one before it, and goes out of use, and what then holds."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.in_force import coming, going, take_in, take_out
from kommunalpro.care.interpretation import active_guidance, active_view
from kommunalpro.care.planning import clone
from kommunalpro.config.publishing import DEFINITIONS, guidance_resource, view_resource
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.extension import extension, extensions
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.outcome import PreconditionFailed, RuleBroken, Unavailable
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.content import content_of, status_of
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.modifier_roles import edited_by
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.pro.triage import Light
from tests.unit.care.world import BAD_PAIN, MONDAY

FOLDER = DEFINITIONS / "hverdagen-med-kronisk-sygdom"
LATER = MONDAY + timedelta(hours=2)
MAKE = {"view": view_resource, "guidance": guidance_resource}
each_kind = pytest.mark.parametrize("kind", MAKE)


@pytest.fixture
def lis(world):
    return world.staff["lis"].principal


@pytest.fixture
def region(world):
    """An editor of Region Demo, which may publish nothing for the whole country."""
    return replace(world.kim, privileges=privileges_of(["questionnaireEditor"]))


def draft(world, by, kind="view", *roles, level="national", **changes):
    """Store the draft of a next version."""
    content = {**loads((FOLDER / f"{kind}.json").read_bytes()), "version": "2.0", "level": level, **changes}
    made = MAKE[kind](content, world.published.questionnaire, by)
    extension(made, ehealth.STATUS)["valueCoding"]["code"] = "draft"
    made["extension"] += roles
    return world.gateway.create(made, by=by, now=MONDAY)


def comes(world, basic, by, now=LATER):
    """Take it into use as who has just read what that changes."""
    seen = coming(world.gateway, basic, by=by, now=now).seen
    take_in(world.gateway, basic, seen, by=by, now=now)
    return stored(world, basic)


def goes(world, basic, by, now=LATER):
    basic = stored(world, basic)
    take_out(world.gateway, basic, going(world.gateway, basic, by=by, now=now).seen, by=by, now=now)


def stored(world, basic):
    return world.gateway.read(own_url(world.gateway.base_url, basic), by=SYSTEM, now=LATER)


def version_of(basic):
    return content_of(basic)["version"]


def in_use(world, kind="view", level="national"):
    code, parameter = {
        "view": ("view", "viewForReference"),
        "guidance": ("actionguidance", "actionGuidanceForReference"),
    }[kind]
    query = [("code", code), ("status", "active"), (parameter, world.published.questionnaire)]
    found = resources(world.gateway.search("Basic", query, by=SYSTEM, now=LATER), "Basic")
    return sorted(version_of(each) for each in found if content_of(each)["level"] == level)


def decides(world, by):
    """The version of the View that gives lights in somebody's organisation; None: none does."""
    found = active_view(world.gateway, world.published.questionnaire, by.context.organization, by=by, now=LATER)
    return found and found.view.version


def light(world, nancy, response):
    """The light of record, and the version of the View that gave it."""
    seen = read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=LATER)
    return seen.assessment.light, seen.view and seen.view.view.version


@each_kind
def test_the_one_before_it_goes_out_of_use_with_the_same_act(world, lis, kind):
    [before] = in_use(world, kind)
    new = draft(world, lis, kind)
    change = coming(world.gateway, new, by=lis, now=LATER)
    assert [version_of(each) for each in (change.before, *change.retired)] == [before, before]
    assert (change.after, change.kept) == (new, ())
    assert status_of(comes(world, new, lis)) == "active"
    assert in_use(world, kind) == ["2.0"]


def test_lights_given_before_stand_and_those_given_after_are_the_new_ones(world, nancy, lis):
    nancy.gets()
    first = nancy.answers(BAD_PAIN)
    given = light(world, nancy, first)
    comes(world, draft(world, lis), lis)
    nancy.gets(now=LATER)
    second = nancy.answers(BAD_PAIN, now=LATER)
    assert light(world, nancy, first) == given
    assert given == (Light.RED, "1.0")
    assert light(world, nancy, second) == (Light.RED, "2.0")


def test_a_local_view_takes_the_place_of_the_national_one_at_its_owner_alone(world, lis, region):
    new = draft(world, region, level="local")
    change = coming(world.gateway, new, by=region, now=LATER)
    assert (version_of(change.before), change.retired, change.kept) == ("1.0", (), ())
    comes(world, new, region)
    assert (decides(world, region), decides(world, lis)) == ("2.0", "1.0")
    assert version_of(going(world.gateway, stored(world, new), by=region, now=LATER).after) == "1.0"
    goes(world, new, region)
    assert decides(world, region) == "1.0", "the national one decides again"


def test_local_guidance_takes_the_place_of_its_own_alone(world, lis, region):
    first = comes(world, draft(world, region, "guidance", level="local", version="1.0"), region)
    new = draft(world, region, "guidance", level="local")
    assert coming(world.gateway, new, by=region, now=LATER).before["id"] == first["id"]
    comes(world, new, region)
    organization, asked = region.context.organization, world.published.questionnaire
    both = active_guidance(world.gateway, asked, organization, by=region, now=LATER)
    assert (both.national.version, both.local.version) == (in_use(world, "guidance")[0], "2.0")
    assert going(world.gateway, stored(world, new), by=region, now=LATER).after is None, "it stood for no national one"


def test_without_any_view_no_topic_is_assessed_and_only_the_rules_of_the_questions_hold(world, nancy, lis):
    new = comes(world, draft(world, lis), lis)
    assert going(world.gateway, new, by=lis, now=LATER).after is None
    goes(world, new, lis)
    assert in_use(world) == []
    nancy.gets(now=LATER)
    response = nancy.answers(BAD_PAIN, now=LATER)
    assert light(world, nancy, response) == (Light.RED, None)
    assert read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=LATER).assessment.topics == ()


class Breaks:
    """A gateway that is gone after so many updates."""

    def __init__(self, gateway, after):
        self._gateway, self._left = gateway, after

    def __getattr__(self, name):
        return getattr(self._gateway, name)

    def update(self, *given, **named):
        if not self._left:
            raise Unavailable("Der er ingen forbindelse.")
        self._left -= 1
        return self._gateway.update(*given, **named)


@each_kind
def test_what_breaks_in_between_leaves_both_in_use_and_the_new_one_decides_and_it_is_told(world, lis, kind):
    [older] = in_use(world, kind)
    new = draft(world, lis, kind)
    change = coming(world.gateway, new, by=lis, now=LATER)
    take_in(Breaks(world.gateway, after=1), new, change.seen, by=lis, now=LATER)
    assert in_use(world, kind) == [older, "2.0"]
    told = going(world.gateway, stored(world, new), by=lis, now=LATER)
    assert [version_of(each) for each in (told.before, *told.kept)] == ["2.0", older]
    of_the_older = going(world.gateway, stored(world, change.before), by=lis, now=LATER)
    assert version_of(of_the_older.before) == version_of(of_the_older.after) == "2.0", "nothing changes without it"
    goes(world, change.before, lis)
    assert in_use(world, kind) == ["2.0"]


def test_what_breaks_before_leaves_everything_as_it_was(world, lis):
    new = draft(world, lis)
    seen = coming(world.gateway, new, by=lis, now=LATER).seen
    with pytest.raises(Unavailable):
        take_in(Breaks(world.gateway, after=0), new, seen, by=lis, now=LATER)
    assert (in_use(world), status_of(stored(world, new))) == (["1.0"], "draft")


def test_who_is_second_does_nothing_though_they_take_another_draft_into_use(world, lis):
    new, other = draft(world, lis), draft(world, lis, version="3.0")
    seen = coming(world.gateway, new, by=lis, now=LATER).seen
    comes(world, other, lis)
    with pytest.raises(PreconditionFailed):
        take_in(world.gateway, new, seen, by=lis, now=LATER)
    assert (in_use(world), status_of(stored(world, new))) == (["3.0"], "draft")


def test_what_somebody_has_changed_since_it_was_read_is_not_taken_into_use(world, lis):
    new = draft(world, lis)
    seen = coming(world.gateway, new, by=lis, now=LATER).seen
    world.gateway.update({**new, "language": "da"}, if_match="1", by=lis, now=LATER)
    with pytest.raises(PreconditionFailed):
        take_in(world.gateway, stored(world, new), seen, by=lis, now=LATER)
    assert in_use(world) == ["1.0"]


def test_what_is_in_use_does_not_come_into_use_again_before_a_newer_one(world, lis):
    [old] = coming(world.gateway, new := draft(world, lis), by=lis, now=LATER).retired
    take_in(Breaks(world.gateway, after=1), new, coming(world.gateway, new, by=lis, now=LATER).seen, by=lis, now=LATER)
    with pytest.raises(PreconditionFailed):
        comes(world, old, lis)
    assert decides(world, lis) == "2.0"


def test_a_draft_does_not_go_out_of_use(world, lis):
    new = draft(world, lis)
    with pytest.raises(PreconditionFailed):
        goes(world, new, lis)
    assert status_of(stored(world, new)) == "draft"


def test_all_that_is_wrong_is_told_and_what_is_in_use_stays(world, region):
    missing = {"id": "soevn", "title": {"da": "Søvn"}, "items": ["findes-ikke"], "scores": []}
    acute = {"id": "meget", "item": "ingen", "operator": ">=", "value": 9, "source": "Til prøven"}
    acute |= {"text": {"da": "Ring til din læge i dag."}}
    new = draft(world, region, topics=[missing], scores=[], acute=[acute])
    with pytest.raises(RuleBroken) as refused:
        comes(world, new, region)
    codes = [each.coding[1] for each in refused.value.issues]
    assert (set(codes[:-1]), codes[-1]) == ({"KPRO_VIEW_CONTENT"}, "KPRO_NATIONAL_OWNER")
    said = [each.text for each in refused.value.issues]
    assert [each for each in said if "findes ikke i spørgeskemaet" in each] == said[:2]
    advice_lost = {each.partition(":")[0] for each in said if "findes ikke i visningen" in each}
    assert "trivsel" in advice_lost, "the guidance that is in use hangs on it"
    assert len(said) == 2 + len(advice_lost) + 1, "each topic and score once"
    assert (in_use(world), status_of(stored(world, new))) == (["1.0"], "draft")


def test_an_acute_rule_without_its_text_is_no_draft_even(world, lis):
    rule = {"id": "meget", "item": "smerte-styrke", "operator": ">=", "value": 9, "source": "Til prøven"}
    with pytest.raises(RuleBroken) as refused:
        draft(world, lis, acute=[rule])
    assert {each.coding[1] for each in refused.value.issues} == {"KPRO_VIEW_CONTENT"}


def test_what_is_not_ours_to_retire_stays_in_use_and_decides_no_more(world, lis, region):
    older = comes(world, draft(world, lis, level="local", version="1.5"), lis)
    shared = draft(world, lis, "view", edited_by(region.context.organization), level="local")
    change = coming(world.gateway, shared, by=region, now=LATER)
    assert (change.retired, [each["id"] for each in change.kept]) == ((), [older["id"]])
    comes(world, shared, region, now=LATER + timedelta(hours=1))
    assert in_use(world, level="local") == ["1.5", "2.0"]
    assert decides(world, lis) == "2.0"


def test_one_that_is_for_another_questionnaire_too_stays_in_use_for_that(world, lis):
    other = clone(world.gateway, world.published.questionnaire, "copy", by=lis, now=MONDAY)
    content = loads((FOLDER / "view.json").read_bytes()) | {"level": "local", "version": "1.5"}
    wide = view_resource(content, world.published.questionnaire, lis)
    wide["extension"] += extensions(view_resource(content, other, lis), ehealth.VIEW_FOR)
    wide = world.gateway.create(wide, by=lis, now=MONDAY)
    change = coming(world.gateway, draft(world, lis, level="local"), by=lis, now=LATER)
    assert (change.retired, [each["id"] for each in change.kept]) == ((), [wide["id"]])


def test_what_another_application_has_written_is_not_in_the_way(world, lis):
    made = view_resource(loads((FOLDER / "view.json").read_bytes()), world.published.questionnaire, lis)
    foreign = {**made["contained"][0], "contentType": "application/json", "data": b64encode(dumps({})).decode()}
    world.gateway.create({**made, "contained": [foreign]}, by=lis, now=MONDAY)
    change = coming(world.gateway, draft(world, lis), by=lis, now=LATER)
    assert ([version_of(each) for each in change.retired], change.kept) == (["1.0"], ())
