"""The provider as values: who asks, by which keys, and what it says about itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from joserfc.jwk import ECKey, RSAKey

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.identity.demo import NoDemo, Person, find_demo_person
from kommunalpro.identity.keys import SigningKey
from kommunalpro.identity.provider.clients import Client
from kommunalpro.identity.tokens import BearerAuthenticator, OwnKeys, issue_token

ACCESS_TOKEN_LIVES = timedelta(minutes=5)
PROTOCOL = "protocol/openid-connect"
"""Below the issuer, as Keycloak has it, which FUT's provider is."""

AUTHORIZATION, TOKEN, KEYS, USER_INFO, END_SESSION = (
    f"{PROTOCOL}/{name}" for name in ("auth", "token", "certs", "userinfo", "logout")
)
DISCOVERY = ".well-known/openid-configuration"
CONTEXTS = "resource/ehealth-connect/contexts"


class Contexts(Protocol):
    """Which contexts there are; `fut` knows (`fut.choosing`)."""

    def choose(self, person: Person, wanted: Context, now: datetime) -> Principal:
        """Give a person in the context that they ask for.

        Raises:
            Forbidden: it is not theirs to choose.
        """
        ...

    def to_choose_from(self, principal: Principal, now: datetime) -> Json:
        """Give the teams and organisations that a user may choose."""
        ...


@dataclass(frozen=True)
class Provider:
    """The demo's OpenID provider.

    Raises:
        NoDemo: this is no demo; there is no such thing then.
    """

    issuer: str
    audience: str
    key: SigningKey
    id_token_key: RSAKey = field(repr=False)
    clients: Mapping[str, Client]
    contexts: Contexts
    clock: Callable[[], datetime]

    def __post_init__(self) -> None:
        if not settings.DEMO:
            raise NoDemo("The OpenID provider exists in the demo only.")

    def url(self, path: str) -> str:
        """Give the address of one of its places."""
        return f"{self.issuer}/{path}"

    def person(self, key: str) -> Person | None:
        """Give who can sign in by this name."""
        return find_demo_person(key)

    def access_token(self, principal: Principal, client: Client, scope: str) -> str:
        """Sign what `/fhir` reads."""
        return issue_token(
            principal,
            key=self.key,
            issuer=self.issuer,
            audience=self.audience,
            now=self.clock(),
            lifetime=ACCESS_TOKEN_LIVES,
            client=client.client_id,
            scope=scope,
        )

    def bearer(self, headers: Mapping[str, str]) -> Principal:
        """Tell who sends one of our access tokens.

        Raises:
            Unauthenticated: nobody does.
        """
        own = BearerAuthenticator(OwnKeys(self.key), self.issuer, self.audience)
        return own.authenticate(headers, self.clock())

    def user_info(self, principal: Principal) -> dict[str, Any]:
        """Give what programs are told of somebody, in their ID token and when they ask."""
        return {
            "sub": principal.user,
            "user_id": principal.user,
            "user_type": principal.user_type,
            "name": principal.name,
            "preferred_username": principal.name,
        }

    def key_set(self) -> dict[str, Any]:
        """Give the public halves of both keys."""
        own = ECKey.import_key(self.key.public).as_dict(private=False)
        own |= {"kid": self.key.kid, "use": "sig", "alg": "ES256"}
        return {"keys": [own, self.id_token_key.as_dict(private=False)]}

    def metadata(self) -> dict[str, Any]:
        """Say where everything is (OpenID Connect Discovery 1.0 §3)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.url(AUTHORIZATION),
            "token_endpoint": self.url(TOKEN),
            "jwks_uri": self.url(KEYS),
            "userinfo_endpoint": self.url(USER_INFO),
            "end_session_endpoint": self.url(END_SESSION),
            "scopes_supported": sorted({scope for client in self.clients.values() for scope in client.scopes}),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "user_id", "user_type", "name", "preferred_username", "sid"],
            "prompt_values_supported": ["none", "login", "select_account"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
