"""`$submit-measurement`: a citizen's answers come in.

Supported: `measurement` (transaction Bundle of QuestionnaireResponses) → transaction-response, with a Provenance
that says they belong together, a measurement identifier, triage (ClinicalImpression) and a Task; what waited for it
begins (`fut/triggers.py`), and what came unasked gets a Task of its own (`fut/unexpected.py`). Validation is all
or nothing, all issues at once. The same Bundle again (by `fullUrl` of its first response) gives the first result;
the same `fullUrl` with other content is a 409.
Not supported: Observation, Media, reuse by Provenance (501, by name).
Also takes: `EpisodeOfCare.read`, with the course of care in the token.

Source: `fut.md` 4.3; ARCHITECTURE §4.5.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, Gone, Issue, NotFound, NotImplementedHere, RuleBroken
from kommunalpro.fhir.reference import Reference, own_url, versioned_url
from kommunalpro.fhirserver.idempotency import once
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.placeholders import unmet
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.afterwards import follow
from kommunalpro.fut.errors import forbidden, issue, refuse
from kommunalpro.fut.forms import form_of, is_draft
from kommunalpro.fut.operations.arguments import element, entries
from kommunalpro.fut.owners import episode_of, owner
from kommunalpro.fut.processing import process
from kommunalpro.fut.profiles import requirements
from kommunalpro.fut.profiles.plans import questionnaire_of
from kommunalpro.fut.timing import is_moment
from kommunalpro.pro.form import Form, FormError
from kommunalpro.pro.response import check_response

log = logging.getLogger(__name__)

_LATER = frozenset({"Observation", "Media", "Provenance"})
_VERSION = re.compile(r"[0-9]{1,9}")


def submit_measurement(session: Session, parameters: Json, target: str | None) -> Json:
    """Take in the responses of one Bundle; what cannot be triaged is stored all the same."""
    bundle = element(parameters, "measurement") or {}
    measurements = list(_measurements(bundle))
    _check_context(session)
    return once(session, measurements[0]["fullUrl"], bundle, lambda: _submit(session, measurements))


def _check_context(session: Session) -> None:
    """Before anything is answered, an earlier result included: the user may see the course of care of the context.

    Raises:
        Forbidden: the context names none.
        NotFound: it is hidden from this user.
    """
    principal = session.principal
    if principal.user_type == "SYSTEM":
        return
    episode = _id(principal.context.episode_of_care)
    if episode is None:
        raise forbidden("KPRO_SECURITY_CONTEXT_MISSING", "EpisodeOfCare")
    session.read("EpisodeOfCare", episode)


def _measurements(bundle: Json) -> Iterator[Json]:
    """Give the entries in order.

    Raises:
        RuleBroken: it is no transaction of measurements, each with a `urn:uuid:` of its own.
        NotImplementedHere: a kind of measurement that is not taken in yet.
    """
    found = entries(bundle)
    if not found or len(found) != len(bundle["entry"]) or bundle.get("type") != "transaction":
        raise RuleBroken(issues=[issue("KPRO_SUBMIT_BUNDLE", "not a transaction of resources", "Bundle")])
    for number, entry in enumerate(found):
        type = entry["resource"].get("resourceType")
        if type in _LATER:
            raise NotImplementedHere(f"{type} kan ikke sendes ind endnu.", expression=f"Bundle.entry[{number}]")
        if type != "QuestionnaireResponse" or not str(entry.get("fullUrl")).startswith("urn:uuid:"):
            raise RuleBroken(issues=[issue("KPRO_SUBMIT_BUNDLE", str(type), f"Bundle.entry[{number}]")])
        yield entry


def _submit(session: Session, measurements: list[Json]) -> Json:
    responses = [each["resource"] for each in measurements]
    problems: list[Issue] = []
    for number, response in enumerate(responses):
        problems += _located(_problems(session, response, responses[0]), f"Bundle.entry[{number}].resource")
    refuse(problems)
    system = session.elevated()
    identified = [(new_id(), _identified(response)) for response in responses]
    *stored, _ = system.create_all([*identified, (new_id(), _provenance(session, identified))])
    for response in stored:
        care_plan = _care_plan(system, response)
        process(session, response, care_plan)
        follow(session, response, care_plan)
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [_created(session, each) for each in stored],
    }


def _problems(session: Session, response: Json, first: Json) -> Iterator[Issue]:
    """Give every reason why a response is not taken in; without its plan nothing further can be checked."""
    yield from requirements.problems(response)
    # A measurement refers to what is stored already: the entries do not know each other.
    yield from unmet(response, (), "Refer to what is stored: entries of measurements are not resolved")
    if response.get("status") != "completed":
        yield issue("KPRO_SUBMIT_STATUS", str(response.get("status")), "status")
    whose = owner(response)
    if whose != owner(first) or not _is_mine(session, whose.patient, whose.episode):
        yield issue("KPRO_SUBMIT_PATIENT", "", "subject")
        return
    episode = episode_of(response, session)
    if episode is None or owner(episode).patient != whose.patient:
        yield issue("KPRO_SUBMIT_PATIENT", "EpisodeOfCare.patient", "subject")
        return
    request = _request(session, response)
    if request is None or owner(request).episode != whose.episode:
        yield issue("KPRO_SUBMIT_NOT_ACTIVE", "no such ServiceRequest in the episode", "basedOn")
        return
    if request["status"] != "active":
        yield issue("KPRO_SUBMIT_NOT_ACTIVE", request["status"], "basedOn")
    yield from _timing_problems(response, request)
    yield from _questionnaire_problems(session, response, request)


def _is_mine(session: Session, patient: str | None, episode: str | None) -> bool:
    """The token's patient and episode are those of the response (fut.md 4.3: episode and patient in the token)."""
    principal = session.principal
    if principal.user_type == "SYSTEM":
        return patient is not None and episode is not None
    chosen = principal.user if principal.user_type == "PATIENT" else principal.context.patient
    return (
        patient is not None
        and episode is not None
        and _id(chosen) == patient
        and _id(principal.context.episode_of_care) == episode
    )


