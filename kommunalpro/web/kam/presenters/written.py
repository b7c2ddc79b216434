"""What somebody wrote in a form that was not saved, in words that can be read and copied."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms import BoundField


def written(form: forms.Form) -> tuple[tuple[str, str], ...]:
    """Give what was changed in a form: the label of each field, and what was written or chosen there, if anything."""
    return tuple((str(form[name].label), words) for name in form.changed_data if (words := _words(form[name])))


def in_words(field: BoundField, given: list[str]) -> str:
    """Say what was sent for a field; what was chosen, by what it is called."""
    offered: Any = field.field.choices if isinstance(field.field, forms.ChoiceField) else ()
    words = {str(value): str(said) for value, said in _flat(offered)}
    return ", ".join(words.get(each, "") if words else each for each in given)


def _words(field: BoundField) -> str:
    given = field.data
    if not isinstance(field.field, forms.ChoiceField):
        return str(getattr(given, "name", given) or "")  # of a document, its name
    return in_words(field, [str(each) for each in (given if isinstance(given, list) else [given])])


def _flat(choices: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Give choices without their groups."""
    for value, said in choices:
        yield from said if isinstance(said, list | tuple) else ((value, said),)
