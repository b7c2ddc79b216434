"""What the clone says about itself is true, and it says nothing about anybody."""

import re
import tomllib
from datetime import date

from kommunalpro.config.environment import PREFIX, VARIABLES
from tests.people import NANCY, TJOERN
from tests.unit.house.sources import PROJECT, exists, name, text_files

REFERENCE = PROJECT / "docs" / "reference"
LOOKS_LIKE_CPR = re.compile(r"(?<![\w.\-/:])(\d{6})-?(\d{4})(?![\w\-/:]|\.\w)", re.ASCII)
# How the digits of a CPR number are read is tested with numbers at the edges of the centuries' table.
READS_DIGITS = "tests/unit/fhir/test_identifier.py"
WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def test_every_setting_has_its_heading():
    headings = set(re.findall(r"^## (\S+)$", (REFERENCE / "settings.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert headings == {f"{PREFIX}{variable.name}" for variable in VARIABLES}


def test_every_command_has_its_heading():
    import typer.main

    from kommunalpro.config.commands import app

    headings = re.findall(
        r"^## kommunalpro (\S+)$", (REFERENCE / "commands.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(headings) == sorted(typer.main.get_command(app).commands)


def test_every_instrument_has_its_row():
    page = (REFERENCE / "instruments.md").read_text(encoding="utf-8")
    names = [path.stem for path in sorted((PROJECT / "definitions" / "instruments").glob("*.json"))]
    assert re.findall(r"^\| [^|]*\(`([a-z0-9-]+)` ", page, re.MULTILINE) == names


def test_the_changelog_ends_with_the_version_that_this_is():
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    [latest, *_] = re.findall(r"^## (\S+)", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert latest == version


def test_the_changelog_uses_its_five_headings():
    headings = re.findall(r"^### (.+)$", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(headings) <= {"Nyt", "Ændret", "Rettet", "Sikkerhed", "Klinisk"}


def test_every_make_target_says_what_it_does():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    described = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert set(described) == set(phony.split()) - {"help"}


def test_what_holds_each_security_property_exists():
    table = (PROJECT / "DEVELOPERS.md").read_text(encoding="utf-8").partition("| Property | Held by |")[2]
    properties = [line.rstrip("|").rpartition(" | ") for line in table.splitlines() if line.startswith("| ")]
    assert properties
    for said, _, held in properties:
        named = re.findall(r"`([^`]+)`", held)
        assert named, said
        assert [each for each in named if not exists(each)] == [], said


def test_no_number_here_can_be_a_living_person_s():
    """Test numbers fail modulus 11 and are not born on 1 January; anything else that looks like a CPR number is one."""
    found = [
        f"{name(path)}: {match[0][:4]}…"
        for path in text_files()
        if name(path) != READS_DIGITS
        for match in LOOKS_LIKE_CPR.finditer(path.read_text(encoding="utf-8"))
        if _could_be_somebody(match[1] + match[2])
    ]
    assert found == []


def test_the_cast_s_numbers_are_nobody_s():
    assert not any(_could_be_somebody(citizen.cpr) for citizen in (NANCY, TJOERN))


def _could_be_somebody(digits: str) -> bool:
    try:
        date(2000 + int(digits[4:6]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return False
    passes = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11 == 0
    return passes or digits.startswith("0101")
