"""The life of a definition: who owns it, draft → active → retired, published means unchanged, one draft at a time."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhirserver import seeing
from kommunalpro.fhirserver.principal import Context
from tests.resources import activity_definition, basic, library, owned_by, plan_definition, questionnaire, to
from tests.store.cast import BASE, NOW, query
from tests.store.entries import patch, put
from tests.unit.definitions.folders import read
from tests.unit.fut.definitions import becomes, codes, editor

VIEW = read("hverdagen-med-kronisk-sygdom", "view.json")


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


def test_organisations_that_have_a_role_and_are_not_here_are_each_told_and_asked_for_together(store, monkeypatch):
    asked, ask = [], seeing.rows_by_key
    monkeypatch.setattr(seeing, "rows_by_key", lambda sql, values=(): asked.append(sql) or ask(sql, values))
    made = questionnaire()
    nowhere = [owned_by(f"nr-{number}", role="co-author") for number in range(200)]
    with pytest.raises(RuleBroken) as refused:
        store.create(made | {"extension": [*made["extension"], *nowhere, nowhere[0]]}, by=editor())
    assert codes(refused).count("GENERAL_RESOURCE_NOT_FOUND") == 199
    assert codes(refused).count("GENERAL_VALIDATION_ERROR") == 1, "one has two roles"
    assert len(asked) < 20


ROLE = owned_by("region", role="co-author")
THEIRS = "KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"


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
        assert "GENERAL_VALIDATION_ERROR" in codes(refused)


def test_nobody_makes_it_for_another_organisation_or_changes_another_s(store, draft):
    with pytest.raises(RuleBroken) as refused:
        store.create(questionnaire("region"), by=editor())
    assert codes(refused) == ["KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"]
    with pytest.raises(RuleBroken) as refused:
        store.update(draft | {"title": "Andet"}, by=editor("region"))
    assert codes(refused) == ["KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"]


def test_a_rule_library_has_one_owner_who_alone_changes_it(clinic):
    """It says what an answer means: nobody else writes in it, takes it over or makes one in another's name."""
    unowned = {name: value for name, value in library().items() if name != "extension"}
    made = clinic.create(library(), by=editor())
    for write, code in (
        (lambda: clinic.create(unowned, by=editor()), "KPRO_LIBRARY_OWNER_MANDATORY"),
        (lambda: clinic.create(library(), by=editor("region")), THEIRS),
        (lambda: clinic.update(made | {"title": "Overtaget"}, by=editor("region")), THEIRS),
        (lambda: clinic.update(made | {"extension": [owned_by("region")]}, by=editor("region")), THEIRS),
        (
            lambda: clinic.update(made | {"extension": [*made["extension"], ROLE]}, by=editor()),
            "GENERAL_VALIDATION_ERROR",
        ),
    ):
        with pytest.raises(RuleBroken) as refused:
            write()
        assert code in codes(refused)
    assert clinic.update(made | {"title": "Regler"}, by=editor())["title"] == "Regler"
    given = clinic.update(clinic.read("Library", made["id"]) | {"extension": [owned_by("region")]}, by=editor())
    assert clinic.update(given | {"title": "Regionens"}, by=editor("region"))["title"] == "Regionens"


def test_a_role_is_given_to_an_organisation_that_is_here_and_to_each_once(clinic):
    """Who gives it to nobody has lost it."""
    made = clinic.create(questionnaire(), by=editor())
    rest = [each for each in made["extension"] if each["url"] != ehealth.MODIFIER_ROLE]
    own = owned_by("kommune")
    for roles, code in (
        ([own, owned_by("findes-ikke", role="co-author")], "GENERAL_RESOURCE_NOT_FOUND"),
        ([owned_by("findes-ikke")], "GENERAL_RESOURCE_NOT_FOUND"),
        ([own, ROLE, ROLE], "GENERAL_VALIDATION_ERROR"),
        ([own, owned_by("kommune", role="co-author")], "GENERAL_VALIDATION_ERROR"),
    ):
        with pytest.raises(RuleBroken) as refused:
            clinic.update(made | {"extension": [*rest, *roles]}, by=editor())
        assert codes(refused) == [code]
    shared = clinic.update(made | {"extension": [*rest, own, ROLE]}, by=editor())
    assert clinic.update(shared | {"title": "Fælles"}, by=editor("region"))["title"] == "Fælles"


def test_an_organisation_of_another_server_is_another_whatever_its_id(store):
    """A definition may name one elsewhere; the one here that has the same id edits it no more by that."""
    elsewhere = owned_by("region", role="co-author")
    elsewhere["extension"][0] = {
        "url": "reference",
        "valueReference": to("https://elsewhere.example/fhir/Organization/region"),
    }
    shared = questionnaire()
    made = store.create(shared | {"extension": [*shared["extension"], elsewhere]}, by=editor())
    with pytest.raises(RuleBroken) as refused:
        store.update(made | {"title": "Andet"}, by=editor("region"))
    assert codes(refused) == ["KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT"]


