"""What people read of a definition (plan, activity, questionnaire) names nobody: it is for everybody, and for good.

A CPR number in it would be read by every citizen who is asked, go along in the plan's package, be copied into the
citizen's Goal, and stay once it is published. So all that R4 types as text is looked at, however deep, in what is
contained, in extensions and in translations. Like material for all (`materials.py`), with its code: ours, the guide is
silent. What stood there before may stay, so that it can be taken out of use.

Not here: identifiers, addresses, telephone numbers (a Swedish one can look like a CPR number), codes and formulas
(`fhir/structure/uris.py` says which); what is attached as a file, and so the content of a View or an ActionGuidance.
"""

from collections.abc import Iterator

from kommunalpro.fhir.identifier import names_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.uris import texts
from kommunalpro.fut.errors import issue

_TEXT = "Der står et CPR-nummer. Det, der er til alle, må ikke nævne nogen."


def names_somebody(definition: Json, previous: Json | None) -> Iterator[Issue]:
    """Give each text of a definition that holds a CPR number which was not there before."""
    wrong = [(path, text) for path, text in texts(definition) if names_cpr(text)]
    known = {text for _, text in texts(previous or {})} if wrong else set()
    for path, text in wrong:
        if text not in known:
            yield issue("KPRO_DOCUMENTREFERENCE_SUBJECT", "nor does a definition name one", path, _TEXT)
