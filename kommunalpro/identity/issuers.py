"""A foreign issuer's keys: found by OpenID discovery, remembered, and fetched again when they are changed.

A name that is not known fetches the set again, but not more often than every `pause` seconds, so that forged names
make nobody hammer the issuer. While the issuer does not answer, the keys that are known are good for a day; a token
that needs another one is told to come back (503): whether it is genuine, nobody can tell then.

Source: OpenID Connect Discovery 1.0 §4; RFC 7517; RFC 8725 §3.1 (the algorithm is the key's).
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil
from threading import Lock
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kommunalpro.fhir.outcome import Unavailable
from kommunalpro.identity.fetching import NoAnswer, fetch_json, is_on_this_machine, is_safe
from kommunalpro.identity.tokens import Key

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1).total_seconds()
"""After this the set is fetched again: a key that the issuer has taken back must not be good for ever."""

KNOWN_FOR = timedelta(days=1).total_seconds()
"""For how long known keys are good while the issuer does not answer."""

WAITS = 1.0
"""The longest that a request waits for what another is fetching already."""

_KINDS: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "RSA": (RSAPublicKey, ("RS256", "PS256")),
    "EC": (EllipticCurvePublicKey, ("ES256",)),
}
"""What a kind of key may sign by; the first is meant where the key does not say. Secrets (`oct`) are never taken."""

_SHORTEST_RSA = 2048

Fetch = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the issuer has said: its keys, when that was, and when it was asked last."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    fetched: float | None = None
    tried: float | None = None


@dataclass
class IssuerKeys:
    """The keys of one issuer (implements `tokens.PublicKeys`). `seconds` is how long it may take to answer."""

    issuer: str
    seconds: float = 5
    pause: float = 30
    fetch: Fetch = fetch_json
    monotonic: Callable[[], float] = time.monotonic
    _said: _Said = field(default=_Said(), init=False)
    _fetching: Lock = field(default_factory=Lock, init=False, repr=False)

    def find(self, kid: str) -> Key | None:
        """Give the key of this name; None when the issuer does not have it.

        Raises:
            Unavailable: the issuer does not answer, and the key is not known.
        """
        known = self._known(kid, FRESH) or self._after_fetching(kid)
        if known is None and not self._has_answered():
            tried = self._said.tried
            raise _unavailable(self.pause if tried is None else tried + self.pause - self.monotonic())
        return known

    def _after_fetching(self, kid: str) -> Key | None:
        """Fetch the set if it is time; where another request does so already, a key that is known waits for nothing."""
        known = self._known(kid, KNOWN_FOR)
        if self._is_time():
            if not self._fetching.acquire(timeout=0 if known else WAITS):
                if known:
                    return known
                raise _unavailable(WAITS)
            try:
                if self._is_time():
                    self._fetch()
            finally:
                self._fetching.release()
        return self._known(kid, KNOWN_FOR)

    def _known(self, kid: str, within: float) -> Key | None:
        said = self._said
        if said.fetched is None or self.monotonic() - said.fetched >= within:
            return None
        return said.keys.get(kid)

    def _is_time(self) -> bool:
        tried = self._said.tried
        return tried is None or self.monotonic() - tried >= self.pause

    def _has_answered(self) -> bool:
        """Tell whether the last try was answered."""
        said = self._said
        return said.fetched is not None and said.fetched == said.tried

    def _fetch(self) -> None:
        began = self.monotonic()
        try:
            keys = dict(read_keys(self._ask()))
        except NoAnswer as why:
            log.warning("The issuer %s gives no keys: %s", self.issuer, why)
            self._said = replace(self._said, tried=began)
        else:
            self._said = _Said(keys, began, began)

    def _ask(self) -> Mapping[str, Any]:
        deadline = time.monotonic() + self.seconds
        address = f"{self.issuer.removesuffix('/')}/.well-known/openid-configuration"
        metadata = self.fetch(address, deadline=deadline)
        if metadata.get("issuer") != self.issuer:
            raise NoAnswer("its metadata is another issuer's")
        place = metadata.get("jwks_uri")
        # First, for nothing else can be asked of what is no URL.
        if not isinstance(place, str) or not is_safe(place):
            raise NoAnswer("its keys are where anybody could have put them")
        # Only an issuer on this machine may have its keys where there is no TLS.
        if is_on_this_machine(place) and not is_on_this_machine(address):
            raise NoAnswer("its keys are where anybody could have put them")
        return self.fetch(place, deadline=deadline)


def _unavailable(seconds: float) -> Unavailable:
    """Give the refusal of a token that nobody can judge right now, and when it is worth another try."""
    wrong = Unavailable(
        "Din adgang kan ikke bekræftes lige nu. Prøv igen om lidt.",
        diagnostics="The issuer of the token does not answer",
    )
    wrong.retry_after = max(1, ceil(seconds))
    return wrong


def read_keys(found: Mapping[str, Any]) -> Iterator[tuple[str, Key]]:
    """Give the keys of a JWK set that tokens may be signed with, by name; whatever else is in it is for others.

    Raises:
        NoAnswer: it is no JWK set.
    """
    keys = found.get("keys")
    if not isinstance(keys, list):
        raise NoAnswer("what it says is no JWK set")
    for each in keys:
        if isinstance(each, dict) and isinstance(kid := each.get("kid"), str) and (key := _key(each)):
            yield kid, key


def _key(found: Mapping[str, Any]) -> Key | None:
    kind, algorithms = _KINDS.get(str(found.get("kty")), (None, ()))
    algorithm = found.get("alg", algorithms[0] if algorithms else None)
    if kind is None or algorithm not in algorithms or found.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(dict(found), algorithm).key
    except (jwt.InvalidKeyError, jwt.PyJWKError, ValueError, TypeError):
        return None
    # A private key that somebody shows to everybody is nobody's signature.
    if not isinstance(key, kind) or not _is_strong(key):
        return None
    return algorithm, key


def _is_strong(key: Any) -> bool:
    if isinstance(key, RSAPublicKey):
        return key.key_size >= _SHORTEST_RSA
    return isinstance(key.curve, SECP256R1)
