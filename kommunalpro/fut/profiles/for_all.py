"""What people read of a definition (plan, activity, questionnaire) names nobody: it is for everybody, and for good.

A CPR number in it would be read by every citizen who is asked, go along in the plan's package, and stay once it is
published. Like material for all (`materials.py`), with its code: ours, the guide is silent. What stood there before may
stay, so that it can be taken out of use.

Not here: what a View or an ActionGuidance says of itself, and texts of answers.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.identifier import names_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles.sub_plans import actions

_TOLD = ("name", "title", "subtitle", "description", "purpose", "usage")
_TO_STAFF = (ehealth.EMPLOYEE_TITLE, ehealth.USAGE)
_TEXT = "Der står et CPR-nummer. Det, der er til alle, må ikke nævne nogen."


def names_somebody(definition: Json, previous: Json | None) -> Iterator[Issue]:
    """Give each text of a definition that holds a CPR number which was not there before."""
    known = {text for _, text in _texts(previous or {})}
    for path, text in _texts(definition):
        if text not in known and names_cpr(text):
            yield issue("KPRO_DOCUMENTREFERENCE_SUBJECT", "nor does a definition name one", path, _TEXT)


def _texts(definition: Json) -> Iterator[tuple[str, str]]:
    """Give (FHIRPath, text) of what it is called and says of itself, and of its actions and questions."""
    type = definition.get("resourceType", "")
    elements = [(type, definition), *actions(definition.get("action", ()), type)]
    yield from ((f"{path}.{name}", each[name]) for path, each in elements for name in _TOLD if name in each)
    yield f"{type}.text.div", definition.get("text", {}).get("div", "")
    for url in _TO_STAFF:
        yield from ((f"{type}.extension", str(each.get("valueString", ""))) for each in extensions(definition, url))
    yield from _questions(definition.get("item", ()), type)


def _questions(items: object, path: str) -> Iterator[tuple[str, str]]:
    for number, item in enumerate(items if isinstance(items, list | tuple) else ()):
        here = f"{path}.item[{number}]"
        yield f"{here}.text", item.get("text", "")
        yield from _questions(item.get("item", ()), here)
