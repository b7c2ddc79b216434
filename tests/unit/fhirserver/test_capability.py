"""The CapabilityStatement says what the server does, no more and no less."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kommunalpro.fhir.outcome import UnknownParameter
from kommunalpro.fhir.structure import validate
from kommunalpro.fhirserver.access import Everything
from kommunalpro.fhirserver.capability import capability_statement
from kommunalpro.fhirserver.http.routes import ROUTES
from kommunalpro.fhirserver.offers import Offers
from kommunalpro.fhirserver.search.query import QueryReader
from kommunalpro.fut.operations import OPERATIONS
from kommunalpro.fut.rules import EHealthRules
from kommunalpro.fut.searches import declared
from kommunalpro.fut.services import SERVICE_NAMES, SERVICES, rows_at
from tests.store.cast import BASE, make_server

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORDS = {"search": ("search-type",), "history": ("history-instance", "history-type")}
EXAMPLES = {
    "token": "x",
    "reference": f"{BASE}/X/1",
    "quantity": "5.4",
    "composite": "a$5",
    "date": "2026",
    "string": "x",
    "uri": "http://x",
}
OF_NAME = {"_id": "nobody", "consentOverride": "false"}


def all_of_it(_):
    return Everything()


@pytest.fixture(scope="module")
def server():
    return make_server()


@pytest.fixture(scope="module")
def rest(server):
    return capability_statement(server, NOW)["rest"][0]


def test_it_is_r4(server):
    assert validate(capability_statement(server, NOW)) == ()


def test_it_lists_every_type_with_what_its_service_lets_clients_do(rest):
    declared = {each["type"]: {one["code"] for one in each["interaction"]} for each in rest["resource"]}
    assert declared == {
        type: {word for row in rows for each in row.interactions for word in WORDS.get(each, (each,))}
        for type, rows in SERVICES.items()
    }


@pytest.mark.parametrize("service", ["as usual", None, *SERVICE_NAMES])
def test_every_parameter_that_it_names_is_taken_and_another_is_not(server, service):
    rules = EHealthRules() if service == "as usual" else EHealthRules(is_strict=True, service=service)
    there = replace(server, rules=rules)
    queries = QueryReader(server.parameters, server.base_url, there.searchable, there.rules)
    for resource in capability_statement(there, NOW)["rest"][0]["resource"]:
        type, named = resource["type"], {each["name"] for each in resource.get("searchParam", ())}
        along = [("_include", each) for each in resource.get("searchInclude", ())]
        along += [("_revinclude", each) for each in resource.get("searchRevInclude", ())]
        # `_has` is asked by what is named of another type (test_searches.py).
        kinds = {each["name"]: each["type"] for each in resource.get("searchParam", ()) if each["name"] != "_has"}
        asked = [(name, OF_NAME.get(name, EXAMPLES[kind])) for name, kind in kinds.items()]
        for pair in along + asked:
            queries.read(type, [pair], all_of_it)
        for name in {"shoe-size", "_id", "_lastUpdated", *server.parameters[type]} - named:
            if "search-type" in {each["code"] for each in resource["interaction"]}:
                with pytest.raises(UnknownParameter):
                    queries.read(type, [(name, "42")], all_of_it)


def test_a_strict_server_names_what_fut_declares_and_we_do_and_nothing_else():
    said = capability_statement(replace(make_server(), rules=EHealthRules(is_strict=True, service="careplan")), NOW)
    found = {each["type"]: each for each in said["rest"][0]["resource"]}
    episode = found["EpisodeOfCare"]
    assert {each["name"] for each in episode["searchParam"]} == declared("careplan", "EpisodeOfCare").parameters
    assert episode["searchInclude"] == ["EpisodeOfCare:condition"]
    assert episode["searchRevInclude"] == ["CarePlan:episodeOfCare"]
    assert "searchInclude" not in found["Consent"]
    assert found["Goal"]["searchInclude"] == ["*", "Goal:patient", "Goal:subject"]
    named = {each["name"] for each in found["Goal"]["searchParam"]}
    assert declared("careplan", "Goal").parameters - named == {"_content", "_filter", "_text"}


def test_it_names_every_operation_where_it_is_offered(rest):
    found = {each["name"] for each in rest["operation"]}
    found |= {each["name"] for resource in rest["resource"] for each in resource.get("operation", ())}
    own = {route.pattern.rpartition("$")[2] for route in ROUTES if route.definition}
    defined = {
        name.removeprefix("$") for name, offered in OPERATIONS.items() if all(each.definition for each in offered)
    }
    assert found == defined | own


def test_it_names_definitions_that_are_published_and_none_that_would_be_looked_for_here(rest):
    operations = [*rest["operation"], *(each for one in rest["resource"] for each in one.get("operation", ()))]
    publishers = {each["definition"].partition("/OperationDefinition/")[0] for each in operations}
    assert publishers == {
        "http://ehealth.sundhed.dk/fhir",
        "http://hl7.org/fhir",
        "http://hl7.org/fhir/uv/bulkdata",
    }


def test_it_offers_transactions_and_the_history_of_everything_and_no_batch(rest):
    assert rest["interaction"] == [{"code": "transaction"}, {"code": "history-system"}]


def test_a_batch_is_told_of_where_it_is_offered(server):
    offering = replace(server, offers=Offers(batch=True))
    assert {"code": "batch"} in capability_statement(offering, NOW)["rest"][0]["interaction"]


def test_a_server_without_histories_says_so():
    rest = capability_statement(replace(make_server(), rules=EHealthRules(is_strict=True)), NOW)["rest"][0]
    of_types = {each["type"] for each in rest["resource"] for one in each["interaction"] if "history" in one["code"]}
    assert of_types == {type for type in SERVICES if rows_at(type, "terminology")}
