"""Reuse: the citizen lets an earlier measurement count again, and a Provenance of the submission says of which.

The measurement is sent as a copy; the Provenance has the copy as its one target and the original as its one entity. It
is taken in where the request lets it (reuseCriteria, adapted to the citizen), the original is young enough and no copy
itself, and the copy has the qualities that are asked for. It counts once for a request: an original that answered it
itself, or of which it has a copy that was not invalidated, is not reused for it. So those who reuse one original take
turns.

Ours, where the guide is silent: a copy says what its original says (code and value, answers, or content); an original
that was invalidated is not reused; the age is counted from the earliest time that the copy says of itself to the moment
of the submission, on the Danish clock; the quality `none` ("no quality needed") asks for nothing; who chose is the
citizen or who sends it in with them.

Source: `fut.md` 1B (provenance), 4.3; the codes are those of the guide's page of error messages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.placeholders import unmet
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.measurements import MEASUREMENTS, NO_QUALITY_NEEDED, QUALITIES, counts, moment_of, requests_of
from kommunalpro.fut.moments import is_duration, is_moment, later
from kommunalpro.fut.owners import episode_of, owner, system_tags, unexpected_tags
from kommunalpro.fut.pictures import with_bare_picture
from kommunalpro.fut.profiles import requirements
from kommunalpro.fut.profiles.bindings import subsumes
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.submitting.checks import request_of, times_of
from kommunalpro.fut.submitting.entries import Entry, others

POLICIES = frozenset({ehealth.POLICY_REUSE_CHOSEN_BY_CITIZEN, ehealth.POLICY_REUSE_BY_PATIENT})
"""By which a Provenance says that something is reused; the guide's introduction has the second, its codes the first."""
_QUOTATION = ("http://hl7.org/fhir/w3c-provenance-activity-type", "Quotation")


def problems(session: Session, entries: Sequence[Entry], entry: Entry) -> Iterator[Issue]:
    """Give every reason why a Provenance is not taken in."""
    provenance = entry.resource
    yield from requirements.problems(provenance)
    yield from unmet(provenance, others(entries, entry))
    if not POLICIES.intersection(provenance.get("policy", ())):
        detail = f"policy must be {ehealth.POLICY_REUSE_CHOSEN_BY_CITIZEN}"
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_INVALID_POLICY", detail, "policy")
    if _QUOTATION not in keys(provenance.get("activity")):
        detail = f"activity must be {'#'.join(_QUOTATION)}"
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_INVALID", detail, "activity")
    targets, entities = provenance.get("target", ()), provenance.get("entity", ())
    if len(targets) != 1:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_NOT_SINGLE_TARGET", "", "target")
    if len(entities) != 1:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_NOT_SINGLE_ENTITY", "", "entity")
    if len(targets) != 1 or len(entities) != 1:
        return
    if entities[0].get("role") != "quotation":
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_INVALID", "role must be quotation", "entity.role")
    named = {each.full_url: each for each in entries if each.is_measurement}
    copy = named.get(targets[0].get("reference", ""))
    if copy is None:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_REFERENCE_MISSING", "", "target")
        return
    if owner(provenance).patient not in (None, owner(copy.resource).patient):
        yield issue("KPRO_SUBMIT_PATIENT", "", "agent.who")  # it would be another citizen's
    episode = episode_of(copy.resource, session)
    if episode and (unexpected := unexpected_tags(provenance, system_tags(episode))):
        yield issue("SYSTEM_TAG_UNEXPECTED_TAG", unexpected, "meta.tag")
    request = request_of(session, copy.resource)
    yield from _original_problems(session, copy.resource, entities[0], request)
    yield from _criteria_problems(session, copy.resource, request)
    yield from _repeated(entries, entry, named)


def take_turns(session: Session, entries: Sequence[Entry]) -> None:
    """Wait until nobody else reuses what is reused here; in one order for all, so that no two wait for each other."""
    quoted = (each.get("what", {}) for entry in entries for each in entry.resource.get("entity", ()))
    references = (Reference.parse(each.get("reference", "")) for each in quoted)
    for key in sorted({each.key for each in references if each}):
        session.take_turns(f"reuse|{key}")


def original_of(session: Session, entity: Json) -> Json | None:
    """Give what a Provenance's entity is, as it is now; None: it is no measurement that is here, in that version."""
    reference = Reference.parse(entity.get("what", {}).get("reference", ""))
    if reference is None or reference.type not in MEASUREMENTS:
        return None
    named = read_if_there(session, str(reference))
    return read_if_there(session, reference.url) if named and reference.version else named


def _is_seen(session: Session, original: Json) -> bool:
    """Tell whether who sends it may see it, in whatever course of care it is: else they would learn it by trying."""
    everywhere = replace(session, principal=session.principal.within(patient=None, episode_of_care=None))
    return not everywhere.unseen([(original["resourceType"], original["id"])])


def _original_problems(session: Session, copy: Json, entity: Json, request: Json | None) -> Iterator[Issue]:
    original = original_of(session, entity)
    if original is None or not _is_seen(session, original):
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_INVALID", "entity is not here", "entity.what")
        return
    if owner(original).patient != owner(copy).patient:
        name = "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_REFERENCE_SAME_PATIENT"
        yield issue(name, "", "entity.what")
        return
    if original["resourceType"] != copy["resourceType"]:
        name = "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_BE_SAME_TYPE"
        yield issue(name, "", "entity.what")
        return
    if _times(original) != _times(copy):
        name = "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_USE_SAME_DATE"
        yield issue(name, "", "entity.what")
    if _said(original) != _said(copy):
        yield issue("KPRO_REUSE_DIFFERS", "", "entity.what")
    if not counts(original):
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_REUSE_NOT_ALLOWED", "the original does not count", "entity.what")
    if _is_copy(session, original):
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_ENTITY_IS_REUSING", "", "entity.what")
    elif request and own_url(session.server.base_url, request) in _answered(session, original):
        yield _used_already("the original answers the ServiceRequest, itself or by another copy")


