"""Bearer tokens: signed JWTs with FUT's claims → a Principal in its context.

Whose signature is taken is a table: our own issuer with our own key, and each foreign issuer with the keys that it
shows. The token says which of them it is from; the algorithm is always the key's, never the token's own word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Protocol

import jwt

from kommunalpro.fhir.outcome import Unauthenticated
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.identity.claims import CONTEXT, SYSTEM_SCOPE, number, read_principal, refused, renamed
from kommunalpro.identity.keys import SigningKey

SKEW = timedelta(seconds=30)
"""How far two machines' clocks may be apart."""

LONGEST_TOKEN = 32_768
REMEMBERED = 1024
"""Tokens that are not verified again: a client sends the same one until it expires, and to verify one takes longer
than to read the resource that it asks for. Its time, and whether its key is still its issuer's, are looked at whenever
it comes."""

ACCESS = "Bearer"
"""The claim `typ` of an access token, where there is one: Keycloak signs its ID tokens and refresh tokens too."""

_UNVERIFIED = "The token cannot be verified"
"""All that is said of what nobody here has signed: whether it is forged, torn or by a key of yesterday."""
_ELSEWHERE = "Din adgang er udstedt til et andet system. Log ind igen."
_UNKNOWN_ISSUER = "Din adgang er udstedt et sted, som ikke er kendt her. Log ind igen."

Key = tuple[str, Any]
"""(algorithm, public key)."""


class PublicKeys(Protocol):
    """Whose signatures are taken."""

    def find(self, kid: str) -> Key | None:
        """Give the key of this name; None when there is none.

        Raises:
            Unavailable: nobody can tell right now.
        """
        ...


@dataclass(frozen=True)
class OwnKeys:
    """Only what we have signed ourselves."""

    key: SigningKey

    @cached_property
    def _public(self) -> Key:
        return "ES256", self.key.public

    def find(self, kid: str) -> Key | None:
        """Give our own public key, if it is the one that is asked for."""
        return self._public if kid == self.key.kid else None


@dataclass(frozen=True, slots=True)
class _Read:
    """A token that was verified, and with what."""

    claims: Mapping[str, Any]
    principal: Principal
    issuer: str
    kid: str
    key: Key


@dataclass(frozen=True)
class BearerAuthenticator:
    """Tells who is at the door by the bearer token (implements `fhirserver.protocols.Authenticator`).

    `others` are foreign issuers and their keys; each signs for itself alone. `here` gives our names of what tokens may
    call as FUT's services do (`fut.md` 5.1).
    """

    keys: PublicKeys
    issuer: str
    audience: str
    others: Mapping[str, PublicKeys] = field(default_factory=dict)
    here: Callable[[str], str] = str

    @cached_property
    def _read(self) -> Callable[[str], _Read]:
        return lru_cache(REMEMBERED)(self._read_anew)

    def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """Read the bearer token of a request.

        Raises:
            Unauthenticated: there is none, or it is forged, foreign, expired or meant for somebody else.
            Unavailable: its issuer does not answer, and its key is not known yet.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Log ind, og prøv igen.", diagnostics="A bearer token is required")
        read = self._read(token.strip())
        if self._key(read.issuer, read.kid) != read.key:
            read = self._read_anew(token.strip())
        _check_time(read.claims, now)
        return read.principal

    def _read_anew(self, token: str) -> _Read:
        if len(token) > LONGEST_TOKEN:
            raise refused("The token is too long")
        try:
            issuer, kid = _said(token)
            algorithm, key = found = self._key(issuer, kid)
            # Time is checked by _check_time: the Clock decides what time it is, not the machine.
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=issuer,
                audience=self.audience,
                options={
                    "require": ["exp", "iss", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidAudienceError:  # which is looked at when the signature holds
            raise refused("The token is meant for another service", _ELSEWHERE) from None
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise refused(_UNVERIFIED) from None
        if claims.get("typ", ACCESS) != ACCESS:
            raise refused("The token is signed, and no access token")
        return _Read(claims, renamed(read_principal(claims), self.here), issuer, kid, found)

    def _key(self, issuer: str, kid: str) -> Key:
        keys = self.keys if issuer == self.issuer else self.others.get(issuer)
        if keys is None:
            raise refused("The token is from an issuer that this server does not know", _UNKNOWN_ISSUER)
        found = keys.find(kid)
        if found is None:
            raise refused(_UNVERIFIED)
        return found


def issue_token(
    principal: Principal,
    *,
    key: SigningKey,
    issuer: str,
    audience: str,
    now: datetime,
    lifetime: timedelta = timedelta(hours=8),
    client: str = "kommunalpro",
    scope: str = "openid profile",
) -> str:
    """Sign a token that says what this principal is. For the demo and for tests; production's come from an IdP."""
    context = {
        theirs: value for theirs, ours in CONTEXT.items() if (value := getattr(principal.context, ours)) is not None
    }
    tags = " ".join(f"{SYSTEM_SCOPE}{tag}" for tag in sorted(principal.system_tags))
    claims = {
        "iss": issuer,
        "aud": audience,
        "azp": client,
        "typ": ACCESS,
        "sub": principal.user,
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "scope": f"{scope} {tags}".strip(),
        "user_type": principal.user_type,
        "user_id": principal.user,
        "name": principal.name,
        "realm_access": {"roles": sorted(principal.privileges)},
        "context": context,
    }
    return jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.kid})


def _said(token: str) -> tuple[str, str]:
    """Give what a token says of its issuer and its key, before anything is verified.

    Raises:
        InvalidTokenError: it is no token.
        Unauthenticated: it does not say.
    """
    unverified = jwt.decode_complete(token, options={"verify_signature": False})
    issuer, kid = unverified["payload"].get("iss"), unverified["header"].get("kid")
    if not isinstance(issuer, str) or not isinstance(kid, str):
        raise refused(_UNVERIFIED)
    return issuer, kid


def _check_time(claims: Mapping[str, Any], now: datetime) -> None:
    if now.timestamp() >= number(claims, "exp") + SKEW.total_seconds():
        raise refused("The token has expired", "Du er logget af. Log ind igen.")
    if "nbf" in claims and now.timestamp() < number(claims, "nbf") - SKEW.total_seconds():
        raise refused("The token is not valid yet", "Din adgang gælder ikke endnu. Log ind igen.")
