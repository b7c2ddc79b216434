"""`$create-clone`: a published definition is never changed; a clone is the draft of its next version, or of another."""

import copy
from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, NotImplementedHere, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.business_versions import next_version
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.descent import base_of
from kommunalpro.fut.modifier_roles import owner_of
from tests.gateway.answering import LATER
from tests.gateway.looking import rows
from tests.resources import owned_by
from tests.store.cast import query
from tests.store.others import at_the_same_time


def how(code, system=ehealth.CLONE_OPERATION):
    return {"name": "clone-operation", "valueCoding": {"system": system, "code": code}}


def deep(*references):
    named = ({"name": "deep-clone-references", "valueReference": {"reference": each}} for each in references)
    return [{"name": "default-clone-behavior", "valueBoolean": False}, *named]


def clone(world, target, *asked, by):
    return world.gateway.operation("$create-clone", parameters(*asked), target=_key(target), by=by, now=LATER)


def made(answer):
    assert answer["type"] == "collection"
    return [entry["resource"] for entry in answer["entry"]]


def read(world, url):
    return world.gateway.read(url, by=SYSTEM, now=LATER)


def _key(url):
    return Reference.parse(url).key


def uuid_of(resource):
    return next(each["value"] for each in resource["identifier"] if each["system"] == ehealth.UUID)


@pytest.fixture(params=["questionnaire", "activity", "plan"])
def original(request, world):
    """Each of what can be cloned, published."""
    return getattr(world.published, request.param)


def test_a_new_version_is_a_draft_of_the_same_base_that_says_what_it_came_from(world, lis, original):
    before = read(world, original)
    [version] = made(clone(world, original, how("minor-version"), by=lis))
    assert (version["status"], version["version"]) == ("draft", next_version(before["version"], (), "minor-version"))
    assert version["id"] != before["id"]
    assert uuid_of(version) != uuid_of(before)
    assert extension_value(version, ehealth.BASE)["value"] == extension_value(before, ehealth.BASE)["value"]
    assert extension_value(version, ehealth.PREDECESSOR) == {"system": ehealth.UUID, "value": uuid_of(before)}
    assert "approvalDate" not in version
    for kept in ("name", "title", "item", "action", "code", "relatedArtifact"):
        assert version.get(kept) == before.get(kept)
    assert read(world, original) == before


def test_the_answer_is_what_is_stored(world, lis, original):
    answer = clone(world, original, how("major-version"), by=lis)
    [entry] = answer["entry"]
    assert read(world, entry["fullUrl"]) == entry["resource"]


def test_a_copy_begins_a_base_of_its_own_and_belongs_to_who_made_it(world, elsewhere, original):
    before = read(world, original)
    [another] = made(clone(world, original, how("copy"), by=elsewhere))
    assert owner_of(another) == elsewhere.context.organization
    assert len(list(extensions(another, ehealth.MODIFIER_ROLE))) == 1
    assert extension_value(another, ehealth.BASE)["value"] == uuid_of(another)
    assert extension_value(another, ehealth.BASE)["value"] != extension_value(before, ehealth.BASE)["value"]
    assert extension_value(another, ehealth.PREDECESSOR)["value"] == uuid_of(before)
    assert (another["status"], another["version"]) == ("draft", "1.0")
    assert not {"url", "publisher", "contact", "approvalDate"} & another.keys()


def test_a_copy_that_nobody_s_organisation_makes_stays_its_owner_s(world, original):
    [another] = made(clone(world, original, how("copy"), by=SYSTEM))
    assert owner_of(another) == owner_of(read(world, original))


def test_what_lost_its_base_before_it_was_kept_begins_one_anew(world, lis):
    [draft] = made(clone(world, world.published.activity, how("copy"), by=lis))
    bare = {**draft, "extension": [each for each in draft["extension"] if each["url"] != ehealth.BASE]}
    query(
        "UPDATE fhir_resource SET json = %s WHERE type = 'ActivityDefinition' AND id = %s",
        (dumps(bare).decode(), draft["id"]),
    )
    [version] = made(clone(world, f"ActivityDefinition/{draft['id']}", how("minor-version"), by=lis))
    assert extension_value(version, ehealth.BASE)["value"] == uuid_of(version)


