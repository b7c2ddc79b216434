"""Fetching a document of information material; who may read it is decided where it is read."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from kommunalpro.care.materials import document_of
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotFound

MATERIAL = r"(?P<material>(?:[a-z]+\.)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
"""The id of a DocumentReference in an address; at the national infrastructure it may bear its service's name."""

_SHOWN = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "text/plain": ".txt"}
"""Kinds that are given as what they say; all others as bytes, that nothing in them is run."""


def download(reference: Json) -> HttpResponse:
    """Give the file of a DocumentReference, to be saved.

    Raises:
        NotFound: it holds none.
    """
    document = document_of(reference)
    if document is None:
        raise NotFound("Der er ikke noget dokument.", diagnostics="The DocumentReference has no data.")
    kind = document.content_type.partition(";")[0].strip().lower()
    ending = _SHOWN.get(kind)
    name = document.name.rstrip(".") or _("materiale")
    return HttpResponse(
        document.content,
        content_type=document.content_type if ending else "application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(
                True, name if ending is None or name.lower().endswith(ending) else f"{name}{ending}"
            )
        },
    )
