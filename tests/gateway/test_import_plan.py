"""`PlanDefinition/$import`: what is new becomes drafts of one's own, what is here is used; all of it or nothing."""

from contextlib import suppress
from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, Forbidden, RuleBroken, Unprocessable
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.modifier_roles import owner_of
from tests.gateway.answering import LATER
from tests.gateway.looking import audit, rows
from tests.gateway.marks import R4_FIRST
from tests.gateway.packages import bring_in, export, made, opened, other_environment, told
from tests.people import NANCY
from tests.resources import document_reference, library, organization, plan_definition
from tests.store.others import at_the_same_time

DEFINITIONS = ("PlanDefinition", "ActivityDefinition", "Questionnaire")


def codes(refused):
    return {each.coding[1] for each in refused.value.issues if each.coding}


def texts(refused):
    return "\n".join(each.text for each in refused.value.issues)


def uuid_of(resource):
    return next(each["value"] for each in resource["identifier"] if each["system"] == ehealth.UUID)


def base_of(resource):
    return extension_value(resource, ehealth.BASE)["value"]


def said(resource):
    """Give what a definition says to those who use it, in words that tell no identity and no address."""
    names = ("title", "name", "description", "item", "code", "kind", "topic", "useContext", "contained", "timingTiming")
    return {name: resource[name] for name in names if name in resource}


@pytest.fixture
def package(world, lis):
    """The files of a published plan."""
    return opened(export(world, world.published.plan, by=lis))


@pytest.fixture
def foreign(world, package):
    """The same package as another environment would give it."""
    return other_environment(package, world.gateway.base_url)


def one(files, type):
    return next(each for each in files.values() if each["resourceType"] == type)


# --- Between organisations of one server


def test_another_organisation_gets_drafts_of_its_own_that_ask_the_same_questionnaire(world, package, elsewhere):
    answer = bring_in(world, package, by=elsewhere)
    assert [each["resource"]["resourceType"] for each in answer["entry"]] == [*DEFINITIONS[:2], "Basic"]
    got = made(answer)
    for type in DEFINITIONS[:2]:
        original, new = one(package, type), got[type]
        assert (new["status"], new["version"]) == ("draft", "1.0")
        assert owner_of(new) == elsewhere.context.organization
        assert said(new) == said(original)
        assert base_of(new) == uuid_of(new) != base_of(original)
        assert extension_value(new, ehealth.PREDECESSOR)["value"] == uuid_of(original)
        assert "approvalDate" not in new
    assert got["PlanDefinition"]["action"][0]["definitionCanonical"] == answer["entry"][1]["fullUrl"]
    assert got["ActivityDefinition"]["relatedArtifact"][0]["resource"] == world.published.questionnaire
    assert extension_value(got["Basic"], ehealth.STATUS)["code"] == "draft"


def test_the_answer_is_what_is_stored(world, package, elsewhere):
    for entry in bring_in(world, package, by=elsewhere)["entry"]:
        assert world.gateway.read(entry["fullUrl"], by=elsewhere, now=LATER) == entry["resource"]


def test_the_same_package_once_more_makes_nothing(world, package, foreign, lis, elsewhere):
    for files, by in ((package, elsewhere), (foreign, lis), (package, lis)):
        bring_in(world, files, by=by)
        before = rows()
        assert bring_in(world, files, by=by) == {"resourceType": "Bundle", "type": "collection"}
        assert rows() == before


def test_without_the_questionnaire_that_is_here_its_guidance_is_what_is_here(world, package, lis, elsewhere):
    questionnaire = one(package, "Questionnaire")
    files = {key: each for key, each in package.items() if each != questionnaire}
    before = rows()
    assert bring_in(world, files, by=lis) == {"resourceType": "Bundle", "type": "collection"}
    assert rows() == before
    guidance = made(bring_in(world, files, by=elsewhere))["Basic"]
    about = extension_value(extension(guidance, ehealth.ACTIONGUIDANCE_FOR), "forReference")
    assert about == {"reference": world.published.questionnaire}
    before = rows()
    assert bring_in(world, files, by=elsewhere) == {"resourceType": "Bundle", "type": "collection"}
    assert rows() == before


