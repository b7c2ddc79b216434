"""The life of a definition: who owns it, draft → active → retired, published means unchanged, one draft at a time."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.privileges import privileges_of
from tests.resources import activity_definition, basic, owned_by, plan_definition, questionnaire, to
from tests.store.cast import BASE, NOW, query
from tests.unit.definitions.folders import read

VIEW = read("hverdagen-med-kronisk-sygdom", "view.json")
EDITOR = privileges_of(("questionnaireEditor", "clinicalAdministrator"))


def editor(organization="kommune"):
    context = Context(organization=f"{BASE}/Organization/{organization}", care_team=f"{BASE}/CareTeam/nord")
    return Principal(f"{BASE}/Practitioner/lis", "PRACTITIONER", "Lis", EDITOR, context)


def codes(refused):
    return [each.coding[1] for each in refused.value.issues]


@pytest.fixture
def draft(store):
    return store.create(questionnaire(), by=editor())


def becomes(store, draft, status, **changes):
    return store.update(draft | {"status": status, **changes}, by=editor())


def test_a_new_definition_gets_an_identity_that_its_versions_share(draft):
    base = extension(draft, ehealth.BASE)["valueIdentifier"]
    assert base["value"].startswith("urn:uuid:")
    assert draft["identifier"] == [{"system": ehealth.UUID, "value": base["value"]}]
    assert extension(draft, ehealth.BASE_ENVIRONMENT)["valueIdentifier"]["value"] == "fhir.example"


def test_a_new_version_keeps_the_base_it_brings(store, draft):
    base = extension(draft, ehealth.BASE)
    becomes(store, draft, "active")
    second = store.create(questionnaire(extension=[*questionnaire()["extension"], base], version="2.0"), by=editor())
    assert extension(second, ehealth.BASE) == base


def in_family(definition, organization="kommune", **changes):
    """A draft that says it is a version of what a definition is a version of."""
    made = questionnaire(organization, **changes)
    return made | {"extension": [*made["extension"], extension(definition, ehealth.BASE)]}


@pytest.mark.parametrize("url", [ehealth.BASE, ehealth.BASE_ENVIRONMENT, ehealth.PREDECESSOR])
@pytest.mark.parametrize(
    "value", [{"valueString": "min"}, {"valueQuantity": {"value": 1}}, {"valueIdentifier": {"system": "x"}}]
)
def test_an_identity_that_cannot_be_read_is_refused(store, draft, url, value):
    becomes(store, draft, "active")
    for status in ("draft", "active"):
        made = questionnaire(status=status)
        with pytest.raises(RuleBroken) as refused:
            store.create(made | {"extension": [*made["extension"], {"url": url, **value}]}, by=editor())
        assert codes(refused) == ["GENERAL_PROFILE_VALIDATION_ERROR"]


def test_what_a_draft_leaves_out_of_its_identity_it_keeps(store, draft):
    """Without its base a clone of it would begin another, and a second draft of the same be let in."""
    bare = {name: each for name, each in draft.items() if name != "identifier"}
    bare["extension"] = [each for each in draft["extension"] if "ehealth-base" not in each["url"]]
    kept = store.update(bare | {"title": "Uden"}, by=editor())
    assert (kept["title"], kept["identifier"]) == ("Uden", draft["identifier"])
    for url in (ehealth.BASE, ehealth.BASE_ENVIRONMENT):
        assert extension(kept, url) == extension(draft, url)
    with pytest.raises(RuleBroken) as refused:
        store.create(in_family(draft), by=editor())
    assert codes(refused) == ["VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"]


@pytest.mark.parametrize("url", [ehealth.BASE, ehealth.BASE_ENVIRONMENT])
def test_a_draft_does_not_become_a_version_of_something_else(store, draft, url):
    others = [each for each in draft["extension"] if each["url"] != url]
    another = {"url": url, "valueIdentifier": {"system": ehealth.UUID, "value": "urn:uuid:0"}}
    for by in (editor(), SYSTEM):
        with pytest.raises(RuleBroken) as refused:
            store.update(draft | {"extension": [*others, another]}, by=by)
        assert codes(refused) == ["KPRO_IDENTITY_IMMUTABLE"]
    with pytest.raises(RuleBroken) as refused:
        store.update(draft | {"identifier": [{"system": ehealth.UUID, "value": "urn:uuid:0"}]}, by=editor())
    assert codes(refused) == ["KPRO_IDENTITY_IMMUTABLE"]


def test_nobody_begins_in_another_s_family_which_would_keep_its_owner_from_a_new_version(store, draft):
    becomes(store, draft, "active")
    for stranger in (in_family(draft, "region"), in_family(draft)):
        stranger["extension"].append(owned_by("region", role="co-author"))
        with pytest.raises(RuleBroken) as refused:
            store.create(stranger, by=editor("region"))
        assert codes(refused) == ["KPRO_IDENTITY_OF_ANOTHER"]
    assert store.create(in_family(draft, version="2.0"), by=editor())["version"] == "2.0"


def test_a_stranger_s_draft_from_before_keeps_no_owner_from_a_new_version(store, draft):
    becomes(store, draft, "active")
    strange = store.create(in_family(draft, "region"))
    assert extension(strange, ehealth.BASE) == extension(draft, ehealth.BASE)
    assert store.create(in_family(draft, version="2.0"), by=editor())["status"] == "draft"


def test_no_definition_bears_another_s_number(store, draft):
    with pytest.raises(RuleBroken) as refused:
        store.create(questionnaire("region", identifier=draft["identifier"]), by=editor("region"))
    assert codes(refused) == ["KPRO_IDENTITY_OF_ANOTHER"]
    foreign = [{"system": ehealth.UUID, "value": "urn:uuid:7"}]
    made = store.create(questionnaire("region", identifier=foreign), by=editor("region"))
    assert made["identifier"] == foreign, "as a package brings it from elsewhere"
    both = [*made["identifier"], *draft["identifier"]]
    with pytest.raises(RuleBroken) as refused:
        store.update(made | {"identifier": both}, by=editor("region"))
    assert codes(refused) == ["KPRO_IDENTITY_OF_ANOTHER"]


def test_when_it_was_published_is_the_server_s_to_say(store):
    long_ago, today = "1999-01-01", NOW.date().isoformat()
    draft = store.create(questionnaire(approvalDate=long_ago), by=editor())
    assert "approvalDate" not in draft
    published = becomes(store, draft, "active", approvalDate=long_ago)
    assert published["approvalDate"] == today
    assert store.create(questionnaire(status="active", approvalDate=long_ago), by=editor())["approvalDate"] == today
    with pytest.raises(RuleBroken) as refused:
        becomes(store, published, "retired", approvalDate=long_ago)
    assert codes(refused) == ["KPRO_IMMUTABLE"]
    without = {name: each for name, each in published.items() if name != "approvalDate"}
    assert becomes(store, without, "retired")["approvalDate"] == today


def test_somebody_must_own_it(store):
    ownerless = questionnaire()
    ownerless["extension"] = [owned_by("kommune", role="co-author"), ownerless["extension"][1]]
    with pytest.raises(RuleBroken) as refused:
        store.create(ownerless, by=editor())
    assert codes(refused) == ["QUESTIONNAIRE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY"]
    activity, plan, view = activity_definition(f"{BASE}/Questionnaire/1"), plan_definition("x"), basic(VIEW)
    for profile, made in (("ACTIVITYDEFINITION", activity), ("PLANDEFINITION", plan), ("ACTIONGUIDANCEVIEW", view)):
        others = [each for each in made["extension"] if each["url"] != ehealth.MODIFIER_ROLE]
        with pytest.raises(RuleBroken) as refused:
            store.create(made | {"extension": [*others, owned_by("kommune", role="co-author")]}, by=editor())
        assert f"{profile}_CREATE_MODIFIER_ROLE_OWNER_MANDATORY" in codes(refused)


ROLE = owned_by("region", role="co-author")


@pytest.mark.parametrize(
    "role",
    [
        ROLE | {"extension": ROLE["extension"][:1]},
        ROLE | {"extension": ROLE["extension"][1:]},
        ROLE | {"extension": [*ROLE["extension"], ROLE["extension"][0]]},
        {"url": ehealth.MODIFIER_ROLE, "valueString": "region"},
        ROLE | {"extension": [{"url": "reference", "valueString": "region"}, ROLE["extension"][1]]},
        ROLE | {"extension": [{"url": "reference", "valueReference": to("Practitioner/lis")}, ROLE["extension"][1]]},
        ROLE | {"extension": [ROLE["extension"][0], {"url": "role", "valueString": "owner"}]},
    ],
    ids=["no role", "no reference", "twice", "a value of its own", "no organisation", "a person", "no code"],
)
def test_whoever_may_edit_is_named_with_organisation_and_role(store, draft, role):
    """Half a role is nobody's: it looks as if somebody may, and nobody does."""
    made = questionnaire()
    for write in (
        lambda: store.create(made | {"extension": [*made["extension"], role]}, by=editor()),
        lambda: store.update(draft | {"extension": [*draft["extension"], role]}, by=editor()),
    ):
        with pytest.raises(RuleBroken) as refused:
            write()
        assert "GENERAL_PROFILE_VALIDATION_ERROR" in codes(refused)


