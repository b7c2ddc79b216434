"""Version tags, in a header as in an entry of a Bundle: FUT writes "1", R4 W/"1", and both are taken.

Source: R4 http.html#concurrency; RFC 9110, 8.8.3 and 13.1.2; fut.md 0.6.
"""

import re

from kommunalpro.fhir.outcome import BadRequest

_ETAG = re.compile(r'(?:W/)?"([A-Za-z0-9\-.]{1,64})"|([0-9]{1,18})')
_ANY = r'(?:W/)?"[!#-~\x80-\xff]*"|[0-9]{1,18}'
# With nothing between two commas too, as a reader of lists must take it (RFC 9110, 5.6.1.2).
_LIST = re.compile(rf"\*|[, \t]*(?:{_ANY})[ \t]*(?:,[ \t]*(?:(?:{_ANY})[ \t]*)?)*")
_EACH = re.compile(r'"([^"]*)"|([0-9]+)')


def read_if_match(tag: str | None) -> str | None:
    """Give the version that a write is meant for; None: any, as nothing was sent.

    Raises:
        BadRequest: it does not name one version.
    """
    if tag is None:
        return None
    match = _ETAG.fullmatch(tag.strip())
    if match is None:
        raise BadRequest("If-Match kan ikke læses.", diagnostics='If-Match must name one version: "3" or W/"3"')
    return str(match[1] or match[2])


def read_if_none_match(tags: str | None) -> str | None:
    """Give the tags of the versions that must not be there, as they came; None: nothing was sent.

    A tag that no version here bears is a tag all the same.

    Raises:
        BadRequest: they are no tags, so that nobody knows what was to be spared.
    """
    if tags is not None and not _LIST.fullmatch(tags.strip()):
        detail = 'If-None-Match must be * or name versions: "3" or W/"3", with a comma between'
        raise BadRequest("If-None-Match kan ikke læses.", diagnostics=detail)
    return tags


def is_named(version: str, tags: str | None) -> bool:
    """Tell whether a version is among those of If-None-Match; None: nothing was sent."""
    if tags is None:
        return False
    return tags.strip() == "*" or version in {match[1] or match[2] for match in _EACH.finditer(tags)}