def test_what_was_brought_in_says_when_it_goes_out_again_what_came_in(world, foreign, elsewhere):
    plan = bring_in(world, foreign, by=elsewhere)["entry"][0]["fullUrl"]
    again = opened(export(world, plan, by=elsewhere))
    assert sorted(each.partition("/")[0] for each in again) == sorted(each.partition("/")[0] for each in foreign)
    for type in DEFINITIONS:
        came, went = one(foreign, type), one(again, type)
        assert said(went) == said(came)
        assert (base_of(went), uuid_of(went), went["version"]) == (base_of(came), uuid_of(came), came["version"])
    contents = [
        sorted(each["contained"][0]["data"] for each in files.values() if each["resourceType"] == "Basic")
        for files in (foreign, again)
    ]
    assert contents[0] == contents[1]


# --- From another environment


def test_from_another_environment_everything_becomes_a_draft_that_keeps_what_it_is(world, foreign, elsewhere):
    answer = bring_in(world, foreign, by=elsewhere)
    got = made(answer)
    assert len(answer["entry"]) == 6
    for type in DEFINITIONS:
        original, new = one(foreign, type), got[type]
        assert new["status"] == "draft"
        assert new["version"] == original["version"]
        assert (base_of(new), uuid_of(new)) == (base_of(original), uuid_of(original))
        assert owner_of(new) == elsewhere.context.organization
        assert said(new) == said(original)
    assert "plan.test.example" not in dumps(answer).decode()
    questionnaire = f"{world.gateway.base_url}/Questionnaire/{got['Questionnaire']['id']}"
    assert got["ActivityDefinition"]["relatedArtifact"][0]["resource"] == questionnaire
    assert questionnaire in dumps(got["Basic"]).decode()


def test_who_has_a_role_in_it_keeps_all_roles(world, foreign, lis):
    shared = world.gateway.create(organization("Fælles"), by=SYSTEM, now=LATER)
    foreign |= {"Organization/77": {**shared, "id": "77"}}
    plan = one(foreign, "PlanDefinition")
    own = next(each for each in plan["extension"] if each["url"] == ehealth.MODIFIER_ROLE)
    other = {"url": "reference", "valueReference": {"reference": "https://plan.test.example/fhir/Organization/77"}}
    author = {"coding": [{"system": ehealth.MODIFIER_ROLE_CODES, "code": "co-author"}]}
    part = {"url": "role", "valueCodeableConcept": author}
    plan["extension"].append({"url": own["url"], "extension": [other, part]})
    new = made(bring_in(world, foreign, by=lis))["PlanDefinition"]
    assert owner_of(new) == lis.context.organization
    assert f"Organization/{shared['id']}" in dumps(new).decode()


def test_a_later_version_becomes_a_draft_of_the_same_base(world, foreign, lis):
    first = made(bring_in(world, foreign, by=lis))
    for type in reversed(DEFINITIONS):
        signed = {**first[type], "status": "active"}
        world.gateway.update(signed, if_match="1", by=lis, now=LATER)
    later = other_environment(foreign, "nothing")
    plan, title = one(later, "PlanDefinition"), "Hverdagen, anden udgave"
    plan |= {"title": title, "version": "1.1"}
    uuid = "urn:uuid:77777777-0000-4000-8000-000000000001"
    plan["identifier"] = [{"system": ehealth.UUID, "value": uuid}]
    answer = bring_in(world, later, by=lis)
    [entry] = answer["entry"]
    new = entry["resource"]
    assert (new["title"], new["version"], new["status"]) == (title, "1.1", "draft")
    assert (base_of(new), uuid_of(new)) == (base_of(first["PlanDefinition"]), uuid)
    assert new["action"] == first["PlanDefinition"]["action"]


def test_a_number_that_is_taken_is_counted_on(world, package, lis):
    plan = one(package, "PlanDefinition")
    plan["title"] = "Rettet et andet sted"
    [entry] = bring_in(world, package, by=lis)["entry"]
    new = entry["resource"]
    assert (new["version"], base_of(new)) == ("1.1", base_of(plan))
    assert uuid_of(new) != uuid_of(plan)
    assert extension_value(new, ehealth.PREDECESSOR)["value"] == uuid_of(plan)


def test_of_a_base_there_is_one_draft_and_what_somebody_changed_in_it_is_not_written_over(world, foreign, lis):
    first = made(bring_in(world, foreign, by=lis))["PlanDefinition"]
    world.gateway.update({**first, "title": "Vores egen"}, if_match="1", by=lis, now=LATER)
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, foreign, by=lis)
    assert codes(refused) == {"VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"}
    assert "(plan): Der er allerede en kladde" in texts(refused)
    assert rows() == before