def _request(session: Session, response: Json) -> Json | None:
    based_on = response.get("basedOn", ())
    reference = Reference.parse(based_on[0].get("reference", "")) if len(based_on) == 1 else None
    if reference is None or reference.type != "ServiceRequest":
        return None
    try:
        return session.system_read(reference.url)
    except FhirError:
        return None


def _timing_problems(response: Json, request: Json) -> Iterator[Issue]:
    """Resolved has both ends, the others neither, and the version is one that the request has had."""
    timing = extension(response, ehealth.RESOLVED_TIMING) or {}
    type = (extension_value(timing, "type") or {}).get("coding", [{}])[0].get("code")
    ends = [extension_value(timing, name) for name in ("start", "end")]
    is_whole = all(map(is_moment, ends)) if type == "Resolved" else ends == [None, None]
    if type not in ("Resolved", "Unresolved", "Adhoc", "Extra") or not is_whole:
        yield issue("KPRO_SUBMIT_RESOLVED_TIMING", str(type), "extension")
    version = extension_value(timing, "serviceRequestVersionId") or ""
    if not _VERSION.fullmatch(version) or not 1 <= int(version) <= int(request["meta"]["versionId"]):
        yield issue("KPRO_SUBMIT_RESOLVED_TIMING", f"serviceRequestVersionId {version}", "extension")


def _questionnaire_problems(session: Session, response: Json, request: Json) -> Iterator[Issue]:
    """The response answers the very questionnaire that was asked, and every answer fits its question."""
    activity = session.system_read(request["instantiatesCanonical"][0])
    asked, answered = questionnaire_of(activity), response.get("questionnaire", "")
    if asked is None or _key(asked) != _key(answered):
        yield issue("INVALID_QUESTIONNAIRE_REFERENCE", "", "questionnaire")
        return
    form = _form_that_was_asked(session, answered)
    if form is None:
        yield issue("INVALID_QUESTIONNAIRE_REFERENCE", "no version that was asked", "questionnaire")
        return
    for problem in check_response(form, response, strictness="submit"):
        yield Issue(
            problem.text.say("da"),
            diagnostics=f"{problem.code}: {problem.text.say('en')}",
            expression=problem.expression,
            coding=issue("KPRO_SUBMIT_ANSWER").coding,
        )


def _form_that_was_asked(session: Session, questionnaire: str) -> Form | None:
    """Give a questionnaire in the version that is named; a draft was asked of nobody, and its rules may be others."""
    try:
        return None if is_draft(session, questionnaire) else form_of(session, questionnaire)[0]
    except (NotFound, Gone):
        return None
    except FormError:
        # It was published: that it cannot be read any more is ours to mend, and not the citizen's.
        log.exception("A published questionnaire cannot be compiled: %s", questionnaire)
        return None


def _located(problems: Iterator[Issue], path: str) -> Iterator[Issue]:
    for each in problems:
        inner = (each.expression or "").removeprefix("QuestionnaireResponse").lstrip(".")
        yield Issue(each.text, each.diagnostics, f"{path}.{inner}".rstrip("."), each.code, each.severity, each.coding)


def _identified(response: Json) -> dict[str, Any]:
    """Add the measurement identifier that the server gives [EX]."""
    identifier = {"system": ehealth.EHEALTH_IDENTIFIER, "value": f"urn:uuid:{new_id()}"}
    return {**response, "identifier": response.get("identifier", identifier)}


def _provenance(session: Session, identified: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Say that these responses, each by the id it gets, belong together."""
    base, responses = session.server.base_url, [response for _, response in identified]
    episode = extension_value(responses[0], ehealth.WORKFLOW_EPISODE_OF_CARE)
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"{base}/QuestionnaireResponse/{id}/_history/1"} for id, _ in identified],
        "recorded": session.now.isoformat(timespec="milliseconds"),
        "policy": [ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT],
        "agent": [{"who": responses[0]["source"]}],
        "entity": [
            {"role": "source", "what": episode},
            *({"role": "source", "what": reference} for each in responses for reference in each["basedOn"]),
        ],
    }


def _care_plan(session: Session, response: Json) -> Json | None:
    """Give the plan that asks for what a response answers; None: none does."""
    request = response["basedOn"][0]["reference"]
    _, plans = session.system_read_referred([request], by=("CarePlan", "activity-reference"))
    return next(iter(plans), None)


def _created(session: Session, resource: dict[str, Any]) -> dict[str, Any]:
    base = session.server.base_url
    response = {
        "status": "201",
        "location": versioned_url(base, resource),
        "etag": f'W/"{resource["meta"]["versionId"]}"',
    }
    return {"fullUrl": own_url(base, resource), "response": response}


def _key(text: str) -> str:
    reference = Reference.parse(text)
    return reference.key if reference else text


def _id(text: str | None) -> str | None:
    reference = Reference.parse(text or "")
    return reference.id if reference else None
