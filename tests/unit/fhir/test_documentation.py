"""docs/reference/fhir.md says what the code does."""

from pathlib import Path

import pytest

from kommunalpro.fhir.structure import resource_types
from kommunalpro.fhir.structure.invariants import INVARIANTS
from tests.unit.fhir.test_outcome import OURS

PAGE = (Path(__file__).parents[3] / "docs/reference/fhir.md").read_text(encoding="utf-8")
TYPES = PAGE.partition("## Types")[2].partition("##")[0]


def test_every_type_that_can_be_checked_is_listed():
    assert {
        word.strip("`") for word in TYPES.split() if word.startswith("`") and word[1:2].isupper()
    } == resource_types()


@pytest.mark.parametrize("where", INVARIANTS)
def test_every_invariant_is_listed(where):
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{where}` |")]
    assert {word.strip("`") for word in line.split("|")[2].split()} == {each.key for each in INVARIANTS[where]}


@pytest.mark.parametrize("error", [each for each in OURS if each.__module__ == "kommunalpro.fhir.outcome"])
def test_every_error_is_listed(error):
    assert f"| `{error.__name__}` | {error.status} | `{error.code}` |" in PAGE
