"""What somebody wrote in a form that was not saved, in words that can be read and copied."""

from typing import Any

from django import forms
from django.forms import BoundField


def written(form: forms.Form) -> tuple[tuple[str, str], ...]:
    """Give what was changed in a form: the label of each field, and what was written or chosen there, if anything."""
    return tuple((str(form[name].label), words) for name in form.changed_data if (words := _words(form[name])))


def _words(field: BoundField) -> str:
    given = field.data
    if not isinstance(field.field, forms.ChoiceField):
        return str(getattr(given, "name", given) or "")  # of a document, its name
    offered: Any = field.field.choices
    words = {str(value): str(said) for value, said in offered}
    return ", ".join(words.get(str(each), "") for each in (given if isinstance(given, list) else [given]))
