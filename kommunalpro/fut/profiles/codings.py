"""A coding says of which system its code is: both are there, wherever one stands.

Without a system nobody can tell what a code means; without a code there is a name, and nothing to compare by. R4's
check comes by each, so that nothing is gone through for it again.

Let be: what tags and labels a resource (`meta`), which rules of their own read; the items of a questionnaire that is
being written, which may be half written; the answers to one, which are its options as they were published. And what the
server makes of what was stored before anybody asked: a plan from its definition, a light from an answer.

Source: `fut.md` 0.1.
"""

import re
from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.uris import elements_of
from kommunalpro.fhir.structure.walk import Walk
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles.stored_before import new_problems

_MADE = frozenset(
    {"CarePlan", "ServiceRequest", "Goal", "ClinicalImpression", "Task", "Communication", "CommunicationRequest"}
)
_LET_BE = re.compile(r".*\.meta\.|QuestionnaireResponse\.item\b")
_TEXT = "En kode skal stå med både kode og kodesystem (system)."
_HALF_WRITTEN = re.compile(r"Questionnaire\.item\b")


def coding_problems(resource: Json, previous: Json | None, session: Session, walk: Walk) -> Iterator[Issue]:
    """Give each coding without a system or a code; mostly there is none, and nothing is looked up for that."""
    if walk.uncoded and not (session.is_elevated and resource["resourceType"] in _MADE):
        yield from new_problems(_uncoded, resource, previous)


def _uncoded(resource: Json) -> Iterator[Issue]:
    is_draft = resource.get("status") == "draft"
    for path, coding in elements_of(resource, "Coding"):
        is_let_be = _LET_BE.match(path) or (is_draft and _HALF_WRITTEN.match(path))
        if not (is_let_be or ("system" in coding and "code" in coding)):
            yield issue("GENERAL_VALIDATION_ERROR", "a Coding has system and code", path, text=_TEXT)