@pytest.mark.parametrize("code", ["minor-version", "major-version"])
def test_only_its_owners_make_a_new_version(world, elsewhere, original, code):
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        clone(world, original, how(code), by=elsewhere)
    assert refused.value.issues[0].coding[1] == "KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"
    assert rows() == before


def test_a_co_author_makes_a_new_version_too(world, lis, elsewhere):
    shared = {
        name: each
        for name, each in read(world, world.published.questionnaire).items()
        if name not in ("id", "meta", "identifier")
    }
    kept = [each for each in shared["extension"] if "ehealth-base" not in each["url"]]
    theirs = elsewhere.context.organization.rpartition("/")[2]
    shared["extension"] = [*kept, owned_by(theirs, role="co-author")]
    stored = world.gateway.create(shared, by=lis, now=LATER)
    [version] = made(clone(world, f"Questionnaire/{stored['id']}", how("minor-version"), by=elsewhere))
    assert len(list(extensions(version, ehealth.MODIFIER_ROLE))) == 2


def test_of_one_base_there_is_one_draft_at_a_time_and_as_many_copies_as_one_likes(world, lis, original):
    clone(world, original, how("minor-version"), by=lis)
    for code in ("minor-version", "major-version"):
        with pytest.raises(RuleBroken) as refused:
            clone(world, original, how(code), by=lis)
        assert refused.value.issues[0].coding[1] == "VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"
    for _ in range(2):
        clone(world, original, how("copy"), by=lis)


def test_of_those_who_clone_at_once_one_makes_the_draft(real_world):
    lis, target = real_world.staff["lis"].principal, real_world.published.activity
    before = rows()["ActivityDefinition"]

    def attempt(_):
        try:
            return clone(real_world, target, how("minor-version"), by=lis)
        except RuleBroken:
            return None

    assert len([each for each in at_the_same_time(*[attempt] * 4) if each]) == 1
    assert rows()["ActivityDefinition"] == before + 1


def test_no_number_is_given_twice_in_a_base(world, lis):
    [first] = made(clone(world, world.published.activity, how("minor-version"), by=lis))
    world.gateway.update({**first, "status": "active"}, if_match="1", by=lis, now=LATER)
    [second] = made(clone(world, world.published.activity, how("minor-version"), by=lis))
    assert second["version"] == next_version(first["version"], (), "minor-version")


@pytest.mark.parametrize(
    ("version", "others", "minor", "major"),
    [
        ("1.0", [], "1.1", "2.0"),
        ("1.9", [], "1.10", "2.0"),
        ("1", [], "1.1", "2.0"),
        ("2.3.1", [], "2.4", "3.0"),
        ("1.0", ["1.4", "2.7", "gammel"], "1.5", "3.0"),
        ("2026-A", ["1.0"], None, None),
        ("1.", [], None, None),
    ],
)
def test_a_version_counts_on_from_what_the_base_has(version, others, minor, major):
    assert next_version(version, others, "minor-version") == minor
    assert next_version(version, others, "major-version") == major


def test_a_version_that_is_no_number_is_not_counted_on_from_but_may_be_copied(world, lis):
    odd = copy.deepcopy(read(world, world.published.activity)) | {"version": "forår"}
    odd["extension"] = [each for each in odd["extension"] if "ehealth-base" not in each["url"]]
    stored = world.gateway.create(
        {name: each for name, each in odd.items() if name not in ("id", "meta", "identifier")}, by=lis, now=LATER
    )
    target = f"ActivityDefinition/{stored['id']}"
    with pytest.raises(RuleBroken) as refused:
        clone(world, target, how("minor-version"), by=lis)
    assert refused.value.issues[0].coding[1] == "KPRO_CLONE_VERSION"
    assert made(clone(world, target, how("copy"), by=lis))[0]["version"] == "1.0"


def test_what_is_not_named_is_referred_to_as_before(world, lis):
    [plan] = made(clone(world, world.published.plan, how("minor-version"), by=lis))
    assert plan["action"] == read(world, world.published.plan)["action"]
    asked = {"name": "default-clone-behavior", "valueBoolean": True}
    assert len(made(clone(world, world.published.plan, how("copy"), asked, by=lis))) == 1


