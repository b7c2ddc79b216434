"""Bulk export from outside: asked for at the door, made by the worker process, fetched with the token of who asked."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.contexts import SYSTEM
from tests.conformance.conftest import Client
from tests.live import COMMAND, PROJECT, LiveServer
from tests.people import ASTA, NANCY
from tests.resources import care_team, organization, practitioner

ASYNC = {"Prefer": "respond-async"}
PATIENCE = 30


@pytest.fixture(scope="module")
def names(live: LiveServer) -> set[str]:
    """Practitioners that are there to be exported."""
    system = Client(live, live.token(SYSTEM))
    return {system("POST", "/Practitioner", practitioner(f"Nr. {number}")).json["id"] for number in range(3)}


class Worker:
    """The worker process of an installation: at work when somebody asks it to be, until it is killed."""

    def __init__(self, live: LiveServer) -> None:
        self._live = live
        self._process: subprocess.Popen[bytes] | None = None

    def works(self) -> None:
        if self._process is None:
            with (self._live.directory / "worker.log").open("ab") as log:
                command, environment = [*COMMAND, "worker"], self._live.environment
                self._process = subprocess.Popen(command, env=environment, cwd=PROJECT, stdout=log, stderr=log)  # noqa: S603

    def is_killed(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None


@pytest.fixture(scope="session")
def worker(live: LiveServer) -> Iterator[Worker]:
    worker = Worker(live)
    yield worker
    worker.is_killed()


def asked(client: Client, path: str = "/$export", body: Any = None) -> str:
    """Kick an export off; gives the path at which it is asked after."""
    answer = client("POST" if body else "GET", path, body, **ASYNC)
    assert answer.status == 202, answer.body
    return answer.headers["content-location"].removeprefix(client.live.base_url)


def made(client: Client, place: str) -> Any:
    """Ask until it is made; gives the manifest."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = client("GET", place)
        if answer.status == 200:
            return answer.json
        assert answer.status == 202, answer.body
        assert answer.headers["x-progress"]
        time.sleep(0.1)
    raise AssertionError("The export was not made")


def fetched(client: Client, manifest: Any) -> dict[str, list[Any]]:
    """Fetch every file; gives resources by type."""
    found = {}
    for each in manifest["output"]:
        answer = client("GET", each["url"].removeprefix(client.live.base_url))
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/fhir+ndjson"
        found[each["type"]] = [loads(line) for line in answer.body.splitlines()]
        assert len(found[each["type"]]) == each["count"]
    return found


def test_it_is_asked_for_made_and_fetched(live, system, names, worker):
    before = datetime.now(UTC)  # noqa: TID251  (the server's clock is the machine's here)
    place = asked(system, "/$export?_type=Practitioner&_outputFormat=application/fhir%2Bndjson")
    worker.works()
    manifest = made(system, place)
    assert manifest["requiresAccessToken"] is True
    assert manifest["error"] == manifest["deleted"] == []
    assert (
        manifest["request"] == f"{live.base_url}/$export?_type=Practitioner&_outputFormat=application%2Ffhir%2Bndjson"
    )
    assert before - timedelta(minutes=6) < datetime.fromisoformat(manifest["transactionTime"])
    place = manifest["output"][0]["url"].removeprefix(live.base_url)
    head, get = system("HEAD", place), system("GET", place)
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(get.body)))
    found = fetched(system, manifest)["Practitioner"]
    assert names <= {each["id"] for each in found}
    assert found[0] == system("GET", f"/Practitioner/{found[0]['id']}").json


def test_the_next_one_has_what_came_since(live, system, names, worker):
    worker.works()
    first = made(system, asked(system, "/$export?_type=Practitioner"))
    late = system("POST", "/Practitioner", practitioner("Sen")).json["id"]
    again = made(system, asked(system, f"/$export?_type=Practitioner&_since={first['transactionTime']}"))
    assert late in {each["id"] for each in fetched(system, again)["Practitioner"]}


