"""What an activity and what is asked of a citizen may say of ranges, reuse and quality."""

from decimal import Decimal

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.profiles.criteria import criteria_problems
from tests.gateway.measuring import RED, concept, limits, quality
from tests.gateway.test_reuse import ACTUAL, criteria

PROFILE, BINDING = "GENERAL_VALIDATION_ERROR", "GENERAL_VALIDATION_ERROR"
TYPES = ("ActivityDefinition", "ServiceRequest")


def found(type, *extensions, before=None):
    previous = before and {"resourceType": type, "extension": [*before]}
    return [each.coding[1] for each in criteria_problems({"resourceType": type, "extension": [*extensions]}, previous)]


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (limits(None, None, RED), PROFILE),
        (limits(90, 60, RED), PROFILE),
        (limits(60, 90, ("http://x", "RAL")), BINDING),
        (criteria(("situationQuality", ehealth.SITUATION_QUALITY, "nonsense")), BINDING),
        (criteria(("usageQuality", ehealth.SITUATION_QUALITY, "sitting")), BINDING),
        *(
            (criteria(age=age), PROFILE)
            for age in (
                {"value": 7},
                ACTUAL | {"value": -1},
                ACTUAL | {"value": Decimal("0.5")},
                ACTUAL | {"code": "fortnight"},
                {"code": "d"},
                *(ACTUAL | {"comparator": each} for each in ("<", "<=", ">=", ">")),
                *(ACTUAL | {"value": Decimal(each)} for each in ("1e30", "1e400")),
            )
        ),
        (quality("SQ", ehealth.SITUATION_QUALITY, "nonsense"), BINDING),
        (quality("nonsense", ehealth.SITUATION_QUALITY, "sitting"), BINDING),
    ],
)
def test_what_no_measurement_can_be_held_against_is_refused(type, wrong, code):
    assert found(type, wrong) == [code]
    assert found(type, wrong, before=[wrong]) == [], "what was written before stays, so that it can be ended"


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize(
    "right",
    [
        limits(60, None, RED),
        limits(None, 160, RED, unit="mm[Hg]"),
        limits(60, 60),
        criteria(("situationQuality", ehealth.SITUATION_QUALITY, "sitting")),
        *(
            criteria(age=ACTUAL | age)
            for age in (
                {"value": 0},
                {"value": Decimal("2.0"), "code": "h"},
                {"code": "a"},
                {"value": 99999, "code": "a"},
            )
        ),
        quality("SQ", ehealth.SITUATION_QUALITY, "sitting"),
        {"url": ehealth.SHARING_POLICY, "valueCodeableConcept": concept(("http://x", "y"))},
    ],
)
def test_what_one_can_be_held_against_is_taken(type, right):
    assert found(type, right) == []


def test_what_is_published_is_held_to_what_is_asked_today():
    """Whoever sends it would find that nothing can be used again, and could not change it any more."""
    draft = {"resourceType": "ActivityDefinition", "status": "draft", "extension": [criteria(age={"value": 7})]}
    published = {**draft, "status": "active"}
    assert len([*criteria_problems(published, draft)]) == 1
    assert [*criteria_problems(draft, draft)] == []
    assert [*criteria_problems({**draft, "status": "retired"}, published)] == []
