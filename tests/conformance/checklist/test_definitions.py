"""Questionnaires, activities and plans: what they must say, and what may become of them (items 1 to 7)."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.parameters import parameters
from tests.conformance.checklist.saying import coded, done, id_of, path_of, told
from tests.resources import owned_by

MISSING, IMMUTABLE = "GENERAL_VALIDATION_ERROR", "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_IN_STATUS"
NO_STEP = "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_STATUS"
USAGE_CONTEXT_TYPE = "http://terminology.hl7.org/CodeSystem/usage-context-type"


def without(resource, *urls, **changes):
    """Leave extensions out."""
    kept = [each for each in resource["extension"] if each["url"] not in urls]
    return {name: each for name, each in (resource | {"extension": kept} | changes).items() if each is not None}


def is_for(system, code, kind="program"):
    return [{"code": {"system": USAGE_CONTEXT_TYPE, "code": kind}, "valueCodeableConcept": coded(system, code)}]


def put(editor, stored, **changes):
    return editor("PUT", path_of(stored), {**stored, **changes}, If_Match=f'"{stored["meta"]["versionId"]}"')


def cloned(editor, url, operation="minor-version"):
    coding = {"system": ehealth.CLONE_OPERATION, "code": operation}
    return editor(
        "POST", f"{path_of(url)}/$create-clone", parameters({"name": "clone-operation", "valueCoding": coding})
    )


@pytest.mark.checklist(1)
def test_a_questionnaire_says_who_owns_it_what_it_is_and_which_version(town):
    lis, whole = town.lis(), town.questionnaire()
    assert told(lis("POST", "/Questionnaire", without(whole, ehealth.MODIFIER_ROLE)))[0] in (
        MISSING,
        "QUESTIONNAIRE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
    )
    co_author = [owned_by(id_of(town.organization), "co-author"), *without(whole, ehealth.MODIFIER_ROLE)["extension"]]
    assert told(lis("POST", "/Questionnaire", whole | {"extension": co_author})) == [
        "QUESTIONNAIRE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY"
    ]
    assert told(lis("POST", "/Questionnaire", without(whole, ehealth.QUESTIONNAIRE_TYPE))) == [MISSING]
    assert told(lis("POST", "/Questionnaire", without(whole, version=None))) == [MISSING]


@pytest.mark.checklist(1)
def test_a_questionnaire_gets_an_identity_that_its_versions_share(town):
    answer = town.lis()("POST", "/Questionnaire", town.questionnaire())
    stored = done(answer, 201)
    [identifier] = stored["identifier"]
    assert (identifier["system"], identifier["value"].startswith("urn:uuid:")) == (ehealth.UUID, True)
    base, place = extension_value(stored, ehealth.BASE), extension_value(stored, ehealth.BASE_ENVIRONMENT)
    assert (base["system"], base["value"].startswith("urn:uuid:")) == (ehealth.UUID, True)
    assert base["assigner"]["identifier"]["system"] == place["system"] == ehealth.EHEALTH_ENVIRONMENT
    assert base["assigner"]["identifier"]["value"] == place["value"]
    assert answer.headers["location"].startswith(f"{town.base}/Questionnaire/{stored['id']}")


@pytest.mark.checklist(2)
def test_what_is_published_changes_no_more_but_for_what_it_is_for(town):
    lis = town.lis()
    published = done(lis("GET", path_of(town.publishes(town.questionnaire()))))
    assert published["approvalDate"]
    other = [{"linkId": "soevn", "text": "Sover du dårligt?", "type": "boolean"}]
    assert told(put(lis, published, item=other)) == [IMMUTABLE]
    assert told(put(lis, published, status="draft")) == [NO_STEP]
    assert done(lis("GET", path_of(published))) == published
    changed = done(put(lis, published, useContext=is_for(ehealth.EHEALTH_PROGRAM, "kpro")))
    retired = done(put(lis, changed, status="retired"))
    assert told(put(lis, retired, status="active")) == [NO_STEP]
    assert told(put(lis, retired, item=other)) == [IMMUTABLE]


@pytest.mark.checklist(2)
def test_only_a_draft_is_deleted(town):
    lis = town.lis()
    draft = done(lis("POST", "/Questionnaire", town.questionnaire()), 201)
    assert "approvalDate" not in draft
    published = path_of(town.publishes(town.questionnaire()))
    assert told(lis("DELETE", published)) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS"]
    assert lis("GET", published).status == 200
    assert lis("DELETE", path_of(draft)).status in (200, 204)
    assert lis("GET", path_of(draft)).status == 410


@pytest.mark.checklist(3)
@pytest.mark.parametrize(
    ("item", "key"),
    [
        (
            {"type": "integer", "extension": [{"url": ehealth.SLIDER_STEP_VALUE_DECIMAL, "valueDecimal": 0.5}]},
            "sliderStepValueDecimal-Type",
        ),
        (
            {"type": "string", "repeats": True, "extension": [{"url": ehealth.MIN_OCCURS, "valueInteger": 1}]},
            "questionnaire-minOccurs-greater-than-one",
        ),
        (
            {"type": "string", "repeats": True, "extension": [{"url": ehealth.MAX_OCCURS, "valueInteger": 1}]},
            "questionnaire-maxOccurs-greater-than-one",
        ),
        (
            {"type": "string", "extension": [{"url": ehealth.MIN_OCCURS, "valueInteger": 2}]},
            "minOccurs-invalid-when-repeats-false",
        ),
        (
            {"type": "string", "extension": [{"url": ehealth.ITEM_IS_COPYRIGHT, "valueBoolean": True}]},
            "copyright-type",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_an_item_that_breaks_an_invariant_of_the_guide_is_not_published(town, item, key):
    asked = [{"linkId": "x", "text": "Hvordan har du det?", **item}]
    refused = town.lis()("POST", "/Questionnaire", town.questionnaire(status="active", item=asked))
    assert told(refused)
    assert key in refused.issue["diagnostics"]
    assert refused.issue["expression"][0].startswith("Questionnaire.item[0]")


@pytest.mark.checklist(4)
def test_a_new_version_is_a_draft_with_its_predecessor_and_a_higher_number(town):
    lis = town.lis()
    original = done(lis("GET", path_of(town.publishes(town.questionnaire(version="1.9")))))
    [entry] = done(cloned(lis, f"{town.base}{path_of(original)}"))["entry"]
    made = entry["resource"]
    assert made["id"] != original["id"]
    assert (made["status"], made["version"]) == ("draft", "1.10")
    assert extension_value(made, ehealth.PREDECESSOR)["value"] == original["identifier"][0]["value"]
    assert extension(made, ehealth.BASE) == extension(original, ehealth.BASE)
    assert made["identifier"] != original["identifier"]
    assert done(lis("GET", path_of(made)))["item"] == original["item"]


@pytest.mark.checklist(4)
def test_there_is_one_draft_of_a_base_at_a_time(town):
    lis, original = town.lis(), town.publishes(town.questionnaire())
    done(cloned(lis, original))
    for operation in ("minor-version", "major-version"):
        assert told(cloned(lis, original, operation)) == ["VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"]


@pytest.mark.checklist(4)
def test_a_new_version_is_made_by_whose_it_is_and_a_copy_by_whoever_may_make_one(town):
    original = town.publishes(town.questionnaire())
    editor = town.kim(roles=("questionnaireEditor", "clinicalAdministrator"))
    assert "KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT" in told(cloned(editor, original))
    [entry] = done(cloned(editor, original, "copy"))["entry"]
    assert extension_value(entry["resource"], ehealth.BASE) != extension_value(
        done(editor("GET", path_of(original))), ehealth.BASE
    )
    assert cloned(town.kim(), original, "copy").status == 403


@pytest.mark.checklist(5)
def test_a_definition_is_for_a_programme_that_there_is(town):
    lis = town.lis()
    for definition in (
        town.questionnaire(),
        town.plan_of(town.publishes(town.activity(town.publishes(town.questionnaire())))),
    ):
        path = f"/{definition['resourceType']}"
        made = done(lis("POST", path, definition | {"useContext": is_for(ehealth.EHEALTH_PROGRAM, "kpro")}), 201)
        assert made["useContext"] == is_for(ehealth.EHEALTH_PROGRAM, "kpro")
        for system, code in ((ehealth.EHEALTH_PROGRAM, "kpro2"), ("http://example.org/cs/programmes", "kpro")):
            refused = lis("POST", path, definition | {"useContext": is_for(system, code)})
            assert told(refused) == ["USE_CONTEXT_VALIDATION_FAILED"]
    found = done(lis("GET", f"/Questionnaire?context={ehealth.EHEALTH_PROGRAM}|kpro&status=draft"))
    assert found["total"] >= 1


@pytest.mark.checklist(6)
def test_a_plan_is_published_when_all_that_it_asks_is(town):
    lis = town.lis()
    questionnaire = done(lis("POST", "/Questionnaire", town.questionnaire()), 201)
    asking = town.activity(f"{town.base}{path_of(questionnaire)}")
    activity = done(lis("POST", "/ActivityDefinition", asking), 201)
    uses = ["PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE"]
    plan = done(lis("POST", "/PlanDefinition", town.plan_of(f"{town.base}{path_of(activity)}")), 201)

    asks = ["KPRO_QUESTIONNAIRE_NOT_ACTIVE"]
    assert told(put(lis, plan, status="active")) == [*uses, *asks]
    assert told(put(lis, activity, status="active")) == asks
    done(put(lis, questionnaire, status="active"))
    assert told(put(lis, plan, status="active")) == uses
    done(put(lis, activity, status="active"))
    published = done(put(lis, plan, status="active"))
    assert (published["status"], bool(published["approvalDate"])) == ("active", True)


@pytest.mark.checklist(7)
def test_an_activity_says_how_it_is_shared_what_it_is_about_and_what_is_done(town):
    lis, whole = town.lis(), town.activity(town.publishes(town.questionnaire()))
    for lacking in (without(whole, ehealth.SHARING_POLICY), without(whole, topic=None), without(whole, code=None)):
        assert MISSING in told(lis("POST", "/ActivityDefinition", lacking))
    assert done(lis("POST", "/ActivityDefinition", whole), 201)["status"] == "draft"
