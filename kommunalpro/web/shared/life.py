"""What somebody may do with a questionnaire, its View or guidance, a plan or an activity now."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import get_language, gettext

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, Issue
from kommunalpro.fut.content import is_view, status_of
from kommunalpro.fut.gateway import Principal, in_english
from kommunalpro.fut.modifier_roles import may_edit
from kommunalpro.fut.privileges import privileges_to


@dataclass(frozen=True, slots=True)
class Life:
    """`edits`: it is a draft that can be changed, taken into use or discarded. `retires`: it is in use.

    `versions`: make the next version; `copies`: make one's own from it, which every administrator may.
    """

    edits: bool
    retires: bool
    versions: bool
    copies: bool


def life(definition: Json, by: Principal) -> Life:
    """Give what may be done with a definition, by its status, its owners and the privileges of who asks."""
    type, status = definition["resourceType"], status_of(definition)
    name = type if type != "Basic" else "View" if is_view(definition) else "ActionGuidance"
    is_ours = may_edit(definition, by.context.organization)
    changes = is_ours and bool(privileges_to("update", name) & by.privileges)
    creates = f"{type}.create" in by.privileges
    return Life(
        edits=changes and status == "draft",
        retires=changes and status == "active",
        versions=is_ours and creates and status != "draft",
        copies=creates,
    )


def refusals(wrong: FhirError, is_told: Callable[[Issue], bool] = lambda _: False) -> tuple[str, ...]:
    """Give why something could not be done, in sentences, each once. `is_told`: whether the page explains it itself."""
    return tuple(dict.fromkeys(said for each in wrong.issues if (said := words_of(each)) and not is_told(each)))


def words_of(issue: Issue) -> str:
    """Give what an issue says in the page's language, as far as it is known; empty: nothing.

    What the server refuses it names by a code or a place, in Danish for people and in English for developers: on an
    English page that is read more easily than Danish. For what FUT's services say we have words of our own, and what
    our pages and what stands behind them say is in the catalogue.
    """
    if get_language() == "en" and (said := in_english(issue)):
        return said
    if issue.text and (ours := gettext(issue.text)) != issue.text:
        return ours
    is_of_server = issue.coding is not None or issue.expression is not None
    if issue.text and issue.diagnostics and is_of_server and get_language() == "en":
        return issue.diagnostics if issue.diagnostics.endswith(".") else f"{issue.diagnostics}."
    return issue.text
