"""OperationOutcome: how every failure leaves the platform.

FhirError                    500  exception
├── BadRequest               400  invalid
│   └── UnknownParameter     400  not-supported    (a search parameter nobody declared)
├── Unauthenticated          401  login
├── Forbidden                403  forbidden
├── NotFound                 404  not-found        (also when the caller may not know that it exists)
├── NotAllowed               405  not-supported    (this type does not offer this interaction)
├── NotAcceptable            406  not-supported    (XML is asked for)
├── Conflict                 409  duplicate        (the same identity with other content)
├── TooSlow                  408  timeout          (the request did not arrive in time)
├── Gone                     410  deleted
├── PreconditionFailed       412  conflict         (If-Match: somebody else has written; and the like)
├── TooLarge                 413  too-long
├── UnsupportedMedia         415  not-supported    (XML, or a compressed body, is sent)
├── Unprocessable            422  processing
│   ├── Malformed            422  structure        (does not conform to R4)
│   └── RuleBroken           422  business-rule    (a rule of the national infrastructure)
├── Throttled                429  throttled
├── NotImplementedHere       501  not-supported    (declared by FHIR or FUT, not yet by us)
├── Unavailable              503  transient        (busy, or the database does not answer)
└── OutOfSpace               507  no-store
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

Severity = Literal["fatal", "error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem.

    `text` is Danish, for people; `diagnostics` English, for developers; `expression` a FHIRPath to the
    element; `coding` (system, code) FUT's own error code. None of them ever holds a CPR number.
    `code` None means the code of the error that carries the issue.
    """

    text: str
    diagnostics: str | None = None
    expression: str | None = None
    code: str | None = None
    severity: Severity = "error"
    coding: tuple[str, str] | None = None

    def within(self, place: str) -> "Issue":
        """Give what is told of a resource as told of what was sent, where it stands there (`place`, a FHIRPath)."""
        _, _, inner = (self.expression or "").partition(".")
        return replace(self, expression=f"{place}.{inner}".rstrip("."))

    def to_fhir(self, default_code: str) -> dict[str, Any]:
        """Give the issue as `OperationOutcome.issue`."""
        details: dict[str, Any] = {"text": self.text}
        if self.coding:
            details["coding"] = [{"system": self.coding[0], "code": self.coding[1]}]
        issue = {"severity": self.severity, "code": self.code or default_code, "details": details}
        if self.diagnostics:
            issue["diagnostics"] = self.diagnostics
        if self.expression:
            issue["expression"] = [self.expression]
        return issue


MOST_ISSUES = 500
"""Issues that are told: nobody reads more, and a resource with more problems is not read further."""
REST = Issue("Der er flere fejl, end der kan vises.", "Too many issues; the rest is not told", code="too-long")
"""Said after the last of them."""


class FhirError(Exception):
    """Something went wrong that the caller is told about; carries all its issues at once."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "exception"
    retry_after: int | None = None
    """Seconds after which it is worth another try; None: a second try ends as the first."""

    def __init__(self, text: str = "", *, issues: Iterable[Issue] = (), **issue: Any) -> None:
        """Take either ready `issues`, or the fields of one `Issue`."""
        self.issues: tuple[Issue, ...] = tuple(issues) or (Issue(text, **issue),)
        super().__init__("; ".join(each.diagnostics or each.text for each in self.issues))

    def to_fhir(self) -> dict[str, Any]:
        """Give the OperationOutcome."""
        return operation_outcome(self.issues, self.code)


def operation_outcome(issues: Iterable[Issue], default_code: str = "informational") -> dict[str, Any]:
    """Give issues as an OperationOutcome; of very many, the first, and that there are more."""
    told = list(issues)
    if rest := told[MOST_ISSUES:]:
        severity: Severity = "error" if any(each.severity in ("fatal", "error") for each in rest) else "warning"
        told[MOST_ISSUES:] = [replace(REST, severity=severity)]
    return {"resourceType": "OperationOutcome", "issue": [issue.to_fhir(default_code) for issue in told]}


class BadRequest(FhirError):
    """The request cannot be understood."""

    status, code = 400, "invalid"


class UnknownParameter(BadRequest):
    """A search parameter that the type does not have; the issue names it."""

    code = "not-supported"


class Unauthenticated(FhirError):
    """No token, or one that is not ours, expired or forged."""

    status, code = 401, "login"


class Forbidden(FhirError):
    """The caller may not do this, whatever exists."""

    status, code = 403, "forbidden"


class NotFound(FhirError):
    """There is no such thing, or the caller may not know that there is."""

    status, code = 404, "not-found"


class NotAllowed(FhirError):
    """The type does not offer this interaction."""

    status, code = 405, "not-supported"


class NotAcceptable(FhirError):
    """An answer is asked for in a format we do not speak (FHIR XML)."""

    status, code = 406, "not-supported"


class Conflict(FhirError):
    """The same identity was used for other content."""

    status, code = 409, "duplicate"


class Gone(FhirError):
    """It was deleted."""

    status, code = 410, "deleted"


class TooSlow(FhirError):
    """The request did not arrive in time."""

    status, code = 408, "timeout"


class PreconditionFailed(FhirError):
    """What the request hangs on is not so: somebody else has written since it was read (If-Match), or the like."""

    status, code = 412, "conflict"


class TooLarge(FhirError):
    """The request is larger than the server takes."""

    status, code = 413, "too-long"


class Unprocessable(FhirError):
    """Understood, and refused."""

    status, code = 422, "processing"


class Malformed(Unprocessable):
    """The resource does not conform to R4; every problem is an issue with its FHIRPath."""

    code = "structure"


class RuleBroken(Unprocessable):
    """A business rule of the national infrastructure says no."""

    code = "business-rule"


class UnsupportedMedia(FhirError):
    """The body is in a format, or encoded in a way, that is not read here."""

    status, code = 415, "not-supported"


class Throttled(FhirError):
    """Too many requests; try again later."""

    status, code = 429, "throttled"
    retry_after = 1


class Unavailable(FhirError):
    """The server cannot do it at the moment: it is busy, or its database does not answer."""

    status, code = 503, "transient"
    retry_after = 2


class OutOfSpace(FhirError):
    """There is no room left to store anything."""

    status, code = 507, "no-store"
    retry_after = 60


class NotImplementedHere(FhirError):
    """FHIR or FUT has it, this server does not yet; the issue names it."""

    status, code = 501, "not-supported"
