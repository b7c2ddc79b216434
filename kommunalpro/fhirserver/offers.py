"""What a server offers beyond the one-by-one interactions with its types: a setting, for not all do.

And the refusal of a parameter that it does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.outcome import Issue, UnknownParameter


@dataclass(frozen=True, slots=True)
class Offers:
    """What is offered. `conditionals`: conditional entries and references in transactions; `batch`: batch Bundles."""

    conditionals: bool = True
    batch: bool = False


def refuse_unknown(names: Iterable[str], offered: Sequence[str], asked: str) -> None:
    """Refuse parameters that are not offered by what was `asked`, all of them at once.

    Raises:
        UnknownParameter: names each of them, and what is offered.
    """
    among = ", ".join(offered) or "none"
    issues = [
        Issue(f"Ukendt parameter: {shown}", diagnostics=f"{asked} does not offer {shown!r}; offered: {among}")
        for shown in (mask_cpr(name)[:60] for name in sorted(set(names) - set(offered)))
    ]
    if issues:
        raise UnknownParameter(issues=issues)