def test_what_is_given_up_here_is_not_used(world, package, lis):
    there = world.gateway.read(world.published.plan, by=lis, now=LATER)
    world.gateway.update({**there, "status": "retired"}, if_match="1", by=lis, now=LATER)
    [entry] = bring_in(world, package, by=lis)["entry"]
    assert (entry["resource"]["resourceType"], entry["resource"]["version"]) == ("PlanDefinition", "1.1")


# --- What is found, and never made


def with_library(world, files, **changes):
    """Give an activity of a package rules, and an audience."""
    base = "https://plan.test.example/fhir"
    files["Library/9"] = {**library(url="https://example.org/fhir/regler", name="Regler"), "id": "9", **changes}
    files["Organization/88"] = {**organization("Sundhedshuset"), "id": "88"}
    files["Organization/88"]["identifier"] = [{"system": ehealth.SOR, "value": "634491000016008"}]
    activity = one(files, "ActivityDefinition")
    activity["library"] = [f"{base}/Library/9"]
    audience = {"reference": f"{base}/Organization/88"}
    activity["extension"].append({"url": ehealth.INTENDED_AUDIENCE, "valueReference": audience})
    return files


def test_libraries_and_organisations_are_found_by_what_tells_them(world, foreign, elsewhere):
    files = with_library(world, foreign)
    house = {**organization("Sundhedshuset i Birk"), "identifier": files["Organization/88"]["identifier"]}
    house = world.gateway.create(house, by=SYSTEM, now=LATER)
    rules = world.gateway.create(library(url="https://example.org/fhir/regler"), by=SYSTEM, now=LATER)
    world.gateway.create(library(url="https://example.org/fhir/regler", version="2"), by=SYSTEM, now=LATER)
    before = rows()
    activity = made(bring_in(world, files, by=elsewhere))["ActivityDefinition"]
    assert activity["library"] == [f"{world.gateway.base_url}/Library/{rules['id']}"]
    audience = extension_value(activity, ehealth.INTENDED_AUDIENCE)
    assert audience["reference"] == f"{world.gateway.base_url}/Organization/{house['id']}"
    assert {name: rows()[name] for name in ("Library", "Organization")} == {
        name: before[name] for name in ("Library", "Organization")
    }


def test_all_that_is_not_here_is_named_at_once_and_nothing_is_made(world, foreign, elsewhere):
    files = with_library(world, foreign)
    one(files, "PlanDefinition")["action"].append(
        {"definitionCanonical": "https://plan.test.example/fhir/PlanDefinition/5"}
    )
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, files, by=elsewhere)
    assert sorted(each.text for each in refused.value.issues) == [
        "Her findes ikke ”Regler 1” (regelbibliotek).",
        "Her findes ikke ”Sundhedshuset” (organisation).",
        "Pakken mangler noget, den henviser til: plan (PlanDefinition/5).",
    ]
    assert codes(refused) == {"KPRO_PACKAGE_UNMATCHED", "KPRO_PACKAGE_REFERENCE"}
    assert rows() == before


def test_what_cannot_be_told_from_others_is_not_guessed(world, foreign, elsewhere):
    files = with_library(world, foreign)
    for name in ("Nord", "Syd"):
        twin = {**organization(name), "identifier": files["Organization/88"]["identifier"]}
        world.gateway.create(twin, by=SYSTEM, now=LATER)
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, files, by=elsewhere)
    assert "Flere her kan være ”Sundhedshuset” (organisation)." in texts(refused)


@pytest.mark.parametrize(
    ("name", "number", "is_found"),
    [("Sundhedshuset", None, True), ("Birk Kommune", None, False), ("Sundhedshuset", "634491000016999", False)],
)
def test_a_unit_is_not_taken_for_the_municipality_whose_number_it_shares(
    world, foreign, elsewhere, name, number, is_found
):
    files, cvr = with_library(world, foreign), {"system": ehealth.CVR, "value": "29189999"}
    files["Organization/88"]["identifier"].append(cvr)
    del files["Library/9"], one(files, "ActivityDefinition")["library"]
    numbers = [cvr, *([{"system": ehealth.SOR, "value": number}] if number else [])]
    world.gateway.create({**organization(name), "identifier": numbers}, by=SYSTEM, now=LATER)
    if is_found:
        assert made(bring_in(world, files, by=elsewhere))
        return
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, files, by=elsewhere)
    assert texts(refused) == "Her findes ikke ”Sundhedshuset” (organisation)."


