from collections.abc import Iterable

from django import forms

from kommunalpro.fhir.unseen import seen


class WordsField(forms.CharField):
    """Words that somebody can see: those of unseen signs alone are none."""

    def to_python(self, value: object) -> str:
        """Give what was written; empty where nobody would see it."""
        text = str(super().to_python(value) or "")
        return text if seen(text) else ""


def forget_unasked(form: forms.Form, names: Iterable[str]) -> None:
    """Forget what is wrong with fields that are not asked: they are not shown, and what they say does not count."""
    for name in names:
        form.errors.pop(name, None)
