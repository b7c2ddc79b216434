from django.http import HttpRequest

from kommunalpro.care import planning
from kommunalpro.fhir.json import Json
from kommunalpro.web.shared.reading import gateway_of, now_of, reader


def save(request: HttpRequest, changed: Json) -> None:
    """Store a draft that was changed on a page, if nobody else has changed it since the page was shown.

    Raises:
        PreconditionFailed: somebody has.
        RuleBroken: all that is wrong with it, as that it is another organisation's.
    """
    version = request.POST.get("version", "")
    planning.save(gateway_of(request), changed, version, by=reader(request), now=now_of(request))
