"""Words in a row, as sentences join them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _


def either(words: Sequence[str]) -> str:
    """Join alternatives: "a, b eller c"."""
    return _join(words, _(" eller "))


def both(words: Sequence[str]) -> str:
    """Join what must all hold: "a, b og c"."""
    return _join(words, _(" og "))


def _join(words: Sequence[str], last: str) -> str:
    return last.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
