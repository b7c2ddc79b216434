"""Automated processing: what a submitted measurement says, as ClinicalImpression and Task.

The light is decided here, once, by the View that is active now; it is kept with the rules and versions it came from
and never changes (ARCHITECTURE §5, "light of record"). A failure never refuses a citizen's answer: it opens a Task.

Source: `fut.md` 2.2, 2.3, 2.7.
"""

import logging
from functools import cache, lru_cache
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.lasting import Lasting
from kommunalpro.fhir.reference import own_url, versioned_url
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.forms import form_of
from kommunalpro.fut.interpretation import view_of_record
from kommunalpro.fut.task_codes import FAILURE
from kommunalpro.fut.tasks import concept, new_task
from kommunalpro.fut.unassessed import ask
from kommunalpro.pro.acute import acute_hits
from kommunalpro.pro.answers import read_response
from kommunalpro.pro.record import write_record
from kommunalpro.pro.triage import NO_ANSWER, NO_EFFECT, Assessment, Finding, Light, assess

log = logging.getLogger(__name__)

_PRIORITIES = {Light.RED: "asap", Light.YELLOW: "urgent"}
_OVERALL = {Light.RED: "red", Light.YELLOW: "yellow", Light.GREEN: "green"}


def process(session: Session, measurement: Json, care_plan: Json | None, *, keeps_record: bool = True) -> None:
    """Open the Task that asks a professional to look at a stored measurement; a response is scored and triaged first.

    `keeps_record`: with our record of how it was decided. Whatever goes wrong inside is rolled back to where it began,
    and a Task says so.
    """
    system = session.elevated()
    episode = system.system_read(extension_value(measurement, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"])
    is_response = measurement["resourceType"] == "QuestionnaireResponse"
    try:
        with system.savepoint():
            if is_response:
                _assess(system, measurement, episode, care_plan, keeps_record)
            else:
                ask(system, measurement, episode, care_plan)
    except Exception:
        url = own_url(system.server.base_url, measurement)
        log.exception("Automatic processing failed", extra={"measurement": url})
        priority = "stat" if is_response and _is_acute(system, measurement, episode) else "urgent"
        report_failure(system, measurement, episode, care_plan, priority)


def report_failure(session: Session, measurement: Json, episode: Json, care_plan: Json | None, priority: str) -> None:
    """Open the Task that asks a person to do what could not be done automatically."""
    focus, timing = own_url(session.server.base_url, measurement), extension(measurement, ehealth.RESOLVED_TIMING)
    task = new_task(session, episode, care_plan, category=FAILURE, priority=priority, focus=focus, timing=timing)
    session.create(task)


def _is_acute(session: Session, response: Json, episode: Json) -> bool:
    """Tell whether an answer may not wait, where all else could not be assessed; False also when not even that can."""
    try:
        with session.savepoint():
            form, _ = form_of(session, response["questionnaire"])
            found = view_of_record(session, response["questionnaire"], episode)
            return bool(found and acute_hits(form, found[0], read_response(form, response)))
    except Exception:
        log.exception("Acute answers could not be looked for")
        return False


def _assess(session: Session, response: Json, episode: Json, care_plan: Json | None, keeps_record: bool) -> None:
    form, questionnaire = form_of(session, response["questionnaire"])
    found = view_of_record(session, response["questionnaire"], episode)
    view, view_url = found or (None, None)
    answers = read_response(form, response)
    assessment = assess(form, view, answers, questionnaire=questionnaire, view_reference=view_url)
    impression, id = _impression(session, response, care_plan, assessment, view_url), new_id()
    impression = impression if keeps_record else _without_record(impression)
    url = f"{session.server.base_url}/ClinicalImpression/{id}"
    category, priority = category_of(assessment), priority_of(assessment)
    timing = extension(response, ehealth.RESOLVED_TIMING)
    task = new_task(session, episode, care_plan, category=category, priority=priority, focus=url, timing=timing)
    session.create_all(((id, impression), (new_id(), task)))


def category_of(assessment: Assessment) -> str:
    """Give FUT's category of the Task: whether there is a light to look at, none, or one that is not the whole."""
    if assessment.failures:
        return FAILURE
    return "MeasurementForAssessment" if assessment.has_rules else "MeasurementForAssessmentNotTriaged"


def priority_of(assessment: Assessment) -> str:
    """Give Task.priority: acute = stat, red = asap, yellow and what failed in part = urgent, else routine."""
    if assessment.acute:
        return "stat"
    return _PRIORITIES.get(assessment.light, "urgent" if assessment.failures else "routine")


def _impression(
    session: Session, response: Json, care_plan: Json | None, assessment: Assessment, view_url: str | None
) -> dict[str, Any]:
    base = session.server.base_url
    investigation: dict[str, Any] = {
        "code": concept(ehealth.CLINICALIMPRESSION_INVESTIGATION_ITEM_CODES, "item-for-investigation"),
        "item": [{"reference": versioned_url(base, response)}, {"reference": own_url(base, response)}],
    }
    if view_url:
        investigation["extension"] = [
            {"url": ehealth.VIEW_INVESTIGATION_ITEM, "valueReference": {"reference": view_url}}
        ]
    extensions = [extension(response, ehealth.WORKFLOW_EPISODE_OF_CARE)]
    if care_plan:
        plan = {"reference": own_url(base, care_plan)}
        extensions.append({"url": ehealth.CLINICALIMPRESSION_CAREPLAN, "valueReference": plan})
    extensions.append({"url": ehealth.CLINICALIMPRESSION_DECISION_CONTEXT, "valueReference": {"reference": "#record"}})
    extensions += [_basis(finding) for finding in assessment.findings if finding.rule is not None]
    return {
        "resourceType": "ClinicalImpression",
        "contained": [{**write_record(assessment), "id": "record"}],
        "extension": extensions,
        "status": "completed",
        "code": concept(ehealth.CLINICALIMPRESSION_CODES, "TriagingResult"),
        "subject": response["subject"],
        "date": to_datetime(session.now),
        "investigation": [investigation],
        "finding": [{"itemCodeableConcept": concept(ehealth.CLINICALIMPRESSION_FINDING_CODES, finding_of(assessment))}],
    }


def _without_record(impression: Json) -> dict[str, Any]:
    """Leave our record out: FUT has the overall finding, which questions it came from, and the View."""
    bare = {name: value for name, value in impression.items() if name != "contained"}
    ours = ehealth.CLINICALIMPRESSION_DECISION_CONTEXT
    return bare | {"extension": [each for each in impression["extension"] if each["url"] != ours]}


def finding_of(assessment: Assessment) -> str:
    """Give FUT's overall finding. What is not assessed is never green: it has no rule, or what was asked is absent.

    Where all is answered, and some of it meets no condition, nothing is absent: the rules had no effect.
    """
    if assessment.light in _OVERALL:
        return _OVERALL[assessment.light]
    if not assessment.has_rules:
        return "no-answer-significance-defined"
    return "data-absent" if _lacks_data(assessment) else NO_EFFECT


def _lacks_data(assessment: Assessment) -> bool:
    """Tell whether something that was to be assessed is not there: an answer, a score, or what failed."""
    is_unanswered = any(each.code == NO_ANSWER for each in assessment.findings)
    return (
        is_unanswered
        or bool(assessment.failures)
        or any(each.carries_rule and each.value is None for each in assessment.scores.values())
    )


def _basis(finding: Finding) -> dict[str, Any]:
    """Give one triggered significance: which question, which answer, which rule."""
    parts: list[dict[str, Any]] = [_question(finding.link_id)]
    if finding.answer is not None:
        parts.append({"url": "value", **finding.answer})
    return {"url": ehealth.FINDING_BASIS, "extension": [*parts, _found(finding.code), finding.rule]}


@lru_cache(maxsize=4096)
def _question(link_id: str) -> Lasting:
    return Lasting({"url": "linkId", "valueString": link_id})


@cache
def _found(code: str) -> Lasting:
    """Say it of a code: there are five."""
    found = concept(ehealth.CLINICALIMPRESSION_FINDING_CODES, code)
    return Lasting({"url": "finding", "valueCodeableConcept": found})