def test_a_co_author_may_change_it(clinic):
    shared = questionnaire()
    shared["extension"].append(owned_by("region", role="co-author"))
    made = clinic.create(shared, by=editor())
    assert clinic.update(made | {"title": "Fælles"}, by=editor("region"))["title"] == "Fælles"


def test_who_may_change_it_is_decided_by_the_owner_alone(clinic):
    draft = clinic.create(questionnaire(), by=editor())
    shared = [*draft["extension"], owned_by("region", role="co-author")]
    made = clinic.update(draft | {"extension": shared}, by=editor())
    third = [*made["extension"], owned_by("hospital", role="co-author")]
    with pytest.raises(RuleBroken) as refused:
        clinic.update(made | {"extension": third}, by=editor("region"))
    assert codes(refused) == ["KPRO_MODIFIER_ROLE_OF_OWNER"]
    assert clinic.update(made | {"extension": draft["extension"]}, by=editor())["extension"] == draft["extension"]


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
        assert codes(refused) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_STATUS"]


def test_published_it_says_when_and_cannot_be_changed(store, draft):
    active = becomes(store, draft, "active")
    assert active["approvalDate"] == NOW.date().isoformat()
    changed = [{"linkId": "soevn", "text": "Sover du dårligt?", "type": "boolean"}]
    for status in ("active", "retired"):
        with pytest.raises(RuleBroken) as refused:
            becomes(store, active, status, item=changed)
        assert codes(refused) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_IN_STATUS"]


def test_where_it_is_used_may_change_after_it_is_published(store, draft):
    active = becomes(store, draft, "active")
    program = {"system": ehealth.EHEALTH_PROGRAM, "code": "kpro"}
    context = {
        "code": {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "program"},
        "valueCodeableConcept": {"coding": [program]},
    }
    assert becomes(store, active, "active", useContext=[context])["meta"]["versionId"] == "3"


def test_only_a_draft_is_deleted(store, draft):
    active = becomes(store, draft, "active")
    with pytest.raises(RuleBroken) as refused:
        store.delete("Questionnaire", active["id"], by=editor())
    assert codes(refused) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS"]
    other = store.create(questionnaire(), by=editor())
    store.delete("Questionnaire", other["id"], by=editor())


def test_a_draft_is_deleted_by_its_owner_and_neither_by_a_co_author_nor_by_anybody_else(clinic):
    shared = questionnaire()
    shared["extension"].append(owned_by("region", role="co-author"))
    made = clinic.create(shared, by=editor())
    for organization in ("region", "hospital", None):
        by = replace(editor(), context=Context()) if organization is None else editor(organization)
        with pytest.raises(RuleBroken) as refused:
            clinic.delete("Questionnaire", made["id"], by=by)
        assert codes(refused) == ["KPRO_DELETE_BY_OWNER"]
    assert clinic.read("Questionnaire", made["id"])["status"] == "draft"
    active = becomes(clinic, made, "active")
    with pytest.raises(RuleBroken) as refused:
        clinic.delete("Questionnaire", active["id"], by=editor("region"))
    assert codes(refused) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS", "KPRO_DELETE_BY_OWNER"]


def test_a_view_lives_by_the_same_rules(store):
    made = store.create(basic(VIEW, status="draft"), by=editor())
    extension(made, ehealth.STATUS)["valueCoding"]["code"] = "retired"
    retired = store.update(made, by=editor())
    extension(retired, ehealth.STATUS)["valueCoding"]["code"] = "active"
    with pytest.raises(RuleBroken) as refused:
        store.update(retired, by=editor())
    assert "ACTIONGUIDANCEVIEW_ILLEGAL_STATUS_CHANGE" in codes(refused)


@pytest.mark.parametrize("status", ["draft", "retired", None])
def test_what_is_published_stands_on_what_is_published(store, status):
    url = f"{BASE}/Questionnaire/nowhere"
    if status:
        made = store.create(questionnaire(), by=editor())
        url = f"{BASE}/Questionnaire/{becomes(store, made, status)['id'] if status == 'retired' else made['id']}"
    with pytest.raises(RuleBroken) as refused:
        store.create(activity_definition(url, status="active"), by=editor())
    assert codes(refused) == ["KPRO_QUESTIONNAIRE_NOT_ACTIVE"]
    activity = store.create(activity_definition(url), by=editor())
    with pytest.raises(RuleBroken) as refused:
        store.create(plan_definition(f"{BASE}/ActivityDefinition/{activity['id']}", status="active"), by=editor())
    name = "PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE"
    assert codes(refused) == [name, "KPRO_QUESTIONNAIRE_NOT_ACTIVE"]


