"""A response as plain text, to be copied to the journal: short, in the order a reader wants it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kommunalpro.web.staff.presenters.response import ResponsePage
from kommunalpro.web.staff.presenters.topics import TopicRow


def summary_text(page: ResponsePage) -> str:
    """Give the summary; the citizen's own words are quoted, the lights said in words."""
    return "\n".join(_lines(page))


def _lines(page: ResponsePage) -> Iterator[str]:
    words = {"title": page.title, "when": page.answered, "who": page.respondent}
    said = _("%(title)s, besvaret %(when)s af %(who)s") if page.respondent else _("%(title)s, besvaret %(when)s")
    yield said % words
    if page.error:
        yield page.error
    else:
        yield from _found(page)
    for judgement in page.judgements:
        if judgement.note:
            yield _("Note (%(author)s, %(when)s): %(note)s") % {
                "author": judgement.author,
                "when": judgement.when,
                "note": judgement.note,
            }
    if not page.error:
        yield _whose(page)


def _whose(page: ResponsePage) -> str:
    if page.is_by_relative:
        return _("Svarene er en pårørendes, ikke borgerens egne; lysene er en hjælp til samtalen.")
    if page.respondent:
        return _("Svarene er ikke givet af borgeren selv; lysene er en hjælp til samtalen.")
    return _("Svarene er borgerens egen oplevelse; lysene er en hjælp til samtalen.")


def _found(page: ResponsePage) -> Iterator[str]:
    """Say what who answered wishes and wrote, and what was found."""
    if page.wishes:
        said = _("Valgt at tale om: %(wishes)s") if page.respondent else _("Borgeren vil helst tale om: %(wishes)s")
        yield said % {"wishes": page.wishes}
    for row in page.own_words:
        yield f"{row.question} " + " ".join(f"”{words}”" for words in row.words)
    yield from page.acute
    yield f"{_('Automatisk vurdering')}: {_light(page.light)}"
    if page.judged:
        yield f"{_('Faglig vurdering')}: {_light(page.judged)}"
    for topic in page.loud:
        yield _topic(topic)
    if page.calm:
        yield _("Ingen særlig opmærksomhed: %(topics)s") % {"topics": ", ".join(row.title for row in page.calm)}


def _topic(topic: TopicRow) -> str:
    measured = ": ".join(filter(None, (topic.measure, topic.value))) if topic.value else ""
    parts = [f"{topic.title}: {_light(topic.light)}", measured, topic.change]
    return ", ".join(part for part in parts if part)


def _light(code: str) -> str:
    return {
        "red": _("kræver opmærksomhed"),
        "yellow": _("kan kræve opmærksomhed"),
        "not-assessed": _("ikke vurderet"),
        "green": _("ingen særlig opmærksomhed"),
    }[code]
