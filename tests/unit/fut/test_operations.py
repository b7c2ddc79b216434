"""The operations are those of FUT's guide: by name, place and the address of their definition."""

import inspect
import re

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fut.operations import OPERATIONS
from tests.unit.guide import GUIDE, needs_guide
from tests.unit.house.sources import PROJECT

# $evaluate is only refused, and what HL7 defines is not in FUT's guide.
OF_FUT = [
    name for name, offered in OPERATIONS.items() if offered[0].definition.startswith("http://ehealth.sundhed.dk/")
]


@needs_guide
@pytest.mark.parametrize("name", OF_FUT)
def test_an_operation_is_offered_where_its_definition_says(name):
    offered = OPERATIONS[name]
    for address in {each.definition for each in offered}:
        definition = loads((GUIDE / f"OperationDefinition-{address.rpartition('/')[2]}.json").read_bytes())
        assert definition["url"] == address
        assert f"${definition['code']}" == name
        here = [each for each in offered if each.definition == address]
        levels = {level for level in ("system", "type", "instance") if definition[level]}
        assert {each.level for each in here} == levels
        assert {each.type for each in here} == set(definition.get("resource", [None]))
        taken = {each["name"] for each in definition["parameter"] if each["use"] == "in"}
        assert {each.body for each in here} <= {None, *taken}


OURS = {"$createPatient": {"patient"}, "$import": {"preview"}}


@needs_guide
@pytest.mark.parametrize("name", OF_FUT)
def test_an_operation_takes_what_its_definition_says(name):
    for each in OPERATIONS[name]:
        definition = loads((GUIDE / f"OperationDefinition-{each.definition.rpartition('/')[2]}.json").read_bytes())
        said = {one["name"]: one for one in definition["parameter"] if one["use"] == "in"}
        declared = {one.name: one for one in each.parameters}
        assert declared.keys() - OURS.get(name, set()) == said.keys()
        for parameter, one in said.items():
            assert declared[parameter].most == (None if one["max"] == "*" else 1)
            assert declared[parameter].type in ("", one["type"])


def test_an_operation_has_its_heading_in_the_reference_and_says_what_it_does_and_does_not(monkeypatch):
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    from describe_operations import operations_page

    page = operations_page()
    assert (PROJECT / "docs" / "reference" / "operations.md").read_text(encoding="utf-8") == page, "make docs"
    assert re.findall(r"^## (\S+)$", page, re.MULTILINE) == sorted(OPERATIONS)
    for name, offered in OPERATIONS.items():
        said = inspect.getdoc(inspect.getmodule(offered[0].run)) or ""
        assert said.split(":")[0].endswith(f"{name}`"), name
        assert "\nSupported: " in said, name
        assert "\nNot supported: " in said or "Supported: nothing." in said, name


def test_every_operation_says_what_it_takes_but_the_one_that_refuses_everything():
    assert [name for name, offered in OPERATIONS.items() for each in offered if each.parameters is None] == [
        "$evaluate",
        "$evaluate",
    ]
