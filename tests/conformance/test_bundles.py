"""How much of R4 is offered beyond FUT is a setting: no more than FUT (strict), or batches too."""

from urllib.parse import urlencode

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.services import OPERATIONS_OF_SERVICES, SERVICE_NAMES, SERVICES, rows_at
from tests.conformance.checklist.town import numbered
from tests.conformance.conftest import Client
from tests.live import LiveServer
from tests.resources import care_team, document_reference, message, organization, practitioner, to


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """One that is set differently, one after another."""
    return LiveServer.prepared(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def serving(installation, request):
    usual = {"KOMMUNALPRO_BUNDLES": "usual", "KOMMUNALPRO_STRICT": "False"}
    installation.environment |= usual | {f"KOMMUNALPRO_{name}": value for name, value in request.param.items()}
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


@pytest.mark.parametrize("serving", [{"BUNDLES": "batch"}], indirect=True)
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
    neither = serving("POST", "", bundle("collection")).issue
    assert neither["details"]["text"] == "Kun transaktioner og batches kan modtages her."
    assert neither["diagnostics"] == "Bundle.type must be transaction or batch"
    misspelt = post(practitioner(), ifNonExist="family=Holm")
    [refused] = serving("POST", "", bundle("batch", misspelt)).json["entry"]
    assert refused["response"]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[0].request.ifNonExist"]


def at(serving, service, method, path, body=None, **headers):
    """Ask one of the services at its own base."""
    return serving.live.request(method, f"/{service}/fhir{path}", body, token=serving.token, headers=headers)


@pytest.mark.parametrize("serving", [{"STRICT": "True"}], indirect=True)
def test_strict_each_service_offers_what_it_declares_and_no_more(serving):
    is_declared_by_the_union(serving)
    each_service_has_its_own_types_at_its_own_base(serving)
    what_is_stored_is_called_as_its_service_calls_it(serving)
    transactions_are_of_the_types_of_a_course_of_care_and_without_conditions(serving)
    what_cannot_be_read_is_refused_as_it_is_elsewhere(serving)
    each_service_is_searched_by_what_it_declares(serving)
    each_service_has_its_own_of_a_type_that_several_have(serving)
    the_log_says_which_service_was_asked(serving)
    the_common_address_knows_what_a_service_calls_everything(serving)


def is_declared_by_the_union(serving):
    system, types = declared(serving)
    assert system == {"transaction", "history-system"}
    with_history = {type for type, codes in types.items() if "history-instance" in codes}
    assert with_history == {type for type in SERVICES if rows_at(type, "terminology")}
    assert serving("GET", "/Practitioner/_history").status == 405
    assert serving("GET", "/ValueSet/_history").status == 200


def each_service_has_its_own_types_at_its_own_base(serving):
    for name in SERVICE_NAMES:
        said = at(serving, name, "GET", "/metadata").json
        [rest] = said["rest"]
        assert said["implementation"]["url"] == f"{serving.live.url}/{name}/fhir"
        assert {each["type"] for each in rest["resource"]} == {type for type in SERVICES if rows_at(type, name)}
        assert {"code": "transaction"} not in rest["interaction"] or name == "careplan"
        operations = {f"${each['name']}" for each in rest["operation"]} & OPERATIONS_OF_SERVICES.keys()
        assert operations == {each for each, service in OPERATIONS_OF_SERVICES.items() if service == name}
    assert at(serving, "task", "GET", "/Practitioner").status == 404
    assert at(serving, "task", "POST", "/$submit-measurement").status == 501
    assert at(serving, "audit", "GET", "/AuditEvent").status == 404
    assert serving.live.request("GET", "/task/fhir/Task").status == 401, "and without a token nothing"


def what_is_stored_is_called_as_its_service_calls_it(serving):
    above = at(serving, "organization", "POST", "/Organization", organization("Region Ny"))
    base = f"{serving.live.url}/organization/fhir"
    assert above.status == 201
    assert above.headers["location"].startswith(f"{base}/Organization/")
    url = above.headers["location"].partition("/_history")[0]
    below = organization("Ny Afdeling") | {"partOf": {"reference": url}}
    assert at(serving, "organization", "POST", "/Organization", below).json["partOf"]["reference"] == url
    found = at(serving, "organization", "GET", f"/Organization?{urlencode({'partof': url})}").json
    assert found["entry"][0]["fullUrl"].startswith(f"{base}/Organization/")
    plain = serving("GET", "/Organization?name=Ny%20Afdeling").json["entry"][0]["resource"]
    assert plain["partOf"]["reference"].startswith(f"{serving.live.base_url}/Organization/"), "of one name inside"


def what_cannot_be_read_is_refused_as_it_is_elsewhere(serving):
    search = "/Organization/_search"
    for body in (b"{", b"\xff", b'{"resourceType": "Organization", "name": "a", "name": "b"}', b"9" * 3_000_000):
        assert sends(serving, "/Organization", body) == sends(serving, "/Organization", body, at="")
    for body in (b"name=%ff", b"name=\xff", b"&".join([b"name=a"] * 300)):
        assert sends(serving, search, body) == sends(serving, search, body, at="")
    whole = at(serving, "organization", "HEAD", "/Organization?name=Ny")
    assert (whole.status, whole.body) == (200, b"")


def sends(serving, path, body, *, at="/organization"):
    media = "x-www-form-urlencoded" if path.endswith("_search") else "fhir+json"
    headers = {"Content-Type": f"application/{media}"}
    answer = serving.live.request("POST", f"{at}/fhir{path}", body, token=serving.token, headers=headers)
    assert answer.status >= 400
    return answer.status, [each.get("diagnostics") for each in answer.json["issue"]]


def each_service_is_searched_by_what_it_declares(serving):
    for base in ("/careplan/fhir", "/fhir"):
        assert is_refused(get(serving, f"{base}/EpisodeOfCare?_id=7"), "EpisodeOfCare: _id")
        along = get(serving, f"{base}/EpisodeOfCare?_include=EpisodeOfCare:patient")
        assert is_refused(along, "_include=EpisodeOfCare:patient")
        assert get(serving, f"{base}/EpisodeOfCare?status=active&_include=EpisodeOfCare:condition").status == 200
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    posted = at(serving, "measurement", "POST", "/QuestionnaireResponse/_search", b"_id=7", **form)
    assert is_refused(posted, "QuestionnaireResponse: _id")
    once = at(serving, "organization", "POST", "/Organization", organization(), **{"If-None-Exist": "relatedTo=7"})
    assert is_refused(once, "Organization: relatedTo")
    read = {"request": {"method": "GET", "url": "EpisodeOfCare?_id=7"}}
    assert is_refused(at(serving, "careplan", "POST", "", bundle("transaction", read)), "EpisodeOfCare: _id")
    exported = urlencode({"_typeFilter": "EpisodeOfCare?_id=7", "_type": "EpisodeOfCare"})
    assert is_refused(serving("GET", f"/$export?{exported}", Prefer="respond-async"), "EpisodeOfCare: _id")


def each_service_has_its_own_of_a_type_that_several_have(serving):
    """Messages are the patient service's, annotations the measurement service's; material for all is the plan's."""
    nancy, given = message_to_nancy(serving)
    made = at(serving, "patient", "POST", "/Communication", given)
    assert made.status == 201, made.body
    base, path = f"{serving.live.url}/patient/fhir", f"/Communication/{made.json['id']}"
    assert made.headers["location"].startswith(f"{base}{path}/")
    refused = at(serving, "measurement", "POST", "/Communication", given)
    assert (refused.status, "the patient service's" in refused.issue["diagnostics"]) == (422, True)
    for service, status in (("patient", 200), ("measurement", 404), ("careplan", 404)):
        assert at(serving, service, "GET", path).status == status
    query = f"/Communication?{urlencode({'recipient': nancy})}"
    assert [each["fullUrl"] for each in at(serving, "patient", "GET", query).json["entry"]] == [f"{base}{path}"]
    assert "entry" not in at(serving, "measurement", "GET", query).json
    assert at(serving, "careplan", "PATCH", path, []).status == 405, "an assignment is not patched"
    assert serving("GET", path).status == 200, "and at the one base all of them are"
    document = at(serving, "plan", "POST", "/DocumentReference", document_reference()).json["id"]
    for service, status in (("plan", 200), ("careplan", 404)):
        assert at(serving, service, "GET", f"/DocumentReference/{document}").status == status
    for service, status in (("careplan", 400), ("measurement", 200), ("organization", 200), ("task", 404)):
        assert at(serving, service, "GET", "/Provenance?target=Media/7&recorded=2026").status == status
    for type in ("QuestionnaireResponse", "Observation"):
        along = f"/{type}?subject=7&_revinclude=Provenance:target"
        assert at(serving, "measurement", "GET", along).status == 200


def message_to_nancy(serving):
    """Make a message from a team to somebody who is new, as it is sent; gives her URL with it."""
    stored = at(serving, "organization", "POST", "/Organization", organization()).json
    team = at(serving, "organization", "POST", "/CareTeam", care_team("Nord", organization=stored["id"])).json
    person = {"resourceType": "Patient", "name": [{"family": "Holm"}]}
    asked = parameters({"name": "crn", "valueIdentifier": numbered()}, {"name": "patient", "resource": person})
    nancy = at(serving, "patient", "POST", "/Patient/$createPatient", asked).json
    url = f"{serving.live.url}/patient/fhir/Patient/{nancy['id']}"
    unread = message(nancy["id"])["extension"][0]
    sender = to(f"{serving.live.url}/organization/fhir/CareTeam/{team['id']}")
    said = [unread, {"url": ehealth.SENDER_CARE_TEAM, "valueReference": sender}]
    return url, message(nancy["id"], extension=said, subject=to(url), recipient=[to(url)])


def get(serving, address):
    return serving.live.request("GET", address, token=serving.token)


def is_refused(answer, what):
    return answer.status == 400 and what in answer.issue["diagnostics"]


def transactions_are_of_the_types_of_a_course_of_care_and_without_conditions(serving):
    assert at(serving, "organization", "POST", "", bundle("transaction")).status == 405
    nobodys = bundle("transaction", post(practitioner()))
    for answer in (serving("POST", "", nobodys), at(serving, "careplan", "POST", "", nobodys)):
        assert (answer.status, answer.issue["expression"]) == (400, ["Bundle.entry[0].request"])
    conditional = post({"resourceType": "Goal"}, ifNoneExist="identifier=7")
    answer = at(serving, "careplan", "POST", "", bundle("transaction", conditional))
    assert (answer.status, answer.issue["expression"]) == (400, ["Bundle.entry[0].request"])


@pytest.mark.parametrize("value", ["all", "True", ""])
def test_a_value_that_means_nothing_stops_the_start(installation, value):
    installation.environment |= {"KOMMUNALPRO_BUNDLES": value}
    done = installation.command("serve", check=False)
    assert done.returncode != 0
    assert "KOMMUNALPRO_BUNDLES: use usual or batch." in done.stderr


def the_log_says_which_service_was_asked(serving):
    for trace, base in (("a" * 32, "/patient/fhir"), ("b" * 32, "/fhir")):
        serving.live.request("GET", f"{base}/Patient/nobody", token=serving.token, headers={"X-B3-TraceId": trace})
        [found] = serving("GET", f"/AuditEvent?entity:identifier={trace}").json["entry"]
        assert found["resource"]["source"]["observer"]["identifier"]["value"] == f"{serving.live.url}{base}"


def the_common_address_knows_what_a_service_calls_everything(serving):
    """Tokens and answers name what the services name; whoever asks all of them at once asks by those names too."""
    above = at(serving, "organization", "POST", "/Organization", organization("Region Fælles"))
    theirs = above.headers["location"].partition("/_history")[0]
    below = serving("POST", "/Organization", organization("Fælles Afdeling") | {"partOf": {"reference": theirs}})
    ours = f"{serving.live.base_url}/Organization/{above.json['id']}"
    assert below.json["partOf"]["reference"] == ours
    for named in (theirs, ours):
        found = serving("GET", f"/Organization?{urlencode({'partof': named})}").json
        assert [each["resource"]["id"] for each in found["entry"]] == [below.json["id"]]
