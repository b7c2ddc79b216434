"""Measurements: which kinds there are, from when each is, and how often something was measured.

`$submit-measurement` takes in *one* measurement as a Bundle (OperationDefinition -s-submit-measurement): systolic and
diastolic blood pressure, or a photo and what is said of it. So what came in together is counted once, which matters
where a slot asks for several. Such measurements carry the id of their submission (an extension of ours); responses that
came by themselves carry none, and each of them counts.

An Observation that holds no value and does not say why (dataAbsentReason) is taken in, for the guide has a Task about
it (MeasurementForAssessmentAbsentValue, `unassessed.py`) and asks for neither (`fut.md` 1C). But it answers nothing:
nobody knows more than before it came. So what was asked for is still missing, the citizen is asked on, and the Task of
what is missing stays open; else whoever follows them would take an unknown for a number that came. Who says why there
is none (it was declined, the device failed) has answered, and part of a measurement, as half a blood pressure, is one:
both count, and somebody is asked to look. Ours.
"""

from collections.abc import Mapping
from typing import Any, Literal

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, own_url

DONE = {"QuestionnaireResponse": "completed", "Observation": "final", "Media": "completed"}
"""Kind of measurement → the status of one that is whole."""
MEASUREMENTS = tuple(DONE)
BASED_ON = tuple((type, "based-on") for type in MEASUREMENTS)
"""By what the measurements of a ServiceRequest are found."""
PLANS = (("CarePlan", "activity-reference"),)
"""By what the plans of a ServiceRequest are found."""
TIME_PARAMETERS = {"QuestionnaireResponse": "authored", "Observation": "date", "Media": "created"}
"""Kind of measurement → the search parameter of from when it is."""
WHOLE = frozenset({*DONE.values(), "amended", "corrected"})
"""Statuses of what is whole, and still is after a correction."""
_TIMES = {"QuestionnaireResponse": "authored", "Observation": "effective", "Media": "created"}

Quality = Literal["situationQuality", "usageQuality", "deviceMeasuringQuality"]
QUALITIES: Mapping[Quality, tuple[str, str]] = {
    "situationQuality": ("SQ", ehealth.SITUATION_QUALITY),
    "usageQuality": ("UQ", ehealth.USAGE_QUALITY),
    "deviceMeasuringQuality": ("DMQ", ehealth.DEVICE_MEASURING_QUALITY),
}
"""Part of reuseCriteria → the kind of quality on a measurement, and its code system."""
NO_QUALITY_NEEDED = "none"


def time_of(measurement: Json) -> tuple[str, Any]:
    """Give the element that says from when a measurement is, and its value; None: it says nothing of it."""
    name = _TIMES[measurement["resourceType"]]
    return next(((each, measurement[each]) for each in measurement if each.startswith(name)), (name, None))


def moment_of(measurement: Json) -> str:
    """Give when that begins: a dateTime, empty when nothing says it."""
    _, time = time_of(measurement)
    return str((time.get("start") if isinstance(time, dict) else time) or "")


def counts(measurement: Json) -> bool:
    """Tell whether it answers what was asked for: it is whole, still is after a correction, and holds something.

    What was invalidated does not, except where it fulfils the request all the same (`validity.fulfils`).
    """
    return measurement["status"] in WHOLE and not _is_empty(measurement)


def _is_empty(measurement: Json) -> bool:
    """Tell whether it is an Observation of which no part holds a value, nor says why there is none.

    Of a panel the members hold them (`hasMember`): each is an Observation, and counts by itself or with its submission.
    """
    parts = (measurement, *measurement.get("component", ()))
    said = (name.startswith("value") or name == "dataAbsentReason" for part in parts for name in part)
    return measurement["resourceType"] == "Observation" and not any(said)


def requests_of(measurement: Json) -> set[str]:
    """Give the version-less URLs of what a measurement is based on."""
    parsed = (Reference.parse(each.get("reference", "")) for each in measurement["basedOn"])
    return {each.url for each in parsed if each}


def occasion_of(measurement: Json, base_url: str) -> str:
    """Give by what measurements that are counted once are the same: their submission, else each is its own."""
    return str(extension_value(measurement, ehealth.SUBMISSION) or own_url(base_url, measurement))
