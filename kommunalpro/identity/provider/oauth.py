"""The protocol: Authlib's grants with our sign-ins behind them.

Authlib calls the principal `user` and the sign-in `authorization_code` or `refresh_token`. What it does not offer and
FUT needs: a refresh names the context of the access token that it gives (`fut.md` 7.2), and a context that the user may
not have is refused (403) without using the refresh token up.
"""

import re
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from joserfc.jwk import KeySet, RSAKey

from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.identity.claims import CONTEXT
from kommunalpro.identity.demo import Person
from kommunalpro.identity.models import SignIn
from kommunalpro.identity.provider import sign_ins
from kommunalpro.identity.provider.clients import Client
from kommunalpro.identity.provider.provider import ACCESS_TOKEN_LIVES, Provider

_METHODS = ["client_secret_basic", "client_secret_post", "none"]
_LONGEST_NONCE = 400


class ContextRefused(InvalidGrantError):
    """The user may not have the context that is asked for; the refresh token is as good as before."""

    status_code = 403


class Asked(OAuth2Request):
    """A request as Authlib reads it: its parameters are those of the query or of the body, never of both."""

    def __init__(self, request: HttpRequest, parameters: QueryDict) -> None:
        # Where it was sent to is ours to know. Authlib would refuse what is not TLS, as between a demo's containers.
        super().__init__(request.method, "https://localhost", headers=request.headers)
        self.payload = _Parameters(parameters)

    @property
    def args(self) -> Mapping[str, str]:
        return self.payload.data

    @property
    def form(self) -> Mapping[str, str]:
        return self.payload.data


class _Parameters(OAuth2Payload):
    def __init__(self, parameters: QueryDict) -> None:
        self._lists = dict(parameters.lists())

    @property
    def data(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self._lists.items()}

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class OAuth(AuthorizationServer):
    """Authlib's server for one provider."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider
        self.register_token_generator("default", self._generate)
        self.register_grant(_ByCode, [_Pkce(required=True), _IdToken(provider)])
        self.register_grant(_ByRefreshToken)
        self.register_endpoint(_Logout(self))

    def query_client(self, client_id: str) -> Client | None:
        return self.provider.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Put the next refresh token into the answer, once nothing else can go wrong."""
        following = sign_ins.replace_refresh_token(
            request.authorization_code or request.refresh_token, self.provider.clock()
        )
        if following is None:
            raise InvalidGrantError("It was used already.")
        token["refresh_token"] = following

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> HttpResponse:
        response = JsonResponse(body, status=status) if isinstance(body, dict) else HttpResponse(body, status=status)
        for name, value in headers:
            response[name] = value
        return response

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def _generate(self, *, client: Client, user: Principal, scope: str, **_: Any) -> dict[str, Any]:
        return {
            "token_type": "Bearer",
            "access_token": self.provider.access_token(user, client, scope),
            "expires_in": int(ACCESS_TOKEN_LIVES.total_seconds()),
            "scope": scope,
        }


class _ByCode(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS

    def generate_authorization_code(self) -> str:
        """Begin the sign-in: the code is made with its row."""
        person: Person = self.request.user
        asked = self.request.payload
        return sign_ins.begin(
            self.server.provider.clock(),
            client_id=self.request.client.client_id,
            person=person.key,
            chosen_at=self.request.chosen_at,
            redirect_uri=asked.redirect_uri,
            scope=self.request.scope,
            nonce=asked.data.get("nonce", ""),
            code_challenge=asked.data.get("code_challenge", ""),
        )

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """It is saved already."""

    def query_authorization_code(self, code: str, client: Client) -> SignIn | None:
        return sign_ins.of_code(code, client.client_id, self.server.provider.clock())

    def delete_authorization_code(self, authorization_code: SignIn) -> None:
        """It stays: whoever comes with it again is found out."""

    def authenticate_user(self, authorization_code: SignIn) -> Principal | None:
        """Give who has signed in, in no context yet; a citizen is about themselves."""
        return _choose(self.server.provider, authorization_code, Context())


class _ByRefreshToken(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> SignIn | None:
        return sign_ins.of_refresh_token(refresh_token, self.server.provider.clock())

    def authenticate_user(self, refresh_token: SignIn) -> Principal | None:
        """Give who has signed in, in the context that is asked for now."""
        given = self.request.form
        wanted = Context(**{ours: given.get(theirs) or None for theirs, ours in CONTEXT.items()})
        principal = _choose(self.server.provider, refresh_token, wanted)
        if principal is None:
            raise InvalidGrantError("The person is not there any more.")
        return principal

    def revoke_old_credential(self, refresh_token: SignIn) -> None:
        """Replacing it was revoking it."""


class _Pkce(CodeChallenge):
    """S256 alone, and demanded of public programs before anybody is asked who they are."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        super().validate_code_challenge(grant, redirect_uri)
        asked = grant.request.payload.data
        if asked.get("code_challenge"):
            if asked.get("code_challenge_method") != "S256":
                raise InvalidRequestError("code_challenge_method must be S256")
        elif grant.client.secret is None:
            raise InvalidRequestError("A public client must send a code_challenge")


class _IdToken(OpenIDCode):
    """Says who has signed in, and by which name their sign-in is ended."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self._provider.id_token_key

    def get_client_algorithm(self, client: Client) -> str:
        return "RS256"

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": "RS256", "kid": str(self._provider.id_token_key.kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = self._provider.clock()
        times = {"iat": int(now.timestamp()), "exp": int((now + ACCESS_TOKEN_LIVES).timestamp())}
        return {"iss": self._provider.issuer, "aud": [client.client_id], "azp": client.client_id, **times}

    def get_authorization_code_claims(self, authorization_code: SignIn) -> dict[str, Any]:
        return {**super().get_authorization_code_claims(authorization_code), "sid": authorization_code.sid}

    def generate_user_info(self, user: Principal, scope: str) -> dict[str, Any]:
        return self._provider.user_info(user)

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Which nonces were used is the program's to know; ours is that it fits, and can be stored."""
        if len(nonce) > _LONGEST_NONCE or not nonce.isprintable():
            raise InvalidRequestError("The nonce is too long, or not printable")
        return False


class _Logout(EndSessionEndpoint):
    def get_server_jwks(self) -> KeySet:
        return KeySet([self.server.provider.id_token_key])

    def get_algorithms(self) -> list[str]:
        return ["RS256"]

    def resolve_client_from_id_token_claims(self, id_token_claims: Mapping[str, Any]) -> Client | None:
        """Authlib takes a single audience; ours is a list of one."""
        audience = id_token_claims.get("aud")
        return self.server.query_client(audience[0]) if isinstance(audience, list) and audience else None

    def end_session(self, end_session_request: Any) -> None:
        if end_session_request.id_token_claims:
            sign_ins.end_session(str(end_session_request.id_token_claims.get("sid")), self.server.provider.clock())


def _choose(provider: Provider, sign_in: SignIn, wanted: Context) -> Principal | None:
    """Give who has signed in, in a context.

    Raises:
        ContextRefused: it is not theirs.
    """
    person = provider.person(sign_in.person)
    if person is None:
        return None
    try:
        return provider.contexts.choose(person, wanted, provider.clock())
    except Forbidden as wrong:
        first = wrong.issues[0]
        code = f"{first.coding[1]}: " if first.coding else ""
        # The protocol has room for printable ASCII without quotes.
        raise ContextRefused(re.sub(r'[^\x20-\x7e]|["\\]', " ", f"{code}{first.diagnostics or ''}")) from None
