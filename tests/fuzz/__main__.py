"""A response never crashes the engine: what a fuzzer makes of sound ones is accepted or gets issues.

    python -m tests.fuzz [SECONDS]

Atheris keeps what reaches new branches of `fhir` and `pro`, and goes on from there. It ends with what was sent when
something else is raised than a refusal of what is no JSON.
"""

import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import atheris

with atheris.instrument_imports(include=["kommunalpro.pro", "kommunalpro.fhir"]):
    from kommunalpro.fhir.json import dumps, loads
    from kommunalpro.fhir.outcome import FhirError
    from kommunalpro.pro.answers import read_response, write_items
    from kommunalpro.pro.record import read_record, write_record
    from kommunalpro.pro.response import check_response
    from kommunalpro.pro.triage import assess

from tests.spec.forms import answers
from tests.unit.pro.test_properties_of_answers import ALL_TYPES, VIEW

SEEDS = (
    "q0: 7, q1: 2.5, q2: x + y, q9: ord, q11: yes, g[0]/q14: 1",
    "q0: 8, q1: 2.5, q5: 2026-02-01, q6: 2025-12-31T10:00:00Z, q7: 09:30:00, q8: x, q9: ord"
    ", g[0]/q14: 1, g[0]/q14[0]/q15: a",
)
"""Answers that the fuzzer begins with."""
NAMES = (
    *("linkId", "item", "answer", "valueInteger", "valueDecimal", "valueCoding", "valueQuantity", "valueDate"),
    *("valueDateTime", "valueTime", "valueString", "valueBoolean", "valueUri", "valueReference", "valueAttachment"),
    *("code", "system", "value", "unit", "display", "reference", "extension", "_linkId"),
)
"""What an element may be called instead."""

VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        7,
        10**30,
        0.5,
        1e-300,
        "",
        " ",
        "x",
        "zz",
        "2026",
        "2026-02-30",
        "2026-01-01T24:00:00Z",
    ),
    *(
        "08:00:00",
        "q0",
        "q14",
        "g",
        [],
        {},
        [[]],
        {"code": "x"},
        {"value": 3, "code": "kg"},
        {"reference": "Patient/1"},
    ),
)
"""What may stand there instead."""


def submit(data: bytes) -> None:
    """Do with some bytes what is done with a response that comes in."""
    try:
        response = loads(data)
    except (FhirError, ValueError):
        return
    check_response(ALL_TYPES, response, strictness="draft")
    if check_response(ALL_TYPES, response, strictness="submit"):
        return
    given = read_response(ALL_TYPES, response)
    write_items(ALL_TYPES, given)
    record = write_record(assess(ALL_TYPES, VIEW, given, questionnaire="urn:q", view_reference="urn:v"))
    read_record(loads(dumps(record)))


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Change JSON as JSON, so that most of what is made can be read; what is none by its bytes."""
    chance = Random(seed)  # noqa: S311  (nothing secret: libFuzzer gives the seed)
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return bytes(atheris.Mutate(data, most))
    places = list(_places(tree))
    for _ in range(chance.randint(1, 4)):
        if places:
            _change(*chance.choice(places), chance)
    return json.dumps(tree).encode()[:most]


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place in a tree: what it is inside, and its name or number there."""
    keys = tree.keys() if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in list(keys):
        yield tree, key
        yield from _places(tree[key])


def _change(parent: Any, key: Any, chance: Random) -> None:
    if key not in parent if isinstance(parent, dict) else key >= len(parent):
        return  # taken away with an earlier change
    kind = chance.randrange(4)
    if kind == 0:
        del parent[key]
    elif kind == 1 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    elif kind == 2 and isinstance(parent, dict):
        parent[chance.choice(NAMES)] = parent.pop(key)
    else:
        parent[key] = copy.deepcopy(chance.choice(VALUES))


def main(seconds: str = "60") -> None:
    """Fuzz for some seconds, beginning with sound responses."""
    with TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS):
            head = {"resourceType": "QuestionnaireResponse", "status": "completed"}
            response = {**head, "item": write_items(ALL_TYPES, answers(ALL_TYPES, seed))}
            assert not check_response(ALL_TYPES, response, strictness="submit"), "it begins with what is sound"
            Path(corpus, str(number)).write_bytes(dumps(response))
        atheris.Setup(
            [sys.argv[0], f"-max_total_time={seconds}", "-max_len=20000", "-timeout=20", corpus],
            submit,
            custom_mutator=mutate,
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
