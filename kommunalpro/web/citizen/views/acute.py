import logging

from django.http import HttpRequest

from kommunalpro.care.drafts import OpenDraft
from kommunalpro.care.interpretation import active_view
from kommunalpro.pro.acute import acute_hits
from kommunalpro.pro.content import ContentError
from kommunalpro.web.citizen.context import citizen, language, responsible
from kommunalpro.web.shared.reading import gateway_of, now_of

log = logging.getLogger(__name__)


def acute_texts(request: HttpRequest, opened: OpenDraft) -> tuple[str, ...]:
    """Give what a citizen must read at once, given their answers so far; the editor wrote it with the acute rule.

    A View that cannot be read never stands between a citizen and their answers: it is logged, and no text is given.
    """
    if not opened.answers:
        return ()
    organization = responsible(request, opened.episode_of_care).organization
    by, now = citizen(request), now_of(request)
    try:
        found = active_view(gateway_of(request), opened.definition.url, organization, by=by, now=now)
    except (ContentError, ValueError):
        log.exception("The View of a questionnaire cannot be read", extra={"questionnaire": opened.definition.url})
        return ()
    hits = acute_hits(opened.definition.form, found.view, opened.answers) if found else ()
    return tuple(dict.fromkeys(hit.text.say(language()) for hit in hits))
