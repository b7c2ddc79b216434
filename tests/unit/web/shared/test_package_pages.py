"""A clinical administrator takes plans out and brings them in: what the pages offer, and what they say no to."""

from base64 import b64decode, b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from kommunalpro.config import wiring
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.web.kam.presenters.packages import file_name
from tests.gateway.packages import opened, other_environment, zipped
from tests.unit.web.shared.conftest import words

BRING_IN = "/kam/planer/hent-ind/"


@pytest.fixture
def plan(world):
    """The address of a plan's page."""
    return f"/kam/planer/{Reference.parse(world.published.plan).id}/"


@pytest.fixture
def package(visit, plan):
    """A plan as it is taken out."""
    answer = visit("lis").post(f"{plan}pakke/")
    assert answer["Content-Type"] == "application/zip"
    return answer.content


@pytest.fixture
def foreign(world, package):
    """The same of another environment."""
    files = other_environment(opened({"data": b64encode(package).decode()}), world.gateway.base_url)
    return b64decode(zipped(files)["data"])


def upload(lis, content, name="plan.zip"):
    return lis.post(BRING_IN, {"file": SimpleUploadedFile(name, content)})


def accept(lis, content):
    return lis.post(BRING_IN, {"carried": b64encode(content).decode()})


def test_what_is_accepted_is_made_and_its_page_is_the_next(visit, foreign):
    lis = visit("lis")
    looked = words(upload(lis, foreign))
    assert b64encode(foreign).decode() in looked
    answer = accept(lis, foreign)
    assert answer.status_code == 302
    assert "Kladde" in words(lis.get(answer["Location"]))
    assert accept(lis, foreign)["Location"] == "/kam/planer/"


def test_looking_makes_nothing(visit, foreign, world):
    lis, by = visit("lis"), world.staff["lis"].principal
    count = [("_summary", "count")]
    before = world.gateway.search("PlanDefinition", count, by=by, now=wiring.clock().now())["total"]
    assert "Intet er gemt endnu." in words(upload(lis, foreign))
    assert world.gateway.search("PlanDefinition", count, by=by, now=wiring.clock().now())["total"] == before


def test_what_came_between_looking_and_accepting_is_told(visit, foreign, world):
    lis = visit("lis")
    id = accept(lis, foreign)["Location"].split("/")[-2]
    by, now = world.staff["lis"].principal, wiring.clock().now()
    draft = world.gateway.read(f"PlanDefinition/{id}", by=by, now=now)
    world.gateway.update({**draft, "title": "Rettet her"}, if_match="1", by=by, now=now)
    answer = accept(lis, foreign)
    assert answer.status_code == 422
    assert "Der er allerede en kladde" in words(answer)


def test_what_keeps_a_package_out_is_english_on_an_english_page(visit, foreign):
    files = {
        name: text
        for name, text in opened({"data": b64encode(foreign).decode()}).items()
        if "Questionnaire" not in name
    }
    lis = visit("lis")
    lis.cookies["django_language"] = "en"
    page = words(upload(lis, b64decode(zipped(files)["data"])))
    assert "Something that is referred to is neither in the package nor here: Questionnaire/" in page
    assert "henviser til" not in page


@pytest.mark.parametrize("carried", ["", "%%%", b64encode(b"hej").decode()])
def test_what_was_spoiled_on_the_way_is_asked_for_again(visit, carried):
    answer = visit("lis").post(BRING_IN, {"carried": carried})
    assert answer.status_code == 422
    assert "Pakken kan ikke indlæses" in words(answer)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=2_000_000)
def test_a_file_that_the_next_page_could_not_carry_on_is_too_large(visit):
    answer = upload(visit("lis"), bytes(1_400_001))
    assert answer.status_code == 422
    assert "Filen fylder for meget: højst 1,4 MB." in words(answer)


def test_what_a_plan_refers_to_and_is_gone_is_told_on_its_page(visit, world):
    gateway, now = world.gateway, wiring.clock().now()
    there = gateway.read(world.published.plan, by=SYSTEM, now=now)
    kept = {name: each for name, each in there.items() if name not in ("id", "meta", "identifier", "approvalDate")}
    kept["extension"] = [each for each in kept["extension"] if each["url"] == ehealth.MODIFIER_ROLE]
    kept["action"] = [{"definitionCanonical": f"{gateway.base_url}/ActivityDefinition/vaek"}]
    made = gateway.create({**kept, "status": "draft"}, by=SYSTEM, now=now)
    answer = visit("lis").post(f"/kam/planer/{made['id']}/pakke/")
    assert answer.status_code == 422
    assert "ActivityDefinition/vaek findes ikke mere" in words(answer)


def test_only_who_may_is_offered_it(visit, plan, world):
    lis = visit("lis")
    assert "Gem som pakke" in words(lis.get(plan))
    assert "Indlæs en plan" in words(lis.get("/kam/planer/"))
    without(world, "clinicalAdministrator")
    assert "Gem som pakke" not in words(lis.get(plan))
    assert "Indlæs en plan" not in words(lis.get("/kam/planer/"))
    assert lis.post(f"{plan}pakke/").status_code == 403
    assert visit("asta").get(BRING_IN).status_code == 403


def test_what_one_may_not_make_is_told_before_anything_is_made(visit, foreign, world):
    lis = visit("lis")
    without(world, "questionnaireEditor")
    answer = upload(lis, foreign)
    assert answer.status_code == 422
    assert "Du har ikke adgang til at lave: spørgeskema." in words(answer)
    assert accept(lis, foreign).status_code == 403


def without(world, role):
    """Take a role in her team from Lis."""
    gateway, now = world.gateway, wiring.clock().now()
    lis = world.staff["lis"].principal
    team = gateway.read(lis.context.care_team, by=SYSTEM, now=now)
    for each in team["participant"]:
        if each["member"]["reference"] == lis.user:
            each["role"] = [one for one in each["role"] if one["coding"][0]["code"] != role]
    gateway.update(team, if_match=team["meta"]["versionId"], by=SYSTEM, now=now)


@pytest.mark.parametrize(
    ("title", "version", "name"),
    [
        ("Opfølgning på året", "1.10", "plan-opfoelgning-paa-aaret-1-10.zip"),
        ('../"Ud"\r\nSet-Cookie: x', "", "plan-ud-set-cookie-x.zip"),
        ("日本", "", "plan-.zip"),
    ],
)
def test_a_file_is_called_what_any_machine_can_store(title, version, name):
    assert file_name({"title": title, "version": version}) == name
