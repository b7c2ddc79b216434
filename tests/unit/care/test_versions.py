"""An editor makes the next version of a questionnaire, sees what it changes, and publishes it."""

from dataclasses import replace

import pytest

from kommunalpro.care.planning import clone
from kommunalpro.care.publishing import take_into_use
from kommunalpro.care.sending import sendable_plans
from kommunalpro.care.versions import compare
from kommunalpro.fhir.outcome import PreconditionFailed, RuleBroken
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.pro.difference import Verdict
from tests.unit.care.world import MONDAY


@pytest.fixture
def lis(world):
    return world.staff["lis"].principal


@pytest.fixture
def draft(world, lis):
    url = clone(world.gateway, world.published.questionnaire, "minor-version", by=lis, now=MONDAY)
    return world.gateway.read(url, by=lis, now=MONDAY)


def published(world, draft, by, *, version=None, without_lights=True):
    """Publish the draft, and give it as it is then."""
    read = version or draft["meta"]["versionId"]
    take_into_use(world.gateway, draft, read, without_lights=without_lights, by=by, now=MONDAY)
    return world.gateway.read(f"{world.gateway.base_url}/Questionnaire/{draft['id']}", by=by, now=MONDAY)


def test_a_version_that_loses_its_lights_is_published_when_its_editor_signs(world, lis, draft):
    with pytest.raises(RuleBroken) as refused:
        published(world, draft, lis, without_lights=False)
    assert [issue.coding[1] for issue in refused.value.issues] == ["KPRO_LIGHTS_MISSING"]
    assert published(world, draft, lis)["status"] == "active"
    plans = sendable_plans(world.gateway, by=world.asta, now=MONDAY)
    assert any(each.questionnaire.endswith(f"/{draft['id']}") for each in plans)


def test_who_may_not_make_plans_publishes_all_the_same(world, lis, draft):
    editor = replace(lis, privileges=privileges_of(["questionnaireEditor"]))
    assert published(world, draft, editor)["status"] == "active"
    plans = sendable_plans(world.gateway, by=world.asta, now=MONDAY)
    assert not any(each.questionnaire.endswith(f"/{draft['id']}") for each in plans)


def test_what_somebody_has_changed_since_it_was_read_is_not_published(world, lis, draft):
    with pytest.raises(PreconditionFailed):
        published(world, draft, lis, version="7")


def test_a_version_is_compared_with_the_one_before_and_the_view_that_reads_it(world, lis, draft):
    changed = {**draft, "item": draft["item"][1:]}
    stored = world.gateway.update(changed, if_match=draft["meta"]["versionId"], by=lis, now=MONDAY)
    url = f"{world.gateway.base_url}/Questionnaire/{stored['id']}"
    found = compare(world.gateway, world.published.questionnaire, url, by=lis, now=MONDAY)
    gone = draft["item"][0]["linkId"]
    assert (gone, "removed") in {(each.about, each.code) for each in found.difference.citizen}
    assert found.difference.light, "the new version has no View"
    assert all(each.verdict is Verdict.COMPARABLE for id, each in found.difference.answers.items() if id in found.names)
