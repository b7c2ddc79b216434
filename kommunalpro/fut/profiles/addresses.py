"""Addresses that only look like one of ours, or like one of a resource: another server's, or a browser's.

A reference is what `Reference` reads. Whatever is written otherwise leads nobody here to anything, and may all the same
be read by people and by other programs: by a scheme or host in capitals, with a slash, a query or a fragment after it.
"""

import re
from collections.abc import Set
from urllib.parse import unquote

_BY_THE_WAY = re.compile(r"^https?://|:(?:80|443)(?=/|$)|/(?=/|$)")
"""What may be left out of an address, and it still leads to the same."""
_BETWEEN = re.compile(r"[^\w.~-]+", re.ASCII)
"""All but the characters that a URI never writes otherwise (RFC 3986 calls them unreserved)."""


def names_type(address: str, types: Set[str]) -> bool:
    """Tell whether a part of an address is the name of one of these resource types, whatever stands between parts."""
    return not types.isdisjoint(_BETWEEN.split(unquote(address)))


def is_below(address: str, base: str) -> bool:
    """Tell whether an address leads to what is at this base, however it is written."""
    return f"{_plain(address)}/".startswith(f"{_plain(base)}/")


def _plain(address: str) -> str:
    return _BY_THE_WAY.sub("", unquote(address).casefold())
