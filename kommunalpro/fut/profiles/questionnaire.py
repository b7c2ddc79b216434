"""Invariants of ehealth-questionnaire.

Source: `fut.md` 1A (ehealth-questionnaire, Invariants).
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles import item_extensions, lights
from kommunalpro.pro.form import FormError, compile_form
from kommunalpro.pro.rule_check import rule_problems


def problems(questionnaire: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give every invariant that a Questionnaire breaks; one that becomes active must also be answerable.

    What was published by the checks of its time may be changed and retired, whatever is checked since.
    """
    if previous is None or previous.get("status") == "draft":
        for path, item, parent in _items(questionnaire.get("item", ()), "Questionnaire"):
            yield from _item_problems(item, path, parent)
            if questionnaire.get("status") != "draft":
                yield from item_extensions.item_problems(item, path)
        if questionnaire.get("status") != "draft":
            yield from _compile_problems(questionnaire)
    yield from lights.problems(questionnaire, previous, session)


def _items(items: Any, path: str, parent: Json | None = None) -> Iterator[tuple[str, Json, Json | None]]:
    """Give every item with its FHIRPath and what it stands under; None: it stands at the root."""
    for number, item in enumerate(items):
        here = f"{path}.item[{number}]"
        yield here, item, parent
        yield from _items(item.get("item", ()), here, item)


def _item_problems(item: Json, path: str, parent: Json | None) -> Iterator[Issue]:
    if _is_copyright(item):
        if item["type"] not in ("group", "display"):
            yield _broken("copyright-type", path)
        elif item["type"] == "group" and parent is not None:
            yield _broken("copyright groups only at the root", path)
        elif item["type"] == "display" and not (parent and _is_copyright(parent)):
            yield _broken("copyright texts only under a copyright group", path)
    if extension_value(item, ehealth.SLIDER_STEP_VALUE_DECIMAL) is not None and item["type"] != "decimal":
        yield _broken("sliderStepValueDecimal-Type", path)
    is_set = extension_value(item.get("_text", {}), ehealth.RENDERING_XHTML) is not None
    if is_set and not item.get("text"):
        yield _broken("rendering-xhtml needs the plain text beside it", path)
    yield from _occurs_problems(item, path)


def _is_copyright(item: Json) -> bool:
    return bool(extension_value(item, ehealth.ITEM_IS_COPYRIGHT))


def _occurs_problems(item: Json, path: str) -> Iterator[Issue]:
    least, most = extension_value(item, ehealth.MIN_OCCURS), extension_value(item, ehealth.MAX_OCCURS)
    for name, value in (("minOccurs", least), ("maxOccurs", most)):
        if value is not None and not (isinstance(value, int) and value > 1):
            yield _broken(f"questionnaire-{name}-greater-than-one", path)
    if isinstance(least, int) and least > 1 and not item.get("repeats"):
        yield _broken("minOccurs-invalid-when-repeats-false", path)


def _compile_problems(questionnaire: Json) -> Iterator[Issue]:
    try:
        form = compile_form(questionnaire)
        found = [*form.flaws, *rule_problems(form)]
    except FormError as wrong:
        found = list(wrong.problems)
    coding = _broken("", None).coding
    for each in found:
        text, diagnostics = mask_cpr(f"{each.link_id}: {each.text.da}"), mask_cpr(str(each))
        yield Issue(text, diagnostics, mask_cpr(each.expression), coding=coding)


def _broken(detail: str, path: str | None) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path, text="Spørgeskemaet overholder ikke reglerne.")
