"""Markup in questionnaires: only what does no harm is kept.

Source: R4 rendering-xhtml; `fut.md` 1A (on the text of items and the values of options; help texts).
"""

import nh3


def cleaned(xhtml: str | None) -> str | None:
    """Give markup with only its harmless elements; None: there is none."""
    return nh3.clean(xhtml) if xhtml else None
