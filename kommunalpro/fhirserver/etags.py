"""Version tags, in a header as in an entry of a Bundle: FUT writes "1", R4 W/"1", and both are taken.

Source: R4 http.html#concurrency; fut.md 0.6.
"""

import re

from kommunalpro.fhir.outcome import BadRequest

_ETAG = re.compile(r'(?:W/)?"([A-Za-z0-9\-.]{1,64})"|([0-9]{1,18})')


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


def is_named(version: str, tags: str | None) -> bool:
    """Tell whether a version is among those of If-None-Match; None: nothing was sent."""
    if tags is None:
        return False
    return tags.strip() == "*" or version in {match[1] or match[2] for match in _ETAG.finditer(tags)}