def test_of_patients_by_post(live, system, names, worker):
    parameters = [
        {"name": "_type", "valueString": "Patient,Practitioner"},
        {"name": "_outputFormat", "valueCode": "ndjson"},
    ]
    body = {"resourceType": "Parameters", "parameter": parameters}
    crn = {"name": "crn", "valueIdentifier": {"system": ehealth.CPR, "value": NANCY.cpr}}
    who = {"name": "patient", "resource": {"resourceType": "Patient", "name": [{"family": NANCY.family}]}}
    patient = system("POST", "/Patient/$createPatient", {"resourceType": "Parameters", "parameter": [crn, who]}).json
    place = asked(system, "/Patient/$export", body)
    worker.works()
    found = fetched(system, made(system, place))
    assert found.keys() == {"Patient"}
    assert patient["id"] in {each["id"] for each in found["Patient"]}
    assert made(system, place)["request"] == f"{live.base_url}/Patient/$export"


def test_without_the_header_it_is_told_what_to_send(system):
    answer = system("GET", "/$export")
    assert (answer.status, answer.issue["diagnostics"]) == (400, "Send $export with the header Prefer: respond-async")


@pytest.mark.parametrize(
    ("method", "path", "wrong"),
    [
        ("GET", "/$export-poll-status?_pretty=true", "Give _jobId"),
        ("DELETE", "/$export-poll-status", "Give _jobId"),
        ("GET", "/$export-file?_jobId=7", "Give _file"),
        ("GET", "/$export-poll-status?_jobId=7&shoe=1", "does not offer 'shoe'"),
        ("DELETE", "/$export-poll-status?_jobId=7&shoe=1", "does not offer 'shoe'"),
        ("GET", "/$export-file?_jobId=7&_file=x&shoe=1", "does not offer 'shoe'"),
    ],
)
def test_who_may_export_is_told_what_is_wrong_and_who_may_not_that_alone(system, as_somebody, method, path, wrong):
    answer = system(method, path)
    assert (answer.status, wrong in answer.issue["diagnostics"]) == (400, True), answer.issue
    assert as_somebody(ASTA.at(system.live.base_url))(method, path).status == 403


@pytest.mark.parametrize("query", ["_outputFormat=text/csv", "_type=Spaceship", "_exportId=7", "_since=now"])
def test_what_is_not_offered_is_a_400_that_names_it(system, query):
    answer = system("GET", f"/$export?{query}", **ASYNC)
    assert answer.status == 400
    assert (
        query.partition("=")[0] in answer.issue["diagnostics"] or query.partition("=")[2] in answer.issue["diagnostics"]
    )


def test_only_with_the_privilege(live, as_somebody):
    nurse, citizen = ASTA.at(live.base_url), NANCY.at(live.base_url)
    assert as_somebody(nurse)("GET", "/$export", **ASYNC).status == 403
    assert as_somebody(citizen)("GET", "/Patient/$export", **ASYNC).status == 403
    unreadable = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueInteger": 1}]}
    assert as_somebody(nurse)("POST", "/$export", unreadable, **ASYNC).status == 403
    assert as_somebody(nurse)("POST", "/$export", {"resourceType": "Patient"}, **ASYNC).status == 403
    analyst = replace(nurse, privileges=nurse.privileges | {"$bulk-export"}, context=Context())
    assert as_somebody(analyst)("GET", "/$export", **ASYNC).status == 202


def test_another_ones_export_and_its_files_are_not_there(live, system, as_somebody, names, worker):
    nurse = ASTA.at(live.base_url)
    other = as_somebody(replace(nurse, privileges=nurse.privileges | {"$bulk-export"}, context=Context()))
    place = asked(system, "/$export?_type=Practitioner")
    worker.works()
    manifest = made(system, place)
    file = manifest["output"][0]["url"].removeprefix(live.base_url)
    assert [other(method, place).status for method in ("GET", "DELETE")] == [404, 404]
    assert other("GET", file).status == 404
    assert live.request("GET", f"/fhir{file}").status == 401
    assert system("GET", file, Accept="application/fhir+ndjson").status == 200


