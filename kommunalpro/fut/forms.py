"""Compiled questionnaires, one per version: a published version never changes, so it is compiled once a process."""

from collections import OrderedDict
from threading import Lock

from kommunalpro.fhir.reference import versioned_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.pro.form import Form, compile_form

_MOST = 200
_forms: OrderedDict[str, Form] = OrderedDict()
_lock = Lock()


def form_of(session: Session, questionnaire: str) -> tuple[Form, str]:
    """Give the compiled form of a Questionnaire by its URL, and the URL of exactly the version that was compiled.

    Raises:
        NotFound: there is no such Questionnaire.
    """
    resource = session.system_read(questionnaire)
    url = versioned_url(session.server.base_url, resource)
    with _lock:
        if url in _forms:
            _forms.move_to_end(url)
            return _forms[url], url
    form = compile_form(resource)
    with _lock:
        _forms[url] = form
        while len(_forms) > _MOST:
            _forms.popitem(last=False)
    return form, url
