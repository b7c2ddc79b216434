"""What a citizen will meet, for those who prepare questionnaires: every topic on one page, and nothing is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kommunalpro.care.definitions import Definition, read_definition
from kommunalpro.care.drafts import OpenDraft
from kommunalpro.care.progress import progress_of
from kommunalpro.fhir.json import Json
from kommunalpro.pro.form import FormError
from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.forms.answers import read_answers
from kommunalpro.web.citizen.forms.moves import GO, instances_of, read_move
from kommunalpro.web.citizen.forms.names import ANSWER
from kommunalpro.web.citizen.forms.page import read_page
from kommunalpro.web.citizen.presenters.blocks import Block, Told, page_blocks
from kommunalpro.web.citizen.presenters.question import Image, images_of
from kommunalpro.web.citizen.presenters.route import route
from kommunalpro.web.shared.reading import gateway_of, now_of

NOBODY = UUID(int=0)
"""In the place of a draft's id: there is no draft."""


@dataclass(frozen=True, slots=True)
class Topic:
    number: int
    title: str
    blocks: tuple[Block, ...]
    images: tuple[Image, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, questionnaire: UUID) -> HttpResponse:
    """Show a questionnaire as citizens meet it; what is answered decides what is asked, and is forgotten."""
    principal = request.principal.within(patient=None, episode_of_care=None)  # type: ignore[attr-defined]  # by the doors
    url = f"{gateway_of(request).base_url}/Questionnaire/{questionnaire}"
    try:
        definition = read_definition(gateway_of(request), url, by=principal, now=now_of(request))
    except FormError as unfinished:
        return _unfinished(request, questionnaire, unfinished)
    tried, told = _tried(definition, dict(request.POST.lists())) if request.method == "POST" else ({}, Told())
    opened = _unsaved(request, definition, tried)
    page = {
        "questionnaire_id": questionnaire,
        "faults": (),
        "title": definition.form.title.say(language()),
        "topics": [
            Topic(
                stop.number,
                stop.title.say(language()),
                page_blocks(opened, stop.content, told),
                images_of(stop.images, stop.title.say(language())),
            )
            for stop in route(opened)
        ],
    }
    return render(request, "citizen/preview.html", page, status=422 if told.errors else 200)


def _unfinished(request: HttpRequest, questionnaire: UUID, wrong: FormError) -> HttpResponse:
    """Say what is missing of a draft before it can be answered."""
    faults = [(each.link_id, each.text.say(language())) for each in wrong.problems]
    page = {"questionnaire_id": questionnaire, "title": _("Kan ikke vises endnu"), "topics": [], "faults": faults}
    return render(request, "citizen/preview.html", page)


def _tried(definition: Definition, fields: dict[str, Sequence[str]]) -> tuple[dict[str, tuple[Json, ...]], Told]:
    """Read what was tried: every answer on the page, none of them too, for nothing was kept of the one before."""
    move = read_move(definition.form, "".join(fields.pop(GO, ["bliv"])))
    if move.kind == "ryd":
        fields.pop(ANSWER + move.target, None)
    posted = read_page(definition, fields)
    answers: dict[str, tuple[Json, ...]] = {}
    for path in posted.shown - posted.errors.keys():
        item = definition.question_at(path)
        if item is not None and not (move.kind == "fjern" and path.startswith(f"{move.target}/")):
            answers[path] = read_answers(item, posted.typed[path])
    instances = set(instances_of(posted.shown)) - ({move.target} if move.kind == "fjern" else set())
    instances |= {move.target} if move.kind == "tilfoej" else set()
    typed = {path: posted.typed[path] for path in posted.errors}
    return answers, Told(posted.errors, typed, (), instances)


def _unsaved(request: HttpRequest, definition: Definition, tried: Mapping[str, tuple[Json, ...]]) -> OpenDraft:
    answers = {path: given for path, given in tried.items() if given}
    return OpenDraft(
        id=NOBODY,
        patient="",
        episode_of_care="",
        service_request="",
        definition=definition,
        answers=answers,
        progress=progress_of(definition, answers),
        opened_at=now_of(request),
        saved_at=None,
        submitted_at=None,
        response=None,
        touched=frozenset(tried),
    )
