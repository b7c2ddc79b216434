"""How we are known at an identity provider, and what is asked of it: to sign somebody in, and tokens in a context.

Source: OpenID Connect Core 1.0 §3.1; RFC 6749 §4.1, §6; RFC 7636; `fut.md` 7.2 (a refresh names the context).
"""

import hashlib
import hmac
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode
from urllib.request import Request

import jwt

from kommunalpro.fhir.outcome import Forbidden, Unauthenticated, Unavailable
from kommunalpro.fhirserver.principal import UserType
from kommunalpro.identity.fetching import NoAnswer, exchange, fetch_json, is_safe, read_object
from kommunalpro.identity.files import read_json_file
from kommunalpro.identity.issuers import IssuerKeys

CONTEXTS = "resource/ehealth-connect/contexts"
_EARLY = timedelta(seconds=30)
"""So much before its end an access token is no longer used: it must hold until it has arrived."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What is remembered while somebody signs in, and compared when they come back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def anew(cls) -> Self:
        """Make one that nobody can guess."""
        return cls(*(secrets.token_urlsafe(size) for size in (24, 24, 48)))

    def is_of(self, state: str) -> bool:
        """Tell whether who comes back is who was sent."""
        return hmac.compare_digest(self.state.encode(), state.encode())


@dataclass(frozen=True, slots=True)
class Given:
    """The tokens that a provider has given. `refresh` None: the one that was sent is as good as before."""

    access: str = field(repr=False)
    until: datetime
    refresh: str | None = field(default=None, repr=False)
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


_FIELDS: Mapping[str, type] = {"issuer": str, "client_id": str, "scopes": list, "secret": str}


@dataclass(frozen=True)
class Program:
    """We, as the provider of some users knows us. With a secret we are confidential, else public."""

    issuer: str
    client_id: str
    scopes: str
    user_type: UserType
    secret: str | None = field(default=None, repr=False)
    seconds: float = 5

    def address(self, begun: Begun, redirect_uri: str) -> str:
        """Give where a browser is sent to sign in."""
        digest = hashlib.sha256(begun.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.scopes,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self._place('authorization_endpoint')}?{urlencode(asked)}"

    def by_code(self, code: str, begun: Begun, redirect_uri: str, now: datetime) -> Given:
        """Fetch the first tokens, with what they say of who has signed in.

        Raises:
            Unauthenticated: the code is worth nothing, or the ID token is not for us.
            Unavailable: the provider does not answer.
        """
        answer = self._tokens(
            grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=begun.verifier
        )
        claims = self._claims(str(answer.get("id_token", "")), begun)
        return _given(answer, now, claims)

    def by_refresh(self, token: str, context: Mapping[str, str], now: datetime) -> Given:
        """Fetch an access token in a context, by FUT's names of its parts.

        Raises:
            Unauthenticated: the sign-in is over.
            Forbidden: the context is not theirs.
            Unavailable: the provider does not answer.
        """
        return _given(self._tokens(grant_type="refresh_token", refresh_token=token, **context), now, {})

    def contexts(self, access: str) -> Mapping[str, Any]:
        """Ask which teams and organisations the user may choose."""
        headers = {"Accept": "application/json", "Authorization": f"Bearer {access}"}
        return self._asked(Request(f"{self.issuer}/{CONTEXTS}", headers=headers))  # noqa: S310  (is_safe, as read)

    @cached_property
    def _keys(self) -> IssuerKeys:
        return IssuerKeys(self.issuer, seconds=self.seconds)

    @cached_property
    def _found(self) -> dict[str, Any]:
        return {}

    def _place(self, name: str) -> str:
        """Give the address of one of the provider's places, which it says itself; asked for once."""
        if not self._found:
            try:
                said = fetch_json(
                    f"{self.issuer}/.well-known/openid-configuration", deadline=time.monotonic() + self.seconds
                )
            except NoAnswer as why:
                raise _silent(str(why)) from None
            if said.get("issuer") != self.issuer:
                raise _silent("its metadata is another issuer's")
            self._found.update(said)
        place = self._found.get(name)
        if not isinstance(place, str) or not is_safe(place):
            raise _silent(f"it has no safe {name}")
        return place

    def _tokens(self, **form: str) -> Mapping[str, Any]:
        headers = {"Accept": "application/json"}
        if self.secret is None:
            form["client_id"] = self.client_id
        else:
            pair = f"{quote(self.client_id, safe='')}:{quote(self.secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        asked = Request(self._place("token_endpoint"), urlencode(form).encode(), headers)  # noqa: S310  (is_safe)
        return self._asked(asked)

    def _asked(self, request: Request) -> Mapping[str, Any]:
        try:
            answered = exchange(request, deadline=time.monotonic() + self.seconds)
            if answered.status == HTTPStatus.FORBIDDEN:
                raise Forbidden(
                    "Det har du ikke adgang til lige nu. Gå tilbage til forsiden, og prøv igen.",
                    diagnostics="The identity provider refuses the context",
                )
            if answered.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED):
                raise _over("The identity provider takes the sign-in no longer")
            return read_object(answered)
        except NoAnswer as why:
            raise _silent(str(why)) from None

    def _claims(self, token: str, begun: Begun) -> Mapping[str, Any]:
        """Read the ID token: signed by the provider, for us, and for this very sign-in."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            found = self._keys.find(str(kid))
            if found is None:
                raise _over("The ID token is signed by a key that the provider does not show")
            algorithm, key = found
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self.issuer,
                audience=self.client_id,
                # What time it is, the Clock decides; the token came this moment, from the provider itself.
                options={"require": ["exp", "iss", "aud"], "verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, ValueError):
            raise _over("The ID token is malformed, forged, or meant for somebody else") from None
        if not hmac.compare_digest(str(claims.get("nonce", "")), begun.nonce):
            raise _over("The ID token is of another sign-in")
        return claims


Programs = Mapping[UserType, Program]


def read_programs(path: Path) -> Programs:
    """Read the file of how we are known: `staff` and `citizens`, each at its provider.

    Raises:
        ValueError: it cannot be read, or says something that has no meaning here; the message says what.
    """
    content = read_json_file(path)
    if not isinstance(content, dict) or content.keys() != {"staff", "citizens"}:
        raise ValueError('the file must hold {"staff": {...}, "citizens": {...}}')
    return {
        "PRACTITIONER": _program("staff", content["staff"], "PRACTITIONER"),
        "PATIENT": _program("citizens", content["citizens"], "PATIENT"),
    }


def _program(name: str, given: Any, user_type: UserType) -> Program:
    if not isinstance(given, dict) or given.keys() - _FIELDS or _FIELDS.keys() - {"secret"} - given.keys():
        raise ValueError(f"{name} has these fields: {', '.join(_FIELDS)}, and may be without the secret")
    if not all(isinstance(value, _FIELDS[field]) and value for field, value in given.items()):
        raise ValueError(f"a field of {name} has the wrong shape")
    if not is_safe(given["issuer"]):
        raise ValueError(f"issuer of {name} must be an https address")
    scopes: list[Any] = given["scopes"]
    if "openid" not in scopes or not all(isinstance(each, str) for each in scopes):
        raise ValueError(f"scopes of {name} hold texts, openid among them")
    return Program(given["issuer"], given["client_id"], " ".join(scopes), user_type, given.get("secret"))


def _given(answer: Mapping[str, Any], now: datetime, claims: Mapping[str, Any]) -> Given:
    access, seconds, refresh = (answer.get(name) for name in ("access_token", "expires_in", "refresh_token"))
    if not isinstance(access, str) or not isinstance(seconds, int):
        raise _silent("it gave no access token")
    until = now + timedelta(seconds=seconds) - _EARLY
    return Given(access, until, refresh if isinstance(refresh, str) else None, claims)


def _over(why: str) -> Unauthenticated:
    return Unauthenticated("Du er logget af. Log ind igen.", diagnostics=why)


def _silent(why: str) -> Unavailable:
    return Unavailable(
        "Din adgang kan ikke bekræftes lige nu. Prøv igen om lidt.",
        diagnostics=f"The identity provider does not answer: {why}",
    )
