"""Who has answered: the citizen, somebody of theirs, or a professional for them.

Our own pages let a citizen answer for themselves alone; other solutions submit what others have answered too. What
somebody else says about a citizen is not that citizen's own experience, and is told apart wherever an answer stands.

Source: `fut.md` 1A (questionnaireresponse: `source` is a Patient, a Practitioner or a RelatedPerson).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.outcome import Forbidden, Gone, NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.gateway import Gateway, Principal

Kind = Literal["citizen", "relative", "professional", "other"]

_KINDS: Mapping[str, Kind] = {
    "Patient": "citizen",
    "RelatedPerson": "relative",
    "Practitioner": "professional",
    "PractitionerRole": "professional",
}


@dataclass(frozen=True, slots=True)
class Respondent:
    """Who has answered. `name` empty: the citizen, who is known, or somebody whom the acting user may not see."""

    kind: Kind
    name: str = ""


def kind_of(source: str) -> Kind:
    """Tell which of them a response's `source` (a URL) names; `other`: it names none of them, or cannot be read."""
    reference = Reference.parse(source)
    return _KINDS.get(reference.type if reference else "", "other")


def respondent_of(gateway: Gateway, source: str, *, by: Principal, now: datetime) -> Respondent:
    """Read who a response's `source` names. `by` stands in the citizen's context."""
    kind, name = kind_of(source), ""
    if kind in ("relative", "professional"):
        with suppress(NotFound, Gone, Forbidden):
            name = full_name(gateway.read(source, by=by, now=now))
    return Respondent(kind, name)
