import re
from uuid import UUID

from django import forms
from django.http import HttpRequest

from kommunalpro.care import planning
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotFound, PreconditionFailed
from kommunalpro.web.shared.reading import gateway_of, now_of, one, reader

_VERSION = re.compile(r"[A-Za-z0-9.-]{1,64}")


class Overtaken(PreconditionFailed):
    """Somebody else has changed a draft meanwhile. `form`: what was written in it and is not saved; None: nothing."""

    def __init__(self, form: forms.Form | None) -> None:
        super().__init__("En anden har ændret det imens.", diagnostics="The draft has a newer version.")
        self.form = form


def opened(request: HttpRequest, type: str, id: UUID) -> Json:
    """Read a draft as it stood when the form that was sent was shown; where none was sent, as it is now.

    So a step or a goal is the one that was meant, though others have changed places since: it is not saved then.
    """
    current, version = one(request, type, id), request.POST.get("version", "")
    if request.method != "POST" or version == current["meta"]["versionId"] or not _VERSION.fullmatch(version):
        return current
    gateway = gateway_of(request)
    try:
        url = f"{gateway.base_url}/{type}/{id}/_history/{version}"
        return gateway.read(url, by=reader(request), now=now_of(request))
    except NotFound:
        return current


def save(request: HttpRequest, changed: Json, form: forms.Form | None = None) -> None:
    """Store a draft that was changed on a page, if nobody else has changed it since the page was shown.

    Raises:
        Overtaken: somebody has; it carries the `form`.
        RuleBroken: all that is wrong with it, as that it is another organisation's.
    """
    version = request.POST.get("version", "")
    try:
        planning.save(gateway_of(request), changed, version, by=reader(request), now=now_of(request))
    except PreconditionFailed:
        raise Overtaken(form) from None
