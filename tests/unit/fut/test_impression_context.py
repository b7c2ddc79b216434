"""What the server says of an assessment: of which plan it is, and for whom it approves of sharing.

Nancy's plans are those of `test_impressions.py`. Source: the guide's page of ehealth-clinicalimpression.
"""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from tests.refusals import refusal
from tests.resources import basic, care_plan, clinical_impression, to
from tests.store.cast import BASE
from tests.unit.fut.test_impressions import ANDET_SVAR, PLANLESS, SVAR, about, asta, item_code, plans

__all__ = ["plans"]

KOMMUNE, REGION = f"{BASE}/Organization/kommune", f"{BASE}/Organization/region"
PLAN, APPROVER = ehealth.CLINICALIMPRESSION_CAREPLAN, ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION


def named(impression, url):
    return (extension_value(impression, url) or {}).get("reference")


# --- The plan


@pytest.mark.parametrize(("answer", "plan"), [(SVAR, "vaegt"), (ANDET_SVAR, "soevn")])
def test_it_names_the_plan_of_what_is_looked_at_also_where_nobody_says_so(plans, answer, plan):
    assert named(plans.create(about(answer), by=asta()), PLAN) == f"{BASE}/CarePlan/{plan}"


def test_it_names_the_plan_of_the_one_before(plans):
    before = plans.create(about(SVAR, plan="vaegt"))
    after = about() | {"previous": to(f"ClinicalImpression/{before['id']}")}
    assert named(plans.create(after, by=asta()), PLAN) == f"{BASE}/CarePlan/vaegt"


def test_it_names_no_other_plan_than_the_one_before(plans):
    before = plans.create(about(SVAR, plan="vaegt"))
    after = about(plan="soevn") | {"previous": to(f"ClinicalImpression/{before['id']}")}
    told = refusal(lambda: plans.create(after, by=asta()))
    assert told == [("KPRO_CLINICALIMPRESSION_CAREPLAN", "ClinicalImpression.extension")]


def test_where_no_plan_or_several_can_be_meant_none_is_named(plans):
    assert named(plans.create(about(PLANLESS), by=asta()), PLAN) is None
    plans.create(care_plan("nancy", "nancys", "nord", activity=[{"reference": to("ServiceRequest/spoerg")}]))
    assert named(plans.create(about(SVAR), by=asta()), PLAN) is None


# --- Who approves of sharing


def writer():
    """Asta, where she may change what she has said."""
    by = asta()
    return replace(by, privileges=by.privileges | {"ClinicalImpression.update"})


def approving(*decisions, claimed=None, **more):
    """A professional's assessment; `claimed` is the organisation that it says itself."""
    made = about(SVAR, **more)
    for each in decisions:
        said = {"coding": [{"system": ehealth.CLINICALIMPRESSION_DECISION_CODES, "code": each}]}
        made["extension"].append({"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": said})
    if claimed:
        made["extension"].append({"url": APPROVER, "valueReference": to(claimed)})
    return made


@pytest.mark.parametrize("claimed", [None, REGION])
def test_sharing_is_approved_for_the_organisation_that_the_professional_works_for(plans, claimed):
    stored = plans.create(approving("approved", "approved-for-sharing", claimed=claimed), by=asta())
    assert [each["valueReference"]["reference"] for each in extensions(stored, APPROVER)] == [KOMMUNE]


def test_who_approved_stays_who_did_whoever_changes_it(plans):
    stored = plans.create(approving("approved-for-sharing"), by=asta())
    others = [each for each in stored["extension"] if each["url"] != APPROVER]
    theirs = [*others, {"url": APPROVER, "valueReference": to(REGION)}]
    for extension in (others, theirs):
        stored = plans.update({**stored, "extension": extension, "note": [{"text": "Set."}]}, by=writer())
        assert named(stored, APPROVER) == KOMMUNE


def test_what_is_approved_later_is_approved_for_who_does_it_then(plans):
    stored = plans.create(approving("approved"), by=asta())
    assert named(stored, APPROVER) is None
    more = approving("approved-for-sharing", plan="vaegt")
    assert named(plans.update({**stored, "extension": more["extension"]}, by=writer()), APPROVER) == KOMMUNE


def test_nobody_approves_who_works_for_nobody(plans):
    told = refusal(lambda: plans.create(approving("approved-for-sharing"), by=asta().within(organization=None)))
    assert told == [("SECURITY_TOKEN_CONTEXT_MISSING_CONTEXT", "ClinicalImpression.extension")]


@pytest.mark.parametrize(
    ("author", "approver"), [(REGION, REGION), (f"{BASE}/Practitioner/asta", KOMMUNE), (None, KOMMUNE)]
)
def test_what_is_approved_by_no_person_is_for_the_author_of_the_plan_else_who_is_responsible(plans, author, approver):
    if author:
        plans.update(plans.read("CarePlan", "vaegt") | {"author": to(author)})
    assert named(plans.create(approving("approved-for-sharing")), APPROVER) == approver


# --- Views for a citizen


def approval(*views, code="approved-view", decision="citizen-view-approved", answers=(SVAR,)):
    made = clinical_impression("nancy", "nancys")
    del made["finding"]
    made["code"]["coding"][0]["code"] = code
    if decision:
        said = {"coding": [{"system": ehealth.CLINICALIMPRESSION_DECISION_CODES, "code": decision}]}
        made["extension"].append({"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": said})
    shown = [{"url": ehealth.VIEW_INVESTIGATION_ITEM, "valueReference": to(f"Basic/{each}")} for each in views]
    items = [to(reference) for each in answers for reference in (f"{each}/_history/1", each)]
    looked_at = {"code": item_code(), **({"extension": shown} if shown else {}), **({"item": items} if items else {})}
    return made | {"investigation": [looked_at]}


@pytest.fixture
def views(plans):
    other = {"contentType": "application/xml", "data": "PHZpZXcvPg=="}
    for id, kind in (("visning", "view"), ("vejledning", "actionguidance")):
        made = basic({}, kind)
        made["contained"][0] |= other
        plans.create(made, id=id)
    return plans


def test_views_are_approved_for_answers(views):
    assert views.create(approval("visning"), by=asta())["id"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (approval("visning", decision=None), ("GENERAL_VALIDATION_ERROR", "ClinicalImpression.extension")),
        (approval("visning", decision="approved"), ("GENERAL_VALIDATION_ERROR", "ClinicalImpression.extension")),
        (approval("visning", code="MeasurementAssessment"), ("GENERAL_VALIDATION_ERROR", "ClinicalImpression.code")),
        (approval(), ("GENERAL_VALIDATION_ERROR", "ClinicalImpression.investigation.extension")),
        (approval("visning", answers=()), ("GENERAL_VALIDATION_ERROR", "ClinicalImpression.investigation.item")),
        (
            approval("visning", answers=("Observation/b",)),
            ("GENERAL_VALIDATION_ERROR", "ClinicalImpression.investigation.item"),
        ),
        (approval("nowhere"), ("GENERAL_RESOURCE_NOT_FOUND", "ClinicalImpression.investigation.extension")),
        (approval("vejledning"), ("GENERAL_RESOURCE_NOT_FOUND", "ClinicalImpression.investigation.extension")),
    ],
    ids=[
        "undecided",
        "decided otherwise",
        "in an assessment",
        "no View",
        "no answer",
        "a number",
        "a View that is not here",
        "guidance for professionals",
    ],
)
def test_an_approval_is_whole_and_of_nothing_else(views, made, told):
    assert refusal(lambda: views.create(made, by=asta())) == [told]
