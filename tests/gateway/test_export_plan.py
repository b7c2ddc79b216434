"""`PlanDefinition/$export`: all that a plan takes, each in a file of its own, as it is stored."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, RuleBroken
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import LATER
from tests.gateway.looking import audit, rows
from tests.gateway.packages import export, opened
from tests.resources import activity_definition, document_reference, library, organization, plan_definition, to


def stored(world, resource, by=SYSTEM):
    return world.gateway.create(resource, by=by, now=LATER)


def url(world, resource):
    return f"{world.gateway.base_url}/{resource['resourceType']}/{resource['id']}"


def theirs(resource, by):
    """Give a definition of the organisation of who acts."""
    roles = [each for each in resource["extension"] if each["url"] == ehealth.MODIFIER_ROLE]
    roles[0]["extension"][0]["valueReference"]["reference"] = by.context.organization
    return resource


@pytest.fixture
def bundled(world, lis):
    """A plan with a sub-plan, two activities, a library, material and an audience."""
    here = world.gateway.base_url
    audience = url(world, stored(world, organization("Læserne")))
    rules = url(world, stored(world, library(url="https://example.org/fhir/regler")))
    material = url(world, stored(world, document_reference()))
    asked = {"type": "depends-on", "resource": world.published.questionnaire}
    read = {"type": "documentation", "resource": material}
    second = theirs(
        activity_definition(world.published.questionnaire, library=[rules], relatedArtifact=[asked, read]), lis
    )
    second["extension"].append({"url": ehealth.INTENDED_AUDIENCE, "valueReference": {"reference": audience}})
    second = url(world, stored(world, second, lis))
    inner = url(world, stored(world, theirs(plan_definition(second), lis), lis))
    steps = [{"title": "Alt", "action": [{"definitionCanonical": world.published.activity}]}]
    outer = theirs(plan_definition("", action=[*steps, {"definitionCanonical": inner}]), lis)
    made = {"plan": url(world, stored(world, outer, lis)), "inner": inner, "second": second, "here": here}
    return made | {"audience": audience, "rules": rules, "material": material}


def key(address):
    return Reference.parse(address).key


def test_it_holds_all_that_the_plan_takes_and_nothing_else(world, lis, bundled):
    files = opened(export(world, bundled["plan"], by=lis))
    wanted = {key(each) for name, each in bundled.items() if name != "here"}
    wanted |= {key(each) for each in (world.published.activity, world.published.questionnaire)}
    wanted.add(key(lis.context.organization))
    assert {each for each in files if not each.startswith("Basic/")} == wanted
    assert sum(each.startswith("Basic/") for each in files) == 3  # a View, national guidance, and the local one


def test_each_file_is_the_resource_as_it_is_stored(world, lis, bundled):
    for name, resource in opened(export(world, bundled["plan"], by=lis)).items():
        assert resource == world.gateway.read(name, by=SYSTEM, now=LATER)


def test_the_same_plan_gives_the_same_package(world, lis, bundled):
    assert export(world, bundled["plan"], by=lis) == export(world, bundled["plan"], by=lis)


def test_what_is_excluded_stays_out_with_what_only_it_refers_to(world, lis, bundled):
    files = opened(export(world, bundled["plan"], bundled["inner"], by=lis))
    assert not {key(bundled[name]) for name in ("inner", "second", "rules", "material", "audience")} & files.keys()
    assert key(world.published.questionnaire) in files
    files = opened(export(world, bundled["plan"], bundled["second"], world.published.activity, by=lis))
    assert not {"ActivityDefinition", "Questionnaire", "Basic"} & {each.partition("/")[0] for each in files}


def test_what_is_not_in_the_plan_cannot_be_kept_out_of_it(world, lis, bundled):
    for other in (world.published.plan, "ActivityDefinition/nowhere", bundled["plan"], world.published.questionnaire):
        with pytest.raises(BadRequest, match="exclude: "):
            export(world, bundled["plan"], other, by=lis)
    with pytest.raises(BadRequest, match="exclude must be a literal reference"):
        export(world, bundled["plan"], "alt", by=lis)


def test_another_organisation_s_own_guidance_is_not_handed_on(world, lis, elsewhere):
    files = opened(export(world, world.published.plan, by=elsewhere))
    assert sum(each.startswith("Basic/") for each in files) == 2


def test_the_qfdd_of_a_questionnaire_comes_along(world, lis):
    questionnaire = world.gateway.read(world.published.questionnaire, by=lis, now=LATER)
    kept = {name: each for name, each in questionnaire.items() if name not in ("id", "meta", "identifier")}
    kept["extension"] = [each for each in kept["extension"] if "ehealth-base" not in each["url"]]
    number = {"system": "urn:oid:1.2.208.176.7.3.1", "value": "hverdagen,1"}
    asked = stored(world, kept | {"identifier": [number]}, lis)
    qfdd = {"coding": [{"system": "http://loinc.org", "code": "74468-0"}]}
    shared = {"profile": [ehealth.profile("transformation-documentreference")]}
    document = stored(world, document_reference(masterIdentifier=number, type=qfdd, meta=shared))
    stored(world, document_reference(masterIdentifier=number))
    activity = stored(world, theirs(activity_definition(url(world, asked)), lis), lis)
    plan = stored(world, theirs(plan_definition(url(world, activity)), lis), lis)
    files = opened(export(world, url(world, plan), by=lis))
    assert [each for each in files if each.startswith("Document")] == [f"DocumentReference/{document['id']}"]


def test_what_is_not_there_any_more_is_named_all_at_once(world, lis):
    gone = [f"{world.gateway.base_url}/ActivityDefinition/{name}" for name in ("en", "to")]
    plan = theirs(plan_definition("", action=[{"definitionCanonical": each} for each in gone]), lis)
    with pytest.raises(RuleBroken) as refused:
        export(world, url(world, stored(world, plan, lis)), by=lis)
    assert [each.coding[1] for each in refused.value.issues] == ["KPRO_PACKAGE_REFERENCE"] * 2
    with pytest.raises(NotFound):
        export(world, "PlanDefinition/nowhere", by=lis)


@pytest.mark.embedded  # at FUT what is one citizen's is another service's, and the plan service does not take it in
def test_a_citizen_s_own_document_does_not_leave_with_a_plan(world, lis, nancy):
    """No plan may name one, but what it names may become one. Who may not see citizens is not told what it is."""
    document = stored(world, document_reference())
    artifact = {"type": "documentation", "resource": url(world, document)}
    plan = theirs(plan_definition(world.published.activity, relatedArtifact=[artifact]), lis)
    plan = url(world, stored(world, plan, lis))
    own = {**document, "subject": to(nancy.patient)}
    world.gateway.update(own, if_match=document["meta"]["versionId"], by=SYSTEM, now=LATER)
    for by, code in ((SYSTEM, "KPRO_PACKAGE_ABOUT_SOMEBODY"), (lis, "KPRO_PACKAGE_REFERENCE")):
        with pytest.raises(RuleBroken) as refused:
            export(world, plan, by=by)
        assert [each.coding[1] for each in refused.value.issues] == [code]


def test_it_takes_a_privilege_of_its_own_and_those_of_what_is_in_it(world, lis):
    for name in ("PlanDefinition$export", "Questionnaire.read"):
        with pytest.raises(Forbidden):
            export(world, world.published.plan, by=replace(lis, privileges=lis.privileges - {name}))
    with pytest.raises(Forbidden):
        export(world, world.published.plan, by=world.asta)


def test_it_changes_nothing_and_is_one_event_that_names_what_was_taken_out(world, lis):
    before, events = rows(), len(audit())
    files = opened(export(world, world.published.plan, by=lis))
    assert rows() == before
    [event] = audit()[events:]
    assert event["subtype"][0]["display"] == "$export"
    assert event["agent"][0]["who"]["identifier"]["value"] == lis.user
    for each in files:
        assert each in str(event["entity"])
