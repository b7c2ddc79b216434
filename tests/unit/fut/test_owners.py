"""Whose a resource is: what access, audit and refusals go by."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhirserver.protocols import Owner
from kommunalpro.fut.owners import owner
from tests import resources
from tests.people import ASTA, NANCY
from tests.store.cast import BASE

NANCYS = Owner("nancy", "nancys")


@pytest.mark.parametrize(
    ("resource", "whose"),
    [
        (resources.patient(NANCY) | {"id": "nancy"}, Owner("nancy")),
        (resources.episode_of_care("nancy") | {"id": "nancys"}, NANCYS),
        (resources.condition("nancy", "nancys"), NANCYS),
        (resources.care_plan("nancy", "nancys"), NANCYS),
        (resources.service_request("nancy", "nancys"), NANCYS),
        (resources.task("nancy", "nancys"), NANCYS),
        (resources.clinical_impression("nancy", "nancys"), NANCYS),
        (resources.questionnaire_response("nancy", "nancys"), NANCYS),
        (resources.consent("nancy", "nancys"), NANCYS),
        (resources.provenance("EpisodeOfCare/nancys"), Owner(None, "nancys")),
        (resources.provenance("EpisodeOfCare/nancys", agent=[{"who": resources.to("Patient/nancy")}]), NANCYS),
        (resources.access_consent("nancy"), Owner("nancy")),
        (resources.access_provenance("nancy"), Owner("nancy")),
        (resources.care_team("Nord", ASTA), Owner()),
        (resources.organization(), Owner()),
        (resources.practitioner(), Owner()),
        (resources.questionnaire(), Owner()),
        (resources.basic({}), Owner()),
    ],
    ids=lambda value: value.get("resourceType") if isinstance(value, dict) else "",
)
def test_a_resource_is_whose_it_names(resource, whose):
    assert owner(resource) == whose


def test_an_absolute_reference_and_one_to_a_version_name_the_same():
    absolute = {"reference": f"{BASE}/Patient/nancy/_history/3"}
    assert owner(resources.task("x", "nancys") | {"for": absolute}) == NANCYS


def test_a_provenance_is_of_the_course_of_care_that_it_tells_of_whatever_other_it_names():
    other = {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": resources.to("EpisodeOfCare/andet")}
    source = {"role": "source", "what": resources.to("EpisodeOfCare/tredje")}
    told = resources.provenance("EpisodeOfCare/nancys", extension=[other], entity=[source])
    assert owner(told) == Owner(None, "nancys")
    assert owner(told | {"target": [resources.to("Observation/7")]}) == Owner(None, "andet")


def test_a_group_or_a_name_alone_is_nobody():
    for subject in ({"reference": "Group/7"}, {"display": "Nancy"}, "nancy"):
        assert owner(resources.care_plan("x", "nancys") | {"subject": subject}) == Owner(None, "nancys")


def test_the_solution_is_told_by_its_tag():
    tag = {"system": ehealth.EHEALTH_SYSTEM, "code": "kpro"}
    assert owner(resources.task("nancy", "nancys") | {"meta": {"tag": [tag, {"code": "x"}]}}).tag == "kpro"
