"""The risk file: every risk has a measure, and every measure a test that exists."""

import re

import pytest

from tests.unit.house.sources import PROJECT, exists

COLUMNS = ("Id", "Hazard", "How it comes about", "Harm", "S", "P", "Measures", "Verified by", "S after", "P after")
SEVERITIES, PROBABILITIES = set("12345"), set("12345")


def risks() -> list[dict[str, str]]:
    """Give the rows of the risk table."""
    text = (PROJECT / "docs" / "safety" / "risks.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert tuple(cell.strip() for cell in table[0].strip("|").split("|")) == COLUMNS
    return [
        dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|").split("|")), strict=True)) for line in table[2:]
    ]


def test_risks_are_numbered_without_gaps():
    assert [risk["Id"] for risk in risks()] == [f"R{number}" for number in range(1, len(risks()) + 1)]


@pytest.mark.parametrize("risk", risks(), ids=lambda risk: risk["Id"])
def test_a_risk_is_estimated_before_and_after(risk):
    assert {risk["S"], risk["S after"]} <= SEVERITIES
    assert {risk["P"], risk["P after"]} <= PROBABILITIES
    assert int(risk["S after"]) * int(risk["P after"]) < int(risk["S"]) * int(risk["P"])


@pytest.mark.parametrize("risk", risks(), ids=lambda risk: risk["Id"])
def test_what_verifies_a_measure_exists(risk):
    named = re.findall(r"`([^`]+)`", risk["Verified by"])
    assert named
    assert [each for each in named if not exists(each)] == []
