"""What stands in the `next` links of searches and histories: read by this installation alone, as it was written.

A place in an order is made of values of the rows, names and CPR numbers among them; and what comes back decides how
much is read. So it is encrypted, and cannot be made by anybody else. It is a place in one query's rows: with another
query it is none.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from operator import itemgetter
from typing import Any, Self
from urllib.parse import urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import msgpack

from kommunalpro.fhir.outcome import BadRequest

_NONCE = 12
_MAY_CHANGE = frozenset({"_page", "_count"})
"""What may be another on the next page: who is given too much at once asks for less."""


def query_of(place: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Name the query that a page is of: where it was asked and for what.

    In whatever order the parameters stand, but for one that stands there twice: what is sorted by first comes first.
    """
    kept = [pair for pair in pairs if pair[0] not in _MAY_CHANGE]
    return f"{place}?{urlencode(sorted(kept, key=itemgetter(0)))}"


@dataclass(frozen=True, slots=True)
class Pages:
    """Writes and reads what is in a link; every process of an installation has the same key."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Take a key of its own from a secret that serves something else."""
        return cls(hmac.new(secret, b"kommunalpro: pages of searches, 2", sha256).digest())

    def write(self, query: str, value: Any) -> str:
        """Give the text for a link to the next page of a query (`query_of`)."""
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, msgpack.encode(value), query.encode())
        return urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def read(self, query: str, text: str) -> Any:
        """Give what was written.

        Raises:
            BadRequest: it was not written here, or for another query, or has been changed.
        """
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return msgpack.decode(AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], query.encode()))
        except (ValueError, InvalidTag):
            raise BadRequest(
                "Siden findes ikke.",
                diagnostics="_page was not made by this server, or not for this query: follow the next link as it is",
            ) from None
