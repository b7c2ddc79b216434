"""The operations are those of FUT's guide: by name, place and the address of their definition."""

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fut.operations import OPERATIONS
from tests.unit.guide import GUIDE, needs_guide


@needs_guide
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "$evaluate"])
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
