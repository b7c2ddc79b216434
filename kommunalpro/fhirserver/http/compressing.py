"""Answers in gzip, where it is asked for and worth it. Source: RFC 9110, 12.5.3."""

import gzip
import re

LEAST = 1_000
"""Bytes from which it is worth it: less fits into one packet as it is."""
_LEVEL = 5
"""JSON becomes an eighth; higher levels take twice the time for a twentieth less."""

_VARY = ("Vary", "Accept-Encoding")


def compressed(body: bytes, accepted: str) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Give a body as the header Accept-Encoding wants it, and the headers that say so."""
    if len(body) < LEAST or not _wants_gzip(accepted):
        return body, (_VARY,)
    return gzip.compress(body, _LEVEL, mtime=0), (_VARY, ("Content-Encoding", "gzip"))


def _wants_gzip(accepted: str) -> bool:
    wanted = {}
    for each in accepted.lower().split(","):
        coding, *details = (part.strip() for part in each.split(";"))
        wanted[coding] = not any(re.fullmatch(r"q=0(\.0*)?", detail) for detail in details)
    return wanted.get("gzip", wanted.get("*", False))
