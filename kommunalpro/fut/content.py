"""The content of a Basic: a View or an ActionGuidance, in the Binary that it contains.

Source: `fut.md` 2.4-2.5.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhirserver.access import Filter, Indexed, Not
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.versions import OncePerVersion
from kommunalpro.pro.guidance import Guidance, read_guidance
from kommunalpro.pro.view import View, read_view

VIEWS = ("Basic", "viewForReference")
"""By which type, and which of its parameters, the Views of a questionnaire refer to it."""

VIEW, ACTION_GUIDANCE = "View", "ActionGuidance"
"""The two kinds of Basic, by the names that their privileges begin with."""

_IS_VIEW = Indexed("code", f"{ehealth.BASIC_RESOURCE_TYPE}|view")
ROWS: Mapping[str, Filter] = {VIEW: _IS_VIEW, ACTION_GUIDANCE: Not(_IS_VIEW)}
"""Kind of Basic → its rows."""

_basics: OncePerVersion[dict[str, Any]] = OncePerVersion(1_000)
_read_views: OncePerVersion[View | None] = OncePerVersion(1_000)


def is_view(basic: Json) -> bool:
    """Tell a View from an ActionGuidance."""
    return any(coding.get("code") == "view" for coding in basic["code"].get("coding", ()))


def kind_of(basic: Json) -> str:
    """Give which of the two kinds a Basic is."""
    return VIEW if is_view(basic) else ACTION_GUIDANCE


def status_of(definition: Json) -> str | None:
    """Give the publication status; a View and an ActionGuidance have theirs in an extension."""
    if definition["resourceType"] == "Basic":
        coding = extension_value(definition, ehealth.STATUS)
        return coding.get("code") if isinstance(coding, dict) else None
    return definition.get("status")


def content_of(basic: Json) -> Json | None:
    """Give the content of a View or ActionGuidance; None means that it is in a format that is not ours.

    Raises:
        ValueError: there is no such contained Binary, or it is not a JSON object.
    """
    binary = binary_of(basic)
    if not binary:
        raise ValueError("content must refer to a contained Binary")
    if "vnd.kommunalpro" not in binary.get("contentType", ""):
        return None
    content: Json = loads(b64decode(binary.get("data", ""), validate=True))
    if not isinstance(content, dict):
        raise ValueError("content must be a JSON object")
    return content


def is_national(basic: Json) -> bool:
    """Tell whether a View or an ActionGuidance is everybody's; what is not ours to read says nothing of it."""
    try:
        return (content_of(basic) or {}).get("level") == "national"
    except ValueError:
        return False


def binary_of(basic: Json) -> dict[str, Any]:
    """Give the contained Binary that holds the content; empty when there is none."""
    reference = extension_value(basic, ehealth.CONTENT)
    wanted = reference.get("reference") if isinstance(reference, dict) else None
    return next((dict(each) for each in basic.get("contained", ()) if f"#{each.get('id')}" == wanted), {})


def active_views(session: Session, questionnaire: str) -> Iterator[tuple[dict[str, Any], View]]:
    """Give the Views of a questionnaire that are active anywhere, each with its resource, the newest first."""
    return _views(session, questionnaire, "active")


def retired_views(session: Session, questionnaire: str) -> Iterator[tuple[dict[str, Any], View]]:
    """Give those that are retired, whether they were active before or given up as drafts."""
    return _views(session, questionnaire, "retired")


def active_guidance(session: Session, questionnaire: str) -> Iterator[tuple[dict[str, Any], Guidance]]:
    """Give the ActionGuidance of a questionnaire that is active anywhere, each with its resource, the newest first.

    Raises:
        ValueError: the content of one cannot be read.
    """
    for stamp in session.system_stamps_referring(questionnaire, by=("Basic", "actionGuidanceForReference")):
        basic = _basics.get(stamp, partial(session.system_read, stamp.url))
        content = content_of(basic) if not is_view(basic) and status_of(basic) == "active" else None
        if content is not None:
            yield basic, read_guidance(content)


def _views(session: Session, questionnaire: str, status: str) -> Iterator[tuple[dict[str, Any], View]]:
    """Give the Views of a status; the content of others is not read, nor can it stop anybody."""
    for stamp in session.system_stamps_referring(questionnaire, by=VIEWS):
        basic = _basics.get(stamp, partial(session.system_read, stamp.url))
        if is_view(basic) and status_of(basic) == status:
            view = _read_views.get(stamp, partial(_view_in, basic))
            if view is not None:
                yield basic, view


def _view_in(basic: Json) -> View | None:
    """Read a View; None: its content is in a format that is not ours."""
    content = content_of(basic)
    return None if content is None else read_view(content)
