"""Pictures that a questionnaire holds itself, as contained Binary resources.

Source: `fut.md` 1A, ehealth-questionnaire-image.
"""

from collections.abc import Mapping

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.pro.item import Image
from kommunalpro.pro.noting import Note, typed


def read_images(element: Json, contained: Mapping[str, Json], note: Note) -> tuple[Image, ...]:
    """Give the pictures of an item or option; `contained` holds the questionnaire's resources by `#id`."""
    if "extension" not in element:
        return ()
    found = []
    for each in extensions(element, ehealth.QUESTIONNAIRE_IMAGE):
        content = typed(each, "content", dict, note) or {}
        binary = contained.get(content.get("reference", ""), {})
        if binary.get("data"):
            terms = str(typed(each, "terms", str, note) or "")
            found.append(Image(binary.get("contentType", ""), binary["data"], terms))
    return tuple(found)
