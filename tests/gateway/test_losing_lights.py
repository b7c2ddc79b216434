"""A new version of a questionnaire that showed lights shows them too, or somebody has signed that it does not."""

import copy
from datetime import timedelta

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.due import due_for
from kommunalpro.care.publishing import publish_questionnaire
from kommunalpro.care.sending import Now, send
from kommunalpro.config.publishing import view_resource
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.modifier_roles import owned_by
from kommunalpro.pro.triage import Light
from tests.gateway.answering import FOLDER, LATER
from tests.unit.care.world import REQUIRED
from tests.unit.definitions.folders import read

VIEW = read(FOLDER, "view.json")


@pytest.fixture
def new(world, lis):
    """The draft of the next version of the published questionnaire, which has a View."""
    return version_of(world, world.published.questionnaire, lis)


def version_of(world, url, by, operation="minor-version"):
    coding = {"system": ehealth.CLONE_OPERATION, "code": operation}
    asked = parameters({"name": "clone-operation", "valueCoding": coding})
    answer = world.gateway.operation("$create-clone", asked, target=Reference.parse(url).key, by=by, now=LATER)
    return answer["entry"][0]["resource"]


def url_of(world, resource):
    return f"{world.gateway.base_url}/{resource['resourceType']}/{resource['id']}"


def signed(by, at=LATER, **instead):
    """Make the signature; `who=` and `when=` replace a part, None leaves it out."""
    parts = {
        "who": {"url": "who", "valueReference": {"reference": by}},
        "when": {"url": "when", "valueDateTime": to_datetime(at)},
    } | instead
    return {"url": ehealth.WITHOUT_LIGHTS, "extension": [each for each in parts.values() if each]}


def write(world, draft, *added, by, status="draft", now=LATER):
    changed = {**draft, "status": status, "extension": [*draft["extension"], *added]}
    return world.gateway.update(changed, if_match=draft["meta"]["versionId"], by=by, now=now)


def refused_codes(world, draft, *added, by, status="active"):
    with pytest.raises(RuleBroken) as refused:
        write(world, draft, *added, by=by, status=status)
    return [each.coding[1] for each in refused.value.issues]


def as_if_written_by_hand(world, draft, *, by, without):
    """Give a draft as somebody would send it who makes it without the operation; the draft itself is gone."""
    world.gateway.delete(url_of(world, draft), by=by, now=LATER)
    kept = {name: each for name, each in draft.items() if name not in ("id", "meta", "identifier")}
    return {**kept, "extension": [each for each in draft["extension"] if each["url"] != without]}


def with_view(world, questionnaire, by, status="active", level="national"):
    view = view_resource(VIEW | {"level": level}, url_of(world, questionnaire), by)
    extension(view, ehealth.STATUS)["valueCoding"]["code"] = status
    return world.gateway.create(view, by=by, now=LATER)


def retire(world, view, by):
    changed = copy.deepcopy(view)
    extension(changed, ehealth.STATUS)["valueCoding"]["code"] = "retired"
    return world.gateway.update(changed, if_match=view["meta"]["versionId"], by=by, now=LATER)


def views_of_published(world):
    found = world.gateway.search(
        "Basic", [("viewForReference", world.published.questionnaire), ("code", "view")], by=SYSTEM, now=LATER
    )
    return [entry["resource"] for entry in found["entry"]]


def test_it_is_not_published_without_a_view_of_its_own_and_says_what_to_do(world, lis, new):
    with pytest.raises(RuleBroken) as refused:
        write(world, new, by=lis, status="active")
    [told] = refused.value.to_fhir()["issue"]
    assert told["details"]["coding"][0]["code"] == "KPRO_LIGHTS_MISSING"
    assert "skriv under på" in told["details"]["text"]
    assert "questionnaire-without-lights" in told["diagnostics"]
    assert world.gateway.read(url_of(world, new), by=lis, now=LATER)["status"] == "draft"


def test_the_page_that_publishes_is_told_the_same(world, lis, new):
    with pytest.raises(RuleBroken) as refused:
        publish_questionnaire(world.gateway, new, by=lis, now=LATER)
    assert refused.value.issues[0].coding[1] == "KPRO_LIGHTS_MISSING"


def test_with_an_active_view_of_its_own_it_is_published(world, lis, new):
    with_view(world, new, lis)
    assert write(world, new, by=lis, status="active")["status"] == "active"


def test_a_view_that_is_not_in_force_is_none(world, lis, new):
    retire(world, with_view(world, new, lis, "draft"), lis)
    assert refused_codes(world, new, by=lis) == ["KPRO_LIGHTS_MISSING"]


