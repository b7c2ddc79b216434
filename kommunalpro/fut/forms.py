"""Compiled questionnaires: what a form is made from is read only where it is not compiled yet."""

from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.versions import OncePerVersion
from kommunalpro.pro.form import Form, compile_form

_forms: OncePerVersion[Form] = OncePerVersion(200)


def form_of(session: Session, questionnaire: str) -> tuple[Form, str]:
    """Give the compiled form of a Questionnaire by its URL, and the URL of exactly the version that was compiled.

    Raises:
        NotFound: there is no such Questionnaire.
    """
    version = session.system_stamp(questionnaire)
    return _forms.get(version, lambda: compile_form(session.system_read(version.url))), version.url
