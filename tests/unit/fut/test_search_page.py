"""What docs/reference/search.md says of every parameter, held against the server that reads queries by them."""

from pathlib import Path

import pytest

from kommunalpro.fhir.outcome import UnknownParameter
from kommunalpro.fhirserver.access import Everything
from kommunalpro.fhirserver.search.matching import MOST_VALUES
from kommunalpro.fhirserver.search.query import MOST_CONDITIONS
from tests.store.cast import make_server

PAGE = Path(__file__).parents[3] / "docs/reference/search.md"


def is_taken(server, type, name, value):
    try:
        server.queries.read(type, [(name, value)], lambda _: Everything())
    except UnknownParameter:
        return False
    return True


@pytest.fixture(scope="module")
def server():
    return make_server()


@pytest.fixture(scope="module")
def parameters(server):
    return [each for many in server.parameters.values() for each in many.values()]


def test_all_but_what_a_search_says_of_itself_may_be_asked_for_as_missing(server, parameters):
    refused = {each.name for each in parameters if not is_taken(server, each.type, f"{each.name}:missing", "true")}
    assert refused == {"consentOverride", "reason"}


def test_all_but_composites_sounds_and_what_has_no_path_is_sorted_by(server, parameters):
    for each in parameters:
        is_offered = bool(each.paths) and each.kind not in ("composite", "phonetic")
        assert is_taken(server, each.type, "_sort", each.name) == is_offered, each


def test_the_limits_of_a_search_are_told():
    told = " ".join(PAGE.read_text().split())
    assert f"A parameter takes at most {MOST_VALUES} values and a search {MOST_CONDITIONS} conditions" in told
