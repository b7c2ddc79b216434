"""Two change the same at once: what the second wrote stands on top of what the first changed, and undoes none of it."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict

from kommunalpro.web.kam.presenters.written import in_words


def merged(form: forms.Form, now: Mapping[str, Any]) -> QueryDict:
    """Give what to fill a form in with that somebody else was faster than.

    What was written in it stays; the rest is as it stands `now`. Of several choices, those that were made or taken back
    here are, and the others are as they stand now. `form` has as `initial` what stood there when it was shown.
    """
    sent = cast(QueryDict, form.data)
    data = sent.copy()
    for name, field in form.fields.items():
        before, there = _posted(field, form.initial.get(name)), _posted(field, now.get(name))
        if isinstance(field, forms.MultipleChoiceField):
            given = sent.getlist(name)
            kept = [each for each in there if each in given or each not in before]
            data.setlist(name, [*kept, *(each for each in given if each not in before and each not in kept)])
        elif name not in form.changed_data:
            data.setlist(name, there)
    return data


def changed_meanwhile(form: forms.Form, now: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Say what somebody else has changed since a form was shown: the label of each field, and what stands there now."""
    moved = [
        (form[name], there)
        for name, field in form.fields.items()
        if (there := _posted(field, now.get(name))) != _posted(field, form.initial.get(name))
    ]
    return tuple((str(field.label), in_words(field, there) or "–") for field, there in moved)


def _posted(field: forms.Field, value: Any) -> list[str]:
    """Give a value as a browser sends it."""
    given = field.widget.format_value(field.prepare_value(value))
    return [str(each) for each in given] if isinstance(given, list | tuple) else [str(given)] if given else []
