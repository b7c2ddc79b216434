from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from kommunalpro.fhir.outcome import Conflict, TooLarge, Unprocessable
from kommunalpro.web.shared.life import refusals

REFUSED = (Unprocessable, Conflict, TooLarge)
"""The server says no to what was sent, and not to who sent it: the page that it came from can say why."""


@contextmanager
def told_in(form: forms.Form) -> Iterator[None]:
    """Let a form that is valid say why it was refused all the same: it is shown again, with all that was written.

    The last resort: what can be known before is told by the form's own fields.
    """
    try:
        yield
    except REFUSED as wrong:
        told = refusals(wrong)
        if not told:
            raise
        for text in told:
            form.add_error(None, text)
