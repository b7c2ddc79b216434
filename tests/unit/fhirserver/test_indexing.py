"""From a resource to its index rows: where a parameter's path leads, and how a value is written."""

import pytest

from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fhirserver.search.parameters import r4_parameters
from kommunalpro.fhirserver.search.paths import finder
from kommunalpro.fhirserver.search.values import VALUES
from kommunalpro.fhirserver.writer import IndexRow
from kommunalpro.fut.search_parameters import SEARCH_PARAMETERS
from kommunalpro.fut.services import SERVICES

BASE = "https://fhir.example/fhir"
URL = "http://example.org/fhir/StructureDefinition/x"
X = {"url": URL, "valueCode": "x"}


@pytest.mark.parametrize(
    ("path", "resource", "found"),
    [
        ("status", {"status": "active"}, ["active"]),
        ("name.given", {"name": [{"given": ["A", "B"]}, {"given": ["C"]}]}, ["A", "B", "C"]),
        ("context.period.start", {"context": {"period": {"start": "2026"}}}, ["2026"]),
        ("value[x]", {"valueString": "x", "valued": "no", "value": "y"}, ["x"]),
        ("occurrence[dateTime]", {"occurrenceDateTime": "2026"}, ["2026"]),
        (
            f"extension('{URL}').value[x]",
            {"extension": [{"url": URL, "valueCode": "x"}, {"url": "o", "valueCode": "y"}]},
            ["x"],
        ),
        (
            f"extension('{URL}').extension('part').value[x]",
            {"extension": [{"url": URL, "extension": [{"url": "part", "valueString": "x"}]}]},
            ["x"],
        ),
        ("status", {"status": {"x": 1}}, [{"x": 1}]),
        ("a.b.c", {"a": "text"}, []),
        ("extension('none').value[x]", {"status": "x"}, []),
    ],
)
def test_a_path_finds_every_value_that_stands_there(path, resource, found):
    assert list(finder(path)(resource)) == found


def rows(kind, value):
    parameter = SearchParameter("X", "p", kind, ("element",))
    return [(row.parameter, row.value, row.high) for row in Indexer([parameter], BASE).rows({"element": value})]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("token", "active", [("p", "active", ""), ("p", "|active", "")]),
        ("token", True, [("p", "true", ""), ("p", "|true", "")]),
        ("token", {"system": "s", "code": "c"}, [("p", "c", ""), ("p", "s|c", "")]),
        ("token", {"system": "s", "value": "v"}, [("p", "s|v", ""), ("p", "v", "")]),
        (
            "token",
            {"coding": [{"code": "a"}, {"code": "b"}]},
            [("p", "a", ""), ("p", "b", ""), ("p", "|a", ""), ("p", "|b", "")],
        ),
        ("token", {"text": "words alone"}, []),
        ("reference", {"reference": f"{BASE}/Patient/7"}, [("p", "Patient/7", "")]),
        (
            "reference",
            {"reference": f"{BASE}/Patient/7/_history/2"},
            [("p", "Patient/7", "/"), ("p", "Patient/7/_history/2", "")],
        ),
        ("reference", f"{BASE}/Questionnaire/7|1.0", [("p", "Questionnaire/7", "|"), ("p", "Questionnaire/7|1.0", "")]),
        ("reference", {"reference": "https://other.example/Patient/7"}, [("p", "https://other.example/Patient/7", "")]),
        ("reference", {"reference": "#inside"}, []),
        ("reference", {"display": "Nancy"}, []),
        ("reference", f"{BASE}/Questionnaire/7", [("p", "Questionnaire/7", "")]),
        ("string", "Åse", [("p", "åse", ""), ("p:exact", "Åse", "")]),
        (
            "string",
            {"family": "B", "given": ["A"]},
            [("p", "a", ""), ("p", "b", ""), ("p:exact", "A", ""), ("p:exact", "B", "")],
        ),
        ("phonetic", "Åse  Hjort-Møller", [("p", "AS JRT MLR ", ""), ("p", "JRT MLR ", ""), ("p", "MLR ", "")]),
        (
            "phonetic",
            {"text": "Dr. Asta Holm", "family": "Holm", "given": ["Asta", None], "prefix": ["Dr."]},
            [("p", "AST HLM ", ""), ("p", "HLM ", "")],
        ),
        ("phonetic", {"text": "Asta"}, [("p", "AST ", "")]),
        ("phonetic", {"prefix": ["Dr."]}, []),
        ("uri", "http://x", [("p", "http://x", "")]),
        ("date", "2026-11-23", [("p", "2026-11-22T23:00:00.000000", "2026-11-23T23:00:00.000000")]),
        ("date", "0999", [("p", "0998-12-31T23:09:40.000000", "0999-12-31T23:09:40.000000")]),
        (
            "date",
            {"start": "2026-11-23T10:00:00Z"},
            [("p", "2026-11-23T10:00:00.000000", "9999-12-31T23:59:59.999999")],
        ),
        ("date", {"end": "2026-11-23T10:00:00Z"}, [("p", "0001-01-01T00:00:00.000000", "2026-11-23T10:00:01.000000")]),
        ("date", {"other": 1}, []),
    ],
    ids=str,
)
def test_a_value_is_written_so_that_it_is_found(kind, value, expected):
    assert sorted(rows(kind, value)) == sorted(expected)


def test_what_is_referred_to_as_such_and_in_a_version_too_is_referred_to_as_such():
    parameter = SearchParameter("X", "p", "reference", ("a", "b"))
    both = {"a": {"reference": "Patient/7/_history/2"}, "b": {"reference": "Patient/7"}}
    found = Indexer([parameter], BASE).rows(both)
    assert found == (IndexRow("p", "Patient/7"), IndexRow("p", "Patient/7/_history/2"))


def test_the_log_names_versions_and_is_found_by_whom_it_is_about():
    """Each request has an AuditEvent: another row for each version would cost it."""
    parameter = SearchParameter("AuditEvent", "p", "reference", ("a",))
    [row] = Indexer([parameter], BASE).rows({"a": {"reference": "Patient/7/_history/2"}})
    assert row == IndexRow("p", "Patient/7")


def test_a_row_comes_once_and_a_long_value_by_its_beginning():
    parameter = SearchParameter("X", "p", "uri", ("a", "b"))
    [row] = Indexer([parameter], BASE).rows({"a": "x" * 500, "b": "x" * 500})
    assert row == IndexRow("p", "x" * 300)


def test_every_declared_parameter_can_be_searched_by_and_belongs_to_a_served_type():
    for parameter in (*r4_parameters(), *SEARCH_PARAMETERS):
        assert parameter.kind in (*VALUES, "phonetic") or parameter.components, parameter
        assert parameter.type in SERVICES, parameter
        assert parameter.paths or parameter.means or parameter.documentation, parameter
