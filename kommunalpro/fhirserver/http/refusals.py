"""405: the address is known, and this is not done at it. It comes with what is (`Allow`).

A method that an address has not is refused before anything is looked at, whoever asks: it is about nobody, and leaves
no AuditEvent (`fut.md` 5.4: one for each patient touched). What is not there to be updated was looked for: that leaves
one.
"""

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.outcome import NotAllowed


class MethodNotAllowed(NotAllowed):
    """The address exists, the method does nothing there; `allowed` are those that do."""

    def __init__(self, text: str, diagnostics: str, allowed: tuple[str, ...]) -> None:
        """Take what is told, and the methods that would have done."""
        self.allowed = allowed
        super().__init__(text, diagnostics=diagnostics)


def not_offered(method: str, allowed: tuple[str, ...]) -> MethodNotAllowed:
    """Make the refusal of a method that is not offered at an address."""
    offered = ", ".join(allowed) or "nothing"
    return MethodNotAllowed(
        "Det kan ikke gøres her.", f"{mask_cpr(method)[:10]} is not offered here; offered: {offered}", allowed
    )


def nothing_to_update(type: str, *, is_created: bool) -> MethodNotAllowed:
    """Make the refusal of a PUT where there is nothing, or nothing that the caller may know of: the same of both.

    Source: R4 http.html#update, of a server where no client gives the ids.
    """
    return MethodNotAllowed(
        "Det findes ikke, eller du har ikke adgang.",
        f"No such {type}, or not visible; the server gives the ids{': create by POST' if is_created else ''}",
        ("GET", "HEAD"),
    )