def test_what_is_named_is_cloned_along_and_the_clones_refer_to_each_other(world, lis):
    published = world.published
    asked = deep(published.activity, published.questionnaire)
    answer = clone(world, published.plan, how("minor-version"), *asked, by=lis)
    plan, activity, questionnaire = made(answer)
    urls = [entry["fullUrl"] for entry in answer["entry"]]
    assert [each["resourceType"] for each in (plan, activity, questionnaire)] == [
        "PlanDefinition",
        "ActivityDefinition",
        "Questionnaire",
    ]
    assert {each["status"] for each in (plan, activity, questionnaire)} == {"draft"}
    assert plan["action"][0]["definitionCanonical"] == urls[1]
    assert activity["relatedArtifact"][0]["resource"] == urls[2]


def test_a_sub_plan_may_be_cloned_along_and_a_plan_in_itself_ends(world, lis):
    plan = copy.deepcopy(read(world, world.published.plan))
    plan["extension"] = [each for each in plan["extension"] if "ehealth-base" not in each["url"]]
    plan["action"] = [{"title": "Del", "action": [{"definitionCanonical": world.published.plan}]}]
    outer = world.gateway.create(
        {name: each for name, each in plan.items() if name not in ("id", "meta", "identifier")}, by=lis, now=LATER
    )
    target = f"{world.gateway.base_url}/PlanDefinition/{outer['id']}"
    answer = clone(world, target, how("copy"), *deep(world.published.plan, target), by=lis)
    first, second = made(answer)
    assert first["action"][0]["action"][0]["definitionCanonical"] == answer["entry"][1]["fullUrl"]
    assert second["action"] == read(world, world.published.plan)["action"]


def test_what_nothing_refers_to_is_not_cloned_along(world, lis):
    before = rows()
    with pytest.raises(BadRequest, match="Questionnaire/"):
        clone(world, world.published.plan, how("copy"), *deep(world.published.questionnaire), by=lis)
    assert rows() == before


def test_a_version_that_is_no_more_is_not_cloned_as_what_came_after_it(world, lis):
    """Who names it means what stood in it, and would get something else."""
    activity, before = world.published.activity, rows()
    current = read(world, activity)["meta"]["versionId"]
    with pytest.raises(NotImplementedHere, match="version 999 is not the current one"):
        clone(world, world.published.plan, how("copy"), *deep(f"{activity}/_history/999"), by=lis)
    assert rows() == before
    assert (
        len(made(clone(world, world.published.plan, how("copy"), *deep(f"{activity}/_history/{current}"), by=lis))) == 2
    )


@pytest.mark.parametrize(
    "reference", ["Library/1", "DocumentReference/1", "https://other.example/fhir/Questionnaire/1"]
)
def test_what_cannot_be_cloned_along_is_named(world, lis, reference):
    with pytest.raises(NotImplementedHere, match=reference.split("/")[-2]):
        clone(world, world.published.plan, how("copy"), *deep(reference), by=lis)


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [how("another")],
        [how("copy", "http://example.org/cs")],
        [{"name": "clone-operation", "valueCode": "copy"}],
        [{"name": "clone-operation", "valueCoding": {"code": "copy"}}],
        [how("copy"), {"name": "default-clone-behavior", "valueString": "false"}],
        [how("copy"), *([{"name": "default-clone-behavior", "valueBoolean": False}] * 2)],
        [how("copy"), {"name": "deep-clone-references", "valueReference": {"reference": "Questionnaire/1"}}],
        [how("copy"), *deep(*(f"Questionnaire/{number}" for number in range(101)))],
    ],
    ids=str,
)
def test_what_does_not_say_how_is_refused(world, lis, asked):
    before = rows()
    with pytest.raises(BadRequest):
        clone(world, world.published.plan, *asked, by=lis)
    assert rows() == before


def test_that_a_coding_is_asked_for_is_told_who_sends_a_code(world, lis):
    with pytest.raises(BadRequest, match="clone-operation must be of type Coding"):
        clone(world, world.published.plan, {"name": "clone-operation", "valueCode": "copy"}, by=lis)


