"""Versions of definitions over HTTP, as KAM or another editor's application makes them."""

import pytest

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from tests.resources import basic, questionnaire
from tests.unit.definitions.folders import read

ROLES = privileges_of(("questionnaireEditor", "clinicalAdministrator"))
TOPIC = {"id": "soevn", "title": {"da": "Søvn", "en": "Sleep"}, "items": ["soevn"], "scores": []}


@pytest.fixture
def lis(live, as_somebody):
    context = Context(organization=f"{live.base_url}/Organization/kommune", care_team=f"{live.base_url}/CareTeam/nord")
    return as_somebody(Principal(f"{live.base_url}/Practitioner/lis", "PRACTITIONER", "Lis", ROLES, context))


def clone(editor, definition, operation="minor-version"):
    coding = {"system": ehealth.CLONE_OPERATION, "code": operation}
    asked = parameters({"name": "clone-operation", "valueCoding": coding})
    return editor("POST", f"/Questionnaire/{definition['id']}/$create-clone", asked)


def put(editor, resource, **changes):
    return editor("PUT", f"/{resource['resourceType']}/{resource['id']}", {**resource, **changes})


def view_of(live, definition):
    content = {
        name: each
        for name, each in read("hverdagen-med-kronisk-sygdom", "view.json").items()
        if name in ("schemaVersion", "identifier", "version", "level", "title")
    }
    view = basic({**content, "scores": [], "topics": [TOPIC]}, status="active")
    reference = {"reference": f"{live.base_url}/Questionnaire/{definition['id']}"}
    made_for = {"url": ehealth.VIEW_FOR, "extension": [{"url": "forReference", "valueReference": reference}]}
    return {**view, "extension": [*view["extension"], made_for]}


@pytest.fixture
def published(live, lis):
    """A questionnaire that shows lights."""
    made = lis("POST", "/Questionnaire", questionnaire(status="active"))
    assert made.status == 201, made.body
    view = lis("POST", "/Basic", view_of(live, made.json))
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


def test_a_version_without_lights_is_published_when_that_is_signed(live, lis, published):
    draft = clone(lis, published).json["entry"][0]["resource"]
    refused = put(lis, draft, status="active")
    assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (422, "KPRO_LIGHTS_MISSING")
    who = {"url": "who", "valueReference": {"reference": f"{live.base_url}/Practitioner/lis"}}
    when = {"url": "when", "valueDateTime": to_datetime(SystemClock().now())}
    signed = {"url": ehealth.WITHOUT_LIGHTS, "extension": [who, when]}
    assert put(lis, draft, status="active", extension=[*draft["extension"], signed]).status == 200


def test_a_version_with_a_view_of_its_own_is_published(live, lis, published):
    draft = clone(lis, published).json["entry"][0]["resource"]
    assert lis("POST", "/Basic", view_of(live, draft)).status == 201
    assert put(lis, draft, status="active").status == 200