def test_a_local_view_stands_for_no_national_one_whoever_owns_it(world, lis, elsewhere, new):
    """Its lights are seen in one organisation, where the version before had them in all."""
    with_view(world, new, elsewhere, level="local")
    with_view(world, new, lis, level="local")
    assert refused_codes(world, new, by=lis) == ["KPRO_LIGHTS_MISSING"]


def test_what_had_the_local_view_of_another_alone_binds_nobody(world, lis, elsewhere, new):
    first = write(world, new, signed(lis.user), by=lis, status="active")
    retire(world, with_view(world, first, elsewhere, level="local"), elsewhere)
    with_view(world, first, elsewhere, level="local")
    following = version_of(world, url_of(world, first), lis)
    assert write(world, following, by=lis, status="active")["status"] == "active"


def test_what_had_the_owner_s_local_view_has_one_again_or_a_national_one(world, lis, elsewhere, new):
    first = write(world, new, signed(lis.user), by=lis, status="active")
    with_view(world, first, lis, level="local")
    following = version_of(world, url_of(world, first), lis)
    with_view(world, following, elsewhere, level="local")
    assert refused_codes(world, following, by=lis) == ["KPRO_LIGHTS_MISSING"]
    with_view(world, following, lis, level="local")
    second = write(world, following, by=lis, status="active")
    third = version_of(world, url_of(world, second), lis)
    with_view(world, third, lis)
    assert write(world, third, by=lis, status="active")["status"] == "active"


def test_of_several_owners_each_that_had_lights_has_them_again(world, lis, elsewhere, new):
    """One local View may be of both as well."""
    other = owned_by(elsewhere.context.organization)
    first = write(world, new, signed(lis.user), other, by=lis, status="active")
    with_view(world, first, elsewhere, level="local")
    following = version_of(world, url_of(world, first), lis)
    with_view(world, following, lis, level="local")
    assert refused_codes(world, following, by=lis) == ["KPRO_LIGHTS_MISSING"]
    with_view(world, following, elsewhere, level="local")
    assert write(world, following, by=lis, status="active")["status"] == "active"
    third = version_of(world, url_of(world, following), lis)
    of_both = view_resource(VIEW | {"level": "local"}, url_of(world, third), lis)
    of_both["extension"].append(other)
    world.gateway.create(of_both, by=lis, now=LATER)
    assert write(world, third, by=lis, status="active")["status"] == "active"


def test_a_draft_in_between_with_a_local_view_hides_no_national_one(world, lis, new):
    with_view(world, new, lis, level="local")
    given_up = write(world, new, by=lis, status="retired")
    following = version_of(world, url_of(world, given_up), lis)
    with_view(world, following, lis, level="local")
    assert refused_codes(world, following, by=lis) == ["KPRO_LIGHTS_MISSING"]


def test_signed_by_who_publishes_it_is_published_and_the_signature_stays(world, lis, new):
    published = write(world, new, signed(lis.user), by=lis, status="active")
    assert extension_value(extension(published, ehealth.WITHOUT_LIGHTS), "who") == {"reference": lis.user}
    without = [each for each in published["extension"] if each["url"] != ehealth.WITHOUT_LIGHTS]
    with pytest.raises(RuleBroken) as refused:
        world.gateway.update({**published, "extension": without}, if_match="2", by=lis, now=LATER)
    assert refused.value.issues[0].coding[1] == "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_IN_STATUS"


def test_one_may_sign_and_a_colleague_publish(world, lis, new):
    colleague = type(lis)(world.asta.user, lis.user_type, "Asta", lis.privileges, lis.context)
    drafted = write(world, new, signed(lis.user), by=lis)
    assert write(world, drafted, by=colleague, status="active")["status"] == "active"


def test_what_was_signed_without_lights_is_not_assessed_and_never_green(world, lis, new, nancy):
    drafted = write(world, new, signed(lis.user), by=lis)
    plan = publish_questionnaire(world.gateway, drafted, by=lis, now=LATER).plan
    send(world.gateway, nancy.patient, nancy.episode, plan, Now(), by=world.asta, now=LATER)
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)
    draft = drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER).id
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    response = drafts.submit(world.gateway, draft, by=nancy.self, now=LATER).response
    seen = read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=LATER)
    assert seen.assessment.light is Light.NOT_ASSESSED


