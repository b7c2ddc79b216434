"""A plan goes from one environment to another as a package, over HTTP: out here, in there, and out again."""

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.privileges import privileges_of
from tests import resources as made
from tests.conformance.conftest import Client
from tests.gateway.packages import in_zip, opened, zipped
from tests.live import LiveServer
from tests.people import ASTA, LIS, Staff
from tests.unit.definitions.folders import read

EVERYDAY = "hverdagen-med-kronisk-sygdom"


@dataclass
class Place:
    """An environment with an organisation of a SOR number, its team, and those who work there, by key."""

    live: LiveServer
    organization: str
    team: str
    people: dict[str, str]

    def by(self, person: Staff, *, without: str = "") -> Client:
        """Give somebody of the organisation."""
        base = self.live.base_url
        chosen = Context(f"{base}/Organization/{self.organization}", f"{base}/CareTeam/{self.team}")
        roles, user = privileges_of(person.roles) - {without}, f"{base}/Practitioner/{self.people[person.key]}"
        return Client(self.live, self.live.token(Principal(user, "PRACTITIONER", person.name, roles, chosen)))

    def everything(self, type: str) -> int:
        """Count what there is of a type."""
        return Client(self.live, self.live.token(SYSTEM))("GET", f"/{type}?_summary=count").json["total"]


