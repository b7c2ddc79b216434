"""What the page of any definition opens with: its name, whose it is, whether it is in use."""

from typing import Any

from django.http import HttpRequest

from kommunalpro.fhir.json import Json
from kommunalpro.web.administration.presenters import basics, labels
from kommunalpro.web.shared.reading import everything, owners, reader


def heading(request: HttpRequest, resource: Json) -> dict[str, Any]:
    """Give title, version, status and origin of a definition."""
    organizations = owners(request, [resource])
    return {
        "title": labels.title(resource),
        "version": labels.version(resource),
        "status_label": labels.status(resource),
        "origin_label": labels.origin(resource, reader(request).context.organization, organizations),
    }


def questionnaire_of(request: HttpRequest, basic: Json) -> Json:
    """Give the Questionnaire that a View or ActionGuidance belongs to; empty when there is none to see."""
    url = basics.questionnaire_url(basic)
    return everything(request, "Questionnaire").get(url or "", {})