def test_nobody_makes_it_for_another_organisation_or_changes_another_s(store, draft):
    with pytest.raises(RuleBroken) as refused:
        store.create(questionnaire("region"), by=editor())
    assert codes(refused) == ["KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"]
    with pytest.raises(RuleBroken) as refused:
        store.update(draft | {"title": "Andet"}, by=editor("region"))
    assert codes(refused) == ["KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"]


def test_a_co_author_may_change_it(store):
    shared = questionnaire()
    shared["extension"].append(owned_by("region", role="co-author"))
    made = store.create(shared, by=editor())
    assert store.update(made | {"title": "Fælles"}, by=editor("region"))["title"] == "Fælles"


def test_who_may_change_it_is_decided_by_the_owner_alone(store, draft):
    shared = [*draft["extension"], owned_by("region", role="co-author")]
    made = store.update(draft | {"extension": shared}, by=editor())
    third = [*made["extension"], owned_by("hospital", role="co-author")]
    with pytest.raises(RuleBroken) as refused:
        store.update(made | {"extension": third}, by=editor("region"))
    assert codes(refused) == ["KPRO_MODIFIER_ROLE_OF_OWNER"]
    assert store.update(made | {"extension": draft["extension"]}, by=editor())["extension"] == draft["extension"]


def test_nobody_makes_themselves_its_owner(store, draft):
    taken = [each for each in draft["extension"] if each["url"] != ehealth.MODIFIER_ROLE] + [owned_by("region")]
    with pytest.raises(RuleBroken) as refused:
        store.update(draft | {"extension": taken}, by=editor("region"))
    assert "KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT" in codes(refused)


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        (["active"], True),
        (["retired"], True),
        (["active", "retired"], True),
        (["active", "draft"], False),
        (["retired", "active"], False),
        (["retired", "draft"], False),
        (["unknown"], False),
    ],
)
def test_it_lives_in_one_direction(store, draft, steps, allowed):
    for step in steps[:-1]:
        draft = becomes(store, draft, step)
    if allowed:
        assert becomes(store, draft, steps[-1])["status"] == steps[-1]
    else:
        with pytest.raises(RuleBroken) as refused:
            becomes(store, draft, steps[-1])
        assert codes(refused) == ["KPRO_STATUS_TRANSITION"]