def place(live: LiveServer, sor: str) -> Place:
    resource = {**made.organization("Sundhedshuset"), "identifier": [{"system": ehealth.SOR, "value": sor}]}
    # Of the municipality whose national content may be here.
    resource["extension"].append({"url": ehealth.ORGANIZATION_CVR_NUMBER, "valueString": "12345678"})
    system = Client(live, live.token(SYSTEM))

    def store(each: Any) -> str:
        return str(done(system("POST", f"/{each['resourceType']}", each), 201)["id"])

    organization = store(resource)
    people = {each.key: store(made.practitioner(each.name)) for each in (LIS, ASTA)}
    members = (replace(each, key=people[each.key]) for each in (LIS, ASTA))
    return Place(live, organization, store(made.care_team("Huset", *members, organization=organization)), people)


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status == status, answer.body
    return answer.json


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Another environment, with a base URL of its own."""
    with LiveServer.started(tmp_path_factory.mktemp("other"), NATIONAL_OWNERS="cvr:12345678") as other:
        yield other


@pytest.fixture
def sor():
    return str(uuid4().int)[:15]


@pytest.fixture
def here(live, sor):
    return place(live, sor)


@pytest.fixture
def there(other, sor):
    return place(other, sor)


@pytest.fixture
def plan(here):
    """A published plan of the organisation here, with a View in use; gives its id."""
    lis, base = here.by(LIS), here.live.base_url

    def publish(resource):
        stored = done(lis("POST", f"/{resource['resourceType']}", resource), 201)
        return f"{base}/{resource['resourceType']}/{stored['id']}"

    asked = publish(
        made.questionnaire(here.organization, status="active", item=read(EVERYDAY, "questionnaire.json")["item"])
    )
    view = made.basic(read(EVERYDAY, "view.json"), owner=here.organization, status="active")
    kind = {"system": "http://hl7.org/fhir/resource-types", "code": "Questionnaire"}
    bound = [{"url": "forType", "valueCoding": kind}, {"url": "forReference", "valueReference": {"reference": asked}}]
    view["extension"].append({"url": ehealth.VIEW_FOR, "extension": bound})
    publish(view)
    activity = publish(made.activity_definition(asked, here.organization, status="active"))
    return publish(made.plan_definition(activity, here.organization, status="active")).rpartition("/")[2]


def exported(place, plan, **by):
    return done(place.by(LIS, **by)("GET", f"/PlanDefinition/{plan}/$export"))


def asked(binary, **more):
    return parameters({"name": "planDefinitionPackage", "resource": binary}, *more.get("parameters", ()))


def said(files):
    """Give what a package says, without addresses and what the servers add."""
    names = ("version", "item", "kind", "topic", "code", "contained")
    return sorted(
        (str(each["resourceType"]), str({name: each[name] for name in names if name in each}))
        for each in files.values()
        if each["resourceType"] != "Organization"
    )


def test_a_plan_goes_to_another_environment_and_comes_back_as_it_was(here, there, plan):
    package = exported(here, plan)
    assert (package["resourceType"], package["contentType"]) == ("Binary", "application/zip")
    answer = done(there.by(LIS)("POST", "/PlanDefinition/$import", asked(package)))
    got = [each["resource"] for each in answer["entry"]]
    assert [each["resourceType"] for each in got] == ["PlanDefinition", "ActivityDefinition", "Questionnaire", "Basic"]
    assert {each.get("status", "draft") for each in got} == {"draft"}
    assert here.live.base_url not in str(answer)
    assert got[0]["action"][0]["definitionCanonical"] == answer["entry"][1]["fullUrl"]
    for each in reversed(got[:3]):
        used = {**each, "status": "active"}
        done(there.by(LIS)("PUT", f"/{each['resourceType']}/{each['id']}", used, If_Match='W/"1"'))
    [view] = (each for each in got if each["resourceType"] == "Basic")
    status = next(each for each in view["extension"] if each["url"] == ehealth.STATUS)
    status["valueCoding"]["code"] = "active"
    done(there.by(LIS)("PUT", f"/Basic/{view['id']}", view, If_Match='W/"1"'))
    back = opened(exported(there, got[0]["id"]))
    assert said(back) == said(opened(package))
    again = done(here.by(LIS)("POST", "/PlanDefinition/$import", asked(zipped(back))))
    assert "entry" not in again


def test_the_binary_may_be_sent_bare_and_the_same_twice_makes_nothing_more(here, there, plan):
    package, lis = exported(here, plan), there.by(LIS)
    assert len(done(lis("POST", "/PlanDefinition/$import", package))["entry"]) == 4
    before = there.everything("PlanDefinition")
    assert "entry" not in done(lis("POST", "/PlanDefinition/$import", package))
    assert there.everything("PlanDefinition") == before


def test_looking_first_makes_nothing(here, there, plan):
    before = there.everything("PlanDefinition")
    look = {"name": "preview", "valueBoolean": True}
    answer = done(there.by(LIS)("POST", "/PlanDefinition/$import", asked(exported(here, plan), parameters=[look])))
    assert [each["name"] for each in answer["parameter"]] == [*["made"] * 4, "matched"]
    assert there.everything("PlanDefinition") == before


def test_another_organisation_of_the_same_environment_gets_its_own(here, live, plan):
    neighbour = place(live, str(uuid4().int)[:15])
    answer = done(neighbour.by(LIS)("POST", "/PlanDefinition/$import", asked(exported(here, plan))))
    owned = [each["resource"] for each in answer["entry"]]
    assert [each["resourceType"] for each in owned] == ["PlanDefinition", "ActivityDefinition"]
    assert all(f"Organization/{neighbour.organization}" in str(each["extension"]) for each in owned)


def test_an_excluded_activity_stays_out_by_get_and_by_post(here, plan):
    lis = here.by(LIS)
    activity = next(each for each in opened(exported(here, plan)) if each.startswith("ActivityDefinition"))
    by_get = done(lis("GET", f"/PlanDefinition/{plan}/$export?exclude={here.live.base_url}/{activity}"))
    assert {each.partition("/")[0] for each in opened(by_get)} == {"PlanDefinition", "Organization"}
    body = parameters({"name": "exclude", "valueString": activity})
    assert done(lis("POST", f"/PlanDefinition/{plan}/$export", body)) == by_get
    assert lis("GET", f"/PlanDefinition/{plan}/$export?exclude=Library/1").status == 400


def test_what_is_not_there_is_named_and_nothing_is_made(here, other, plan):
    stranger = place(other, str(uuid4().int)[:15])
    files = opened(exported(here, plan))
    activity = next(each for each in files.values() if each["resourceType"] == "ActivityDefinition")
    owner = f"{here.live.base_url}/Organization/{here.organization}"
    activity["extension"].append({"url": ehealth.INTENDED_AUDIENCE, "valueReference": {"reference": owner}})
    activity["library"] = [f"{here.live.base_url}/Library/7"]
    files["Library/7"] = {**made.library(url=f"https://example.org/{uuid4()}"), "id": "7"}
    before = {type: stranger.everything(type) for type in ("PlanDefinition", "Questionnaire", "Library")}
    answer = stranger.by(LIS)("POST", "/PlanDefinition/$import", asked(zipped(files)))
    assert answer.status == 422
    codes = [each["details"]["coding"][0]["code"] for each in answer.json["issue"]]
    assert codes == ["KPRO_PACKAGE_UNMATCHED"] * 2
    assert before == {type: stranger.everything(type) for type in before}


@pytest.mark.parametrize(
    ("binary", "codes"),
    [
        ({"data": b64encode(b"ikke en zip").decode()}, {"KPRO_PACKAGE"}),
        ({"data": "%%%"}, {None}),
        (in_zip([("../ud.json", b"{}"), ("billede.png", b"x")]), {"KPRO_PACKAGE"}),
        (in_zip([("bombe.json", bytes(9_000_000))]), {"KPRO_PACKAGE"}),
        (in_zip([("borger.json", b'{"resourceType":"Patient","id":"1"}'), ("brudt.json", b"{")]), {"KPRO_PACKAGE"}),
        ({}, {None}),
    ],
    ids=["no zip", "no base64", "names", "bomb", "content", "no data"],
)
def test_what_is_no_package_is_refused(there, binary, codes):
    sent = {"resourceType": "Binary", "contentType": "application/zip"} | binary
    answer = there.by(LIS)("POST", "/PlanDefinition/$import", asked(sent))
    assert answer.status in (400, 422)
    assert {each["details"].get("coding", [{}])[0].get("code") for each in answer.json["issue"]} == codes


def test_both_take_a_privilege_of_their_own(here, plan):
    package = exported(here, plan)
    assert here.by(LIS, without="PlanDefinition$export")("GET", f"/PlanDefinition/{plan}/$export").status == 403
    assert here.by(LIS, without="PlanDefinition$import")("POST", "/PlanDefinition/$import", package).status == 403
    assert here.by(ASTA)("GET", f"/PlanDefinition/{plan}/$export").status == 403
    assert here.by(replace(ASTA, roles=("clinicalViewer",)))("POST", "/PlanDefinition/$import", package).status == 403
    assert here.live.request("GET", f"/fhir/PlanDefinition/{plan}/$export").status == 401


def test_both_are_declared_where_they_are_offered(live, system):
    rest = live.request("GET", "/fhir/metadata").json["rest"][0]
    [plans] = (each for each in rest["resource"] if each["type"] == "PlanDefinition")
    assert {"export", "import"} <= {each["name"] for each in plans["operation"]}
    paths = system("GET", "/openapi.json").json["paths"]
    assert paths["/PlanDefinition/{id}/$export"].keys() == {"get", "post"}
    assert paths["/PlanDefinition/$import"].keys() == {"post"}
