"""Pictures that a questionnaire holds itself, as contained Binary resources.

One that is not there, or that browsers may not show, is refused: the question may be about it.

Source: `fut.md` 1A, ehealth-questionnaire-image.
"""

from collections.abc import Mapping

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.pro.item import Image
from kommunalpro.pro.noting import Note, check_understood, typed

CONTENT_TYPES = ("image/png", "image/jpeg", "image/svg+xml")
LARGEST = 266_000
"""Characters of base64 in one picture that FUT takes."""


def read_images(element: Json, resources: Mapping[str, Json], note: Note) -> tuple[Image, ...]:
    """Give the pictures of an item or option; `resources` holds those of the questionnaire by `#id`."""
    if "extension" not in element:
        return ()
    found = [_image(each, resources, note) for each in extensions(element, ehealth.QUESTIONNAIRE_IMAGE)]
    return tuple([image for image in found if image is not None])


def _image(extension: Json, resources: Mapping[str, Json], note: Note) -> Image | None:
    content = typed(extension, "content", dict, note) or {}
    binary = resources.get(str(content.get("reference")), {})
    if binary.get("resourceType") != "Binary" or not binary.get("data"):
        note("image")
        return None
    check_understood(binary, note)
    if binary.get("contentType") not in CONTENT_TYPES:
        note("image-type", type=str(binary.get("contentType", "–")), types=", ".join(CONTENT_TYPES))
        return None
    return Image(binary["contentType"], binary["data"], str(typed(extension, "terms", str, note) or ""))
