"""One question observation → Questionnaire.item, and what hangs on it.

Source: `danish-domain.md` 1.3 and 1.5 (FUT's mapping).
"""

from base64 import b64decode
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.integrations.cda import templates
from kommunalpro.integrations.cda.document import Element, attribute, child, children, kind, template_ids, words
from kommunalpro.integrations.cda.problems import Report

_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
_LARGEST_PICTURE = 266_000
"""Characters of base64 (`fut.md` 1A, ehealth-questionnaire-image)."""

_ITEM_CONTROL = "http://hl7.org/fhir/questionnaire-item-control"


def read_question(observation: Element, link_id: str, pictures: list[dict[str, Any]], report: Report) -> dict[str, Any]:
    """Give the item of a question, without its conditions. Pictures are added to `pictures` as Binary resources."""
    ids = template_ids(observation)
    where = attribute(observation, "code", "code") or link_id
    item: dict[str, Any] = {"linkId": link_id, "type": _type(observation, ids, where, report)}
    extensions = [*_identifier(observation), *_range(observation, item["type"], where, report)]
    text = words(child(observation, "code", "originalText")) or attribute(observation, "code", "displayName")
    if text:
        item["text"] = text
    else:
        report.warning(where, "Spørgsmålet har ingen tekst.")
    if code := attribute(observation, "code", "code"):
        system = attribute(observation, "code", "codeSystem")
        item["code"] = [{**({"system": f"urn:oid:{system}"} if system else {}), "code": code}]
    if item["type"] == "choice":
        item["answerOption"] = list(_options(observation, where, report))
    if templates.DISCRETE_SLIDER in ids:
        extensions.append(_slider())
    extensions += _limits(observation, item, where, report)
    extensions += _attached(observation, item["type"], pictures, where, report)
    if extensions:
        item["extension"] = extensions
    return item


def option_system(observation: Element) -> str | None:
    """Give the code system that a question's options are taken from when a condition names none."""
    system = attribute(observation, "value", "codeSystem") or attribute(observation, "code", "codeSystem")
    return f"urn:oid:{system}" if system else None


def associated_texts(observation: Element) -> Iterator[Element]:
    """Give the text questions that hang on an option of a multiple choice question."""
    for each in children(observation, "entryRelationship", "observation"):
        if templates.TEXT in template_ids(each):
            yield each


def _type(observation: Element, ids: frozenset[str], where: str, report: Report) -> str:
    if templates.ANALOG_SLIDER in ids:
        return "decimal"
    if templates.MULTIPLE_CHOICE in ids or templates.DISCRETE_SLIDER in ids:
        return "choice"
    if templates.TEXT in ids:
        return "text"
    if templates.NUMERIC in ids:
        return _numeric_type(observation)
    report.error(where, "Spørgsmålstypen er ukendt og er læst som fritekst.")
    return "text"


def _numeric_type(observation: Element) -> str:
    """A range or a value says which numbers are meant; without either, decimal takes them all."""
    kinds = {kind(child(each, "observationRange", "value")) for each in children(observation, "referenceRange")}
    kinds |= {kind(each) for each in children(observation, "value")}
    if kinds & {"TS", "IVL_TS"}:
        return "dateTime"
    return "integer" if kinds & {"INT", "IVL_INT"} else "decimal"


def _identifier(observation: Element) -> list[dict[str, Any]]:
    root, extension = attribute(observation, "id", "root"), attribute(observation, "id", "extension")
    if not root or not extension:
        return []
    identifier = {"system": f"urn:oid:{root}", "value": extension}
    return [{"url": ehealth.EXTERNAL_IDENTIFIER, "valueIdentifier": identifier}]


def external_identifier(element: Element) -> list[dict[str, Any]]:
    """Give the CDA id of a group as FUT's extension; empty when it has none."""
    return _identifier(element)


def _options(observation: Element, where: str, report: Report) -> Iterator[dict[str, Any]]:
    fallback = attribute(observation, "code", "codeSystem")
    seen = set()
    for value in children(observation, "value"):
        code, system = value.get("code"), value.get("codeSystem") or fallback
        if not code or (system, code) in seen:
            report.error(where, f"Svarmuligheden {code or 'uden kode'} er udeladt: koden mangler eller går igen.")
            continue
        seen.add((system, code))
        coding = {"system": f"urn:oid:{system}" if system else None, "code": code, "display": value.get("displayName")}
        yield {"valueCoding": {name: each for name, each in coding.items() if each}}


def _range(observation: Element, type: str, where: str, report: Report) -> Iterator[dict[str, Any]]:
    for value in children(observation, "referenceRange", "observationRange", "value"):
        if kind(value) == "GLIST_PQ":
            yield from _analog_slider(value, where, report)
            continue
        for bound, url in (("low", ehealth.MIN_VALUE), ("high", ehealth.MAX_VALUE)):
            number = _number(attribute(value, bound, "value"), where, report)
            if number is not None and type in ("integer", "decimal"):
                yield {"url": url, **_value(number, type)}


