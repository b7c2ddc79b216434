"""What every measurement of a submission must be: whole, of one citizen and course of care, and asked for.

Source: `fut.md` 4.3; the codes are those of the guide's page of error messages.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.placeholders import unmet
from kommunalpro.fhirserver.protocols import Owner
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.activity_codes import is_answered_by
from kommunalpro.fut.errors import issue, missing
from kommunalpro.fut.measurements import DONE, PLANS, time_of
from kommunalpro.fut.moments import is_moment
from kommunalpro.fut.owners import episode_of, owner, patient_of, system_tags, unexpected_tags
from kommunalpro.fut.profiles import measurements, requirements
from kommunalpro.fut.profiles.resolved_timings import timing_faults
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.submitting.entries import Entry, others
from kommunalpro.fut.submitting.observations import code_problems
from kommunalpro.fut.submitting.responses import questionnaire_problems

_MAY_BE_AHEAD = timedelta(days=1)
_VERSION = re.compile(r"[0-9]{1,9}")


def problems(session: Session, entries: Sequence[Entry], entry: Entry) -> Iterator[Issue]:
    """Give every reason why a measurement is not taken in."""
    measurement, first = entry.resource, next(each for each in entries if each.is_measurement).resource
    yield from _form_problems(measurement)
    yield from measurements.problems(measurement)
    yield from unmet(measurement, others(entries, entry))
    if measurement.get("status") != DONE[entry.type]:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS", str(measurement.get("status")), "status")
    yield from _device_problems(measurement)
    if wrong := _time_problem(session, measurement):
        yield wrong
    if wrongs := [*_whose_problems(session, measurement, first)]:
        yield from wrongs
        return
    if wrong := _source_problem(session, measurement):
        yield wrong
    episode = episode_of(measurement, session)
    if episode and (unexpected := unexpected_tags(measurement, system_tags(episode))):
        yield issue("SYSTEM_TAG_UNEXPECTED_TAG", unexpected, "meta.tag")
    if "basedOn" in measurement:  # else its profile has told
        yield from _request_problems(session, entry)


def _request_problems(session: Session, entry: Entry) -> Iterator[Issue]:
    """What it is based on asks for it, now and in its course of care; of what is not there nothing further is told."""
    measurement = entry.resource
    request = request_of(session, measurement)
    if request is None or owner(request).episode != owner(measurement).episode:
        yield issue(
            "MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE",
            "no such ServiceRequest in the episode",
            "basedOn",
        )
        return
    if request["status"] != "active":
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE", request["status"], "basedOn")
    yield from _timing_problems(measurement, request)
    if entry.type == "QuestionnaireResponse":
        yield from questionnaire_problems(session, measurement, request)
    elif entry.type == "Observation":
        yield from code_problems(measurement, request)
    elif not is_answered_by("Media", request):
        yield issue("KPRO_SUBMIT_PICTURE", "", "basedOn")


def _form_problems(measurement: Json) -> Iterator[Issue]:
    """Give what its profile refuses, but that it does not say whose it is: for that FUT has codes of its own."""
    type = measurement["resourceType"]
    told_below = (
        missing("subject", f"{type}.subject"),
        missing(f"extension {ehealth.WORKFLOW_EPISODE_OF_CARE}", f"{type}.extension"),
    )
    return (each for each in requirements.problems(measurement) if each not in told_below)


def request_of(session: Session, measurement: Json) -> Json | None:
    """Give the ServiceRequest that a measurement is based on, as it is now; None: there is none, or not one."""
    based_on = measurement.get("basedOn", ())
    reference = Reference.parse(based_on[0].get("reference", "")) if len(based_on) == 1 else None
    if reference is None or reference.type != "ServiceRequest":
        return None
    try:
        # With its plan, which is wanted as soon as the measurement is stored.
        (request,), _ = session.system_read_referred([reference.url], by=PLANS)
    except FhirError:
        return None
    return request


def _whose_problems(session: Session, measurement: Json, first: Json) -> Iterator[Issue]:
    """Give that it does not say whose it is, else that it is another's than all of them are to be."""
    whose = owner(measurement)
    if whose.patient is None:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_SHOULD_REFERENCE_PATIENT", "", "subject")
    if whose.episode is None:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_SHOULD_REFERENCE_EPISODEOFCARE", "", "extension")
    if whose.patient and whose.episode and (wrong := _others_problem(session, measurement, whose, owner(first))):
        yield wrong


