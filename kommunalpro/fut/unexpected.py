"""Unexpected measurements: what came at a time for which nobody had asked. A Task asks the team what it is about.

The guide says that there is such a Task (UnexpectedMeasurementResolving, focus on the measurement), and not when. Ours,
by the resolved timing that the measurement tells:

- Resolved: its slot is none of the request, in the version that is named, or has not begun yet;
- Adhoc: the request, in that version, is not ad hoc at the time;
- Extra: the request does not take extra measurements (include-as-extra);
- Unresolved: always, for an active request says when;
- all but Extra: the request was a draft yet in the version that is named.

That it is late is expected (a missing measurement's Task is closed by it), and so is one more in the same slot. It is
taken in, assessed and counted as any other; the priority is routine, for how much it hastens, its own Task says.

Source: `fut.md` 4.8.
"""

from datetime import datetime, timedelta

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK, parse_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.task_codes import UNEXPECTED
from kommunalpro.fut.tasks import new_task
from kommunalpro.fut.timing import resolve, slot_at


def tell(session: Session, measurement: Json, care_plan: Json | None) -> None:
    """Make the Task of a stored measurement that was not expected; `session` is the system's."""
    episode = session.system_read(extension_value(measurement, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"])
    task = new_task(
        session,
        episode,
        care_plan,
        category=UNEXPECTED,
        priority="routine",
        focus=own_url(session.server.base_url, measurement),
        timing=extension(measurement, ehealth.RESOLVED_TIMING),
    )
    session.create(task)


def is_expected(timing: Json, request: Json, now: datetime) -> bool:
    """Tell whether a resolved timing is one in which a request, as it was, asks for a measurement."""
    type = (extension_value(timing, "type") or {}).get("coding", [{}])[0].get("code")
    if type == "Extra":
        return bool(extension_value(request, ehealth.INCLUDE_AS_EXTRA))
    if request["status"] == "draft":
        return False  # it asked for nothing yet, and its times may be such as only a definition has
    if type == "Adhoc":
        slot = next(resolve(request, now, now + timedelta.resolution), None)
        return slot is not None and slot.type == "Adhoc"
    if type != "Resolved":
        return False
    start, end = (parse_datetime(extension_value(timing, name), DENMARK) for name in ("start", "end"))
    slot = slot_at(request, start)
    return slot is not None and slot.end == end and start <= now


def as_answered(session: Session, request: Json, timing: Json) -> Json:
    """Give a request in the version that a resolved timing names; mostly that is the current one, which is at hand."""
    version = extension_value(timing, "serviceRequestVersionId")
    if version in (None, request["meta"]["versionId"]):
        return request
    return session.system_read(f"{own_url(session.server.base_url, request)}/_history/{version}")
