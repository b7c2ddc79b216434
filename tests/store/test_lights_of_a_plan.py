"""A consent by which a citizen sees lights is to a course of care, or to plans of it alone."""

import pytest

from kommunalpro.fhir import ehealth
from tests.people import NANCY
from tests.resources import care_plan, clinical_impression, to, triage_consent
from tests.store.cast import citizen, ids

PERMIT, DENY = {"type": "permit"}, {"type": "deny"}


@pytest.fixture
def of_two_plans(clinic):
    """A light of each of two plans."""
    for plan in ("hjerte", "lunger"):
        clinic.create(care_plan("nancy", "nancys", "nord"), id=plan)
        light = clinical_impression("nancy", "nancys")
        of_plan = {"url": ehealth.CLINICALIMPRESSION_CAREPLAN, "valueReference": to(f"CarePlan/{plan}")}
        clinic.create({**light, "extension": [*light["extension"], of_plan]}, id=f"lys-{plan}")
    return clinic


def consents(store, says, *plans):
    given = triage_consent("nancy", "nancys")
    named = [{"url": ehealth.CONSENT_AFFILIATION, "valueReference": to(f"CarePlan/{plan}")} for plan in plans]
    changed = {"extension": [*given["extension"], *named], "provision": given["provision"] | says}
    return store.create({**given, **changed})


def seen(store):
    nancy = citizen(NANCY)
    return set(ids(store.search("ClinicalImpression", ("subject", nancy.user), by=nancy)))


def test_one_that_names_a_plan_shows_the_lights_of_that_plan_alone(of_two_plans):
    consents(of_two_plans, PERMIT, "hjerte")
    assert seen(of_two_plans) == {"lys-hjerte"}
    consents(of_two_plans, PERMIT, "lunger")
    assert seen(of_two_plans) == {"lys-hjerte", "lys-lunger"}


def test_one_that_names_several_shows_those(of_two_plans):
    consents(of_two_plans, PERMIT, "hjerte", "lunger")
    assert seen(of_two_plans) == {"lys-hjerte", "lys-lunger"}


def test_one_that_denies_of_a_plan_hides_the_lights_of_that_plan_alone(of_two_plans):
    consents(of_two_plans, PERMIT)
    assert seen(of_two_plans) == {"lys-hjerte", "lys-lunger"}
    consents(of_two_plans, DENY, "hjerte")
    assert seen(of_two_plans) == {"lys-lunger"}


def test_one_that_denies_of_the_course_holds_against_one_for_a_plan(of_two_plans):
    consents(of_two_plans, PERMIT, "hjerte")
    consents(of_two_plans, DENY)
    assert seen(of_two_plans) == set()


def test_a_light_that_names_no_plan_is_shown_by_none_for_a_plan(of_two_plans):
    of_two_plans.create(clinical_impression("nancy", "nancys"), id="lys")
    consents(of_two_plans, PERMIT, "hjerte")
    assert seen(of_two_plans) == {"lys-hjerte"}
    consents(of_two_plans, PERMIT)
    assert seen(of_two_plans) == {"lys-hjerte", "lys-lunger", "lys"}


def test_when_the_consent_is_over_nothing_is_shown(of_two_plans):
    given = consents(of_two_plans, PERMIT, "hjerte")
    of_two_plans.update({**given, "status": "inactive"})
    assert seen(of_two_plans) == set()