def _repeated(entries: Sequence[Entry], entry: Entry, named: Mapping[str, Entry]) -> Iterator[Issue]:
    """One submission may say it twice, before either is stored."""
    before = entries[: entries.index(entry)]
    if _use(entry, named) in [_use(each, named) for each in before if each.type == "Provenance"]:
        yield _used_already("twice in one submission")


def _use(entry: Entry, named: Mapping[str, Entry]) -> list[str]:
    """Give for what a Provenance says that something is reused, and what."""
    targets = (each.get("reference") for each in entry.resource.get("target", ()))
    copies = [named[each].resource for each in targets if each in named]
    asked = [each.get("reference", "") for copy in copies for each in copy.get("basedOn", ())]
    quoted = [each.get("what", {}).get("reference", "") for each in entry.resource.get("entity", ())]
    return [each.key if (each := Reference.parse(text)) else text for text in (*asked, *quoted)]


def _answered(session: Session, original: Json) -> set[str]:
    """Give the version-less URLs of the requests that a measurement answers, itself or by a copy."""
    url = own_url(session.server.base_url, original)
    _, told = session.system_read_referred([url], by=(("Provenance", "entity"),))
    quoting = (each for each in told if POLICIES.intersection(each.get("policy", ())))
    copies = (read_if_there(session, target["reference"]) for each in quoting for target in each["target"])
    counted = (original, *(each for each in copies if each and each["status"] != "entered-in-error"))
    return {request for each in counted for request in requests_of(each)}


def _used_already(detail: str) -> Issue:
    text = "Målingen tæller med her allerede og kan ikke bruges igen."
    return issue("MEASUREMENT_SUBMITMEASUREMENT_REUSE_NOT_ALLOWED", detail, "entity.what", text=text)


def _said(measurement: Json) -> Any:
    """Give what a measurement says, to hold against another of its kind; None: it is a picture that cannot be read."""
    if measurement["resourceType"] == "QuestionnaireResponse":
        return measurement.get("item")
    if measurement["resourceType"] == "Observation":
        elements = (measurement, *measurement.get("component", ()))
        return [(set(keys(each.get("code"))), _values(each)) for each in elements]
    try:
        return with_bare_picture(measurement).get("content")
    except ValueError:
        return None


def _values(element: Json) -> dict[str, Any]:
    return {name: value for name, value in element.items() if name.startswith("value")}


def _is_copy(session: Session, measurement: Json) -> bool:
    """Tell whether a measurement that is stored reuses another."""
    target = own_url(session.server.base_url, measurement)
    found = session.elevated().search_all("Provenance", [("target", target), ("_count", "100")])
    return any(POLICIES.intersection(each.get("policy", ())) for each in found)


def _criteria_problems(session: Session, copy: Json, request: Json | None) -> Iterator[Issue]:
    """The request lets it be reused, as old and as good as it is."""
    criteria = extension(request, ehealth.REUSE_CRITERIA) if request else None
    if request is None or criteria is None or extension_value(criteria, "allowed") is not True:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_REUSE_NOT_ALLOWED", "", "target")
        return
    age = extension_value(criteria, "dataActuality")
    if not isinstance(age, dict) or not is_duration(age):
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_DURATION_UNIT_CODE_UNKNOWN", "dataActuality", "target")
    elif any(_is_over(each, age, session.now) for each in _times(copy)):
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_RESOURCE_TO_OLD_TO_BE_USED_FOR_REUSE", "", "target")
    for part, (kind, system) in QUALITIES.items():
        wanted = [code for named, code in keys(extension_value(criteria, part)) if named == system]
        for code in wanted:
            if code != NO_QUALITY_NEEDED:
                yield from _quality_problems(copy, kind, system, code)


def _is_over(moment: datetime, age: Json, now: datetime) -> bool:
    try:
        return later(moment, age) < now
    except (OverflowError, ValueError):  # later than there are years
        return False


def _quality_problems(copy: Json, kind: str, system: str, wanted: str) -> Iterator[Issue]:
    qualities = [
        code
        for each in extensions(copy, ehealth.QUALITY)
        if (ehealth.QUALITY_TYPES, kind) in keys(extension_value(each, "qualityType"))
        for named, code in keys(extension_value(each, "qualityCode"))
        if named == system
    ]
    if not qualities:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_ASSOCIATED_QUALITY_NOT_PRESENT", f"{system} {wanted}", "target")
    for each in qualities:
        if not subsumes(system, wanted, each):
            detail = f"{wanted} does not subsume {each}"
            yield issue("MEASUREMENT_SUBMITMEASUREMENT_QUALITY_IS_NOT_SUBSUMED", detail, "target")


def _times(measurement: Json) -> list[datetime]:
    """Give every time that a measurement says of itself, those that are moments, in the order of its elements."""
    return [parse_datetime(text) for _, text in times_of(measurement) if is_moment(text)]


def with_original_time(session: Session, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Give a Provenance that says from when the original is, where it does not say so itself."""
    [entity] = provenance["entity"]
    original = original_of(session, entity)
    if original is None or extension(entity, ehealth.DATE_TIME_OF_REUSED_ENTITY):
        return dict(provenance)
    said = {"url": ehealth.DATE_TIME_OF_REUSED_ENTITY, "valueDateTime": moment_of(original)}
    return {**provenance, "entity": [{**entity, "extension": [*entity.get("extension", ()), said]}]}