def test_published_it_says_when_and_cannot_be_changed(store, draft):
    active = becomes(store, draft, "active")
    assert active["approvalDate"] == NOW.date().isoformat()
    changed = [{"linkId": "soevn", "text": "Sover du dårligt?", "type": "boolean"}]
    for status in ("active", "retired"):
        with pytest.raises(RuleBroken) as refused:
            becomes(store, active, status, item=changed)
        assert codes(refused) == ["KPRO_IMMUTABLE"]


def test_where_it_is_used_may_change_after_it_is_published(store, draft):
    active = becomes(store, draft, "active")
    program = {"system": ehealth.EHEALTH_PROGRAM, "code": "kpro"}
    context = {
        "code": {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "program"},
        "valueCodeableConcept": {"coding": [program]},
    }
    assert becomes(store, active, "active", useContext=[context])["meta"]["versionId"] == "3"


def test_of_one_base_there_is_one_draft_at_a_time(store, draft):
    base = extension(draft, ehealth.BASE)
    with pytest.raises(RuleBroken) as refused:
        store.create(questionnaire(extension=[*questionnaire()["extension"], base]), by=editor())
    assert codes(refused) == ["VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"]
    assert store.update(draft | {"title": "Den samme"}, by=editor())["title"] == "Den samme"


def test_a_base_with_a_comma_in_its_name_is_one_base(store, draft):
    base = extension(draft, ehealth.BASE)
    both = {**base, "valueIdentifier": {**base["valueIdentifier"], "value": f"{base['valueIdentifier']['value']},x"}}
    assert store.create(questionnaire(extension=[*questionnaire()["extension"], both]), by=editor())["id"]


