"""That a response answers the very questionnaire that was asked, and every answer fits its question.

Source: `fut.md` 4.3.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Gone, Issue, NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.forms import form_of, is_draft, stamp_of
from kommunalpro.fut.profiles.plans import questionnaire_of
from kommunalpro.fut.versions import OncePerVersion
from kommunalpro.pro.form import Form, FormError
from kommunalpro.pro.response import check_response

log = logging.getLogger(__name__)

_asked: OncePerVersion[str | None] = OncePerVersion(1000)
_ANOTHER = "MEASUREMENT_SUBMITMEASUREMENT_INVALID_QUESTIONNAIRE_REFERENCE"
_CODES = {
    "too-few": "MEASUREMENT_SUBMITMEASUREMENT_TOO_FEW_ANSWERS",
    "required": "MEASUREMENT_SUBMITMEASUREMENT_TOO_FEW_ANSWERS",
    "too-many": "MEASUREMENT_SUBMITMEASUREMENT_TOO_MANY_ANSWERS",
}
"""What is wrong with an answer, in the engine's word → FUT's; it has none for the rest."""


def questionnaire_problems(session: Session, response: Json, request: Json) -> Iterator[Issue]:
    """Hold a response against the questionnaire that the activity of its request asks."""
    answered = response.get("questionnaire", "")
    asked = _asked_by(session, request["instantiatesCanonical"][0], answered)
    if asked is None:
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE", "", "basedOn")
        return
    if _key(asked) != _key(answered):
        yield issue(_ANOTHER, "", "questionnaire")
        return
    form = _form_that_was_asked(session, answered)
    if form is None:
        yield issue(_ANOTHER, "no version that was asked", "questionnaire")
        return
    for problem in check_response(form, response, strictness="submit"):
        # What is missing stands nowhere in the response: its place alone would not say which question it is.
        which = f"linkId {mask_cpr(problem.path)}: " if problem.path else ""
        yield Issue(
            problem.text.say("da"),
            diagnostics=f"{problem.code}: {which}{problem.text.say('en')}",
            expression=problem.expression,
            coding=issue(_CODES.get(problem.code, "KPRO_SUBMIT_ANSWER")).coding,
        )


def _asked_by(session: Session, activity: str, answered: str) -> str | None:
    """Give the questionnaire that a version of an activity asks; looked up together with the one that was answered."""
    with suppress(NotFound, Gone):
        stamp_of(session, answered, beside=activity)
    return _asked.get(session.system_stamp(activity), lambda: questionnaire_of(session.system_read(activity)))


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


def _key(text: str) -> str:
    reference = Reference.parse(text)
    return reference.key if reference else text
