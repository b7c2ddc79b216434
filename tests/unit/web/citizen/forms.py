"""Small questionnaires, and posted pages of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from kommunalpro.care.definitions import Definition, compile_definition
from kommunalpro.care.drafts import OpenDraft
from kommunalpro.care.progress import progress_of
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.form import Item

MIN_VALUE = "http://hl7.org/fhir/StructureDefinition/minValue"
MAX_VALUE = "http://hl7.org/fhir/StructureDefinition/maxValue"
ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
EXCLUSIVE = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
HIDDEN = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"
_numbers = count(1)
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def option(code: str, *, is_exclusive: bool = False) -> dict[str, Any]:
    extensions = [{"url": EXCLUSIVE, "valueBoolean": True}] if is_exclusive else []
    return {
        "valueCoding": {"code": code, "display": code.capitalize()},
        **({"extension": extensions} if extensions else {}),
    }


def between(low: int | Decimal | None, high: int | Decimal | None) -> list[dict[str, Any]]:
    """Give the extensions that bound a number; None: no bound there."""
    bounds = [(MIN_VALUE, low), (MAX_VALUE, high)]
    return [
        {"url": url, "valueInteger" if isinstance(bound, int) else "valueDecimal": bound}
        for url, bound in bounds
        if bound is not None
    ]


def control(code: str) -> dict[str, Any]:
    return {"url": ITEM_CONTROL, "valueCodeableConcept": {"coding": [{"code": code}]}}


def definition(*items: Mapping[str, Any]) -> Definition:
    """Compile a questionnaire of these items."""
    questionnaire = {"resourceType": "Questionnaire", "title": "Prøve", "item": list(items)}
    return compile_definition(f"http://127.0.0.1/fhir/Questionnaire/{next(_numbers)}/_history/1", questionnaire)


def question(type: str, **more: Any) -> Item:
    """Compile one question."""
    return definition({"linkId": "q", "type": type, "text": "Hvordan går det?", **more}).form.item("q")


def opened(definition: Definition, answers: Answers | None = None) -> OpenDraft:
    """Give a draft as it is read, with these answers."""
    given = dict(answers or {})
    return OpenDraft(
        id=UUID(int=1),
        patient="http://127.0.0.1/fhir/Patient/1",
        episode_of_care="http://127.0.0.1/fhir/EpisodeOfCare/1",
        service_request="http://127.0.0.1/fhir/ServiceRequest/1",
        definition=definition,
        answers=given,
        progress=progress_of(definition, given),
        opened_at=NOON,
        saved_at=NOON if given else None,
        submitted_at=None,
        response=None,
    )


def posted(answers: Mapping[str, Sequence[str] | str], shown: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Give the fields of a page: every question named here stood on it, unanswered unless `shown` says otherwise."""
    fields = {f"vist:{path}": [(shown or {}).get(path, "")] for path in {**dict(answers), **(shown or {})}}
    for path, values in answers.items():
        fields[f"svar:{path}"] = [values] if isinstance(values, str) else list(values)
    return fields
