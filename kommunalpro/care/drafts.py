"""Answers on their way: opened, saved one by one, discarded or submitted.

Whoever may read the plan's activity (ServiceRequest) in the context of the citizen may work on the draft; every
function asks the gateway, so that refusals and reads are audited there. `by` must stand in the citizen's context
(`by.within(patient=…)`): the draft of another citizen is not found.
"""

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from kommunalpro.care.called import title_of
from kommunalpro.care.definitions import Definition, read_definition
from kommunalpro.care.due import Due
from kommunalpro.care.measurement import measurement_bundle, response_url
from kommunalpro.care.models import Draft, DraftAnswer, slot_text
from kommunalpro.care.progress import Progress, progress_of
from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import BadRequest, Conflict, FhirError, Gone, NotFound
from kommunalpro.fut.gateway import Gateway, Principal, Unanswered, found_again
from kommunalpro.pro.answers import Answers, following
from kommunalpro.pro.calculation import initial_answers
from kommunalpro.pro.form import Item
from kommunalpro.pro.response import AnswerIssue, check_answers
from kommunalpro.pro.text import Text

SENDING = timedelta(minutes=2)
"""So long a draft is taken to be on its way; after a crash, or no answer, it can be sent again when that has passed."""
_WITHDRAWN = ("revoked", "entered-in-error")
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds until a second press looks again whether the first is done: who presses twice gets the one receipt."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft with all that a page needs. `saved_at` None: nothing answered; `submitted_at` None: not submitted.

    `beginning` has what questions were shown answered with before anybody answered them, by path, where what is known
    of the citizen says so; `touched` are the paths where somebody answered since, or would not. `own_title` empty: it
    is called as its questionnaire is.
    """

    id: UUID
    patient: str
    episode_of_care: str
    service_request: str
    definition: Definition
    answers: Answers
    progress: Progress
    opened_at: datetime
    saved_at: datetime | None
    submitted_at: datetime | None
    response: str | None
    beginning: Answers = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    own_title: str = ""

    @property
    def title(self) -> Text:
        """What citizens read that it is called."""
        return title_of(self.own_title, self.definition.form)

    def proposal(self, item: Item, path: str) -> tuple[Json, ...]:
        """Give what a question was shown answered with before anybody answered it: no answer yet."""
        return self.beginning.get(path, item.initial)

    def begins(self, item: Item, path: str) -> tuple[Json, ...]:
        """Give the proposal as long as nobody has answered, or would not."""
        return () if path in self.touched else self.proposal(item, path)


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did: when, and which of the values were not kept because their type or range is wrong."""

    at: datetime
    issues: tuple[AnswerIssue, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted response, by its absolute URL."""

    draft: UUID
    response: str
    at: datetime


def open_draft(gateway: Gateway, due: Due, *, by: Principal, now: datetime) -> OpenDraft:
    """Open the draft of what is due (from `care.due`); the one that is open already, if there is one."""
    within = by.within(patient=due.patient, episode_of_care=due.episode_of_care)
    _same_patient(due.patient, by)
    gateway.read(due.service_request, by=within, now=now)
    definition = read_definition(gateway, due.questionnaire, by=within, now=now)
    with transaction.atomic():
        row = _find_or_create(due, definition, by=by, now=now)
    return _opened(gateway, row, by=by, now=now)


def read_draft(gateway: Gateway, draft: UUID, *, by: Principal, now: datetime) -> OpenDraft:
    """Read a draft, submitted or not.

    Raises:
        NotFound: no such draft, or another citizen's.
        Gone: what it would answer was withdrawn.
    """
    return _opened(gateway, _allowed(gateway, draft, by=by, now=now), by=by, now=now)


def save_answers(
    gateway: Gateway, draft: UUID, changes: Mapping[str, Sequence[Json]], *, by: Principal, now: datetime
) -> Saved:
    """Save the answers to some questions; no answers at a path removes what was there.

    Every value that can be right is kept, also when another is wrong; the wrong ones come back as issues.

    Raises:
        BadRequest: a path that the questionnaire does not have (a forged or stale form); nothing is saved.
        Conflict: the draft is submitted.
        Unanswered: it may be on its way.
    """
    row = _allowed(gateway, draft, by=by, now=now)
    definition = _definition(gateway, row, by=by, now=now)
    _refuse_unknown(definition, changes)
    with transaction.atomic():
        row = _still_open(row, now)
        before = row.as_answers()
        merged = {**before, **{path: tuple(values) for path, values in changes.items()}}
        answered = {path: values for path, values in merged.items() if values}
        issues = tuple(i for i in check_answers(definition.form, answered, strictness="draft") if i.path in changes)
        wrong = {issue.path for issue in issues}
        right = {path: values for path, values in changes.items() if path not in wrong}
        _write(row, following(definition.form, before, right), cleared=right.keys(), by=by, now=now)
    return Saved(at=now, issues=issues)


def save_answer(
    gateway: Gateway, draft: UUID, path: str, answers: Sequence[Json], *, by: Principal, now: datetime
) -> Saved:
    """Save the answers to one question."""
    return save_answers(gateway, draft, {path: answers}, by=by, now=now)


def remove_instance(gateway: Gateway, draft: UUID, instance: str, *, by: Principal, now: datetime) -> Saved:
    """Remove one instance of a repeating group (`medicine[1]`) with everything in it."""
    row = _allowed(gateway, draft, by=by, now=now)
    with transaction.atomic():
        row = _still_open(row, now)
        row.answers.filter(path__startswith=f"{instance}/").delete()
        _touch(row, now)
    return Saved(at=now, issues=())


def check(gateway: Gateway, draft: UUID, *, by: Principal, now: datetime) -> tuple[AnswerIssue, ...]:
    """Give all that stands in the way of submitting, each with its path; nothing means that it may be submitted."""
    opened = read_draft(gateway, draft, by=by, now=now)
    return tuple(check_answers(opened.definition.form, opened.answers, strictness="submit"))


def discard(gateway: Gateway, draft: UUID, *, by: Principal, now: datetime) -> None:
    """Throw a draft and its answers away.

    Raises:
        Conflict: the draft is submitted.
        Unanswered: it may be on its way.
    """
    row = _allowed(gateway, draft, by=by, now=now)
    with transaction.atomic():
        _still_open(row, now).delete()


def submit(gateway: Gateway, draft: UUID, *, by: Principal, now: datetime) -> Submission:
    """Submit a draft by `$submit-measurement`, then mark it submitted.

    A refusal loses nothing: the draft stays as it was. The same again gives the first result. What is sent is a
    function of the draft alone, so that a repetition after a lost connection is the same content to the infrastructure.
    Nothing is locked while that answers, for it may be far away: meanwhile the draft says that it is being sent, and is
    neither changed nor sent by another press.

    Raises:
        RuleBroken: all that is wrong with the answers.
        Unanswered: nobody knows whether this press sent it, or another that is at it.
    """
    row = _allowed(gateway, draft, by=by, now=now)
    definition = _definition(gateway, row, by=by, now=now)
    row = _claimed(row, now)
    if row.submitted_at is not None:
        return Submission(draft=row.pk, response=row.response, at=row.submitted_at)
    bundle = measurement_bundle(row, definition.form, row.as_answers(), source=by.user)
    try:
        result = gateway.operation("$submit-measurement", bundle, by=_within(row, by), now=now)
    except Unanswered:
        # It may be on its way still: until that is over, no other press sends it.
        raise
    except FhirError:
        _write_sent(row, sending_until=None)
        raise
    response = response_url(result, gateway.base_url)
    _write_sent(row, response=response, submitted_at=now, sending_until=None)
    return Submission(draft=row.pk, response=response, at=now)


def _claimed(row: Draft, now: datetime) -> Draft:
    """Say that a draft is being sent, unless it has been; while another press sends it, wait a little for that."""
    for pause in PAUSES:
        try:
            return _claimed_now(row, now)
        except Unanswered:
            time.sleep(pause)
    return _claimed_now(row, now)


def _claimed_now(row: Draft, now: datetime) -> Draft:
    with transaction.atomic():
        locked = Draft.objects.select_for_update().get(pk=row.pk)
        if locked.submitted_at is None:
            _not_being_sent(locked, now)
            locked.sending_until = now + SENDING
            locked.save(update_fields=["sending_until"])
    return locked


def _write_sent(row: Draft, **fields: Any) -> None:
    """Write how sending went."""
    Draft.objects.filter(pk=row.pk).update(**fields)


def _not_being_sent(row: Draft, now: datetime) -> None:
    if row.sending_until is not None and now < row.sending_until:
        raise Unanswered("Svarene er måske ved at blive sendt.", diagnostics="The draft is being submitted.")


def _within(row: Draft, by: Principal) -> Principal:
    return by.within(patient=row.patient, episode_of_care=row.episode_of_care)


def _same_patient(patient: str, by: Principal) -> None:
    if by.context.patient != patient:
        raise NotFound("Vi kan ikke finde svarene.", diagnostics="No such draft in this patient context.")


def _allowed(gateway: Gateway, draft: UUID, *, by: Principal, now: datetime) -> Draft:
    row = Draft.objects.filter(pk=draft).first()
    if row is None:
        raise NotFound("Vi kan ikke finde svarene.", diagnostics="No such draft in this patient context.")
    _same_patient(row.patient, by)
    request = gateway.read(row.service_request, by=_within(row, by), now=now)
    row = _settled(gateway, row, by=by, now=now)
    if row.submitted_at is None and request["status"] in _WITHDRAWN:
        text = "Spørgeskemaet er trukket tilbage. Du skal ikke svare på det."
        raise Gone(text, diagnostics=f"ServiceRequest.status is {request['status']}")
    return row


def _settled(gateway: Gateway, row: Draft, *, by: Principal, now: datetime) -> Draft:
    """Find out how a sending went that nobody knows of, now that it is over.

    What was taken in is found by what it says, and so before any of that is changed: with other answers it would be
    another submission by the same name, and refused for ever.
    """
    if row.submitted_at is not None or row.sending_until is None or now < row.sending_until:
        return row
    form = _definition(gateway, row, by=by, now=now).form
    bundle = measurement_bundle(row, form, row.as_answers(), source=by.user)
    found = found_again(gateway, bundle, by=_within(row, by), now=now)
    went: dict[str, Any] = {"sending_until": None}
    if found is not None:
        went |= {"response": response_url(found, gateway.base_url), "submitted_at": row.sending_until - SENDING}
    Draft.objects.filter(pk=row.pk, sending_until=row.sending_until).update(**went)
    row.refresh_from_db()
    return row


def _definition(gateway: Gateway, row: Draft, *, by: Principal, now: datetime) -> Definition:
    return read_definition(gateway, row.questionnaire_version, by=_within(row, by), now=now)


def _still_open(row: Draft, now: datetime) -> Draft:
    locked = Draft.objects.select_for_update().get(pk=row.pk)
    if locked.submitted_at is not None:
        raise Conflict("Svarene er allerede sendt.", diagnostics="The draft is submitted.")
    _not_being_sent(locked, now)
    return locked


def _find_or_create(due: Due, definition: Definition, *, by: Principal, now: datetime) -> Draft:
    slot: dict[str, Any] = {
        "service_request": due.service_request,
        "timing_type": due.timing_type,
        "slot_start": slot_text(due.slot_start),
    }
    rows = Draft.objects.filter(**slot)
    if unfinished := rows.filter(submitted_at=None).order_by("ordinal").first():
        return unfinished
    latest = rows.order_by("-ordinal").first()
    row, _ = Draft.objects.get_or_create(
        **slot,
        ordinal=latest.ordinal + 1 if latest else 1,
        defaults={
            "patient": due.patient,
            "episode_of_care": due.episode_of_care,
            "service_request_version": due.service_request_version,
            "questionnaire": due.questionnaire,
            "questionnaire_version": definition.url,
            "title": due.own_title,
            "slot_end": slot_text(due.slot_end),
            "opened_by": by.user,
            "opened_at": now,
        },
    )
    return row


def _opened(gateway: Gateway, row: Draft, *, by: Principal, now: datetime) -> OpenDraft:
    definition, saved = _definition(gateway, row, by=by, now=now), row.as_saved()
    answers = {path: given for path, given in saved.items() if given}
    return OpenDraft(
        id=row.pk,
        patient=row.patient,
        episode_of_care=row.episode_of_care,
        service_request=row.service_request,
        definition=definition,
        answers=answers,
        progress=progress_of(definition, answers),
        opened_at=row.opened_at,
        saved_at=row.changed_at,
        submitted_at=row.submitted_at,
        response=row.response or None,
        beginning=_beginning(gateway, row, definition, by=by, now=now),
        touched=frozenset(saved),
        own_title=row.title,
    )


def _beginning(gateway: Gateway, row: Draft, definition: Definition, *, by: Principal, now: datetime) -> Answers:
    """Give what is known of the citizen that questions ask for; who they are is read for nothing else."""
    if row.submitted_at is not None or not definition.form.expressions.initial:
        return {}
    patient = gateway.read(row.patient, by=_within(row, by), now=now)
    return initial_answers(definition.form, {"patient": patient})


def _refuse_unknown(definition: Definition, changes: Mapping[str, object]) -> None:
    if any(not definition.has_path(path) for path in changes):
        raise BadRequest(
            "Spørgeskemaet er ikke det samme, som da du åbnede siden. Åbn det igen fra forsiden.",
            diagnostics="An answer to a question that the questionnaire does not have.",
        )


def _write(
    row: Draft, changes: Mapping[str, Sequence[Json]], *, cleared: Set[str], by: Principal, now: datetime
) -> None:
    """Write what is answered now; of what is no more, only what the citizen cleared stays known as such."""
    gone = [path for path, values in changes.items() if not values and path not in cleared]
    row.answers.filter(path__in=gone).delete()
    DraftAnswer.objects.bulk_create(
        [
            DraftAnswer(draft=row, path=path, answers=dumps(list(values)).decode(), author=by.user, saved_at=now)
            for path, values in changes.items()
            if values or path in cleared
        ],
        update_conflicts=True,
        unique_fields=["draft", "path"],
        update_fields=["answers", "author", "saved_at"],
    )
    if changes:
        _touch(row, now)


def _touch(row: Draft, now: datetime) -> None:
    row.first_answer_at = row.first_answer_at or now
    row.changed_at = now
    row.save(update_fields=["first_answer_at", "changed_at"])
