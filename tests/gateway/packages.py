"""Packages of plans, made and taken apart as another application does it: with a zip program and JSON."""

from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.gateway import Principal
from tests.gateway.answering import LATER


def export(world: Any, plan: str, *excluded: str, by: Principal) -> dict[str, Any]:
    """Give the Binary of a plan's package."""
    asked = parameters(*({"name": "exclude", "valueString": each} for each in excluded))
    reference = Reference.parse(plan)
    assert reference
    return world.gateway.operation("$export", asked, target=reference.key, by=by, now=LATER)


def bring_in(world: Any, package: Any, *, by: Principal, preview: bool = False) -> dict[str, Any]:
    """Import a Binary, or what is to be made one of."""
    binary = package if isinstance(package, dict) and "data" in package else zipped(package)
    asked = [{"name": "planDefinitionPackage", "resource": binary}]
    if preview:
        asked.append({"name": "preview", "valueBoolean": True})
    return world.gateway.operation("$import", parameters(*asked), target="PlanDefinition", by=by, now=LATER)


def opened(binary: dict[str, Any]) -> dict[str, Any]:
    """Give the resources of a package by `Type/id`."""
    with ZipFile(BytesIO(b64decode(binary["data"]))) as archive:
        found = [loads(archive.read(name)) for name in archive.namelist()]
    return {f"{each['resourceType']}/{each['id']}": each for each in found}


def zipped(files: Any) -> dict[str, Any]:
    """Give a package of resources, or of (name, text) pairs."""
    pairs = [(f"{each['resourceType']}-{each['id']}.json", dumps(each)) for each in files.values()]
    return in_zip(pairs)


def in_zip(pairs: Any) -> dict[str, Any]:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, text in pairs:
            archive.writestr(name, text)
    data = b64encode(packed.getvalue()).decode()
    return {"resourceType": "Binary", "contentType": "application/zip", "data": data}


def other_environment(files: dict[str, Any], base: str) -> dict[str, Any]:
    """Give the same resources as another environment has them: other addresses and ids, other identities."""
    text = dumps(list(files.values())).decode().replace(base, "https://plan.test.example/fhir")
    for number, key in enumerate(files, 4000):
        text = text.replace(key.partition("/")[2], str(number))
    text = text.replace("urn:uuid:0", "urn:uuid:f")
    return {f"{each['resourceType']}/{each['id']}": each for each in loads(text)}


def made(answer: dict[str, Any]) -> dict[str, Any]:
    """Give what an import made, by type; of one type there is one."""
    return {entry["resource"]["resourceType"]: entry["resource"] for entry in answer.get("entry", ())}


def told(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Give what a preview tells under a name."""
    return [each["resource"] for each in answer.get("parameter", ()) if each["name"] == name]
