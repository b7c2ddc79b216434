"""Who approves sharing is said of activities whose measurements can be shared, and of no others."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.profiles.sharing import problems
from tests.resources import activity_definition

ASKING, EXERCISE, UNNAMED = "273586006", "229057006", "no-such-code"


def activity(code, *, says):
    made = activity_definition(
        "Questionnaire/1", code={"coding": [{"system": ehealth.ACTIVITYDEFINITION_CODE, "code": code}]}
    )
    kept = [each for each in made["extension"] if says or each["url"] != ehealth.SHARING_APPROVAL_POLICY]
    return made | {"extension": kept}


@pytest.mark.parametrize(
    ("code", "says", "refused"),
    [
        (ASKING, True, []),
        (ASKING, False, ["ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_SET"]),
        (EXERCISE, False, []),
        (EXERCISE, True, ["ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_ALLOWED"]),
        (UNNAMED, True, []),
        (UNNAMED, False, []),
    ],
)
@pytest.mark.parametrize("before", [None, "draft"])
def test_it_is_said_where_there_is_something_to_share(code, says, refused, before):
    previous = before and activity(code, says=says) | {"status": before}
    assert [each.coding[1] for each in problems(activity(code, says=says), previous)] == refused


def test_what_was_published_before_can_still_be_retired():
    published = activity(ASKING, says=False) | {"status": "active"}
    assert list(problems(published | {"status": "retired"}, published)) == []