def test_what_was_excluded_is_found_where_it_is_and_missed_where_it_is_not(world, package, lis, elsewhere):
    files = opened(export(world, world.published.plan, world.published.activity, by=lis))
    new = made(bring_in(world, files, by=elsewhere))["PlanDefinition"]
    assert new["action"][0]["definitionCanonical"] == world.published.activity
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, other_environment(files, world.gateway.base_url), by=elsewhere)
    assert codes(refused) == {"KPRO_PACKAGE_REFERENCE"}


def test_information_material_is_made_once(world, foreign, lis):
    foreign["DocumentReference/5"] = {**document_reference(), "id": "5"}
    artifact = {"type": "documentation", "resource": "https://plan.test.example/fhir/DocumentReference/5"}
    one(foreign, "PlanDefinition")["relatedArtifact"] = [artifact]
    first = made(bring_in(world, foreign, by=lis))
    document = f"{world.gateway.base_url}/DocumentReference/{first['DocumentReference']['id']}"
    assert first["PlanDefinition"]["relatedArtifact"][0]["resource"] == document
    assert "entry" not in bring_in(world, foreign, by=lis)


# --- What is refused


def test_a_package_is_about_nobody_and_has_a_plan(world, foreign, nancy, lis):
    foreign["DocumentReference/5"] = {**document_reference("nancy"), "id": "5"}
    del foreign[next(each for each in foreign if each.startswith("PlanDefinition"))]
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, foreign, by=lis)
    assert codes(refused) == {"KPRO_PACKAGE_ABOUT_SOMEBODY", "KPRO_PACKAGE"}
    assert NANCY.cpr not in texts(refused)


def test_plans_that_contain_each_other_are_refused(world, foreign, lis):
    plan = one(foreign, "PlanDefinition")
    plan["action"].append({"definitionCanonical": f"https://plan.test.example/fhir/PlanDefinition/{plan['id']}"})
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, foreign, by=lis)
    assert texts(refused) == "To planer i pakken er dele af hinanden."


def test_what_breaks_a_rule_is_told_of_every_definition_with_its_name(world, foreign, elsewhere):
    one(foreign, "PlanDefinition")["action"][0].pop("definitionCanonical")
    activity = one(foreign, "ActivityDefinition")
    activity["extension"] = [each for each in activity["extension"] if each["url"] != ehealth.SHARING_POLICY]
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, foreign, by=elsewhere)
    named = texts(refused)
    assert "(plan): En påkrævet oplysning mangler. (PlanDefinition.action[0]: " in named
    assert "(aktivitet): En påkrævet oplysning mangler. (ActivityDefinition.extension: " in named
    assert f"extension {ehealth.SHARING_POLICY} is required)" in named
    assert rows() == before


@pytest.mark.parametrize(
    "spoiled",
    [
        {"url": ehealth.MODIFIER_ROLE, "extension": [{"url": "reference", "valueString": "mig"}]},
        {"url": ehealth.MODIFIER_ROLE, "valueString": "mig"},
        {"url": ehealth.BASE, "valueString": "min"},
        {"url": ehealth.PREDECESSOR, "valueString": "min"},
        {"url": ehealth.STATUS, "valueString": "active"},
        {"url": ehealth.VIEW_FOR, "valueString": "alle"},
        {"url": ehealth.CONTENT, "valueReference": {"reference": "#ingen"}},
    ],
    ids=lambda each: each["url"].rpartition("-")[2],
)
def test_what_is_r4_and_not_what_the_profile_says_is_refused_or_passed_over(world, foreign, lis, spoiled):
    before = rows()
    for each in foreign.values():
        others = [one for one in each.get("extension", ()) if one["url"] != spoiled["url"]]
        each["extension"] = [*others, spoiled]
    is_refused = True
    with suppress(Unprocessable):
        bring_in(world, foreign, by=lis)
        is_refused = False
    assert is_refused == (rows() == before)


def test_a_title_tells_no_cpr_number(world, foreign, elsewhere):
    one(foreign, "PlanDefinition").update(title=f"Plan for {NANCY.cpr}", action=[{"title": "tom"}])
    with pytest.raises(RuleBroken) as refused:
        bring_in(world, foreign, by=elsewhere)
    assert NANCY.cpr not in texts(refused)


