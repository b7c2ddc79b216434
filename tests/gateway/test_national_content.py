"""National Views and ActionGuidance hold in every organisation: only those who may own them bring them into force.

Demo Kommune may (Lis), Region Demo may not.
"""

import pytest

from kommunalpro.config.publishing import guidance_resource, view_resource
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.modifier_roles import edited_by, owned_by
from tests.gateway.answering import FOLDER, LATER
from tests.gateway.looking import rows
from tests.unit.definitions.folders import read

MADE = {"view": (view_resource, "view.json"), "guidance": (guidance_resource, "guidance.json")}
each_kind = pytest.mark.parametrize("kind", MADE)


def content_for(world, editor, kind="view", status="active", level="national", roles=None):
    """A View or guidance of the published questionnaire; `roles` are others than that the editor's own is the owner."""
    make, name = MADE[kind]
    made = make({**read(FOLDER, name), "level": level}, world.published.questionnaire, editor)
    extension(made, ehealth.STATUS)["valueCoding"]["code"] = status
    others = [each for each in made["extension"] if each["url"] != ehealth.MODIFIER_ROLE]
    return {**made, "extension": [*others, *roles]} if roles else made


def create(world, made, by):
    return world.gateway.create(made, by=by, now=LATER)


def becomes(world, stored, status, by):
    extension(stored, ehealth.STATUS)["valueCoding"]["code"] = status
    return world.gateway.update(stored, if_match=stored["meta"]["versionId"], by=by, now=LATER)


def refusal(call):
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        call()
    assert rows() == before
    return {(each.coding[1], each.text) for each in refused.value.issues if each.coding}


REFUSED = {
    ("KPRO_NATIONAL_OWNER", "Det gælder i hele landet, og det må din organisation ikke udgive. Udgiv det som lokalt.")
}


@each_kind
def test_whose_it_may_be_publishes_it(world, lis, kind):
    assert create(world, content_for(world, lis, kind), lis)["id"]


@each_kind
def test_others_do_not_and_are_told_what_to_do(world, elsewhere, kind):
    assert refusal(lambda: create(world, content_for(world, elsewhere, kind), elsewhere)) == REFUSED
    assert create(world, content_for(world, elsewhere, kind, level="local"), elsewhere)["id"]


@each_kind
def test_others_may_prepare_it_and_give_it_up_and_not_publish_it(world, elsewhere, kind):
    draft = create(world, content_for(world, elsewhere, kind, status="draft"), elsewhere)
    assert refusal(lambda: becomes(world, draft, "active", elsewhere)) == REFUSED
    assert becomes(world, draft, "retired", elsewhere)["id"]


def test_nobody_publishes_it_in_the_name_of_who_may(world, lis, elsewhere):
    """Whoever may edit it is said by whoever writes it first."""
    kommune, region = (str(each.context.organization) for each in (lis, elsewhere))
    for roles in ([owned_by(kommune), owned_by(region)], [owned_by(kommune), edited_by(region)]):
        made = content_for(world, elsewhere, roles=roles)
        assert refusal(lambda made=made: create(world, made, elsewhere)) == REFUSED
    draft = create(world, content_for(world, elsewhere, status="draft"), elsewhere)
    given = content_for(world, elsewhere, roles=[owned_by(kommune), edited_by(region)])
    taken = {**given, "id": draft["id"], "meta": draft["meta"]}
    update = world.gateway.update
    assert refusal(lambda: update(taken, if_match="1", by=elsewhere, now=LATER)) == REFUSED


def test_it_is_nobody_elses_besides(world, lis, elsewhere):
    kommune, region = (str(each.context.organization) for each in (lis, elsewhere))
    made = content_for(world, lis, roles=[owned_by(kommune), owned_by(region)])
    assert refusal(lambda: create(world, made, lis)) == REFUSED


def test_whom_its_owner_lets_edit_it_publishes_it_for_them(world, lis, elsewhere):
    roles = [owned_by(str(lis.context.organization)), edited_by(str(elsewhere.context.organization))]
    draft = create(world, content_for(world, lis, status="draft", roles=roles), lis)
    assert becomes(world, draft, "active", elsewhere)["id"]


def test_the_system_brings_in_nobody_elses(world, elsewhere):
    assert refusal(lambda: create(world, content_for(world, elsewhere), SYSTEM)) == REFUSED
