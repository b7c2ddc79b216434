"""Bearer tokens: signed JWTs with FUT's claims → a Principal in its context.

Source: FUT implementation guide 8.0.0, token claims (`fut.md` 5.1): user_type, user_id, realm_access.roles (which
are privileges), context {organization_id, care_team_id, patient_id, episode_of_care_id}, scope `ehealth-system|xa`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Protocol

import jwt

from kommunalpro.fhir.outcome import Unauthenticated
from kommunalpro.fhirserver.principal import Context, Principal, UserType
from kommunalpro.identity.keys import SigningKey

SKEW = timedelta(seconds=30)
"""How far two machines' clocks may be apart."""

LONGEST_TOKEN = 32_768
SYSTEM_SCOPE = "ehealth-system|"
_USER_TYPES: tuple[UserType, ...] = ("PRACTITIONER", "PATIENT", "SYSTEM")
_CLAIMS = {
    "organization_id": "organization",
    "care_team_id": "care_team",
    "patient_id": "patient",
    "episode_of_care_id": "episode_of_care",
}


class PublicKeys(Protocol):
    """Whose signatures are taken."""

    def find(self, kid: str) -> tuple[str, Any] | None:
        """Give (algorithm, public key) of this name; the algorithm is the key's, never the token's own word."""
        ...


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Only what we have signed ourselves."""

    key: SigningKey

    def find(self, kid: str) -> tuple[str, Any] | None:
        """Give our own public key, if it is the one that is asked for."""
        return ("ES256", self.key.public) if kid == self.key.kid else None


REMEMBERED = 1024
"""Tokens that are not verified again: a client sends the same one until it expires, and to verify one takes longer
than to read the resource that it asks for. Its time is looked at whenever it comes."""


@dataclass(frozen=True)
class BearerAuthenticator:
    """Tells who is at the door by the bearer token (implements `fhirserver.protocols.Authenticator`)."""

    keys: PublicKeys
    issuer: str
    audience: str

    @cached_property
    def _read(self) -> Callable[[str], tuple[Mapping[str, Any], Principal]]:
        return lru_cache(REMEMBERED)(self._read_anew)

    def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """Read the bearer token of a request.

        Raises:
            Unauthenticated: there is none, or it is forged, foreign, expired or meant for somebody else.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Log ind, og prøv igen.", diagnostics="A bearer token is required")
        claims, principal = self._read(token.strip())
        _check_time(claims, now)
        return principal

    def _read_anew(self, token: str) -> tuple[Mapping[str, Any], Principal]:
        claims = self._verified(token)
        return claims, read_principal(claims)

    def _verified(self, token: str) -> Mapping[str, Any]:
        if len(token) > LONGEST_TOKEN:
            raise _refused("The token is too long")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            found = self.keys.find(kid) if isinstance(kid, str) else None
            if found is None:
                raise _refused("The token is signed by a key that this server does not know")
            algorithm, key = found
            # Time is checked by _check_time: the Clock decides what time it is, not the machine.
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self.issuer,
                audience=self.audience,
                options={
                    "require": ["exp", "iss", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise _refused("The token is malformed, forged, or meant for somebody else") from None
        return claims


def read_principal(claims: Mapping[str, Any]) -> Principal:
    """Read FUT's claims.

    Raises:
        Unauthenticated: a claim is missing or has the wrong shape.
    """
    user_type = _user_type(claims)
    user = claims.get("user_id", claims.get("sub") if user_type == "SYSTEM" else None)
    access, context = claims.get("realm_access", {}), claims.get("context", {})
    if not isinstance(user, str) or not user:
        raise _refused("The token does not say who the user is")
    if not isinstance(access, dict) or not isinstance(context, dict):
        raise _refused("The token's realm_access or context has the wrong shape")
    roles = access.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise _refused("The token's realm_access.roles has the wrong shape")
    return Principal(
        user=user,
        user_type=user_type,
        name=_text(claims, "name"),
        privileges=frozenset(roles),
        context=Context(**{ours: _text(context, theirs) or None for theirs, ours in _CLAIMS.items()}),
        system_tags=frozenset(
            word.removeprefix(SYSTEM_SCOPE)
            for word in _text(claims, "scope").split()
            if word.startswith(SYSTEM_SCOPE) and word != SYSTEM_SCOPE
        ),
    )


def issue_token(
    principal: Principal,
    *,
    key: SigningKey,
    issuer: str,
    audience: str,
    now: datetime,
    lifetime: timedelta = timedelta(hours=8),
) -> str:
    """Sign a token that says what this principal is. For the demo and for tests; production's come from an IdP."""
    context = {
        theirs: value for theirs, ours in _CLAIMS.items() if (value := getattr(principal.context, ours)) is not None
    }
    tags = " ".join(f"{SYSTEM_SCOPE}{tag}" for tag in sorted(principal.system_tags))
    claims = {
        "iss": issuer,
        "aud": audience,
        "azp": "kommunalpro",
        "typ": "Bearer",
        "sub": principal.user,
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "scope": f"openid profile {tags}".strip(),
        "user_type": principal.user_type,
        "user_id": principal.user,
        "name": principal.name,
        "realm_access": {"roles": sorted(principal.privileges)},
        "context": context,
    }
    return jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.kid})


def _check_time(claims: Mapping[str, Any], now: datetime) -> None:
    if now.timestamp() >= _number(claims, "exp") + SKEW.total_seconds():
        raise Unauthenticated("Du er logget af. Log ind igen.", diagnostics="The token has expired")
    if "nbf" in claims and now.timestamp() < _number(claims, "nbf") - SKEW.total_seconds():
        raise _refused("The token is not valid yet")


def _user_type(claims: Mapping[str, Any]) -> UserType:
    for known in _USER_TYPES:
        if claims.get("user_type") == known:
            return known
    raise _refused("The token does not say what kind of user it is")


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _refused(f"The token's {name} is not a number")
    return value


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _refused(f"The token's {name} has the wrong shape")
    return value


def _refused(diagnostics: str) -> Unauthenticated:
    return Unauthenticated("Din adgang kunne ikke bekræftes. Log ind igen.", diagnostics=diagnostics)
