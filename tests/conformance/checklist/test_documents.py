"""Questionnaires that come as national documents (item 25), as far as they come: by the command, which stores them.

What it stores is looked at over HTTP. The operations on documents are not offered, and say so.
"""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.parameters import parameters
from tests.conformance.checklist.saying import done, path_of, period
from tests.unit.integrations.cda.documents import document, limits, options, question, section

NOT_OFFERED = (
    "transform-to-QFDD",
    "transform-from-QFDD",
    "transform-to-QRD",
    "transform-from-QRD",
    "transform-from-QRD-based-on-questionnaire",
    "upload-QFDD",
)


@pytest.mark.checklist(25)
def test_a_questionnaire_that_came_as_a_document_is_asked_and_answered(live, town, tmp_path):
    pain, sleep = question("smerte", 9, values=limits(0, 10)), question("soevn", 7, values=options("god", "dårlig"))
    file = tmp_path / "qfdd.xml"
    file.write_bytes(document(section(pain, sleep)))
    said = live.command("import-questionnaire", str(file), "--owner", town.organization, "--publish").stdout
    [url] = [line.split()[1] for line in said.splitlines() if line.startswith("Imported: ")]
    [plan] = [line.split()[1] for line in said.splitlines() if line.startswith("Plan: ")]

    stored = done(town.lis()("GET", path_of(url)))
    assert stored["status"] == "active"
    assert {"system": "urn:oid:1.2.208.184", "value": "0d1c1f3e-8d6d-4f2b-9b2e-3f1f0a6c1a11"} in stored["identifier"]
    valid = done(town.lis()("POST", f"{path_of(url)}/$validate", stored))
    assert [each["severity"] for each in valid["issue"]] == ["information"], valid
    found = list(_items(stored["item"]))
    external = [extension_value(each, ehealth.EXTERNAL_IDENTIFIER) for each in found if each["type"] != "group"]
    assert [each["value"] for each in external] == ["smerte-id", "soevn-id"]

    course = town.opens(town.citizen())
    asked = course.asked(plan, occurrencePeriod={"start": period()["start"]})
    assert asked.questionnaire.partition("/_history")[0] == url


@pytest.mark.checklist(25)
@pytest.mark.parametrize("operation", NOT_OFFERED)
def test_an_operation_on_documents_says_that_it_is_not_offered(town, operation):
    refused = town.system("POST", f"/${operation}", parameters())
    assert (refused.status, refused.json["resourceType"]) == (501, "OperationOutcome")


def _items(items):
    for each in items:
        yield each
        yield from _items(each.get("item", ()))
