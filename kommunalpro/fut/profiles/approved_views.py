"""Rules of an approval of Views: by which Views a citizen may see which answers interpreted.

It names Views and responses and nothing else, its code and its decision go together, and the Views are here.

Whom it opens what to: the guide says that it "indicates to the patient solution" that the citizen may use these Views
for these responses. It is a word to whoever shows a citizen their answers interpreted, and no lock on the View: that is
a definition, holds nobody's data, and is read by `View.read`. A lock would do harm here, for a View also holds the text
that a citizen must read at once after an acute answer, before there is a response that anything could be approved for.
The citizen pages show no answer interpreted, approved or not, so that an approval opens nothing there; the light itself
is shown by consent alone (`reach.py`).

Source: `fut.md` 2.4; the guide's page of ehealth-clinicalimpression ("Use for approving InterpretedView").
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import is_view
from kommunalpro.fut.errors import issue
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.validity import decisions

_CODE, _DECISION = (ehealth.CLINICALIMPRESSION_CODES, "approved-view"), "citizen-view-approved"
_VIEWS = "ClinicalImpression.investigation.extension"


def approval_problems(impression: Json, session: Session) -> Iterator[Issue]:
    """Give what an approval of Views does not keep; nothing of an impression that is none."""
    is_approval, decided = _CODE in set(keys(impression.get("code"))), decisions(impression)
    if is_approval and decided != {_DECISION}:
        yield _issue(f"an approved-view decides {_DECISION}", "ClinicalImpression.extension")
    if _DECISION in decided and not is_approval:
        yield _issue(f"{_DECISION} is decided by an approved-view", "ClinicalImpression.code")
    if is_approval:
        yield from _content_problems(impression, session)


def _content_problems(impression: Json, session: Session) -> Iterator[Issue]:
    investigations = impression.get("investigation", ())
    items = [Reference.parse(item.get("reference", "")) for each in investigations for item in each.get("item", ())]
    if not items or not all(item and item.type == "QuestionnaireResponse" for item in items):
        yield _issue("the responses that the Views may be used for", "ClinicalImpression.investigation.item")
    named = [view for each in investigations for view in extensions(each, ehealth.VIEW_INVESTIGATION_ITEM)]
    if not named:
        yield _issue("the Views that are approved", _VIEWS)
    for each in named:
        url = each.get("valueReference", {}).get("reference", "")
        view = read_if_there(session, url)
        if view is None or view["resourceType"] != "Basic" or not is_view(view):
            yield issue("GENERAL_RESOURCE_NOT_FOUND", f"View {url}", _VIEWS)


def _issue(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path)
