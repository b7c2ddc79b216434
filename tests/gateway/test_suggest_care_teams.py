"""`$suggest-care-teams`: which teams of a region or a municipality could see to a plan, by what they work with."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fut.contexts import SYSTEM
from tests import resources as made
from tests.gateway.answering import LATER
from tests.gateway.marks import NOT_CHANGED

DIABETES, COPD, ANGINA = "DE11", "DJ44", "DI25"
HERE, REGION = "0851", "DK-81"


def create(world, resource):
    return own_url(world.gateway.base_url, world.gateway.create(resource, by=SYSTEM, now=LATER))


def change(world, url, **changes):
    current = world.gateway.read(url, by=SYSTEM, now=LATER)
    world.gateway.update({**current, **changes}, if_match=current["meta"]["versionId"], by=SYSTEM, now=LATER)


def organization(world, name, **codes):
    urls = {
        "region": ehealth.ORGANIZATION_REGION_CODE,
        "municipality": ehealth.ORGANIZATION_MUNICIPALITY_CODE,
    }
    resource = made.organization(name)
    places = [{"url": urls[kind], "valueString": code} for kind, code in codes.items()]
    return create(world, {**resource, "extension": [*resource["extension"], *places]})


def concept(code):
    return {"coding": [{"system": ehealth.SKS_DIAGNOSES, "code": code}]}


def team(world, name, managed_by, *codes):
    found = made.care_team(name) | {
        "reasonCode": [concept(code) for code in codes],
        "managingOrganization": [{"reference": managed_by}],
    }
    return create(world, found)


@pytest.fixture
def teams(world):
    """Teams by name, in two municipalities of a region and in the region itself."""
    here = organization(world, "Her", municipality=HERE, region=REGION)
    near = organization(world, "Nabo", municipality="08510", region=REGION)
    region = organization(world, "Regionen", region=REGION)
    asked = {
        "B": (here, DIABETES),
        "A": (here, COPD, DIABETES, ANGINA),
        "C": (here, COPD),
        "D": (near, DIABETES),
        "E": (region, DIABETES, ANGINA),
    }
    return {name: team(world, name, *rest) for name, rest in asked.items()}


@pytest.fixture
def plan(nancy):
    """Nancy's plan, for her diabetes."""
    nancy.gets()
    [entry] = nancy.world.gateway.search("CarePlan", [("episodeOfCare", nancy.episode)], by=SYSTEM, now=LATER)["entry"]
    return entry["fullUrl"]


@pytest.fixture
def asta(nancy):
    return nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)


def suggest(nancy, plan, by, **named):
    given = parameters(*({"name": name, "valueString": code} for name, code in named.items()))
    gateway, target = nancy.world.gateway, Reference.parse(plan).key
    return gateway.operation("$suggest-care-teams", given, target=target, by=by, now=LATER)


def names(answer, type="CareTeam"):
    assert answer["type"] == "searchset"
    return [each["name"] for each in resources(answer, type)]


@pytest.mark.usefixtures("teams")
def test_the_teams_there_that_work_with_it_and_who_manages_them(nancy, plan, asta):
    whole_region = ["A", "B", "D", "E"], {"Her", "Nabo", "Regionen"}
    for places, (expected, managed_by) in (
        ({"municipalityCode": HERE}, (["A", "B"], {"Her"})),
        ({"regionCode": REGION}, whole_region),
        ({"regionCode": REGION, "municipalityCode": "08510"}, whole_region),
        ({"municipalityCode": "085"}, ([], set())),  # the beginning of a code is no code
        ({"municipalityCode": "0851,08510"}, ([], set())),  # nor are two
        ({"regionCode": "DK-99"}, ([], set())),
    ):
        answer = suggest(nancy, plan, asta, **places)
        assert names(answer) == expected
        assert {*names(answer, "Organization")} == managed_by
        assert answer["total"] == len(expected)
        modes = {each["resource"]["resourceType"]: each["search"]["mode"] for each in answer.get("entry", ())}
        assert modes == ({"CareTeam": "match", "Organization": "include"} if expected else {})


@NOT_CHANGED
@pytest.mark.usefixtures("teams")
def test_of_several_codes_for_one_condition_one_is_enough(world, nancy, plan, asta):
    [condition] = world.gateway.read(plan, by=SYSTEM, now=LATER)["addresses"]
    both = [concept(ANGINA)["coding"][0], concept(COPD)["coding"][0]]
    change(world, condition["reference"], code={"coding": both})
    assert names(suggest(nancy, plan, asta, municipalityCode=HERE)) == ["A", "C"]


def test_a_team_that_is_closed_is_not_suggested(world, nancy, plan, asta, teams):
    change(world, teams["A"], status="inactive")
    assert names(suggest(nancy, plan, asta, municipalityCode=HERE)) == ["B"]


@pytest.mark.usefixtures("teams")
def test_what_is_suggested_can_be_put_on(world, nancy, plan, asta, teams):
    [first, *_] = resources(suggest(nancy, plan, asta, municipalityCode=HERE), "CareTeam")
    added = {"name": "addCareTeams", "valueReference": {"reference": own_url(world.gateway.base_url, first)}}
    target = Reference.parse(plan).key
    gateway = world.gateway
    changed = gateway.operation("$update-care-teams", parameters(added), target=target, by=asta, now=LATER)
    assert changed["careTeam"][-1] == {"reference": teams["A"]}


def test_a_place_is_named(nancy, plan, asta):
    with pytest.raises(BadRequest):
        suggest(nancy, plan, asta)


def test_it_takes_its_privilege_and_that_one_sees_the_plan(world, nancy, plan, asta):
    chosen = {"patient": nancy.patient, "episode_of_care": nancy.episode}
    for by in (world.staff["lis"].principal.within(**chosen), nancy.self, world.asta):
        with pytest.raises(Forbidden):
            suggest(nancy, plan, by, municipalityCode=HERE)
    for outsider in (world.bo, world.kim):
        with pytest.raises(NotFound):
            suggest(nancy, plan, outsider.within(**chosen), municipalityCode=HERE)
    with pytest.raises(NotFound):
        suggest(nancy, "CarePlan/nothing", asta, municipalityCode=HERE)