def test_an_export_is_there_in_the_context_that_it_was_asked_for_in_and_with_the_rights_of_then(
    live, system, as_somebody, names, worker
):
    """What somebody saw in one team is not theirs in another, nor when they may not read it any more."""
    organization_of = system("POST", "/Organization", organization("Nord")).json["id"]
    member = system("POST", "/Practitioner", practitioner()).json["id"]
    base = live.base_url
    team = care_team("Nord", ASTA) | {"managingOrganization": [{"reference": f"{base}/Organization/{organization_of}"}]}
    team["participant"][0]["member"] = {"reference": f"{base}/Practitioner/{member}"}
    team = system("POST", "/CareTeam", team).json
    rights = ASTA.at(base).privileges | {"$bulk-export"}
    asta = Principal(f"{base}/Practitioner/{member}", "PRACTITIONER", "Asta", rights, Context())
    nord = replace(asta, context=Context(care_team=f"{base}/CareTeam/{team['id']}"))
    place = asked(as_somebody(nord), "/$export?_type=Practitioner")
    worker.works()
    [file] = [each["url"].removeprefix(base) for each in made(as_somebody(nord), place)["output"]]
    assert as_somebody(nord)("GET", file).status == 200
    lesser, asked_for = replace(nord, privileges=frozenset({"$bulk-export"})), [("GET", file), ("GET", place)]
    for other, calls in ((asta, [*asked_for, ("DELETE", place)]), (lesser, asked_for)):
        assert {as_somebody(other)(*each).status for each in calls} == {404}
    assert system("PUT", f"/CareTeam/{team['id']}", {**team, "status": "inactive"}).status == 200
    assert {as_somebody(nord)(*each).status for each in [*asked_for, ("DELETE", place)]} == {403}


def test_a_cancelled_export_is_gone_with_its_files(live, system, names, worker):
    worker.is_killed()
    waiting = asked(system, "/$export?_type=Practitioner")
    assert system("DELETE", waiting).status == 202
    assert system("GET", waiting).status == 404
    finished = asked(system, "/$export?_type=Practitioner")
    worker.works()
    manifest = made(system, finished)
    assert system("DELETE", finished).status == 202
    assert system("GET", manifest["output"][0]["url"].removeprefix(live.base_url)).status == 404
    job = finished.partition("_jobId=")[2]
    assert not list((live.directory / "exports").glob(f"*/{job}"))


def test_a_worker_that_is_killed_halfway_is_followed_by_one_that_goes_on(live, system, worker):
    """Killed as soon as something is on the disk; what comes out is each resource once, whatever was half written."""
    wanted = some_hundred_organizations(system)
    worker.is_killed()
    place = asked(system, "/$export?_type=Organization")
    file = f"*/{place.partition('_jobId=')[2]}/Organization.ndjson"
    worker.works()
    deadline = time.monotonic() + PATIENCE
    while not any(path.stat().st_size for path in (live.directory / "exports").glob(file)):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    worker.is_killed()
    worker.works()
    found = [each["id"] for each in fetched(system, made(system, place))["Organization"]]
    assert len(found) == len(set(found))
    assert wanted <= set(found)


def some_hundred_organizations(system: Client) -> set[str]:
    """Give the ids of new ones, made in transactions of a hundred."""
    made: set[str] = set()
    for _ in range(3):
        entry = {"resource": organization(), "request": {"method": "POST", "url": "Organization"}}
        answer = system("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 100})
        made |= {each["resource"]["id"] for each in answer.json["entry"]}
    return made


def test_kick_off_download_and_cancel_are_in_the_log(live, system, names, worker):
    place = asked(system, "/$export?_type=Practitioner&_since=2020-01-01T00:00:00Z")
    worker.works()
    manifest = made(system, place)
    assert fetched(system, manifest)
    system("DELETE", place)
    events = system("GET", "/AuditEvent?_sort=-_lastUpdated&_count=200").json["entry"]
    said = [each["resource"] for each in events]
    named = {each["subtype"][0].get("display") for each in said}
    assert {"$export", "$export-file", "$export-poll-status"} <= named


def test_the_statement_lists_it(live):
    rest = live.request("GET", "/fhir/metadata").json["rest"][0]
    assert {"export", "export-poll-status"} <= {each["name"] for each in rest["operation"]}
    [patient] = [each for each in rest["resource"] if each["type"] == "Patient"]
    assert "export" in {each["name"] for each in patient["operation"]}


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/$export"), ("POST", "/$export-file"), ("PUT", "/Patient/$export")]
)
def test_other_methods_are_not_allowed(system, method, path):
    assert system(method, path, {"resourceType": "Parameters"}).status == 405
