"""Rules of ehealth-questionnaireresponse, ehealth-observation and ehealth-media beyond `requirements`.

Ours: a time is a moment or begins with one, for measurements are counted by it; and what has been sent in does not
change afterwards, save what the guide lets be changed (status; of Media what it is related to, and the content of an
overlay). Whether it counts is for `$set-measurement-validity` alone to say, and what follows from it: so what is whole
may be called amended or corrected, and what is not may become whole. Of a response the guide has a PATCH to
entered-in-error: it then stands as overdue, without a Task. None is opened again to be written anew, for the light of
record was given for these answers.

A system from outside may correct a number or a picture that came wrong from elsewhere, and its status says so; of an
answer it may say that it was amended, and lets what was answered be.

Not here: FUT's PUT of a response in progress, by the privilege `$submit-measurement`. No such response is ever stored:
a submission is completed (`submitting/checks.py`), and what somebody has begun is a draft of `care`.

Source: `fut.md` 1A, 1C and 4.3; the guide's pages of ehealth-observation and ehealth-media.
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, missing, unbound
from kommunalpro.fut.measurements import DONE, QUALITIES, WHOLE, time_of
from kommunalpro.fut.moments import is_moment
from kommunalpro.fut.pictures import content_problems
from kommunalpro.fut.profiles.requirements import is_code

_VALUES = ("valueQuantity", "valueCodeableConcept")
_QUALITIES = tuple(system for _, system in QUALITIES.values())
_SERVERS = ("id", "meta")
_CORRECTIONS = ("amended", "corrected")
_IN_ERROR = "entered-in-error"
OF_RESPONSE = (
    "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_EMPTY_PERIOD",
    "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_INVALID_DATETIME",
    "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_START_AFTER_END",
)
"""What is said of a period that is empty, vague, or goes backwards."""
_TIMING = "GENERAL_TIMING_VALIDATION_ERROR"
_OF_OTHERS = (_TIMING, _TIMING, _TIMING)


def measurement_problems(measurement: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """What a measurement is by itself, and that it stays what it was."""
    yield from problems(measurement)
    if previous and not _may_correct(measurement, previous, session):
        yield from _changes(measurement, previous, session)


def _may_correct(measurement: Json, previous: Json, session: Session) -> bool:
    """What the installation does itself puts right what came wrong; a system from outside says that it does.

    It rewrites no answer, for what a citizen has said is the citizen's; and nothing that was invalidated counts again.
    """
    is_corrected = measurement["status"] in _CORRECTIONS and measurement["resourceType"] != "QuestionnaireResponse"
    is_corrected = is_corrected and previous["status"] != _IN_ERROR
    return session.principal.user_type == "SYSTEM" and (not session.is_outside or is_corrected)


def problems(measurement: Json) -> Iterator[Issue]:
    """What a measurement is by itself."""
    yield from _quality_problems(measurement)
    yield from _PROBLEMS[measurement["resourceType"]](measurement)


def _response_problems(response: Json) -> Iterator[Issue]:
    """When it was answered has a beginning or an end, each to the minute, and does not go backwards."""
    period = extension_value(response, ehealth.EFFECTIVE_PERIOD)
    if period is not None:
        yield from _period_problems(period, "QuestionnaireResponse.extension", OF_RESPONSE)


def _observation_problems(observation: Json) -> Iterator[Issue]:
    """It is from some time, and its value is a number or a code."""
    yield from _time_problems(observation)
    yield from _value_problems(observation, "Observation")
    for number, component in enumerate(observation.get("component", ())):
        yield from _value_problems(component, f"Observation.component[{number}]")


def _media_problems(media: Json) -> Iterator[Issue]:
    """It is from some time; an original picture builds on no other; what is sent along can be looked into."""
    yield from _time_problems(media)
    if "reference" not in media.get("subject", {"reference": ""}):
        yield missing("subject.reference", "Media.subject.reference")
    modes = [each.get("valueCode") for each in extensions(media, ehealth.MEDIA_USAGE_MODE)]
    if "raw" in modes and any(extensions(media, ehealth.MEDIA_RELATED_TO)):
        yield _issue("usage mode raw cannot depend on related media", "Media.extension")
    yield from content_problems(media)


_PROBLEMS = {
    "QuestionnaireResponse": _response_problems,
    "Observation": _observation_problems,
    "Media": _media_problems,
}


def _value_problems(element: Json, path: str) -> Iterator[Issue]:
    for name in element:
        if name.startswith("value") and name not in _VALUES:
            yield _issue("value[x] only Quantity or CodeableConcept", f"{path}.value")


def _quality_problems(measurement: Json) -> Iterator[Issue]:
    """Each quality says of which kind it is, in FUT's codes."""
    path = f"{measurement['resourceType']}.extension"
    for each in extensions(measurement, ehealth.QUALITY):
        for name, systems in (("qualityType", (ehealth.QUALITY_TYPES,)), ("qualityCode", _QUALITIES)):
            given = keys(extension_value(each, name))
            if not any(system in systems and is_code(system, code) for system, code in given):
                yield unbound(f"{name} from {' or '.join(systems)}", path)


