"""Measurements that nothing here assesses: a Task asks a professional to look at each.

On the national infrastructure numbers are judged by rules in Drools (Library), which are not run here. The limits of a
number go along with it; the guide says that there are such for a red and for a yellow alarm, and not how they are read:
on which side of a limit the alarm is, or whether the limit itself is within. So there is no light: not assessed, never
green. What a red alarm would have been is among them; so where there are limits for an alarm, or a value is missing,
somebody looks before what is routine: ours.

Not made: the Tasks RefRangeNeeded, RefRangeFixingNeeded and RefBaseNeeded. The guide ties them to a range that is
missing or bad, and does not say which is for what: whether a number whose request never had limits needs any, what
makes limits bad (another unit, the lower above the upper), and whether a relative range without its Goal wants RefBase.
To guess would ask the nurse to mend what nothing is wrong with; the measurement is looked at all the same.

Source: `fut.md` 2.2 (no rule: a Task refers to the measurement itself), 2.6.
"""

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.observation_codes import level_of
from kommunalpro.fut.tasks import new_task


def ask(session: Session, measurement: Json, episode: Json, care_plan: Json | None) -> None:
    """Open the Task of a stored Observation or Media; `session` is the system's."""
    base_url = session.server.base_url
    is_absent = measurement["resourceType"] == "Observation" and not _has_values(measurement, base_url)
    category = "MeasurementForAssessmentAbsentValue" if is_absent else "MeasurementForAssessmentNotTriaged"
    task = new_task(
        session,
        episode,
        care_plan,
        category=category,
        priority="urgent" if is_absent or _has_levels(measurement) else "routine",
        focus=own_url(base_url, measurement),
        timing=extension(measurement, ehealth.RESOLVED_TIMING),
    )
    session.create(task)


def _has_values(observation: Json, base_url: str) -> bool:
    """Tell whether each part has a value; where it has no parts, whether it has one itself, or members that are here.

    Those have Tasks of their own; of members that are elsewhere nobody here sees a value.
    """
    parts = observation.get("component") or (observation,)
    members = [Reference.parse(each.get("reference", "")) for each in observation.get("hasMember", ())]
    is_panel = any(each and each.base in (None, base_url) for each in members)
    return is_panel or all(any(name.startswith("value") for name in each) for each in parts)


def _has_levels(measurement: Json) -> bool:
    elements = (measurement, *measurement.get("component", ()))
    return any(level_of(each.get("type")) for element in elements for each in element.get("referenceRange", ()))
