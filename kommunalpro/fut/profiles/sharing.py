"""Who approves that measurements are shared: said of the activities whose measurements can be, and of no others.

Source: `fut.md` 1A (ehealth-activitydefinition); ConceptMap activitydefinition-code-to-perform-sharing of the guide. Of
a code that it does not name, nothing is asked.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.activity_codes import is_done
from kommunalpro.fut.errors import issue

_HERE = "ActivityDefinition.extension"


def problems(activity: Json, previous: Json | None) -> Iterator[Issue]:
    """Give what is wrong; what was published before is left as it is, for it cannot be changed."""
    if previous is not None and previous.get("status") != "draft":
        return
    has_policy = any(extensions(activity, ehealth.SHARING_APPROVAL_POLICY))
    if not has_policy and is_done("perform-sharing", activity):
        yield issue("ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_SET", "", _HERE)
    if has_policy and is_done("not-perform-sharing", activity):
        yield issue("ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_ALLOWED", "", _HERE)
