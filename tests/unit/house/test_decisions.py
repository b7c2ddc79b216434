"""Every decision is numbered, short, complete, and held by something that exists."""

import re

import pytest

from tests.unit.house.sources import PROJECT, exists

DECISIONS = sorted((PROJECT / "docs" / "adr").glob("*.md"))
SECTIONS = ("Context", "Decision", "Alternatives", "Consequences", "How it is enforced")
LONGEST = 40


def test_numbers_are_unique_and_without_gaps():
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_complete(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert re.match(rf"# {int(path.name[:4])}\. \S", text)
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert re.search(r"^Status: (accepted|superseded by \d+)$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(SECTIONS)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_what_enforces_a_decision_exists(path):
    enforced = path.read_text(encoding="utf-8").split("## How it is enforced")[1]
    named = re.findall(r"`([^`]+)`", enforced)
    assert named, "name the test, the contract or the file that holds the decision"
    assert [each for each in named if not exists(each)] == []
