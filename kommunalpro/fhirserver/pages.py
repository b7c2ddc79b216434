"""What stands in the `next` links of searches and histories: read by this installation alone, as it was written.

A place in an order is made of values of the rows, names and CPR numbers among them; and what comes back decides how
much is read. So it is encrypted, and cannot be made by anybody else.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.outcome import BadRequest

Kind = Literal["search", "history"]

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Pages:
    """Writes and reads what is in a link; every process of an installation has the same key."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Take a key of its own from a secret that serves something else."""
        return cls(hmac.new(secret, b"kommunalpro: pages of searches", sha256).digest())

    def write(self, kind: Kind, value: Any) -> str:
        """Give the text for a link."""
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, dumps(value), kind.encode())
        return urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def read(self, kind: Kind, text: str) -> Any:
        """Give what was written.

        Raises:
            BadRequest: it was not written here, or for something else, or has been changed.
        """
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return loads(AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], kind.encode()))
        except (ValueError, InvalidTag):
            raise BadRequest("Siden findes ikke.", diagnostics="_page was not made by this server") from None
