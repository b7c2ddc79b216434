"""How much of R4 is offered beyond FUT is a setting: as little as FUT, or batches too."""

import pytest

from kommunalpro.fut.contexts import SYSTEM
from tests.conformance.conftest import Client
from tests.live import LiveServer
from tests.resources import organization, practitioner


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """One that is set differently, one after another."""
    return LiveServer.prepared(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def serving(installation, request):
    installation.environment |= {"KOMMUNALPRO_BUNDLES": request.param}
    with installation.serving():
        yield Client(installation, installation.token(SYSTEM))


def bundle(type, *entries):
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def post(resource, **request):
    return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"], **request}}


def declared(client):
    rest = client("GET", "/metadata").json["rest"][0]
    return {each["code"] for each in rest["interaction"]}, {
        each["type"]: {one["code"] for one in each["interaction"]} for each in rest["resource"]
    }


@pytest.mark.parametrize("serving", ["batch"], indirect=True)
def test_a_batch_is_run_where_it_is_offered(serving):
    assert declared(serving)[0] == {"transaction", "batch", "history-system"}
    good, bad = post(practitioner()), post({"resourceType": "Organization", "shoe": 42})
    answer = serving("POST", "", bundle("batch", good, bad, post(organization())))
    assert (answer.status, answer.json["type"]) == (200, "batch-response")
    responses = [each["response"] for each in answer.json["entry"]]
    assert [each["status"] for each in responses] == ["201", "422", "201"]
    assert responses[1]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1].resource.shoe"]
    assert serving("GET", answer.json["entry"][0]["fullUrl"].partition("/fhir")[2]).status == 200
    brief = serving("POST", "", bundle("batch", good, bad), Prefer="return=minimal").json["entry"]
    assert [each.keys() for each in brief] == [{"response"}, {"response"}]
    assert "outcome" in brief[1]["response"]
    many = serving("POST", "", bundle("batch", *[good] * 101))
    assert (many.status, many.issue["expression"]) == (400, ["Bundle.entry"])
    assert serving("POST", "", bundle("batch") | {"entry": 7}).status == 400
    assert serving("POST", "", bundle("batch") | {"entrys": []}).issue["expression"] == ["Bundle.entrys"]
    misspelt = post(practitioner(), ifNonExist="family=Holm")
    [refused] = serving("POST", "", bundle("batch", misspelt)).json["entry"]
    assert refused["response"]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[0].request.ifNonExist"]


@pytest.mark.parametrize("serving", ["fut"], indirect=True)
def test_as_fut_there_are_no_conditions_and_no_histories_but_of_terminology(serving):
    system, types = declared(serving)
    assert "batch" not in system
    assert {type for type, codes in types.items() if "history-instance" in codes} == {
        "CodeSystem",
        "ValueSet",
        "ConceptMap",
    }
    assert serving("GET", "/Practitioner/_history").status == 405
    assert serving("GET", "/ValueSet/_history").status == 200
    entry = post(practitioner(), ifNoneExist="family=Holm")
    answer = serving("POST", "", bundle("transaction", entry))
    assert (answer.status, answer.issue["expression"]) == (400, ["Bundle.entry[0].request"])
    assert serving("POST", "", bundle("transaction", post(practitioner()))).status == 200


@pytest.mark.parametrize("value", ["all", "True", ""])
def test_a_value_that_means_nothing_stops_the_start(installation, value):
    installation.environment |= {"KOMMUNALPRO_BUNDLES": value}
    done = installation.command("serve", check=False)
    assert done.returncode != 0
    assert "KOMMUNALPRO_BUNDLES: use fut, usual or batch." in done.stderr
