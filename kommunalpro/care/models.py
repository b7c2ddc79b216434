"""What care keeps for itself: answers that are given and not yet submitted, and who is at what.

A draft is not a FHIR resource: the national infrastructure knows completed measurements only. Answers are stored as
JSON text, never as jsonb, so that a decimal keeps its digits.
"""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from kommunalpro.fhir.json import Json, loads

URL_LENGTH = 300


def slot_text(moment: datetime | None) -> str:
    """Give a slot's boundary as the column holds it: a FHIR dateTime, or empty text for none."""
    return moment.isoformat() if moment else ""


class Draft(models.Model):
    """One response on its way: pinned to the plan's version and to the questionnaire's version it was opened on.

    Resource columns are absolute URLs. `slot_start` and `slot_end` are FHIR dateTimes as the infrastructure wrote
    them, empty text for a timing without slots (so that the unique constraint holds for them as well). `ordinal` is
    the number of the response within its slot, from 1. `questionnaire` is the URL as the plan writes it,
    `questionnaire_version` the exact version that the citizen reads. `title` is the activity's own; empty: it is called
    as its questionnaire is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.CharField(max_length=URL_LENGTH)
    episode_of_care = models.CharField(max_length=URL_LENGTH)
    service_request = models.CharField(max_length=URL_LENGTH)
    service_request_version = models.CharField(max_length=64)
    questionnaire = models.CharField(max_length=URL_LENGTH)
    questionnaire_version = models.CharField(max_length=URL_LENGTH)
    title = models.TextField(blank=True, default="")
    timing_type = models.CharField(max_length=16)
    slot_start = models.CharField(max_length=40, blank=True, default="")
    slot_end = models.CharField(max_length=40, blank=True, default="")
    ordinal = models.PositiveSmallIntegerField(default=1)
    opened_by = models.CharField(max_length=URL_LENGTH)
    opened_at = models.DateTimeField()
    first_answer_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    sending_until = models.DateTimeField(null=True, help_text="It is being sent, and nobody else sends or changes it")
    submitted_at = models.DateTimeField(null=True)
    response = models.CharField(max_length=URL_LENGTH, blank=True, default="")

    class Meta:
        """What the database holds to."""

        constraints = [
            models.UniqueConstraint(
                fields=["service_request", "timing_type", "slot_start", "ordinal"], name="care_draft_one_per_slot"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, response="") | Q(submitted_at__isnull=False) & ~Q(response=""),
                name="care_draft_submitted_has_response",
            ),
        ]
        indexes = [models.Index(fields=["patient", "submitted_at"], name="care_draft_patient")]

    def __str__(self) -> str:
        return f"Draft {self.id}"

    def as_answers(self) -> dict[str, tuple[Json, ...]]:
        """Give the answers as the engine takes them: path → FHIR answers."""
        return {path: given for path, given in self.as_saved().items() if given}

    def as_saved(self) -> dict[str, tuple[Json, ...]]:
        """Give what was saved, by path; empty: it was answered, and is no more."""
        return {answer.path: tuple(loads(answer.answers)) for answer in self.answers.all()}


class DraftAnswer(models.Model):
    """The answers to one question in a draft, as JSON text: a list of FHIR answers without `item`.

    Empty: the citizen left it unanswered, and what it began with (`initial`) is not shown again.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="answers")
    path = models.CharField(max_length=500)
    answers = models.TextField()
    author = models.CharField(max_length=URL_LENGTH)
    saved_at = models.DateTimeField()

    class Meta:
        """What the database holds to."""

        constraints = [models.UniqueConstraint(fields=["draft", "path"], name="care_draftanswer_one_per_question")]

    def __str__(self) -> str:
        return f"Answer to {self.path} in draft {self.draft_id}"


class Turn(models.Model):
    """Somebody is at what must not be done by two at the same time. `about` says what, by ids; holds no URL."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    about = models.CharField(max_length=200, unique=True)
    until = models.DateTimeField(help_text="Whoever was at it is taken to be no more")

    def __str__(self) -> str:
        return f"Turn {self.id}"
