"""Invariants of ehealth-questionnaire, and of the View and ActionGuidance that belong to it.

Source: `fut.md` 1A (ehealth-questionnaire, Invariants) and 2.4–2.5.
"""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import Issue, NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.forms import form_of
from kommunalpro.fut.profiles.lifecycle import status_of
from kommunalpro.fut.profiles.requirements import is_code
from kommunalpro.pro.form import FormError, compile_form
from kommunalpro.pro.guidance import GuidanceError, read_guidance
from kommunalpro.pro.view import View, ViewError, read_view
from kommunalpro.pro.view_check import view_problems

_CONTENT_LIMIT = 1_000_000
"""Bytes of base64; FUT has a limit and does not publish it: ours."""


def problems(questionnaire: Json) -> Iterator[Issue]:
    """Give every invariant that a Questionnaire breaks; one that is not a draft must also be answerable."""
    for path, item in _items(questionnaire.get("item", ()), "Questionnaire"):
        yield from _item_problems(item, path, is_root=path.count(".item") == 1)
    yield from _use_context_problems(questionnaire)
    if questionnaire.get("status") != "draft":
        yield from _compile_problems(questionnaire)


def basic_problems(basic: Json, session: Session) -> Iterator[Issue]:
    """Give what is wrong with the content of a View or ActionGuidance; an active View fits its questionnaires."""
    if len(_binary(basic).get("data", "")) > _CONTENT_LIMIT:
        yield issue("ACTIONGUIDANCEVIEW_ILLEGAL_CONTENT_SIZE", f"at most {_CONTENT_LIMIT} bytes", "Basic.contained")
        return
    try:
        content = content_of(basic)
    except ValueError as wrong:
        yield issue("KPRO_VIEW_CONTENT", str(wrong), "Basic.contained")
        return
    if content is None:
        return  # another application's content type: the guide leaves it free
    try:
        if not is_view(basic):
            read_guidance(content)
        elif status_of(basic) == "active":
            yield from _misfits(basic, read_view(content), session)
        else:
            read_view(content)
    except (ViewError, GuidanceError) as wrong:
        yield issue("KPRO_VIEW_CONTENT", str(wrong), "Basic.contained")


def _misfits(basic: Json, view: View, session: Session) -> Iterator[Issue]:
    for target in extensions(basic, ehealth.VIEW_FOR):
        reference = Reference.parse((extension_value(target, "forReference") or {}).get("reference", ""))
        if reference is None or reference.type != "Questionnaire":
            continue
        try:
            form, _ = form_of(session, reference.url)
        except (NotFound, FormError):
            yield issue("KPRO_VIEW_CONTENT", "its questionnaire is not there, or cannot be answered", "Basic.extension")
            continue
        for each in view_problems(view, form):
            yield issue("KPRO_VIEW_CONTENT", str(each), "Basic.contained", text=f"{each.link_id}: {each.text.da}")


def is_view(basic: Json) -> bool:
    """Tell a View from an ActionGuidance."""
    return any(coding.get("code") == "view" for coding in basic["code"].get("coding", ()))


def content_of(basic: Json) -> Json | None:
    """Give the content of a View or ActionGuidance; None means that it is in a format that is not ours.

    Raises:
        ValueError: there is no such contained Binary, or it is not a JSON object.
    """
    binary = _binary(basic)
    if not binary:
        raise ValueError("content must refer to a contained Binary")
    if "vnd.kommunalpro" not in binary.get("contentType", ""):
        return None
    content: Json = loads(b64decode(binary.get("data", ""), validate=True))
    if not isinstance(content, dict):
        raise ValueError("content must be a JSON object")
    return content


def _binary(basic: Json) -> dict[str, Any]:
    """Give the contained Binary that holds the content; empty when there is none."""
    reference = extension_value(basic, ehealth.CONTENT)
    wanted = reference.get("reference") if isinstance(reference, dict) else None
    return next((dict(each) for each in basic.get("contained", ()) if f"#{each.get('id')}" == wanted), {})


def _items(items: Any, path: str) -> Iterator[tuple[str, Json]]:
    for number, item in enumerate(items):
        here = f"{path}.item[{number}]"
        yield here, item
        yield from _items(item.get("item", ()), here)


def _item_problems(item: Json, path: str, *, is_root: bool) -> Iterator[Issue]:
    if extension_value(item, ehealth.ITEM_IS_COPYRIGHT):
        if item["type"] not in ("group", "display"):
            yield issue("QUESTIONNAIRE_INVARIANT", "copyright-type", path)
        elif item["type"] == "group" and not is_root:
            yield issue("QUESTIONNAIRE_INVARIANT", "copyright groups only at the root", path)
    if extension_value(item, ehealth.SLIDER_STEP_VALUE_DECIMAL) is not None and item["type"] != "decimal":
        yield issue("QUESTIONNAIRE_INVARIANT", "sliderStepValueDecimal-Type", path)
    yield from _occurs_problems(item, path)


def _occurs_problems(item: Json, path: str) -> Iterator[Issue]:
    least, most = extension_value(item, ehealth.MIN_OCCURS), extension_value(item, ehealth.MAX_OCCURS)
    for name, value in (("minOccurs", least), ("maxOccurs", most)):
        if value is not None and not (isinstance(value, int) and value > 1):
            yield issue("QUESTIONNAIRE_INVARIANT", f"questionnaire-{name}-greater-than-one", path)
    if isinstance(least, int) and least > 1 and not item.get("repeats"):
        yield issue("QUESTIONNAIRE_INVARIANT", "minOccurs-invalid-when-repeats-false", path)


def _use_context_problems(questionnaire: Json) -> Iterator[Issue]:
    for number, context in enumerate(questionnaire.get("useContext", ())):
        if context["code"].get("code") != "program":
            continue
        for coding in context.get("valueCodeableConcept", {}).get("coding", ()):
            if not is_code(ehealth.EHEALTH_PROGRAM, coding.get("code", "")):
                yield issue(
                    "USE_CONTEXT_VALIDATION_FAILED", coding.get("code", ""), f"Questionnaire.useContext[{number}]"
                )


def _compile_problems(questionnaire: Json) -> Iterator[Issue]:
    try:
        compile_form(questionnaire)
    except FormError as wrong:
        coding = issue("QUESTIONNAIRE_INVARIANT").coding
        for each in wrong.problems:
            yield Issue(f"{each.link_id}: {each.text.da}", str(each), each.expression, coding=coding)