@R4_FIRST
@pytest.mark.parametrize("binary", [{}, {"contentType": "application/zip"}, {"data": "AAAA"}])
def test_what_is_no_package_is_refused(world, lis, binary):
    with pytest.raises((BadRequest, RuleBroken)):
        bring_in(world, {"resourceType": "Binary", "data": None, **binary}, by=lis)


def test_it_takes_a_privilege_of_its_own_and_those_of_all_that_it_makes(world, foreign, lis):
    with pytest.raises(Forbidden):
        bring_in(world, foreign, by=replace(lis, privileges=lis.privileges - {"PlanDefinition$import"}))
    writes = {"Questionnaire.create", "View.write", "ActionGuidance.write"}
    before = rows()
    with pytest.raises(Forbidden) as refused:
        bring_in(world, foreign, by=replace(lis, privileges=lis.privileges - writes))
    assert len(refused.value.issues) == 2
    assert rows() == before
    with pytest.raises(Forbidden):
        bring_in(world, foreign, by=world.asta)


# --- Looking first


def test_looking_tells_what_would_come_and_makes_nothing(world, package, elsewhere):
    before = rows()
    looked = bring_in(world, package, by=elsewhere, preview=True)
    assert rows() == before
    assert [each["resourceType"] for each in told(looked, "made")] == ["PlanDefinition", "ActivityDefinition", "Basic"]
    assert [each["resourceType"] for each in told(looked, "here")] == ["Questionnaire", "Basic", "Basic"]
    assert told(looked, "problem") == []


def test_looking_tells_what_is_missing_beside_what_would_come(world, foreign, elsewhere):
    looked = bring_in(world, with_library(world, foreign), by=elsewhere, preview=True)
    [outcome] = told(looked, "problem")
    assert len(outcome["issue"]) == 2
    assert told(looked, "made")


# --- What is left behind


def test_it_is_one_event_that_names_what_was_made(world, foreign, lis):
    events = len(audit())
    answer = bring_in(world, foreign, by=lis)
    [event] = audit()[events:]
    assert (event["action"], event["subtype"][0]["display"]) == ("E", "$import")
    for entry in answer["entry"]:
        assert f"{entry['fullUrl']}/_history/1" in str(event["entity"])


def test_looking_leaves_an_event_that_names_nothing_as_made(world, foreign, lis):
    events = len(audit())
    for each in told(bring_in(world, foreign, by=lis, preview=True), "made"):
        assert each["id"] not in str(audit()[events:])
    assert len(audit()) == events + 1


def test_of_two_who_bring_in_the_same_at_once_one_makes_it(real_world):
    lis = real_world.staff["lis"].principal
    files = other_environment(
        opened(export(real_world, real_world.published.plan, by=lis)), real_world.gateway.base_url
    )
    before = rows()
    answers = at_the_same_time(*[lambda _: bring_in(real_world, files, by=lis)] * 3)
    assert sorted(len(each.get("entry", ())) for each in answers) == [0, 0, 6]
    assert rows()["PlanDefinition"] == before["PlanDefinition"] + 1


def test_a_plan_that_was_brought_in_can_be_taken_into_use(world, foreign, lis):
    got = bring_in(world, foreign, by=lis)
    for entry in reversed(got["entry"]):
        resource = entry["resource"]
        if resource["resourceType"] in DEFINITIONS:
            world.gateway.update({**resource, "status": "active"}, if_match="1", by=lis, now=LATER)
    plan = world.gateway.read(got["entry"][0]["fullUrl"], by=lis, now=LATER)
    assert plan["status"] == "active"
    assert Reference.parse(plan["action"][0]["definitionCanonical"]).type == "ActivityDefinition"


def test_a_plan_of_nothing_but_a_sub_plan_comes_first_in_the_answer(world, foreign, lis):
    inner = one(foreign, "PlanDefinition")
    outer = plan_definition(f"https://plan.test.example/fhir/PlanDefinition/{inner['id']}", title="Yderst")
    outer["extension"] = [each for each in inner["extension"] if each["url"] == ehealth.MODIFIER_ROLE]
    foreign["PlanDefinition/1"] = {**outer, "id": "1"}
    entries = bring_in(world, foreign, by=lis)["entry"]
    assert entries[0]["resource"]["title"] == "Yderst"
    assert entries[0]["resource"]["action"][0]["definitionCanonical"] == entries[1]["fullUrl"]