def _others_problem(session: Session, measurement: Json, whose: Owner, same: Owner) -> Issue | None:
    """All are the token's citizen's and in the token's course of care (fut.md 4.3), which is that citizen's."""
    if whose.patient != same.patient:
        return issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_FOR_DIFFERENT_PATIENTS", "", "subject")
    if whose.episode != same.episode:
        return issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_NOT_PART_OF_SAME_EPISODEOFCARE", "", "extension")
    if not _is_mine(session, whose.patient, whose.episode):
        return issue("KPRO_SUBMIT_PATIENT", "", "subject")
    episode = episode_of(measurement, session)
    if episode is None or owner(episode).patient != whose.patient:
        return issue("MEASUREMENT_SUBMITMEASUREMENT_DIFFERENT_PATIENT_REFERENCE", "", "subject")
    return None


def _is_mine(session: Session, patient: str | None, episode: str | None) -> bool:
    """Tell whether the token's patient and episode are those of the measurement."""
    principal = session.principal
    if principal.user_type == "SYSTEM":
        return True
    chosen = principal.user if principal.user_type == "PATIENT" else principal.context.patient
    return _id(chosen) == patient and _id(principal.context.episode_of_care) == episode


def _time_problem(session: Session, measurement: Json) -> Issue | None:
    """What is from days ahead would stand before all that comes, in lists and in the development over time.

    Ours, and a day is left: clocks go wrong, and zones are mistaken, and what was measured is not lost for it.
    """
    for place, text in times_of(measurement):
        if is_moment(text) and parse_datetime(text) > session.now + _MAY_BE_AHEAD:
            return issue("KPRO_SUBMIT_TIME", text, place)
    return None


def times_of(measurement: Json) -> Iterator[tuple[str, str]]:
    """Give each time by which a measurement is found and shown, and where it stands."""
    name, time = time_of(measurement)
    if isinstance(time, str):
        yield name, time
    for place, period in ((name, time), ("extension", extension_value(measurement, ehealth.EFFECTIVE_PERIOD))):
        if isinstance(period, dict):
            yield from ((place, period[end]) for end in ("start", "end") if end in period)


def _source_problem(session: Session, measurement: Json) -> Issue | None:
    """Who answered is the citizen, somebody of theirs, or a professional, who is here; a citizen speaks for no other.

    Ours: the profile says only which types they are of (`fut.md` 1A).
    """
    source, patient = measurement.get("source"), owner(measurement).patient
    if source is None or _is_theirs(session, Reference.parse(source.get("reference", "")), patient):
        return None
    return issue("KPRO_SUBMIT_SOURCE", "", "source")


def _is_theirs(session: Session, source: Reference | None, patient: str | None) -> bool:
    if source is None or source.base not in (None, session.server.base_url):
        return False
    if source.type == "Patient":
        return source.id == patient
    if source.type == "Practitioner" and session.principal.user_type == "PATIENT":
        return False
    found = read_if_there(session, f"{session.server.base_url}/{source.key}")
    return found is not None and (source.type == "Practitioner" or patient_of(found) == patient)


def _device_problems(measurement: Json) -> Iterator[Issue]:
    """One device has measured, in one quality."""
    kinds = [keys(extension_value(each, "qualityType")) for each in extensions(measurement, ehealth.QUALITY)]
    if sum((ehealth.QUALITY_TYPES, "DMQ") in kind for kind in kinds) > 1:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_MORE_THAN_ONE_DEVICE_QUALITY", "", "extension")


def _timing_problems(measurement: Json, request: Json) -> Iterator[Issue]:
    """It says a slot or none, and a version that the request has had; that it is there, its profile asks."""
    timing = extension(measurement, ehealth.RESOLVED_TIMING) or {}
    for fault in timing_faults(measurement):
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INVALID_RESOLVED_TIMING", fault, "extension")
    version = extension_value(timing, "serviceRequestVersionId") or ""
    newest = request["meta"]["versionId"]
    if not _VERSION.fullmatch(version) or not 1 <= int(version) <= int(newest):
        detail = f"serviceRequestVersionId {version} is no version of the ServiceRequest, whose newest is {newest}"
        text = "Svaret hører til en version af aktiviteten, som ikke findes."
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INVALID_RESOLVED_TIMING", detail, "extension", text=text)


def _id(text: str | None) -> str | None:
    reference = Reference.parse(text or "")
    return reference.id if reference else None
