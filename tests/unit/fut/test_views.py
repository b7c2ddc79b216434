"""A View and an ActionGuidance say what they are, for which questionnaire, and each takes its own privilege.

Source: `fut.md` 2.4-2.5.
"""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.outcome import Forbidden
from tests.people import LIS
from tests.refusals import refusal_codes
from tests.resources import basic
from tests.store.cast import BASE

PUBLICATION, RESOURCE_TYPES = "http://hl7.org/fhir/publication-status", "http://hl7.org/fhir/resource-types"
OTHERS = {"contentType": "application/xml", "data": "PHZpZXcvPg=="}
KINDS = {
    "view": (ehealth.VIEW_TYPE, ehealth.VIEW_FOR, ehealth.VIEW_TYPES),
    "actionguidance": (ehealth.ACTIONGUIDANCE_TYPE, ehealth.ACTIONGUIDANCE_FOR, ehealth.ACTION_GUIDANCE_TYPES),
}


def made(kind, *more):
    draft = basic({}, kind)
    draft["contained"][0] |= OTHERS
    draft["extension"] += more
    return draft


def refusal(store, resource):
    return set(refusal_codes(lambda: store.create(resource)))


def meant_for(url, type, reference=None):
    parts = [{"url": "forType", "valueCoding": {"system": RESOURCE_TYPES, "code": type}}]
    to = {"url": "forReference", "valueReference": {"reference": reference}}
    return {"url": url, "extension": [*parts, to] if reference else parts}


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_which_type_it_is_of(store, kind):
    type, _, system = KINDS[kind]
    bare = made(kind)
    bare["extension"] = [each for each in bare["extension"] if each["url"] != type]
    assert refusal(store, bare) == {"GENERAL_VALIDATION_ERROR"}
    wrong = made(kind)
    extension(wrong, type)["valueCoding"] = {"system": system, "code": "zz"}
    assert refusal(store, wrong) == {"GENERAL_VALIDATION_ERROR"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [(PUBLICATION, "zz"), ("http://x", "draft")])
def test_its_status_is_one_of_a_publication(store, kind, status):
    wrong = made(kind)
    extension(wrong, ehealth.STATUS)["valueCoding"] = dict(zip(("system", "code"), status, strict=True))
    assert "GENERAL_VALIDATION_ERROR" in refusal(store, wrong)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("type", "reference", "code"),
    [
        ("PlanDefinition", "Questionnaire/1", "GENERAL_VALIDATION_ERROR"),
        ("Questionnaire", "Patient/nancy", "GENERAL_VALIDATION_ERROR"),
        ("Questionnaire", None, "GENERAL_VALIDATION_ERROR"),
    ],
)
def test_it_is_for_a_questionnaire(clinic, kind, type, reference, code):
    assert code in refusal(clinic, made(kind, meant_for(KINDS[kind][1], type, reference)))


@pytest.mark.parametrize(
    ("kind", "privilege", "other"),
    [("view", "View.write", "ActionGuidance.write"), ("actionguidance", "ActionGuidance.write", "View.write")],
)
def test_each_takes_its_own_privilege(clinic, kind, privilege, other):
    lis = LIS.at(BASE).within(organization=f"{BASE}/Organization/kommune")
    with pytest.raises(Forbidden):
        clinic.create(made(kind), by=replace(lis, privileges=frozenset({other})))
    assert clinic.create(made(kind), by=replace(lis, privileges=frozenset({privilege})))["id"]