def test_a_plan_is_not_taken_into_use_that_asks_what_is_out_of_use(store):
    """Though the activity was taken into use before: the plan could not be sent."""
    asked = becomes(store, store.create(questionnaire(), by=editor()), "active")
    url = f"{BASE}/Questionnaire/{asked['id']}"
    activity = becomes(store, store.create(activity_definition(url), by=editor()), "active")
    plan = store.create(plan_definition(f"{BASE}/ActivityDefinition/{activity['id']}"), by=editor())
    becomes(store, asked, "retired")
    with pytest.raises(RuleBroken) as refused:
        becomes(store, plan, "active")
    assert codes(refused) == ["KPRO_QUESTIONNAIRE_NOT_ACTIVE"]


def test_a_plan_is_used_when_all_that_the_plans_in_it_use_is_in_use_and_what_is_not_is_told_at_once(store):
    """Else whoever takes it into use hears of a draft only when they have mended what is around it."""
    asked = becomes(store, store.create(questionnaire(), by=editor()), "active")
    steps = [store.create(activity_definition(f"{BASE}/Questionnaire/{asked['id']}"), by=editor()) for _ in "12"]
    urls = [f"{BASE}/ActivityDefinition/{each['id']}" for each in steps]
    whole = store.create(plan_definition(urls[0]), by=editor())
    inner = store.create(plan_definition(urls[1]), by=editor())
    middle = store.create(plan_definition(f"{BASE}/PlanDefinition/{inner['id']}"), by=editor())
    within = {"definitionCanonical": f"{BASE}/PlanDefinition/{middle['id']}"}
    whole = store.update(whole | {"action": [*whole["action"], {"title": "Mere", "action": [within]}]}, by=editor())
    place = "PlanDefinition.action[1].action[0].definition"
    with pytest.raises(RuleBroken) as refused:
        becomes(store, whole, "active")
    assert [(each.expression, str(each.diagnostics).rpartition(": ")[2]) for each in refused.value.issues] == [
        ("PlanDefinition.action[0].definition", f"ActivityDefinition/{steps[0]['id']} is draft"),
        (place, f"PlanDefinition/{middle['id']} is draft"),
        (place, f"PlanDefinition/{inner['id']} is draft"),
        (place, f"ActivityDefinition/{steps[1]['id']} is draft"),
    ]
    for each in (*steps, inner, middle):
        becomes(store, each, "active")
    assert becomes(store, whole, "active")["status"] == "active"


def test_a_questionnaire_activity_names_its_questionnaire(store):
    with pytest.raises(RuleBroken) as refused:
        store.create(activity_definition("https://example.org/Library/1"), by=editor())
    assert codes(refused) == ["ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE"]


def test_an_activity_that_names_two_questionnaires_is_not_published(store):
    """Only one would be asked; and the same by two kinds of relation is one."""
    urls = [
        f"{BASE}/Questionnaire/{each['id']}"
        for each in [becomes(store, store.create(questionnaire(), by=editor()), "active") for _ in range(2)]
    ]
    draft = activity_definition(urls[0])
    related = [{"type": "depends-on", "resource": url} for url in urls]
    made = store.create({**draft, "relatedArtifact": related}, by=editor())
    with pytest.raises(RuleBroken) as refused:
        becomes(store, made, "active")
    assert [(each.diagnostics, each.expression) for each in refused.value.issues] == [
        ("Validation error: one Questionnaire", "ActivityDefinition.relatedArtifact")
    ]
    twice = [{"type": kind, "resource": urls[0]} for kind in ("depends-on", "composed-of")]
    assert becomes(store, store.create({**draft, "relatedArtifact": twice}, by=editor()), "active")


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
            "GENERAL_VALIDATION_ERROR",
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
    assert codes(refused) == ["GENERAL_VALIDATION_ERROR"]


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ([], "PLANDEFINITION_VALIDATE_MANDATORY_ACTIVITYDEFINITION_OR_SUBPLAN_REFERENCE"),
        ([{"title": "tom"}], "GENERAL_VALIDATION_ERROR"),
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


def put_into_use(definition):
    return put({**definition, "status": "active"})


def patched_into_use(definition):
    key = f"{definition['resourceType']}/{definition['id']}"
    return patch(key, {"op": "replace", "path": "/status", "value": "active"})


@pytest.mark.parametrize("named", [BASE + "/ActivityDefinition/maaling", BASE + "/ActivityDefinition/maaling|1.0"])
@pytest.mark.parametrize("into_use", [put_into_use, patched_into_use])
def test_a_plan_and_what_it_uses_are_put_into_use_together_whichever_stands_first(store, into_use, named):
    """Without fullUrl, which R4 lets be: they are named as what is here already is."""
    weight = {"coding": [{"system": "urn:oid:1.2.208.176.2.1", "code": "NPU03804"}]}
    activity = store.create(activity_definition("urn:x", code=weight), id="maaling")
    plan = store.create(plan_definition(named), id="plan")
    store.transact(into_use(plan), into_use(activity))
    assert {store.read(each["resourceType"], each["id"])["status"] for each in (plan, activity)} == {"active"}
