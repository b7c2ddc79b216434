"""What the fields of a question are called, and where a question stands on a page.

A field's name is a prefix and the question's path (`svar:medicin[0]/navn`), so that what is posted says what it is
about. An element's id is short and made of numbers, since a linkId may hold characters that an address may not.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

from kommunalpro.fhir.json import Json, dumps
from kommunalpro.pro.form import Form

ANSWER = "svar:"
OTHER = "andet:"
"""The words beside "something else" in an open choice."""
CLOCK = "klokken:"
"""The time of day of a dateTime; its day stands in the answer's own field."""
UNIT = "enhed:"
"""Which of several units a quantity is given in, by its place among them."""
SHOWN = "vist:"
"""Stands on the page for every question, answered or not; its value tells what the answer was when it was shown."""
PROPOSED = "?"
"""What stands there when it was shown with a proposal that nobody answered yet: whatever is posted is an answer."""

SOMETHING_ELSE = "andet"
"""What an open choice posts when the answer is written beside it."""

_INSTANCE = re.compile(r"\[(\d{1,3})\]")


def anchor(form: Form, path: str) -> str:
    """Give the id of what stands at a path: `s12`, in the second instance of a repeating group `s12-1`.

    It is the same on every page and in every browser; a path that the questionnaire does not have gets one as well.
    """
    place = form.places.get(_INSTANCE.sub("", path.rsplit("/", 1)[-1]))
    return "-".join([f"s{place.order if place else ''}", *_INSTANCE.findall(path)])


def digest(answers: Sequence[Json]) -> str:
    """Give a short mark of what is answered; empty text for no answer."""
    return hashlib.sha256(dumps(list(answers))).hexdigest()[:12] if answers else ""


def digest_of_all(answers: Mapping[str, Sequence[Json]]) -> str:
    """Give a mark of all answers together, whatever their order."""
    marks = sorted(f"{path}={digest(given)}" for path, given in answers.items() if given)
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:12]
