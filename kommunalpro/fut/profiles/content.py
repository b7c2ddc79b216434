"""What a View or an ActionGuidance may hold.

Source: `fut.md` 2.4-2.5; ARCHITECTURE §5.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Gone, Issue, NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import active_guidance, active_views, binary_of, content_of, is_view, status_of
from kommunalpro.fut.errors import issue, missing, unbound
from kommunalpro.fut.forms import form_of
from kommunalpro.fut.modifier_roles import is_owner, owners_of
from kommunalpro.pro.form import Form, FormError
from kommunalpro.pro.guidance import Guidance, GuidanceError, read_guidance
from kommunalpro.pro.guidance_check import guidance_problems
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.view import View, ViewError, read_view
from kommunalpro.pro.view_check import view_problems

_TYPES = (ehealth.VIEW_TYPE, ehealth.ACTIONGUIDANCE_TYPE)
_STATUSES = {("http://hl7.org/fhir/publication-status", each) for each in ("draft", "active", "retired", "unknown")}
_QUESTIONNAIRE = ("http://hl7.org/fhir/resource-types", "Questionnaire")
_CONTENT_LIMIT = 1_000_000
"""Bytes of base64; FUT has a limit and does not publish it: ours."""


def basic_problems(basic: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what is wrong with the content of a View or ActionGuidance; what becomes active fits its questionnaires.

    Later it need not: what it was held against may change, and its own content cannot any more.
    """
    if previous is None or status_of(previous) == "draft":
        yield from _kind_problems(basic)
    if len(binary_of(basic).get("data", "")) > _CONTENT_LIMIT:
        yield issue("ACTIONGUIDANCEVIEW_ILLEGAL_CONTENT_SIZE", f"at most {_CONTENT_LIMIT} bytes", "Basic.contained")
        return
    try:
        content = content_of(basic)
    except ValueError as wrong:
        yield issue("KPRO_VIEW_CONTENT", str(wrong), "Basic.contained")
        return
    if content is None:
        return  # another application's content type: the guide leaves it free
    read: View | Guidance | None
    try:
        read = read_view(content) if is_view(basic) else read_guidance(content)
    except (ViewError, GuidanceError) as wrong:
        for each in wrong.faults:
            yield issue("KPRO_VIEW_CONTENT", str(each), "Basic.contained", text=each.say("da"))
        read = wrong.read
    if read is None:
        return
    if status_of(basic) == "active" and (previous is None or status_of(previous) != "active"):
        yield from _misfits(basic, read, session)


def _kind_problems(basic: Json) -> Iterator[Issue]:
    """It says of which type it is, a status of a publication, and that it is for a Questionnaire."""
    type, meant = (_TYPES[0], ehealth.VIEW_FOR) if is_view(basic) else (_TYPES[1], ehealth.ACTIONGUIDANCE_FOR)
    if not any(extensions(basic, type)):
        yield missing(f"extension {type}", "Basic.extension")
    status = extension_value(basic, ehealth.STATUS)
    if isinstance(status, dict) and (status.get("system"), status.get("code")) not in _STATUSES:
        yield unbound("a status of a publication", "Basic.extension")
    for each in extensions(basic, meant):
        kind = extension_value(each, "forType")
        if isinstance(kind, dict) and (kind.get("system"), kind.get("code")) != _QUESTIONNAIRE:
            yield unbound("forType is Questionnaire", "Basic.extension")


def _misfits(basic: Json, content: View | Guidance, session: Session) -> Iterator[Issue]:
    for target in extensions(basic, ehealth.VIEW_FOR if isinstance(content, View) else ehealth.ACTIONGUIDANCE_FOR):
        reference = Reference.parse((extension_value(target, "forReference") or {}).get("reference", ""))
        if reference is None or reference.type != "Questionnaire":
            continue
        try:
            form, _ = form_of(session, reference.url)
        except (NotFound, Gone, FormError):
            yield issue("KPRO_VIEW_CONTENT", "its questionnaire is not there, or cannot be answered", "Basic.extension")
            continue
        try:
            found = _problems(basic, content, form, session, reference.url)
        except ValueError as wrong:
            detail = f"a View or guidance of its questionnaire cannot be read: {wrong}"
            yield issue("KPRO_VIEW_CONTENT", detail, "Basic.extension")
            continue
        for each in found:
            yield issue("KPRO_VIEW_CONTENT", str(each), "Basic.contained", text=f"{each.link_id}: {each.text.da}")


def _problems(basic: Json, content: View | Guidance, form: Form, session: Session, questionnaire: str) -> list[Problem]:
    if isinstance(content, View):
        return [*view_problems(content, form), *_lost_advice(basic, content, form, session, questionnaire)]
    return guidance_problems(content, form, [view for _, view in active_views(session, questionnaire)])


def _lost_advice(basic: Json, view: View, form: Form, session: Session, questionnaire: str) -> Iterator[Problem]:
    """Give the topics and scores that guidance in use hangs on, and a View that takes over in its place has not.

    Its place is the whole country, or what the same organisation has of its own: nobody's guidance stops another's
    View. To change both, the guidance goes out of use first. Each is told once, however much hangs on it.
    """
    told = set()
    for other, guidance in active_guidance(session, questionnaire):
        is_ours = any(is_owner(other, owner) for owner in owners_of(basic))
        if guidance.level == view.level and (view.level == "national" or is_ours):
            for each in guidance_problems(guidance, form, [view]):
                lost = (each.code, each.link_id)
                if each.code in ("guidance-topic", "guidance-score") and lost not in told:
                    told.add(lost)
                    yield each
