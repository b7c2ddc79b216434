"""Signs that nobody sees: a name made of them is none, and two names that differ in nothing else look the same."""

import re
from unicodedata import category

_OTHERS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that Unicode lets nobody see, though they are no format or control characters (Default_Ignorable)."""
_BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and signs that look like a space."""


def seen(text: str) -> str:
    """Give a text without what nobody sees in it, blanks at its ends among it.

    >>> seen("Team\u200b Nord\ufeff"), seen("\u200b\u3164")
    ('Team Nord', '')
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    shown = _BLANKS.sub(" ", _OTHERS.sub("", text))
    return "".join(each for each in shown if each.isspace() or category(each) not in ("Cc", "Cf")).strip()
