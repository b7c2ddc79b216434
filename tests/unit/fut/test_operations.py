"""The operations are those of FUT's guide: by name, place and the address of their definition."""

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fut.operations import OPERATIONS
from tests.unit.guide import GUIDE, needs_guide


@needs_guide
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_offered_where_its_definition_says(name):
    [operation] = OPERATIONS[name]
    definition = loads((GUIDE / f"OperationDefinition-{operation.definition.rpartition('/')[2]}.json").read_bytes())
    assert definition["url"] == operation.definition
    assert f"${definition['code']}" == name
    assert {level for level in ("system", "type", "instance") if definition[level]} == {operation.level}
    assert definition.get("resource", [None]) == [operation.type]
    if operation.body:
        assert operation.body in {each["name"] for each in definition["parameter"] if each["use"] == "in"}