def _analog_slider(value: Element, where: str, report: Report) -> Iterator[dict[str, Any]]:
    parts = (
        (ehealth.MIN_VALUE, attribute(value, "head", "value")),
        (ehealth.MAX_VALUE, value.get("denominator")),
        (ehealth.SLIDER_STEP_VALUE_DECIMAL, attribute(value, "increment", "value")),
    )
    yield _slider()
    for url, text in parts:
        number = _number(text, where, report)
        if number is not None:
            yield {"url": url, "valueDecimal": number}
        else:
            report.error(where, "Skyderen mangler sin mindste eller største værdi eller sit trin.")


def _slider() -> dict[str, Any]:
    coding = {"system": _ITEM_CONTROL, "code": "slider"}
    return {"url": ehealth.ITEM_CONTROL, "valueCodeableConcept": {"coding": [coding]}}


def _limits(observation: Element, item: dict[str, Any], where: str, report: Report) -> Iterator[dict[str, Any]]:
    """How many answers: 1 or more is required, several is repeats (FUT: bounds only above one)."""
    for each in _related(observation, templates.OPTIONS):
        least = _number(attribute(each, "value", "low", "value"), where, report)
        most = _number(attribute(each, "value", "high", "value"), where, report)
        if least and least >= 1:
            item["required"] = True
        if most is None or most > 1:
            item["repeats"] = True
        if least and least > 1:
            yield {"url": ehealth.MIN_OCCURS, "valueInteger": int(least)}
        if most and most > 1:
            yield {"url": ehealth.MAX_OCCURS, "valueInteger": int(most)}
        if most == 0:
            report.error(where, "Der må højst gives 0 svar. Spørgsmålet er læst som frivilligt med ét svar.")


def _attached(
    observation: Element, type: str, pictures: list[dict[str, Any]], where: str, report: Report
) -> Iterator[dict[str, Any]]:
    for each in _related(observation, templates.HELP_TEXT):
        if text := words(child(each, "value")):
            yield {"url": ehealth.QUESTIONNAIRE_HELP_TEXT, "extension": [{"url": "text", "valueString": text}]}
    for each in _related(observation, templates.FEEDBACK):
        yield from _feedback(each, type, where, report)
    for media in children(observation, "entryRelationship", "observationMedia"):
        yield from _picture(media, pictures, where, report)


def _feedback(feedback: Element, type: str, where: str, report: Report) -> Iterator[dict[str, Any]]:
    value = child(feedback, "precondition", "criterion", "value")
    low, high = (_number(attribute(value, bound, "value"), where, report) for bound in ("low", "high"))
    text = words(child(feedback, "value"))
    if type not in ("integer", "decimal") or low is None or high is None or not text:
        report.error(where, "En tilbagemelding er udeladt: den kan kun gives på et talsvar mellem to grænser.")
        return
    parts = [
        {"url": "value", "valueString": text},
        {"url": "min", "valueInteger": int(low)},
        {"url": "max", "valueInteger": int(high)},
    ]
    yield {"url": ehealth.QUESTIONNAIRE_FEEDBACK, "extension": parts}


def _picture(media: Element, pictures: list[dict[str, Any]], where: str, report: Report) -> Iterator[dict[str, Any]]:
    value = child(media, "value")
    content_type = value.get("mediaType", "") if value is not None else ""
    data = _padded("".join((value.text or "").split())) if value is not None else ""
    if content_type not in _PICTURES or not data or len(data) > _LARGEST_PICTURE or not _is_base64(data):
        report.error(where, "Et billede er udeladt: det er for stort, tomt eller af en type, vi ikke viser.")
        return
    id = f"billede-{len(pictures) + 1}"
    pictures.append({"resourceType": "Binary", "id": id, "contentType": content_type, "data": data})
    content = {"url": "content", "valueReference": {"reference": f"#{id}"}}
    yield {"url": ehealth.QUESTIONNAIRE_IMAGE, "extension": [content]}


def _padded(data: str) -> str:
    """Base64 without its closing `=` is seen in documents in use."""
    return data + "=" * (-len(data) % 4)


def _is_base64(data: str) -> bool:
    try:
        b64decode(data, validate=True)
    except ValueError:
        return False
    return True


def _related(observation: Element, template: str) -> Iterator[Element]:
    for each in children(observation, "entryRelationship", "observation"):
        if template in template_ids(each):
            yield each


def _number(text: str | None, where: str, report: Report) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        report.error(where, "En grænse er ikke et tal og er udeladt.")
        return None


def _value(number: Decimal, type: str) -> dict[str, Any]:
    return {"valueInteger": int(number)} if type == "integer" else {"valueDecimal": number}
