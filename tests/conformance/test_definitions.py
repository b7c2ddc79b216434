"""Versions of definitions over HTTP, as KAM or another editor's application makes them."""

from base64 import b64decode, b64encode

import pytest

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from tests.conformance.test_course_of_care import clinic
from tests.resources import basic, questionnaire
from tests.unit.definitions.folders import read

__all__ = ["clinic"]

TOPIC = {"id": "soevn", "title": {"da": "Søvn", "en": "Sleep"}, "items": ["soevn"], "scores": []}


@pytest.fixture
def lis(clinic):
    return clinic.lis()


def owner_of(clinic):
    return Reference.parse(clinic.organization).id


def clone(editor, definition, operation="minor-version"):
    coding = {"system": ehealth.CLONE_OPERATION, "code": operation}
    asked = parameters({"name": "clone-operation", "valueCoding": coding})
    return editor("POST", f"/Questionnaire/{definition['id']}/$create-clone", asked)


def put(editor, resource, **changes):
    return editor("PUT", f"/{resource['resourceType']}/{resource['id']}", {**resource, **changes})


def view_of(clinic, definition):
    content = {
        name: each
        for name, each in read("hverdagen-med-kronisk-sygdom", "view.json").items()
        if name in ("schemaVersion", "identifier", "version", "level", "title")
    }
    view = basic({**content, "scores": [], "topics": [TOPIC]}, owner=owner_of(clinic), status="active")
    reference = {"reference": f"{clinic.base}/Questionnaire/{definition['id']}"}
    made_for = {"url": ehealth.VIEW_FOR, "extension": [{"url": "forReference", "valueReference": reference}]}
    return {**view, "extension": [*view["extension"], made_for]}


@pytest.fixture
def published(clinic, lis):
    """A questionnaire that shows lights."""
    made = lis("POST", "/Questionnaire", questionnaire(owner_of(clinic), status="active"))
    assert made.status == 201, made.body
    view = lis("POST", "/Basic", view_of(clinic, made.json))
    assert view.status == 201, view.body
    return made.json


def test_a_version_is_made_once_and_a_copy_as_often_as_one_likes(lis, published):
    answer = clone(lis, published)
    assert answer.status == 200, answer.body
    assert [entry["resource"]["version"] for entry in answer.json["entry"]] == ["1.1"]
    again = clone(lis, published, "major-version")
    assert (again.status, again.issue["details"]["coding"][0]["code"]) == (
        422,
        "VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED",
    )
    assert clone(lis, published, "copy").status == 200
    assert clone(lis, published, "sideways").status == 400


def test_a_version_without_lights_is_published_when_that_is_signed(clinic, lis, published):
    draft = clone(lis, published).json["entry"][0]["resource"]
    refused = put(lis, draft, status="active")
    assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (422, "KPRO_LIGHTS_MISSING")
    who = {"url": "who", "valueReference": {"reference": clinic.editor}}
    when = {"url": "when", "valueDateTime": to_datetime(SystemClock().now())}
    signed = {"url": ehealth.WITHOUT_LIGHTS, "extension": [who, when]}
    assert put(lis, draft, status="active", extension=[*draft["extension"], signed]).status == 200


def test_a_version_with_a_view_of_its_own_is_published(clinic, lis, published):
    draft = clone(lis, published).json["entry"][0]["resource"]
    assert lis("POST", "/Basic", view_of(clinic, draft)).status == 201
    assert put(lis, draft, status="active").status == 200


def test_a_view_for_all_is_published_by_whose_it_may_be_and_by_nobody_else(clinic, system, lis, published):
    """Her municipality gets a number that is not among those which the installation was started with."""
    path = f"/Organization/{owner_of(clinic)}"
    municipality = system("GET", path).json
    moved = {**municipality, "identifier": [{"system": ehealth.CVR, "value": "29999992"}]}
    assert system("PUT", path, moved).status == 200
    for editor in (lis, system):
        refused = editor("POST", "/Basic", view_of(clinic, published))
        assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (422, "KPRO_NATIONAL_OWNER")
        assert refused.issue["details"]["text"].endswith("Udgiv det som lokalt.")
    own = view_of(clinic, published)
    content = loads(b64decode(own["contained"][0]["data"])) | {"level": "local"}
    own["contained"][0]["data"] = b64encode(dumps(content)).decode()
    assert lis("POST", "/Basic", own).status == 201