def test_only_a_draft_is_deleted(store, draft):
    active = becomes(store, draft, "active")
    with pytest.raises(RuleBroken) as refused:
        store.delete("Questionnaire", active["id"], by=editor())
    assert codes(refused) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS"]
    other = store.create(questionnaire(), by=editor())
    store.delete("Questionnaire", other["id"], by=editor())


def test_a_draft_is_deleted_by_its_owner_and_neither_by_a_co_author_nor_by_anybody_else(store):
    shared = questionnaire()
    shared["extension"].append(owned_by("region", role="co-author"))
    made = store.create(shared, by=editor())
    for organization in ("region", "hospital", None):
        by = replace(editor(), context=Context()) if organization is None else editor(organization)
        with pytest.raises(RuleBroken) as refused:
            store.delete("Questionnaire", made["id"], by=by)
        assert codes(refused) == ["KPRO_DELETE_BY_OWNER"]
    assert store.read("Questionnaire", made["id"])["status"] == "draft"
    active = becomes(store, made, "active")
    with pytest.raises(RuleBroken) as refused:
        store.delete("Questionnaire", active["id"], by=editor("region"))
    assert codes(refused) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS", "KPRO_DELETE_BY_OWNER"]


def test_a_view_lives_by_the_same_rules(store):
    made = store.create(basic(VIEW, status="draft"), by=editor())
    extension(made, ehealth.STATUS)["valueCoding"]["code"] = "retired"
    retired = store.update(made, by=editor())
    extension(retired, ehealth.STATUS)["valueCoding"]["code"] = "active"
    with pytest.raises(RuleBroken) as refused:
        store.update(retired, by=editor())
    assert "KPRO_STATUS_TRANSITION" in codes(refused)


@pytest.mark.parametrize("status", ["draft", "retired", None])
def test_what_is_published_stands_on_what_is_published(store, status):
    url = f"{BASE}/Questionnaire/nowhere"
    if status:
        made = store.create(questionnaire(), by=editor())
        url = f"{BASE}/Questionnaire/{becomes(store, made, status)['id'] if status == 'retired' else made['id']}"
    with pytest.raises(RuleBroken) as refused:
        store.create(activity_definition(url, status="active"), by=editor())
    assert codes(refused) == ["KPRO_REFERENCED_DEFINITION_NOT_ACTIVE"]
    activity = store.create(activity_definition(url), by=editor())
    with pytest.raises(RuleBroken) as refused:
        store.create(plan_definition(f"{BASE}/ActivityDefinition/{activity['id']}", status="active"), by=editor())
    assert codes(refused) == ["KPRO_REFERENCED_DEFINITION_NOT_ACTIVE"]


