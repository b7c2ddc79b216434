"""The content of a Basic: a View or an ActionGuidance, in the Binary that it contains.

Source: `fut.md` 2.4-2.5.
"""

from base64 import b64decode
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json, loads


def is_view(basic: Json) -> bool:
    """Tell a View from an ActionGuidance."""
    return any(coding.get("code") == "view" for coding in basic["code"].get("coding", ()))


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


def binary_of(basic: Json) -> dict[str, Any]:
    """Give the contained Binary that holds the content; empty when there is none."""
    reference = extension_value(basic, ehealth.CONTENT)
    wanted = reference.get("reference") if isinstance(reference, dict) else None
    return next((dict(each) for each in basic.get("contained", ()) if f"#{each.get('id')}" == wanted), {})
