"""What is in a package, as clinical administrators read it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import slugify
from django.utils.translation import gettext as _

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.content import is_view
from kommunalpro.web.kam.presenters import labels

_ASCII = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


@dataclass(frozen=True, slots=True)
class Part:
    """One thing in a package. `version` is empty where it has none."""

    kind: str
    title: str
    version: str


def parts(resources: Iterable[Json]) -> tuple[Part, ...]:
    """Give what people call some resources, in the order they come."""
    return tuple(_part(each) for each in resources)


def awaits_use(resources: Iterable[Json]) -> bool:
    """Tell whether there is a view or a guidance among them: as drafts they do nothing."""
    return any(each["resourceType"] == "Basic" for each in resources)


def file_name(plan: Json) -> str:
    """Give the name of the file that a plan is taken along in."""
    named = f"{labels.title(plan)} {plan.get('version', '')}".lower().translate(_ASCII).replace(".", "-")
    return f"plan-{slugify(named)[:80]}.zip"


def _part(resource: Json) -> Part:
    title = extension_value(resource, ehealth.BASIC_TITLE) or resource.get("description") or labels.title(resource)
    version = resource.get("version") or extension_value(resource, ehealth.VERSION) or ""
    is_named = resource.get("title") or resource.get("name")
    return Part(_kind(resource), labels.title(resource) if is_named else str(title), str(version))


def _kind(resource: Json) -> str:
    if resource["resourceType"] == "Basic":
        return _("Visning med trafiklys") if is_view(resource) else _("Handlingsvejledning")
    return {
        "PlanDefinition": _("Plan"),
        "ActivityDefinition": _("Aktivitet"),
        "Questionnaire": _("Spørgeskema"),
        "DocumentReference": _("Dokument"),
        "Library": _("Regelbibliotek"),
        "Organization": _("Organisation"),
    }[resource["resourceType"]]
