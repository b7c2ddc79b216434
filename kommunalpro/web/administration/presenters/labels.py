"""What a definition is called, where it comes from and whether it is in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.content import is_national
from kommunalpro.fut.modifier_roles import is_owner, owner_of


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose a definition is: `kind` is national, shared or own; `words` says it."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Status:
    """Publication status: FHIR's `code`, and what the page calls it."""

    code: str
    words: str


def status(definition: Json) -> Status:
    """Give the publication status; a View and an ActionGuidance keep theirs in an extension."""
    coding = extension_value(definition, ehealth.STATUS)
    code = definition.get("status") or (coding or {}).get("code", "unknown")
    names = {"draft": _("Kladde"), "active": _("I brug"), "retired": _("Udgået")}
    return Status(code, names.get(code, _("Ukendt")))


def origin(definition: Json, organization: str | None, organizations: Mapping[str, Json]) -> Origin:
    """Tell own from national from shared.

    A View or an ActionGuidance is national by its level, whatever else by the recommendation that the nation gives it.

    Args:
        definition: any published definition.
        organization: URL of the organisation the reader works in; None means none is chosen.
        organizations: Organization by version-less URL.
    """
    is_recommended = extension_value(definition, ehealth.QUESTIONNAIRE_RECOMMENDATION) is not None
    if is_national(definition) if definition["resourceType"] == "Basic" else is_recommended:
        return Origin("national", _("National"))
    if is_owner(definition, organization):
        return Origin("own", _("Egen"))
    named = organizations.get(owner_of(definition) or "", {}).get("name")
    return Origin("shared", _("Delt af %(organization)s") % {"organization": named} if named else _("Delt"))


def title(definition: Json) -> str:
    """Give what staff call a definition."""
    return str(
        extension_value(definition, ehealth.EMPLOYEE_TITLE)
        or extension_value(definition, ehealth.BASIC_TITLE)
        or definition.get("title")
        or definition.get("name")
        or definition.get("id", "")
    )


def version(definition: Json) -> str:
    """Give the version that people see; empty when there is none."""
    return str(definition.get("version") or extension_value(definition, ehealth.VERSION) or "")


def base(definition: Json) -> str:
    """Give what versions of the same definition share; its own id when it names none."""
    identifier = extension_value(definition, ehealth.BASE)
    return str((identifier or {}).get("value") or definition["id"])


def day(text: str) -> str:
    """Give a FHIR date as people write it: "7. december 2026"; what is no full date is given as it is."""
    try:
        return format_date(date.fromisoformat(text[:10]), "d. MMMM y", locale=get_language() or "da")
    except ValueError:
        return text
