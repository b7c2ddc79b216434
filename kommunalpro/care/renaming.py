"""Drafts when everything is renamed (`kommunalpro rebase`)."""

from django.db.models import F, Model, Value
from django.db.models.functions import Concat, Substr

from kommunalpro.care.models import Draft, DraftAnswer

_COLUMNS: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (
        Draft,
        (
            "patient",
            "episode_of_care",
            "service_request",
            "questionnaire",
            "questionnaire_version",
            "opened_by",
            "response",
        ),
    ),
    (DraftAnswer, ("author",)),
)


def rename_drafts(old: str, new: str) -> None:
    """Let every draft point below `new` that pointed below `old`, so that a citizen finds what they had answered."""
    for model, columns in _COLUMNS:
        for column in columns:
            below = Concat(Value(new), Substr(F(column), len(old) + 1))
            model._default_manager.filter(**{f"{column}__startswith": f"{old}/"}).update(**{column: below})