def test_a_questionnaire_activity_names_its_questionnaire(store):
    with pytest.raises(RuleBroken) as refused:
        store.create(activity_definition("https://example.org/Library/1"), by=editor())
    assert codes(refused) == ["ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE"]


def test_an_activity_names_its_questionnaire_by_an_absolute_url(store):
    with pytest.raises(RuleBroken) as refused:
        store.create(activity_definition("Questionnaire/1"), by=editor())
    assert codes(refused) == ["GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR"]
    made = store.create(activity_definition(f"{BASE}/Questionnaire/1"), by=editor())
    made["relatedArtifact"] = [{"type": "depends-on", "resource": "Questionnaire/1|1.0"}]
    with pytest.raises(RuleBroken) as refused:
        store.update(made, by=editor())
    assert codes(refused) == ["GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR"]


def test_what_was_published_by_a_relative_url_can_still_be_retired(store):
    asked = becomes(store, store.create(questionnaire(), by=editor()), "active")
    draft = store.create(activity_definition(f"{BASE}/Questionnaire/{asked['id']}"), by=editor())
    published = becomes(store, draft, "active")
    query("UPDATE fhir_resource SET json = replace(json, %s, %s)", (f'"{BASE}/Questionnaire/', '"Questionnaire/'))
    retired = becomes(store, store.read("ActivityDefinition", published["id"]), "retired")
    assert retired["relatedArtifact"][0]["resource"] == f"Questionnaire/{asked['id']}"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (
            {"relatedAction": [{"actionId": "nope", "relationship": "after"}]},
            "PLANDEFINITION_MISSING_RELATED_ACTION",
        ),
        (
            {
                "extension": [
                    {
                        "url": ehealth.OVERVIEW_USAGE_MODE,
                        "valueCodeableConcept": {
                            "coding": [{"system": f"{ehealth.CS}overviewUsageMode", "code": "zz"}]
                        },
                    }
                ]
            },
            "GENERAL_BINDING_VALIDATION_ERROR",
        ),
    ],
)
def test_what_an_action_says_is_of_its_plan_and_of_fut(store, wrong, code):
    url = f"{BASE}/ActivityDefinition/1"
    plan = plan_definition(url) | {"action": [{"id": "a", "definitionCanonical": url, **wrong}]}
    with pytest.raises(RuleBroken) as refused:
        store.create(plan, by=editor())
    assert codes(refused) == [code]


def test_a_goal_is_about_a_condition_of_the_national_ones(store):
    unknown = [{"coding": [{"system": ehealth.SKS_DIAGNOSES, "code": "DC50"}]}]
    plan = plan_definition(f"{BASE}/ActivityDefinition/1")
    plan |= {"goal": [{"description": {"text": "Gå en tur"}, "addresses": unknown}]}
    with pytest.raises(RuleBroken) as refused:
        store.create(plan, by=editor())
    assert codes(refused) == ["GENERAL_BINDING_VALIDATION_ERROR"]


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ([], "GENERAL_PROFILE_VALIDATION_ERROR"),
        ([{"title": "tom"}], "GENERAL_PROFILE_VALIDATION_ERROR"),
        ([{"definitionCanonical": f"{BASE}/Questionnaire/1"}], "GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR"),
        ([{"title": "x", "action": [{"definitionCanonical": "x"}]}], "GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR"),
        ([{"definitionCanonical": "ActivityDefinition/1"}], "GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR"),
    ],
)
def test_every_action_of_a_plan_leads_somewhere(store, action, code):
    plan = {name: value for name, value in plan_definition("x").items() if name != "action"}
    with pytest.raises(RuleBroken) as refused:
        store.create(plan | ({"action": action} if action else {}), by=editor())
    assert codes(refused) == [code]
