"""The clinical administrator takes a plan out as a package, and brings in one that came from somewhere else."""

from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from tests.gateway.packages import in_zip, opened, other_environment
from tests.people import LIS
from tests.system.browser import Tab
from tests.system.packages import EVERYDAY, when_she_chooses, when_she_takes_a_plan_out, written, zip_of
from tests.system.stories import Visits, everywhere, logs_in


@pytest.mark.parametrize("options", [{}, {"scripted": False}, {"width": 320}], ids=["desk", "no script", "phone"])
def test_a_plan_goes_out_as_a_package_and_comes_in_from_elsewhere(visitor: Visits, tmp_path: Path, options):
    lis = logs_in(visitor(**options), LIS).open("/kam/planer/")
    package = when_she_takes_a_plan_out(lis, tmp_path)
    then_it_is_here_already(lis, package)
    foreign = the_same_of_another_environment(lis, package)
    when_she_chooses(lis, foreign)
    lis.reads("Intet er gemt endnu.", "Det bliver lavet", "Visning med trafiklys", "Det er fundet her", "Demo Kommune")
    lis.follow("Indlæs")
    assert EVERYDAY in lis.heading()
    lis.reads("Kladde", "Version 1.0", "Planen kan ikke tages i brug endnu")
    then_it_is_here_already(lis, foreign)


@everywhere
def test_what_is_missing_or_no_package_is_said_before_anything_is_saved(visitor: Visits, tmp_path: Path):
    lis = logs_in(visitor(), LIS).open("/kam/planer/")
    package = when_she_takes_a_plan_out(lis, tmp_path)
    when_she_chooses(lis, None)
    lis.reads("Vælg den fil, du vil indlæse.")
    when_she_chooses(lis, written(tmp_path / "brev.zip", b"Hej Lis"))
    lis.reads("Pakken kan ikke indlæses", "Det er ikke en pakke: det skal være en zip-fil.")
    two_wrong = in_zip([("../plan.json", b"{}"), ("billede.png", b"")])
    when_she_chooses(lis, written(tmp_path / "to.zip", b64decode(two_wrong["data"])))
    lis.reads("har et navn, der peger ud af pakken.", "er ikke en JSON-fil.")
    files = opened({"data": b64encode(package.read_bytes()).decode()})
    without = {key: each for key, each in files.items() if not key.startswith("ActivityDefinition")}
    when_she_chooses(lis, written(tmp_path / "uden.zip", zip_of(other_environment(without, base_of(files)))))
    assert lis.status == 422
    lis.reads("Pakken kan ikke indlæses", "Pakken mangler noget, den henviser til: aktivitet", "Intet er gemt.")
    assert lis.page.get_by_role("button", name="Indlæs").count() == 0


def test_the_pages_are_in_english_too(visitor: Visits, tmp_path: Path):
    lis = logs_in(visitor(), LIS).open("/kam/planer/")
    lis.follow("English")
    lis.open("/kam/planer/hent-ind/")
    lis.reads("Bring in a plan", "You see what is in it before anything is saved.")


def then_it_is_here_already(lis: Tab, package: Path) -> None:
    when_she_chooses(lis, package)
    lis.reads("Alt i pakken er her allerede.")
    assert lis.page.get_by_role("button", name="Indlæs").count() == 0
    lis.follow("Se planen")
    assert EVERYDAY in lis.heading()


def the_same_of_another_environment(lis: Tab, package: Path) -> Path:
    files = opened({"data": b64encode(package.read_bytes()).decode()})
    return written(package.with_name("fremmed.zip"), zip_of(other_environment(files, base_of(files))))


def base_of(files) -> str:
    """Give the base that a package's resources name each other by."""
    plan = next(each for each in files.values() if each["resourceType"] == "PlanDefinition")
    return str(plan["action"][0]["definitionCanonical"]).partition("/ActivityDefinition/")[0]
