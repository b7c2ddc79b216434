"""Packages of plans, as the administrator takes them out and brings them in on the pages."""

from base64 import b64decode
from pathlib import Path

from tests.gateway.packages import zipped
from tests.system.browser import Tab

EVERYDAY = "Hverdagen med kronisk sygdom – bredt samtaleskema"


def when_she_takes_a_plan_out(lis: Tab, directory: Path) -> Path:
    lis.follow(EVERYDAY)
    with lis.page.expect_download() as arrival:
        lis.press("Gem som pakke")
    assert arrival.value.suggested_filename == "plan-hverdagen-med-kronisk-sygdom-bredt-samtaleskema-1-0.zip"
    arrival.value.save_as(directory / "plan.zip")
    return directory / "plan.zip"


def when_she_chooses(lis: Tab, package: Path | None) -> None:
    lis.open("/kam/planer/").follow("Indlæs en plan")
    if package:
        lis.page.get_by_label("Pakke").set_input_files(package)
    lis.follow("Se, hvad der er i pakken")


def zip_of(files) -> bytes:
    return b64decode(zipped(files)["data"])


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
