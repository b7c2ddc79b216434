"""Issues and refusals of FUT's business rules, by the codes of `error_codes.py`."""

from collections.abc import Iterable
from typing import Any

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.outcome import Forbidden, Issue, RuleBroken
from kommunalpro.fut.error_codes import CATALOGUE

SYSTEM = "http://kommunalpro.dk/fhir/CodeSystem/error-code"
"""The system of the codes, which is ours: the guide names none."""


def issue(name: str, detail: str = "", expression: str | None = None, text: str | None = None) -> Issue:
    """Make an issue of the catalogue; `detail` is added to the English, `text` replaces the Danish.

    Each may hold what a client wrote, a code or an address; what looks like a CPR number there is masked.
    """
    danish, english = CATALOGUE[name]
    return Issue(
        mask_cpr(text) if text else danish,
        diagnostics=f"{english}: {mask_cpr(detail)}" if detail else english,
        expression=mask_cpr(expression) if expression else None,
        coding=(SYSTEM, name),
    )


def missing(what: str, expression: str | None = None) -> Issue:
    """Make an issue of what a profile requires and is not there; `what` is for developers."""
    return issue("GENERAL_VALIDATION_ERROR", f"{what} is required", expression, text="En påkrævet oplysning mangler.")


def unbound(detail: str, expression: str | None = None) -> Issue:
    """Make an issue of a code that is not in what it is bound to; the guide has no code for that alone."""
    return issue("GENERAL_VALIDATION_ERROR", detail, expression, text="Koden mangler eller findes ikke i kodesystemet.")


def rule_broken(name: str, detail: str = "", expression: str | None = None) -> RuleBroken:
    """Make the refusal of a business rule."""
    return RuleBroken(issues=[issue(name, detail, expression)])


def forbidden(name: str, detail: str = "") -> Forbidden:
    """Make the refusal of a security rule."""
    return Forbidden(issues=[issue(name, detail)])


def refuse(issues: Iterable[Issue]) -> None:
    """Raise all issues at once, if there are any.

    Raises:
        RuleBroken: there is at least one.
    """
    found: tuple[Any, ...] = tuple(issues)
    if found:
        raise RuleBroken(issues=found)
