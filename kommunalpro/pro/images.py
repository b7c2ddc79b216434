"""Pictures that a questionnaire holds itself, as contained Binary resources.

Source: `fut.md` 1A, ehealth-questionnaire-image.
"""

from collections.abc import Mapping

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.pro.item import Image


def read_images(element: Json, contained: Mapping[str, Json]) -> tuple[Image, ...]:
    """Give the pictures of an item or option; `contained` holds the questionnaire's resources by `#id`."""
    found = []
    for each in extensions(element, ehealth.QUESTIONNAIRE_IMAGE):
        binary = contained.get((extension_value(each, "content") or {}).get("reference", ""), {})
        if binary.get("data"):
            terms = str(extension_value(each, "terms") or "")
            found.append(Image(binary.get("contentType", ""), binary["data"], terms))
    return tuple(found)
