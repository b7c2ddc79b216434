"""`ClinicalImpression/$set-measurement-validity`: a measurement is invalidated, or that is taken back.

Supported: `clinicalImpression` (MeasurementValidityUpdate, completed; one finding; a decision for invalidation) about
one QuestionnaireResponse, Observation or Media, named by its current version and without; a CarePlan that it names is
the measurement's. The measurement becomes
entered-in-error, or what it was before that (completed, final, preliminary, amended); what told its validity before
becomes entered-in-error; the assessor, and who notes something, is who does it. The light of record stays as it is. By
`invalidated-fulfills` the request stays fulfilled, by `invalidated-is-not-fulfillment` the citizen is asked again.
Gives the ClinicalImpression that is stored.
Not supported: the code MeasurementAssessment, which the guide's text has where its example and its error messages have
MeasurementValidityUpdate. Open Tasks about the measurement stay open: the guide says nothing of them. Where it is
missing then, after its time, the team gets a Task as if it had never come; where it counts again that is closed, and
what waited for it begins.
Also takes: the read privilege of the measurement's type.

Source: `fut.md` 2.8; OperationDefinition ClinicalImpression-t-set-measurement-validity.
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue, PreconditionFailed, RuleBroken
from kommunalpro.fhir.reference import Reference, own_url, versioned_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.afterwards import follow_validity
from kommunalpro.fut.errors import issue, refuse, rule_broken
from kommunalpro.fut.measurements import MEASUREMENTS
from kommunalpro.fut.operations.arguments import element
from kommunalpro.fut.owners import owner
from kommunalpro.fut.profiles import requirements
from kommunalpro.fut.profiles.authors import note_problems
from kommunalpro.fut.profiles.impressions import plan_problems
from kommunalpro.fut.reading import earlier_versions
from kommunalpro.fut.validity import DOES_NOT_FULFIL, FULFILS, INVALIDATED, RETRACTED, VALIDITY, tells_validity

_IN_ERROR = "entered-in-error"
_DECISIONS = frozenset({FULFILS, DOES_NOT_FULFIL})
_ASSESSORS = (ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION, ehealth.CLINICALIMPRESSION_ASSESSOR_OTHER)


def set_measurement_validity(session: Session, parameters: Json, target: str | None) -> Json:
    """Check all at once, then write the measurement, what was said of it before, and what is said now."""
    impression = element(parameters, "clinicalImpression") or {}
    if impression.get("resourceType") != "ClinicalImpression":
        raise rule_broken("KPRO_MEASUREMENT_VALIDITY", "a ClinicalImpression", "ClinicalImpression")
    reference = _named(impression, session.server.base_url)
    problems = list(_problems(impression))
    if reference is None:
        detail = "of this server, once with its version and once without"
        name = "TASK_MEASUREMENT_VALIDITY_INVALID_MEASUREMENT_REFERENCE"
        raise RuleBroken(issues=[*problems, _issue(name, "investigation.item", detail)])
    if reference.type not in MEASUREMENTS:
        name = "TASK_MEASUREMENT_VALIDITY_INVALID_INVESTIGATION_ITEM_TYPE"
        raise RuleBroken(issues=[*problems, _issue(name, "investigation.item")])
    refuse(problems)
    session.take_turns(f"validity|{reference.key}")
    measurement = session.read(reference.type, reference.id)
    _check_same(impression, measurement)
    if reference.version != measurement["meta"]["versionId"]:
        raise PreconditionFailed(
            "En anden har ændret målingen, siden du åbnede den.",
            diagnostics=f"Current version is {measurement['meta']['versionId']}",
        )
    before = _told_before(session, measurement)
    refuse(
        (
            *_state_problems(_finding(impression), measurement, before),
            *plan_problems(impression, session),
            *note_problems(impression, {}, session),
        )
    )
    system = session.elevated()
    status = _IN_ERROR if _finding(impression) == INVALIDATED else _status_before(session, measurement)
    modified = system.update({**measurement, "status": status}, if_match=reference.version)
    for each in before:
        system.update({**each, "status": _IN_ERROR}, if_match=each["meta"]["versionId"])
    told = system.create(_assessed(session, impression, modified))
    follow_validity(session, modified)
    return told


def _problems(impression: Json) -> Iterator[Issue]:
    yield from requirements.problems(impression)
    if impression.get("status") != "completed":
        yield _issue("TASK_MEASUREMENT_VALIDITY_INVALID_INITIAL_STATUS", "status")
    if not tells_validity(impression):
        name = "CLINICAL_IMPRESSION_MEASUREMENT_VALIDITY_UPDATED_CODE_REQUIRED"
        yield _issue(name, "code", f"it is {VALIDITY}")
    finding, decisions = _finding(impression), _decisions(impression)
    if finding not in (INVALIDATED, RETRACTED):
        yield _issue("TASK_MEASUREMENT_VALIDITY_INVALID_FINDING_CODE", "finding")
    if finding == INVALIDATED and (len(decisions) != 1 or decisions[0] not in _DECISIONS):
        yield _issue("TASK_MEASUREMENT_VALIDITY_INVALID_DECISION_CODE", "extension")
    if finding == RETRACTED and decisions:
        detail = "none where an invalidation is retracted"
        yield _issue("TASK_MEASUREMENT_VALIDITY_INVALID_DECISION_CODE", "extension", detail)


def _issue(name: str, path: str, detail: str = "") -> Issue:
    return issue(name, detail, f"ClinicalImpression.{path}")


def _named(impression: Json, base: str) -> Reference | None:
    """Give the reference to the version of the one measurement; None means that it is not named as it must be."""
    texts = [item.get("reference", "") for each in impression.get("investigation", ()) for item in each.get("item", ())]
    found = [each for each in map(Reference.parse, texts) if each and each.base in (None, base)]
    pinned = [each for each in found if each.version]
    if len(texts) != 2 or len(found) != 2 or len(pinned) != 1 or found[0].key != found[1].key:
        return None
    return pinned[0]


def _finding(impression: Json) -> str | None:
    """Give the code of the one finding; None means that there are several, or none."""
    found = _codes((each.get("itemCodeableConcept") for each in impression.get("finding", ())), "finding")
    return found[0] if len(found) == len(impression.get("finding", ())) == 1 else None


def _decisions(impression: Json) -> list[str]:
    values = (each.get("valueCodeableConcept") for each in extensions(impression, ehealth.CLINICALIMPRESSION_DECISION))
    return _codes(values, "decision")


def _codes(concepts: Any, kind: str) -> list[str]:
    system = getattr(ehealth, f"CLINICALIMPRESSION_{kind.upper()}_CODES")
    codings = (coding for each in concepts if each for coding in each.get("coding", ()))
    return [coding.get("code", "") for coding in codings if coding.get("system") == system]


def _check_same(impression: Json, measurement: Json) -> None:
    """What is said of a measurement is about whom it is about, in the course of care that it belongs to."""
    said, whose = owner(impression), owner(measurement)
    if (said.patient, said.episode) != (whose.patient, whose.episode):
        name = "TASK_MEASUREMENT_VALIDITY_REFERENCE_MISMATCH"
        raise rule_broken(name, "patient or episode of the measurement", "ClinicalImpression")


def _told_before(session: Session, measurement: Json) -> list[dict[str, Any]]:
    """Give what tells the validity of the measurement until now."""
    asked = [
        ("investigation", own_url(session.server.base_url, measurement)),
        ("code", f"{ehealth.CLINICALIMPRESSION_CODES}|{VALIDITY}"),
        ("status", "completed"),
        ("_count", "100"),
    ]
    found = session.elevated().search("ClinicalImpression", asked)
    return [entry["resource"] for entry in found.get("entry", ())]


def _state_problems(finding: str | None, measurement: Json, before: list[dict[str, Any]]) -> Iterator[Issue]:
    is_invalid = measurement["status"] == _IN_ERROR
    if finding == INVALIDATED and is_invalid:
        yield _issue("TASK_MEASUREMENT_VALIDITY_INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION", "finding")
    if finding == RETRACTED and not (is_invalid and any(_finding(each) == INVALIDATED for each in before)):
        yield _issue("TASK_MEASUREMENT_VALIDITY_MISSING_PREVIOUS", "finding")


def _status_before(session: Session, measurement: Json) -> str:
    """Give the status that a measurement had before it was invalidated: what was preliminary is so again."""
    statuses = (str(each["status"]) for each in earlier_versions(session, measurement))
    if found := next((each for each in statuses if each != _IN_ERROR), None):
        return found
    raise rule_broken("KPRO_MEASUREMENT_VALIDITY_STATE", "", "ClinicalImpression.finding")


def _assessed(session: Session, impression: Json, modified: Json) -> dict[str, Any]:
    """Give the impression with who says it, and the version that the measurement got by it."""
    base, principal = session.server.base_url, session.principal
    code = {"system": ehealth.CLINICALIMPRESSION_INVESTIGATION_ITEM_CODES, "code": "item-modified"}
    items = [{"reference": versioned_url(base, modified)}, {"reference": own_url(base, modified)}]
    investigation = {"code": {"coding": [code]}, "item": items}
    result = {**impression, "investigation": [*impression["investigation"], investigation]}
    if principal.user_type == "SYSTEM":
        return result  # nobody says it but whom the system names
    kept = [each for each in impression["extension"] if each["url"] not in _ASSESSORS]
    result.pop("assessor", None)
    if principal.user_type == "PATIENT":
        return {**result, "extension": [*kept, _by(ehealth.CLINICALIMPRESSION_ASSESSOR_OTHER, principal.user)]}
    organization = principal.context.organization
    added = [_by(ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION, organization)] if organization else []
    return {**result, "assessor": {"reference": principal.user}, "extension": [*kept, *added]}


def _by(url: str, who: str) -> dict[str, Any]:
    return {"url": url, "valueReference": {"reference": who}}
