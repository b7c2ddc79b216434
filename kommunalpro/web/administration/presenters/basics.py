"""Lists of Views and ActionGuidance, and what is common to reading their content."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fut.content import is_national, is_view
from kommunalpro.web.administration.presenters import labels


@dataclass(frozen=True, slots=True)
class BasicRow:
    """One View or ActionGuidance in a list."""

    id: str
    title: str
    version: str
    status: labels.Status
    origin: labels.Origin
    questionnaire: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A View or ActionGuidance by its name, to be led to."""

    id: str
    title: str
    version: str
    is_national: bool


def rows(
    basics: Iterable[Json],
    questionnaires: Mapping[str, Json],
    organization: str | None,
    organizations: Mapping[str, Json],
) -> tuple[BasicRow, ...]:
    """Give the list by title. `questionnaires` and `organizations` are by version-less URL."""
    shown = [
        BasicRow(
            each["id"],
            labels.title(each),
            labels.version(each),
            labels.status(each),
            labels.origin(each, organization, organizations),
            _title_of(questionnaires, questionnaire_url(each)),
        )
        for each in basics
    ]
    return tuple(sorted(shown, key=lambda row: (row.title.casefold(), row.version)))


def questionnaire_url(basic: Json) -> str | None:
    """Give the URL of the Questionnaire that a View or ActionGuidance belongs to; None means none."""
    for url in (ehealth.VIEW_FOR, ehealth.ACTIONGUIDANCE_FOR):
        for each in extensions(basic, url):
            reference = extension_value(each, "forReference")
            if reference:
                return str(reference.get("reference", "")).partition("/_history/")[0] or None
    return None


def kind(basic: Json) -> str:
    """Give what addresses call a View and an ActionGuidance: view, guidance."""
    return "view" if is_view(basic) else "guidance"


def named(basic: Json | None) -> Named | None:
    """Name a View or ActionGuidance; none has no name."""
    if basic is None:
        return None
    return Named(basic["id"], labels.title(basic), labels.version(basic), is_national(basic))


def _title_of(questionnaires: Mapping[str, Json], url: str | None) -> str | None:
    found = questionnaires.get(url or "")
    return labels.title(found) if found else None


def say(text: Any) -> str:
    """Give a text of a view or guidance in the reader's language, Danish when there is no other."""
    if not isinstance(text, Mapping):
        return str(text)
    return str(text.get(get_language() or "da") or text.get("da", ""))