def test_a_questionnaire_has_nothing_to_clone_along(world, lis):
    with pytest.raises(BadRequest, match="does not take 'default-clone-behavior'"):
        clone(world, world.published.questionnaire, how("copy"), *deep(), by=lis)


def test_it_takes_the_privilege_to_create_all_that_is_made(world, lis):
    with pytest.raises(Forbidden):
        clone(world, world.published.questionnaire, how("copy"), by=world.asta)
    only_plans = frozenset(each for each in lis.privileges if not each.startswith("Questionnaire.create"))
    by = type(lis)(lis.user, lis.user_type, lis.name, only_plans, lis.context)
    before = rows()
    asked = deep(world.published.activity, world.published.questionnaire)
    with pytest.raises(Forbidden):
        clone(world, world.published.plan, how("copy"), *asked, by=by)
    assert rows() == before


def test_a_stranger_s_draft_of_one_s_base_stands_in_nobody_s_way(world, lis, elsewhere, original):
    """Where it is let in at all, `$create-clone` tells the owner that there is a draft already, which is not theirs."""
    before = read(world, original)
    kept = {name: each for name, each in before.items() if name not in ("id", "meta", "identifier", "approvalDate")}
    roles = [each for each in before["extension"] if each["url"] != ehealth.MODIFIER_ROLE]
    theirs = owned_by(elsewhere.context.organization.rpartition("/")[2])
    strange = {**kept, "status": "draft", "extension": [*roles, theirs]}
    with pytest.raises(RuleBroken) as refused:
        world.gateway.create(strange, by=elsewhere, now=LATER)
    assert [each.coding[1] for each in refused.value.issues] == ["KPRO_IDENTITY_OF_ANOTHER"]
    world.gateway.create(strange, by=SYSTEM, now=LATER)
    [version] = made(clone(world, original, how("minor-version"), by=lis))
    assert base_of(version) == base_of(before)


def test_what_is_not_there_is_not_cloned(world, lis):
    with pytest.raises(NotFound):
        clone(world, "Questionnaire/nothing", how("copy"), by=lis)


def test_what_a_version_came_from_stays_what_it_is(world, lis, original):
    [version] = made(clone(world, original, how("minor-version"), by=lis))
    forgotten = [each for each in version["extension"] if each["url"] != ehealth.PREDECESSOR]
    with pytest.raises(RuleBroken) as refused:
        world.gateway.update({**version, "extension": forgotten}, if_match="1", by=lis, now=LATER)
    assert refused.value.issues[0].coding[1] == "KPRO_PREDECESSOR_IMMUTABLE"
    assert extension(version, ehealth.PREDECESSOR)


def test_a_version_takes_the_search_privilege_as_well_for_it_tells_what_versions_there_are(world, lis):
    without = replace(lis, privileges=lis.privileges - {"Questionnaire.search"})
    for kind in ("minor-version", "major-version"):
        with pytest.raises(Forbidden):
            clone(world, world.published.questionnaire, how(kind), by=without)
    [copied] = made(clone(world, world.published.questionnaire, how("copy"), by=without))
    assert copied["status"] == "draft"


def test_a_comma_in_the_name_of_a_base_names_no_second_base_whose_versions_count(world, lis):
    first = read(world, world.published.activity)
    [following] = made(clone(world, world.published.activity, how("minor-version"), by=lis))
    world.gateway.update(following | {"status": "active"}, if_match="1", by=lis, now=LATER)
    base = extension_value(first, ehealth.BASE)
    kept = {name: each for name, each in first.items() if name not in ("id", "meta", "identifier", "extension")}
    others = [each for each in first["extension"] if each["url"] != ehealth.BASE]
    of_two = {"url": ehealth.BASE, "valueIdentifier": base | {"value": f"urn:uuid:x,{base['value']}"}}
    stored = world.gateway.create({**kept, "extension": [*others, of_two]}, by=SYSTEM, now=LATER)
    url = f"{world.gateway.base_url}/ActivityDefinition/{stored['id']}"
    [version] = made(clone(world, url, how("minor-version"), by=lis))
    assert version["version"] == following["version"]