WRONG = {
    "for another": lambda lis, asta: [signed(asta)],
    "twice": lambda lis, asta: [signed(lis), signed(lis)],
    "for later": lambda lis, asta: [signed(lis, LATER + timedelta(hours=1))],
    "no time": lambda lis, asta: [signed(lis, when=None)],
    "nobody": lambda lis, asta: [signed(lis, who=None)],
    "a month": lambda lis, asta: [signed(lis, when={"url": "when", "valueDateTime": "2026-11"})],
    "a text": lambda lis, asta: [signed(lis, when={"url": "when", "valueString": "T-klokken+01:00"})],
    "an address": lambda lis, asta: [signed(lis, who={"url": "who", "valueString": lis})],
    "a name": lambda lis, asta: [signed(lis, who={"url": "who", "valueReference": {"display": "Lis"}})],
    "more": lambda lis, asta: [signed(lis, more={"url": "why", "valueString": "x"})],
    "yes": lambda lis, asta: [{"url": ehealth.WITHOUT_LIGHTS, "valueBoolean": True}],
}


@pytest.mark.parametrize("status", ["draft", "active"])
def test_nobody_signs_for_another_nor_for_later_nor_halfway(world, lis, new, status):
    for name, wrong in WRONG.items():
        told = refused_codes(world, new, *wrong(lis.user, world.asta.user), by=lis, status=status)
        assert set(told) == {"KPRO_WITHOUT_LIGHTS_SIGNATURE"}, name


def test_the_system_passes_on_who_signed_and_signs_nothing_itself(world, lis, new):
    assert refused_codes(world, new, by=SYSTEM) == ["KPRO_LIGHTS_MISSING"]
    assert write(world, new, signed(lis.user), by=SYSTEM, status="active")["status"] == "active"


def test_a_signature_is_of_one_version(world, lis, new):
    published = write(world, new, signed(lis.user), by=lis, status="active")
    following = version_of(world, url_of(world, published), lis)
    assert extension(following, ehealth.WITHOUT_LIGHTS) is None
    assert write(world, following, by=lis, status="active")["status"] == "active", "what came before had no lights"


def test_a_copy_of_what_showed_lights_is_asked_too(world, lis):
    assert refused_codes(world, version_of(world, world.published.questionnaire, lis, "copy"), by=lis) == [
        "KPRO_LIGHTS_MISSING"
    ]


def test_to_retire_the_view_first_is_no_way_around_it(world, lis, new):
    for view in views_of_published(world):
        retire(world, retire(world, view, SYSTEM), SYSTEM)
    assert refused_codes(world, new, by=lis) == ["KPRO_LIGHTS_MISSING"]


def test_a_draft_in_between_is_no_way_around_it(world, lis, new):
    given_up = write(world, new, by=lis, status="retired")
    following = version_of(world, url_of(world, given_up), lis)
    assert refused_codes(world, following, by=lis) == ["KPRO_LIGHTS_MISSING"]


def test_nor_is_to_say_no_predecessor_for_its_base_tells(world, lis, new):
    by_hand = as_if_written_by_hand(world, new, by=lis, without=ehealth.PREDECESSOR)
    with pytest.raises(RuleBroken) as refused:
        world.gateway.create({**by_hand, "status": "active"}, by=lis, now=LATER)
    assert [each.coding[1] for each in refused.value.issues] == ["KPRO_LIGHTS_MISSING"]
    draft = world.gateway.create(by_hand, by=lis, now=LATER)
    assert refused_codes(world, draft, by=lis) == ["KPRO_LIGHTS_MISSING"]


def test_what_never_had_lights_is_published_as_before(world, lis, new):
    first = write(world, new, signed(lis.user), by=lis, status="active")
    retire(world, with_view(world, first, lis, "draft"), lis)
    with_view(world, first, lis, "retired")
    following = version_of(world, url_of(world, first), lis)
    assert write(world, following, by=lis, status="active")["status"] == "active"


def test_a_predecessor_that_nobody_here_knows_asks_for_nothing(world, lis, new):
    by_hand = as_if_written_by_hand(world, new, by=lis, without=ehealth.PREDECESSOR)
    foreign = {"url": ehealth.PREDECESSOR, "valueIdentifier": {"system": ehealth.UUID, "value": "urn:uuid:elsewhere"}}
    imported = {**by_hand, "status": "active", "extension": [*by_hand["extension"], foreign]}
    assert world.gateway.create(imported, by=lis, now=LATER)["status"] == "active"


def test_a_name_with_a_comma_names_no_second_predecessor(world, lis, new):
    mine = extension_value(new, ehealth.PREDECESSOR)
    by_hand = as_if_written_by_hand(world, new, by=lis, without=ehealth.PREDECESSOR)
    value = f"urn:uuid:elsewhere,{mine['value']}"
    foreign = {"url": ehealth.PREDECESSOR, "valueIdentifier": {"system": ehealth.UUID, "value": value}}
    imported = {**by_hand, "status": "active", "extension": [*by_hand["extension"], foreign]}
    assert world.gateway.create(imported, by=lis, now=LATER)["status"] == "active"
