"""Compiled questionnaires: what a form is made from is read only where it is not compiled yet."""

from dataclasses import dataclass

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.stamp import Stamp
from kommunalpro.fut.content import VIEWS
from kommunalpro.fut.versions import OncePerVersion
from kommunalpro.pro.form import Form, compile_form


@dataclass(frozen=True, slots=True)
class _Compiled:
    form: Form
    is_draft: bool


_forms: OncePerVersion[_Compiled] = OncePerVersion(200)


def form_of(session: Session, questionnaire: str) -> tuple[Form, str]:
    """Give the compiled form of a Questionnaire by its URL, and the URL of exactly the version that was compiled.

    Raises:
        NotFound: there is no such Questionnaire.
    """
    compiled, url = _compiled(session, questionnaire)
    return compiled.form, url


def is_draft(session: Session, questionnaire: str) -> bool:
    """Tell whether a Questionnaire, in the version that its URL names, was still being written.

    Raises:
        NotFound: there is no such Questionnaire.
    """
    return _compiled(session, questionnaire)[0].is_draft


def stamp_of(session: Session, questionnaire: str, *, beside: str | None = None) -> Stamp:
    """Tell which version of a Questionnaire its URL means, with its Views, by which what is answered is assessed.

    `beside`: as `Session.system_stamp` has it.

    Raises:
        NotFound: there is no such Questionnaire.
    """
    return session.system_stamp(questionnaire, referring=VIEWS, beside=beside)


def _compiled(session: Session, questionnaire: str) -> tuple[_Compiled, str]:
    version = stamp_of(session, questionnaire)
    return _forms.get(version, lambda: _compile(session.system_read(version.url))), version.url


def _compile(questionnaire: Json) -> _Compiled:
    return _Compiled(compile_form(questionnaire), questionnaire["status"] == "draft")
