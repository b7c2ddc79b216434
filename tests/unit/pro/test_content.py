"""What is wrong with content is said in Danish, whatever its schema asks for."""

from collections.abc import Iterator
from typing import Any

import pytest

from kommunalpro.pro.content import KINDS, schema_problems
from kommunalpro.pro.guidance_schema import GUIDANCE_SCHEMAS
from kommunalpro.pro.instrument_schema import INSTRUMENT_SCHEMAS
from kommunalpro.pro.view_schema import VIEW_SCHEMAS
from tests.unit.pro.instruments import written


def kinds_in(schema: Any) -> Iterator[str]:
    """Give every word that a schema has for a type of JSON."""
    if isinstance(schema, dict):
        found = schema.get("type", ())
        if not isinstance(found, dict):
            yield from [found] if isinstance(found, str) else found
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from kinds_in(each)


@pytest.mark.parametrize("schemas", [VIEW_SCHEMAS, GUIDANCE_SCHEMAS, INSTRUMENT_SCHEMAS])
def test_every_type_of_json_that_a_schema_asks_for_has_danish_words(schemas):
    found = {kind for schema in schemas.values() for kind in kinds_in(schema)}
    assert found
    assert found <= KINDS.keys()


def test_a_number_or_nothing_is_asked_for_in_danish():
    wrong = written(golden=[{"answers": ["to", None, None], "scores": {"proeve": "3"}, "source": "Test"}])
    assert [each.say("da") for each in schema_problems(wrong, INSTRUMENT_SCHEMAS)] == [
        "golden.0.answers.0: Det skal være et helt tal eller ingenting."
    ]