def _time_problems(measurement: Json) -> Iterator[Issue]:
    name, time = time_of(measurement)
    path = f"{measurement['resourceType']}.{name}"
    if time is None:
        yield missing(f"{name}[x]", path)
    elif isinstance(time, str) and not is_moment(time):
        yield issue(_TIMING, "needs at least minutes and a time zone", path)
    elif isinstance(time, dict):
        yield from _period_problems(time, path, _OF_OTHERS)


def _period_problems(period: Any, path: str, names: tuple[str, str, str]) -> Iterator[Issue]:
    """A response may say only when it was sent; its beginning and its end are never the same."""
    empty, vague, backwards = names
    start, end = (period.get(each) if isinstance(period, dict) else None for each in ("start", "end"))
    is_response = names is OF_RESPONSE
    if start is None and (end is None or not is_response):
        yield issue(empty, "a Period that begins", path)
    if not all(is_moment(each) for each in (start, end) if each is not None):
        yield issue(vague, "start and end need at least minutes and a time zone", path)
    elif start and end:
        begun, ended = parse_datetime(start), parse_datetime(end)
        if ended < begun or (is_response and ended == begun):
            yield issue(backwards, "start is not before end", path)


def _changes(measurement: Json, previous: Json, session: Session) -> Iterator[Issue]:
    """Tell what was changed that stays as it was sent in."""
    type = measurement["resourceType"]
    free = {"status", *_SERVERS}
    if any(each.get("valueCode") == "overlay" for each in extensions(previous, ehealth.MEDIA_USAGE_MODE)):
        free.add("content")
    for name in sorted({*measurement, *previous} - free):
        if _fixed(measurement, name) != _fixed(previous, name):
            yield issue("KPRO_MEASUREMENT_IMMUTABLE", f"{type}.{name}", f"{type}.{name}")
    statuses = _of_response if type == "QuestionnaireResponse" else _of_number
    if measurement["status"] not in (may_be := statuses(previous, session)):
        yield issue("KPRO_MEASUREMENT_IMMUTABLE", " or ".join(sorted(may_be)), f"{type}.status")


def _of_response(previous: Json, session: Session) -> set[str]:
    """Give what the status of a response may be; what is invalidated does not count again by being amended."""
    may_amend = session.principal.user_type == "SYSTEM" and previous["status"] != _IN_ERROR
    return {previous["status"], _IN_ERROR, *(("amended",) if may_amend else ())}


def _of_number(previous: Json, session: Session) -> set[str]:
    """Give what the status of a number or a picture may be."""
    before = previous["status"]
    if before == _IN_ERROR:
        return {before}
    return {before, *_CORRECTIONS, *(() if before in WHOLE else (DONE[previous["resourceType"]],))}


def _fixed(measurement: Json, name: str) -> Any:
    """Give an element without what may be changed of it."""
    value = measurement.get(name)
    if name == "extension":
        return [each for each in value or () if each.get("url") != ehealth.MEDIA_RELATED_TO]
    return value


def _issue(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path)
