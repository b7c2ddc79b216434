"""One request to one of FUT's services: the token, the time it may take, and when it is sent again.

What only reads is sent again when nothing came, or when the service is busy. What writes is sent once: nobody can tell
whether what was not answered was done. A token that is not taken is replaced once, for then nothing was done yet.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol
from urllib.request import Request

from kommunalpro.fhir.outcome import Unavailable
from kommunalpro.fhirserver.http.headers import JSON
from kommunalpro.fhirserver.http.trace import current_trace_id
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.gateway.expected import Expected
from kommunalpro.fut.gateway.failures import TRANSIENT, failure, in_doubt, leaves_in_doubt, unreachable
from kommunalpro.identity.fetching import HttpAnswer, NoAnswer, exchange, read_object

LARGEST_ANSWER = 50_000_000
PAUSES = (0.1, 0.5)
"""Seconds until a read is sent again: as often as there are pauses."""


class Tokens(Protocol):
    """Gives bearer tokens: whoever wires the gateway knows where they come from."""

    def token(self, by: Principal, now: datetime, *, refused: str | None = None) -> str:
        """Give a token of this user in their context; `refused` is one that was not taken, so that it is another.

        Raises:
            Unauthenticated: they are not signed in, or no longer.
            Forbidden: the context is not theirs.
            Unavailable: the identity provider does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what it must be answered with. `is_change`: it changes what is there."""

    method: str
    url: str
    expected: Expected
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_change: bool = False

    @property
    def is_read(self) -> bool:
        """It changes nothing, whatever its method says (a search is posted)."""
        return self.expected.is_read

    def unanswered(self, why: str) -> Unavailable:
        """Make the error of no answer: what was written may have been."""
        return unreachable(why) if self.is_read else in_doubt(why)


@dataclass(frozen=True)
class Services:
    """Sends requests to FUT's services. `seconds` is how long an answer may take, and all tries together."""

    tokens: Tokens
    seconds: float = 30.0

    def ask(self, asked: Asked, *, by: Principal, now: datetime) -> HttpAnswer:
        """Give the answer, which is one of success.

        Raises:
            FhirError: what the service says no with.
            Unanswered: a write was not answered, or by what says nothing of whether it was done.
            Unavailable: a read was not, as often as it was tried, or by what says nothing of whether it is there.
        """
        deadline = time.monotonic() + self.seconds
        token = self.tokens.token(by, now)
        answered = self._tried(asked, token, deadline)
        if answered.status == HTTPStatus.UNAUTHORIZED:
            answered = self._tried(asked, self.tokens.token(by, now, refused=token), deadline)
        if answered.status >= HTTPStatus.MULTIPLE_CHOICES:
            if leaves_in_doubt(answered, is_read=asked.is_read):
                raise asked.unanswered(f"HTTP {answered.status}")
            raise failure(answered, is_read=asked.is_read, is_change=asked.is_change)
        return answered

    def _tried(self, asked: Asked, token: str, deadline: float) -> HttpAnswer:
        for pause in PAUSES if asked.is_read else ():
            try:
                answered = _sent(asked, token, deadline)
            except NoAnswer:
                pass
            else:
                if answered.status not in TRANSIENT:
                    return answered
            if time.monotonic() + pause >= deadline:
                break
            time.sleep(pause)
        try:
            return _sent(asked, token, deadline)
        except NoAnswer as why:
            raise asked.unanswered(str(why)) from None


def content(asked: Asked, answered: HttpAnswer) -> dict[str, Any]:
    """Give what was asked for; an empty resource where nothing need be answered, and nothing was.

    Raises:
        Unavailable: it is something else: the service has not answered, or not this.
        Unanswered: so it is with a write.
    """
    try:
        found = dict(read_object(answered)) if answered.body else {}
    except NoAnswer as why:
        raise asked.unanswered(str(why)) from None
    if not asked.expected.is_met_by(found):
        raise asked.unanswered("what it says is not what was asked for")
    return found


def _sent(asked: Asked, token: str, deadline: float) -> HttpAnswer:
    headers = {"Accept": JSON, "Authorization": f"Bearer {token}", **asked.headers}
    if trace := current_trace_id():
        headers["X-B3-TraceId"] = trace
    # The address is one of the services', which `config` has read.
    request = Request(asked.url, asked.body, headers, method=asked.method)  # noqa: S310
    return exchange(request, deadline=deadline, largest=LARGEST_ANSWER)
