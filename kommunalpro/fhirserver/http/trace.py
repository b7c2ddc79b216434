"""The trace id of a request: the caller's, or a new one; every log line of the request carries it.

Source: fut.md 0.6 (X-B3-TraceId); W3C Trace Context (traceparent).
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from kommunalpro.fhir.cpr_in_text import mask_cpr, names_cpr

B3 = "x-b3-traceid"
_B3 = re.compile(r"[0-9a-f]{16}(?:[0-9a-f]{16})?")
_W3C = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")

_current: ContextVar[str] = ContextVar("trace_id", default="")


def read_trace_id(headers: Mapping[str, str]) -> str:
    """Give the caller's trace id where it is one, so that nothing else gets into the log by it; else a new one.

    One that holds what looks like a CPR number is none: it stands in every log line and in the AuditEvent. Of one that
    is all digits, ten anywhere are enough, for it was hardly drawn by lot: somebody filled up a number of theirs.
    """
    parent = _W3C.fullmatch(headers.get("traceparent", "").lower())
    for given in (headers.get(B3, "").lower(), parent[1] if parent else ""):
        if _B3.fullmatch(given) and not _holds_number(given):
            return given
    return _new_trace_id()


def _new_trace_id() -> str:
    """Make a trace id. One in four hundred would by chance hold what looks like a CPR number: another is made then."""
    while _holds_number(made := secrets.token_hex(16)):
        pass
    return made


def _holds_number(trace_id: str) -> bool:
    is_filled_up = trace_id.isdecimal() and any(names_cpr(trace_id[at : at + 10]) for at in range(len(trace_id) - 9))
    return is_filled_up or mask_cpr(trace_id) != trace_id


@contextmanager
def tracing(trace_id: str) -> Iterator[None]:
    """Let what is done in the block be logged under this id."""
    token = _current.set(trace_id)
    try:
        yield
    finally:
        _current.reset(token)


def current_trace_id() -> str:
    """Give the id of the request that is being answered; empty outside one."""
    return _current.get()
