"""The editor: takes the next version of a view and its guidance into use, which came with a package, and out again."""

from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import dumps, loads
from tests.gateway.packages import opened
from tests.people import LIS
from tests.system.browser import Tab
from tests.system.packages import when_she_chooses, when_she_takes_a_plan_out, written, zip_of
from tests.system.stories import Visits, everywhere, logs_in

pytestmark = everywhere

NEXT = {"view": "Næste visning", "actionguidance": "Næste vejledning"}


@pytest.mark.parametrize("size", [{}, {"scripted": False}, {"width": 320}], ids=["desk", "no script", "phone"])
def test_the_next_view_and_guidance_come_into_use_and_go_out_again(visitor: Visits, tmp_path: Path, size):
    lis = logs_in(visitor(**size), LIS).open("/kam/planer/")
    when_she_brings_in_the_next_versions(lis, tmp_path)

    lis.open("/administration/visninger/").follow(NEXT["view"])
    lis.reads("Kladde", "Version 2.0")
    lis.follow("Tag i brug")
    lis.reads("Lys, der er gemt med tidligere svar, bliver stående.", "som går ud af brug samtidig.")
    lis.follow("Lad den være kladde").reads("Kladde")
    lis.follow("Tag i brug").follow("Tag i brug")
    lis.reads("I brug", "Version 2.0").does_not_read("Flere er i brug til det samme")
    lis.open("/administration/visninger/").reads("Udgået")

    lis.open("/administration/vejledninger/").follow(NEXT["actionguidance"])
    lis.follow("Tag i brug")
    lis.reads("Medarbejderne ser rådene fra nu af", "som går ud af brug samtidig.")
    lis.follow("Tag i brug").reads("I brug", "Version 2.0")

    lis.open("/administration/visninger/").follow(NEXT["view"])
    lis.follow("Tag ud af brug").reads("De er ikke vurderet, aldrig grønne.", "Det kan ikke fortrydes")
    lis.follow("Behold den i brug").reads("I brug")
    lis.follow("Tag ud af brug").follow("Tag ud af brug")
    lis.reads("Udgået").does_not_read("Tag ud af brug")


def test_who_is_second_is_led_back(visitor: Visits, tmp_path: Path):
    lis = logs_in(visitor(), LIS).open("/kam/planer/")
    when_she_brings_in_the_next_versions(lis, tmp_path)
    lis.open("/administration/visninger/").follow(NEXT["view"]).follow("Tag i brug")
    colleague = logs_in(visitor(), LIS).open(lis.page.url)
    colleague.follow("Tag i brug").reads("I brug")
    lis.follow("Tag i brug")
    assert lis.status == 412
    assert NEXT["view"] in lis.heading()
    lis.reads("En anden har ændret det imens", "I brug")


def when_she_brings_in_the_next_versions(lis: Tab, directory: Path) -> None:
    package = when_she_takes_a_plan_out(lis, directory)
    files = opened({"data": b64encode(package.read_bytes()).decode()})
    changed = {key: each if each["resourceType"] != "Basic" else next_version(each) for key, each in files.items()}
    when_she_chooses(lis, written(directory / "naeste.zip", zip_of(changed)))
    lis.follow("Indlæs")


def next_version(basic):
    """Give a view or guidance as its author sends the next version, for the same questionnaire."""
    content = loads(b64decode(basic["contained"][0]["data"])) | {"version": "2.0"}
    basic["contained"][0]["data"] = b64encode(dumps(content)).decode()
    extension(basic, ehealth.VERSION)["valueString"] = "2.0"
    level = "" if content["level"] == "national" else " lokalt"
    extension(basic, ehealth.BASIC_TITLE)["valueString"] = NEXT[basic["code"]["coding"][0]["code"]] + level
    return basic
