"""A refusal over HTTP → the same `FhirError` that the embedded server would have raised.

The status says which; where one status is several errors, a code among the issues does. FUT's own codes keep their
place, and have our Danish words where we know them. FUT's texts are for developers: they go with the diagnostics, and
people read what the status usually means. Only where a code is in our own system are the words ours too.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import FhirError, Issue, Unavailable
from kommunalpro.fut.error_codes import CATALOGUE
from kommunalpro.fut.errors import SYSTEM
from kommunalpro.fut.gateway.protocol import Unanswered
from kommunalpro.identity.fetching import HttpAnswer

TRANSIENT = frozenset({429, 502, 503, 504})
"""Statuses that may be another a moment later."""

_BROKEN = frozenset({500, 502, 504})
_ONLY_OF_SERVICES = frozenset({401, 409, 412, 422, 429})
"""A token that is not taken, a version, a content, or too many at once: who says so has done nothing, in any words."""
_OF_WHAT_IS_THERE = frozenset({400, 404, 410})
"""What a service says of what is asked for: in other words than its own, it is said of an address that leads astray."""
_READ_AS = {502: 503, 504: 503}
_SEVERITIES = ("fatal", "error", "warning", "information")
_USUAL = {
    400: ("Det kunne vi ikke læse.", "We could not read that."),
    401: ("Log ind, og prøv igen.", "Log in, and try again."),
    403: ("Det har du ikke adgang til at gøre.", "You do not have access to do that."),
    404: ("Det findes ikke, eller du har ikke adgang.", "It does not exist, or you do not have access to it."),
    409: ("Det er allerede sendt med et andet indhold.", "It has already been sent with other content."),
    410: ("Det er slettet.", "It has been deleted."),
    412: ("En anden har ændret det imens. Hent siden igen.", "Somebody else has changed it. Open the page again."),
    422: ("Det kunne ikke gemmes.", "It could not be saved."),
    429: ("Der er travlt lige nu. Prøv igen om lidt.", "It is busy right now. Try again in a moment."),
    503: (
        "Vi kan ikke hente dine oplysninger lige nu. Prøv igen om lidt.",
        "We cannot fetch your information right now. Try again in a moment.",
    ),
}
_USUAL_OF_READS = {422: ("Det kunne ikke hentes.", "It could not be fetched.")}
_SOMETHING = ("Det kunne ikke gøres her.", "It could not be done here.")
_IN_DOUBT = ("Vi fik ikke svar. Det er måske gjort alligevel.", "We got no answer. It may have been done all the same.")
_ENGLISH = dict([*_USUAL.values(), *_USUAL_OF_READS.values(), _SOMETHING, _IN_DOUBT])


def leaves_in_doubt(answered: HttpAnswer, *, is_read: bool) -> bool:
    """Tell whether a refusal says nothing of whether a write was done, or of whether there is what was to be read.

    What broke, or was waited for, may have done it before. A refusal that is no OperationOutcome is somebody's on the
    way, who may not have passed on what the service said, but for those that only the service can mean.
    """
    is_outcome = b'"OperationOutcome"' in answered.body
    if is_read:
        return not is_outcome and answered.status in _OF_WHAT_IS_THERE
    return answered.status in _BROKEN or (not is_outcome and answered.status not in _ONLY_OF_SERVICES)


def failure(answered: HttpAnswer, *, is_read: bool = False, is_change: bool = False) -> FhirError:
    """Give the error that an answer which is none of success means. `is_change`: what is there was to be changed.

    Then a conflict is one of versions, however a service says it (`fut.md` 9: "If-Match mismatch -> 409/412").
    """
    status = _READ_AS.get(answered.status, answered.status)
    if is_change and status == HTTPStatus.CONFLICT:
        status = HTTPStatus.PRECONDITION_FAILED
    texts = _USUAL | _USUAL_OF_READS if is_read else _USUAL
    usual, _ = texts.get(status, _SOMETHING)
    issues = tuple(_issues(answered, usual))
    kind = _kind(status, issues)
    wrong = kind(issues=issues)
    after = answered.headers.get("retry-after", "")
    if after.isascii() and after.isdecimal():
        wrong.retry_after = int(after[:6])
    return wrong


def unreachable(why: str) -> Unavailable:
    """Make the error of a service that does not answer."""
    return Unavailable(_USUAL[503][0], diagnostics=_silence(why))


def in_doubt(why: str) -> Unanswered:
    """Make the error of a service that does not answer to a write."""
    return Unanswered(_IN_DOUBT[0], diagnostics=_silence(why))


def in_english(issue: Issue) -> str | None:
    """Give our English words for what a service says no with; None: we have none."""
    system, code = issue.coding or ("", "")
    if code in CATALOGUE and system != SYSTEM:
        return f"{CATALOGUE[code][1]}."
    return _ENGLISH.get(issue.text)


def _silence(why: str) -> str:
    return f"A service of the national infrastructure did not answer: {why}"


def _kind(status: int, issues: tuple[Issue, ...]) -> type[FhirError]:
    """Give the class of a status; the last whose code an issue has, where there are several: it says most."""
    usual, *closer = _BY_STATUS.get(status, [FhirError])
    codes = {each.code for each in issues}
    return next((each for each in reversed(closer) if each.code in codes), usual)


def _issues(answered: HttpAnswer, usual: str) -> Iterator[Issue]:
    try:
        outcome = loads(answered.body) if answered.body else None
    except ValueError:
        outcome = None
    given = outcome.get("issue") if isinstance(outcome, Mapping) else None
    found = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    yield from (_issue(each, usual) for each in found)
    if not found:
        yield Issue(usual, diagnostics=f"HTTP {answered.status} without an OperationOutcome")


def _issue(given: Mapping[str, Any], usual: str) -> Issue:
    """Read one issue; what has another shape than R4's is left out, for an error must not fail."""
    details = given.get("details")
    details = details if isinstance(details, Mapping) else {}
    coding = _coding(details)
    said, diagnostics = _text(details.get("text")), _text(given.get("diagnostics"))
    if coding and coding[0] == SYSTEM:
        text = said or usual
    else:
        text = CATALOGUE[coding[1]][0] if coding and coding[1] in CATALOGUE else usual
        diagnostics = ": ".join(each for each in (said, diagnostics) if each)
    severity = given.get("severity")
    expression = given.get("expression")
    return Issue(
        mask_cpr(text),
        diagnostics=mask_cpr(diagnostics) or None,
        expression=_text(expression[0]) if isinstance(expression, list) and expression else None,
        code=_text(given.get("code")) or None,
        severity=severity if severity in _SEVERITIES else "error",
        coding=coding,
    )


def _coding(details: Mapping[str, Any]) -> tuple[str, str] | None:
    given = details.get("coding")
    first = given[0] if isinstance(given, list) and given else None
    if not isinstance(first, Mapping) or not isinstance(first.get("code"), str):
        return None
    return _text(first.get("system")), first["code"]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _of(kind: type[FhirError]) -> Iterator[type[FhirError]]:
    """Give a class and those below it, itself first."""
    yield kind
    for each in kind.__subclasses__():
        yield from _of(each)


def _by_status() -> dict[int, list[type[FhirError]]]:
    found: dict[int, list[type[FhirError]]] = {}
    for each in _of(FhirError):
        if each.__module__ == FhirError.__module__:
            found.setdefault(each.status, []).append(each)
    return found


_BY_STATUS = _by_status()
"""Status → its classes in the tree (`fhir/outcome.py`), the usual one first."""
